//! The runtime in memory: its genesis, its hooks and its calls, without blocks around them.

use anyhow::{Context, anyhow};
use codec::Encode;
use frame_support::{
	dispatch::GetDispatchInfo,
	pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError},
	storage::{storage_prefix, unhashed},
	traits::{Authorize, Get, Hooks, fungible::Mutate},
	weights::{Weight, WeightMeter},
};
use frame_system::RawOrigin;
use groma_core::{
	WindowIndex, emission,
	money::{Balance, MILLI_GRM},
	protocol::{CREDIT_PARTS, FIRST_NETWORK, RECIPROCITY_CHALLENGES, SLOT_MS},
	units::{ONE, Scale},
	words::Hash,
};
use groma_runtime::{
	AccountId, Balances, BlockNumber, Challenges, DeviceRegistry, Emission, Networks,
	ProofOfCoverage, Runtime, RuntimeCall, RuntimeEvent, RuntimeGenesisConfig, RuntimeOrigin,
	System, genesis::development,
};
use pallet_challenges::EvidenceLane;
use pallet_collector::Config as CollectorConfig;
use pallet_emission::EmissionSplit;
use pallet_stake::{Call as StakeCall, Purpose};
use sc_chain_spec::json_merge;
use serde_json::json;
use sp_runtime::{
	BuildStorage, DispatchError,
	traits::{Dispatchable, TransactionExtension, TxBaseImplication},
};
use sp_state_machine::BasicExternalities;

/// The shortest window that the chain allows, in blocks.
const WINDOW_BLOCKS: u32 = 10;
/// Windows between two challenges of a device, on average.
const CHALLENGE_INTERVAL: u32 = 4;
/// Windows of a reward epoch: each device is challenged four times in one, as on a day of
/// production.
pub(crate) const EPOCH_WINDOWS: u32 = 4 * CHALLENGE_INTERVAL;
/// The span of reciprocity, which is also how long a new device has grace, in windows.
pub(crate) const RECIPROCITY_WINDOWS: u32 = RECIPROCITY_CHALLENGES * CHALLENGE_INTERVAL;
const EPOCH_MS: u64 = SLOT_MS * WINDOW_BLOCKS as u64 * EPOCH_WINDOWS as u64;
/// The time of block 0 in ms since the Unix epoch: a whole number of epochs, so that they begin
/// with windows.
const START_MS: u64 = 2_000_000 * EPOCH_MS;
/// What the pool of an epoch holds for each honest device. It is so little that the pool bounds
/// what a unit earns, neither the cap per unit nor, for most, the cap per device: that is how
/// rewards are once the pool has halved a few times, and only so do cheats take anything from
/// others.
const POOL_PER_DEVICE: Balance = 20 * MILLI_GRM;

/// A chain in memory. Everything random on it follows from one seed.
pub(crate) struct Chain {
	externalities: BasicExternalities,
	seed: u64,
	genesis: Hash,
	block: BlockNumber,
	stake: Balance,
}

