//! Own stake of operators, their commission, their pools.

use frame_support::{
	assert_noop, assert_ok,
	traits::{LockableCurrency, WithdrawReasons, fungible::InspectHold},
};
use groma_core::{
	money::{Balance, GRM},
	protocol::{COMMISSION_NOTICE_ERAS, THAW_ERAS, THAWS_MAX},
	units::Scale,
};
use groma_traits::{Backed, Backing};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

use crate::{Error, Event, HoldReason, Operators, Purpose, mock::*};

fn held(owner: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Validating.into(), &owner)
}

fn announce(operator: AccountId, percent: u32) -> DispatchResult {
	let share = Scale::from_percent(percent);
	Stake::announce_commission(RuntimeOrigin::signed(operator), share)
}

fn commission(operator: AccountId) -> Scale {
	operator_of(operator).commission.at(ActiveEra::get())
}

#[test]
fn own_stake_is_on_hold_next_to_that_of_devices() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 50 * GRM)]).build_and_execute(|| {
		assert_ok!(back(10, 100 * GRM));
		assert_ok!(back(10, 1));
		System::assert_last_event(
			Event::Provisioned {
				owner: 10,
				purpose: Purpose::Validating,
				amount: 1,
				active: 100 * GRM + 1,
			}
			.into(),
		);
		assert_eq!(held(10), 100 * GRM + 1);
		assert_eq!(stake_of(10, LORAWAN), (50 * GRM, 0), "one GRM backs one purpose");
		assert_eq!(Balances::free_balance(10), GENESIS - 150 * GRM - 1);
		let backed = <Stake as Backing<AccountId>>::of(&10);
		assert_eq!(backed, Backed { own: 100 * GRM + 1, total: 100 * GRM + 1 });
		assert_eq!(<Stake as Backing<AccountId>>::of(&11), Backed::default());
	});
}

#[test]
fn own_stake_is_refused_when_it_is_too_little_or_too_much() {
	ExtBuilder::default().build_and_execute(|| {
		for amount in [0, 1, GRM - 1] {
			assert_noop!(back(10, amount), Error::<Test>::BelowMinimum);
		}
		for amount in [GENESIS, Balance::MAX] {
			assert_noop!(back(10, amount), TokenError::FundsUnavailable);
		}
		assert_ok!(<Stake as Backing<AccountId>>::provision(&10, GRM));
		assert_eq!(held(10), GRM);
	});
}

#[test]
fn own_stake_is_released_when_it_has_thawed() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(back(10, 100 * GRM));
		assert_ok!(thaw_own(10, 30 * GRM));
		let (owner, purpose, due) = (10, Purpose::Validating, FIRST_ERA + THAW_ERAS);
		let amount = 30 * GRM;
		System::assert_last_event(Event::ThawBegun { owner, purpose, amount, due }.into());
		pass_eras(THAW_ERAS - 1);
		assert_noop!(withdraw_own(10), Error::<Test>::NothingDue);
		pass_eras(1);
		assert_ok!(withdraw_own(10));
		System::assert_last_event(Event::Withdrawn { owner, purpose, amount }.into());
		assert_noop!(withdraw_own(10), Error::<Test>::NothingDue);
		assert_eq!(held(10), 70 * GRM);
		assert_ok!(thaw_own(10, 70 * GRM));
		pass_eras(THAW_ERAS);
		assert_ok!(withdraw_own(10));
		assert!(!Operators::<Test>::contains_key(10), "nothing is left of it");
	});
}

#[test]
fn own_stake_that_thaws_between_an_election_and_its_era_backed_that_era() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(back(10, 100 * GRM));
		CountedEra::set(&(FIRST_ERA + 1));
		assert_ok!(thaw_own(10, 100 * GRM));
		begin_era(FIRST_ERA + 1);
		assert_eq!(slash(10, FIRST_ERA + 1, 40 * GRM), (40 * GRM, 0));
		pass_eras(THAW_ERAS - 1);
		assert_noop!(withdraw_own(10), Error::<Test>::NothingDue);
		pass_eras(1);
		assert_ok!(withdraw_own(10));
		assert_eq!(Balances::free_balance(10), GENESIS - 40 * GRM);
	});
}

#[test]
fn thaw_of_own_stake_is_refused_when_it_is_too_little_or_too_much() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(back(10, 10 * GRM));
		for amount in [0, 1, GRM - 1, 9 * GRM + 1] {
			assert_noop!(thaw_own(10, amount), Error::<Test>::BelowMinimum);
		}
		assert_noop!(thaw_own(10, 10 * GRM + 1), Error::<Test>::NotEnoughActive);
		assert_noop!(thaw_own(11, GRM), Error::<Test>::NotEnoughActive);
		assert_noop!(withdraw_own(11), Error::<Test>::NothingDue);
	});
}

