//! State that does not decode: what it concerns waits, and nothing of it is overwritten.

use std::collections::BTreeSet;

use frame_support::{assert_noop, assert_ok, storage::unhashed};
use groma_core::{
	CoverageReason,
	api::Refusal,
	protocol::OWN_STATEMENTS_MAX,
	region::{EU868, RegionPlan},
};
use groma_fakes::UnreadableDevices;
use groma_paged_map::PageId;

use super::*;
use crate::{
	Challenges, Error, Event, OwnStatements, PruneCursor, Reasons, RegionPlans,
	activity::count_reason, own_statements,
};

/// Damages the value under a key while a test looks at it, and checks that it stays as it is.
fn while_damaged(key: &[u8], test: impl FnOnce()) {
	let good = unhashed::get_raw(key).expect("there is a value");
	unhashed::put_raw(key, &[7]);
	assert!(Coverage::do_try_state().is_err());
	test();
	assert_eq!(unhashed::get_raw(key), Some(vec![7]), "it was overwritten");
	unhashed::put_raw(key, &good);
}

#[test]
fn challenge_that_does_not_decode_takes_no_statement() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, [1, 2])]));
		while_damaged(&Challenges::<Test>::hashed_key_for(START, 0), || {
			let refused = Coverage::check_statement(&statement(START, 0, 3));
			assert_eq!(refused, Err(Refusal::WindowClosed));
			assert_ok!(submit(vec![group(START, 0, [3])]));
			assert_eq!(last_tally(), tally(0, 1, 0));
			assert_ok!(submit(vec![group(START, 1, [2])]));
			assert_eq!(last_tally(), tally(1, 0, 0), "another challenge goes on");
		});
		assert_ok!(submit(vec![group(START, 0, [3])]));
		assert_eq!(last_tally(), tally(1, 0, 0));
		assert_eq!(Coverage::witnesses(START, 0).len(), 3);
	});
}

#[test]
fn challenge_that_does_not_decode_goes_with_its_window() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, [1, 2]), group(START, 1, [2])]));
		unhashed::put_raw(&Challenges::<Test>::hashed_key_for(START, 0), &[7]);
		go_to(START + 3);
		next_block();
		assert_eq!(Challenges::<Test>::iter_keys().count(), 0);
		assert_eq!(activity(2).reasons.of(CoverageReason::NeverRevealed), 1);
	});
}

#[test]
fn budget_that_does_not_decode_counts_as_spent() {
	ExtBuilder::default().build_and_execute(|| {
		own_statements::spend::<Test>(START, 1);
		let (page, _) = PageId::of(1);
		while_damaged(&OwnStatements::<Test>::hashed_key_for(START, page), || {
			let left = own_statements::ensure_left::<Test>(START, 1);
			assert_eq!(left, Err(Refusal::BudgetSpent));
			own_statements::spend::<Test>(START, 1);
			assert_eq!(own_statements::ensure_left::<Test>(START + 1, 1), Ok(()));
		});
		for _ in 1..OWN_STATEMENTS_MAX {
			assert_eq!(own_statements::ensure_left::<Test>(START, 1), Ok(()));
			own_statements::spend::<Test>(START, 1);
		}
		assert!(own_statements::ensure_left::<Test>(START, 1).is_err());
	});
}

#[test]
fn counts_of_reasons_that_do_not_decode_stay() {
	ExtBuilder::default().build_and_execute(|| {
		let count = || count_reason::<Test>(3, CoverageReason::NeverRevealed);
		count();
		while_damaged(&Reasons::<Test>::hashed_key_for(3), count);
		count();
		assert_eq!(activity(3).reasons.of(CoverageReason::NeverRevealed), 2);
	});
}

#[test]
fn nothing_is_pruned_while_the_cursor_does_not_decode() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, 1..4)]));
		while_damaged(&PruneCursor::<Test>::hashed_key(), || {
			go_to(START + 3);
			next_block();
			assert_eq!(Challenges::<Test>::iter().count(), 1);
		});
		next_block();
		assert_eq!(Challenges::<Test>::iter().count(), 0);
		assert_eq!(PruneCursor::<Test>::get(), Some(START + 1));
	});
}

#[test]
fn plan_that_does_not_decode_halts_its_region_and_is_not_overwritten() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(Coverage::challenge_info(0, START).is_some());
		let set = || Coverage::set_region_plan(RuntimeOrigin::root(), NETWORK, RegionPlan::eu868());
		while_damaged(&RegionPlans::<Test>::hashed_key_for(NETWORK, EU868), || {
			assert_eq!(Coverage::plan(NETWORK, EU868), None);
			assert_eq!(Coverage::challenge_info(0, START), None);
			assert_noop!(set(), Error::<Test>::PlanUnreadable);
			let retire = Coverage::retire_region_plan(RuntimeOrigin::root(), NETWORK, EU868);
			assert_eq!(retire, Err(Error::<Test>::PlanUnreadable.into()));
		});
		assert!(Coverage::challenge_info(0, START).is_some());
		assert_ok!(set());
	});
}

#[test]
fn device_whose_record_does_not_decode_takes_no_part_and_an_event_says_so() {
	ExtBuilder::default().build_and_execute(|| {
		let says = |device| {
			let event = RuntimeEvent::from(Event::<Test>::DeviceUnreadable { device });
			System::events().iter().any(|it| it.event == event)
		};
		let unreadable = |device: DeviceId| UnreadableDevices::put(BTreeSet::from([device]));
		unreadable(2);
		assert_ok!(submit(vec![group(START, 0, [1, 2])]));
		assert_eq!(last_tally(), tally(1, 1, 0));
		assert_eq!((says(1), says(2)), (false, true));
		unreadable(3);
		assert_ok!(submit(vec![group(START, 3, [1])]));
		assert_eq!(last_tally(), tally(0, 1, 0));
		assert!(says(3));
		unreadable(0);
		go_to(START + 2);
		assert!(!says(0));
		assert_ok!(submit_reveals(vec![reveal(START, 0)]));
		assert_eq!(last_tally(), tally(0, 1, 0));
		assert!(says(0));
		UnreadableDevices::kill();
		assert_ok!(submit_reveals(vec![reveal(START, 0)]));
		assert_eq!(last_tally(), tally(1, 0, 0));
	});
}

#[test]
fn witness_whose_record_does_not_decode_is_not_judged_and_an_event_says_so() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, [1, 2])]));
		go_to(START + 2);
		UnreadableDevices::put(BTreeSet::<DeviceId>::from([2]));
		assert_ok!(submit_reveals(vec![reveal(START, 0)]));
		assert_eq!(last_tally(), tally(1, 0, 0));
		System::assert_has_event(Event::<Test>::DeviceUnreadable { device: 2 }.into());
		assert_eq!(activity(2).reasons.of(CoverageReason::WitnessInactive), 1);
	});
}