impl Chain {
	/// A development chain with production's terms, but for the shorter times and a pool for
	/// `honest` devices.
	pub(crate) fn found(seed: u64, honest: usize) -> anyhow::Result<Self> {
		let mut patch = development();
		let timing = patch.get_mut("timing").context("the preset has durations")?;
		timing["slotMs"] = json!(SLOT_MS);
		timing["rewardEpochMs"] = json!(EPOCH_MS);
		timing["parameters"] = json!({ "windowBlocks": WINDOW_BLOCKS });
		// Those of the trial register themselves, so that they have the first indices.
		patch["collector"] = json!({ "collectors": [] });
		let terms = patch
			.pointer_mut("/networks/networks/0/terms")
			.context("the preset has a network with terms")?;
		terms["lottery"]["intervalWindows"] = json!(CHALLENGE_INTERVAL);
		terms["place"]["fixed"]["maturityWindows"] = json!(0);
		terms["supply"]["rampWindows"] = json!(0);
		terms["supply"]["weight"] = json!(supply_weight(honest));
		let stake = terms["stakePerDevice"]
			.as_str()
			.and_then(|plancks| plancks.parse().ok())
			.context("the terms ask for stake")?;
		let mut config = serde_json::to_value(RuntimeGenesisConfig::default())?;
		json_merge(&mut config, patch);
		let storage = serde_json::from_value::<RuntimeGenesisConfig>(config)?
			.build_storage()
			.map_err(|error| anyhow!("the genesis cannot be built: {error}"))?;
		let genesis = sp_crypto_hashing::blake2_256(&("cheats", seed).encode());
		let mut chain = Self {
			externalities: BasicExternalities::new(storage),
			seed,
			genesis,
			block: 0,
			stake,
		};
		chain.with(|| frame_system::BlockHash::<Runtime>::insert(0, sp_core::H256(genesis)));
		chain.next_block();
		Ok(chain)
	}

	/// The hash of block 0.
	pub(crate) fn genesis_hash(&self) -> Hash {
		self.genesis
	}

	/// Plancks of stake that the network asks for behind each device.
	pub(crate) fn stake_per_device(&self) -> Balance {
		self.stake
	}

	/// The most plancks that a device earns by supply in an epoch; 0 if the network has no terms.
	pub(crate) fn device_cap(&mut self) -> Balance {
		let terms = self.with(|| <Networks as groma_traits::Networks>::terms(FIRST_NETWORK));
		terms.map_or(0, |terms| terms.device_cap())
	}

	/// The most plancks that a fifth of a report pays a collector.
	pub(crate) fn fifth_cap(&mut self) -> Balance {
		let report: Balance = self.with(<Runtime as CollectorConfig>::CollectorCap::get);
		report / Balance::from(CREDIT_PARTS)
	}

	/// Reads or changes the state.
	pub(crate) fn with<R>(&mut self, act: impl FnOnce() -> R) -> R {
		self.externalities.execute_with(act)
	}

	/// Gives an account GRM out of nothing.
	pub(crate) fn endow(&mut self, account: &AccountId, plancks: Balance) -> anyhow::Result<()> {
		self.with(|| Balances::mint_into(account, plancks))
			.map(drop)
			.map_err(|error| anyhow!("an account cannot be endowed: {error:?}"))
	}

	/// Puts an account's stake behind one device more.
	pub(crate) fn back(&mut self, owner: &AccountId) -> anyhow::Result<()> {
		let (purpose, amount) = (Purpose::Devices(FIRST_NETWORK), self.stake);
		self.call(owner, StakeCall::<Runtime>::provision { purpose, amount })
			.map(drop)
			.map_err(|error| anyhow!("an owner cannot provision: {error:?}"))
	}

	/// Dispatches a call of an account and returns what it reports.
	pub(crate) fn call(
		&mut self,
		signer: &AccountId,
		call: impl Into<RuntimeCall>,
	) -> Result<Vec<RuntimeEvent>, DispatchError> {
		self.with(|| {
			System::reset_events();
			call.into()
				.dispatch(RuntimeOrigin::signed(signer.clone()))
				.map_err(|failure| failure.error)?;
			Ok(System::events().into_iter().map(|record| record.event).collect())
		})
	}

	/// Whether an author leaves a call of an account out of its blocks, since most of it is on
	/// chain or too late: the account pays nothing then.
	///
	/// # Errors
	///
	/// If no pool takes such a call at all, as one that declares more than a bundle may.
	pub(crate) fn is_left_out(
		&mut self,
		signer: &AccountId,
		call: &RuntimeCall,
	) -> anyhow::Result<bool> {
		let (info, length) = (call.get_dispatch_info(), call.encoded_size());
		let origin = RuntimeOrigin::signed(signer.clone());
		let validity = self.with(|| {
			EvidenceLane::<Runtime>::new()
				.validate(
					origin,
					call,
					&info,
					length,
					(),
					&TxBaseImplication(()),
					TransactionSource::InBlock,
				)
				.map(drop)
		});
		let stale = TransactionValidityError::Invalid(InvalidTransaction::Stale);
		match validity {
			Ok(()) => Ok(false),
			Err(error) if error == stale => Ok(true),
			Err(error) => Err(anyhow!("no pool takes such a bundle: {error:?}")),
		}
	}

