//! What claims of services mint.

use groma_core::{
	money::{Balance, GRM},
	units::Scale,
};
use groma_traits::Emission as _;

use crate::{Event, Kept, Reminting, mock::*};

/// What was reminted in epochs with these claims, of which nothing is left for validators.
fn reminting(minted: Balance, bases: Balance) -> Reminting {
	let kept = Kept { epoch: FIRST_EPOCH + 1, ..Kept::default() };
	Reminting { minted, bases, kept }
}

#[test]
fn claim_mints_out_of_what_was_burned_for_it() {
	ExtBuilder.build_and_execute(|| {
		pass_hours(18);
		burn(10 * GRM);
		assert!(remint(9 * GRM, 10 * GRM));
		assert_eq!(Emission::reminted(), reminting(9 * GRM, 10 * GRM));
		assert_eq!(Emission::burned(), 10 * GRM);
		assert_eq!(Emission::pay(&1, 9 * GRM), Ok(()));
		OwedToCollectors::set(&0);
		assert_eq!(balance(1), GENESIS - GRM);
	});
}

#[test]
fn nothing_is_minted_above_the_bases_of_all_claims() {
	ExtBuilder.build_and_execute(|| {
		pass_hours(18);
		burn(10 * GRM);
		assert!(remint(4 * GRM, 5 * GRM));
		// A fault elsewhere asks for more than a planck above all bases.
		assert!(!remint(2 * GRM + 1, GRM));
		assert_eq!(Emission::reminted(), reminting(4 * GRM, 5 * GRM));
		assert!(remint(2 * GRM, GRM));
		assert!(remint(0, GRM));
		assert_eq!(Emission::reminted(), reminting(6 * GRM, 7 * GRM));
	});
}

#[test]
fn nothing_is_minted_for_a_claim_that_the_pot_cannot_take() {
	ExtBuilder.build_and_execute(|| {
		// The treasury had nothing at genesis, so the pot has no deposit until an epoch
		// closes.
		burn(GRM);
		assert!(!remint(EXISTENTIAL_DEPOSIT - 1, GRM));
		assert_eq!(Emission::reminted(), Reminting::default());
		assert!(remint(EXISTENTIAL_DEPOSIT, GRM));
		pass_hours(18);
		assert!(remint(1, GRM));
	});
}

#[test]
fn first_claim_is_minted_however_small_if_the_treasury_gave_the_pot_its_deposit() {
	let mut chain = found_among(vec![(1, GENESIS - GRM), (TREASURY, GRM)]);
	chain.execute_with(|| {
		block_at(START_MS);
		assert_eq!(balance(TREASURY), GRM - EXISTENTIAL_DEPOSIT);
		burn(GRM);
		assert!(remint(1, GRM));
		assert_eq!(balance(Emission::pot()), EXISTENTIAL_DEPOSIT + 1);
		pass_hours(18);
		let treasury = balance(TREASURY);
		assert_eq!(books().reserve, EXISTENTIAL_DEPOSIT);
		assert!(treasury > GRM, "its share is whole: {treasury}");
		check();
	});
}

#[test]
fn nothing_is_minted_for_a_claim_above_the_cap_of_the_issuance() {
	ExtBuilder.build_and_execute(|| {
		pass_hours(18);
		burn(GRM);
		SupplyMax::set(&(Balances::total_issuance() + GRM - 1));
		assert!(!remint(GRM, GRM));
		assert!(remint(GRM - 1, GRM));
	});
}

#[test]
fn every_term_of_the_books_is_shown() {
	ExtBuilder.build_and_execute(|| {
		pass_hours(18);
		burn(10 * GRM);
		assert!(remint(9 * GRM, 10 * GRM));
		let supply = Emission::supply_info().expect("the books can be read");
		assert!(supply.is_balanced(), "{supply:?}");
		assert_eq!((supply.reminted, supply.claimed_basis), (9 * GRM, 10 * GRM));
		assert_eq!((supply.burned, supply.issuance), (10 * GRM, Balances::total_issuance()));
		assert!(supply.minted > 0 && supply.pot >= 9 * GRM + supply.reserve, "{supply:?}");
	});
}

