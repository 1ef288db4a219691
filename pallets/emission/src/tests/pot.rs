//! What is minted when an epoch is closed, and what the pot pays.

use groma_core::{
	emission,
	money::{Balance, EMISSION_TOTAL, GRM},
	units::Scale,
};
use groma_traits::Emission as _;

use crate::{EmissionClock, EmissionSplit, Shares, mock::*};

#[test]
fn only_the_treasury_is_paid_when_no_one_works() {
	ExtBuilder.build_and_execute(|| {
		pass_hours(18);
		let emitted = emission::cumulative(18 * HOUR_MS);
		let treasury = Scale::from_percent(16).of(emitted);
		assert_eq!(balance(TREASURY), treasury - EXISTENTIAL_DEPOSIT);
		assert_eq!(balance(Emission::pot()), EXISTENTIAL_DEPOSIT);
		assert_eq!(books().unminted, emitted - treasury);

		pass_hours(24);
		assert_eq!(balance(Emission::pot()), EXISTENTIAL_DEPOSIT, "the pot is endowed once");
	});
}

#[test]
fn nothing_is_minted_for_anyone_when_the_treasury_cannot_endow_the_pot() {
	ExtBuilder.build_and_execute(|| {
		let shares = Shares {
			supply: Scale::ONE,
			validators: Scale::ZERO,
			treasury: Scale::ZERO,
			collectors: Scale::ZERO,
		};
		Split::set(&EmissionSplit::new(shares).expect("the sum is 100 %"));
		SupplyPart::set(&Scale::ONE);
		pass_hours(18);
		assert_eq!((books().minted, books().reserve), (0, 0));
		assert_eq!(Closed::get(), vec![FIRST_EPOCH], "the epoch is closed all the same");
	});
}

#[test]
fn what_a_pool_does_not_mint_flows_to_no_other() {
	ExtBuilder.build_and_execute(|| {
		SupplyPart::set(&Scale::from_percent(40));
		pass_hours(18);
		let emitted = emission::cumulative(18 * HOUR_MS);
		let supply = Scale::from_percent(40).of(Scale::from_percent(50).of(emitted));
		let treasury = Scale::from_percent(16).of(emitted);
		assert_eq!(books().minted, supply + treasury);
		assert_eq!(books().unminted, emitted - supply - treasury);
		assert_eq!(OwedToSupply::get(), supply);
	});
}

#[test]
fn what_is_taken_back_counts_as_never_minted() {
	ExtBuilder.build_and_execute(|| {
		SupplyPart::set(&Scale::ONE);
		pass_hours(18);
		let (minted, unminted) = (books().minted, books().unminted);
		forgo_supply(GRM);
		assert_eq!(books().minted, minted - GRM);
		assert_eq!(books().unminted, unminted + GRM);
	});
}

#[test]
fn pot_pays_no_one_whose_account_the_amount_would_not_open() {
	ExtBuilder.build_and_execute(|| {
		SupplyPart::set(&Scale::ONE);
		pass_hours(18);
		assert!(!pay_supply(777, EXISTENTIAL_DEPOSIT - 1));
		assert!(pay_supply(777, EXISTENTIAL_DEPOSIT));
		assert_eq!(balance(777), EXISTENTIAL_DEPOSIT);
		assert_eq!(Emission::pay(&778, 0), Ok(()));
	});
}

#[test]
fn pot_outlives_the_last_payment() {
	ExtBuilder.build_and_execute(|| {
		SupplyPart::set(&Scale::ONE);
		pass_hours(18);
		assert!(pay_supply(1, OwedToSupply::get()));
		assert_eq!(balance(Emission::pot()), EXISTENTIAL_DEPOSIT);
		assert!(Emission::pay(&1, 1).is_err(), "its own deposit belongs to no one");
	});
}

#[test]
fn nothing_is_minted_that_would_lift_the_issuance_above_its_cap() {
	ExtBuilder.build_and_execute(|| {
		SupplyPart::set(&Scale::ONE);
		let emitted = emission::cumulative(18 * HOUR_MS);
		let treasury = Scale::from_percent(16).of(emitted);
		SupplyMax::set(&(GENESIS + treasury));
		pass_hours(18);
		assert_eq!((books().minted, OwedToSupply::get()), (treasury, 0));
		assert_eq!(books().unminted, emitted - treasury);

		pass_hours(24);
		assert_eq!(Balances::total_issuance(), SupplyMax::get());
	});
}

#[test]
fn no_more_is_minted_than_the_schedule_emits_when_its_clock_is_lost() {
	ExtBuilder.build().execute_with(|| {
		SupplyPart::set(&Scale::ONE);
		CollectorsPart::set(&Scale::ONE);
		SupplyMax::set(&Balance::MAX);
		// An epoch of ten years, in which the schedule emits 31 of 32 parts, again and again.
		let clock = EmissionClock { started_ms: 0, epoch_length_ms: 3_650 * DAY_MS, open: 0 };
		for _ in 0..4 {
			Emission::close_until(clock, 1);
			assert!(books().minted <= EMISSION_TOTAL);
			assert_eq!(Balances::total_issuance(), GENESIS + books().minted);
		}
		assert!(books().minted > EMISSION_TOTAL / 10 * 9, "the bound was not reached");
	});
}

#[test]
fn genesis_is_refused_when_it_issues_more_than_it_may() {
	for issued in [GENESIS, GENESIS / 2] {
		found(issued).execute_with(|| assert_eq!(books().genesis, issued));
	}
	assert!(std::panic::catch_unwind(|| found(GENESIS + 1)).is_err());
}