	/// Lets a device bring a report itself; whether a block takes it.
	pub(crate) fn bring_own(&mut self, call: impl Into<RuntimeCall>) -> bool {
		let call = call.into();
		self.with(|| {
			let authorization = call.authorize(TransactionSource::InBlock);
			let is_authorized = matches!(authorization, Some(Ok(_)));
			is_authorized && call.dispatch(RawOrigin::Authorized.into()).is_ok()
		})
	}

	/// Moves on to the third block of a window: in the first of an epoch, the epoch before is
	/// closed by then.
	pub(crate) fn reach_window(&mut self, window: WindowIndex) {
		while self.block < window * WINDOW_BLOCKS + 2 {
			self.next_block();
		}
	}

	/// One block's worth of hooks, in the order in which the runtime runs them.
	fn next_block(&mut self) {
		self.block += 1;
		let block = self.block;
		let vrf_output = sp_crypto_hashing::blake2_256(&("vrf", self.seed, block).encode());
		self.with(|| {
			System::set_block_number(block);
			System::reset_events();
			// BABE leaves it there when it finalizes a block.
			unhashed::put(&storage_prefix(b"Babe", b"AuthorVrfRandomness"), &Some(vrf_output));
			Emission::on_initialize(block);
			Challenges::on_initialize(block);
			pallet_timestamp::Now::<Runtime>::put(START_MS + SLOT_MS * u64::from(block));
			DeviceRegistry::on_poll(block, &mut WeightMeter::with_limit(Weight::MAX));
			DeviceRegistry::on_idle(block, Weight::MAX);
			ProofOfCoverage::on_idle(block, Weight::MAX);
		});
	}
}

/// The weight by which the network's pool holds [`POOL_PER_DEVICE`] in an epoch.
fn supply_weight(honest: usize) -> Scale {
	let pool = EmissionSplit::default().divide(emission::between(0, EPOCH_MS)).supply;
	let billionths = POOL_PER_DEVICE * honest as Balance * Balance::from(ONE) / pool;
	Scale::from_billionths(u32::try_from(billionths).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn windows_and_epochs_keep_in_step() {
		let mut chain = Chain::found(1, 80).expect("a chain");
		for window in [1, EPOCH_WINDOWS, 2 * EPOCH_WINDOWS - 1, 2 * EPOCH_WINDOWS] {
			chain.reach_window(window);
			let (found, epochs) =
				chain.with(|| (Challenges::window_info(), Emission::epoch_info()));
			assert_eq!(found.index, window);
			let epochs = epochs.expect("the clock runs");
			assert_eq!(u64::from(epochs.current), 2_000_000 + u64::from(window / EPOCH_WINDOWS));
			let last_closed = (window >= EPOCH_WINDOWS).then(|| epochs.current - 1);
			assert_eq!(epochs.last_closed, last_closed);
		}
	}

	#[test]
	fn devices_are_challenged_four_times_an_epoch_and_by_seeds_that_follow_the_seed() {
		let mut seeds = Vec::new();
		for seed in [1, 1, 2] {
			let mut chain = Chain::found(seed, 80).expect("a chain");
			chain.reach_window(2);
			let (window, interval) =
				chain.with(|| (Challenges::window_info(), Challenges::challenge_interval(0)));
			assert_eq!(interval, CHALLENGE_INTERVAL);
			seeds.push(window.seed);
		}
		assert_eq!(seeds[0], seeds[1]);
		assert_ne!(seeds[0], seeds[2]);
	}
}
