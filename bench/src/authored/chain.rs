//! A chain whose blocks are authored as a validator authors them: out of the node's transaction
//! pool, by the node's proposer, within the time of a slot.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use codec::Decode;
use frame_system_rpc_runtime_api::AccountNonceApi;
use groma_core::{DeviceId, WindowIndex, api::WindowInfo, protocol::SLOT_MS};
use groma_runtime::{
	AccountId, Block, Hash, Nonce, RuntimeEvent, UncheckedExtrinsic,
	constants::{BLOCK_BYTES, HEADER_BYTES},
};
use groma_runtime_api::{ChallengesApi, CoverageApi};
use groma_transaction_pool::{DEFAULT_KILOBYTES, DEFAULT_LIMIT, TwoPools, evidence_part};
use sc_basic_authorship::ProposerFactory;
use sc_client_api::{Finalizer, HeaderBackend, StorageProvider};
use sc_client_db::Backend;
use sc_consensus::{
	BlockImport, BlockImportParams, ForkChoiceStrategy, ImportResult, StateAction, StorageChanges,
};
use sc_service::TaskManager;
use sc_transaction_pool::{TransactionPoolHandle, TransactionPoolOptions, TransactionPoolType};
use sc_transaction_pool_api::{
	ChainEvent, InPoolTransaction, MaintainedTransactionPool, TransactionPool, TransactionSource,
};
use sp_api::ProvideRuntimeApi;
use sp_consensus::{BlockOrigin, Environment, Proposal, ProposeArgs, Proposer};
use sp_core::storage::{Storage, StorageKey};
use sp_inherents::InherentData;
use sp_runtime::traits::Block as _;

use crate::receipts::{Client, genesis, new_client, open_backend, secondary_slot};

/// Transactions that the pool for evidence keeps, as a node's does by default.
const EVIDENCE_TRANSACTIONS: usize = evidence_part(DEFAULT_LIMIT);
const EVIDENCE_KILOBYTES: usize = evidence_part(DEFAULT_KILOBYTES);
/// Transactions that the pool for everything else keeps.
pub(crate) const POOL_TRANSACTIONS: usize = DEFAULT_LIMIT - EVIDENCE_TRANSACTIONS;
const POOL_KILOBYTES: usize = DEFAULT_KILOBYTES - EVIDENCE_KILOBYTES;
/// How long an author fills a block: two thirds of a slot, as the node does.
const PROPOSAL: Duration = Duration::from_millis(SLOT_MS * 2 / 3);

type Pool = TwoPools<TransactionPoolHandle<Block, Client>, Arc<Client>>;

/// What happened in a transaction, or outside all of them.
type EventRecord = frame_system::EventRecord<RuntimeEvent, Hash>;

/// A chain with a pool, and the author of all its blocks.
pub(crate) struct AuthoredChain {
	client: Arc<Client>,
	pool: Arc<Pool>,
	proposer: ProposerFactory<Pool, Client>,
	_tasks: TaskManager,
}

/// A block as it was made.
pub(crate) struct Authored {
	/// Its transactions, inherents included.
	pub(crate) transactions: Vec<UncheckedExtrinsic>,
	/// What happened in it.
	pub(crate) events: Vec<EventRecord>,
}

impl AuthoredChain {
	/// Opens a chain on disk. It has to be called on a runtime of `tokio`.
	pub(crate) fn open(path: &Path, genesis: Storage) -> anyhow::Result<Self> {
		let client = Arc::new(new_client(open_backend(path)?, genesis)?);
		let tasks = TaskManager::new(tokio::runtime::Handle::current(), None)?;
		let one = |transactions, kilobytes: usize| {
			let options = TransactionPoolOptions::new_with_params(
				transactions,
				kilobytes * 1024,
				None,
				TransactionPoolType::ForkAware,
				false,
				false,
			);
			let spawner = tasks.spawn_essential_handle();
			sc_transaction_pool::Builder::new(spawner, client.clone(), true.into())
				.with_options(options)
				.build()
		};
		let pool = Arc::new(TwoPools::new(
			one(EVIDENCE_TRANSACTIONS, EVIDENCE_KILOBYTES),
			one(POOL_TRANSACTIONS, POOL_KILOBYTES),
			client.clone(),
			EVIDENCE_TRANSACTIONS / 2,
			tasks.spawn_handle(),
		));
		let mut proposer =
			ProposerFactory::new(tasks.spawn_handle(), client.clone(), pool.clone(), None, None);
		proposer.set_default_block_size_limit((BLOCK_BYTES + HEADER_BYTES) as usize);
		Ok(Self { client, pool, proposer, _tasks: tasks })
	}

