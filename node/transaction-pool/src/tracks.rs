//! To which pool a transaction belongs: the runtime knows.

use std::sync::Arc;

use groma_core::api::TransactionTrack;
use groma_runtime_api::ChallengesApi;
use sp_api::ProvideRuntimeApi;
use sp_runtime::traits::Block as BlockT;

/// What knows the track of a transaction.
pub trait Tracks<B: BlockT>: Send + Sync {
	/// The track of a transaction at a block. What cannot be read is ordinary: the pool that checks
	/// it refuses it.
	fn track(&self, at: B::Hash, transaction: &B::Extrinsic) -> TransactionTrack;
}

impl<B, Client> Tracks<B> for Arc<Client>
where
	B: BlockT,
	Client: ProvideRuntimeApi<B> + Send + Sync,
	Client::Api: ChallengesApi<B>,
{
	fn track(&self, at: B::Hash, transaction: &B::Extrinsic) -> TransactionTrack {
		self.runtime_api().track(at, transaction.clone()).unwrap_or_else(|error| {
			log::debug!(target: "groma::pool", "the runtime names no track: {error}");
			TransactionTrack::Ordinary
		})
	}
}
