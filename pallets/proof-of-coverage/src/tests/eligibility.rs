//! Who gets a place in a challenge: only witnesses that could count.

use frame_support::assert_ok;
use groma_core::{CoverageReason, api::Refusal, protocol::RECORDS_MAX, selection::draw};
use groma_traits::Place;
use sp_runtime::traits::Dispatchable;

use super::*;
use crate::{Call, Challenges, Error};

/// What the chain says about the statement of device 1 about device 0.
fn verdict() -> Result<(), Refusal> {
	Coverage::check_statement(&statement(START, 0, 1)).map(drop)
}

/// After a change to the world, no way leads the statement of device 1 about device 0 into storage.
fn assert_refused(refusal: Refusal, change: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(verdict(), Ok(()));
		change();
		assert_eq!(verdict(), Err(refusal));
		assert_eq!(fee(submit(vec![group(START, 0, [1])])), Pays::Yes);
		assert_eq!(last_tally(), tally(0, 1, 0));
		let statement = statement(START, 0, 1);
		let own: RuntimeCall = Call::submit_own_statement { statement }.into();
		let outcome = own.dispatch(frame_system::RawOrigin::Authorized.into());
		assert_eq!(outcome.map_err(|failed| failed.error), Err(Error::<Test>::NotTaken.into()));
		assert!(!Challenges::<Test>::contains_key(START, 0));
	});
}

fn stand_too_young(device: DeviceId) {
	alter(device, |view| view.since = START - MATURITY + 1);
}

#[test]
fn witness_gets_no_place_when_it_has_the_beaconers_owner() {
	assert_refused(Refusal::NotEligible(CoverageReason::SameOwner), || {
		alter(1, |view| view.owner = owner_of(0))
	});
}

#[test]
fn witness_gets_no_place_when_it_serves_another_network() {
	assert_refused(Refusal::NotEligible(CoverageReason::OtherNetwork), || {
		alter(1, |view| view.network = OTHER_NETWORK)
	});
}

#[test]
fn witness_gets_no_place_when_it_is_in_another_region() {
	assert_refused(Refusal::NotEligible(CoverageReason::OtherRegion), || {
		alter(1, |view| view.place = view.place.map(|place| Place { region: 1, ..place }));
	});
}

#[test]
fn witness_gets_no_place_when_it_is_not_active() {
	assert_refused(Refusal::NotEligible(CoverageReason::WitnessInactive), || {
		alter(1, |view| view.is_active = false)
	});
}

#[test]
fn witness_gets_no_place_when_it_is_not_covered() {
	assert_refused(Refusal::NotEligible(CoverageReason::WitnessNotCovered), || {
		Uncovered::set([owner_of(1)].into())
	});
}

#[test]
fn witness_gets_no_place_when_its_location_is_young() {
	assert_refused(Refusal::NotEligible(CoverageReason::WitnessLocationYoung), || {
		stand_too_young(1)
	});
}

#[test]
fn witness_gets_no_place_when_it_is_too_close_or_too_far() {
	assert_refused(Refusal::NotEligible(CoverageReason::TooClose), || {
		relocate(1, cell_at(40.002, 11.0))
	});
	assert_refused(Refusal::NotEligible(CoverageReason::TooFar), || {
		relocate(1, cell_at(41.1, 11.0))
	});
}

#[test]
fn no_challenge_is_opened_when_the_beaconer_is_not_active() {
	assert_refused(Refusal::BeaconerNotEligible(CoverageReason::BeaconerInactive), || {
		alter(0, |view| view.is_active = false)
	});
}

#[test]
fn no_challenge_is_opened_when_the_beaconer_is_not_covered() {
	assert_refused(Refusal::BeaconerNotEligible(CoverageReason::BeaconerNotCovered), || {
		Uncovered::set([owner_of(0)].into())
	});
}

#[test]
fn no_challenge_is_opened_when_the_beaconers_location_is_young() {
	assert_refused(Refusal::BeaconerNotEligible(CoverageReason::BeaconerLocationYoung), || {
		stand_too_young(0)
	});
}

#[test]
fn device_has_no_challenge_when_it_cannot_take_part() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(Coverage::challenge_info(0, START).is_some());
		Uncovered::set([owner_of(0)].into());
		assert!(Coverage::challenge_info(0, START).is_none());
	});
}

#[test]
fn statement_is_refused_before_its_signature_is_looked_at_when_the_witness_cannot_count() {
	ExtBuilder::default().build_and_execute(|| {
		alter(1, |view| view.is_active = false);
		let mut forged = group(START, 0, [1]);
		forged.statements[0].signature = Signature([0; 64]);
		assert_ok!(submit(vec![forged]));
		assert_eq!(last_tally(), tally(0, 1, 0));
	});
}

/// Of 44 witnesses, the twelve whose draws go before all others cannot count, and get no place in a
/// challenge that is full of the others, until they can.
fn assert_displaces_no_one(are_heard: bool, let_count: impl Fn(&[DeviceId], bool)) {
	ExtBuilder::default().devices(45).build_and_execute(|| {
		let seed = seed_of(START);
		let mut by_draw: Vec<DeviceId> = (1..45).collect();
		by_draw.sort_unstable_by_key(|witness| draw(&seed, 0, *witness));
		let (cheats, honest) = by_draw.split_at(12);
		if are_heard {
			cheats.iter().for_each(|device| make_heard(*device));
		}
		let_count(cheats, false);
		assert_eq!(honest.len() as u32, RECORDS_MAX);
		assert_ok!(submit(vec![group(START, 0, honest.iter().copied())]));
		assert_eq!(last_tally(), tally(RECORDS_MAX, 0, 0));
		assert_ok!(submit(vec![group(START, 0, cheats.iter().copied())]));
		assert_eq!(last_tally(), tally(0, 12, 0));
		assert_eq!(Coverage::witnesses(START, 0), honest);

		let_count(cheats, true);
		assert_ok!(submit(vec![group(START, 0, cheats.iter().copied())]));
		let taken = if are_heard { tally(12, 0, 0) } else { tally(0, 12, 0) };
		assert_eq!(last_tally(), taken);
		let stated = Coverage::witnesses(START, 0);
		assert!(cheats.iter().all(|device| stated.contains(device)));
	});
}

#[test]
fn witnesses_that_cannot_count_displace_no_one_at_any_draw() {
	// They were heard, so nothing but the rules keeps them from going before the others.
	assert_displaces_no_one(true, |cheats, can_count| {
		cheats.iter().for_each(|device| alter(*device, |view| view.is_active = can_count));
	});
}

#[test]
fn unheard_witnesses_without_stake_displace_no_one_at_any_draw() {
	assert_displaces_no_one(false, |cheats, can_count| {
		let cheats = cheats.iter().filter(|_| !can_count);
		Uncovered::set(cheats.map(|device| owner_of(*device)).collect());
	});
}

#[test]
fn heard_witness_whose_stake_is_gone_gets_a_place_and_counts_for_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		make_heard(1);
		Uncovered::set([owner_of(1)].into());
		assert_ok!(submit(vec![group(START, 0, [1])]));
		assert_eq!(last_tally(), tally(1, 0, 0));
		go_to(START + 2);
		assert_ok!(submit_reveals(vec![reveal(START, 0)]));
		assert_eq!(activity(1).reasons.of(CoverageReason::WitnessNotCovered), 1);
		assert_eq!(activity(0).reasons.of(CoverageReason::NoValidWitness), 1);
		assert_eq!((activity(0).last_heard, activity(1).open_work), (None, None));
	});
}
