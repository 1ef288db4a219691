//! Calls of the runtime APIs, on which all read-only methods are based.

use std::sync::Arc;

use jsonrpsee::core::RpcResult;
use sp_api::{ApiError, ApiRef, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;

use super::failure;
use crate::types::{BlockHash, FullClient};

/// The API of the client as the runtime at a block has it.
pub(super) type Api = <FullClient as ProvideRuntimeApi<crate::types::Block>>::Api;

/// Answers the read-only methods.
#[derive(Clone)]
pub(super) struct Reads {
	/// The chain.
	pub(super) client: Arc<FullClient>,
}

impl Reads {
	/// Asks the runtime at block `at`, or at the best one.
	pub(super) fn ask<Answer>(
		&self,
		at: Option<BlockHash>,
		question: impl FnOnce(ApiRef<'_, Api>, BlockHash) -> Result<Answer, ApiError>,
	) -> RpcResult<Answer> {
		let at = at.unwrap_or_else(|| self.client.info().best_hash);
		question(self.client.runtime_api(), at).map_err(failure::not_answered)
	}
}
