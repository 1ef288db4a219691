//! Who is elected, and that no set shrinks below the floor.

use frame_support::assert_ok;
use groma_core::money::Balance;

use crate::{Event, SET_FLOOR, Seat, mock::*};

fn resign(account: AccountId) {
	assert_ok!(Validators::resign(RuntimeOrigin::signed(account)));
}

/// How often a set was announced to the session pallet.
fn announced() -> usize {
	let is_announcement = |event: &RuntimeEvent| {
		matches!(event, RuntimeEvent::Session(pallet_session::Event::NewQueued))
	};
	System::events().iter().filter(|record| is_announcement(&record.event)).count()
}

#[test]
fn seats_go_to_who_has_most_and_among_equals_to_the_lower_account() {
	run_with(4, || {
		Seats::set(&5);
		make_candidate(14, LEAST);
		make_candidate(11, 3 * PROVISION);
		make_candidate(13, 2 * PROVISION);
		make_candidate(12, 2 * PROVISION);
		pass_eras(1);
		assert_eq!(Session::validators(), [1, 2, 11, 12, 13]);
	});
}

#[test]
fn what_is_delegated_counts_for_a_seat_and_not_for_the_least_own_stake() {
	run_with(5, || {
		Seats::set(&4);
		make_operator(11, LEAST, 5 * PROVISION);
		assert_ok!(Validators::declare(RuntimeOrigin::signed(11), None));
		back_operator(1, LEAST - 1, 1_000 * PROVISION);
		pass_eras(1);
		assert_eq!(Session::validators(), [2, 3, 4, 11]);
	});
}

#[test]
fn set_is_remembered_with_the_stake_that_its_election_counted() {
	run_with(4, || {
		make_operator(9, PROVISION, 77);
		assert_ok!(Validators::declare(RuntimeOrigin::signed(9), None));
		pass_sessions(2);
		back_operator(9, 0, 0);
		let seat = Seat { validator: 9, own: PROVISION, total: PROVISION + 77 };
		let set = Validators::set_of(1).expect("it is elected");
		assert_eq!(set.last(), Some(&seat));
		let stake: Balance = set.iter().map(|seat| seat.total).sum();
		assert_eq!(stake, 5 * PROVISION + 77);
		assert!(has_happened(Event::SetElected { era: 1, seats: 5, stake }));
	});
}

#[test]
fn all_are_elected_when_there_are_fewer_candidates_than_seats() {
	run_with(4, || {
		Seats::set(&300);
		make_candidate(9, LEAST);
		pass_eras(1);
		assert_eq!(Session::validators(), [1, 2, 3, 4, 9]);
	});
}

#[test]
fn set_stays_when_fewer_than_the_floor_can_be_elected() {
	run_with(6, || {
		[1, 2, 3].into_iter().for_each(resign);
		pass_eras(1);
		assert!(has_happened(Event::SetKept { era: 1, eligible: 3 }));
		assert_eq!(Session::validators(), [1, 2, 3, 4, 5, 6]);
		assert_eq!(Validators::set_of(1).map(|set| set.len()), Some(6));
	});
}

#[test]
fn set_stays_when_all_resign() {
	for count in [1, 2, 4] {
		run_with(count, || {
			let set: Vec<_> = (1..=count).collect();
			set.iter().copied().for_each(resign);
			pass_eras(3);
			assert_eq!(Session::validators(), set);
		});
	}
}

#[test]
fn set_of_one_is_replaced_by_one_with_more() {
	run_with(1, || {
		Seats::set(&1);
		make_candidate(9, 2 * PROVISION);
		pass_eras(1);
		assert_eq!(Session::validators(), [9]);
	});
}

#[test]
fn set_never_shrinks_below_the_floor_when_all_purge_resign_idle_and_thaw_in_one_era() {
	run_with(6, || {
		assert_ok!(Session::purge_keys(RuntimeOrigin::signed(1)));
		resign(2);
		Idle::set(&vec![3]);
		back_operator(4, 0, 0);
		pass_eras(1);
		// The keys of 1 came back, and without 3 only three could be elected.
		assert_eq!(Session::validators(), [1, 3, 5, 6]);
		assert!(Validators::is_candidate(&3));
		for account in [1, 3, 5, 6] {
			assert_ok!(Session::purge_keys(RuntimeOrigin::signed(account)));
			resign(account);
			back_operator(account, 0, 0);
		}
		pass_eras(2);
		assert_eq!(Session::validators(), [1, 3, 5, 6]);
		assert_eq!(Session::queued_keys().len(), SET_FLOOR);
	});
}

#[test]
fn seats_follow_the_vote_and_the_floor() {
	run_with(300, || {
		for (seats, expected) in [(1, SET_FLOOR), (300, 300), (150, 150), (3, SET_FLOOR)] {
			Seats::set(&seats);
			pass_eras(1);
			assert_eq!(Session::validators().len(), expected, "{seats} seats");
		}
	});
}

#[test]
fn set_is_announced_once_per_era_and_when_keys_change() {
	run_with(4, || {
		pass_eras(3);
		assert_eq!(announced(), 3);
		make_candidate(9, PROVISION);
		pass_eras(1);
		assert_eq!(announced(), 4);
		pass_eras(2);
		assert_eq!(announced(), 6);
		// The next session covers the new keys, before the two eras.
		let keys = sp_runtime::testing::UintAuthorityId(101);
		assert_ok!(Session::set_keys(RuntimeOrigin::signed(1), keys, Vec::new()));
		pass_eras(2);
		assert_eq!(announced(), 9);
	});
}
