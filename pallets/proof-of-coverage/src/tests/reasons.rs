//! One test per reason why something that was included earned nothing.

use frame_support::assert_ok;
use groma_core::{CoverageReason, api::ReasonCount, payload::Observation};
use groma_traits::Place;

use super::*;

// A device that cannot be a valid witness gets no place, so what voids a statement for such a
// reason happens after it was taken. In a registry only a ban changes the past; here everything
// may, so that every rule is seen to be judged again.

/// Device 1 states the beacon of device 0, and earns nothing for `reason` after a change to the
/// world.
fn assert_witness_fails(reason: CoverageReason, change: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		settle_after(0, [1], change);
		assert_only_reason(1, reason);
		assert_only_reason(0, CoverageReason::NoValidWitness);
	});
}

/// Device 1 states the beacon of device 0 otherwise than it heard it, and earns nothing for
/// `reason`.
fn assert_observation_fails(reason: CoverageReason, change: impl FnOnce(&mut Observation)) {
	ExtBuilder::default().build_and_execute(|| {
		let mut observation = observation(START, 0, 1);
		change(&mut observation);
		let mut group = group(START, 0, [1]);
		group.statements[0] = signed(START, 0, observation).signed();
		assert_ok!(submit(vec![group]));
		go_to(START + 2);
		assert_ok!(submit_reveals(vec![reveal(START, 0)]));
		assert_only_reason(1, reason);
		assert_only_reason(0, CoverageReason::NoValidWitness);
	});
}

/// A change to device 0, whose beacon was stated, makes the beacon worth nothing for `reason`, to
/// itself and to its witness.
fn assert_beaconer_fails(reason: CoverageReason, change: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		settle_after(0, [1], change);
		assert_only_reason(0, reason);
		assert_only_reason(1, reason);
		assert!(activity(0).counted.is_none());
	});
}

fn assert_only_reason(device: DeviceId, reason: CoverageReason) {
	let activity = activity(device);
	for other in CoverageReason::ALL {
		assert_eq!(activity.reasons.of(*other), u16::from(*other == reason), "{device} {other:?}");
	}
	assert_eq!((activity.last_heard, activity.last_witnessed), (None, None));
	assert_eq!(activity.open_work, None);
	let info = Coverage::activity_info(device).expect("it took part");
	assert_eq!(info.reasons, vec![ReasonCount { code: reason.number(), count: 1 }]);
}

#[test]
fn beacon_earns_nothing_when_the_beaconer_is_not_active() {
	assert_beaconer_fails(CoverageReason::BeaconerInactive, || {
		alter(0, |view| view.is_active = false)
	});
}

#[test]
fn beacon_earns_nothing_when_the_beaconer_is_not_covered() {
	assert_beaconer_fails(CoverageReason::BeaconerNotCovered, || {
		Uncovered::set([owner_of(0)].into())
	});
}

#[test]
fn beacon_earns_nothing_when_the_beaconers_location_is_young() {
	assert_beaconer_fails(CoverageReason::BeaconerLocationYoung, || {
		alter(0, |view| view.since = START - MATURITY + 1);
	});
}

#[test]
fn witness_earns_nothing_when_it_has_the_beaconers_owner() {
	assert_witness_fails(CoverageReason::SameOwner, || alter(1, |view| view.owner = owner_of(0)));
}

#[test]
fn witness_earns_nothing_when_it_serves_another_network() {
	assert_witness_fails(CoverageReason::OtherNetwork, || {
		alter(1, |view| view.network = OTHER_NETWORK);
	});
}

#[test]
fn witness_earns_nothing_when_it_is_in_another_region() {
	assert_witness_fails(CoverageReason::OtherRegion, || {
		alter(1, |view| view.place = view.place.map(|place| Place { region: 1, ..place }));
	});
}

#[test]
fn witness_earns_nothing_when_it_is_not_active() {
	assert_witness_fails(CoverageReason::WitnessInactive, || {
		alter(1, |view| view.is_active = false)
	});
}

#[test]
fn witness_earns_nothing_when_it_is_not_covered() {
	assert_witness_fails(CoverageReason::WitnessNotCovered, || {
		Uncovered::set([owner_of(1)].into())
	});
}

#[test]
fn witness_earns_nothing_when_its_location_is_young() {
	assert_witness_fails(CoverageReason::WitnessLocationYoung, || {
		alter(1, |view| view.since = START - MATURITY + 1);
	});
}

#[test]
fn witness_earns_nothing_when_its_commitment_does_not_open() {
	assert_observation_fails(CoverageReason::CommitmentMismatch, |seen| seen.commitment[0] ^= 1);
}

#[test]
fn witness_earns_nothing_when_it_copies_the_commitment_of_another() {
	assert_observation_fails(CoverageReason::CommitmentMismatch, |seen| {
		seen.commitment = observation(START, 0, 2).commitment;
	});
}

#[test]
fn witness_earns_nothing_when_it_is_too_close() {
	assert_witness_fails(CoverageReason::TooClose, || relocate(1, cell_at(40.002, 11.0)));
}

#[test]
fn witness_earns_nothing_when_it_is_too_far() {
	assert_witness_fails(CoverageReason::TooFar, || relocate(1, cell_at(41.1, 11.0)));
}

#[test]
fn witness_earns_nothing_when_the_signal_is_too_strong() {
	assert_observation_fails(CoverageReason::SignalTooStrong, |seen| seen.rssi_deci_dbm = -500);
}

#[test]
fn witness_earns_nothing_when_the_signal_to_noise_ratio_is_implausible() {
	assert_observation_fails(CoverageReason::SnrImplausible, |seen| seen.snr_deci_db = 210);
}

#[test]
fn witness_earns_nothing_when_the_noise_floor_is_implausible() {
	assert_observation_fails(CoverageReason::NoiseFloorImplausible, |seen| {
		seen.rssi_deci_dbm = -1_250;
		seen.snr_deci_db = 50;
	});
}

#[test]
fn witness_earns_nothing_when_the_strength_is_implausible() {
	assert_observation_fails(CoverageReason::RssiImplausible, |seen| seen.rssi_deci_dbm = i16::MIN);
}

#[test]
fn valid_witnesses_earn_when_others_fail() {
	ExtBuilder::default().build_and_execute(|| {
		(0..4).for_each(make_reciprocal);
		settle_after(0, 1..4, || alter(1, |view| view.is_active = false));
		assert_eq!(units(1), 0);
		assert_eq!(units(0), groma_core::coverage::beaconer_units(2).0);
		assert!(units(2) > 0 && units(3) > 0);
		assert_eq!(Collected::get(), [(NAMED, 2 * 5)].into());
	});
}
