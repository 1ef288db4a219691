//! The genesis of the measured chains: that of a development chain, with windows as short as they
//! get and every device challenged in each.

use anyhow::{Context, anyhow};
use groma_core::protocol::SLOT_MS;
use groma_runtime::{BlockNumber, WASM_BINARY, genesis::development};
use sc_chain_spec::{ChainType, GenericChainSpec};
use serde_json::json;
use sp_core::storage::Storage;
use sp_runtime::BuildStorage;
/// The time of block 0 in ms since the Unix epoch: a whole number of slots, so that slots and
/// blocks keep in step, and so many blocks before a reward epoch that devices register in the one
/// before it: where they need no time to mature, they earn from the next one on.
const START_MS: u64 = 2_977 * REWARD_EPOCH_MS - BLOCKS_BEFORE_EPOCH * SLOT_MS;
/// Fewer blocks than registrations take to be in effect.
const BLOCKS_BEFORE_EPOCH: u64 = 20;
/// The longest session and reward epoch that the chain allows, so that none ends within a
/// measurement.
const SESSION_SLOTS: u64 = 14_400;
const REWARD_EPOCH_MS: u64 = 7 * 86_400_000;
/// The shortest window that the chain allows, in blocks.
const WINDOW_BLOCKS: u32 = 10;

/// The timestamp of a block in ms since the Unix epoch.
pub(crate) fn time_ms(block: BlockNumber) -> u64 {
	START_MS + SLOT_MS * u64::from(block)
}

/// What the genesis block holds.
pub(crate) fn storage() -> anyhow::Result<Storage> {
	let blob = WASM_BINARY.context("this program was built without the runtime's blob")?;
	let mut config = development();
	let timing = config.get_mut("timing").context("the preset has durations")?;
	*timing = json!({
		"slotMs": SLOT_MS,
		"babeEpochSlots": SESSION_SLOTS,
		"rewardEpochMs": REWARD_EPOCH_MS,
		"parameters": { "windowBlocks": WINDOW_BLOCKS },
	});
	let terms = config
		.pointer_mut("/networks/networks/0/terms")
		.context("the preset has a network with terms")?;
	terms["lottery"]["intervalWindows"] = json!(1);
	terms["place"]["fixed"]["maturityWindows"] = json!(0);
	GenericChainSpec::<Option<()>>::builder(blob, None)
		.with_name("Groma benchmark")
		.with_id("groma_benchmark")
		.with_chain_type(ChainType::Development)
		.with_genesis_config_patch(config)
		.build()
		.build_storage()
		.map_err(|error| anyhow!("the genesis cannot be built: {error}"))
}
