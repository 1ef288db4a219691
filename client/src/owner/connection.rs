//! The connection over which an owner's calls go, and small questions about the chain's state.

use codec::Decode;
use subxt::{
	OnlineClient, SubstrateConfig,
	dynamic::Value,
	error::StorageError,
	rpcs::client::{RpcClient, RpcParams},
};

use super::{
	Owner,
	error::{OwnerError, incompatible, unreachable},
};

/// The way on which an owner's calls go to a node.
pub type Connection = OnlineClient<SubstrateConfig>;

/// The kinds of chains on which accounts that anyone can sign for are of use.
const DEVELOPMENT: [&str; 2] = ["Development", "Local"];

impl Owner {
	/// A way to submit calls through the node behind `url`.
	pub async fn connect(&self, url: &str) -> Result<Connection, OwnerError> {
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

/// The value under some keys of a map of the finalized chain; `None` if there is none.
pub(super) async fn stored<V: Decode>(
	client: &Connection,
	pallet: &str,
	map: &str,
	keys: Vec<Value>,
) -> Result<Option<V>, OwnerError> {
	let at = client.at_current_block().await.map_err(|error| unreachable(&error))?;
	let storage = at.storage();
	let key = storage
		.entry((pallet, map))
		.and_then(|entry| entry.fetch_key(keys))
		.map_err(|error| incompatible(&error))?;
	match storage.fetch_raw(key).await {
		Ok(bytes) => V::decode(&mut &bytes[..]).map(Some).map_err(|error| incompatible(&error)),
		Err(StorageError::NoValueFound) => Ok(None),
		Err(error) => Err(unreachable(&error)),
	}
}

/// The value of a constant of a pallet.
pub(super) async fn constant<V: Decode>(
	client: &Connection,
	pallet: &str,
	name: &str,
) -> Result<V, OwnerError> {
	let at = client.at_current_block().await.map_err(|error| unreachable(&error))?;
	let found = at.metadata_ref().pallet_by_name(pallet);
	let constant = found
		.and_then(|pallet| pallet.constant_by_name(name))
		.ok_or_else(|| OwnerError::Incompatible(format!("it has no constant {pallet}.{name}")))?;
	V::decode(&mut constant.value()).map_err(|error| incompatible(&error))
}
