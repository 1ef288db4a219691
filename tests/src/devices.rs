//! The devices of a chain, and what they did.

use anyhow::Result;
use serde_json::Value;
use subxt::rpcs::client::rpc_params;

use crate::node::Node;

/// How many ids a place has.
const IDS_PER_PLACE: u32 = 256;

impl Node {
	/// The devices that are registered at a block, the best one for `None`, at the first places:
	/// their ids, and what this node says of them. Devices at the same place have consecutive ids.
	///
	/// # Errors
	///
	/// If the node does not answer.
	pub async fn devices(&self, places: u32, block: Option<&str>) -> Result<Vec<(u32, Value)>> {
		let mut devices = Vec::new();
		for first in (0..places).map(|place| place * IDS_PER_PLACE) {
			for id in first..first + IDS_PER_PLACE {
				let device: Value = self.call("groma_device", rpc_params![id, block]).await?;
				if device.is_null() {
					break;
				}
				devices.push((id, device));
			}
		}
		Ok(devices)
	}

	/// What a device did and earned, as of the best block.
	///
	/// # Errors
	///
	/// If the node does not answer.
	pub async fn rewards(&self, device: u32) -> Result<Value> {
		self.call("groma_rewards", rpc_params![device]).await
	}
}
