//! Delegating to operators, and leaving them.

use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use groma_core::{
	money::{Balance, DELEGATION_MIN, GRM},
	protocol::{THAW_ERAS, THAWS_MAX},
};
use groma_traits::{Backed, Backing};
use sp_runtime::TokenError;

use crate::{Delegations, Error, Event, HoldReason, Operators, Tranches, mock::*};

fn held(owner: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Delegated.into(), &owner)
}

/// A chain on which 10 is an open operator.
fn with_operator(test: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		open_operator(10, 100 * GRM);
		test();
	});
}

#[test]
fn delegation_is_on_hold_and_backs_the_operator() {
	with_operator(|| {
		assert_ok!(delegate(11, 10, 300 * GRM));
		assert_ok!(delegate(12, 10, 100 * GRM));
		assert_ok!(delegate(11, 10, 1));
		System::assert_last_event(
			Event::Delegated { delegator: 11, operator: 10, amount: 1, shares: 1 }.into(),
		);
		assert_eq!((held(11), held(12)), (300 * GRM + 1, 100 * GRM));
		let backed = <Stake as Backing<AccountId>>::of(&10);
		assert_eq!(backed, Backed { own: 100 * GRM, total: 500 * GRM + 1 });
		assert_eq!(operator_of(10).delegations, 2);
	});
}

#[test]
fn delegation_is_refused_when_it_is_too_little_or_too_much() {
	with_operator(|| {
		for amount in [0, 1, DELEGATION_MIN - 1] {
			assert_noop!(delegate(11, 10, amount), Error::<Test>::BelowMinimum);
		}
		for amount in [GENESIS, GENESIS + 1, Balance::MAX] {
			assert_noop!(delegate(11, 10, amount), TokenError::FundsUnavailable);
		}
		assert_noop!(delegate(99, 10, DELEGATION_MIN), TokenError::FundsUnavailable);
		assert_ok!(delegate(11, 10, DELEGATION_MIN));
		assert_noop!(delegate(11, 10, 0), Error::<Test>::BelowMinimum);
	});
}

#[test]
fn delegation_is_refused_when_the_operator_cannot_validate() {
	with_operator(|| {
		assert_noop!(delegate(11, 12, 10 * GRM), Error::<Test>::UnknownOperator);
		assert_noop!(delegate(10, 10, 10 * GRM), Error::<Test>::OwnOperator);
		WithoutKeys::<AccountId>::put(vec![10]);
		assert_noop!(delegate(11, 10, 10 * GRM), Error::<Test>::UnknownOperator);
	});
}

#[test]
fn delegation_is_released_when_it_has_thawed() {
	with_operator(|| {
		assert_ok!(delegate(11, 10, 300 * GRM));
		assert_ok!(undelegate(11, 10, Some(100 * GRM)));
		let due = FIRST_ERA + THAW_ERAS;
		let (delegator, operator, amount, era) = (11, 10, 100 * GRM, FIRST_ERA);
		let event = Event::Undelegated { delegator, operator, amount, era, due };
		System::assert_last_event(event.into());
		assert_eq!((delegated(11, 10), held(11)), ((200 * GRM, 100 * GRM), 300 * GRM));
		assert_eq!(<Stake as Backing<AccountId>>::of(&10).total, 300 * GRM);
		pass_eras(THAW_ERAS - 1);
		assert_noop!(withdraw_delegated(11, 10), Error::<Test>::NothingDue);
		pass_eras(1);
		assert_ok!(withdraw_delegated(11, 10));
		let event = Event::DelegationWithdrawn { delegator, operator, amount };
		System::assert_last_event(event.into());
		assert_eq!(held(11), 200 * GRM);
		assert_noop!(withdraw_delegated(11, 10), Error::<Test>::NothingDue);
	});
}

