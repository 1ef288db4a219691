//! State that does not decode: what it concerns waits, and nothing of it is overwritten.

use frame_support::{assert_noop, assert_ok, storage::unhashed};
use groma_core::money::GRM;
use groma_fakes::{ClockIsUnreadable, EmissionIsUnreadable};
use groma_traits::{CreditAccounts, Operators as _};

use crate::{Accounts, Books, Error, Operators, mock::*};

/// Damages the value under a key, and returns what was there.
fn damage(key: &[u8]) -> Vec<u8> {
	let good = unhashed::get_raw(key).expect("there is a value");
	unhashed::put_raw(key, &[7]);
	good
}

/// Mends it, unless it was overwritten.
fn mend(key: &[u8], good: &[u8]) {
	assert_eq!(unhashed::get_raw(key), Some(vec![7]), "it was overwritten");
	unhashed::put_raw(key, good);
}

#[test]
fn nothing_is_minted_while_the_books_are_unreadable() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(mint(10, 100_000));
		let key = Books::<Test>::hashed_key();
		let good = damage(&key);
		assert!(!DataCredits::are_books_readable());
		assert_noop!(mint(10, 10_000), Error::<Test>::Unreadable);
		assert_noop!(mint(11, 10_000), Error::<Test>::Unreadable);
		// Credits move all the same, and fees are burned in GRM.
		let lot = DataCredits::take(&10, 40_000).expect("they are there");
		assert!(DataCredits::put(&10, lot).is_ok());
		assert_ok!(DataCredits::charge_fee(&10, 50_000));
		assert_eq!(held(10), (100_000, 10 * GRM));
		assert!(DataCredits::do_try_state().is_err());
		mend(&key, &good);
		assert_ok!(mint(10, 10_000));
		assert_ok!(DataCredits::charge_fee(&10, 50_000));
		assert_eq!(held(10).0, 60_000);
	});
}

#[test]
fn account_that_is_unreadable_is_not_overwritten() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(mint(10, 100_000));
		assert_ok!(mint(11, 100_000));
		let key = Accounts::<Test>::hashed_key_for(10);
		let good = damage(&key);
		assert_noop!(mint(10, 10_000), Error::<Test>::Unreadable);
		let taken = DataCredits::take(&10, 1).map(|lot| lot.spend());
		assert_eq!(taken, Err(Error::<Test>::Unreadable.into()));
		let lot = DataCredits::take(&11, 1_000).expect("they are there");
		let lot = DataCredits::put(&10, lot).expect_err("it would be lost");
		assert!(DataCredits::put(&11, lot).is_ok());
		assert_ok!(DataCredits::charge_fee(&10, 50_000));
		assert!(DataCredits::do_try_state().is_err());
		mend(&key, &good);
		assert_eq!(held(10), (100_000, 10 * GRM));
	});
}

#[test]
fn operators_that_are_unreadable_do_nothing_and_stay() {
	ExtBuilder.build_and_execute(|| {
		let signed = RuntimeOrigin::signed;
		assert_ok!(DataCredits::set_operator(signed(10), 20, 1_000));
		let key = Operators::<Test>::hashed_key_for(10);
		let good = damage(&key);
		let unreadable = Error::<Test>::Unreadable;
		assert_noop!(DataCredits::set_operator(signed(10), 21, 1_000), unreadable);
		let unreadable = Error::<Test>::Unreadable;
		assert_noop!(DataCredits::remove_operator(signed(10), 20), unreadable);
		let unreadable = Error::<Test>::Unreadable;
		assert_noop!(DataCredits::commit(&10, &20, 1), unreadable);
		let unreadable = Error::<Test>::Unreadable;
		assert_noop!(DataCredits::ensure_operator(&10, &20), unreadable);
		// The payer acts for itself.
		assert_ok!(DataCredits::ensure_operator(&10, &10));
		mend(&key, &good);
		assert_ok!(DataCredits::commit(&10, &20, 1_000));
	});
}

#[test]
fn nothing_is_minted_or_charged_in_grm_while_the_emission_cannot_count_the_burn() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(mint(11, 10_000));
		EmissionIsUnreadable::set(&true);
		assert_noop!(mint(10, 10_000), Error::<Test>::Unreadable);
		assert_noop!(DataCredits::charge_fee(&10, 1), Error::<Test>::Unreadable);
		// Credits that pay a fee were burned when they were minted.
		assert_ok!(DataCredits::charge_fee(&11, 1));
		EmissionIsUnreadable::set(&false);
		assert_ok!(mint(10, 10_000));
	});
}

#[test]
fn no_limit_of_an_operator_begins_again_while_the_clock_of_epochs_is_unreadable() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(DataCredits::set_operator(RuntimeOrigin::signed(10), 20, 1_000));
		assert_ok!(DataCredits::commit(&10, &20, 1_000));
		ClockIsUnreadable::set(&true);
		assert_noop!(DataCredits::commit(&10, &20, 1), Error::<Test>::Unreadable);
		// The payer has no limit.
		assert_ok!(DataCredits::commit(&10, &10, 1));
		ClockIsUnreadable::set(&false);
		assert_noop!(DataCredits::commit(&10, &20, 1), Error::<Test>::OperatorLimitReached);
	});
}
