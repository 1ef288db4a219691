//! Code that replaces the runtime.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use subxt::rpcs::client::rpc_params;

use crate::{network::BlockNumber, node::Node, patience::eventually};

/// The version of the code that tests upgrade to.
pub const VARIANT_VERSION: u64 = 1_000_000;
/// From when code is handed in until it is set, on two busy cores.
const PATIENCE: Duration = Duration::from_secs(60);

impl Node {
	/// The version of the runtime in the state of a block, the best one for `None`.
	///
	/// # Errors
	///
	/// If the node does not answer.
	pub async fn spec_version(&self, block: Option<&str>) -> Result<u64> {
		let version: Value = self.call("state_getRuntimeVersion", rpc_params![block]).await?;
		version["specVersion"].as_u64().context("a version has a number")
	}

	/// Applies authorized code without a signature, and returns once the node has taken it.
	///
	/// # Errors
	///
	/// If the node does not take it.
	pub async fn apply(&self, code: &[u8]) -> Result<()> {
		let call = self.call_of("System", "apply_authorized_upgrade", code.to_vec()).await?;
		self.submit_bare(&call).await
	}

	/// Waits until the best chain has the code that tests upgrade to, and returns the first block
	/// from `from` on whose state has it.
	///
	/// # Errors
	///
	/// If that takes too long.
	pub async fn upgraded_in(&self, from: BlockNumber) -> Result<BlockNumber> {
		eventually("the code is set", PATIENCE, || async {
			for number in from..=self.best_number().await? {
				let hash = self.block_hash(number).await?;
				if self.spec_version(Some(&hash)).await? == VARIANT_VERSION {
					return Ok(Some(number));
				}
			}
			Ok(None)
		})
		.await
	}
}
