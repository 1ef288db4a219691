//! Which pallets are measured, for the runtime API of the benchmarking tool.

use alloc::{string::String, vec::Vec};

use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{
	StorageInfo, StorageInfoTrait, WhitelistedStorageKeys, fungible::Mutate,
};
use frame_system_benchmarking::{
	Pallet as SystemBench, extensions::Pallet as SystemExtensionsBench,
};

use groma_core::{
	CollectorIndex, DeviceId, EpochIndex, EraIndex, NetworkId, RegionId, emission::DAY_MS,
	place::Cell, protocol::THAW_ERAS, units::Units,
};
use groma_traits::{
	CollectorsBenchmarkHelper, DevicesBenchmarkHelper, EmissionBenchmarkHelper,
	ErasBenchmarkHelper, OpenWork, SupplyRewardsBenchmarkHelper, SupplyWorkBenchmarkHelper,
	ValidatorsBenchmarkHelper, Window, WindowsBenchmarkHelper,
};
use pallet_stake::Purpose;
use pallet_timing::ThawEras;

use crate::*;

frame_benchmarking::define_benchmarks!(
	[frame_system, SystemBench::<Runtime>]
	[frame_system_extensions, SystemExtensionsBench::<Runtime>]
	[pallet_balances, Balances]
	[pallet_challenges, Challenges]
	[pallet_collector, Collector]
	[pallet_data_credits, DataCredits]
	[pallet_device_registry, DeviceRegistry]
	[pallet_emission, Emission]
	[pallet_governed_parameters, GovernedParameters]
	[pallet_metered_service, MeteredService]
	[pallet_multisig, Multisig]
	[pallet_networks, Networks]
	[pallet_outflow, TreasuryOutflow]
	[pallet_parameters, Parameters]
	[pallet_preimage, Preimage]
	[pallet_price_feed, PriceFeed]
	[pallet_proof_of_coverage, ProofOfCoverage]
	[pallet_proxy, Proxy]
	[pallet_rewards, Rewards]
	[pallet_routes, Routes]
	[pallet_scheduler, Scheduler]
	[pallet_stake, Stake]
	[pallet_timestamp, Timestamp]
	[pallet_transaction_payment, TransactionPayment]
	[pallet_upgrades, Upgrades]
	[pallet_utility, Utility]
	[pallet_validators, Validators]
);

impl frame_system_benchmarking::Config for Runtime {}

/// What the benchmarks of a pallet need of others.
pub struct World;

impl DevicesBenchmarkHelper<AccountId> for World {
	fn add_device(
		owner: AccountId,
		network: NetworkId,
		session_key: groma_core::words::SessionKey,
		cell: Cell,
		region: RegionId,
	) -> DeviceId {
		cover(&owner, network);
		DeviceRegistry::add_device(owner, network, session_key, cell, region)
	}

	fn fill_device_page(device: DeviceId) {
		DeviceRegistry::fill_device_page(device);
	}
}

/// Puts stake behind one device more of an owner, if there is such a network.
fn cover(owner: &AccountId, network: NetworkId) {
	let Some(terms) = <Networks as groma_traits::Networks>::terms(network) else { return };
	let (purpose, amount) = (Purpose::Devices(network), terms.stake_per_device);
	let is_covered = Balances::mint_into(owner, amount.saturating_mul(2)).is_ok()
		&& Stake::provision(RuntimeOrigin::signed(owner.clone()), purpose, amount).is_ok();
	assert!(is_covered, "the devices of benchmarks are covered");
}

impl WindowsBenchmarkHelper for World {
	fn set_window(window: Window) {
		Challenges::set_window(window);
	}
}

impl ErasBenchmarkHelper<AccountId> for World {
	/// Stake thaws as long as on a public chain: the longer it does, the more a slash looks at.
	fn set_era(era: EraIndex) {
		ThawEras::set(&THAW_ERAS);
		Validators::set_era(era);
	}

	fn give_keys(who: &AccountId) {
		Validators::give_keys(who);
	}
}

impl EmissionBenchmarkHelper for World {
	fn pass_to(epoch: EpochIndex) {
		Emission::pass_to(epoch);
		// Without a timestamp there is no epoch.
		pallet_timestamp::Now::<Runtime>::put(u64::from(epoch).saturating_mul(DAY_MS));
	}
}

/// The epoch of the benchmarks of kinds of proof: late enough for one before it.
const EPOCH: EpochIndex = 20_000;

impl SupplyRewardsBenchmarkHelper for World {
	fn open_epoch() {
		Emission::pass_to(EPOCH);
		pallet_timestamp::Now::<Runtime>::put(u64::from(EPOCH).saturating_mul(DAY_MS));
	}

	fn noted_units(network: NetworkId) -> Units {
		Rewards::noted_units(EPOCH, network)
	}
}

impl CollectorsBenchmarkHelper for World {
	fn add_collector() -> CollectorIndex {
		Collector::add_collector()
	}

	fn credited(collector: CollectorIndex) -> u32 {
		Collector::credited(collector)
	}
}

impl SupplyWorkBenchmarkHelper for World {
	fn leave_work(network: NetworkId, device: DeviceId, work: OpenWork) {
		ProofOfCoverage::leave_work(network, device, work);
	}
}

impl ValidatorsBenchmarkHelper<AccountId> for World {
	fn set_present(validators: Vec<AccountId>) {
		pallet_session::Validators::<Runtime>::put(validators);
		pallet_session::CurrentIndex::<Runtime>::mutate(|index| *index = index.saturating_add(1));
	}
}

/// The benchmarks, and the storage that they may touch.
pub(crate) fn list(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

/// Runs the benchmarks that `config` names.
pub(crate) fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}
