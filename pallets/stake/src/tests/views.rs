//! What the runtime API answers.

use frame_support::{assert_ok, storage::unhashed};
use groma_core::{
	api::{DelegationInfo, ThawingInfo},
	money::{Balance, GRM},
	protocol::{COMMISSION_NOTICE_ERAS, PAGE_LENGTH_MAX, THAW_ERAS},
	units::Scale,
};
use groma_fakes::FirstOpenEpoch;

use crate::{Delegations, Operators, Tranches, mock::*};

/// 10 has 100 GRM of its own, and 11 delegates 100 GRM to it.
fn with_delegation(test: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		open_operator(10, 100 * GRM);
		assert_ok!(delegate(11, 10, 100 * GRM));
		test();
	});
}

/// The only delegation of an account.
fn only(who: AccountId) -> DelegationInfo<AccountId> {
	let page = Stake::delegations_of(&who, None);
	assert!(page.unreadable.is_empty() && page.next.is_none());
	let [info] = &page.delegations[..] else { panic!("{page:?}") };
	info.clone()
}

#[test]
fn backing_is_what_stands_behind_an_operator_and_what_it_is_owed() {
	with_delegation(|| {
		assert_ok!(thaw_own(10, 40 * GRM));
		assert_eq!(reward(10, 16 * GRM), 16 * GRM);
		let origin = RuntimeOrigin::signed(10);
		assert_ok!(Stake::announce_commission(origin, Scale::from_percent(5)));
		let info = Stake::backing_info(&10).expect("it decodes");
		assert_eq!((info.own, info.delegated, info.delegations), (60 * GRM, 100 * GRM, 1));
		let due = FIRST_ERA + THAW_ERAS;
		assert_eq!(info.thawing, [ThawingInfo { due, amount: 40 * GRM }]);
		assert_eq!((info.owed, info.withdrawable, info.is_open), (6 * GRM, 0, true));
		assert_eq!(info.commission, Scale::ZERO);
		let next = info.next_commission.expect("it is announced");
		assert_eq!(next.share, Scale::from_percent(5));
		assert_eq!(next.era, FIRST_ERA + COMMISSION_NOTICE_ERAS);
		pass_eras(COMMISSION_NOTICE_ERAS);
		let info = Stake::backing_info(&10).expect("it decodes");
		assert_eq!((info.commission, info.next_commission), (Scale::from_percent(5), None));
		let terms = Stake::pool_terms(&10).expect("it decodes");
		assert_eq!((terms.commission, terms.is_open), (Scale::from_percent(5), true));
	});
}

#[test]
fn yields_are_those_of_the_last_seven_epochs_after_the_commission() {
	with_delegation(|| {
		let origin = RuntimeOrigin::signed(10);
		assert_ok!(Stake::announce_commission(origin, Scale::from_percent(5)));
		pass_eras(COMMISSION_NOTICE_ERAS);
		let first = Epoch::get();
		for _ in 0..9 {
			// 1.9 of 200 GRM.
			assert_eq!(reward(10, 2 * GRM), 2 * GRM);
			Epoch::set(&(Epoch::get() + 1));
			FirstOpenEpoch::set(&Epoch::get());
		}
		let info = Stake::backing_info(&10).expect("it decodes");
		let epochs: Vec<_> = info.yields.iter().map(|it| it.epoch).collect();
		assert!(epochs.into_iter().eq(first + 2..first + 9));
		assert!(info.yields.iter().all(|it| it.billionths == 9_500_000));
		assert_eq!(only(11).recent_yield, 7 * 9_500_000);
		FirstOpenEpoch::set(&(first + 14));
		let terms = Stake::pool_terms(&10).expect("it decodes");
		assert_eq!(terms.recent_yield, 2 * 9_500_000);
	});
}

#[test]
fn backing_of_an_account_that_never_validated_is_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let info = Stake::backing_info(&12).expect("nothing is damaged");
		assert_eq!((info.own, info.delegated, info.owed), (0, 0, 0));
		assert!(info.thawing.is_empty() && info.pending.is_empty() && !info.is_open);
	});
}

#[test]
fn own_stake_that_a_waiting_slash_concerns_is_not_withdrawable() {
	with_delegation(|| {
		assert_ok!(thaw_own(10, 40 * GRM));
		pass_eras(THAW_ERAS);
		let withdrawable = || Stake::backing_info(&10).map(|info| info.withdrawable);
		assert_eq!(withdrawable(), Some(40 * GRM));
		pend(10, FIRST_ERA);
		assert_eq!(withdrawable(), Some(0));
		assert_eq!(Stake::backing_info(&10).map(|info| info.pending), Some(vec![FIRST_ERA]));
		release(10, FIRST_ERA);
		assert_ok!(withdraw_own(10));
		assert_eq!(withdrawable(), Some(0));
	});
}

