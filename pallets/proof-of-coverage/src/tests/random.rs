//! Any input from outside, in any order: nothing panics and the invariants hold.

use codec::{Decode, Encode, MaxEncodedLen};
use groma_core::{
	EpochIndex,
	payload::Observation,
	units::{ONE, Units},
};
use groma_paged_map::PageId;
use groma_traits::OpenWork;
use proptest::prelude::*;

use super::*;

const DEVICES: DeviceId = 8;

/// One thing that someone does.
#[derive(Clone, Debug)]
enum Action {
	State { window_ago: u32, beaconer: DeviceId, witness: DeviceId },
	StateAnything { window: u32, beaconer: DeviceId, observation: [u8; 20], signature: u8 },
	Reveal { window_ago: u32, beaconer: DeviceId },
	RevealAnything { window: u32, beaconer: DeviceId, signature: u8 },
	Expire { device: DeviceId },
	Move { device: DeviceId, to: DeviceId },
	Toggle { device: DeviceId },
	Cover { device: Option<DeviceId> },
	NextBlocks { count: u32 },
	NextEpoch,
}

fn action() -> impl Strategy<Value = Action> {
	let device = || 0..DEVICES + 1;
	prop_oneof![
		6 => (0u32..3, device(), device()).prop_map(|(window_ago, beaconer, witness)| {
			Action::State { window_ago, beaconer, witness }
		}),
		1 => (START - 2..START + 9, device(), any::<[u8; 20]>(), any::<u8>()).prop_map(
			|(window, beaconer, observation, signature)| {
				Action::StateAnything { window, beaconer, observation, signature }
			}
		),
		4 => (1u32..4, device())
			.prop_map(|(window_ago, beaconer)| Action::Reveal { window_ago, beaconer }),
		1 => (START - 2..START + 9, device(), any::<u8>()).prop_map(
			|(window, beaconer, signature)| Action::RevealAnything { window, beaconer, signature }
		),
		1 => device().prop_map(|device| Action::Expire { device }),
		1 => (0..DEVICES, device()).prop_map(|(device, to)| Action::Move { device, to }),
		1 => (0..DEVICES).prop_map(|device| Action::Toggle { device }),
		1 => proptest::option::of(0..DEVICES).prop_map(|device| Action::Cover { device }),
		3 => (1u32..8).prop_map(|count| Action::NextBlocks { count }),
		1 => Just(Action::NextEpoch),
	]
}

/// Acts, and yields how many items a bundle had.
fn act(action: Action) {
	let now = Fakes::current();
	match action {
		Action::State { window_ago, beaconer, witness } => {
			expect_counted(submit(vec![group(now - window_ago, beaconer, [witness])]));
		}
		Action::StateAnything { window, beaconer, observation, signature } => {
			let observation = Observation::decode(&mut &observation[..]).expect("20 bytes are one");
			let statement =
				SignedObservation { observation, signature: Signature([signature; 64]) };
			let statements = BoundedVec::truncate_from(vec![statement]);
			expect_counted(submit(vec![StatementGroup { window, beaconer, statements }]));
		}
		Action::Reveal { window_ago, beaconer } => {
			expect_counted(submit_reveals(vec![reveal(now - window_ago, beaconer)]));
		}
		Action::RevealAnything { window, beaconer, signature } => {
			let reveal = Reveal { window, beaconer, signature: Signature([signature; 64]) };
			expect_counted(submit_reveals(vec![reveal]));
		}
		Action::Expire { device } => {
			let _early = Coverage::expire_device(RuntimeOrigin::signed(account(9)), device);
		}
		Action::Move { device, to } => relocate(device, cell_of(to)),
		Action::Toggle { device } => alter(device, |view| view.is_active = !view.is_active),
		// All are covered, or all but one.
		Action::Cover { device } => Uncovered::set(device.map(owner_of).into_iter().collect()),
		Action::NextBlocks { count } => (0..count).for_each(|_| next_block()),
		Action::NextEpoch => Epoch::set(&(Epoch::get() + 1)),
	}
}

/// Every item of a bundle is counted once, and only new ones make it free.
fn expect_counted(result: DispatchResultWithPostInfo) {
	let tally = last_tally();
	assert_eq!(tally.new + tally.refused + tally.bad, 1);
	assert_eq!(fee(result), if tally.new == 1 { Pays::No } else { Pays::Yes });
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn invariants_hold_after_any_actions(actions in proptest::collection::vec(action(), 1..120)) {
		ExtBuilder::default().devices(DEVICES).build_and_execute(|| {
			go_to(START + 4);
			for action in actions {
				act(action);
				System::reset_events();
				Coverage::do_try_state().expect("the invariants hold");
			}
			// Every unit was reported once: it is open, or it was folded.
			let folded: u64 = Folded::get().iter().map(|(_, work)| work.units().0).sum();
			let open: u64 = (0..=DEVICES).map(units).sum();
			let noted: u64 = NotedUnits::get().values().sum();
			assert_eq!(noted, folded + open);
		});
	}

	#[test]
	fn any_bytes_are_a_call_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
		for index in 0..6 {
			let call = [&[index], &bytes[..]].concat();
			if let Ok(call) = crate::Call::<Test>::decode(&mut &call[..]) {
				prop_assert!(codec::Encode::encoded_size(&call) <= bytes.len() + 1);
			}
		}
	}
}

/// All of a page is written for one of its activities, so they have to be short. A device beacons
/// four times a day at most, for two units each, and each of 36 others may hear it for one.
#[test]
fn activity_of_a_busy_day_is_short() {
	let window = Some(WindowIndex::MAX);
	let activity = Activity {
		last_heard: window,
		last_witnessed: window,
		counted: Some(Counted { network: NETWORK, cell: cell_of(0) }),
		open_work: Some(OpenWork::new(EpochIndex::MAX, Units(1_000 * ONE))),
	};
	assert!(activity.encoded_size() <= 32);
}

#[test]
fn state_of_a_device_stays_within_its_share() {
	use crate::{ActivityPages, Neighbourhoods, density};
	use groma_core::CoverageReason;

	// Hashed key and value, the map's prefix of 32 bytes left out; every reason applied, and the
	// device is alone on its page and in all its cells.
	let (key, page) = (4, 1 + 1 + 1);
	let values = Activity::max_encoded_len() + 1 + 2 * CoverageReason::ALL.len();
	let neighbourhood = 16 + 2 + 8 + 1;
	let cell = 1 + 3;
	let device = 2 * key + page + values + 2 * neighbourhood + 5 * cell;
	assert!(device <= 227, "{device}");
	ExtBuilder::default().build_and_execute(|| {
		settle(0, [1]);
		let (id, _) = PageId::of(0);
		assert_eq!(ActivityPages::<Test>::hashed_key_for(id).len(), 32 + key);
		assert_eq!(Neighbourhoods::<Test>::iter().count(), 2);
		assert_eq!(density::all::<Test>().count(), 5);
	});
}
