//! The chain on which evidence is judged: four validators, and two devices that every window
//! challenges.

use anyhow::{Context, anyhow, bail};
use groma_core::protocol::SLOT_MS;
use groma_runtime::{
	AccountId, Hash, RuntimeGenesisConfig, Session, SessionKeys, genesis::development,
};
use sc_chain_spec::json_merge;
use serde_json::json;
use sp_core::{Pair, ed25519, sr25519};
use sp_runtime::BuildStorage;
use sp_state_machine::BasicExternalities;

use super::devices;
use crate::hooks::blocks::Blocks;

/// Those who validate. The second one is guilty.
const VALIDATORS: [&str; 4] = ["//Alice", "//Bob", "//Charlie", "//Dave"];
/// The secret of the validator that is guilty, and that of one that is not.
pub(super) const GUILTY: &str = VALIDATORS[1];
pub(super) const INNOCENT: &str = VALIDATORS[2];
/// Long enough for a window and more, so that several sessions pass before devices take part.
const SESSION_SLOTS: u64 = 20;
/// The shortest window that the chain allows, in blocks.
const WINDOW_BLOCKS: u32 = 10;
/// So long that no reward epoch ends meanwhile.
const REWARD_EPOCH_MS: u64 = 7 * 86_400_000;
/// Blocks after which the devices take part at the latest.
const BLOCKS_MAX: u32 = 400;

/// A chain whose next block is the second one of a session, in which devices are challenged.
pub(super) fn found() -> anyhow::Result<Blocks<BasicExternalities>> {
	let mut chain = Blocks::after(0, Hash::zero(), genesis()?);
	chain.make(|| Ok(()))?;
	chain.make(devices::register)?;
	for _ in 0..BLOCKS_MAX {
		let before = chain.look(Session::current_index);
		chain.make(|| Ok(()))?;
		let has_begun = chain.look(Session::current_index) > before;
		// The first block of a session takes no transactions.
		if has_begun && chain.look(devices::are_challenged) {
			return Ok(chain);
		}
	}
	bail!("no device is challenged within {BLOCKS_MAX} blocks")
}

/// The pair of a kind of keys that belongs to a well-known secret.
pub(super) fn pair<P: Pair>(secret: &str) -> anyhow::Result<P> {
	P::from_string(secret, None).map_err(|error| anyhow!("a well-known key: {error:?}"))
}

fn genesis() -> anyhow::Result<BasicExternalities> {
	let mut patch = development();
	let timing = patch.get_mut("timing").context("the preset has durations")?;
	timing["slotMs"] = json!(SLOT_MS);
	timing["babeEpochSlots"] = json!(SESSION_SLOTS);
	timing["rewardEpochMs"] = json!(REWARD_EPOCH_MS);
	timing["parameters"]["windowBlocks"] = json!(WINDOW_BLOCKS);
	let terms = patch
		.pointer_mut("/networks/networks/0/terms")
		.context("the preset has a network with terms")?;
	terms["lottery"]["intervalWindows"] = json!(1);
	terms["place"]["fixed"]["maturityWindows"] = json!(0);
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default())?;
	json_merge(&mut config, patch);
	let mut config = serde_json::from_value::<RuntimeGenesisConfig>(config)?;
	config.session.keys = VALIDATORS.map(validator).into_iter().collect::<anyhow::Result<_>>()?;
	let storage =
		config.build_storage().map_err(|error| anyhow!("the genesis cannot be built: {error}"))?;
	Ok(BasicExternalities::new(storage))
}

/// A validator's account, its name as a validator, and its session keys.
fn validator(secret: &str) -> anyhow::Result<(AccountId, AccountId, SessionKeys)> {
	let of_blocks = pair::<sr25519::Pair>(secret)?.public();
	let of_votes = pair::<ed25519::Pair>(secret)?.public();
	let keys = SessionKeys {
		grandpa: of_votes.into(),
		babe: of_blocks.into(),
		authority_discovery: of_blocks.into(),
	};
	let account = AccountId::from(of_blocks);
	Ok((account.clone(), account, keys))
}
