//! Vectors of the answers of runtime APIs: what `state_call` returns, by the type of the answer.

use codec::Encode;
use groma_core::{
	CoverageReason, EvidenceClass,
	api::{
		ActivityInfo, CellInfo, ChallengeInfo, Code, CollectorInfo, DeviceInfo, DeviceStatus,
		EpochInfo, LocationInfo, NetworkEpochInfo, NetworkInfo, NetworkThreshold, PriceInfo,
		ProvisionInfo, RaiseInfo, ReasonCount, Refusal, RewardsInfo, StatementRank, ThawingInfo,
		TransactionTrack, UnreadableInfo, WindowInfo,
	},
	place::Cell,
	price::Price,
	region::{DataRate, RegionPlan},
	terms::NetworkStatus,
	units::{Scale, Units},
	words::{AccountBytes, SessionKey},
};
use serde_json::{Value, json};

use super::bytes::bytes;

const WINDOWS: &str = "ChallengesApi";
const COVERAGE: &str = "CoverageApi";
const REGISTRY: &str = "RegistryApi";
const REWARDS: &str = "RewardsApi";
const COLLECTORS: &str = "CollectorsApi";
const PRICES: &str = "PriceApi";
const STAKE: &str = "StakeApi";
const STATE: &str = "StateApi";

/// One value of every type that an answer has.
pub(crate) fn api() -> Value {
	let check = |refusal: Refusal| Err::<(), _>(Code::from(refusal));
	let reason = CoverageReason::TooFar;
	let cases = vec![
		case(WINDOWS, "WindowInfo", &window()),
		case(COVERAGE, "RegionPlan", &RegionPlan::us915()),
		case(COVERAGE, "ChallengeInfo", &challenge()),
		case(COVERAGE, "ActivityInfo", &activity()),
		case(COVERAGE, "CellInfo", &CellInfo { cell: cell(), arrived: 5, admitted: 4, members: 3 }),
		bytes_case(WINDOWS, "TransactionTrack", &TransactionTrack::OwnCall),
		case(COVERAGE, "taken", &Ok::<(), Code<Refusal>>(())),
		bytes_case(COVERAGE, "taken_statement", &rank()),
		case(COVERAGE, "refused", &check(Refusal::Full)),
		case(COVERAGE, "refused_for_a_witness", &check(Refusal::NotEligible(reason))),
		case(COVERAGE, "refused_for_a_beaconer", &check(Refusal::BeaconerNotEligible(reason))),
		case(REGISTRY, "DeviceInfo", &device()),
		case(REWARDS, "EpochInfo", &epoch()),
		case(REWARDS, "RewardsInfo", &rewards()),
		case(REWARDS, "NetworkEpochInfo", &network_epoch()),
		case(REWARDS, "NetworkInfo", &network()),
		case(COLLECTORS, "CollectorInfo", &collector()),
		case(PRICES, "PriceInfo", &price()),
		bytes_case(STATE, "UnreadableInfo", &unreadable()),
		case(STAKE, "ProvisionInfo", &provision()),
	];
	json!({
		"about": "Answers of runtime APIs. A later version of an answer may be longer.",
		"cases": cases,
	})
}

fn case<T: Encode + serde::Serialize>(api: &str, name: &str, value: &T) -> Value {
	json!({ "api": api, "name": name, "bytes": hex::encode(value.encode()), "json": value })
}

/// An answer that JSON-RPC does not give.
fn bytes_case<T: Encode>(api: &str, name: &str, value: &T) -> Value {
	json!({ "api": api, "name": name, "bytes": hex::encode(value.encode()) })
}

fn rank() -> Result<StatementRank, Code<Refusal>> {
	Ok(StatementRank { is_unheard: true, draw: u64::MAX / 5 })
}

fn collector() -> CollectorInfo<AccountBytes> {
	CollectorInfo {
		account: AccountBytes(bytes(7)),
		index: 8,
		deposit: 10_000_000_000_000,
		free: 20_000_000_000_000,
		owed: 3_000_000_000,
		open_fifths: 45,
	}
}

