//! The connection over which an owner's calls go.

use subxt::{
	OnlineClient, SubstrateConfig,
	rpcs::client::{RpcClient, RpcParams},
};

use super::{
	Owner,
	error::{OwnerError, unreachable},
};

/// The kinds of chains on which accounts that anyone can sign for are of use.
const DEVELOPMENT: [&str; 2] = ["Development", "Local"];

impl Owner {
	/// A way to submit calls through the node behind `url`.
	pub async fn connect(&self, url: &str) -> Result<OnlineClient<SubstrateConfig>, OwnerError> {
		let rpc = RpcClient::from_insecure_url(url).await.map_err(|error| unreachable(&error))?;
		if self.is_public && !is_for_development(&rpc).await? {
			return Err(OwnerError::PublicKey(url.to_owned()));
		}
		OnlineClient::from_rpc_client(rpc).await.map_err(|error| unreachable(&error))
	}
}

async fn is_for_development(rpc: &RpcClient) -> Result<bool, OwnerError> {
	let kind: serde_json::Value = rpc
		.request("system_chainType", RpcParams::new())
		.await
		.map_err(|error| unreachable(&error))?;
	Ok(kind.as_str().is_some_and(|kind| DEVELOPMENT.contains(&kind)))
}
