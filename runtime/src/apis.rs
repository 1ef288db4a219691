//! The runtime APIs.

use alloc::{borrow::Cow, vec::Vec};

use codec::Encode;
use frame_support::{
	genesis_builder_helper::{build_state, get_preset},
	traits::Get,
	weights::Weight,
};
use groma_core::{
	ChannelId, DeviceId, EpochIndex, EraIndex, NetworkId, RegionId, WindowIndex, emission,
	place::Cell,
	region::RegionPlan,
	statement::{Reveal, Statement},
	voucher::Voucher,
	words::{SessionKey, Signature},
};
use groma_runtime_api::{
	ActivityInfo, CellInfo, ChallengeInfo, ChannelInfo, ClaimRefusal, Code, CollectorInfo,
	CreditsInfo, DelegationPage, DemandInfo, DeviceInfo, EpochInfo, EraInfo, EraSetInfo, KeyKind,
	NetworkEpochInfo, NetworkInfo, OffenceId, OffenceKind, OfferPage, PayoutTerms, PriceInfo,
	ProvisionInfo, RaiseInfo, Refusal, RewardsInfo, RouteInfo, RoutePage, RouteVersions, SeatInfo,
	SessionKeyInfo, SlashPage, StatementRank, SupplyInfo, ThawingInfo, TransactionTrack,
	UnreadableInfo, ValidatorInfo, VoucherAnswer, WindowInfo,
};
use groma_traits::{ActiveDevices, Provisions as _, Windows as _};
use pallet_grandpa::AuthorityId as GrandpaId;
use pallet_timing::BabeEpochSlots;
use pallet_validators::{Seat, Signer};
use sp_api::impl_runtime_apis;
use sp_authority_discovery::AuthorityId as AuthorityDiscoveryId;
use sp_consensus_babe::AuthorityId as BabeId;
use sp_core::{OpaqueMetadata, crypto::KeyTypeId};
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
	ApplyExtrinsicResult, ExtrinsicInclusionMode, SaturatedConversion,
	traits::{Block as BlockT, NumberFor},
	transaction_validity::{TransactionSource, TransactionValidity},
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_staking::offence::{Kind, Offence};
use sp_version::RuntimeVersion;

use crate::{
	AccountId, AuthorityDiscovery, Babe, Balance, Block, Challenges, Collector, DataCredits,
	DeviceRegistry, Emission, Executive, Grandpa, InherentDataExt, MeteredService, Networks, Nonce,
	PriceFeed, ProofOfCoverage, Rewards, Routes, Runtime, RuntimeCall, RuntimeGenesisConfig,
	SessionKeys, Stake, System, TransactionPayment, TreasuryOutflow, Validators,
	configs::session::{prove_author, prove_voter},
	fees, genesis, session_keys, transactions,
};

/// The version of this runtime.
#[cfg(not(feature = "variant"))]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: Cow::Borrowed("groma"),
	impl_name: Cow::Borrowed("groma"),
	authoring_version: 1,
	spec_version: 1,
	impl_version: 1,
	apis: RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

/// The version of the blob that tests upgrade to: above that of any release.
#[cfg(feature = "variant")]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: Cow::Borrowed("groma"),
	impl_name: Cow::Borrowed("groma"),
	authoring_version: 1,
	spec_version: 1_000_000,
	impl_version: 1,
	apis: RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

frame_support::parameter_types! {
	/// The version of this runtime, for its pallets.
	pub const Version: RuntimeVersion = VERSION;
}

/// What the pallets know of a network, together.
fn network_info(network: NetworkId) -> Option<NetworkInfo> {
	let terms = <Networks as groma_traits::Networks>::terms(network)?;
	Some(NetworkInfo {
		name: Networks::name_of(network)?,
		active_devices: DeviceRegistry::active_count(network),
		challenge_interval_windows: Challenges::challenge_interval(network),
		status: <Networks as groma_traits::Networks>::status(network)?.into(),
		supply_weight: terms.supply.weight,
		lane_share: terms.lottery.lane_share,
		open_units: Rewards::open_units(network),
		last_epoch: Rewards::last_network_epoch(network),
		stake_per_device: terms.stake_per_device,
		raise: raise_info(network),
	})
}

