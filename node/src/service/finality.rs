//! GRANDPA: its protocol on the network and its voter.

use std::{sync::Arc, time::Duration};

use sc_consensus_grandpa::{GrandpaParams, SharedVoterState, VotingRulesBuilder};
use sc_network::{
	NetworkBackend, NotificationService, ProtocolName, config::FullNetworkConfiguration,
	service::NotificationMetrics,
};
use sc_service::{ChainSpec, Error, TaskManager};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;

use super::{
	components::{GrandpaLink, JUSTIFICATION_PERIOD_BLOCKS},
	node::Node,
};
use crate::{
	guard,
	types::{Block, BlockHash},
};

/// The expected time of a vote across the network.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// GRANDPA's protocol, registered with the network before that starts.
pub(super) struct Protocol {
	name: ProtocolName,
	notifications: Box<dyn NotificationService>,
}

impl Protocol {
	/// Registers the protocol with the network's configuration.
	pub(super) fn register<N: NetworkBackend<Block, BlockHash>>(
		net_config: &mut FullNetworkConfiguration<Block, BlockHash, N>,
		genesis: BlockHash,
		chain_spec: &dyn ChainSpec,
		metrics: NotificationMetrics,
	) -> Self {
		let name = sc_consensus_grandpa::protocol_standard_name(&genesis, &chain_spec.cloned_box());
		let (config, notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
			name.clone(),
			metrics,
			net_config.peer_store_handle(),
		);
		net_config.add_notification_protocol(config);
		Self { name, notifications }
	}
}

impl Node {
	/// Starts GRANDPA's voter, if there is a protocol for it. A node that is not a validator runs
	/// it too, to follow the votes.
	pub(super) fn spawn_voter(
		&self,
		task_manager: &TaskManager,
		protocol: Option<Protocol>,
		link: GrandpaLink,
		shared_voter_state: SharedVoterState,
	) -> Result<(), Error> {
		let Some(protocol) = protocol else { return Ok(()) };
		let settings = &self.settings;
		let config = sc_consensus_grandpa::Config {
			gossip_duration: GOSSIP_DURATION,
			justification_generation_period: JUSTIFICATION_PERIOD_BLOCKS,
			name: Some(settings.name.clone()),
			observer_enabled: false,
			keystore: self
				.guard
				.as_ref()
				.map(|guard| guard::guarded(self.keystore.clone(), guard.clone())),
			local_role: settings.role,
			telemetry: self.telemetry.clone(),
			protocol_name: protocol.name,
		};
		let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
			config,
			link,
			network: self.network.clone(),
			sync: Arc::new(self.sync.clone()),
			notification_service: protocol.notifications,
			voting_rule: VotingRulesBuilder::default().build(),
			prometheus_registry: self.prometheus.clone(),
			shared_voter_state,
			telemetry: self.telemetry.clone(),
			offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(self.pool.clone()),
		})?;
		// A node without its voter would look healthy but no longer vote.
		task_manager.spawn_essential_handle().spawn_blocking(
			"grandpa-voter",
			None,
			self.halt.clone().run(voter),
		);
		Ok(())
	}
}