#[test]
fn what_claims_leave_for_validators_is_minted_when_their_epoch_closes() {
	ExtBuilder.build_and_execute(|| {
		ValidatorsPart::set(&Scale::ONE);
		burn(20 * GRM);
		assert!(remint_and_keep(9 * GRM, GRM / 2, 10 * GRM));
		assert!(remint_and_keep(8 * GRM, GRM / 4, 10 * GRM));
		assert_eq!(Emission::reminted().minted, 17 * GRM);
		assert_eq!(Emission::reminted().kept.total(), 3 * GRM / 4);
		pass_hours(18);
		assert_eq!(OwedToValidators::get(), 3 * GRM / 4);
		assert_eq!(Emission::reminted().minted, 17 * GRM + 3 * GRM / 4);
		assert_eq!(Emission::reminted().kept.total(), 0);
		let (emitted, minted) = (books().minted + books().unminted, books().minted);
		let for_validators = 3 * GRM / 4;
		let epoch = FIRST_EPOCH;
		System::assert_last_event(
			Event::EpochClosed { epoch, emitted, minted, for_validators, reminted: for_validators }
				.into(),
		);
	});
}

#[test]
fn what_validators_do_not_take_is_not_minted() {
	ExtBuilder.build_and_execute(|| {
		ValidatorsPart::set(&Scale::from_percent(40));
		burn(10 * GRM);
		assert!(remint_and_keep(9 * GRM, GRM / 2, 10 * GRM));
		pass_hours(18);
		assert_eq!(OwedToValidators::get(), GRM / 5);
		assert_eq!(Emission::reminted().minted, 9 * GRM + GRM / 5);
		assert_eq!(Balances::total_issuance() + 10 * GRM, GENESIS + books().minted + 46 * GRM / 5);
		pass_hours(24);
		assert_eq!(OwedToValidators::get(), GRM / 5, "the rest is for no later epoch");
	});
}

#[test]
fn claim_after_midnight_is_of_the_epoch_that_begins() {
	ExtBuilder.build_and_execute(|| {
		ValidatorsPart::set(&Scale::ONE);
		burn(20 * GRM);
		assert!(remint_and_keep(9 * GRM, GRM / 2, 10 * GRM));
		// The first block of the next epoch: the one before is not closed yet.
		block_at(START_MS + 18 * HOUR_MS);
		assert!(remint_and_keep(9 * GRM, GRM / 4, 10 * GRM));
		let kept = Kept { epoch: FIRST_EPOCH + 1, in_epoch: GRM / 4, before: GRM / 2 };
		assert_eq!(Emission::reminted().kept, kept);
		block_at(START_MS + 18 * HOUR_MS + 6_000);
		assert_eq!(OwedToValidators::get(), GRM / 2);
		assert_eq!(Emission::reminted().kept, Kept { before: 0, ..kept });
		check();
		pass_hours(24);
		assert_eq!(OwedToValidators::get(), 3 * GRM / 4);
	});
}

#[test]
fn what_is_kept_counts_as_if_it_were_minted() {
	ExtBuilder.build_and_execute(|| {
		pass_hours(18);
		burn(10 * GRM);
		assert!(remint_and_keep(4 * GRM, GRM, 5 * GRM));
		// A fault elsewhere asks for a planck above all bases.
		assert!(!remint_and_keep(GRM, 1, GRM));
		assert!(!remint_and_keep(1, GRM, GRM));
		assert_eq!(Emission::remint_for_validators(1), 0);
		assert!(remint_and_keep(GRM / 2, GRM / 2, GRM));
		assert_eq!(Emission::reminted().kept.total(), 3 * GRM / 2);
	});
}

#[test]
fn what_was_left_in_epochs_that_are_passed_over_is_taken_with_the_one_that_closes() {
	let mut kept = Kept::default();
	for (epoch, amount) in [(5, 1), (6, 2), (7, 4), (7, 8)] {
		kept.add(epoch, amount);
	}
	assert_eq!(kept, Kept { epoch: 7, in_epoch: 12, before: 3 });
	assert_eq!((kept.take_before(7), kept.total()), (3, 12));
	assert_eq!((kept.take_before(7), kept.total()), (0, 12));
	assert_eq!((kept.take_before(8), kept.total()), (12, 0));
}

#[test]
fn nothing_of_a_standstill_is_kept_when_epochs_close_again() {
	ExtBuilder.build_and_execute(|| {
		ValidatorsPart::set(&Scale::ONE);
		burn(20 * GRM);
		assert!(remint_and_keep(9 * GRM, GRM / 2, 10 * GRM));
		StandsStill::set(&true);
		pass_hours(18);
		assert!(remint_and_keep(9 * GRM, GRM / 4, 10 * GRM));
		pass_hours(24);
		assert_eq!((OwedToValidators::get(), Emission::reminted().kept.total()), (0, 3 * GRM / 4));
		StandsStill::set(&false);
		// The first epoch closes, and the second is passed over.
		pass_hours(1);
		assert_eq!((OwedToValidators::get(), Emission::reminted().kept.total()), (3 * GRM / 4, 0));
	});
}
