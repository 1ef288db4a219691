//! The chains that this runtime can found by name.

use alloc::vec::Vec;

use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET, PresetId};

#[cfg(feature = "std")]
mod founders;
mod presets;
mod production;

#[cfg(feature = "std")]
pub use founders::Founders;
pub use pallet_timing::GENESIS_PROVISION;
pub use presets::{
	ADDRESS_OWNER, COLLECTOR, TREASURY_ID, development, local_testnet, treasury_account,
};
pub use production::{PRODUCTION_RUNTIME_PRESET, production};

/// The preset of this name, as a JSON patch of the default genesis.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		DEV_RUNTIME_PRESET => development(),
		LOCAL_TESTNET_RUNTIME_PRESET => local_testnet(),
		PRODUCTION_RUNTIME_PRESET => production(),
		_ => return None,
	};
	serde_json::to_vec(&patch).ok()
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
	[DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET, PRODUCTION_RUNTIME_PRESET]
		.map(PresetId::from)
		.into()
}
