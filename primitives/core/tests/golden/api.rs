//! Vectors of the answers of runtime APIs: what `state_call` returns, by the type of the answer.

use codec::Encode;
use groma_core::{
	CoverageReason, EvidenceClass,
	api::{
		ActivityInfo, BackingInfo, CellInfo, ChallengeInfo, ChannelInfo, ChannelState,
		ClaimRefusal, Code, CollectorInfo, CommissionInfo, CreditsInfo, DelegationInfo,
		DelegationPage, DemandInfo, DeviceInfo, DeviceStatus, EpochInfo, EraInfo, EraSetInfo,
		KeyKind, KeyUseInfo, LocationInfo, MemberInfo, NetworkEpochInfo, NetworkInfo,
		NetworkThreshold, OffenceId, OffenceKind, OfferInfo, OfferPage, OperatorInfo, PayoutTerms,
		PriceInfo, ProvisionInfo, RaiseInfo, ReasonCount, Refusal, RewardsInfo, RouteInfo,
		RoutePage, RouteVersions, SeatInfo, SessionKeyInfo, SlashInfo, SlashPage, StatementRank,
		SupplyInfo, ThawingInfo, TransactionTrack, UnreadableInfo, ValidatorInfo, ValidatorKeyInfo,
		VoucherAnswer, VoucherPay, WindowInfo, YieldInfo,
	},
	money::DemandShares,
	place::Cell,
	price::Price,
	region::{DataRate, RegionPlan},
	route::{AddressRange, Endpoint, Offer, Route},
	terms::{NetworkStatus, ServiceTerms},
	units::{Scale, Units},
	voucher::VoucherReason,
	words::{AccountBytes, DevAddr, JoinEui, RouterKey, SessionKey, SignerKey},
};
use serde_json::{Value, json};

use super::bytes::bytes;

const WINDOWS: &str = "ChallengesApi";
const COVERAGE: &str = "CoverageApi";
const REGISTRY: &str = "RegistryApi";
const REWARDS: &str = "RewardsApi";
const COLLECTORS: &str = "CollectorsApi";
const PRICES: &str = "PriceApi";
const CREDITS: &str = "CreditsApi";
const ROUTES: &str = "RoutesApi";
const STAKE: &str = "StakeApi";
const STATE: &str = "StateApi";
const VALIDATORS: &str = "ValidatorsApi";

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
		bytes_case(REWARDS, "PayoutTerms", &payout_terms()),
		case(COLLECTORS, "CollectorInfo", &collector()),
		case(PRICES, "PriceInfo", &price()),
		case(CREDITS, "CreditsInfo", &credits()),
		case(CREDITS, "ChannelInfo", &channel()),
		case(CREDITS, "SeatInfo", &SeatInfo { device: 9, credits: 77, units: 33 }),
		case(CREDITS, "DemandInfo", &demand()),
		case(CREDITS, "SupplyInfo", &supply()),
		case(CREDITS, "VoucherAnswer", &pays()),
		case(CREDITS, "refused_voucher", &refused()),
		bytes_case(CREDITS, "checked_vouchers", &answers()),
		bytes_case(CREDITS, "vouchers_of_an_ended_channel", &not_claimable()),
		case(ROUTES, "RouteVersions", &RouteVersions { routes: 7, offers: 12 }),
		case(ROUTES, "RouteInfo", &route()),
		case(ROUTES, "RoutePage", &routes()),
		case(ROUTES, "OfferPage", &offers()),
		bytes_case(STATE, "UnreadableInfo", &unreadable()),
		case(STAKE, "ProvisionInfo", &provision()),
		case(STAKE, "DelegationPage", &delegations()),
		case(VALIDATORS, "EraInfo", &era()),
		case(VALIDATORS, "EraSetInfo", &era_set()),
		case(VALIDATORS, "ValidatorInfo", &validator()),
		case(VALIDATORS, "SlashPage", &slashes()),
		case(VALIDATORS, "SessionKeyInfo", &session_key()),
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

fn delegations() -> DelegationPage<AccountBytes> {
	DelegationPage {
		delegations: vec![DelegationInfo {
			operator: AccountBytes(bytes(7)),
			active: 90_000_000_000_000,
			thawing: vec![ThawingInfo { due: 29, amount: 10_000_000_000_000 }],
			withdrawable: 0,
			owed: 2_500_000_000,
			unsettled: 5_000_000_000_000,
			recent_yield: 1_500_000,
		}],
		unreadable: vec![AccountBytes(bytes(8))],
		next: Some(AccountBytes(bytes(8))),
	}
}

