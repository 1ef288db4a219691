//! The statement pool and the collector on this node.

use std::{sync::Arc, time::Duration};

use sc_client_api::Backend;
use sc_service::{Configuration, Error, TaskManager};
use sp_blockchain::HeaderBackend;

use super::Node;
use crate::{
	collector_watch::CollectorWatch,
	statement_pool::StatementPool,
	types::{FullBackend, FullClient, OffchainStorage},
};

/// The statement pool of a node.
pub(crate) type Pool = StatementPool<Arc<FullClient>, OffchainStorage>;

/// How often the pool writes what came in: the most that a killed node forgets.
const FLUSH_PERIOD: Duration = Duration::from_millis(250);
/// The collector's account is looked at every so many flushes.
const FLUSHES_PER_LOOK: u64 = 40;

/// Opens the pool.
pub(super) fn open_pool(
	config: &Configuration,
	client: &Arc<FullClient>,
	backend: &FullBackend,
) -> Result<Arc<Pool>, Error> {
	let storage = backend.offchain_storage().ok_or("the database has no off-chain storage")?;
	let pool = StatementPool::open(client.clone(), storage, config.prometheus_registry())?;
	Ok(Arc::new(pool))
}

impl Node {
	/// Keeps the statement pool in step with disk and chain, and watches the collector's account.
	pub(super) fn spawn_coverage(&self, task_manager: &TaskManager) -> Result<(), Error> {
		let (client, pool) = (self.client.clone(), self.statements.clone());
		let registry = self.prometheus.as_ref();
		let mut watch = CollectorWatch::new(client.clone(), self.keystore.clone(), registry)?;
		if watch.has_key() && !self.settings.offchain_workers {
			log::warn!(
				target: "groma::collector",
				"the keystore holds a collector's key, but off-chain workers are off: add \
				 `--offchain-worker always`",
			);
		}
		let task = async move {
			let mut best = None;
			for tick in 0u64.. {
				pool.flush();
				let latest = client.info().best_hash;
				if best.replace(latest) != Some(latest)
					&& let Err(error) = pool.forget_past_windows()
				{
					log::debug!(target: "groma::pool", "the runtime names no window: {error}");
				}
				if tick % FLUSHES_PER_LOOK == 0 {
					watch.look();
				}
				tokio::time::sleep(FLUSH_PERIOD).await;
			}
		};
		// Database and runtime are asked in place, which would hold up other tasks of a thread.
		task_manager.spawn_handle().spawn_blocking("statement-pool", Some("coverage"), task);
		Ok(())
	}
}
