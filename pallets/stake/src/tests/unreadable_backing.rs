//! State of operators and delegations that does not decode: it stays as it is, and passes for
//! nothing else.

use frame_support::{assert_noop, assert_ok, storage::unhashed};
use groma_core::{money::GRM, protocol::THAW_ERAS, units::Scale};
use groma_traits::{Backed, Backing};

use crate::{DelegatedSums, Delegations, Error, Generations, Operators, Sums, Tranches, mock::*};

/// Damages the value under a key while a test looks at it, and checks that it stays as it is.
fn while_damaged(key: &[u8], test: impl FnOnce()) {
	let good = unhashed::get_raw(key).expect("there is a value");
	unhashed::put_raw(key, &[7]);
	test();
	assert!(Stake::do_try_state().is_err(), "the damage is not noticed");
	assert_eq!(unhashed::get_raw(key), Some(vec![7]), "it was overwritten");
	unhashed::put_raw(key, &good);
}

/// 10 has 100 GRM of its own, 11 and 12 delegate 100 GRM each to it; a half of it thaws.
fn with_pool(test: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		open_operator(10, 100 * GRM);
		for who in [11, 12] {
			assert_ok!(delegate(who, 10, 100 * GRM));
			assert_ok!(undelegate(who, 10, Some(50 * GRM)));
		}
		test();
	});
}

#[test]
fn operator_that_does_not_decode_is_neither_lost_nor_used() {
	with_pool(|| {
		assert_eq!(reward(10, 20 * GRM), 20 * GRM);
		while_damaged(&Operators::<Test>::hashed_key_for(10), || {
			let unreadable = Error::<Test>::Unreadable;
			assert_noop!(back(10, GRM), unreadable);
			assert_noop!(thaw_own(10, GRM), Error::<Test>::Unreadable);
			assert_noop!(withdraw_own(10), Error::<Test>::Unreadable);
			assert_noop!(delegate(11, 10, 10 * GRM), Error::<Test>::Unreadable);
			assert_noop!(undelegate(11, 10, None), Error::<Test>::Unreadable);
			assert_noop!(withdraw_delegated(11, 10), Error::<Test>::Unreadable);
			for who in [10, 11] {
				assert_noop!(claim(10, who), Error::<Test>::Unreadable);
			}
			let origin = || RuntimeOrigin::signed(10);
			assert_noop!(Stake::set_open(origin(), false), Error::<Test>::Unreadable);
			assert_noop!(
				Stake::announce_commission(origin(), Scale::ZERO),
				Error::<Test>::Unreadable
			);
			settle(10, &[11]);
			assert!(!<Stake as Backing<AccountId>>::is_readable(&10));
			assert_eq!(slash(10, FIRST_ERA, GRM), (0, 0));
			assert_eq!(reward(10, GRM), 0);
			pend(10, FIRST_ERA);
			release(10, FIRST_ERA);
			assert_eq!(<Stake as Backing<AccountId>>::of(&10), Backed::default());
			assert_eq!(Stake::operator_of(&10), None);
		});
		assert!(<Stake as Backing<AccountId>>::is_readable(&10));
		assert_ok!(undelegate(11, 10, None));
	});
}

#[test]
fn delegation_that_does_not_decode_is_neither_lost_nor_used() {
	with_pool(|| {
		assert_eq!(slash(10, FIRST_ERA, 150 * GRM), (100 * GRM, 50 * GRM));
		while_damaged(&Delegations::<Test>::hashed_key_for(11, 10), || {
			assert_noop!(delegate(11, 10, 10 * GRM), Error::<Test>::Unreadable);
			assert_noop!(undelegate(11, 10, None), Error::<Test>::Unreadable);
			assert_noop!(withdraw_delegated(11, 10), Error::<Test>::Unreadable);
			assert_noop!(claim(10, 11), Error::<Test>::Unreadable);
			assert_eq!(Stake::owed_to(&11, &10), None);
			settle(10, &[11, 12]);
			assert_eq!(Burned::get(), 125 * GRM, "the other one is settled");
		});
		settle(10, &[11]);
		assert_eq!(Burned::get(), 150 * GRM);
	});
}

