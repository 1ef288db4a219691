//! What claims of services mint.

use groma_core::money::GRM;
use groma_traits::Emission as _;

use crate::{Reminting, mock::*};

#[test]
fn claim_mints_out_of_what_was_burned_for_it() {
	ExtBuilder.build_and_execute(|| {
		pass_hours(18);
		burn(10 * GRM);
		assert!(remint(9 * GRM, 10 * GRM));
		assert_eq!(Emission::reminted(), Reminting { minted: 9 * GRM, bases: 10 * GRM });
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
		assert_eq!(Emission::reminted(), Reminting { minted: 4 * GRM, bases: 5 * GRM });
		assert!(remint(2 * GRM, GRM));
		assert!(remint(0, GRM));
		assert_eq!(Emission::reminted(), Reminting { minted: 6 * GRM, bases: 7 * GRM });
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