	/// The hash of the genesis block.
	pub(crate) fn genesis_hash(&self) -> Hash {
		self.client.info().genesis_hash
	}

	/// The number of the best block.
	pub(crate) fn number(&self) -> u32 {
		self.client.info().best_number
	}

	/// The window of the best block.
	pub(crate) fn window(&self) -> anyhow::Result<WindowInfo> {
		Ok(self.client.runtime_api().window(self.client.info().best_hash)?)
	}

	/// Makes blocks until the first one of a window that is still to come.
	pub(crate) async fn reach_window(&mut self, index: WindowIndex) -> anyhow::Result<WindowInfo> {
		while self.window()?.index < index {
			self.next_block().await?;
		}
		self.window()
	}

	/// The witnesses whose statements about a beacon wait on chain for its reveal.
	pub(crate) fn witnesses(
		&self,
		window: WindowIndex,
		beaconer: DeviceId,
	) -> anyhow::Result<Vec<DeviceId>> {
		let best = self.client.info().best_hash;
		Ok(self.client.runtime_api().witnesses(best, window, beaconer)?)
	}

	/// Hands transactions to the pool as peers do, and returns how many it took.
	pub(crate) async fn submit(
		&self,
		transactions: Vec<UncheckedExtrinsic>,
	) -> anyhow::Result<usize> {
		let best = self.client.info().best_hash;
		let outcomes = self.pool.submit_at(best, TransactionSource::External, transactions).await?;
		Ok(outcomes.iter().filter(|outcome| outcome.is_ok()).count())
	}

	/// How many transactions an account has on chain.
	pub(crate) fn nonce(&self, account: AccountId) -> anyhow::Result<Nonce> {
		Ok(self.client.runtime_api().account_nonce(self.client.info().best_hash, account)?)
	}

	/// The transactions of the pool that a block could take.
	pub(crate) fn ready(&self) -> Vec<Arc<UncheckedExtrinsic>> {
		self.pool.ready().map(|transaction| transaction.data().clone()).collect()
	}

	/// How many transactions of the pool wait for one before them.
	pub(crate) fn early(&self) -> usize {
		self.pool.status().future
	}

	/// Authors the next block, imports it and notifies the pool.
	pub(crate) async fn next_block(&mut self) -> anyhow::Result<Authored> {
		let parent = self.client.info().best_hash;
		let header = self.client.header(parent)?.context("the best block has a header")?;
		let now_ms = genesis::time_ms(header.number + 1);
		let mut inherent_data = InherentData::new();
		inherent_data.put_data(sp_timestamp::INHERENT_IDENTIFIER, &now_ms)?;
		let arguments = ProposeArgs {
			inherent_data,
			inherent_digests: secondary_slot(now_ms / SLOT_MS),
			max_duration: PROPOSAL,
			..ProposeArgs::default()
		};
		let proposer = self.proposer.init(&header).await?;
		let Proposal { block, storage_changes } = proposer.propose(arguments).await?;
		let hash = block.hash();
		let (header, transactions) = block.deconstruct();
		let mut import = BlockImportParams::new(BlockOrigin::Own, header);
		import.body = Some(transactions.clone());
		import.state_action = StateAction::ApplyChanges(StorageChanges::Changes(storage_changes));
		import.fork_choice = Some(ForkChoiceStrategy::LongestChain);
		let result = self.client.import_block(import).await?;
		ensure!(matches!(result, ImportResult::Imported(_)), "a block is not imported: {result:?}");
		self.pool.maintain(ChainEvent::NewBestBlock { hash, tree_route: None }).await;
		self.finalize(parent).await?;
		Ok(Authored { transactions, events: self.events(hash)? })
	}

	async fn finalize(&self, hash: Hash) -> anyhow::Result<()> {
		Finalizer::<Block, Backend<Block>>::finalize_block(&*self.client, hash, None, false)?;
		self.pool.maintain(ChainEvent::Finalized { hash, tree_route: Arc::from([]) }).await;
		Ok(())
	}

	fn events(&self, block: Hash) -> anyhow::Result<Vec<EventRecord>> {
		let key = frame_support::storage::storage_prefix(b"System", b"Events").to_vec();
		let bytes = self.client.storage(block, &StorageKey(key))?.context("a block has events")?;
		Vec::decode(&mut &bytes.0[..]).context("events of another runtime")
	}
}