/// The raise of a network's stake per device that is announced.
fn raise_info(network: NetworkId) -> Option<RaiseInfo> {
	let pallet_networks::Raise { stake_per_device, window, .. } = Networks::raise_of(network)?;
	Some(RaiseInfo { stake_per_device, window })
}

/// What the pallets know of the stake behind an owner's devices, together. Stake of a network that
/// is gone is shown, since it can still be let go.
fn provision_info(owner: AccountId, network: NetworkId) -> Option<ProvisionInfo<AccountId>> {
	let provision = Stake::provision_of(&owner, network)?;
	let terms = <Networks as groma_traits::Networks>::terms(network);
	if terms.is_none() && provision.is_empty() {
		return None;
	}
	let stake_per_device = terms.map_or(0, |terms| terms.stake_per_device);
	let covered_slots = Stake::covered_slots(&owner, network, stake_per_device);
	let now = Challenges::of_next_block();
	let thawing: Vec<_> = provision
		.thawing
		.iter()
		.map(|entry| ThawingInfo { due: entry.due, amount: entry.amount })
		.collect();
	let due = thawing.iter().filter(|entry| entry.due <= now).map(|entry| entry.amount);
	Some(ProvisionInfo {
		network,
		active: provision.active,
		withdrawable: due.fold(0, Balance::saturating_add),
		thawing,
		stake_per_device,
		covered_slots,
		first_uncovered: DeviceRegistry::devices_of(owner.clone(), network, covered_slots, 1)
			.first()
			.copied(),
		raise: raise_info(network),
		owner,
	})
}

/// The ids of the kinds of reports that there are.
const TWO_BLOCKS: Kind =
	<pallet_babe::EquivocationOffence<Signer<Runtime>> as Offence<Signer<Runtime>>>::ID;
const TWO_VOTES: Kind =
	<pallet_grandpa::EquivocationOffence<Signer<Runtime>> as Offence<Signer<Runtime>>>::ID;

/// What the id of a kind of report means.
fn offence_kind(kind: Kind) -> OffenceKind {
	match kind {
		TWO_BLOCKS => OffenceKind::TwoBlocks,
		TWO_VOTES => OffenceKind::TwoVotes,
		_ => OffenceKind::Other,
	}
}

/// The clock of eras, with what slashes took and no one settled, and what the set earned.
fn era_info() -> Option<EraInfo> {
	let info = Validators::era_info()?;
	let set = Validators::set_of(info.active).unwrap_or_default();
	Some(EraInfo { unsettled: Stake::unsettled(), recent_yield: mean_yield(&set), ..info })
}

/// What a planck behind a set earned in the last epochs, in billionths, rounded down: the mean by
/// what stood behind each member. Members whose records do not decode are left out.
fn mean_yield(set: &[Seat<AccountId>]) -> u64 {
	let (mut earned, mut total): (Balance, Balance) = (0, 0);
	for seat in set {
		if let Some(terms) = Stake::pool_terms(&seat.validator) {
			let of_seat = seat.total.saturating_mul(terms.recent_yield.into());
			earned = earned.saturating_add(of_seat);
			total = total.saturating_add(seat.total);
		}
	}
	earned.checked_div(total).unwrap_or_default().saturated_into()
}

/// A part of the set of an era, with the terms of each pool.
fn era_set_info(era: Option<EraIndex>, from: u32, limit: u32) -> Option<EraSetInfo<AccountId>> {
	let mut set = Validators::set_info(era, from, limit)?;
	for member in &mut set.validators {
		if let Some(terms) = Stake::pool_terms(&member.account) {
			member.commission = Some(terms.commission);
			member.is_open = terms.is_open;
			member.recent_yield = terms.recent_yield;
		}
	}
	Some(set)
}

/// An account as a validator, with its keys, what stands behind it, and what waits to be taken of
/// that.
fn validator_info(account: AccountId) -> ValidatorInfo<AccountId> {
	let backing = Stake::backing_info(&account);
	let pending = backing.as_ref().map(|backing| &backing.pending);
	let pending_slash = pending.and_then(|eras| Validators::pending_slash(&account, eras));
	let keys = session_keys::keys_of(&account);
	ValidatorInfo { backing, pending_slash, keys, ..Validators::validator_info(account) }
}

/// The networks whose sum of stake does not decode.
fn unreadable_stake() -> Vec<NetworkId> {
	let networks = <Networks as groma_traits::Networks>::ids().into_iter();
	networks.filter(|network| Stake::total(*network).is_none()).collect()
}

