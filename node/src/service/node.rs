//! What the tasks of a running node share.

use std::{path::PathBuf, sync::Arc};

use groma_core::price_layout::Source;
use sc_consensus_grandpa::SharedVoterState;
use sc_network::service::traits::NetworkService;
use sc_network_sync::SyncingService;
use sc_service::{ChainSpec, Configuration, Error, TaskManager, config::Role};
use sc_storage_monitor::{StorageMonitorParams, StorageMonitorService};
use sc_telemetry::TelemetryHandle;
use sp_keystore::KeystorePtr;
use substrate_prometheus_endpoint::Registry;

use super::components::Consensus;
use crate::{
	guard::Guard,
	report_pool::FullReportPool,
	rpc,
	types::{Block, FullBackend, FullClient, FullPool, FullSelectChain},
	validator::Halt,
};

/// The parts that tasks share.
pub(super) struct Node {
	pub(super) client: Arc<FullClient>,
	pub(super) backend: Arc<FullBackend>,
	pub(super) pool: Arc<FullPool>,
	pub(super) reports: Arc<FullReportPool>,
	pub(super) keystore: KeystorePtr,
	/// What lets this node sign, if it is a validator.
	pub(super) guard: Option<Arc<Guard>>,
	pub(super) network: Arc<dyn NetworkService>,
	pub(super) sync: Arc<SyncingService<Block>>,
	pub(super) prometheus: Option<Registry>,
	pub(super) telemetry: Option<TelemetryHandle>,
	pub(super) settings: Settings,
	/// Ends what signs with session keys.
	pub(super) halt: Halt,
}

/// What the configuration says about the tasks; the configuration itself is consumed before they
/// start.
pub(super) struct Settings {
	pub(super) name: String,
	pub(super) role: Role,
	pub(super) force_authoring: bool,
	pub(super) offchain_workers: bool,
	pub(super) publish_private_addresses: bool,
	pub(super) public_addresses: Vec<sc_network::Multiaddr>,
	pub(super) network_directory: Option<PathBuf>,
	pub(super) database: Option<PathBuf>,
	/// What the feeder of this node asks for the price.
	pub(super) price_sources: Vec<Source>,
}

impl Node {
	/// What JSON-RPC answers from.
	pub(super) fn rpc_parts(
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
			reports: self.reports.clone(),
			select_chain: select_chain.clone(),
			keystore: self.keystore.clone(),
			guard: self.guard.clone(),
			chain_spec,
			babe_worker: consensus.babe_worker.clone(),
			authority_set: consensus.grandpa_link.shared_authority_set().clone(),
			voter_state: voter_state.clone(),
			justifications: consensus.grandpa_link.justification_stream(),
		}
	}

	/// Stops the node when less disk space than a limit is free.
	pub(super) fn spawn_storage_monitor(
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
	pub(super) fn of(config: &Configuration, price_sources: Vec<Source>) -> Self {
		Self {
			name: config.network.node_name.clone(),
			role: config.role,
			force_authoring: config.force_authoring,
			offchain_workers: config.offchain_worker.enabled,
			publish_private_addresses: config.network.allow_non_globals_in_dht,
			public_addresses: config.network.public_addresses.clone(),
			network_directory: config.network.net_config_path.clone(),
			database: config.database.path().map(Into::into),
			price_sources,
		}
	}
}
