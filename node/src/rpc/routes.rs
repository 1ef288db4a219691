//! Routes of payers and offers of devices.

use groma_core::{
	DeviceId,
	api::{OfferPage, RoutePage},
	protocol::LIST_LENGTH_MAX,
};
use groma_runtime_api::RoutesApi as _;
use jsonrpsee::{
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};

use super::reads::Reads;
use crate::types::{AccountId, BlockHash};

/// The methods. `at` is the hash of a block; the best one if it is absent.
#[rpc(server, namespace = "groma")]
pub(crate) trait RoutesApi {
	/// Payers after `after`, or from the first on, and the packets that they buy.
	#[method(name = "routes", blocking)]
	fn routes(
		&self,
		after: Option<AccountId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> RpcResult<RoutePage<AccountId>>;

	/// Offers of the devices after `after`, or from the first on.
	#[method(name = "offers", blocking)]
	fn offers(
		&self,
		after: Option<DeviceId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> RpcResult<OfferPage<AccountId>>;
}

#[async_trait]
impl RoutesApiServer for Reads {
	fn routes(
		&self,
		after: Option<AccountId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> RpcResult<RoutePage<AccountId>> {
		let limit = limit.unwrap_or(LIST_LENGTH_MAX);
		self.ask(at, |api, at| api.routes(at, after, limit))
	}

	fn offers(
		&self,
		after: Option<DeviceId>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> RpcResult<OfferPage<AccountId>> {
		let limit = limit.unwrap_or(LIST_LENGTH_MAX);
		self.ask(at, |api, at| api.offers(at, after, limit))
	}
}
