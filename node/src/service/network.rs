//! Joins the network.

use std::sync::Arc;

use sc_client_api::BlockBackend;
use sc_consensus_grandpa::{SharedAuthoritySet, warp_proof};
use sc_network::{
	NetworkBackend, config::FullNetworkConfiguration, service::traits::NetworkService,
};
use sc_network_sync::SyncingService;
use sc_network_transactions::TransactionsHandlerController;
use sc_service::{BuildNetworkParams, Configuration, Error, TaskManager, WarpSyncConfig};
use sc_utils::mpsc::TracingUnboundedSender;
use sp_runtime::traits::NumberFor;

use super::finality;
use crate::types::{Block, BlockHash, FullBackend, FullClient, FullPool};

/// The ends of the network that the rest of the node holds.
pub(super) struct Joined {
	/// Peers and protocols.
	pub(super) network: Arc<dyn NetworkService>,
	/// Synchronisation with peers.
	pub(super) sync: Arc<SyncingService<Block>>,
	/// Answers `system_*` methods.
	pub(super) system_rpc_tx: TracingUnboundedSender<sc_rpc::system::Request<Block>>,
	/// Propagates transactions.
	pub(super) tx_handler_controller: TransactionsHandlerController<BlockHash>,
	/// GRANDPA's protocol; `None` if this node follows no votes.
	pub(super) finality: Option<finality::Protocol>,
}

impl Joined {
	/// Starts the network backend `N` with all protocols.
	pub(super) fn join<N: NetworkBackend<Block, BlockHash>>(
		config: &Configuration,
		task_manager: &TaskManager,
		client: &Arc<FullClient>,
		backend: &Arc<FullBackend>,
		pool: &Arc<FullPool>,
		import_queue: sc_consensus::DefaultImportQueue<Block>,
		grandpa_authorities: SharedAuthoritySet<BlockHash, NumberFor<Block>>,
	) -> Result<Self, Error> {
		let metrics = N::register_notification_metrics(config.prometheus_registry());
		let mut net_config = FullNetworkConfiguration::<_, _, N>::new(
			&config.network,
			config.prometheus_registry().cloned(),
		);
		let genesis = client.block_hash(0)?.ok_or("the database has no genesis block")?;
		// No one reads a protocol that no voter runs, and litep2p closes connections for that.
		let finality = (!config.disable_grandpa).then(|| {
			finality::Protocol::register::<N>(
				&mut net_config,
				genesis,
				config.chain_spec.as_ref(),
				metrics.clone(),
			)
		});
		let warp_sync =
			warp_proof::NetworkProvider::new(backend.clone(), grandpa_authorities, Vec::new());
		let (network, system_rpc_tx, tx_handler_controller, sync, _) =
			sc_service::build_network(BuildNetworkParams {
				config,
				net_config,
				client: client.clone(),
				transaction_pool: pool.clone(),
				spawn_handle: task_manager.spawn_handle(),
				spawn_essential_handle: task_manager.spawn_essential_handle(),
				import_queue,
				block_announce_validator_builder: None,
				warp_sync_config: Some(WarpSyncConfig::WithProvider(Arc::new(warp_sync))),
				block_relay: None,
				metrics,
				gap_sync_body_policy: None,
			})?;
		Ok(Self { network, sync, system_rpc_tx, tx_handler_controller, finality })
	}
}
