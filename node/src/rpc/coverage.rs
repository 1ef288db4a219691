//! Region plans, challenges, cells, and what devices did.

use groma_core::{
	DeviceId, NetworkId, RegionId, WindowIndex,
	api::{ActivityInfo, CellInfo, ChallengeInfo},
	density::RESOLUTIONS,
	place::Cell,
	protocol::FIRST_NETWORK,
	region::RegionPlan,
};
use groma_runtime_api::{ChallengesApi as _, CoverageApi as _};
use jsonrpsee::{
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};

use super::{failure, reads::Reads};
use crate::types::BlockHash;

/// The methods. `at` is the hash of a block; the best one if it is absent.
#[rpc(server, namespace = "groma")]
pub(crate) trait CoverageApi {
	/// The channels, data rates and limits of a radio region in a network.
	#[method(name = "regionPlan", blocking)]
	fn region_plan(
		&self,
		network: NetworkId,
		region: RegionId,
		at: Option<BlockHash>,
	) -> RpcResult<Option<RegionPlan>>;

	/// The challenge of a device in a window, the current one if none is named; null if there is
	/// none.
	#[method(name = "challenge", blocking)]
	fn challenge(
		&self,
		device: DeviceId,
		window: Option<WindowIndex>,
		at: Option<BlockHash>,
	) -> RpcResult<Option<ChallengeInfo>>;

	/// The witnesses whose statements about a beacon are on chain.
	#[method(name = "witnesses", blocking)]
	fn witnesses(
		&self,
		window: WindowIndex,
		beaconer: DeviceId,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<DeviceId>>;

	/// What a device did, and why it earned no more.
	#[method(name = "activity", blocking)]
	fn activity(&self, device: DeviceId, at: Option<BlockHash>) -> RpcResult<Option<ActivityInfo>>;

	/// How crowded a cell is in a network, `lorawan` if none is named.
	#[method(name = "density", blocking)]
	fn density(
		&self,
		cell: Cell,
		network: Option<NetworkId>,
		at: Option<BlockHash>,
	) -> RpcResult<CellInfo>;
}

#[async_trait]
impl CoverageApiServer for Reads {
	fn region_plan(
		&self,
		network: NetworkId,
		region: RegionId,
		at: Option<BlockHash>,
	) -> RpcResult<Option<RegionPlan>> {
		self.ask(at, |api, at| api.region_plan(at, network, region))
	}

	fn challenge(
		&self,
		device: DeviceId,
		window: Option<WindowIndex>,
		at: Option<BlockHash>,
	) -> RpcResult<Option<ChallengeInfo>> {
		self.ask(at, |api, at| {
			let window = match window {
				Some(window) => window,
				None => api.window(at)?.index,
			};
			api.challenge(at, device, window)
		})
	}

	fn witnesses(
		&self,
		window: WindowIndex,
		beaconer: DeviceId,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<DeviceId>> {
		self.ask(at, |api, at| api.witnesses(at, window, beaconer))
	}

	fn activity(&self, device: DeviceId, at: Option<BlockHash>) -> RpcResult<Option<ActivityInfo>> {
		self.ask(at, |api, at| api.activity(at, device))
	}

	fn density(
		&self,
		cell: Cell,
		network: Option<NetworkId>,
		at: Option<BlockHash>,
	) -> RpcResult<CellInfo> {
		if !RESOLUTIONS.contains(&cell.resolution()) {
			return Err(failure::bad_parameter(format!(
				"devices are counted in cells of the resolutions {RESOLUTIONS:?}, not {}",
				cell.resolution()
			)));
		}
		self.ask(at, |api, at| api.cell(at, network.unwrap_or(FIRST_NETWORK), cell))
	}
}
