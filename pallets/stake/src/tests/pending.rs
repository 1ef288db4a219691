//! Slashes that wait: no one joins, everyone leaves, and what they concern is not withdrawn.

use frame_support::{assert_noop, assert_ok};
use groma_core::{
	money::GRM,
	protocol::{PENDING_ERAS_MAX, THAW_ERAS},
};

use crate::{Error, Operators, mock::*};

/// 10 has 100 GRM of its own, 11 delegates 100 GRM to it.
fn with_pool(test: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		open_operator(10, 100 * GRM);
		assert_ok!(delegate(11, 10, 100 * GRM));
		test();
	});
}

#[test]
fn no_one_joins_while_a_slash_waits() {
	with_pool(|| {
		pend(10, FIRST_ERA);
		pend(10, FIRST_ERA);
		assert_noop!(delegate(12, 10, 10 * GRM), Error::<Test>::SlashPending);
		assert_noop!(delegate(11, 10, 10 * GRM), Error::<Test>::SlashPending);
		release(10, FIRST_ERA);
		assert_noop!(delegate(12, 10, 10 * GRM), Error::<Test>::SlashPending);
		release(10, FIRST_ERA);
		assert_ok!(delegate(12, 10, 10 * GRM));
	});
}

#[test]
fn leaving_is_allowed_while_a_slash_waits_and_withdrawing_waits() {
	with_pool(|| {
		pend(10, FIRST_ERA);
		assert_ok!(undelegate(11, 10, None));
		assert_ok!(thaw_own(10, 100 * GRM));
		pass_eras(THAW_ERAS);
		assert_noop!(withdraw_delegated(11, 10), Error::<Test>::SlashPending);
		assert_noop!(withdraw_own(10), Error::<Test>::SlashPending);
		// The slash comes late, and finds all of it.
		assert_eq!(slash(10, FIRST_ERA, 150 * GRM), (100 * GRM, 50 * GRM));
		release(10, FIRST_ERA);
		assert_ok!(withdraw_delegated(11, 10));
		assert_noop!(withdraw_own(10), Error::<Test>::NothingDue);
		assert_eq!(Balances::free_balance(11), GENESIS - 50 * GRM);
		assert!(!Operators::<Test>::contains_key(10));
	});
}

#[test]
fn stake_of_eras_before_the_offence_is_withdrawn_while_its_slash_waits() {
	with_pool(|| {
		assert_ok!(undelegate(11, 10, Some(50 * GRM)));
		assert_ok!(thaw_own(10, 50 * GRM));
		pass_eras(1);
		pend(10, FIRST_ERA + 1);
		assert_ok!(undelegate(11, 10, None));
		assert_ok!(thaw_own(10, 50 * GRM));
		pass_eras(THAW_ERAS);
		assert_ok!(withdraw_delegated(11, 10));
		assert_ok!(withdraw_own(10));
		assert_eq!(delegated(11, 10), (0, 50 * GRM));
		assert_noop!(withdraw_delegated(11, 10), Error::<Test>::SlashPending);
		assert_noop!(withdraw_own(10), Error::<Test>::SlashPending);
		release(10, FIRST_ERA + 1);
		assert_ok!(withdraw_delegated(11, 10));
		assert_ok!(withdraw_own(10));
		for who in [10, 11] {
			assert_eq!(Balances::free_balance(who), GENESIS, "it was cancelled");
		}
	});
}

#[test]
fn first_of_several_eras_decides() {
	with_pool(|| {
		pass_eras(2);
		for era in [FIRST_ERA + 2, FIRST_ERA] {
			pend(10, era);
		}
		assert_eq!(operator_of(10).first_pending(), Some(FIRST_ERA));
		release(10, FIRST_ERA);
		assert_eq!(operator_of(10).first_pending(), Some(FIRST_ERA + 2));
		release(10, FIRST_ERA + 1);
		assert_eq!(operator_of(10).first_pending(), Some(FIRST_ERA + 2), "none waited for it");
		release(10, FIRST_ERA + 2);
		assert_eq!(operator_of(10).first_pending(), None);
	});
}

#[test]
fn no_one_joins_an_operator_who_comes_back_while_a_slash_waits() {
	ExtBuilder::default().build_and_execute(|| {
		// Nothing is left of what it had.
		pend(10, FIRST_ERA);
		open_operator(10, 100 * GRM);
		assert_noop!(delegate(11, 10, 10 * GRM), Error::<Test>::SlashPending);
		release(10, FIRST_ERA);
		assert_ok!(delegate(11, 10, 10 * GRM));
		pend(12, FIRST_ERA);
		release(12, FIRST_ERA);
		assert!(!Operators::<Test>::contains_key(12), "nothing is left behind");
	});
}

#[test]
fn operator_is_kept_while_a_slash_waits() {
	with_pool(|| {
		pend(10, FIRST_ERA);
		assert_eq!(slash(10, FIRST_ERA, 200 * GRM), (100 * GRM, 100 * GRM));
		settle(10, &[11]);
		assert!(Operators::<Test>::contains_key(10));
		release(10, FIRST_ERA);
		assert!(!Operators::<Test>::contains_key(10));
	});
}

#[test]
fn slashes_wait_for_as_many_eras_as_there_is_room_for() {
	let mut record = crate::Operator::default();
	for era in 0..PENDING_ERAS_MAX {
		assert!(record.pend(era));
	}
	assert!(!record.pend(PENDING_ERAS_MAX), "stake thaws for fewer eras");
	assert!(record.pend(0), "an era that is known takes any number");
	record.release(0);
	record.release(0);
	assert_eq!(record.first_pending(), Some(1));
}
