//! The price of GRM.

use groma_core::api::PriceInfo;

sp_api::decl_runtime_apis! {
	/// What GRM is worth.
	#[api_version(1)]
	pub trait PriceApi {
		/// What the chain knows of the price; `None` if its state cannot be read.
		fn price() -> Option<PriceInfo>;
	}
}
