//! Collectors.

use codec::Codec;
use groma_core::api::CollectorInfo;

sp_api::decl_runtime_apis! {
	/// Collectors.
	#[api_version(1)]
	pub trait CollectorsApi<AccountId> where AccountId: Codec {
		/// What there is to know of an account as a collector.
		fn collector(account: AccountId) -> CollectorInfo<AccountId>;
	}
}
