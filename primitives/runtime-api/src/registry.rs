//! Devices: by id, by key, by owner, by cell.

use alloc::vec::Vec;

use codec::Codec;
use groma_core::{DeviceId, NetworkId, api::DeviceInfo, place::Cell, words::SessionKey};

sp_api::decl_runtime_apis! {
	/// The device registry.
	#[api_version(1)]
	pub trait RegistryApi<AccountId> where AccountId: Codec {
		/// The device with this id.
		fn device(id: DeviceId) -> Option<DeviceInfo<AccountId>>;
		/// The device with this session key.
		fn device_by_key(session_key: SessionKey) -> Option<DeviceId>;
		/// Devices of an owner in a network, by slot from `from` on, at most `limit` (capped at
		/// 256).
		fn devices_of(owner: AccountId, network: NetworkId, from: u32, limit: u32) -> Vec<DeviceId>;
		/// Devices in a cell of resolution 7, from position `from` on, at most `limit` (capped at
		/// 256).
		fn devices_in(cell: Cell, from: u32, limit: u32) -> Vec<DeviceId>;
		/// The nonce that the next onboarding signature of an owner has to carry.
		fn onboarding_nonce(owner: AccountId) -> u32;
	}
}
