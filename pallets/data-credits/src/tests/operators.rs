//! Who may act for a payer.

use frame_support::{assert_noop, assert_ok};
use groma_core::{
	api::{CreditsInfo, OperatorInfo},
	money::Credits,
	protocol::OPERATORS_MAX,
};
use groma_traits::Operators;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{Error, Event, mock::*};

fn set(payer: AccountId, operator: AccountId, limit: Credits) -> DispatchResult {
	DataCredits::set_operator(RuntimeOrigin::signed(payer), operator, limit)
}

fn remove(payer: AccountId, operator: AccountId) -> DispatchResult {
	DataCredits::remove_operator(RuntimeOrigin::signed(payer), operator)
}

fn commit(payer: AccountId, who: AccountId, credits: Credits) -> DispatchResult {
	DataCredits::commit(&payer, &who, credits)
}

#[test]
fn operator_acts_until_it_is_removed() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(DataCredits::ensure_operator(&10, &20), Error::<Test>::NotOperator);
		assert_ok!(set(10, 20, 1_000));
		System::assert_last_event(
			Event::OperatorSet { payer: 10, operator: 20, credits_per_epoch: 1_000 }.into(),
		);
		assert_ok!(DataCredits::ensure_operator(&10, &20));
		assert_noop!(DataCredits::ensure_operator(&11, &20), Error::<Test>::NotOperator);
		assert_ok!(remove(10, 20));
		System::assert_last_event(Event::OperatorRemoved { payer: 10, operator: 20 }.into());
		assert_noop!(commit(10, 20, 1), Error::<Test>::NotOperator);
		assert_noop!(remove(10, 20), Error::<Test>::NotOperator);
	});
}

#[test]
fn payer_acts_for_itself_without_limit() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(DataCredits::ensure_operator(&10, &10));
		assert_ok!(commit(10, 10, Credits::MAX));
	});
}

#[test]
fn limit_holds_per_epoch() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set(10, 20, 1_000));
		assert_ok!(commit(10, 20, 600));
		assert_noop!(commit(10, 20, 401), Error::<Test>::OperatorLimitReached);
		assert_ok!(commit(10, 20, 400));
		assert_noop!(commit(10, 20, 1), Error::<Test>::OperatorLimitReached);
		// Across midnight it begins again.
		Epoch::set(&(Epoch::get() + 1));
		assert_ok!(commit(10, 20, 1_000));
		assert_noop!(commit(10, 20, Credits::MAX), Error::<Test>::OperatorLimitReached);
	});
}

#[test]
fn what_was_committed_counts_when_the_limit_changes() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set(10, 20, 1_000));
		assert_ok!(commit(10, 20, 1_000));
		assert_ok!(set(10, 20, 1_500));
		assert_noop!(commit(10, 20, 501), Error::<Test>::OperatorLimitReached);
		assert_ok!(commit(10, 20, 500));
		assert_ok!(set(10, 20, 10));
		assert_noop!(commit(10, 20, 0), Error::<Test>::OperatorLimitReached);
	});
}

#[test]
fn deposit_is_held_until_the_operator_is_removed() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set(10, 20, 1));
		assert_ok!(set(10, 20, 2));
		assert_ok!(set(10, 21, 1));
		assert_eq!(Balances::free_balance(10), GENESIS - 2 * OPERATOR_DEPOSIT);
		assert_ok!(remove(10, 20));
		assert_ok!(remove(10, 21));
		assert_eq!(Balances::free_balance(10), GENESIS);
		assert!(!crate::Operators::<Test>::contains_key(10));
		assert!(set(99, 20, 1).is_err(), "it has nothing to hold");
	});
}

#[test]
fn operators_are_bounded() {
	ExtBuilder.build_and_execute(|| {
		for operator in 0..u64::from(OPERATORS_MAX) {
			assert_ok!(set(10, 20 + operator, 1));
		}
		assert_noop!(set(10, 99, 1), Error::<Test>::TooManyOperators);
		assert_ok!(set(10, 20, 2));
	});
}

#[test]
fn only_signed_callers_name_operators() {
	ExtBuilder.build_and_execute(|| {
		let none = RuntimeOrigin::none;
		assert_noop!(DataCredits::set_operator(none(), 20, 1), DispatchError::BadOrigin);
		assert_noop!(DataCredits::remove_operator(none(), 20), DispatchError::BadOrigin);
	});
}

#[test]
fn payer_is_shown_its_credits_and_what_operators_used_of_their_limits() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(mint(10, 10_000));
		assert_ok!(set(10, 20, 1_000));
		assert_ok!(set(10, 21, 500));
		assert_ok!(commit(10, 20, 600));
		let info = DataCredits::credits_info(&10);
		assert_eq!((info.credits, info.basis), held(10));
		let used = |info: CreditsInfo<AccountId>| -> Vec<_> {
			let of = |it: &OperatorInfo<_>| (it.account, it.credits_per_epoch, it.committed);
			info.operators.iter().map(of).collect()
		};
		assert!(info.operators.iter().all(|operator| operator.deposit == OPERATOR_DEPOSIT));
		assert_eq!(used(info), [(20, 1_000, 600), (21, 500, 0)]);
		// What was committed in an epoch before does not count.
		Epoch::set(&(Epoch::get() + 1));
		assert_eq!(used(DataCredits::credits_info(&10)), [(20, 1_000, 0), (21, 500, 0)]);
		assert_eq!(used(DataCredits::credits_info(&11)), []);
	});
}