#[test]
fn nothing_is_left_when_everyone_has_left() {
	with_operator(|| {
		for who in [11, 12] {
			assert_ok!(delegate(who, 10, 100 * GRM));
			assert_ok!(undelegate(who, 10, None));
		}
		assert_ok!(thaw_own(10, 100 * GRM));
		pass_eras(THAW_ERAS);
		// The operator is the first to go: the others need it no more.
		assert_ok!(withdraw_own(10));
		assert!(Operators::<Test>::contains_key(10), "two records refer to it");
		for who in [11, 12] {
			assert_ok!(withdraw_delegated(who, 10));
			assert_eq!(Balances::free_balance(who), GENESIS);
		}
		assert_eq!(Operators::<Test>::iter().count(), 0);
		assert_eq!(Delegations::<Test>::iter().count(), 0);
		assert_eq!(Tranches::<Test>::iter().count(), 0);
		assert_eq!(Stake::unsettled(), Some(0));
	});
}

#[test]
fn undelegating_is_refused_when_it_moves_or_leaves_too_little_or_too_much() {
	with_operator(|| {
		assert_ok!(delegate(11, 10, 20 * GRM));
		for amount in [0, 1, GRM - 1, 10 * GRM + 1, 20 * GRM - 1] {
			assert_noop!(undelegate(11, 10, Some(amount)), Error::<Test>::BelowMinimum);
		}
		for amount in [20 * GRM + 1, Balance::MAX] {
			assert_noop!(undelegate(11, 10, Some(amount)), Error::<Test>::NotEnoughActive);
		}
		assert_noop!(undelegate(12, 10, None), Error::<Test>::NoDelegation);
		assert_noop!(undelegate(11, 12, None), Error::<Test>::NoDelegation);
		assert_ok!(undelegate(11, 10, Some(20 * GRM)));
		assert_noop!(undelegate(11, 10, None), Error::<Test>::NoDelegation);
		assert_noop!(withdraw_delegated(12, 10), Error::<Test>::NoDelegation);
	});
}

#[test]
fn entries_of_one_era_are_one() {
	with_operator(|| {
		assert_ok!(delegate(11, 10, 100 * GRM));
		assert_ok!(undelegate(11, 10, Some(10 * GRM)));
		assert_ok!(undelegate(11, 10, Some(10 * GRM)));
		assert_eq!(delegation_of(11, 10).thawing.len(), 1);
		assert_eq!(delegated(11, 10), (80 * GRM, 20 * GRM));
		pass_eras(1);
		assert_ok!(undelegate(11, 10, Some(10 * GRM)));
		assert_eq!(delegation_of(11, 10).thawing.len(), 2);
	});
}

#[test]
fn ninth_entry_takes_the_newest_with_it_to_its_later_era() {
	with_operator(|| {
		assert_ok!(delegate(11, 10, 100 * GRM));
		for _ in 0..=THAWS_MAX {
			assert_ok!(undelegate(11, 10, Some(GRM)));
			pass_eras(1);
		}
		let thawing = delegation_of(11, 10).thawing;
		assert_eq!(thawing.len() as u32, THAWS_MAX);
		let newest = thawing.last().expect("eight");
		assert_eq!((newest.era, newest.part.principal), (FIRST_ERA + THAWS_MAX, 2 * GRM));
		assert!(!Tranches::<Test>::contains_key(10, FIRST_ERA + THAWS_MAX - 1));
		begin_era(FIRST_ERA + THAWS_MAX - 1 + THAW_ERAS);
		assert_ok!(withdraw_delegated(11, 10));
		assert_eq!(delegated(11, 10), (91 * GRM, 2 * GRM));
		pass_eras(1);
		assert_ok!(withdraw_delegated(11, 10));
		assert_eq!(delegated(11, 10), (91 * GRM, 0));
	});
}

#[test]
fn one_account_delegates_to_several_operators() {
	with_operator(|| {
		open_operator(13, 50 * GRM);
		assert_ok!(delegate(11, 10, 100 * GRM));
		assert_ok!(delegate(11, 13, 200 * GRM));
		assert_ok!(undelegate(11, 10, None));
		assert_eq!((delegated(11, 10), delegated(11, 13)), ((0, 100 * GRM), (200 * GRM, 0)));
		assert_eq!(held(11), 300 * GRM);
		// An operator may delegate to another one.
		assert_ok!(delegate(10, 13, 20 * GRM));
		assert_eq!(operator_of(13).delegations, 2);
	});
}
