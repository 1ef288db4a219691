//! What operators and those who delegate to them earn.

use frame_support::{assert_noop, assert_ok};
use groma_core::{
	money::{Balance, GRM},
	protocol::{COMMISSION_NOTICE_ERAS, THAW_ERAS},
	units::Scale,
};
use groma_traits::Backing;

use crate::{Error, Event, Operators, mock::*};

/// 10 has 100 GRM of its own, 11 and 12 delegate 200 and 100 GRM to it.
fn with_pool(test: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		open_operator(10, 100 * GRM);
		assert_ok!(delegate(11, 10, 200 * GRM));
		assert_ok!(delegate(12, 10, 100 * GRM));
		test();
	});
}

/// What accounts are paid when they claim.
fn paid<const N: usize>(accounts: [AccountId; N]) -> [Balance; N] {
	accounts.map(|who| {
		let before = Balances::free_balance(who);
		assert_ok!(claim(10, who));
		Balances::free_balance(who) - before
	})
}

#[test]
fn reward_is_divided_by_stake_and_paid_from_the_pot() {
	with_pool(|| {
		assert_eq!(reward(10, 40 * GRM), 40 * GRM);
		assert_eq!(Stake::owed_to(&11, &10), Some(20 * GRM));
		assert_eq!(<Stake as Backing<AccountId>>::owed(), 40 * GRM);
		assert_eq!(paid([10, 11, 12]), [10 * GRM, 20 * GRM, 10 * GRM]);
		System::assert_last_event(
			Event::RewardClaimed { operator: 10, account: 12, amount: 10 * GRM }.into(),
		);
		assert_eq!(<Stake as Backing<AccountId>>::owed(), 0);
		for who in [10, 11, 12] {
			assert_noop!(claim(10, who), Error::<Test>::NothingOwed);
		}
		// Rewards are liquid: no stake grew.
		assert_eq!(<Stake as Backing<AccountId>>::of(&10).total, 400 * GRM);
	});
}

#[test]
fn commission_goes_first() {
	with_pool(|| {
		let share = Scale::from_percent(5);
		assert_ok!(Stake::announce_commission(RuntimeOrigin::signed(10), share));
		pass_eras(COMMISSION_NOTICE_ERAS);
		assert_eq!(reward(10, 40 * GRM), 40 * GRM);
		// 5 % of 40 GRM, and a quarter of the rest.
		let expected = [11_500 * GRM / 1_000, 19 * GRM, 9_500 * GRM / 1_000];
		assert_eq!(paid([10, 11, 12]), expected);
		// A lower bound holds at once.
		CommissionMax::set(&Scale::ZERO);
		assert_eq!(reward(10, 40 * GRM), 40 * GRM);
		assert_eq!(paid([10, 11, 12]), [10 * GRM, 20 * GRM, 10 * GRM]);
	});
}

#[test]
fn those_who_delegate_earn_nothing_when_the_commission_is_all() {
	with_pool(|| {
		CommissionMax::set(&Scale::ONE);
		for percent in (5..=100).step_by(5) {
			let share = Scale::from_percent(percent);
			assert_ok!(Stake::announce_commission(RuntimeOrigin::signed(10), share));
			pass_eras(COMMISSION_NOTICE_ERAS);
		}
		assert_eq!(reward(10, 40 * GRM), 40 * GRM);
		assert_eq!(paid([10]), [40 * GRM]);
		for who in [11, 12] {
			assert_noop!(claim(10, who), Error::<Test>::NothingOwed);
		}
		// The bound that a vote lowers holds at once.
		CommissionMax::set(&Scale::from_percent(50));
		assert_eq!(reward(10, 40 * GRM), 40 * GRM);
		assert_eq!(paid([10, 11, 12]), [25 * GRM, 10 * GRM, 5 * GRM]);
	});
}

#[test]
fn reward_counts_from_joining_to_leaving() {
	with_pool(|| {
		assert_eq!(reward(10, 40 * GRM), 40 * GRM);
		assert_ok!(delegate(13, 10, 100 * GRM));
		assert_ok!(undelegate(11, 10, None));
		assert_eq!(reward(10, 30 * GRM), 30 * GRM);
		assert_eq!(paid([10, 11, 12, 13]), [20 * GRM, 20 * GRM, 20 * GRM, 10 * GRM]);
	});
}

#[test]
fn nothing_is_taken_when_no_stake_is_active() {
	with_pool(|| {
		assert_eq!(reward(13, 40 * GRM), 0);
		assert_ok!(thaw_own(10, 100 * GRM));
		assert_eq!(reward(10, 30 * GRM), 30 * GRM);
		for who in [11, 12] {
			assert_ok!(undelegate(who, 10, None));
		}
		assert_eq!(reward(10, 40 * GRM), 0);
		assert_noop!(claim(10, 10), Error::<Test>::NothingOwed);
		assert_eq!(paid([11, 12]), [20 * GRM, 10 * GRM]);
	});
}

#[test]
fn reward_stays_owed_when_its_owner_and_operator_are_gone() {
	with_pool(|| {
		assert_eq!(reward(10, 40 * GRM), 40 * GRM);
		for who in [11, 12] {
			assert_ok!(undelegate(who, 10, None));
		}
		assert_ok!(thaw_own(10, 100 * GRM));
		pass_eras(THAW_ERAS);
		assert_ok!(withdraw_own(10));
		for who in [11, 12] {
			assert_ok!(withdraw_delegated(who, 10));
		}
		assert_eq!(paid([12, 10, 11]), [10 * GRM, 10 * GRM, 20 * GRM]);
		assert!(!Operators::<Test>::contains_key(10), "the last claim took it along");
		assert_noop!(claim(10, 10), Error::<Test>::NothingOwed);
		assert_noop!(claim(10, 11), Error::<Test>::NoDelegation);
	});
}

#[test]
fn reward_waits_when_the_account_is_gone_and_it_does_not_open_one() {
	with_pool(|| {
		assert_eq!(reward(10, GRM / 1_000), GRM / 1_000);
		assert_ok!(undelegate(11, 10, None));
		pass_eras(THAW_ERAS);
		assert_ok!(withdraw_delegated(11, 10));
		assert_ok!(Balances::transfer_all(RuntimeOrigin::signed(11), 17, false));
		assert_noop!(claim(10, 11), Error::<Test>::CannotReceive);
		assert_eq!(Stake::owed_to(&11, &10), Some(GRM / 2_000));
		assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(17), 11, GRM));
		assert_ok!(claim(10, 11));
	});
}