#[test]
fn delegation_is_shown_as_settling_would_leave_it() {
	with_delegation(|| {
		assert_ok!(undelegate(11, 10, Some(40 * GRM)));
		assert_eq!(reward(10, 16 * GRM), 16 * GRM);
		// The own stake pays first, and then what is delegated, by sizes.
		assert_eq!(slash(10, FIRST_ERA, 150 * GRM), (100 * GRM, 50 * GRM));
		let info = only(11);
		let due = FIRST_ERA + THAW_ERAS;
		assert_eq!((info.operator, info.active), (10, 30 * GRM));
		assert_eq!(info.thawing, [ThawingInfo { due, amount: 20 * GRM }]);
		assert_eq!((info.owed, info.unsettled, info.withdrawable), (6 * GRM, 50 * GRM, 0));
		settle(10, &[11]);
		assert_eq!(only(11), DelegationInfo { unsettled: 0, ..info });
	});
}

#[test]
fn delegated_stake_that_is_withdrawable_is_what_a_withdrawal_releases() {
	with_delegation(|| {
		assert_ok!(undelegate(11, 10, Some(40 * GRM)));
		pass_eras(1);
		assert_ok!(undelegate(11, 10, Some(20 * GRM)));
		pass_eras(THAW_ERAS);
		assert_eq!(only(11).withdrawable, 60 * GRM);
		pend(10, FIRST_ERA + 1);
		assert_eq!(only(11).withdrawable, 40 * GRM);
		let free = || Balances::free_balance(11);
		let before: Balance = free();
		assert_ok!(withdraw_delegated(11, 10));
		assert_eq!(free() - before, 40 * GRM);
		assert_eq!((only(11).withdrawable, only(11).thawing.len()), (0, 1));
		release(10, FIRST_ERA + 1);
	});
}

#[test]
fn pages_of_delegations_follow_one_another() {
	ExtBuilder::default().build().execute_with(|| {
		assert_eq!(Stake::delegations_of(&11, None).next, None);
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), 11, 100_000 * GRM));
		let operators = 1_000..1_000 + PAGE_LENGTH_MAX as AccountId + 1;
		for operator in operators.clone() {
			assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), operator, 10 * GRM));
			open_operator(operator, GRM);
			assert_ok!(delegate(11, operator, 10 * GRM));
		}
		let first = Stake::delegations_of(&11, None);
		assert_eq!(first.delegations.len(), PAGE_LENGTH_MAX);
		assert_eq!(first.next, first.delegations.last().map(|info| info.operator));
		let second = Stake::delegations_of(&11, first.next);
		assert_eq!((second.delegations.len(), second.next), (1, None));
		let both = first.delegations.iter().chain(&second.delegations);
		let mut seen: Vec<AccountId> = both.map(|info| info.operator).collect();
		seen.sort_unstable();
		assert!(seen.into_iter().eq(operators));
	});
}

#[test]
fn delegation_that_cannot_be_read_is_named() {
	with_delegation(|| {
		open_operator(12, 100 * GRM);
		assert_ok!(delegate(11, 12, 50 * GRM));
		assert_ok!(undelegate(11, 10, Some(40 * GRM)));
		for key in [
			Delegations::<Test>::hashed_key_for(11, 10),
			Operators::<Test>::hashed_key_for(10),
			Tranches::<Test>::hashed_key_for(10, FIRST_ERA),
		] {
			let good = unhashed::get_raw(&key).expect("there is a value");
			unhashed::put_raw(&key, &[7]);
			let page = Stake::delegations_of(&11, None);
			assert_eq!(page.unreadable, [10]);
			let readable: Vec<_> = page.delegations.iter().map(|info| info.operator).collect();
			assert_eq!(readable, [12]);
			unhashed::put_raw(&key, &good);
		}
		let key = Operators::<Test>::hashed_key_for(10);
		let good = unhashed::get_raw(&key).expect("there is a value");
		unhashed::put_raw(&key, &[7]);
		assert_eq!((Stake::backing_info(&10), Stake::pool_terms(&10)), (None, None));
		unhashed::put_raw(&key, &good);
	});
}
