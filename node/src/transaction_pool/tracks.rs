//! To which pool a transaction belongs: the runtime knows.

use std::sync::Arc;

use groma_core::api::TransactionTrack;
use groma_runtime_api::ChallengesApi;
use sp_api::ProvideRuntimeApi;
use sp_runtime::traits::Block as BlockT;

use crate::types::{Block, BlockHash, FullClient};

/// What knows the track of a transaction.
pub(crate) trait Tracks<B: BlockT>: Send + Sync {
	/// The track of a transaction at a block. What cannot be read is ordinary: the pool that checks
	/// it refuses it.
	fn track(&self, at: B::Hash, transaction: &B::Extrinsic) -> TransactionTrack;
}

impl Tracks<Block> for Arc<FullClient> {
	fn track(&self, at: BlockHash, transaction: &<Block as BlockT>::Extrinsic) -> TransactionTrack {
		self.runtime_api().track(at, transaction.clone()).unwrap_or_else(|error| {
			log::debug!(target: "groma::pool", "the runtime names no track: {error}");
			TransactionTrack::Ordinary
		})
	}
}
