//! The presets: what they found, and what they refuse.

use frame_support::traits::{Get, Hooks};
use groma_core::{money::GENESIS_SUPPLY, terms::NetworkTerms};
use groma_runtime::{
	Balances, Block, BlockNumber, Networks, Runtime, RuntimeGenesisConfig, Session,
	configs::parameters::dynamic_params,
	genesis::{self, PRODUCTION_RUNTIME_PRESET},
};
use pallet_timing::{
	DeferEras, DeviceThawWindows, EvidenceEras, Pace, RewardEpochMs, SessionsPerEra, ThawEras,
};
use serde_json::{Value, json};
use sp_consensus_babe::{AllowedSlots, runtime_decl_for_babe_api::BabeApi};
use sp_keyring::Sr25519Keyring;

use crate::chain::{Chain, account, genesis_config};

fn babe() -> sp_consensus_babe::BabeConfiguration {
	<Runtime as BabeApi<Block>>::configuration()
}

#[test]
fn every_preset_round_trips_through_json() {
	for name in genesis::preset_names() {
		let config = genesis_config(Some(name.as_ref()));
		let typed: RuntimeGenesisConfig =
			serde_json::from_value(config.clone()).expect("it is valid");
		assert_eq!(serde_json::to_value(typed).expect("it is JSON"), config, "{name:?}");
	}
}

#[test]
fn every_preset_with_balances_founds_a_chain_with_exactly_the_genesis_supply() {
	let names = genesis::preset_names();
	let founded: Vec<_> = names.iter().filter(|it| **it != PRODUCTION_RUNTIME_PRESET).collect();
	assert_eq!((names.len(), founded.len()), (3, 2));
	for name in founded {
		let mut chain = Chain::of(genesis_config(Some(name.as_ref())));
		chain.with(|| assert_eq!(Balances::total_issuance(), GENESIS_SUPPLY, "{name:?}"));
		chain.blocks(3);
		chain.with(|| assert_eq!(Balances::total_issuance(), GENESIS_SUPPLY, "{name:?}"));
	}
}

/// The names of all fields of a value, however deep.
fn field_names(value: &Value) -> Vec<String> {
	match value {
		Value::Object(fields) => fields
			.iter()
			.flat_map(|(name, value)| [name.clone()].into_iter().chain(field_names(value)))
			.collect(),
		Value::Array(items) => items.iter().flat_map(field_names).collect(),
		_ => Vec::new(),
	}
}

#[test]
fn fields_of_networks_are_named_alike_in_every_preset() {
	for name in genesis::preset_names() {
		let config = genesis_config(Some(name.as_ref()));
		let names = [field_names(&config["networks"]), field_names(&config["proofOfCoverage"])];
		let names = names.concat();
		let odd: Vec<_> = names.iter().filter(|name| name.contains('_')).collect();
		assert!(odd.is_empty(), "{odd:?}");
		assert!(
			["regionPlans", "dutyCyclePpm", "spreadingFactor"]
				.map(String::from)
				.iter()
				.all(|n| names.contains(n))
		);
	}
}

#[test]
fn unknown_preset_is_none() {
	assert_eq!(genesis::get_preset(&"mainnet".into()), None);
}

/// Sessions of an era, then eras of evidence, deferral and thawing.
fn eras() -> [u32; 4] {
	[SessionsPerEra::get(), EvidenceEras::get(), DeferEras::get(), ThawEras::get()]
}

#[test]
fn development_has_one_validator_and_short_times() {
	Chain::development().with(|| {
		assert_eq!(Session::validators(), vec![account(Sr25519Keyring::Alice)]);
		assert_eq!((babe().slot_duration, babe().epoch_length), (1_000, 120));
		assert_eq!((RewardEpochMs::get(), DeviceThawWindows::get()), (120_000, 300));
		assert_eq!(eras(), [2, 3, 1, 5]);
		assert_eq!(dynamic_params::challenges::WindowBlocks::get(), 12);
	});
}

