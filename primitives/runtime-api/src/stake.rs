//! Stake behind devices, and what is delegated to operators.

use codec::Codec;
use groma_core::{
	NetworkId,
	api::{DelegationPage, ProvisionInfo},
};

sp_api::decl_runtime_apis! {
	/// Stake behind devices, and what is delegated to operators.
	#[api_version(1)]
	pub trait StakeApi<AccountId> where AccountId: Codec {
		/// What an owner set aside behind its devices of a network; `None` if it cannot be read, or
		/// if it is nothing and there is no such network, or none that can be read.
		fn provision(owner: AccountId, network: NetworkId) -> Option<ProvisionInfo<AccountId>>;
		/// What an account delegated, from the operator after `after` on, or from the first: at
		/// most 100 delegations, in no particular order.
		fn delegations(account: AccountId, after: Option<AccountId>) -> DelegationPage<AccountId>;
	}
}
