//! An input with which a chain can be founded, for tests.

use std::fmt::Write;

use codec::Encode;
use groma_runtime::SessionKeys;
use sp_core::{Pair, bytes::to_hex, ed25519, proof_of_possession::statement_of_ownership, sr25519};

use super::input::{self, Input};
use crate::types::AccountId;

/// Validators 1 to 4, and as many other accounts.
const VALIDATORS: std::ops::RangeInclusive<u8> = 1..=4;
/// Of what one has, a part vests.
const VESTING: &str = "vesting = { free_grm = 4000000, starts_after_days = 30, lasts_days = 700 }";

/// An account by a number.
pub(super) fn account(number: u8) -> AccountId {
	AccountId::new([number; 32])
}

fn pairs(number: u8) -> (ed25519::Pair, sr25519::Pair, sr25519::Pair) {
	let other = number.wrapping_add(100);
	(
		ed25519::Pair::from_seed(&[number; 32]),
		sr25519::Pair::from_seed(&[number; 32]),
		sr25519::Pair::from_seed(&[other; 32]),
	)
}

/// The session keys of a validator.
pub(super) fn keys(number: u8) -> SessionKeys {
	let (grandpa, babe, authority_discovery) = pairs(number);
	SessionKeys {
		grandpa: grandpa.public().into(),
		babe: babe.public().into(),
		authority_discovery: authority_discovery.public().into(),
	}
}

/// Their proof of an owner.
pub(super) fn proof(number: u8, owner: &AccountId) -> Vec<u8> {
	let statement = statement_of_ownership(&owner.encode());
	let (grandpa, babe, authority_discovery) = pairs(number);
	let signatures =
		(grandpa.sign(&statement), babe.sign(&statement), authority_discovery.sign(&statement));
	signatures.encode()
}

/// The text of the input: eight accounts vote with 4,000,000 GRM each.
pub(super) fn text() -> String {
	let mut text =
		String::from("treasury = \"rest\"\n[chain]\nname = \"Test\"\nid = \"test_chain\"\n");
	for number in VALIDATORS {
		let (account, keys) = (account(number), keys(number).encode());
		let proof = proof(number, &account);
		let (keys, proof) = (to_hex(&keys, false), to_hex(&proof, false));
		// Writing to a string never fails.
		let _ = write!(
			text,
			"[[validators]]\naccount = \"{account}\"\nkeys = \"{keys}\"\nproof = \"{proof}\"\n"
		);
		if number == 1 {
			let _ = writeln!(text, "feeder = \"{}\"", self::account(40));
		}
	}
	for number in 1..=8 {
		let _ = write!(text, "[[allocations]]\naccount = \"{}\"\n", account(number));
		let _ = match number {
			8 => write!(text, "grm = 10000000\n{VESTING}\n"),
			_ => writeln!(text, "grm = 4000000"),
		};
	}
	for number in 5..=7 {
		let _ = write!(text, "[[fellows]]\naccount = \"{}\"\nrank = 3\n", account(number));
	}
	text
}

/// The input.
pub(super) fn input() -> Input {
	let (input, faults) = input::parse(&text()).expect("it is TOML");
	assert_eq!(faults, []);
	input
}