#[test]
fn ninth_entry_of_own_stake_joins_the_newest() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(back(10, 100 * GRM));
		for _ in 0..=THAWS_MAX {
			assert_ok!(thaw_own(10, GRM));
			pass_eras(1);
		}
		let thawing = operator_of(10).own.thawing;
		assert_eq!(thawing.len() as u32, THAWS_MAX);
		let newest = thawing.last().expect("eight");
		let due = FIRST_ERA + THAWS_MAX + THAW_ERAS;
		assert_eq!((newest.amount, newest.due), (2 * GRM, due));
	});
}

#[test]
fn lock_on_the_whole_balance_shields_no_stake() {
	ExtBuilder::default().build_and_execute(|| {
		open_operator(10, 100 * GRM);
		assert_ok!(delegate(11, 10, 100 * GRM));
		for who in [10, 11] {
			Balances::set_lock(*b"gr/votes", &who, Balance::MAX, WithdrawReasons::all());
		}
		assert_eq!(slash(10, FIRST_ERA, 150 * GRM), (100 * GRM, 50 * GRM));
		settle(10, &[11]);
		assert_eq!((held(10), delegated(11, 10)), (0, (50 * GRM, 0)));
		assert_eq!(Burned::get(), 150 * GRM);
	});
}

#[test]
fn commission_rises_by_five_points_after_its_notice() {
	ExtBuilder::default().build_and_execute(|| {
		open_operator(10, 100 * GRM);
		for percent in [6, 50, 51, 100] {
			assert_noop!(announce(10, percent), Error::<Test>::CommissionRise);
		}
		assert_ok!(announce(10, 5));
		System::assert_last_event(
			Event::CommissionAnnounced {
				operator: 10,
				share: Scale::from_percent(5),
				era: FIRST_ERA + COMMISSION_NOTICE_ERAS,
			}
			.into(),
		);
		pass_eras(COMMISSION_NOTICE_ERAS - 1);
		assert_eq!(commission(10), Scale::ZERO);
		assert_noop!(announce(10, 10), Error::<Test>::CommissionRise);
		pass_eras(1);
		assert_eq!(commission(10), Scale::from_percent(5));
		assert_ok!(announce(10, 10));
		assert_eq!(commission(10), Scale::from_percent(5), "the former one holds until then");
		assert_ok!(announce(10, 3));
		assert_eq!(commission(10), Scale::from_percent(3), "less holds at once");
		pass_eras(COMMISSION_NOTICE_ERAS);
		assert_eq!(commission(10), Scale::from_percent(3), "what was announced is dropped");
		assert_noop!(announce(11, 1), Error::<Test>::UnknownOperator);
	});
}

#[test]
fn only_operators_open_pools() {
	ExtBuilder::default().build_and_execute(|| {
		let set_open =
			|operator, is_open| Stake::set_open(RuntimeOrigin::signed(operator), is_open);
		assert_noop!(set_open(10, true), Error::<Test>::UnknownOperator);
		assert_ok!(back(10, 100 * GRM));
		assert_noop!(delegate(11, 10, 10 * GRM), Error::<Test>::PoolClosed);
		assert_ok!(set_open(10, true));
		System::assert_last_event(Event::PoolOpened { operator: 10, is_open: true }.into());
		assert_ok!(delegate(11, 10, 10 * GRM));
		assert_ok!(set_open(10, false));
		assert_noop!(delegate(11, 10, 10 * GRM), Error::<Test>::PoolClosed);
		assert_ok!(undelegate(11, 10, None));
	});
}

#[test]
fn only_signed_callers_back_anyone() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			let refused = DispatchError::BadOrigin;
			assert_noop!(Stake::delegate(origin.clone(), 10, GRM), refused);
			assert_noop!(Stake::undelegate(origin.clone(), 10, None), refused);
			assert_noop!(Stake::withdraw_delegated(origin.clone(), 10), refused);
			assert_noop!(Stake::claim(origin.clone(), 10, 11), refused);
			assert_noop!(Stake::settle(origin.clone(), 10, Default::default()), refused);
			assert_noop!(Stake::announce_commission(origin.clone(), Scale::ZERO), refused);
			assert_noop!(Stake::set_open(origin, true), refused);
		}
	});
}
