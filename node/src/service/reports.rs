//! The report pool and the watch over the collector's account.

use std::{sync::Arc, time::Duration};

use sc_client_api::Backend;
use sc_service::{Configuration, Error, TaskManager};
use sp_blockchain::HeaderBackend;

use super::node::Node;
use crate::{
	collector_watch::{self, CollectorWatch},
	report_pool::{self, FullReportPool, LayoutWatch, ReportPool},
	state_watch::StateWatch,
	types::{FullBackend, FullClient},
};

/// How often the pool writes what came in, which is the most that a killed node loses.
const FLUSH_PERIOD: Duration = Duration::from_millis(250);
/// The number of flushes from one look at the collector's account and at the state to the next.
const FLUSHES_PER_LOOK: u64 = 40;

/// Opens the pool.
pub(super) fn open_pool(
	config: &Configuration,
	client: &Arc<FullClient>,
	backend: &FullBackend,
) -> Result<Arc<FullReportPool>, Error> {
	let storage = backend.offchain_storage().ok_or("the database has no off-chain storage")?;
	let pool = ReportPool::open(client.clone(), storage, config.prometheus_registry())?;
	Ok(Arc::new(pool))
}

impl Node {
	/// Keeps the report pool in step with disk and chain, and watches the collector's account and
	/// the state.
	pub(super) fn spawn_reports(&self, task_manager: &TaskManager) -> Result<(), Error> {
		let (client, pool) = (self.client.clone(), self.reports.clone());
		let registry = self.prometheus.as_ref();
		let mut watch = CollectorWatch::new(client.clone(), self.keystore.clone(), registry)?;
		let mut layout = LayoutWatch::new(registry)?;
		if watch.has_key() && !self.settings.offchain_workers {
			log::warn!(
				target: collector_watch::LOG_TARGET,
				"the keystore holds a collector's key, but off-chain workers are off: add \
				 `--offchain-worker always`",
			);
		}
		let mut state = StateWatch::new(client.clone(), registry)?;
		let task = async move {
			let mut best = None;
			for tick in 0u64.. {
				pool.flush();
				let latest = client.info().best_hash;
				if best.replace(latest) != Some(latest) {
					layout.look(&client, latest);
					if let Err(error) = pool.forget_past_windows() {
						log::debug!(
							target: report_pool::LOG_TARGET,
							"the runtime names no window: {error}"
						);
					}
				}
				if tick % FLUSHES_PER_LOOK == 0 {
					watch.look();
					state.look();
				}
				tokio::time::sleep(FLUSH_PERIOD).await;
			}
		};
		// Reading the database and asking the runtime would block other tasks of a thread.
		task_manager.spawn_handle().spawn_blocking("report-pool", Some("reports"), task);
		Ok(())
	}
}
