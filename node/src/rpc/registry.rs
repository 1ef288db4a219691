//! Devices, their owners and their places.

use groma_core::{
	DeviceId, NetworkId,
	api::DeviceInfo,
	place::Cell,
	protocol::{LIST_LENGTH_MAX, LIST_RESOLUTION},
	words::SessionKey,
};
use groma_runtime_api::RegistryApi as _;
use jsonrpsee::{
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};

use super::{failure, reads::Reads};
use crate::types::{AccountId, BlockHash};

/// The methods. `at` is the hash of a block; the best one if it is absent.
#[rpc(server, namespace = "groma")]
pub(crate) trait RegistryApi {
	/// The device with this id.
	#[method(name = "device", blocking)]
	fn device(
		&self,
		device: DeviceId,
		at: Option<BlockHash>,
	) -> RpcResult<Option<DeviceInfo<AccountId>>>;

	/// The device with this session key.
	#[method(name = "deviceByKey", blocking)]
	fn device_by_key(
		&self,
		session_key: SessionKey,
		at: Option<BlockHash>,
	) -> RpcResult<Option<DeviceInfo<AccountId>>>;

	/// Devices of an owner in a network, by slot, from `from` on.
	#[method(name = "devicesOf", blocking)]
	fn devices_of(
		&self,
		owner: AccountId,
		network: NetworkId,
		from: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<DeviceId>>;

	/// Devices in an H3 cell of resolution 7, from position `from` on.
	#[method(name = "devicesIn", blocking)]
	fn devices_in(
		&self,
		cell: Cell,
		from: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<DeviceId>>;

	/// The nonce that the next onboarding signature of an owner has to carry.
	#[method(name = "onboardingNonce", blocking)]
	fn onboarding_nonce(&self, owner: AccountId, at: Option<BlockHash>) -> RpcResult<u32>;
}

#[async_trait]
impl RegistryApiServer for Reads {
	fn device(
		&self,
		device: DeviceId,
		at: Option<BlockHash>,
	) -> RpcResult<Option<DeviceInfo<AccountId>>> {
		self.ask(at, |api, at| api.device(at, device))
	}

	fn device_by_key(
		&self,
		session_key: SessionKey,
		at: Option<BlockHash>,
	) -> RpcResult<Option<DeviceInfo<AccountId>>> {
		self.ask(at, |api, at| match api.device_by_key(at, session_key)? {
			Some(device) => api.device(at, device),
			None => Ok(None),
		})
	}

	fn devices_of(
		&self,
		owner: AccountId,
		network: NetworkId,
		from: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<DeviceId>> {
		let (from, limit) = (from.unwrap_or(0), limit.unwrap_or(LIST_LENGTH_MAX));
		self.ask(at, |api, at| api.devices_of(at, owner, network, from, limit))
	}

	fn devices_in(
		&self,
		cell: Cell,
		from: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<DeviceId>> {
		if cell.resolution() != LIST_RESOLUTION {
			return Err(failure::bad_parameter(format!(
				"devices are listed by cells of resolution {LIST_RESOLUTION}, not {}",
				cell.resolution()
			)));
		}
		let (from, limit) = (from.unwrap_or(0), limit.unwrap_or(LIST_LENGTH_MAX));
		self.ask(at, |api, at| api.devices_in(at, cell, from, limit))
	}

	fn onboarding_nonce(&self, owner: AccountId, at: Option<BlockHash>) -> RpcResult<u32> {
		self.ask(at, |api, at| api.onboarding_nonce(at, owner))
	}
}
