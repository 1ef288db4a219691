//! For whom this node validates.

use jsonrpsee::{
	Extensions,
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};
use sc_rpc::DenyUnsafe;
use sp_keystore::KeystorePtr;

use super::reads::Reads;
use crate::{
	types::{AccountId, BlockHash},
	validator::own,
};

/// The methods. `at` is the hash of a block; the best one if it is absent.
#[rpc(server, namespace = "groma")]
pub(crate) trait OwnValidatorsApi {
	/// The accounts whose session keys for blocks this node has. It is unsafe: those who want to
	/// disturb a validator would like to know where it is.
	#[method(name = "ownValidators", blocking, with_extensions)]
	fn own_validators(&self, at: Option<BlockHash>) -> RpcResult<Vec<AccountId>>;
}

/// Answers about the validators of this node.
pub(super) struct OwnValidators {
	/// The chain.
	pub(super) reads: Reads,
	/// Where the session keys are.
	pub(super) keystore: KeystorePtr,
}

#[async_trait]
impl OwnValidatorsApiServer for OwnValidators {
	fn own_validators(
		&self,
		extensions: &Extensions,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<AccountId>> {
		// Each server says it. One that did not would answer everyone.
		extensions.get::<DenyUnsafe>().copied().unwrap_or(DenyUnsafe::Yes).check_if_safe()?;
		self.reads.ask(at, |_, at| own::accounts(&self.reads.client, &self.keystore, at))
	}
}
