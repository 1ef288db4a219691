//! What an era without a block costs.

use groma_fakes::StandsStill;
use groma_traits::Backing;

use crate::{Config, Event, mock::*};

fn idle(validators: impl IntoIterator<Item = AccountId>) {
	Idle::set(&validators.into_iter().collect());
}

/// Who is no candidate of those of genesis.
fn chilled(count: u64) -> Vec<AccountId> {
	(1..=count).filter(|account| !Validators::is_candidate(account)).collect()
}

#[test]
fn validator_is_no_candidate_after_an_era_without_a_block_and_keeps_its_stake() {
	run_with(5, || {
		idle([3]);
		pass_eras(1);
		assert!(has_happened(Event::Chilled { validator: 3, era: 0 }));
		assert_eq!(chilled(5), [3]);
		pass_eras(1);
		assert_eq!(Session::validators(), [1, 2, 4, 5]);
		assert_eq!(<Test as Config>::Backing::of(&3).own, PROVISION);
	});
}

#[test]
fn validator_stays_a_candidate_when_it_authored_one_block() {
	run_with(5, || {
		make_block(Some(2));
		idle([3]);
		pass_eras(1);
		assert!(chilled(5).is_empty());
		pass_eras(1);
		assert_eq!(chilled(5), [3]);
	});
}

#[test]
fn no_one_is_chilled_when_fewer_than_two_thirds_authored() {
	run_with(9, || {
		idle([1, 2, 3, 4]);
		pass_eras(1);
		assert!(chilled(9).is_empty());
		idle([1, 2, 3]);
		pass_eras(1);
		assert_eq!(chilled(9), [1]);
	});
}

#[test]
fn at_most_a_tenth_of_the_set_is_chilled_in_an_era() {
	run_with(20, || {
		idle([1, 2, 3, 4, 5]);
		pass_eras(1);
		assert_eq!(chilled(20), [1, 2]);
		pass_eras(1);
		assert_eq!(chilled(20), [1, 2, 3, 4]);
	});
}

#[test]
fn no_one_is_chilled_when_fewer_than_the_floor_would_be_left() {
	run_with(4, || {
		idle([2]);
		pass_eras(2);
		assert!(chilled(4).is_empty());
		make_candidate(9, PROVISION);
		pass_eras(1);
		assert_eq!(chilled(4), [2]);
		pass_eras(1);
		assert_eq!(Session::validators(), [1, 3, 4, 9]);
	});
}

#[test]
fn no_one_is_chilled_while_the_chain_stands_still() {
	run_with(5, || {
		idle([3]);
		pass_sessions(2);
		StandsStill::set(&true);
		pass_sessions(3);
		assert!(chilled(5).is_empty());
		StandsStill::set(&false);
		make_block(Some(0));
		assert_eq!(era(), 1);
		assert!(chilled(5).is_empty());
	});
}

#[test]
fn no_one_is_chilled_when_a_standstill_ends_with_a_session_of_the_next_set() {
	run_with(5, || {
		idle([3]);
		pass_sessions(2);
		StandsStill::set(&true);
		while System::block_number() < 4 * SESSION_BLOCKS - 1 {
			make_block(Some(0));
		}
		StandsStill::set(&false);
		make_block(Some(0));
		assert!(has_happened(Event::EraBegan { era: 1, session: 4 }));
		assert!(chilled(5).is_empty());
	});
}
