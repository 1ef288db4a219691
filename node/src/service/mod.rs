//! A running node: its parts, and how they are joined.

mod authoring;
mod components;
mod double_blocks;
mod finality;
mod genesis;
mod network;
mod node;
mod offchain;
mod prices;
mod reports;
mod signing;
mod validators;

pub(crate) use components::{Components, EvidencePool, new_components};
pub(crate) use genesis::hash_of as genesis_hash;
use groma_core::price_layout::Source;
use network::Joined;
use node::{Node, Settings};
use sc_consensus_grandpa::SharedVoterState;
use sc_network::NetworkBackend;
use sc_service::{Configuration, Error, SpawnTasksParams, TaskManager};
use sc_storage_monitor::StorageMonitorParams;

use crate::{
	guard, rpc,
	types::{Block, BlockHash},
	validator::Halt,
};

/// What the operator says beyond the configuration of the SDK.
pub(crate) struct Options {
	/// When to stop for lack of disk space.
	pub(crate) storage_monitor: StorageMonitorParams,
	/// What the feeder of this node asks for the price.
	pub(crate) price_sources: Vec<Source>,
	/// The pool for evidence. The configuration has the one for everything else.
	pub(crate) evidence_pool: EvidencePool,
	/// Ends what signs with session keys, all of which runs under it.
	pub(crate) halt: Halt,
	/// What the signing guard of a validator is to do.
	pub(crate) guard: guard::Options,
}

/// Starts a node on the network backend `N`.
pub(crate) fn run<N: NetworkBackend<Block, BlockHash>>(
	config: Configuration,
	options: Options,
) -> Result<TaskManager, Error> {
	let Options { storage_monitor, price_sources, evidence_pool, halt, guard } = options;
	let Components {
		client,
		backend,
		import_queue,
		mut task_manager,
		keystore,
		guard,
		select_chain,
		pool,
		consensus,
		mut telemetry,
	} = new_components(&config, evidence_pool, Some(guard))?;
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
		reports: reports::open_pool(&config, &client, &backend)?,
		client: client.clone(),
		backend: backend.clone(),
		pool: pool.clone(),
		keystore: keystore.keystore(),
		guard,
		network: joined.network.clone(),
		sync: joined.sync.clone(),
		prometheus: config.prometheus_registry().cloned(),
		telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
		settings: Settings::of(&config, price_sources),
		halt,
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
	node.spawn_reports(&task_manager)?;
	node.spawn_prices(&task_manager)?;
	node.spawn_offchain_workers(&task_manager)?;
	node.spawn_validator_watches(&task_manager, &consensus)?;
	node.spawn_authoring(&task_manager, select_chain, &consensus)?;
	node.spawn_authority_discovery(&task_manager);
	node.spawn_voter(&task_manager, joined.finality, consensus.grandpa_link, voter_state)?;
	Ok(task_manager)
}
