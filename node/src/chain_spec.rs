//! Chain specifications: the genesis presets of the runtime under names for the command line.

use std::path::PathBuf;

use groma_runtime::genesis::PRODUCTION_RUNTIME_PRESET;
use sc_network::config::MultiaddrWithPeerId;
use sc_service::ChainType;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::types::Block;

/// The runtime's genesis preset of a chain of one validator.
const PRESET_DEVELOPMENT: &str = sp_genesis_builder::DEV_RUNTIME_PRESET;
/// The runtime's genesis preset of a network on one machine.
const PRESET_LOCAL: &str = sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;

/// Fields of a chain specification beyond the standard ones.
#[derive(Clone, Debug, Default, Serialize, Deserialize, sc_chain_spec::ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Extensions {
	/// Block numbers with known hashes.
	pub(crate) fork_blocks: sc_client_api::ForkBlocks<Block>,
	/// Hashes of blocks that must never be imported.
	pub(crate) bad_blocks: sc_client_api::BadBlocks<Block>,
	/// Where a light client may begin.
	pub(crate) light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

/// A chain specification of Groma.
pub(crate) type ChainSpec = sc_service::GenericChainSpec<Extensions>;
type Builder = sc_chain_spec::ChainSpecBuilder<Extensions>;

/// The specification that `--chain <id>` means: `dev`, `local`, `production`, or the path of a
/// file. That of `production` names the public chain for commands about keys. No one founded it, so
/// no node runs it.
pub(crate) fn load(id: &str) -> Result<ChainSpec, String> {
	match id {
		"" => Err("no chain is given: pass `--dev`, `--chain local`, or `--chain <file>` with a \
			chain specification"
			.into()),
		"dev" => from_preset("Groma Development", "groma_dev", ChainType::Development),
		"local" => from_preset("Groma Local Testnet", "groma_local", ChainType::Local),
		"production" => from_preset("Groma", "groma", ChainType::Live),
		path => ChainSpec::from_json_file(PathBuf::from(path)).map_err(|error| {
			format!(
				"`{path}` is neither `dev`, `local`, `production` nor a chain specification: {error}"
			)
		}),
	}
}

/// The specification of a public chain: the preset `production` with what its founders add.
pub(crate) fn founded(
	name: &str,
	id: &str,
	bootnodes: Vec<MultiaddrWithPeerId>,
	patch: Value,
) -> Result<ChainSpec, String> {
	let builder = builder(name, id, ChainType::Live)?;
	Ok(builder.with_boot_nodes(bootnodes).with_genesis_config_patch(patch).build())
}

/// The specification of a preset.
fn from_preset(name: &str, id: &str, chain_type: ChainType) -> Result<ChainSpec, String> {
	Ok(builder(name, id, chain_type)?.build())
}

/// What the specification of a chain of this type begins with.
fn builder(name: &str, id: &str, chain_type: ChainType) -> Result<Builder, String> {
	let code = groma_runtime::WASM_BINARY.ok_or(
		"this binary was built without the runtime (SKIP_WASM_BUILD was set): build it again, or \
		 give a chain specification that has one",
	)?;
	let preset = match chain_type {
		ChainType::Development => PRESET_DEVELOPMENT,
		ChainType::Live => PRODUCTION_RUNTIME_PRESET,
		_ => PRESET_LOCAL,
	};
	let builder = ChainSpec::builder(code, Extensions::default())
		.with_name(name)
		.with_id(id)
		.with_protocol_id(id)
		.with_chain_type(chain_type)
		.with_properties(properties())
		.with_genesis_config_preset_name(preset);
	Ok(builder)
}

/// Properties that wallets read.
fn properties() -> sc_chain_spec::Properties {
	let properties = serde_json::json!({
		"tokenSymbol": "GRM",
		"tokenDecimals": groma_core::money::DECIMALS,
		"ss58Format": groma_runtime::constants::SS58_PREFIX,
	});
	properties.as_object().cloned().unwrap_or_default()
}
