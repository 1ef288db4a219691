//! Random sequences of every call, of sales and of removals of devices, against every invariant.

use groma_core::{DeviceId, route::Offer};
use groma_fakes::{DeviceViews, put_device};
use proptest::prelude::*;

use crate::mock::*;

#[derive(Clone, Debug)]
enum Action {
	SetRoute { who: AccountId, payer: AccountId },
	RemoveRoute { payer: AccountId },
	Claim { payer: AccountId, number: u64 },
	Release { payer: AccountId, number: u64, is_forced: bool },
	Allot { payer: AccountId, place: u32 },
	TakeBack { payer: AccountId, place: u32 },
	SetOffer { who: AccountId, device: DeviceId, service: u8 },
	RemoveOffer { who: AccountId, device: DeviceId, service: u8 },
	Sell { device: DeviceId, owner: AccountId },
	RemoveDevice { device: DeviceId },
}

fn action() -> impl Strategy<Value = Action> {
	use Action::*;
	let who = || 10u64..13;
	let device = || 0u32..3;
	let service = || 0u8..3;
	prop_oneof![
		2 => (who(), who()).prop_map(|(who, payer)| SetRoute { who, payer }),
		1 => who().prop_map(|payer| RemoveRoute { payer }),
		2 => (who(), 0u64..3).prop_map(|(payer, number)| Claim { payer, number }),
		1 => (who(), 0u64..3, any::<bool>())
			.prop_map(|(payer, number, is_forced)| Release { payer, number, is_forced }),
		2 => (who(), 0u32..4).prop_map(|(payer, place)| Allot { payer, place }),
		1 => (who(), 0u32..4).prop_map(|(payer, place)| TakeBack { payer, place }),
		4 => (who(), device(), service())
			.prop_map(|(who, device, service)| SetOffer { who, device, service }),
		2 => (who(), device(), service())
			.prop_map(|(who, device, service)| RemoveOffer { who, device, service }),
		2 => (device(), who()).prop_map(|(device, owner)| Sell { device, owner }),
		1 => device().prop_map(|device| RemoveDevice { device }),
	]
}

/// Most actions fail in most states, which is the point: the invariants hold all the same.
fn perform(action: Action) {
	let signed = RuntimeOrigin::signed;
	let _ = match action {
		Action::SetRoute { who, payer } => set_route(who, payer, "router.example.com:9000"),
		Action::RemoveRoute { payer } => remove_route(payer),
		Action::Claim { payer, number } => claim(payer, number),
		Action::Release { payer, number, is_forced: false } => release(payer, number),
		Action::Release { payer, number, is_forced: true } => {
			Routes::force_release_join_eui(RuntimeOrigin::root(), payer, join_eui(number))
		}
		Action::Allot { payer, place } => allot(payer, 8 * place, 8 * place + 7),
		Action::TakeBack { payer, place } => take_back(payer, 8 * place, 8 * place + 7),
		Action::SetOffer { who, device, service } => {
			Routes::set_offer(signed(who), device, Offer { service, ..offer(0) })
		}
		Action::RemoveOffer { who, device, service } => {
			Routes::remove_offer(signed(who), device, service)
		}
		Action::Sell { device, owner } => {
			put_device(device, device_of(owner));
			Ok(())
		}
		Action::RemoveDevice { device } => {
			DeviceViews::<AccountId>::remove(device);
			Ok(())
		}
	};
}

/// Lets everyone take back what it can.
fn clear() {
	for who in 10..13 {
		let _ = remove_route(who);
		for number in 0..3 {
			let _ = release(who, number);
		}
		for device in 0..3 {
			for service in 0..3 {
				let _ = Routes::remove_offer(RuntimeOrigin::signed(who), device, service);
			}
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(192))]

	#[test]
	fn every_deposit_comes_back(actions in proptest::collection::vec(action(), 1..120)) {
		ExtBuilder::default().build().execute_with(|| {
			let mut versions = Routes::versions().expect("they can be read");
			for action in actions {
				perform(action);
				check();
				let now = Routes::versions().expect("they can be read");
				let changes = now.routes - versions.routes + now.offers - versions.offers;
				assert!(changes <= 1, "an action is one change at most");
				versions = now;
			}
			clear();
			check();
			(10..13).for_each(|who| assert_eq!(free(who), GENESIS));
		});
	}
}
