//! The concrete types of which this node is made.

use groma_runtime::RuntimeApi;
pub(crate) use groma_runtime::{AccountId, Nonce, opaque::Block};
use sc_executor::WasmExecutor;

/// A block's hash.
pub(crate) type BlockHash = <Block as sp_runtime::traits::Block>::Hash;
/// What executes the runtime's wasm blob. The standard host functions only, so that every client
/// that knows them can execute the chain.
pub(crate) type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;
/// The database.
pub(crate) type FullBackend = sc_service::TFullBackend<Block>;
/// What off-chain workers store on this node.
pub(crate) type OffchainStorage = <FullBackend as sc_client_api::Backend<Block>>::OffchainStorage;
/// The chain.
pub(crate) type FullClient = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// The rule by which the best chain is chosen.
pub(crate) type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
/// The transaction pool.
pub(crate) type FullPool = groma_transaction_pool::TwoPools<
	sc_transaction_pool::TransactionPoolHandle<Block, FullClient>,
	std::sync::Arc<FullClient>,
>;