/// The networks of which no device is challenged, since their records, or how many active devices
/// they have, cannot be read.
fn unreadable_networks() -> Vec<NetworkId> {
	let damaged = Networks::unreadable();
	let networks = <Networks as groma_traits::Networks>::ids().into_iter();
	let is_damaged = |network: &NetworkId| {
		damaged.contains(network) || !DeviceRegistry::has_readable_count(*network)
	};
	networks.filter(is_damaged).collect()
}

/// By what the payouts of a network are computed now.
fn payout_terms(network: NetworkId) -> Option<PayoutTerms> {
	let mut terms = <Networks as groma_traits::Networks>::terms(network)?;
	let clock = Emission::running_clock()?;
	let began_ms = emission::began_ms(clock.open, clock.epoch_length_ms);
	terms.stake_per_device =
		<Networks as groma_traits::Networks>::least_stake_per_device(network, began_ms)?;
	Some(PayoutTerms {
		supply_share: <Runtime as pallet_emission::Config>::Split::get().shares().supply,
		weight: terms.supply.weight,
		unit_cap: terms.supply.unit_cap,
		device_cap: terms.device_cap(),
		founded_ms: <Networks as groma_traits::Networks>::founded_ms(network)?,
		chain_began_ms: clock.started_ms,
		epoch_length_ms: clock.epoch_length_ms,
		shares: <Runtime as pallet_rewards::Config>::DemandShares::get(),
	})
}

/// The books of tokens and of credits, together; `None` if one of them cannot be read.
fn supply_info() -> Option<SupplyInfo> {
	let credits = DataCredits::stored_books()?;
	Some(SupplyInfo {
		credits_minted: credits.minted,
		credits_spent: credits.spent,
		minted_basis: credits.minted_basis,
		spent_basis: credits.spent_basis,
		..Emission::supply_info()?
	})
}

impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			VERSION
		}

		fn execute_block(block: <Block as BlockT>::LazyBlock) {
			Executive::execute_block(block);
		}

		fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
			Executive::initialize_block(header)
		}
	}

	impl sp_api::Metadata<Block> for Runtime {
		fn metadata() -> OpaqueMetadata {
			OpaqueMetadata::new(Runtime::metadata().into())
		}

		fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
			Runtime::metadata_at_version(version)
		}

		fn metadata_versions() -> Vec<u32> {
			Runtime::metadata_versions()
		}
	}

	impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
		fn execute_view_function(
			id: frame_support::view_functions::ViewFunctionId,
			input: Vec<u8>,
		) -> Result<Vec<u8>, frame_support::view_functions::ViewFunctionDispatchError> {
			Runtime::execute_view_function(id, input)
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			Executive::apply_extrinsic(extrinsic)
		}

		fn finalize_block() -> <Block as BlockT>::Header {
			Executive::finalize_block()
		}

		fn inherent_extrinsics(data: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			data.create_extrinsics()
		}

		fn check_inherents(
			block: <Block as BlockT>::LazyBlock,
			data: InherentData,
		) -> CheckInherentsResult {
			data.check_extrinsics(&block)
		}
	}

	impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
		fn validate_transaction(
			source: TransactionSource,
			transaction: <Block as BlockT>::Extrinsic,
			block_hash: <Block as BlockT>::Hash,
		) -> TransactionValidity {
			Executive::validate_transaction(source, transaction, block_hash)
		}
	}

	impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
		fn offchain_worker(header: &<Block as BlockT>::Header) {
			Executive::offchain_worker(header)
		}
	}

	impl sp_session::SessionKeys<Block> for Runtime {
		fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
			SessionKeys::generate(&owner, seed).into()
		}

		fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
			SessionKeys::decode_into_raw_public_keys(&encoded)
		}
	}

	impl sp_consensus_babe::BabeApi<Block> for Runtime {
		fn configuration() -> sp_consensus_babe::BabeConfiguration {
			let epoch = Babe::epoch_config().unwrap_or_default();
			sp_consensus_babe::BabeConfiguration {
				slot_duration: Babe::slot_duration(),
				epoch_length: BabeEpochSlots::get(),
				c: epoch.c,
				authorities: Babe::authorities().to_vec(),
				randomness: Babe::randomness(),
				allowed_slots: epoch.allowed_slots,
			}
		}

		fn current_epoch_start() -> sp_consensus_babe::Slot {
			Babe::current_epoch_start()
		}

		fn current_epoch() -> sp_consensus_babe::Epoch {
			Babe::current_epoch()
		}

		fn next_epoch() -> sp_consensus_babe::Epoch {
			Babe::next_epoch()
		}

		fn generate_key_ownership_proof(
			slot: sp_consensus_babe::Slot,
			authority: BabeId,
		) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
			let proof = prove_author(slot, authority.as_ref())?;
			Some(sp_consensus_babe::OpaqueKeyOwnershipProof::new(proof.encode()))
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
			key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			Babe::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
		}
	}

	impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
		fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
			Grandpa::grandpa_authorities()
		}

		fn current_set_id() -> sp_consensus_grandpa::SetId {
			pallet_grandpa::CurrentSetId::<Runtime>::get()
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			equivocation_proof: sp_consensus_grandpa::EquivocationProof<
				<Block as BlockT>::Hash,
				NumberFor<Block>,
			>,
			key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			Grandpa::submit_unsigned_equivocation_report(
				equivocation_proof,
				key_owner_proof.decode()?,
			)
		}

		fn generate_key_ownership_proof(
			set: sp_consensus_grandpa::SetId,
			authority: GrandpaId,
		) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
			let proof = prove_voter(set, authority.as_ref())?;
			Some(sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(proof.encode()))
		}
	}

	impl sp_authority_discovery::AuthorityDiscoveryApi<Block> for Runtime {
		fn authorities() -> Vec<AuthorityDiscoveryId> {
			AuthorityDiscovery::authorities()
		}
	}

	impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
		fn account_nonce(account: AccountId) -> Nonce {
			System::account_nonce(account)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance>
		for Runtime
	{
		fn query_info(
			extrinsic: <Block as BlockT>::Extrinsic,
			length: u32,
		) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
			fees::query_info(&extrinsic, length)
		}

		fn query_fee_details(
			extrinsic: <Block as BlockT>::Extrinsic,
			length: u32,
		) -> pallet_transaction_payment::FeeDetails<Balance> {
			fees::query_fee_details(&extrinsic, length)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<
		Block,
		Balance,
		RuntimeCall,
	> for Runtime
	{
		fn query_call_info(
			call: RuntimeCall,
			length: u32,
		) -> pallet_transaction_payment::RuntimeDispatchInfo<Balance> {
			fees::query_call_info(&call, length)
		}

		fn query_call_fee_details(
			call: RuntimeCall,
			length: u32,
		) -> pallet_transaction_payment::FeeDetails<Balance> {
			fees::query_call_fee_details(&call, length)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl groma_runtime_api::RegistryApi<Block, AccountId> for Runtime {
		fn device(id: DeviceId) -> Option<DeviceInfo<AccountId>> {
			DeviceRegistry::device_info(id)
		}

		fn device_by_key(session_key: SessionKey) -> Option<DeviceId> {
			DeviceRegistry::device_by_key(session_key)
		}

		fn devices_of(
			owner: AccountId,
			network: NetworkId,
			from: u32,
			limit: u32,
		) -> Vec<DeviceId> {
			DeviceRegistry::devices_of(owner, network, from, limit)
		}

		fn devices_in(cell: Cell, from: u32, limit: u32) -> Vec<DeviceId> {
			DeviceRegistry::devices_in(cell, from, limit)
		}

		fn onboarding_nonce(owner: AccountId) -> u32 {
			DeviceRegistry::onboarding_nonce(&owner)
		}
	}

	impl groma_runtime_api::ChallengesApi<Block> for Runtime {
		fn window() -> WindowInfo {
			Challenges::window_info()
		}

		fn seed(window: WindowIndex) -> Option<[u8; 32]> {
			Challenges::seed_of(window)
		}

		fn track(transaction: <Block as BlockT>::Extrinsic) -> TransactionTrack {
			transactions::track(&transaction)
		}
	}

	impl groma_runtime_api::CoverageApi<Block> for Runtime {
		fn region_plan(network: NetworkId, region: RegionId) -> Option<RegionPlan> {
			ProofOfCoverage::plan(network, region)
		}

		fn challenge(device: DeviceId, window: WindowIndex) -> Option<ChallengeInfo> {
			ProofOfCoverage::challenge_info(device, window)
		}

		fn is_beacon_genuine(device: DeviceId, window: WindowIndex, signature: Signature) -> bool {
			ProofOfCoverage::is_beacon_genuine(device, window, &signature)
		}

		fn is_drawn(window: WindowIndex, beaconer: DeviceId, witness: DeviceId) -> bool {
			ProofOfCoverage::is_witness_drawn(window, beaconer, witness)
		}

		fn check_statement(statement: Statement) -> Result<StatementRank, Code<Refusal>> {
			ProofOfCoverage::check_statement(&statement).map_err(Code::from)
		}

		fn check_reveal(reveal: Reveal) -> Result<(), Code<Refusal>> {
			ProofOfCoverage::check_reveal(&reveal).map_err(Code::from)
		}

		fn witnesses(window: WindowIndex, beaconer: DeviceId) -> Vec<DeviceId> {
			ProofOfCoverage::witnesses(window, beaconer)
		}

		fn activity(device: DeviceId) -> Option<ActivityInfo> {
			ProofOfCoverage::activity_info(device)
		}

		fn cell(network: NetworkId, cell: Cell) -> CellInfo {
			ProofOfCoverage::cell_info(network, cell)
		}
	}

	impl groma_runtime_api::CollectorsApi<Block, AccountId> for Runtime {
		fn collector(account: AccountId) -> CollectorInfo<AccountId> {
			Collector::collector_info(&account)
		}
	}

	impl groma_runtime_api::StakeApi<Block, AccountId> for Runtime {
		fn provision(owner: AccountId, network: NetworkId) -> Option<ProvisionInfo<AccountId>> {
			provision_info(owner, network)
		}

		fn delegations(account: AccountId, after: Option<AccountId>) -> DelegationPage<AccountId> {
			Stake::delegations_of(&account, after)
		}
	}

	impl groma_runtime_api::ValidatorsApi<Block, AccountId> for Runtime {
		fn era() -> Option<EraInfo> {
			era_info()
		}

		fn validators(
			era: Option<EraIndex>,
			from: u32,
			limit: u32,
		) -> Option<EraSetInfo<AccountId>> {
			era_set_info(era, from, limit)
		}

		fn validator(account: AccountId) -> ValidatorInfo<AccountId> {
			validator_info(account)
		}

		fn pending_slashes(after: Option<OffenceId<AccountId>>) -> SlashPage<AccountId> {
			Validators::pending_slashes(after, offence_kind)
		}

		fn session_key(kind: KeyKind, key: SessionKey) -> Option<SessionKeyInfo<AccountId>> {
			session_keys::key_info(kind, key)
		}
	}

	impl groma_runtime_api::RewardsApi<Block, AccountId> for Runtime {
		fn epoch() -> Option<EpochInfo> {
			Emission::epoch_info()
		}

		fn rewards(device: DeviceId) -> RewardsInfo<AccountId> {
			Rewards::rewards_info(device)
		}

		fn network(network: NetworkId) -> Option<NetworkInfo> {
			network_info(network)
		}

		fn network_epoch(network: NetworkId, epoch: EpochIndex) -> Option<NetworkEpochInfo> {
			Rewards::network_epoch(network, epoch)
		}

		fn payout_terms(network: NetworkId) -> Option<PayoutTerms> {
			payout_terms(network)
		}
	}

	impl groma_runtime_api::StateApi<Block> for Runtime {
		fn unreadable() -> UnreadableInfo {
			UnreadableInfo {
				window_clock: !Challenges::has_readable_clock(),
				epochs: Emission::is_stopped(),
				networks: unreadable_networks(),
				price: !PriceFeed::has_readable_state(),
				credits: !DataCredits::has_readable_books(),
				channels: !MeteredService::has_readable_counters(),
				raises: !Networks::has_readable_raises(),
				stake: unreadable_stake(),
				eras: !Validators::has_readable_clock(),
				candidates: Validators::candidates().is_none(),
				sets: Validators::unreadable_sets(),
				points: !Validators::has_readable_points(),
				delegated: Stake::unsettled().is_none(),
				starts: Validators::unreadable_starts(),
				works: Validators::unreadable_works(),
				key_history: !Validators::has_readable_key_history(),
				key_uses: Validators::unreadable_key_uses(),
				offences: Validators::unreadable_offences(),
				offender_counts: Validators::unreadable_counts(),
				slash_queue: !Validators::has_readable_slash_queue(),
				slashes: Validators::unreadable_slashes(),
				sweep: !Validators::has_readable_sweep(),
				barred: !Validators::has_readable_barred(),
				provisions: Stake::unreadable_provisions(),
				operators: Stake::unreadable_operators(),
				delegations: Stake::unreadable_delegations(),
				tranches: Stake::unreadable_tranches(),
				generations: Stake::unreadable_generations(),
				outflow: !TreasuryOutflow::has_readable_meter(),
			}
		}
	}

	impl groma_runtime_api::PriceApi<Block> for Runtime {
		fn price() -> Option<PriceInfo> {
			PriceFeed::price_info()
		}
	}

	impl groma_runtime_api::CreditsApi<Block, AccountId> for Runtime {
		fn credits(account: AccountId) -> CreditsInfo<AccountId> {
			DataCredits::credits_info(&account)
		}

		fn channel(channel: ChannelId) -> Option<ChannelInfo<AccountId>> {
			MeteredService::channel_info(channel)
		}

		fn channels_of(
			payer: AccountId,
			after: Option<ChannelId>,
		) -> Vec<ChannelInfo<AccountId>> {
			MeteredService::channels_of(&payer, after)
		}

		fn seats(channel: ChannelId, after: Option<DeviceId>) -> Vec<SeatInfo> {
			MeteredService::seats_of(channel, after)
		}

		fn demand(network: NetworkId, epoch: EpochIndex) -> Option<DemandInfo> {
			Rewards::demand_info(network, epoch)
		}

		fn supply() -> Option<SupplyInfo> {
			supply_info()
		}

		fn check_vouchers(
			channel: ChannelId,
			vouchers: Vec<Voucher>,
		) -> Result<Vec<VoucherAnswer<AccountId>>, Code<ClaimRefusal>> {
			MeteredService::voucher_answers(channel, vouchers).map_err(Code::from)
		}
	}

	impl groma_runtime_api::RoutesApi<Block, AccountId> for Runtime {
		fn versions() -> Option<RouteVersions> {
			Routes::versions()
		}

		fn routes(after: Option<AccountId>, limit: u32) -> RoutePage<AccountId> {
			Routes::routes(after, limit)
		}

		fn route(payer: AccountId) -> Option<RouteInfo<AccountId>> {
			Routes::route(payer)
		}

		fn offers(after: Option<DeviceId>, limit: u32) -> OfferPage<AccountId> {
			Routes::offers(after, limit)
		}
	}

	impl groma_runtime_api::ReportPoolApi<Block> for Runtime {
		fn layout() -> u32 {
			groma_core::pool_layout::LAYOUT
		}
	}

	impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
		fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
			build_state::<RuntimeGenesisConfig>(config)
		}

		fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
			get_preset::<RuntimeGenesisConfig>(id, genesis::get_preset)
		}

		fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
			genesis::preset_names()
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	impl frame_benchmarking::Benchmark<Block> for Runtime {
		fn benchmark_metadata(
			extra: bool,
		) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
			crate::benchmarks::list(extra)
		}

		fn dispatch_benchmark(
			config: frame_benchmarking::BenchmarkConfig,
		) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
			crate::benchmarks::dispatch(config)
		}
	}

	#[cfg(feature = "try-runtime")]
	impl frame_try_runtime::TryRuntime<Block> for Runtime {
		fn on_runtime_upgrade(
			checks: frame_try_runtime::UpgradeCheckSelect,
		) -> (Weight, Weight) {
			let weight = Executive::try_runtime_upgrade(checks)
				.unwrap_or_else(|error| panic!("a migration failed: {error:?}"));
			(weight, crate::constants::BlockWeights::get().max_block)
		}

		fn execute_block(
			block: <Block as BlockT>::LazyBlock,
			state_root_check: bool,
			signature_check: bool,
			select: frame_try_runtime::TryStateSelect,
		) -> Weight {
			Executive::try_execute_block(block, state_root_check, signature_check, select)
				.unwrap_or_else(|error| panic!("the block failed: {error:?}"))
		}
	}
}
