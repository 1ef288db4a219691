//! Collectors: that of this node, and others.

use groma_core::api::CollectorInfo;
use groma_runtime_api::CollectorsApi as _;
use jsonrpsee::{
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};
use sp_keystore::KeystorePtr;

use super::reads::Reads;
use crate::{
	collector_watch,
	types::{AccountId, BlockHash},
};

/// The methods. `at` is the hash of a block; the best one if it is absent.
#[rpc(server, namespace = "groma")]
pub(crate) trait CollectorsApi {
	/// An account as a collector. Without an account that of this node, and null if the node does
	/// not collect: devices name the index in what they sign for this node.
	#[method(name = "collector", blocking)]
	fn collector(
		&self,
		account: Option<AccountId>,
		at: Option<BlockHash>,
	) -> RpcResult<Option<CollectorInfo<AccountId>>>;
}

/// Answers about collectors.
pub(super) struct Collectors {
	/// The chain.
	pub(super) reads: Reads,
	/// Where the key of this node's collector is.
	pub(super) keystore: KeystorePtr,
}

#[async_trait]
impl CollectorsApiServer for Collectors {
	fn collector(
		&self,
		account: Option<AccountId>,
		at: Option<BlockHash>,
	) -> RpcResult<Option<CollectorInfo<AccountId>>> {
		let Some(account) = account.or_else(|| collector_watch::own_account(&self.keystore)) else {
			return Ok(None);
		};
		self.reads.ask(at, |api, at| api.collector(at, account)).map(Some)
	}
}
