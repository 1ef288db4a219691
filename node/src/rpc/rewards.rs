//! Rewards: epochs, what is owed, what networks earned.

use groma_core::{
	DeviceId, EpochIndex, NetworkId,
	api::{ActivityInfo, EpochInfo, NetworkEpochInfo, NetworkInfo, RewardsInfo},
};
use groma_runtime_api::{CoverageApi as _, RewardsApi as _};
use jsonrpsee::{
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};
use serde::Serialize;

use super::reads::Reads;
use crate::types::{AccountId, BlockHash};

/// What a device earned, and why it earned no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeviceRewards {
	#[serde(flatten)]
	rewards: RewardsInfo<AccountId>,
	/// What it did; null if it has done nothing yet.
	activity: Option<ActivityInfo>,
}

/// The methods. `at` is the hash of a block; the best one if it is absent.
#[rpc(server, namespace = "groma")]
pub(crate) trait RewardsApi {
	/// The clock of rewards.
	#[method(name = "epoch", blocking)]
	fn epoch(&self, at: Option<BlockHash>) -> RpcResult<Option<EpochInfo>>;

	/// What a device is owed, what it did, and why it earned no more.
	#[method(name = "rewards", blocking)]
	fn rewards(&self, device: DeviceId, at: Option<BlockHash>) -> RpcResult<DeviceRewards>;

	/// A network at a glance.
	#[method(name = "network", blocking)]
	fn network(&self, network: NetworkId, at: Option<BlockHash>) -> RpcResult<Option<NetworkInfo>>;

	/// A network's work in a closed epoch.
	#[method(name = "networkEpoch", blocking)]
	fn network_epoch(
		&self,
		network: NetworkId,
		epoch: EpochIndex,
		at: Option<BlockHash>,
	) -> RpcResult<Option<NetworkEpochInfo>>;
}

#[async_trait]
impl RewardsApiServer for Reads {
	fn epoch(&self, at: Option<BlockHash>) -> RpcResult<Option<EpochInfo>> {
		self.ask(at, |api, at| api.epoch(at))
	}

	fn rewards(&self, device: DeviceId, at: Option<BlockHash>) -> RpcResult<DeviceRewards> {
		self.ask(at, |api, at| {
			let rewards = api.rewards(at, device)?;
			let activity = api.activity(at, device)?;
			Ok(DeviceRewards { rewards, activity })
		})
	}

	fn network(&self, network: NetworkId, at: Option<BlockHash>) -> RpcResult<Option<NetworkInfo>> {
		self.ask(at, |api, at| api.network(at, network))
	}

	fn network_epoch(
		&self,
		network: NetworkId,
		epoch: EpochIndex,
		at: Option<BlockHash>,
	) -> RpcResult<Option<NetworkEpochInfo>> {
		self.ask(at, |api, at| api.network_epoch(at, network, epoch))
	}
}