#[test]
fn tranche_that_does_not_decode_is_neither_slashed_nor_lost() {
	with_pool(|| {
		pass_eras(1);
		assert_ok!(undelegate(12, 10, None));
		while_damaged(&Tranches::<Test>::hashed_key_for(10, FIRST_ERA), || {
			assert_eq!(slash(10, FIRST_ERA, 1_000 * GRM), (100 * GRM, 100 * GRM));
			let burned = Burned::get();
			settle(10, &[11, 12]);
			assert_eq!(Burned::get(), burned, "what was settled in part is undone");
			pass_eras(THAW_ERAS);
			assert_noop!(withdraw_delegated(11, 10), Error::<Test>::Unreadable);
		});
		settle(10, &[11, 12]);
		assert_ok!(withdraw_delegated(11, 10));
		assert_eq!(Balances::free_balance(11), GENESIS - 50 * GRM);
	});
}

#[test]
fn end_of_a_generation_that_does_not_decode_is_neither_lost_nor_used() {
	with_pool(|| {
		assert_eq!(reward(10, 20 * GRM), 20 * GRM);
		assert_eq!(slash(10, FIRST_ERA, 1_000 * GRM), (100 * GRM, 200 * GRM));
		while_damaged(&Generations::<Test>::hashed_key_for(10, 0), || {
			assert_noop!(claim(10, 11), Error::<Test>::Unreadable);
			settle(10, &[11, 12]);
			assert_eq!(Burned::get(), 100 * GRM);
			assert_eq!(Stake::owed_to(&11, &10), None);
		});
		assert_ok!(claim(10, 11));
	});
}

#[test]
fn sums_that_do_not_decode_stop_no_one() {
	ExtBuilder::default().build().execute_with(|| {
		open_operator(10, 100 * GRM);
		assert_ok!(delegate(11, 10, 100 * GRM));
		while_damaged(&DelegatedSums::<Test>::hashed_key(), || {
			assert_ok!(delegate(12, 10, 100 * GRM));
			assert_ok!(undelegate(11, 10, None));
			assert_eq!(slash(10, FIRST_ERA, 150 * GRM), (100 * GRM, 50 * GRM));
			settle(10, &[11, 12]);
			assert_eq!(Stake::unsettled(), None);
			pass_eras(THAW_ERAS);
			assert_ok!(withdraw_delegated(11, 10));
		});
		// The upgrade that mends the sums counts again.
		DelegatedSums::<Test>::put(Sums { held: 75 * GRM, live: 75 * GRM });
		check();
	});
}

#[test]
fn nothing_begins_to_thaw_by_a_clock_of_eras_that_does_not_decode() {
	with_pool(|| {
		ErasAreUnreadable::set(&true);
		assert_noop!(thaw_own(10, 50 * GRM), Error::<Test>::Unreadable);
		assert_noop!(undelegate(11, 10, None), Error::<Test>::Unreadable);
		let announced = Stake::announce_commission(RuntimeOrigin::signed(10), Scale::ZERO);
		assert_eq!(announced, Err(Error::<Test>::Unreadable.into()));
		assert_noop!(withdraw_delegated(11, 10), Error::<Test>::NothingDue);
		assert!(!<Stake as Backing<AccountId>>::is_readable(&10));
		assert_eq!(slash(10, FIRST_ERA, 10 * GRM), (0, 0));
		assert!(Stake::do_try_state().is_err(), "the damage is not noticed");
		ErasAreUnreadable::set(&false);
		// All of it is still there for its slash.
		assert_eq!(slash(10, FIRST_ERA, 300 * GRM), (100 * GRM, 200 * GRM));
	});
}
