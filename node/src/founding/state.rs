//! Whether the state of a genesis block is that of a chain that someone founded.
//!
//! The state is read by its keys, not by the types of the runtime: the genesis of a chain stays
//! what it was, however the runtime changes later.

use codec::{Compact, Decode};
use groma_core::money::Balance;
use groma_runtime::constants::EXISTENTIAL_DEPOSIT;
use sc_service::ChainType;
use sp_io::hashing::twox_128;
use sp_storage::Storage;

/// What founders do, and what everyone else does.
const WHAT_TO_DO: &str = "founders write who validates and who has what into a file, as `groma-node \
	found --example` shows, and give it to `groma-node found --input FILE --output CHAIN`; everyone \
	else takes the chain specification that the founders published (docs/guide/founding.md)";

/// Why no node starts a chain with this genesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfounded {
	/// No one validates.
	#[error("this chain was not founded, its genesis has no validators: {WHAT_TO_DO}")]
	NoValidators,
	/// No one has anything.
	#[error("this chain was not founded, its genesis has no balances: {WHAT_TO_DO}")]
	NoBalances,
	/// Votes take a part of the time that they are meant to take.
	#[error(
		"the genesis of this live chain divides all times of votes by {0}, which is for tests: a live \
		 chain has pace 1, or its specification says `\"chainType\": \"Local\"`"
	)]
	Paced(u32),
}

/// Refuses the genesis of a chain that no one founded, and a live one whose votes take less time
/// than those of production.
pub(crate) fn ensure_founded(state: &Storage, chain_type: &ChainType) -> Result<(), Unfounded> {
	if validators(state) == 0 {
		return Err(Unfounded::NoValidators);
	}
	// That much opens the account of the treasury.
	if issuance(state) <= EXISTENTIAL_DEPOSIT {
		return Err(Unfounded::NoBalances);
	}
	match pace(state) {
		pace if pace != 1 && *chain_type == ChainType::Live => Err(Unfounded::Paced(pace)),
		_ => Ok(()),
	}
}

/// How many validate in the first session.
fn validators(state: &Storage) -> u32 {
	// A list begins with its length.
	let length: Option<Compact<u32>> = decoded(state, &item("Session", "Validators"));
	length.map_or(0, |length| length.0)
}

/// What exists, in plancks.
pub(super) fn issuance(state: &Storage) -> Balance {
	decoded(state, &item("Balances", "TotalIssuance")).unwrap_or_default()
}

/// What divides the times of votes.
fn pace(state: &Storage) -> u32 {
	decoded(state, &twox_128(b":Pace:")).unwrap_or(1)
}

/// The key of a single value of a pallet.
fn item(pallet: &str, name: &str) -> Vec<u8> {
	[twox_128(pallet.as_bytes()), twox_128(name.as_bytes())].concat()
}

fn decoded<T: Decode>(state: &Storage, key: &[u8]) -> Option<T> {
	state.top.get(key).and_then(|value| T::decode(&mut &value[..]).ok())
}

#[cfg(test)]
mod tests {
	use groma_core::money::GENESIS_SUPPLY;
	use groma_runtime::{RuntimeGenesisConfig, genesis};
	use sc_chain_spec::json_patch;
	use serde_json::{Value, json};
	use sp_runtime::BuildStorage;

	use super::*;

	/// The state of a preset with further values.
	fn state_of(preset: &str, further: Value) -> Storage {
		let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("it is JSON");
		let patch = genesis::get_preset(&preset.into()).expect("the preset exists");
		json_patch::merge(&mut config, serde_json::from_slice(&patch).expect("it is JSON"));
		json_patch::merge(&mut config, further);
		let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("it is valid");
		config.build_storage().expect("it builds")
	}

	#[test]
	fn test_chains_are_founded_and_production_is_not() {
		for preset in ["development", "local_testnet"] {
			let state = state_of(preset, json!({}));
			assert_eq!(ensure_founded(&state, &ChainType::Local), Ok(()), "{preset}");
			assert_eq!(issuance(&state), GENESIS_SUPPLY);
		}
		let production = state_of("production", json!({}));
		for chain_type in [ChainType::Live, ChainType::Local, ChainType::Development] {
			let verdict = ensure_founded(&production, &chain_type);
			assert_eq!(verdict, Err(Unfounded::NoValidators));
		}
	}

	#[test]
	fn genesis_without_balances_is_not_founded() {
		let nothing = json!({
			"balances": { "balances": [] }, "stake": { "provisions": [] },
			"collector": { "collectors": [] }, "routes": { "allotments": [] },
		});
		let state = state_of("development", nothing);
		assert_eq!(validators(&state), 1);
		assert_eq!(ensure_founded(&state, &ChainType::Local), Err(Unfounded::NoBalances));
	}

	#[test]
	fn live_chain_has_pace_1() {
		let paced = state_of("development", json!({}));
		assert_eq!(ensure_founded(&paced, &ChainType::Live), Err(Unfounded::Paced(7_200)));
		let state = state_of("development", json!({ "timing": { "pace": 1 } }));
		assert_eq!(ensure_founded(&state, &ChainType::Live), Ok(()));
	}

	#[test]
	fn refusal_says_what_to_do() {
		let text = Unfounded::NoValidators.to_string();
		for part in ["groma-node found --example", "--output CHAIN", "docs/guide/founding.md"] {
			assert!(text.contains(part), "{part}: {text}");
		}
	}
}
