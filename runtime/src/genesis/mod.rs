//! The chains that this runtime can found by name.

use alloc::vec::Vec;

use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET, PresetId};

mod presets;

pub use presets::{
	ADDRESS_OWNER, COLLECTOR, TREASURY_ID, development, local_testnet, treasury_account,
};

/// The preset of this name, as a JSON patch of the default genesis.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		DEV_RUNTIME_PRESET => development(),
		LOCAL_TESTNET_RUNTIME_PRESET => local_testnet(),
		_ => return None,
	};
	serde_json::to_vec(&patch).ok()
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
	[DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET].map(PresetId::from).into()
}
