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
use crate::endpoints;

/// The way on which an owner's calls go to a node.
pub type Connection = OnlineClient<SubstrateConfig>;

/// The kinds of chains on which accounts that anyone can sign for are of use.
const DEVELOPMENT: [&str; 2] = ["Development", "Local"];

impl Owner {
	/// A way to submit calls through the node behind `url`.
	pub async fn connect(&self, url: &str) -> Result<Connection, OwnerError> {
		let rpc = RpcClient::from_insecure_url(url).await.map_err(|error| unreachable(&error))?;
		self.expect_use(&rpc, url).await?;
		OnlineClient::from_rpc_client(rpc).await.map_err(|error| unreachable(&error))
	}

	/// Refuses an account that anyone can sign for, unless the chain is for development.
	async fn expect_use(&self, rpc: &RpcClient, url: &str) -> Result<(), OwnerError> {
		match self.is_public && !is_for_development(rpc).await? {
			true => Err(OwnerError::PublicKey(endpoints::shown(url))),
			false => Ok(()),
		}
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

#[cfg(test)]
mod tests {
	use std::{fs::Permissions, os::unix::fs::PermissionsExt};

	use subxt::rpcs::{
		Error, UserError,
		client::{RawRpcFuture, RawRpcSubscription, RawValue, RpcClientT},
	};

	use super::*;

	/// A node that answers every question with this JSON.
	struct Node(&'static str);

	impl RpcClientT for Node {
		fn request_raw<'a>(
			&'a self,
			method: &'a str,
			_params: Option<Box<RawValue>>,
		) -> RawRpcFuture<'a, Box<RawValue>> {
			Box::pin(async move {
				assert_eq!(method, "system_chainType");
				RawValue::from_string(self.0.to_owned()).map_err(Error::Deserialization)
			})
		}

		fn subscribe_raw<'a>(
			&'a self,
			_sub: &'a str,
			_params: Option<Box<RawValue>>,
			_unsub: &'a str,
		) -> RawRpcFuture<'a, RawRpcSubscription> {
			Box::pin(async { Err(UserError::method_not_found().into()) })
		}
	}

	/// What is said of an account at a node of a chain of this kind.
	async fn said(owner: &Owner, kind: &'static str) -> Result<(), String> {
		let rpc = RpcClient::new(Node(kind));
		let url = "wss://rpc.example.org/0123456789secret";
		owner.expect_use(&rpc, url).await.map_err(|error| error.to_string())
	}

	#[tokio::test]
	async fn public_account_is_of_use_on_development_chains_alone() {
		let alice = Owner::open("//Alice").expect("a development account");
		for kind in ["\"Development\"", "\"Local\""] {
			assert_eq!(said(&alice, kind).await, Ok(()));
		}
		for kind in ["\"Live\"", "{\"Custom\":\"Development\"}", "null"] {
			let refused = said(&alice, kind).await.expect_err(kind);
			assert!(
				refused.contains("wss://rpc.example.org/... serves no development"),
				"{refused}"
			);
		}
		let file = tempfile::NamedTempFile::new().expect("a file");
		let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
		std::fs::write(file.path(), phrase).expect("written");
		std::fs::set_permissions(file.path(), Permissions::from_mode(0o600)).expect("changed");
		let owner = Owner::open(&format!("file:{}", file.path().display())).expect("a phrase");
		assert_eq!(said(&owner, "\"Live\"").await, Ok(()));
	}
}
