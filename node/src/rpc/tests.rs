//! Requests that no one would write: every method answers or refuses, whatever its parameters are.

use groma_core::{
	ChannelId, DeviceId, EpochIndex, EraIndex, NetworkId, RegionId, WindowIndex,
	api::{
		ActivityInfo, CellInfo, ChallengeInfo, ChannelInfo, CollectorInfo, CreditsInfo,
		DelegationPage, DemandInfo, DeviceInfo, EpochInfo, EraInfo, EraSetInfo, KeyKind,
		NetworkEpochInfo, NetworkInfo, OffenceId, OfferPage, PriceInfo, ProvisionInfo, RoutePage,
		SeatInfo, SessionKeyInfo, SlashPage, SupplyInfo, ValidatorInfo, VoucherAnswer, WindowInfo,
	},
	place::Cell,
	region::RegionPlan,
	voucher::Voucher,
	words::SessionKey,
};
use jsonrpsee::{
	Extensions, RpcModule,
	core::{RpcResult, async_trait},
};
use proptest::{
	prelude::*,
	sample::Index,
	test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use sp_core::H256;

use super::{
	challenges::ChallengesApiServer, collectors::CollectorsApiServer, coverage::CoverageApiServer,
	credits::CreditsApiServer, failure, own_validators::OwnValidatorsApiServer,
	prices::PricesApiServer, registry::RegistryApiServer, rewards::RewardsApiServer,
	routes::RoutesApiServer, stake::StakeApiServer, validators::ValidatorsApiServer,
};
use crate::{
	guard::Summary,
	report_pool::fuzz_cases,
	types::{AccountId, BlockHash},
};

/// What [`Reached`] answers.
const REACHED: &str = "reached";

/// Answers nothing, but says that the parameters were read.
#[derive(Clone)]
struct Reached;

fn reached<T>() -> RpcResult<T> {
	Err(failure::bad_parameter(REACHED))
}

#[async_trait]
impl ChallengesApiServer for Reached {
	fn window(&self, _: Option<BlockHash>) -> RpcResult<WindowInfo> {
		reached()
	}

	fn seed(&self, _: WindowIndex, _: Option<BlockHash>) -> RpcResult<Option<H256>> {
		reached()
	}
}

#[async_trait]
impl CoverageApiServer for Reached {
	fn region_plan(
		&self,
		_: NetworkId,
		_: RegionId,
		_: Option<BlockHash>,
	) -> RpcResult<Option<RegionPlan>> {
		reached()
	}

	fn challenge(
		&self,
		_: DeviceId,
		_: Option<WindowIndex>,
		_: Option<BlockHash>,
	) -> RpcResult<Option<ChallengeInfo>> {
		reached()
	}

	fn witnesses(
		&self,
		_: WindowIndex,
		_: DeviceId,
		_: Option<BlockHash>,
	) -> RpcResult<Vec<DeviceId>> {
		reached()
	}

	fn activity(&self, _: DeviceId, _: Option<BlockHash>) -> RpcResult<Option<ActivityInfo>> {
		reached()
	}

	fn density(&self, _: Cell, _: Option<NetworkId>, _: Option<BlockHash>) -> RpcResult<CellInfo> {
		reached()
	}
}

#[async_trait]
impl RegistryApiServer for Reached {
	fn device(
		&self,
		_: DeviceId,
		_: Option<BlockHash>,
	) -> RpcResult<Option<DeviceInfo<AccountId>>> {
		reached()
	}

	fn device_by_key(
		&self,
		_: SessionKey,
		_: Option<BlockHash>,
	) -> RpcResult<Option<DeviceInfo<AccountId>>> {
		reached()
	}

	fn devices_of(
		&self,
		_: AccountId,
		_: NetworkId,
		_: Option<u32>,
		_: Option<u32>,
		_: Option<BlockHash>,
	) -> RpcResult<Vec<DeviceId>> {
		reached()
	}

	fn devices_in(
		&self,
		_: Cell,
		_: Option<u32>,
		_: Option<u32>,
		_: Option<BlockHash>,
	) -> RpcResult<Vec<DeviceId>> {
		reached()
	}

	fn onboarding_nonce(&self, _: AccountId, _: Option<BlockHash>) -> RpcResult<u32> {
		reached()
	}
}

#[async_trait]
impl RewardsApiServer for Reached {
	fn epoch(&self, _: Option<BlockHash>) -> RpcResult<Option<EpochInfo>> {
		reached()
	}

	fn rewards(
		&self,
		_: DeviceId,
		_: Option<BlockHash>,
	) -> RpcResult<super::rewards::DeviceRewards> {
		reached()
	}

	fn network(&self, _: NetworkId, _: Option<BlockHash>) -> RpcResult<Option<NetworkInfo>> {
		reached()
	}

	fn network_epoch(
		&self,
		_: NetworkId,
		_: EpochIndex,
		_: Option<BlockHash>,
	) -> RpcResult<Option<NetworkEpochInfo>> {
		reached()
	}
}

#[async_trait]
impl CollectorsApiServer for Reached {
	fn collector(
		&self,
		_: Option<AccountId>,
		_: Option<BlockHash>,
	) -> RpcResult<Option<CollectorInfo<AccountId>>> {
		reached()
	}
}

#[async_trait]
impl PricesApiServer for Reached {
	fn price(&self, _: Option<BlockHash>) -> RpcResult<Option<PriceInfo>> {
		reached()
	}
}

#[async_trait]
impl CreditsApiServer for Reached {
	fn credits(&self, _: AccountId, _: Option<BlockHash>) -> RpcResult<CreditsInfo<AccountId>> {
		reached()
	}

	fn channel(
		&self,
		_: ChannelId,
		_: Option<BlockHash>,
	) -> RpcResult<Option<ChannelInfo<AccountId>>> {
		reached()
	}

	fn channels_of(
		&self,
		_: AccountId,
		_: Option<ChannelId>,
		_: Option<BlockHash>,
	) -> RpcResult<Vec<ChannelInfo<AccountId>>> {
		reached()
	}

	fn seats(
		&self,
		_: ChannelId,
		_: Option<DeviceId>,
		_: Option<BlockHash>,
	) -> RpcResult<Vec<SeatInfo>> {
		reached()
	}

	fn demand(
		&self,
		_: NetworkId,
		_: EpochIndex,
		_: Option<BlockHash>,
	) -> RpcResult<Option<DemandInfo>> {
		reached()
	}

	fn supply(&self, _: Option<BlockHash>) -> RpcResult<Option<SupplyInfo>> {
		reached()
	}

	fn check_vouchers(
		&self,
		_: ChannelId,
		_: Vec<Voucher>,
		_: Option<BlockHash>,
	) -> RpcResult<Vec<VoucherAnswer<AccountId>>> {
		reached()
	}
}

#[async_trait]
impl RoutesApiServer for Reached {
	fn routes(
		&self,
		_: Option<AccountId>,
		_: Option<u32>,
		_: Option<BlockHash>,
	) -> RpcResult<RoutePage<AccountId>> {
		reached()
	}

	fn offers(
		&self,
		_: Option<DeviceId>,
		_: Option<u32>,
		_: Option<BlockHash>,
	) -> RpcResult<OfferPage<AccountId>> {
		reached()
	}
}

#[async_trait]
impl StakeApiServer for Reached {
	fn provision(
		&self,
		_: AccountId,
		_: NetworkId,
		_: Option<BlockHash>,
	) -> RpcResult<Option<ProvisionInfo<AccountId>>> {
		reached()
	}

	fn delegations(
		&self,
		_: AccountId,
		_: Option<AccountId>,
		_: Option<BlockHash>,
	) -> RpcResult<DelegationPage<AccountId>> {
		reached()
	}
}

#[async_trait]
impl ValidatorsApiServer for Reached {
	fn era(&self, _: Option<BlockHash>) -> RpcResult<Option<EraInfo>> {
		reached()
	}

	fn validators(
		&self,
		_: Option<EraIndex>,
		_: Option<u32>,
		_: Option<u32>,
		_: Option<BlockHash>,
	) -> RpcResult<Option<EraSetInfo<AccountId>>> {
		reached()
	}

	fn validator(&self, _: AccountId, _: Option<BlockHash>) -> RpcResult<ValidatorInfo<AccountId>> {
		reached()
	}

	fn pending_slashes(
		&self,
		_: Option<OffenceId<AccountId>>,
		_: Option<BlockHash>,
	) -> RpcResult<SlashPage<AccountId>> {
		reached()
	}

	fn session_key(
		&self,
		_: KeyKind,
		_: SessionKey,
		_: Option<BlockHash>,
	) -> RpcResult<Option<SessionKeyInfo<AccountId>>> {
		reached()
	}
}

#[async_trait]
impl OwnValidatorsApiServer for Reached {
	fn own_validators(&self, _: &Extensions, _: Option<BlockHash>) -> RpcResult<Vec<AccountId>> {
		reached()
	}

	fn signing_guard(&self, _: &Extensions) -> RpcResult<Option<Summary>> {
		reached()
	}
}

fn module() -> RpcModule<()> {
	let mut module = RpcModule::new(());
	for methods in [
		ChallengesApiServer::into_rpc(Reached).remove_context(),
		CoverageApiServer::into_rpc(Reached).remove_context(),
		RegistryApiServer::into_rpc(Reached).remove_context(),
		RewardsApiServer::into_rpc(Reached).remove_context(),
		CollectorsApiServer::into_rpc(Reached).remove_context(),
		PricesApiServer::into_rpc(Reached).remove_context(),
		CreditsApiServer::into_rpc(Reached).remove_context(),
		RoutesApiServer::into_rpc(Reached).remove_context(),
		StakeApiServer::into_rpc(Reached).remove_context(),
		ValidatorsApiServer::into_rpc(Reached).remove_context(),
		OwnValidatorsApiServer::into_rpc(Reached).remove_context(),
	] {
		module.merge(methods).expect("names differ");
	}
	module
}

/// A parameter: what some method takes, what none takes, and texts that are nearly right.
fn parameter() -> impl Strategy<Value = Value> {
	let simple = prop_oneof![
		any::<u64>().prop_map(|number| json!(number)),
		(0..300u32).prop_map(|number| json!(number)),
		any::<f64>().prop_map(|number| json!(number)),
		any::<i64>().prop_map(|number| json!(number)),
		Just(Value::Null),
		any::<bool>().prop_map(|it| json!(it)),
		"\\PC{0,80}".prop_map(|text| json!(text)),
		"(0x)?[0-9a-f]{0,68}".prop_map(|text| json!(text)),
		"0x[0-9a-f]{64}".prop_map(|text| json!(text)),
		"8[0-9a-f]{14}".prop_map(|text| json!(text)),
		Just(json!("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY")),
		"5[1-9A-HJ-NP-Za-km-z]{40,50}".prop_map(|text| json!(text)),
	];
	simple.prop_recursive(4, 32, 6, |inner| {
		prop_oneof![
			proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
			proptest::collection::hash_map("[a-z_]{1,12}", inner, 0..4)
				.prop_map(|fields| Value::Object(fields.into_iter().collect())),
		]
	})
}

/// Parameters that each method reads.
fn known() -> [(&'static str, Vec<Value>); 36] {
	let hash = || json!(format!("0x{}", "ab".repeat(32)));
	let account = || json!("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
	let cell = || json!("8c05686225a45ff");
	let signature = format!("0x{}", "ab".repeat(64));
	let offence = json!({ "era": 3, "validator": account() });
	let voucher = json!({ "device": 3, "credits": "9", "units": "5", "signature": signature });
	[
		("groma_window", vec![hash()]),
		("groma_seed", vec![json!(7), hash()]),
		("groma_regionPlan", vec![json!(0), json!(0), hash()]),
		("groma_challenge", vec![json!(3), json!(7), hash()]),
		("groma_witnesses", vec![json!(7), json!(3), hash()]),
		("groma_activity", vec![json!(3), hash()]),
		("groma_density", vec![cell(), json!(0), hash()]),
		("groma_device", vec![json!(3), hash()]),
		("groma_deviceByKey", vec![hash(), hash()]),
		("groma_devicesOf", vec![account(), json!(0), json!(0), json!(9), hash()]),
		("groma_devicesIn", vec![cell(), json!(0), json!(9), hash()]),
		("groma_onboardingNonce", vec![account(), hash()]),
		("groma_epoch", vec![hash()]),
		("groma_rewards", vec![json!(3), hash()]),
		("groma_collector", vec![account(), hash()]),
		("groma_price", vec![hash()]),
		("groma_credits", vec![account(), hash()]),
		("groma_channel", vec![json!(7), hash()]),
		("groma_channelsOf", vec![account(), json!(7), hash()]),
		("groma_seats", vec![json!(7), json!(3), hash()]),
		("groma_demand", vec![json!(0), json!(5), hash()]),
		("groma_supply", vec![hash()]),
		("groma_checkVouchers", vec![json!(7), json!([voucher]), hash()]),
		("groma_routes", vec![account(), json!(9), hash()]),
		("groma_offers", vec![json!(3), json!(9), hash()]),
		("groma_provision", vec![account(), json!(0), hash()]),
		("groma_delegations", vec![account(), account(), hash()]),
		("groma_era", vec![hash()]),
		("groma_validators", vec![json!(3), json!(0), json!(9), hash()]),
		("groma_validator", vec![account(), hash()]),
		("groma_pendingSlashes", vec![offence, hash()]),
		("groma_sessionKey", vec![json!("babe"), hash(), hash()]),
		("groma_ownValidators", vec![hash()]),
		("groma_signingGuard", vec![]),
		("groma_network", vec![json!(0), hash()]),
		("groma_networkEpoch", vec![json!(0), json!(5), hash()]),
	]
}

/// What a module answers to a request.
fn message_of(
	module: &RpcModule<()>,
	runtime: &tokio::runtime::Runtime,
	method: &str,
	parameters: &[Value],
) -> String {
	let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters });
	let request = request.to_string();
	let asked = module.raw_json_request(&request, 1);
	let (answer, _) = runtime.block_on(asked).expect("the request is one");
	let answer: Value = serde_json::from_str(&answer).expect("it answers in JSON");
	answer["error"]["message"].as_str().unwrap_or_default().to_owned()
}

fn runtime() -> tokio::runtime::Runtime {
	tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

#[test]
fn parameters_that_methods_take_are_read() {
	let (module, runtime) = (module(), runtime());
	assert_eq!(module.method_names().count(), known().len());
	for (method, parameters) in known() {
		assert_eq!(message_of(&module, &runtime, method, &parameters), REACHED, "{method}");
	}
}

/// Parameters of a method with one of them changed, or quite different ones.
fn parameters() -> impl Strategy<Value = (&'static str, Vec<Value>)> {
	let changed = (any::<Index>(), any::<Index>(), parameter(), 0..4u8).prop_map(
		|(method, place, parameter, way)| {
			let (method, mut parameters) = method.get(&known()).clone();
			// One method has no parameters.
			let place = place.index(parameters.len().max(1));
			match way {
				0 => parameters.truncate(place),
				2.. if place < parameters.len() => parameters[place] = parameter,
				_ => parameters.push(parameter),
			}
			(method, parameters)
		},
	);
	let different = (any::<Index>(), proptest::collection::vec(parameter(), 0..6))
		.prop_map(|(method, parameters)| (method.get(&known()).0, parameters));
	prop_oneof![3 => changed, 1 => different]
}

#[test]
fn every_method_answers_or_refuses_whatever_its_parameters_are() {
	let (module, runtime) = (module(), runtime());
	let config = Config { cases: fuzz_cases(), failure_persistence: None, ..Config::default() };
	let checked = TestRunner::new(config).run(&parameters(), |(method, parameters)| {
		let message = message_of(&module, &runtime, method, &parameters);
		prop_assert!(!message.is_empty(), "{method}: {parameters:?}");
		Ok(())
	});
	checked.expect("nothing panics");
}
