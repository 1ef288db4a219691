//! Minting, taking, putting, spending, fees.

use frame_support::{assert_noop, assert_ok};
use groma_core::money::{Balance, CREDITS_MAX, GRM, Price};
use groma_traits::CreditAccounts;
use sp_runtime::TokenError;

use crate::{Error, Event, mock::*};

#[test]
fn credits_are_minted_for_what_is_burned() {
	ExtBuilder.build_and_execute(|| {
		// USD 1 at USD 0.10 per GRM.
		assert_ok!(mint(10, 100_000));
		assert_eq!(held(10), (100_000, 10 * GRM));
		assert_eq!(Balances::free_balance(10), GENESIS - 10 * GRM);
		assert_eq!(DataCredits::books().outstanding(), (100_000, 10 * GRM));
		System::assert_last_event(
			Event::CreditsMinted { account: 10, credits: 100_000, burned: 10 * GRM }.into(),
		);
	});
}

#[test]
fn burn_is_rounded_up() {
	ExtBuilder.build_and_execute(|| {
		MintPrice::set(&3_000_000_000);
		assert_ok!(mint(10, 10_000));
		assert_eq!(held(10), (10_000, 33_333_333_334));
	});
}

#[test]
fn bases_of_two_prices_are_added() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(mint(10, 100_000));
		MintPrice::set(&1_000_000_000);
		assert_ok!(mint(10, 100_000));
		assert_eq!(held(10), (200_000, 11 * GRM));
	});
}

#[test]
fn nothing_is_minted_when_the_price_is_stale() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(mint(10, 10_000));
		MintPrice::set(&0);
		assert_noop!(mint(10, 10_000), Error::<Test>::PriceStale);
		// What is there can be spent.
		let lot = DataCredits::take(&10, 10_000).expect("they are there");
		assert_eq!(DataCredits::burn(lot), (10_000, GRM));
	});
}

#[test]
fn nothing_is_minted_above_the_limit_of_the_caller() {
	ExtBuilder.build_and_execute(|| {
		let mint =
			|burn_max| DataCredits::mint_credits(RuntimeOrigin::signed(10), 10_000, burn_max);
		assert_noop!(mint(GRM - 1), Error::<Test>::BurnAboveLimit);
		assert_ok!(mint(GRM));
	});
}

#[test]
fn too_few_and_too_many_credits_are_refused() {
	ExtBuilder.build_and_execute(|| {
		MintPrice::set(&Price::MAX.nano_usd());
		assert_noop!(mint(10, 9_999), Error::<Test>::TooFewCredits);
		assert_noop!(mint(10, CREDITS_MAX + 1), Error::<Test>::TooManyCredits);
		// 10^17 credits at USD 1,000,000 cost 1,000,000 GRM: the account keeps a deposit.
		assert_noop!(mint(10, CREDITS_MAX), TokenError::FundsUnavailable);
		assert_ok!(mint(10, CREDITS_MAX / 2));
		assert_noop!(mint(10, CREDITS_MAX / 2 + 1), Error::<Test>::TooManyCredits);
	});
}

#[test]
fn nothing_is_minted_that_the_account_cannot_pay() {
	ExtBuilder.build_and_execute(|| {
		MintPrice::set(&Price::MIN.nano_usd());
		assert_noop!(mint(10, CREDITS_MAX), TokenError::FundsUnavailable);
		assert_noop!(mint(99, 10_000), TokenError::FundsUnavailable);
	});
}

#[test]
fn only_signed_callers_mint() {
	ExtBuilder.build_and_execute(|| {
		let call = DataCredits::mint_credits(RuntimeOrigin::root(), 10_000, Balance::MAX);
		assert_noop!(call, sp_runtime::DispatchError::BadOrigin);
	});
}

#[test]
fn lot_that_was_taken_returns_with_its_basis() {
	ExtBuilder.build_and_execute(|| {
		MintPrice::set(&3_000_000_000);
		assert_ok!(mint(10, 10_000));
		let lot = DataCredits::take(&10, 3_333).expect("they are there");
		assert_eq!((lot.credits(), lot.basis()), (3_333, 11_110_000_000));
		assert_eq!(held(10), (6_667, 22_223_333_334));
		assert!(DataCredits::put(&10, lot).is_ok());
		assert_eq!(held(10), (10_000, 33_333_333_334));
	});
}

#[test]
fn entry_is_removed_when_nothing_is_left() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(mint(10, 10_000));
		let lot = DataCredits::take(&10, 10_000).expect("they are there");
		assert!(!crate::Accounts::<Test>::contains_key(10));
		DataCredits::burn(lot);
		let too_many = DataCredits::take(&10, 1).map(|lot| lot.spend());
		assert_eq!(too_many, Err(Error::<Test>::NotEnoughCredits.into()));
		assert!(!crate::Accounts::<Test>::contains_key(10));
	});
}

#[test]
fn basis_is_kept_to_the_planck_at_both_ends_of_the_price() {
	for (nano_usd, credits) in [(Price::MIN.nano_usd(), 10_000), (Price::MAX.nano_usd(), 10_007)] {
		ExtBuilder.build_and_execute(|| {
			MintPrice::set(&nano_usd);
			assert_ok!(mint(10, credits));
			let (_, burned) = held(10);
			let mut sum = 0;
			for part in [1, 3_333, credits - 3_335] {
				let lot = DataCredits::take(&10, part).expect("they are there");
				sum += DataCredits::burn(lot).1;
			}
			let last = DataCredits::take(&10, 1).expect("the last");
			sum += DataCredits::burn(last).1;
			assert_eq!(sum, burned);
			assert_eq!(DataCredits::books().outstanding(), (0, 0));
		});
	}
}

#[test]
fn constants_fit_each_other() {
	use frame_support::traits::Hooks;
	<DataCredits as Hooks<u64>>::integrity_test();
}

#[test]
fn lot_returns_when_the_account_is_full() {
	ExtBuilder.build_and_execute(|| {
		MintPrice::set(&Price::MAX.nano_usd());
		assert_ok!(mint(10, CREDITS_MAX / 2));
		assert_ok!(mint(11, CREDITS_MAX / 2 + 10_000));
		let lot = DataCredits::take(&11, CREDITS_MAX / 2 + 1).expect("they are there");
		let lot = DataCredits::put(&10, lot).expect_err("one too many");
		assert!(DataCredits::put(&11, lot).is_ok());
	});
}

#[test]
fn fee_is_taken_from_credits_else_burned_at_the_last_price() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(mint(10, 60_000));
		MintPrice::set(&0);
		LastGood::set(&200_000_000);
		assert_ok!(DataCredits::charge_fee(&10, 50_000));
		assert_eq!(held(10), (10_000, GRM));
		System::assert_last_event(
			Event::FeeCharged { account: 10, credits: 50_000, burned: 0 }.into(),
		);
		// Too few are left: USD 0.50 at USD 0.20 per GRM.
		let before = Balances::free_balance(10);
		assert_ok!(DataCredits::charge_fee(&10, 50_000));
		assert_eq!(held(10), (10_000, GRM));
		assert_eq!(before - Balances::free_balance(10), 5 * GRM / 2);
		System::assert_last_event(
			Event::FeeCharged { account: 10, credits: 50_000, burned: 5 * GRM / 2 }.into(),
		);
		assert_noop!(DataCredits::charge_fee(&99, 50_000), TokenError::FundsUnavailable);
		assert_ok!(DataCredits::charge_fee(&99, 0));
	});
}
