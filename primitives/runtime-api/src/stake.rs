//! Stake behind devices.

use codec::Codec;
use groma_core::{NetworkId, api::ProvisionInfo};

sp_api::decl_runtime_apis! {
	/// Stake behind devices.
	#[api_version(1)]
	pub trait StakeApi<AccountId> where AccountId: Codec {
		/// What an owner set aside behind its devices of a network; `None` if it cannot be read, or
		/// if it is nothing and there is no such network, or none that can be read.
		fn provision(owner: AccountId, network: NetworkId) -> Option<ProvisionInfo<AccountId>>;
	}
}
