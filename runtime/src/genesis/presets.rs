//! Test chains with well-known keys. They run production's code with shorter times.

use alloc::{vec, vec::Vec};

use frame_support::{BoundedVec, PalletId, build_struct_json_patch};
use groma_core::{
	NetworkId, density,
	money::{GENESIS_SUPPLY, GRM},
	price::Price,
	protocol::FIRST_NETWORK,
	route::AddressRange,
	terms::{FeeTerms, LotteryTerms, NetworkTerms, PlaceTerms, ServiceTerms, SupplyTerms},
	words::DevAddr,
};
use serde_json::Value;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::traits::AccountIdConversion;

use super::production::{lorawan, region_plans};
use crate::{
	AccountId, Balance, BalancesConfig, CollectorConfig, NetworksConfig, PriceFeedConfig,
	ProofOfCoverageConfig, RoutesConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys,
	StakeConfig, TimingConfig, configs::parameters::FirstParameters,
};

/// What each well-known account has.
const ENDOWMENT: Balance = 1_000_000 * GRM;
/// What of it each provisioned for devices of network 0: enough for 1,000 of them.
const PROVISION: Balance = 50_000 * GRM;

/// The account that is a collector from the beginning, under index 1: the nodes of
/// `scripts/quickstart` and of end-to-end tests collect as it.
pub const COLLECTOR: Sr25519Keyring = Sr25519Keyring::Ferdie;
/// The payer to whom the addresses 01000000 to 0100ffff belong from the beginning.
pub const ADDRESS_OWNER: Sr25519Keyring = Sr25519Keyring::Charlie;
/// The bootstrap price of test chains: $0.10 per GRM.
const TEST_PRICE: Price = Price::clamp(100_000_000);

/// Names the account that holds what no one else was given at genesis.
pub const TREASURY_ID: PalletId = PalletId(*b"gr/trsry");

/// The account that holds what no one else was given at genesis.
pub fn treasury_account() -> AccountId {
	TREASURY_ID.into_account_truncating()
}

/// One validator, `//Alice`, with the feeder `//Alice//stash`; slots of one second.
pub fn development() -> Value {
	let timing = TimingConfig {
		slot_ms: 1_000,
		babe_epoch_slots: 120,
		// Without a price server the bootstrap price stays.
		parameters: FirstParameters {
			window_blocks: 12,
			bootstrap_price: TEST_PRICE,
			bootstrap_windows: u32::MAX,
		},
		..short_times()
	};
	chain(timing, &[(Sr25519Keyring::Alice, Ed25519Keyring::Alice)])
}

/// Two validators, `//Alice` and `//Bob`, with the feeders `//Alice//stash` and `//Bob//stash`;
/// slots of two seconds.
pub fn local_testnet() -> Value {
	let timing = TimingConfig {
		slot_ms: 2_000,
		babe_epoch_slots: 90,
		parameters: FirstParameters {
			window_blocks: 10,
			bootstrap_price: TEST_PRICE,
			..Default::default()
		},
		..short_times()
	};
	let validators = [
		(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
		(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
	];
	chain(timing, &validators)
}

/// Times of all test chains: an era lasts minutes.
fn short_times() -> TimingConfig {
	TimingConfig {
		reward_epoch_ms: 120_000,
		// Little more than the least, an hour of windows of 12 s.
		device_thaw_windows: 300,
		sessions_per_era: 2,
		evidence_eras: 3,
		defer_eras: 1,
		thaw_eras: 5,
		// A day of governance becomes two blocks.
		pace: 7_200,
		..Default::default()
	}
}

fn chain(timing: TimingConfig, validators: &[(Sr25519Keyring, Ed25519Keyring)]) -> Value {
	build_struct_json_patch!(RuntimeGenesisConfig {
		timing,
		balances: BalancesConfig { balances: endowments() },
		stake: StakeConfig { provisions: provisions() },
		networks: NetworksConfig { networks: vec![lorawan(quick_terms())] },
		collector: CollectorConfig { collectors: vec![COLLECTOR.to_account_id()] },
		proof_of_coverage: ProofOfCoverageConfig { region_plans: region_plans() },
		price_feed: PriceFeedConfig { feeders: validators.iter().map(feeder).collect() },
		routes: RoutesConfig {
			private_endpoints: true,
			allotments: vec![(ADDRESS_OWNER.to_account_id(), addresses())],
		},
		session: SessionConfig { keys: validators.iter().map(session_keys).collect() },
	})
}

/// Addresses of NetID 000000, which is for experiments.
fn addresses() -> AddressRange {
	AddressRange {
		first: DevAddr::from_number(0x0100_0000),
		last: DevAddr::from_number(0x0100_ffff),
	}
}

/// Production's terms with LoRaWAN packets as a service, except that devices may take part a window
/// after their location took effect, that every second window challenges them, that the ramp lasts
/// minutes, and that onboarding and moving a device cost little.
fn quick_terms() -> NetworkTerms {
	NetworkTerms {
		place: PlaceTerms::Fixed { maturity_windows: 1, density_limits: density::DEFAULT_LIMITS },
		lottery: LotteryTerms { interval_windows: 2, ..Default::default() },
		supply: SupplyTerms { ramp_windows: 5, ..Default::default() },
		services: BoundedVec::truncate_from(vec![ServiceTerms::lorawan_packets()]),
		fees: FeeTerms { onboarding_credits: 100, location_credits: 100 },
		..Default::default()
	}
}

/// The whole supply of genesis: the same for every well-known account, the rest for the treasury.
fn endowments() -> Vec<(AccountId, Balance)> {
	let mut balances: Vec<_> =
		Sr25519Keyring::well_known().map(|key| (key.to_account_id(), ENDOWMENT)).collect();
	let endowed = balances.iter().map(|(_, balance)| balance).sum();
	balances.push((treasury_account(), GENESIS_SUPPLY.saturating_sub(endowed)));
	balances
}

/// Stake behind the devices of every well-known account.
fn provisions() -> Vec<(AccountId, NetworkId, Balance)> {
	let owners = Sr25519Keyring::well_known();
	owners.map(|key| (key.to_account_id(), FIRST_NETWORK, PROVISION)).collect()
}

/// A validator and its feeder: the account that chains of the SDK call its stash.
fn feeder(keys: &(Sr25519Keyring, Ed25519Keyring)) -> (AccountId, AccountId) {
	let (validator, _) = keys;
	let feeder = match validator {
		Sr25519Keyring::Bob => Sr25519Keyring::BobStash,
		_ => Sr25519Keyring::AliceStash,
	};
	(validator.to_account_id(), feeder.to_account_id())
}

/// A validator's account, its name as a validator, and its session keys.
fn session_keys(keys: &(Sr25519Keyring, Ed25519Keyring)) -> (AccountId, AccountId, SessionKeys) {
	let (sr25519, ed25519) = keys;
	let account = sr25519.to_account_id();
	let keys = SessionKeys {
		grandpa: ed25519.public().into(),
		babe: sr25519.public().into(),
		authority_discovery: sr25519.public().into(),
	};
	(account.clone(), account, keys)
}