#[test]
fn local_testnet_has_two_validators_and_windows_of_twenty_seconds() {
	Chain::of(genesis_config(Some("local_testnet"))).with(|| {
		assert_eq!(Session::validators().len(), 2);
		assert_eq!((babe().slot_duration, babe().epoch_length), (2_000, 90));
		assert_eq!(dynamic_params::challenges::WindowBlocks::get(), 10);
	});
}

#[test]
fn raise_takes_longer_than_an_epoch_on_every_chain() {
	for preset in [None, Some("development"), Some("local_testnet"), Some("production")] {
		let mut chain = Chain::of(genesis_config(preset));
		// With the durations of the chain, not those of the defaults.
		chain.with(<Networks as Hooks<BlockNumber>>::integrity_test);
	}
}

/// Production's times, without a key and without money.
fn assert_production_without_keys_or_money() {
	assert_eq!(Session::validators(), vec![]);
	assert_eq!(Balances::total_issuance(), 0);
	assert_eq!((babe().slot_duration, babe().epoch_length), (6_000, 600));
	assert_eq!(babe().allowed_slots, AllowedSlots::PrimaryAndSecondaryVRFSlots);
	assert_eq!((RewardEpochMs::get(), DeviceThawWindows::get()), (86_400_000, 2_016));
	assert_eq!(eras(), [24, 14, 6, 21]);
	assert_eq!(Pace::get(), 1);
	assert_eq!(dynamic_params::challenges::WindowBlocks::get(), 50);
}

#[test]
fn default_genesis_is_production_without_keys_or_money() {
	Chain::of(genesis_config(None)).with(assert_production_without_keys_or_money);
}

#[test]
fn production_has_network_0_and_neither_keys_nor_money() {
	let config = genesis_config(Some("production"));
	let networks = config["networks"]["networks"].as_array().expect("it is a list");
	assert_eq!((networks.len(), &networks[0]["name"]), (1, &json!("lorawan")));
	let terms: NetworkTerms =
		serde_json::from_value(networks[0]["terms"].clone()).expect("they are valid");
	let expected = NetworkTerms { services: terms.services.clone(), ..Default::default() };
	assert_eq!((terms.services.len(), &terms), (1, &expected));
	let plans = config["proofOfCoverage"]["regionPlans"]["0"].as_array();
	assert_eq!(plans.map(Vec::len), Some(2));
	for empty in ["/collector/collectors", "/priceFeed/feeders", "/routes/allotments"] {
		assert_eq!(config.pointer(empty), Some(&json!([])), "{empty}");
	}
	assert_eq!(config["routes"]["privateEndpoints"], json!(false));
	Chain::of(config).with(assert_production_without_keys_or_money);
}

#[test]
fn genesis_is_refused_when_a_value_is_out_of_its_range() {
	for (path, value) in [
		("/timing/slotMs", json!(0)),
		("/timing/slotMs", json!(2_001)),
		("/timing/babeEpochSlots", json!(9)),
		("/timing/rewardEpochMs", json!(999)),
		("/timing/deviceThawWindows", json!(295)),
		("/timing/sessionsPerEra", json!(0)),
		("/timing/thawEras", json!(4)),
		("/timing/parameters/windowBlocks", json!(9)),
		("/timing/parameters/windowBlocks", json!(2_001)),
	] {
		let mut config = genesis_config(Some("development"));
		*config.pointer_mut(path).expect("the field exists") = value.clone();
		assert!(is_refused(config), "{path} = {value} was accepted");
	}
}

#[test]
fn genesis_is_refused_when_it_issues_more_than_the_supply_of_genesis() {
	let mut config = genesis_config(Some("development"));
	let balances = config["balances"]["balances"].as_array_mut().expect("there are accounts");
	let treasury = balances.pop().expect("the treasury is the last");
	assert!(!is_refused(config.clone()), "tools may found a test chain with less");
	let balances = config["balances"]["balances"].as_array_mut().expect("there are accounts");
	balances.push(treasury);
	balances.push(json!([account(Sr25519Keyring::One), 1_000_000_000_000u64]));
	assert!(is_refused(config));
}

fn is_refused(config: Value) -> bool {
	std::panic::catch_unwind(|| Chain::of(config)).is_err()
}
