//! The price of GRM.

use groma_core::api::PriceInfo;
use groma_runtime_api::PriceApi as _;
use jsonrpsee::{
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};

use super::reads::Reads;
use crate::types::BlockHash;

/// The method. `at` is the hash of a block; the best one if it is absent.
#[rpc(server, namespace = "groma")]
pub(crate) trait PricesApi {
	/// What the chain knows of the price of GRM; null if its state cannot be read.
	#[method(name = "price", blocking)]
	fn price(&self, at: Option<BlockHash>) -> RpcResult<Option<PriceInfo>>;
}

#[async_trait]
impl PricesApiServer for Reads {
	fn price(&self, at: Option<BlockHash>) -> RpcResult<Option<PriceInfo>> {
		self.ask(at, |api, at| api.price(at))
	}
}
