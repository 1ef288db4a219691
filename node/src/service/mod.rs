//! A running node: its parts, and how they are joined.

mod authoring;
mod components;
mod coverage;
mod finality;
mod network;
mod offchain;

use std::{path::PathBuf, sync::Arc};

use components::Consensus;
pub(crate) use components::{Components, new_components};
pub(crate) use coverage::Pool as StatementPool;
use network::Joined;
use sc_consensus_grandpa::SharedVoterState;
use sc_network::{NetworkBackend, service::traits::NetworkService};
use sc_network_sync::SyncingService;
use sc_service::{ChainSpec, Configuration, Error, SpawnTasksParams, TaskManager, config::Role};
use sc_storage_monitor::{StorageMonitorParams, StorageMonitorService};
use sc_telemetry::TelemetryHandle;
use sp_keystore::KeystorePtr;
use substrate_prometheus_endpoint::Registry;

use crate::{
	rpc,
	types::{Block, BlockHash, FullBackend, FullClient, FullPool, FullSelectChain},
};

/// What the tasks of a running node share.
struct Node {
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
	pool: Arc<FullPool>,
	statements: Arc<StatementPool>,
	keystore: KeystorePtr,
	network: Arc<dyn NetworkService>,
	sync: Arc<SyncingService<Block>>,
	prometheus: Option<Registry>,
	telemetry: Option<TelemetryHandle>,
	settings: Settings,
}

/// What the configuration says about the tasks; the configuration itself is given away before they start.
struct Settings {
	name: String,
	role: Role,
	force_authoring: bool,
	grandpa: bool,
	offchain_workers: bool,
	publish_private_addresses: bool,
	public_addresses: Vec<sc_network::Multiaddr>,
	network_directory: Option<PathBuf>,
	database: Option<PathBuf>,
}

/// Starts a node on the network backend `N`.
pub(crate) fn run<N: NetworkBackend<Block, BlockHash>>(
	config: Configuration,
	storage_monitor: StorageMonitorParams,
) -> Result<TaskManager, Error> {
	let Components {
		client,
		backend,
		import_queue,
		mut task_manager,
		keystore,
		select_chain,
		pool,
		consensus,
		mut telemetry,
	} = new_components(&config)?;
	let joined = Joined::join::<N>(
		&config,
		&task_manager,
		&client,
		&backend,
		&pool,
		import_queue,
		consensus.grandpa_link.shared_authority_set().clone(),
	)?;
	let node = Node {
		statements: coverage::open_pool(&config, &client, &backend)?,
		client: client.clone(),
		backend: backend.clone(),
		pool: pool.clone(),
		keystore: keystore.keystore(),
		network: joined.network.clone(),
		sync: joined.sync.clone(),
		prometheus: config.prometheus_registry().cloned(),
		telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
		settings: Settings::of(&config),
	};
	let voter_state = SharedVoterState::empty();
	let chain_spec = config.chain_spec.cloned_box();
	let rpc_parts = node.rpc_parts(chain_spec, &select_chain, &consensus, &voter_state);
	sc_service::spawn_tasks(SpawnTasksParams {
		config,
		client,
		backend,
		task_manager: &mut task_manager,
		keystore: keystore.keystore(),
		transaction_pool: pool,
		rpc_builder: Box::new(rpc::builder(rpc_parts)),
		network: joined.network,
		system_rpc_tx: joined.system_rpc_tx,
		tx_handler_controller: joined.tx_handler_controller,
		sync_service: joined.sync,
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;
	node.spawn_storage_monitor(&task_manager, storage_monitor)?;
	node.spawn_coverage(&task_manager)?;
	node.spawn_offchain_workers(&task_manager)?;
	node.spawn_authoring(&task_manager, select_chain, &consensus)?;
	node.spawn_authority_discovery(&task_manager);
	node.spawn_voter(&task_manager, joined.finality, consensus.grandpa_link, voter_state)?;
	Ok(task_manager)
}

impl Node {
	/// What JSON-RPC answers from.
	fn rpc_parts(
		&self,
		chain_spec: Box<dyn ChainSpec>,
		select_chain: &FullSelectChain,
		consensus: &Consensus,
		voter_state: &SharedVoterState,
	) -> rpc::Parts {
		rpc::Parts {
			client: self.client.clone(),
			backend: self.backend.clone(),
			pool: self.pool.clone(),
			statements: self.statements.clone(),
			select_chain: select_chain.clone(),
			keystore: self.keystore.clone(),
			chain_spec,
			babe_worker: consensus.babe_worker.clone(),
			authority_set: consensus.grandpa_link.shared_authority_set().clone(),
			voter_state: voter_state.clone(),
			justifications: consensus.grandpa_link.justification_stream(),
		}
	}

	/// Stops the node before its disk is full.
	fn spawn_storage_monitor(
		&self,
		task_manager: &TaskManager,
		params: StorageMonitorParams,
	) -> Result<(), Error> {
		let Some(database) = self.settings.database.clone() else { return Ok(()) };
		let spawner = task_manager.spawn_essential_handle();
		StorageMonitorService::try_spawn(params, database, &spawner)
			.map_err(|error| Error::Application(error.into()))
	}
}

impl Settings {
	fn of(config: &Configuration) -> Self {
		Self {
			name: config.network.node_name.clone(),
			role: config.role,
			force_authoring: config.force_authoring,
			grandpa: !config.disable_grandpa,
			offchain_workers: config.offchain_worker.enabled,
			publish_private_addresses: config.network.allow_non_globals_in_dht,
			public_addresses: config.network.public_addresses.clone(),
			network_directory: config.network.net_config_path.clone(),
			database: config.database.path().map(Into::into),
		}
	}
}
