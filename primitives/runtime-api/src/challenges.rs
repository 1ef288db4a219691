//! Challenges: the windows and the seeds that all kinds of proof share.

use groma_core::{
	WindowIndex,
	api::{TransactionTrack, WindowInfo},
	words::Hash,
};
use sp_runtime::traits::Block as BlockT;

sp_api::decl_runtime_apis! {
	/// Windows and seeds, and the track of a transaction. Version 2 added the track.
	#[api_version(2)]
	pub trait ChallengesApi {
		/// The current window.
		fn window() -> WindowInfo;
		/// The seed of one of the last 288 windows.
		fn seed(window: WindowIndex) -> Option<Hash>;
		/// To which track a transaction belongs: by it a node chooses the pool in which it waits.
		fn track(transaction: <Block as BlockT>::Extrinsic) -> TransactionTrack;
	}
}
