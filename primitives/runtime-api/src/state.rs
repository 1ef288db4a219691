//! The state itself, for those who watch over a node.

use groma_core::api::UnreadableInfo;

sp_api::decl_runtime_apis! {
	/// The state.
	#[api_version(1)]
	pub trait StateApi {
		/// What of the state does not decode.
		fn unreadable() -> UnreadableInfo;
	}
}
