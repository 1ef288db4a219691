//! Off-chain workers, which the runtime runs on this node. The collector is one of them.

use std::sync::Arc;

use futures::FutureExt;
use sc_client_api::Backend;
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_service::{Error, TaskManager};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;

use super::node::Node;

impl Node {
	/// Runs the off-chain workers once per new best block, if they are enabled.
	pub(super) fn spawn_offchain_workers(&self, task_manager: &TaskManager) -> Result<(), Error> {
		if !self.settings.offchain_workers {
			return Ok(());
		}
		let workers = OffchainWorkers::new(OffchainWorkerOptions {
			runtime_api_provider: self.client.clone(),
			keystore: Some(self.keystore.clone()),
			offchain_db: self.backend.offchain_storage(),
			transaction_pool: Some(OffchainTransactionPoolFactory::new(self.pool.clone())),
			network_provider: Arc::new(self.network.clone()),
			is_validator: self.settings.role.is_authority(),
			enable_http_requests: true,
			custom_extensions: |_| Vec::new(),
		})
		.map_err(|error| {
			// The HTTP client of the workers reads the system's certificates when it is made.
			Error::Other(format!(
				"off-chain workers cannot start without the certificates of certificate \
				 authorities ({error}): install the package `ca-certificates`, or run with \
				 `--offchain-worker never`"
			))
		})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers-runner",
			"offchain-worker",
			workers.run(self.client.clone(), task_manager.spawn_handle()).boxed(),
		);
		Ok(())
	}
}
