//! The runtime in memory, and who is on it.

use anyhow::{Context, anyhow};
use frame_support::traits::fungible::Mutate;
use groma_core::{
	EpochIndex,
	emission::DAY_MS,
	money::{Balance, GRM},
	protocol::SLOT_MS,
};
use groma_runtime::{
	AccountId, Balances, RuntimeGenesisConfig, RuntimeOrigin, Stake, Validators,
	genesis::development,
};
use groma_traits::ErasBenchmarkHelper;
use pallet_stake::Purpose;
use sc_chain_spec::json_merge;
use serde_json::json;
use sp_runtime::{BuildStorage, DispatchResult};
use sp_state_machine::BasicExternalities;

/// The shortest session that the chain allows, in slots.
pub(super) const SESSION_SLOTS: u64 = 10;
/// Sessions of an era: one for the election, and one that has none.
const SESSIONS_PER_ERA: u32 = 2;
/// The epoch of all rewards.
pub(super) const EPOCH: EpochIndex = 1;
/// So long that no reward epoch ends within a measurement.
const REWARD_EPOCH_MS: u64 = 7 * DAY_MS;

/// A development chain with production's spans of evidence, deferral and thawing.
pub(super) fn genesis() -> anyhow::Result<BasicExternalities> {
	let mut patch = development();
	let timing = patch.get_mut("timing").context("the preset has durations")?;
	*timing = json!({
		"slotMs": SLOT_MS,
		"babeEpochSlots": SESSION_SLOTS,
		"rewardEpochMs": REWARD_EPOCH_MS,
		"sessionsPerEra": SESSIONS_PER_ERA,
	});
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default())?;
	json_merge(&mut config, patch);
	let storage = serde_json::from_value::<RuntimeGenesisConfig>(config)?
		.build_storage()
		.map_err(|error| anyhow!("the genesis cannot be built: {error}"))?;
	Ok(BasicExternalities::new(storage))
}

/// An account by its kind and number.
pub(super) fn account(kind: u8, number: u32) -> AccountId {
	AccountId::from(bytes(kind, number))
}

/// 32 bytes that no other kind or number has.
pub(super) fn bytes(kind: u8, number: u32) -> [u8; 32] {
	let mut bytes = [kind; 32];
	bytes[..4].copy_from_slice(&number.to_le_bytes());
	bytes
}

/// The origin of an account.
pub(super) fn signed(account: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(account.clone())
}

/// Fails with what was tried, if it failed.
pub(super) fn done(result: DispatchResult, what: &str) -> anyhow::Result<()> {
	result.map_err(|error| anyhow!("{what}: {error:?}"))
}

/// Gives an account plancks out of nothing.
pub(super) fn endow(account: &AccountId, plancks: Balance) -> anyhow::Result<()> {
	let endowed = Balances::mint_into(account, plancks);
	endowed.map(drop).map_err(|error| anyhow!("an account cannot be endowed: {error:?}"))
}

/// Sets own stake of an operator aside, out of nothing.
pub(super) fn back(operator: &AccountId, plancks: Balance) -> anyhow::Result<()> {
	endow(operator, plancks)?;
	done(Stake::provision(signed(operator), Purpose::Validating, plancks), "own stake")
}

/// Makes an account an operator with keys, own stake, and an open pool.
pub(super) fn found_operator(operator: &AccountId, own: Balance) -> anyhow::Result<()> {
	endow(operator, 10 * GRM)?;
	<Validators as ErasBenchmarkHelper<AccountId>>::give_keys(operator);
	back(operator, own)?;
	done(Stake::set_open(signed(operator), true), "a pool opens")
}

/// Delegates plancks out of nothing.
pub(super) fn delegate(
	delegator: &AccountId,
	operator: &AccountId,
	plancks: Balance,
) -> anyhow::Result<()> {
	endow(delegator, plancks)?;
	done(Stake::delegate(signed(delegator), operator.clone(), plancks), "delegating")
}
