//! Stake behind devices, and what is delegated to operators.

use groma_core::{
	NetworkId,
	api::{DelegationPage, ProvisionInfo},
};
use groma_runtime_api::StakeApi as _;
use jsonrpsee::{
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};

use super::reads::Reads;
use crate::types::{AccountId, BlockHash};

/// The methods. `at` is the hash of a block; the best one if it is absent.
#[rpc(server, namespace = "groma")]
pub(crate) trait StakeApi {
	/// What an owner set aside behind its devices of a network; null if there is no such network,
	/// or if it or the provision cannot be read.
	#[method(name = "provision", blocking)]
	fn provision(
		&self,
		owner: AccountId,
		network: NetworkId,
		at: Option<BlockHash>,
	) -> RpcResult<Option<ProvisionInfo<AccountId>>>;

	/// What an account delegated, from the operator after `after` on, or from the first.
	#[method(name = "delegations", blocking)]
	fn delegations(
		&self,
		account: AccountId,
		after: Option<AccountId>,
		at: Option<BlockHash>,
	) -> RpcResult<DelegationPage<AccountId>>;
}

#[async_trait]
impl StakeApiServer for Reads {
	fn provision(
		&self,
		owner: AccountId,
		network: NetworkId,
		at: Option<BlockHash>,
	) -> RpcResult<Option<ProvisionInfo<AccountId>>> {
		self.ask(at, |api, at| api.provision(at, owner, network))
	}

	fn delegations(
		&self,
		account: AccountId,
		after: Option<AccountId>,
		at: Option<BlockHash>,
	) -> RpcResult<DelegationPage<AccountId>> {
		self.ask(at, |api, at| api.delegations(at, account, after))
	}
}