fn era() -> EraInfo {
	EraInfo {
		active: 8,
		session: 200,
		end: 216,
		next: None,
		oldest: 0,
		validators: 4,
		stake: Some(40_000_000_000_000_000),
		seats: 100,
		own_stake_min: 10_000_000_000_000_000,
		candidates: Some(5),
		unsettled: Some(5_000_000_000_000),
		recent_yield: 1_400_000,
	}
}

fn slashes() -> SlashPage<AccountBytes> {
	let offence = |era| OffenceId { era, validator: AccountBytes(bytes(8)) };
	SlashPage {
		slashes: vec![SlashInfo {
			era: 6,
			validator: AccountBytes(bytes(7)),
			kind: OffenceKind::TwoVotes.into(),
			reported_at: 101_000,
			reporter: Some(AccountBytes(bytes(9))),
			due: Some(13),
			is_cancelled: false,
			amount: 5_681_250_000_000_000,
			base: 10_100_000_000_000_000,
			fraction: Scale::from_billionths(562_500_000),
			paid: Scale::ZERO,
			offenders: 1,
			members: 4,
		}],
		unreadable: vec![offence(5)],
		next: Some(offence(6)),
	}
}

fn era_set() -> EraSetInfo<AccountBytes> {
	EraSetInfo {
		era: 8,
		count: 4,
		stake: 40_000_000_000_000_000,
		validators: vec![MemberInfo {
			account: AccountBytes(bytes(7)),
			own: 10_000_000_000_000_000,
			total: 10_100_000_000_000_000,
			points: 60_400,
			is_disabled: false,
			commission: Some(Scale::from_percent(5)),
			is_open: true,
			recent_yield: 1_500_000,
		}],
		next: Some(1),
	}
}

fn validator() -> ValidatorInfo<AccountBytes> {
	ValidatorInfo {
		account: AccountBytes(bytes(7)),
		has_keys: true,
		is_candidate: Some(true),
		is_active: true,
		is_elected: Some(false),
		is_disabled: false,
		points: 60_400,
		backing: Some(BackingInfo {
			own: 10_000_000_000_000_000,
			thawing: vec![ThawingInfo { due: 29, amount: 1_000_000_000_000 }],
			withdrawable: 0,
			delegated: 100_000_000_000_000,
			delegations: 3,
			is_open: true,
			commission: Scale::from_percent(5),
			next_commission: Some(CommissionInfo { share: Scale::from_percent(10), era: 15 }),
			owed: 4_000_000_000,
			pending: vec![6],
			yields: vec![YieldInfo { epoch: 20_007, billionths: 1_500_000 }],
		}),
		is_barred: false,
		pending_slash: Some(101_000_000_000_000),
		keys: vec![ValidatorKeyInfo {
			kind: KeyKind(*b"babe"),
			key: SessionKey(bytes(11)),
			is_present: false,
			is_planned: true,
			is_registered: true,
		}],
	}
}

