//! What owners pay for onboarding and for later locations.

use frame_support::{assert_noop, assert_ok};
use groma_core::terms::FeeTerms;
use groma_fakes::alter_network;
use sp_runtime::DispatchError;

use crate::{Error, LocationClaim, mock::*};

/// Sets what the network of coverage asks.
fn ask(onboarding_credits: u64, location_credits: u64) {
	alter_network(LORAWAN, |network| {
		network.terms.fees = FeeTerms { onboarding_credits, location_credits };
	});
}

/// What was paid so far: in credits, and as GRM for so many credits.
fn paid() -> (u64, u64) {
	(FeesCharged::get(), FeesInGrm::get())
}

#[test]
fn onboarding_costs_credits_and_else_grm() {
	ExtBuilder::default().build_and_execute(|| {
		ask(50_000, 7);
		give_credits(account(1), 99_999, 0);
		assert_ok!(register(account(1), LORAWAN, session(1), Some(claim(1))));
		assert_eq!(paid(), (50_000, 0));
		// The account has 49,999 left: nothing of them is taken, all is paid as GRM.
		assert_ok!(register(account(1), LORAWAN, session(2), None));
		assert_eq!(paid(), (50_000, 50_000));
		// The first location is part of onboarding.
		assert_ok!(Registry::assert_location(signed(1), 256, claim(2)));
		assert_eq!(paid(), (50_000, 50_000));
	});
}

#[test]
fn each_later_location_costs_its_fee() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		ask(50_000, 700);
		let before = paid();
		let other_antenna = LocationClaim { gain_deci_dbi: 60, ..claim(0) };
		assert_ok!(Registry::assert_location(signed(1), 0, other_antenna));
		assert_eq!(paid(), before, "the device did not move");
		assert_ok!(Registry::assert_location(signed(1), 0, claim(1)));
		assert_eq!(paid(), (before.0, before.1 + 700));
		assert_noop!(
			Registry::assert_location(signed(1), 0, claim(2)),
			Error::<Test>::ChangePending
		);
		run_to(START + FOLDED);
		give_credits(account(1), 700, 0);
		assert_ok!(Registry::assert_location(signed(1), 0, claim(0)));
		assert_eq!(paid(), (before.0 + 700, before.1 + 700));
	});
}

#[test]
fn fee_of_zero_is_none() {
	ExtBuilder::default().build_and_execute(|| {
		ask(0, 0);
		give_credits(account(1), 10, 0);
		assert_ok!(register(account(1), LORAWAN, session(1), Some(claim(1))));
		assert_ok!(Registry::assert_location(signed(1), 0, claim(2)));
		assert_eq!(paid(), (0, 0));
	});
}

#[test]
fn nothing_happens_when_the_fee_cannot_be_paid() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let refused = DispatchError::Other("no GRM for the fee");
		HasGrm::set(&false);
		let proof = onboarding(&account(2), LORAWAN, &session(7));
		assert_noop!(
			Registry::register_device(signed(2), LORAWAN, key(7), proof, Some(claim(7)), None),
			refused
		);
		assert_noop!(Registry::assert_location(signed(1), 0, claim(2)), refused);
		HasGrm::set(&true);
		assert_ok!(register(account(2), LORAWAN, session(7), Some(claim(7))));
	});
}
