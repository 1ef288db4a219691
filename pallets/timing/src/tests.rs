//! What genesis writes, and what it refuses.

use frame_support::traits::Get;
use serde_json::json;

use crate::{BabeEpochSlots, MinimumPeriod, RewardEpochMs, SlotMs, mock::*};

#[test]
fn defaults_are_those_of_production() {
	execute(Timings::default(), || {
		assert_eq!((SlotMs::get(), BabeEpochSlots::get()), (6_000, 600));
		assert_eq!((MinimumPeriod::get(), RewardEpochMs::get()), (3_000, 86_400_000));
	});
}

#[test]
fn genesis_writes_durations_and_first_parameters() {
	let timing = serde_json::from_value(json!({
		"slotMs": 1_000,
		"babeEpochSlots": 120,
		"rewardEpochMs": 120_000,
		"parameters": { "blocks": 12 },
	}))
	.expect("the genesis is valid");
	execute(timing, || {
		assert_eq!((SlotMs::get(), BabeEpochSlots::get()), (1_000, 120));
		assert_eq!((MinimumPeriod::get(), RewardEpochMs::get()), (500, 120_000));
		assert_eq!(Blocks::get(), 12);
	});
}

#[test]
fn genesis_is_refused_when_a_duration_is_out_of_its_range() {
	for (slot_ms, babe_epoch_slots, reward_epoch_ms) in [
		(499, 600, 86_400_000),
		(60_001, 600, 86_400_000),
		(1_001, 600, 86_400_000),
		(6_000, 9, 86_400_000),
		(6_000, 14_401, 86_400_000),
		(6_000, 600, 9_999),
		(6_000, 600, 7 * 86_400_000 + 1),
	] {
		let founding = || {
			let timing =
				Timings { slot_ms, babe_epoch_slots, reward_epoch_ms, ..Default::default() };
			found(timing)
		};
		let outcome = std::panic::catch_unwind(founding);
		assert!(outcome.is_err(), "{slot_ms} {babe_epoch_slots} {reward_epoch_ms} was accepted");
	}
}

#[test]
fn try_state_fails_when_a_duration_is_out_of_its_range() {
	found(Timings::default()).execute_with(|| {
		SlotMs::set(&0);
		assert!(Timing::do_try_state().is_err());
	});
}
