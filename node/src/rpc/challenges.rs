//! The windows and the seeds that all kinds of proof share.

use groma_core::{WindowIndex, api::WindowInfo};
use groma_runtime_api::ChallengesApi as _;
use jsonrpsee::{
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};
use sp_core::H256;

use super::reads::Reads;
use crate::types::BlockHash;

/// The methods. `at` is the hash of a block; the best one if it is absent.
#[rpc(server, namespace = "groma")]
pub(crate) trait ChallengesApi {
	/// The current window.
	#[method(name = "window", blocking)]
	fn window(&self, at: Option<BlockHash>) -> RpcResult<WindowInfo>;

	/// The seed of one of the last 288 windows.
	#[method(name = "seed", blocking)]
	fn seed(&self, window: WindowIndex, at: Option<BlockHash>) -> RpcResult<Option<H256>>;
}

#[async_trait]
impl ChallengesApiServer for Reads {
	fn window(&self, at: Option<BlockHash>) -> RpcResult<WindowInfo> {
		self.ask(at, |api, at| api.window(at))
	}

	fn seed(&self, window: WindowIndex, at: Option<BlockHash>) -> RpcResult<Option<H256>> {
		self.ask(at, |api, at| Ok(api.seed(at, window)?.map(H256)))
	}
}
