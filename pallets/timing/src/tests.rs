//! What genesis writes, and what it refuses.

use frame_support::traits::Get;
use serde_json::json;

use crate::{
	BabeEpochSlots, DeferEras, DeviceThawWindows, EvidenceEras, GenesisProvision, MinimumPeriod,
	Pace, RewardEpochMs, SessionsPerEra, SlotMs, ThawEras, mock::*,
};

/// Sessions of an era, then eras of evidence, deferral and thawing.
fn eras() -> [u32; 4] {
	[SessionsPerEra::get(), EvidenceEras::get(), DeferEras::get(), ThawEras::get()]
}

#[test]
fn defaults_are_those_of_production() {
	execute(Timings::default(), || {
		assert_eq!((SlotMs::get(), BabeEpochSlots::get()), (6_000, 600));
		assert_eq!((MinimumPeriod::get(), RewardEpochMs::get()), (3_000, 86_400_000));
		assert_eq!(DeviceThawWindows::get(), 2_016);
		assert_eq!(eras(), [24, 14, 6, 21]);
		assert_eq!(GenesisProvision::get(), 10_000_000_000_000_000);
	});
}

#[test]
fn genesis_writes_durations_and_first_parameters() {
	let timing = serde_json::from_value(json!({
		"slotMs": 1_000,
		"babeEpochSlots": 120,
		"rewardEpochMs": 120_000,
		"deviceThawWindows": 300,
		"sessionsPerEra": 2,
		"evidenceEras": 3,
		"deferEras": 1,
		"thawEras": 5,
		"genesisProvision": 7,
		"pace": 60,
		"parameters": { "blocks": 12 },
	}))
	.expect("the genesis is valid");
	execute(timing, || {
		assert_eq!((SlotMs::get(), BabeEpochSlots::get()), (1_000, 120));
		assert_eq!((MinimumPeriod::get(), RewardEpochMs::get()), (500, 120_000));
		assert_eq!((DeviceThawWindows::get(), Blocks::get()), (300, 12));
		assert_eq!(eras(), [2, 3, 1, 5]);
		assert_eq!((GenesisProvision::get(), Pace::get()), (7, 60));
	});
}

#[test]
fn genesis_is_refused_when_a_duration_is_out_of_its_range() {
	let wrong: [fn(&mut Timings); 18] = [
		|it| it.pace = 0,
		|it| it.pace = 14_401,
		|it| it.slot_ms = 499,
		|it| it.slot_ms = 60_001,
		|it| it.slot_ms = 1_001,
		|it| it.babe_epoch_slots = 9,
		|it| it.babe_epoch_slots = 14_401,
		|it| it.reward_epoch_ms = 9_999,
		|it| it.reward_epoch_ms = 7 * 86_400_000 + 1,
		|it| it.device_thaw_windows = 295,
		|it| it.device_thaw_windows = 105_121,
		|it| it.sessions_per_era = 0,
		|it| it.sessions_per_era = 1_001,
		|it| it.evidence_eras = 0,
		|it| it.defer_eras = 0,
		|it| it.thaw_eras = 20,
		|it| it.evidence_eras = u32::MAX,
		|it| it.thaw_eras = 63,
	];
	for (case, change) in wrong.into_iter().enumerate() {
		let founding = || {
			let mut timing = Timings::default();
			change(&mut timing);
			found(timing)
		};
		assert!(std::panic::catch_unwind(founding).is_err(), "case {case} was accepted");
	}
}

#[test]
fn try_state_fails_when_a_duration_is_out_of_its_range() {
	found(Timings::default()).execute_with(|| {
		SlotMs::set(&0);
		assert!(Timing::do_try_state().is_err());
		SlotMs::set(&6_000);
		Timing::do_try_state().expect("it is within its range again");
		ThawEras::set(&20);
		assert!(Timing::do_try_state().is_err());
	});
}
