//! Random sequences of work, halts, transfers and claims against every invariant.

use groma_core::{
	money::{Balance, MILLI_GRM},
	units::Units,
};
use proptest::prelude::*;

use crate::{Event, mock::*};

#[derive(Clone, Debug)]
enum Action {
	Earn { network: bool, device: u32, units: u64 },
	Block,
	Hours(u64),
	Halt(u64),
	Transfer { device: u32, owner: AccountId },
	Claim { device: u32 },
	ClaimPayee { device: u32, payee: AccountId },
	Sell { device: u32, credits: u64, milli_grm: u64 },
}

fn accounts() -> impl Strategy<Value = AccountId> {
	prop_oneof![10u64..18, 700u64..704]
}

fn action() -> impl Strategy<Value = Action> {
	prop_oneof![
		6 => (any::<bool>(), 0u32..8, 1u64..100_000_000_000)
			.prop_map(|(network, device, units)| Action::Earn { network, device, units }),
		3 => Just(Action::Block),
		4 => (1u64..30).prop_map(Action::Hours),
		1 => (30u64..20_000).prop_map(Action::Halt),
		1 => (0u32..8, accounts())
			.prop_map(|(device, owner)| Action::Transfer { device, owner }),
		3 => (0u32..8).prop_map(|device| Action::Claim { device }),
		1 => (0u32..8, accounts())
			.prop_map(|(device, payee)| Action::ClaimPayee { device, payee }),
		2 => (0u32..8, 1u64..1_000_000, 0u64..10_000)
			.prop_map(|(device, credits, milli_grm)| Action::Sell { device, credits, milli_grm }),
	]
}

/// Devices with an even number serve one network, the others another: a device never changes it.
fn perform(action: Action) {
	let anyone = RuntimeOrigin::signed(1);
	let now_ms = now_ms();
	// Most actions fail in most states, which is the point: the invariants hold all the same.
	let _ = match action {
		Action::Earn { network, device, units } => {
			let device = device & !1 | u32::from(network);
			earn_in(if network { OTHER } else { LORAWAN }, device, Units(units));
			Ok(())
		}
		Action::Block => {
			block_at(now_ms + 6_000);
			Ok(())
		}
		Action::Hours(hours) | Action::Halt(hours) => {
			block_at(now_ms + hours * HOUR_MS);
			Ok(())
		}
		Action::Transfer { device, owner } => {
			set_owner(device, owner);
			Ok(())
		}
		Action::Claim { device } => Rewards::claim(anyone, device).map(drop).map_err(|e| e.error),
		Action::ClaimPayee { device, payee } => Rewards::claim_payee(anyone, device, payee),
		Action::Sell { device, credits, milli_grm } => {
			sell(device, credits, Balance::from(milli_grm) * MILLI_GRM, credits);
			Ok(())
		}
	};
}

/// What the device was paid in all.
fn paid_to(device: u32) -> Balance {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::RewardsPallet(Event::Paid { device: paid, amount, .. })
				if paid == device =>
			{
				Some(amount)
			}
			_ => None,
		})
		.sum()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(192))]

	#[test]
	fn nothing_is_lost_or_gained(actions in proptest::collection::vec(action(), 1..120)) {
		ExtBuilder.build().execute_with(|| {
			set_other_weight(40);
			block_at(START_MS);
			for action in actions {
				perform(action);
				check();
			}
			let now_ms = now_ms();
			block_at(now_ms + DAY_MS);
			block_at(now_ms + DAY_MS + 6_000);
			check();
			let epochs = Balance::from(FirstOpenEpoch::get() - FIRST_EPOCH);
			let demand = Reminted::get();
			for device in 0..8 {
				let _ = Rewards::claim(RuntimeOrigin::signed(1), device);
				let by_supply = paid_to(device).saturating_sub(demand);
				assert!(by_supply <= epochs * DEVICE_CAP);
			}
			check();
		});
	}
}
