//! Stake behind devices.

use codec::Codec;
use groma_core::{NetworkId, api::ProvisionInfo};

sp_api::decl_runtime_apis! {
	/// Stake behind devices.
	#[api_version(1)]
	pub trait StakeApi<AccountId> where AccountId: Codec {
		/// What an owner set aside behind its devices of a network; `None` if there is no such
		/// network, or if it or the provision cannot be read.
		fn provision(owner: AccountId, network: NetworkId) -> Option<ProvisionInfo<AccountId>>;
	}
}
