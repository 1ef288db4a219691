//! What a validator does for BABE: it authors blocks, and lets other validators find it.

use std::sync::Arc;

use futures::StreamExt;
use sc_consensus_babe::{BabeParams, SlotProportion};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_network::event::Event;
use sc_service::{Error, TaskManager};

use super::{components::Consensus, node::Node};
use crate::{guard::GuardedImport, types::FullSelectChain};

/// The share of a slot in which the author fills its block; the rest is left for other nodes to
/// import it.
const PROPOSAL_SLOT_PORTION: f32 = 2.0 / 3.0;
/// The most bytes of a block: what the runtime admits of extrinsics, and the header.
const BLOCK_BYTES: u32 =
	groma_runtime::constants::BLOCK_BYTES + groma_runtime::constants::HEADER_BYTES;

impl Node {
	/// Authors blocks if this node is a validator.
	pub(super) fn spawn_authoring(
		&self,
		task_manager: &TaskManager,
		select_chain: FullSelectChain,
		consensus: &Consensus,
	) -> Result<(), Error> {
		let Some(guard) = &self.guard else { return Ok(()) };
		let mut proposer = sc_basic_authorship::ProposerFactory::new(
			task_manager.spawn_handle(),
			self.client.clone(),
			self.pool.clone(),
			self.prometheus.as_ref(),
			self.telemetry.clone(),
		);
		// The default is less than the runtime admits, and would cut the evidence lane short.
		proposer.set_default_block_size_limit(BLOCK_BYTES as usize);
		let babe = sc_consensus_babe::start_babe(BabeParams {
			keystore: self.keystore.clone(),
			client: self.client.clone(),
			select_chain,
			env: proposer,
			block_import: GuardedImport::new(consensus.block_import.clone(), guard.clone()),
			sync_oracle: self.sync.clone(),
			justification_sync_link: self.sync.clone(),
			create_inherent_data_providers: consensus.inherents.clone(),
			force_authoring: self.settings.force_authoring,
			backoff_authoring_blocks: Some(BackoffAuthoringOnFinalizedHeadLagging::default()),
			babe_link: consensus.babe_link.clone(),
			block_proposal_slot_portion: SlotProportion::new(PROPOSAL_SLOT_PORTION),
			max_block_proposal_slot_portion: None,
			telemetry: self.telemetry.clone(),
		})?;
		task_manager.spawn_essential_handle().spawn_blocking(
			"babe-proposer",
			Some("block-authoring"),
			self.halt.clone().run(babe),
		);
		Ok(())
	}

	/// Publishes this validator's addresses and looks up those of other validators.
	pub(super) fn spawn_authority_discovery(&self, task_manager: &TaskManager) {
		if !self.settings.role.is_authority() {
			return;
		}
		let events = self.network.event_stream("authority-discovery").filter_map(|event| async {
			match event {
				Event::Dht(event) => Some(event),
				_ => None,
			}
		});
		let (worker, _) = sc_authority_discovery::new_worker_and_service_with_config(
			sc_authority_discovery::WorkerConfig {
				publish_non_global_ips: self.settings.publish_private_addresses,
				public_addresses: self.settings.public_addresses.clone(),
				strict_record_validation: true,
				persisted_cache_directory: self.settings.network_directory.clone(),
				..Default::default()
			},
			self.client.clone(),
			Arc::new(self.network.clone()),
			Box::pin(events),
			sc_authority_discovery::Role::PublishAndDiscover(self.keystore.clone()),
			self.prometheus.clone(),
			task_manager.spawn_handle(),
		);
		task_manager.spawn_handle().spawn(
			"authority-discovery-worker",
			Some("networking"),
			worker.run(),
		);
	}
}