fn session_key() -> SessionKeyInfo<AccountBytes> {
	SessionKeyInfo {
		registered: Some(AccountBytes(bytes(7))),
		planned: Some(AccountBytes(bytes(7))),
		present: None,
		uses: vec![KeyUseInfo { validator: AccountBytes(bytes(8)), first: 20, last: Some(30) }],
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

fn credits() -> CreditsInfo<AccountBytes> {
	CreditsInfo {
		credits: 100_000_000_000_000_000,
		basis: 600_000_000_000_000_000_000,
		operators: vec![OperatorInfo {
			account: AccountBytes(bytes(8)),
			credits_per_epoch: 1_000_000,
			committed: 250_000,
			deposit: 100_000_000_000,
		}],
	}
}

fn channel() -> ChannelInfo<AccountBytes> {
	ChannelInfo {
		id: 4_294_967_311,
		payer: AccountBytes(bytes(9)),
		network: 0,
		service: ServiceTerms::lorawan_packets(),
		signer: SignerKey(bytes(10)),
		state: ChannelState::Closing.into(),
		credits: 987_654,
		basis: 98_765_400_000_000,
		payable: 88_888_860_000_000,
		bond: 25_000_000_000_001,
		bond_credits: 250_000,
		seat_deposit: 640_000_000_000,
		seats: 3,
		seats_max: 64,
		opened_ms: 1_800_000_000_000,
		expires: 1_000,
		ends: 1_288,
	}
}

fn demand() -> DemandInfo {
	DemandInfo {
		network: 0,
		epoch: 11,
		credits: 1_000_000,
		units: 400_000,
		basis: 100_000_000_000_000,
		value: 101_000_000_000_000,
		paid: 90_000_000_000_000,
		for_validators: 5_000_000_000_000,
	}
}

fn supply() -> SupplyInfo {
	SupplyInfo {
		issuance: 200_100_000_000_000_000_000,
		genesis: 200_000_000_000_000_000_000,
		minted: 160_000_000_000_000_000,
		unminted: 40_000_000_000_000_000,
		reminted: 9_000_000_000_000_000,
		claimed_basis: 10_000_000_000_000_000,
		burned: 69_000_000_000_000_000,
		pot: 5_000_000_000_000_000,
		reserve: 10_000_000_000,
		credits_minted: 600_000_000,
		credits_spent: 100_000_000,
		minted_basis: 60_000_000_000_000_000,
		spent_basis: 10_000_000_000_000_000,
		for_validators: 500_000_000_000_000,
	}
}

type Checked = Result<Vec<VoucherAnswer<AccountBytes>>, Code<ClaimRefusal>>;

fn answers() -> Checked {
	Ok(vec![pays(), refused()])
}

fn not_claimable() -> Checked {
	Err(ClaimRefusal::GraceIsOver.into())
}

fn pays() -> VoucherAnswer<AccountBytes> {
	VoucherAnswer::Pays(VoucherPay {
		owner: AccountBytes(bytes(11)),
		credits: 400,
		units: 200,
		basis: 40_000_000_000,
		value: 40_000_000_000,
		paid: 36_000_000_000,
		takes_seat: true,
		overdraws: false,
	})
}

fn refused() -> VoucherAnswer<AccountBytes> {
	VoucherAnswer::Refused(VoucherReason::OutsidePrice.into())
}

fn endpoint(text: &str) -> Endpoint {
	Endpoint::new(text).expect("it is short enough")
}

fn route() -> RouteInfo<AccountBytes> {
	let range = |first, last| AddressRange {
		first: DevAddr::from_number(first),
		last: DevAddr::from_number(last),
	};
	RouteInfo {
		payer: AccountBytes(bytes(9)),
		route: Some(Route {
			endpoint: endpoint("router.example.com:9000"),
			router_key: RouterKey(bytes(10)),
			copies: 3,
		}),
		ranges: vec![range(0x0000_0100, 0x0000_01ff), range(0xfc00_0400, 0xfc00_07ff)],
		join_euis: vec![JoinEui(0x70b3_d57e_d000_0001_u64.to_be_bytes())],
	}
}

fn routes() -> RoutePage<AccountBytes> {
	let unset = RouteInfo {
		payer: AccountBytes(bytes(11)),
		route: None,
		ranges: vec![],
		join_euis: vec![],
	};
	RoutePage {
		version: Some(7),
		routes: vec![route(), unset],
		next: Some(AccountBytes(bytes(11))),
	}
}

fn offers() -> OfferPage<AccountBytes> {
	let offer = Offer {
		service: 1,
		endpoint: endpoint("[2001:db8::7]:443"),
		credits_per_unit: 1_000_000_000,
		units_per_second: 25,
	};
	let info = OfferInfo { device: 9, owner: AccountBytes(bytes(12)), offer, is_current: true };
	OfferPage { version: Some(12), offers: vec![info], next: None }
}

fn unreadable() -> UnreadableInfo {
	UnreadableInfo {
		window_clock: false,
		epochs: true,
		networks: vec![1, 5],
		price: true,
		credits: false,
		channels: true,
		raises: false,
		stake: vec![3],
		eras: true,
		candidates: false,
		sets: vec![8, 7],
		points: true,
		delegated: false,
		starts: vec![7, 6],
		works: 2,
		key_history: true,
		key_uses: 3,
		offences: 1,
		offender_counts: vec![6],
		slash_queue: false,
		slashes: 4,
		sweep: true,
		barred: false,
		provisions: 5,
		operators: 6,
		delegations: 256,
		tranches: 7,
		generations: 8,
		outflow: true,
	}
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

fn payout_terms() -> PayoutTerms {
	PayoutTerms {
		supply_share: Scale::from_percent(50),
		weight: Scale::from_percent(60),
		unit_cap: 10_000_000_000,
		device_cap: 150_000_000_000,
		founded_ms: 1_810_000_000_000,
		chain_began_ms: 1_800_000_000_000,
		epoch_length_ms: 86_400_000,
		shares: DemandShares::default(),
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
