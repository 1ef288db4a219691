//! What every command on a chain needs: database, client, pool, consensus, import queue.

use std::sync::Arc;

use sc_consensus_babe::{BabeLink, BabeWorkerHandle};
use sc_consensus_grandpa::GrandpaPruningFilter;
use sc_service::{Configuration, Error, KeystoreContainer, TaskManager};
use sc_telemetry::{Telemetry, TelemetryHandle, TelemetryWorker};
use sc_transaction_pool::TransactionPoolOptions;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::{SlotDuration, inherents::BabeCreateInherentDataProviders};

use super::{double_blocks::DoubleBlocks, genesis, signing};
use crate::{
	guard::{self, Guard},
	types::{Block, Executor, FullBackend, FullClient, FullPool, FullSelectChain},
};

/// The most blocks between two justifications that GRANDPA keeps.
pub(super) const JUSTIFICATION_PERIOD_BLOCKS: u32 = 512;

/// Imports blocks and watches for changes of GRANDPA's authorities.
pub(super) type GrandpaBlockImport =
	sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
/// Imports blocks by BABE's rules.
pub(super) type BabeBlockImport = sc_consensus_babe::BabeBlockImport<
	Block,
	FullClient,
	GrandpaBlockImport,
	BabeCreateInherentDataProviders<Block>,
	FullSelectChain,
>;
/// What GRANDPA's voter needs of its block import.
pub(super) type GrandpaLink = sc_consensus_grandpa::LinkHalf<Block, FullClient, FullSelectChain>;

/// The parts of a node that exist before it joins the network.
pub(crate) struct Components {
	/// The chain.
	pub(crate) client: Arc<FullClient>,
	/// The database.
	pub(crate) backend: Arc<FullBackend>,
	/// Checks and imports blocks from the network.
	pub(crate) import_queue: sc_consensus::DefaultImportQueue<Block>,
	/// Owns every task.
	pub(crate) task_manager: TaskManager,
	/// The keys of this node.
	pub(super) keystore: KeystoreContainer,
	/// What lets a validator sign.
	pub(super) guard: Option<Arc<Guard>>,
	/// The choice of the best chain.
	pub(super) select_chain: FullSelectChain,
	/// Transactions that wait for a block.
	pub(super) pool: Arc<FullPool>,
	/// BABE and GRANDPA.
	pub(super) consensus: Consensus,
	/// Telemetry, if an endpoint is configured.
	pub(super) telemetry: Option<Telemetry>,
}

/// The parts of consensus.
pub(super) struct Consensus {
	/// The outermost block import.
	pub(super) block_import: BabeBlockImport,
	/// BABE's configuration and epochs.
	pub(super) babe_link: BabeLink<Block>,
	/// Answers questions about BABE's epochs.
	pub(super) babe_worker: BabeWorkerHandle<Block>,
	/// For GRANDPA's voter.
	pub(super) grandpa_link: GrandpaLink,
	/// Inherents of a new block.
	pub(super) inherents: BabeCreateInherentDataProviders<Block>,
}

/// The pool for evidence.
pub(crate) struct EvidencePool {
	/// Its limits.
	pub(crate) options: TransactionPoolOptions,
	/// How many own calls of devices wait in it.
	pub(crate) own_calls_max: usize,
}

/// Opens the database and builds what every command on a chain needs. A validator has a guard, if
/// options for it are given.
pub(crate) fn new_components(
	config: &Configuration,
	evidence_pool: EvidencePool,
	guard: Option<guard::Options>,
) -> Result<Components, Error> {
	let genesis = genesis::founded_state(config)?;
	let telemetry = new_telemetry(config)?;
	let telemetry_handle = telemetry.as_ref().map(|(_, telemetry)| telemetry.handle());
	let executor: Executor = sc_service::new_wasm_executor(&config.executor);
	let mut database = config.db_config();
	// Warp sync needs the justifications at which GRANDPA's authorities change.
	database.pruning_filters = vec![Arc::new(GrandpaPruningFilter)];
	let backend = sc_service::new_db_backend(database)?;
	let genesis = genesis::builder(config, genesis, &backend, &executor)?;
	let (client, backend, keystore, task_manager) =
		sc_service::new_full_parts_with_genesis_builder::<Block, groma_runtime::RuntimeApi, _, _>(
			config,
			telemetry_handle.clone(),
			executor,
			backend,
			genesis,
			false,
		)?;
	let client = Arc::new(client);
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});
	// The voter's state is loaded with GRANDPA's block import, and this may change it.
	let guard = guard.filter(|_| config.role.is_authority());
	let open = |options| signing::open_guard(config, &client, &task_manager, options);
	let guard = guard.map(open).transpose()?;
	let select_chain = FullSelectChain::new(backend.clone());
	let pool = Arc::new(new_pool(config, &client, &task_manager, evidence_pool)?);
	let (consensus, import_queue) =
		new_consensus(config, &client, &select_chain, &pool, &task_manager, telemetry_handle)?;
	Ok(Components {
		client,
		backend,
		import_queue,
		task_manager,
		keystore,
		guard,
		select_chain,
		pool,
		consensus,
		telemetry,
	})
}

