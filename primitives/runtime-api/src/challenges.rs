//! Challenges: the windows and the seeds that all kinds of proof share.

use groma_core::{WindowIndex, api::WindowInfo, words::Hash};

sp_api::decl_runtime_apis! {
	/// Windows and seeds.
	pub trait ChallengesApi {
		/// The current window.
		fn window() -> WindowInfo;
		/// The seed of one of the last 288 windows.
		fn seed(window: WindowIndex) -> Option<Hash>;
	}
}
