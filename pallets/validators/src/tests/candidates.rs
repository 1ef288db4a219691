//! Who may be a candidate, and how one ceases to be.

use frame_support::{assert_noop, assert_ok};
use groma_core::money::Balance;
use pallet_session::NextKeys;
use sp_runtime::{DispatchError, testing::UintAuthorityId};

use crate::{Error, Event, mock::*};

fn declare(account: AccountId, displaces: Option<AccountId>) -> sp_runtime::DispatchResult {
	Validators::declare(RuntimeOrigin::signed(account), displaces)
}

fn resign(account: AccountId) -> sp_runtime::DispatchResult {
	Validators::resign(RuntimeOrigin::signed(account))
}

/// Makes an account an operator as its owner does, with the key of its number.
fn set_up(account: AccountId, own: Balance) {
	let keys = UintAuthorityId(account);
	assert_ok!(Session::set_keys(RuntimeOrigin::signed(account), keys, Vec::new()));
	back_operator(account, own, 0);
}

#[test]
fn genesis_makes_candidates_of_all_who_have_keys_with_what_it_provisions() {
	run_with(3, || {
		assert_eq!(Validators::candidates().expect("it decodes").into_inner(), [1, 2, 3]);
		let set = Validators::set_of(0).expect("it is remembered");
		assert_eq!(set.len(), 3);
		assert!(set.iter().all(|seat| (seat.own, seat.total) == (PROVISION, PROVISION)));
	});
}

#[test]
fn validator_of_genesis_provisions_what_its_account_can_hold() {
	chain_with(4, LEAST / 2).execute_with(|| {
		let set = Validators::set_of(0).expect("it is remembered");
		// Each account keeps the existential deposit.
		assert!(set.iter().all(|seat| seat.own == LEAST / 2 - 1));
		assert!((1..=4).all(|account| Validators::is_candidate(&account)));
		System::set_block_number(1);
		pass_eras(2);
		assert!(has_happened(Event::SetKept { era: 2, eligible: 0 }));
		assert_eq!(Session::validators(), [1, 2, 3, 4]);
		Validators::do_try_state().expect("the invariants hold");
	});
}

#[test]
fn candidate_validates_from_the_next_era_on() {
	run_with(4, || {
		set_up(9, LEAST);
		assert_ok!(declare(9, None));
		assert!(has_happened(Event::Declared { candidate: 9, displaced: None }));
		pass_sessions(2);
		assert_eq!(Session::validators(), [1, 2, 3, 4]);
		pass_eras(1);
		assert_eq!(Session::validators(), [1, 2, 3, 4, 9]);
	});
}

#[test]
fn candidacy_is_refused_without_keys_or_own_stake_or_a_signature() {
	run_with(4, || {
		back_operator(9, PROVISION, 0);
		assert_noop!(declare(9, None), Error::<Test>::NoKeys);
		for (own, delegated) in [(0, 0), (1, 0), (LEAST - 1, 1_000_000), (0, u128::MAX)] {
			make_operator(9, own, delegated);
			assert_noop!(declare(9, None), Error::<Test>::BelowMinimum);
		}
		assert_noop!(declare(1, None), Error::<Test>::AlreadyCandidate);
		assert_noop!(declare(1, Some(2)), Error::<Test>::AlreadyCandidate);
		assert_noop!(resign(9), Error::<Test>::NotCandidate);
		let root = RuntimeOrigin::root();
		assert_noop!(Validators::declare(root.clone(), None), DispatchError::BadOrigin);
		assert_noop!(Validators::resign(root), DispatchError::BadOrigin);
	});
}

#[test]
fn no_one_is_displaced_as_long_as_there_is_room() {
	run_with(4, || {
		make_operator(9, 5 * PROVISION, 0);
		assert_ok!(declare(9, Some(1)));
		assert!(has_happened(Event::Declared { candidate: 9, displaced: None }));
		assert!(Validators::is_candidate(&1));
	});
}

/// Fills the list with candidates from 101 on, each with twice the least stake.
fn fill() {
	for account in 101..=u64::from(96 + CANDIDATES_MAX) {
		make_candidate(account, 2 * LEAST);
	}
}

#[test]
fn candidate_with_less_is_displaced_when_the_list_is_full() {
	run_with(4, || {
		fill();
		make_operator(5, 3 * LEAST, 0);
		assert_noop!(declare(5, None), Error::<Test>::CandidatesFull);
		assert_noop!(declare(5, Some(99)), Error::<Test>::NotCandidate);
		assert_noop!(declare(5, Some(5)), Error::<Test>::NotCandidate);
		assert_noop!(declare(5, Some(1)), Error::<Test>::NotLess);
		assert_ok!(declare(5, Some(101)));
		assert!(has_happened(Event::Declared { candidate: 5, displaced: Some(101) }));
		assert!(Validators::is_candidate(&5) && !Validators::is_candidate(&101));
		make_operator(6, 2 * LEAST, 0);
		assert_noop!(declare(6, Some(102)), Error::<Test>::NotLess);
	});
}

#[test]
fn candidate_that_could_not_be_elected_is_displaced_whatever_stands_behind_it() {
	run_with(4, || {
		fill();
		back_operator(101, LEAST - 1, 1_000_000);
		back_operator(102, 1_000_000, 0);
		NextKeys::<Test>::remove(102);
		for (account, displaced) in [(5, 101), (6, 102)] {
			make_operator(account, LEAST, 0);
			assert_ok!(declare(account, Some(displaced)));
			assert!(!Validators::is_candidate(&displaced));
		}
	});
}

#[test]
fn member_that_resigns_stays_until_its_era_is_over() {
	run_with(5, || {
		assert_ok!(resign(1));
		assert!(has_happened(Event::Resigned { candidate: 1 }));
		pass_sessions(2);
		assert_eq!(Session::validators(), [1, 2, 3, 4, 5]);
		pass_eras(1);
		assert_eq!(Session::validators(), [2, 3, 4, 5]);
	});
}

#[test]
fn operator_leaves_when_it_is_in_no_set_any_more() {
	run_with(4, || {
		set_up(9, PROVISION);
		assert_ok!(declare(9, None));
		let leave = || Validators::leave(RuntimeOrigin::signed(9));
		pass_sessions(2);
		// It is in the planned set alone.
		assert!(!Session::validators().contains(&9));
		assert_noop!(leave(), Error::<Test>::IsValidator);
		pass_sessions(1);
		assert_ok!(resign(9));
		assert_noop!(leave(), Error::<Test>::IsValidator);
		pass_eras(1);
		assert_ok!(leave());
		assert!(has_happened(Event::Left { operator: 9 }));
		assert_eq!(NextKeys::<Test>::get(9), None);
	});
}

#[test]
fn operator_that_leaves_is_no_candidate_any_more() {
	run_with(4, || {
		set_up(9, PROVISION);
		assert_ok!(declare(9, None));
		assert_ok!(Validators::leave(RuntimeOrigin::signed(9)));
		assert!(has_happened(Event::Resigned { candidate: 9 }));
		assert!(!Validators::is_candidate(&9));
		pass_eras(2);
		assert_eq!(Session::validators(), [1, 2, 3, 4]);
	});
}