/// The transaction pool. The configuration has the limits for everything but evidence.
fn new_pool(
	config: &Configuration,
	client: &Arc<FullClient>,
	task_manager: &TaskManager,
	evidence_pool: EvidencePool,
) -> Result<FullPool, Error> {
	let one = |track, options| {
		let registry = groma_transaction_pool::registry_of(config.prometheus_registry(), track)?;
		let pool = sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(options)
		.with_prometheus(registry.as_ref())
		.build();
		Ok::<_, Error>(pool)
	};
	Ok(FullPool::new(
		one("evidence", evidence_pool.options)?,
		one("ordinary", config.transaction_pool.clone())?,
		client.clone(),
		evidence_pool.own_calls_max,
		task_manager.spawn_handle(),
	))
}

/// Telemetry for the endpoints that the operator gave, or that the chain specification names.
fn new_telemetry(config: &Configuration) -> Result<Option<(TelemetryWorker, Telemetry)>, Error> {
	let Some(endpoints) = config.telemetry_endpoints.clone().filter(|list| !list.is_empty()) else {
		return Ok(None);
	};
	let worker = TelemetryWorker::new(16)?;
	let telemetry = worker.handle().new_telemetry(endpoints);
	Ok(Some((worker, telemetry)))
}

/// GRANDPA's block import inside BABE's, and the queue in front of both.
fn new_consensus(
	config: &Configuration,
	client: &Arc<FullClient>,
	select_chain: &FullSelectChain,
	pool: &Arc<FullPool>,
	task_manager: &TaskManager,
	telemetry: Option<TelemetryHandle>,
) -> Result<(Consensus, sc_consensus::DefaultImportQueue<Block>), Error> {
	let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		JUSTIFICATION_PERIOD_BLOCKS,
		client,
		select_chain.clone(),
		telemetry.clone(),
	)?;
	let babe_config = sc_consensus_babe::configuration(&**client)?;
	let slot_duration = babe_config.slot_duration();
	let inherents = inherent_data_providers(slot_duration);
	let (block_import, babe_link) = sc_consensus_babe::block_import(
		babe_config,
		grandpa_import.clone(),
		client.clone(),
		inherents.clone(),
		select_chain.clone(),
		OffchainTransactionPoolFactory::new(pool.clone()),
	)?;
	let watched = DoubleBlocks::new(
		block_import.clone(),
		client.clone(),
		OffchainTransactionPoolFactory::new(pool.clone()),
		slot_duration,
	);
	let (import_queue, babe_worker) =
		sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
			link: babe_link.clone(),
			block_import: watched,
			justification_import: Some(Box::new(grandpa_import)),
			client: client.clone(),
			slot_duration,
			spawner: &task_manager.spawn_essential_handle(),
			registry: config.prometheus_registry(),
			telemetry,
		})?;
	let consensus = Consensus { block_import, babe_link, babe_worker, grandpa_link, inherents };
	Ok((consensus, import_queue))
}

/// The inherents of a block: its slot and its timestamp, both by this machine's clock.
fn inherent_data_providers(slot_duration: SlotDuration) -> BabeCreateInherentDataProviders<Block> {
	Arc::new(move |_, ()| async move {
		let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
		let slot =
			sp_consensus_babe::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
				*timestamp,
				slot_duration,
			);
		Ok((slot, timestamp))
	})
}