fn provision() -> ProvisionInfo<AccountBytes> {
	ProvisionInfo {
		owner: AccountBytes(bytes(7)),
		network: 0,
		active: 149_000_000_000_000,
		thawing: vec![ThawingInfo { due: 2_023, amount: 1_000_000_000_000 }],
		withdrawable: 0,
		stake_per_device: 50_000_000_000_000,
		covered_slots: 2,
		first_uncovered: Some(9),
		raise: Some(RaiseInfo { stake_per_device: 60_000_000_000_000, window: 2_020 }),
	}
}

fn price() -> PriceInfo {
	let price = |nano_usd| Price::new(nano_usd).expect("it is within the bounds");
	PriceInfo {
		spot: Some(price(100_000_000)),
		mean: Some(price(99_000_000)),
		mint: Some(price(99_000_000)),
		epoch_mean: price(98_000_000),
		last_good: price(100_000_000),
		age_ms: Some(12_000),
		fresh_feeders: 3,
		quorum: 2,
		validators: 4,
		bootstrap: None,
	}
}

fn unreadable() -> UnreadableInfo {
	UnreadableInfo { window_clock: false, epochs: true, networks: vec![1, 5] }
}

fn cell() -> Cell {
	Cell::from_degrees(48.137, 11.575, 12).expect("a place on Earth")
}

fn window() -> WindowInfo {
	WindowInfo {
		index: 7,
		first_block: 351,
		blocks: 50,
		duration_ms: 300_000,
		started_at_ms: 1_800_000_000_000,
		seed: bytes(1),
		thresholds: vec![
			NetworkThreshold { network: 0, threshold: u64::MAX / 3 },
			NetworkThreshold { network: 5, threshold: 1 },
		],
	}
}

fn challenge() -> ChallengeInfo {
	ChallengeInfo {
		id: bytes(2),
		frequency_hz: 868_100_000,
		data_rate: DataRate { spreading_factor: 9, bandwidth_khz: 125 },
		eirp_centi_dbm: 1_615,
		offset_ms: 123_456,
	}
}

fn activity() -> ActivityInfo {
	ActivityInfo {
		last_heard: Some(6),
		last_witnessed: None,
		reciprocity_span: 576,
		is_counted: true,
		density_scale: Scale::from_billionths(250_000_000),
		units: Units(1_500_000_000),
		epoch: 3,
		reasons: vec![
			ReasonCount { code: CoverageReason::TooClose.number(), count: 2 },
			ReasonCount { code: 200, count: u16::MAX },
		],
	}
}

fn device() -> DeviceInfo<AccountBytes> {
	DeviceInfo {
		id: 9,
		network: 1,
		owner: AccountBytes(bytes(3)),
		session_key: SessionKey(bytes(4)),
		class: EvidenceClass::MakerAttested.into(),
		maker: Some(2),
		status: DeviceStatus::Maintenance.into(),
		slot: 4,
		location: Some(LocationInfo {
			cell: cell(),
			region: 1,
			since: 14,
			eligible_from: 590,
			gain_deci_dbi: -25,
			elevation_m: 520,
		}),
		change_effective_at: Some(11),
	}
}

fn epoch() -> EpochInfo {
	EpochInfo { current: 12, last_closed: Some(11), duration_ms: 86_400_000, unminted: 5_000_000 }
}

fn rewards() -> RewardsInfo<AccountBytes> {
	RewardsInfo {
		owed: vec![(AccountBytes(bytes(5)), 1), (AccountBytes(bytes(6)), u128::MAX / 7)],
		open_units: Units(2_000_000_000),
		open_epoch: Some(12),
		epoch_cap: 150_000_000_000,
	}
}

fn network_epoch() -> NetworkEpochInfo {
	NetworkEpochInfo {
		epoch: 11,
		units: Units(77_000_000_000),
		pool: 9_000_000_000_000,
		per_unit: 116_883_116_883,
		device_cap: 150_000_000_000,
	}
}

fn network() -> NetworkInfo {
	NetworkInfo {
		name: "lorawan".into(),
		active_devices: 2_200,
		challenge_interval_windows: 72,
		status: NetworkStatus::Closed.into(),
		supply_weight: Scale::ONE,
		lane_share: Scale::from_percent(40),
		open_units: Units(3_000_000_000),
		last_epoch: Some(network_epoch()),
		stake_per_device: 50_000_000_000_000,
		raise: Some(RaiseInfo { stake_per_device: 60_000_000_000_000, window: 2_020 }),
	}
}
