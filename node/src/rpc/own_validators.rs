//! For whom this node validates, and what it signed.

use std::sync::Arc;

use jsonrpsee::{
	Extensions,
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};
use sc_rpc::DenyUnsafe;
use sp_keystore::KeystorePtr;

use super::reads::Reads;
use crate::{
	guard::{Guard, Summary},
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

	/// What the signing guard of this node recorded; null if the node is no validator, and signs
	/// nothing. It is unsafe like the other, and names a file.
	#[method(name = "signingGuard", blocking, with_extensions)]
	fn signing_guard(&self) -> RpcResult<Option<Summary>>;
}

/// Answers about the validators of this node.
pub(super) struct OwnValidators {
	/// The chain.
	pub(super) reads: Reads,
	/// Where the session keys are.
	pub(super) keystore: KeystorePtr,
	/// What lets this node sign, if it is a validator.
	pub(super) guard: Option<Arc<Guard>>,
}

#[async_trait]
impl OwnValidatorsApiServer for OwnValidators {
	fn own_validators(
		&self,
		extensions: &Extensions,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<AccountId>> {
		refuse_strangers(extensions)?;
		self.reads.ask(at, |_, at| own::accounts(&self.reads.client, &self.keystore, at))
	}

	fn signing_guard(&self, extensions: &Extensions) -> RpcResult<Option<Summary>> {
		refuse_strangers(extensions)?;
		Ok(self.guard.as_ref().map(|guard| guard.summary()))
	}
}

/// Refuses those to whom the server that was asked denies unsafe methods.
fn refuse_strangers(extensions: &Extensions) -> RpcResult<()> {
	// Each server says it. One that did not would answer everyone.
	let policy = extensions.get::<DenyUnsafe>().copied().unwrap_or(DenyUnsafe::Yes);
	Ok(policy.check_if_safe()?)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn strangers_are_refused_unless_a_server_allows_unsafe_methods() {
		let mut extensions = Extensions::new();
		assert!(refuse_strangers(&extensions).is_err(), "the server says nothing");
		extensions.insert(DenyUnsafe::Yes);
		assert!(refuse_strangers(&extensions).is_err());
		extensions.insert(DenyUnsafe::No);
		assert!(refuse_strangers(&extensions).is_ok());
	}
}
