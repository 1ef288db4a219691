//! The watches over the validator whose session keys this node has.

use sc_service::{Error, TaskManager};

use super::{components::Consensus, node::Node};
use crate::validator::{self, ForeignBlocks, ValidatorWatch, own::LOG_TARGET};

impl Node {
	/// Watches the validator for its operator, if this node is one, and stops all that signs when
	/// another machine has its session keys.
	pub(super) fn spawn_validator_watches(
		&self,
		task_manager: &TaskManager,
		consensus: &Consensus,
	) -> Result<(), Error> {
		if !self.settings.role.is_authority() {
			return Ok(());
		}
		let registry = self.prometheus.as_ref();
		let mut watch = ValidatorWatch::new(self.client.clone(), self.keystore.clone(), registry)?;
		let task = async move {
			loop {
				watch.look();
				tokio::time::sleep(validator::PERIOD).await;
			}
		};
		// Reading the database and asking the runtime would block other tasks of a thread.
		task_manager.spawn_handle().spawn_blocking("validator-watch", Some("validator"), task);
		let mut foreign_blocks = ForeignBlocks::new(
			self.client.clone(),
			self.keystore.clone(),
			consensus.babe_link.config().slot_duration(),
			registry,
		)?;
		let halt = self.halt.clone();
		let task = async move {
			while let Some(found) = foreign_blocks.next().await {
				log::error!(target: LOG_TARGET, "{found}");
				if halt.halt(found) {
					log::error!(
						target: LOG_TARGET,
						"this node stops making blocks and voting, and ends",
					);
					break;
				}
				log::error!(
					target: LOG_TARGET,
					"this node goes on, as --unsafe-allow-foreign-blocks says: two blocks in a slot cost \
					 a part of the stake",
				);
			}
		};
		// The node ends with it.
		task_manager.spawn_essential_handle().spawn_blocking(
			"foreign-blocks",
			Some("validator"),
			task,
		);
		Ok(())
	}
}
