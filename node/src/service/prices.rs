//! The sources of the price, and the watch over it.

use sc_client_api::Backend;
use sc_service::{Error, TaskManager};

use super::node::Node;
use crate::{
	price_sources,
	price_watch::{self, PriceWatch},
};

impl Node {
	/// Hands the sources to the worker, and watches what becomes of them.
	pub(super) fn spawn_prices(&self, task_manager: &TaskManager) -> Result<(), Error> {
		let sources = &self.settings.price_sources;
		let storage = self.backend.offchain_storage();
		let mut storage = storage.ok_or("the database has no off-chain storage")?;
		price_sources::store(&mut storage, sources);
		let has_key = !self.keystore.sr25519_public_keys(price_watch::KEY_TYPE).is_empty();
		if has_key && sources.is_empty() {
			log::warn!(
				target: price_watch::LOG_TARGET,
				"the keystore holds a feeder's key, but no source of the price is named: add \
				 `--price-source`",
			);
		}
		if !sources.is_empty() && !self.settings.offchain_workers {
			log::warn!(
				target: price_watch::LOG_TARGET,
				"sources of the price are named, but off-chain workers are off: add \
				 `--offchain-worker always`",
			);
		}
		let Some(registry) = &self.prometheus else { return Ok(()) };
		let mut watch = PriceWatch::new(self.client.clone(), storage, sources, registry)?;
		let task = async move {
			loop {
				watch.look();
				tokio::time::sleep(price_watch::PERIOD).await;
			}
		};
		// Reading the database and asking the runtime would block other tasks of a thread.
		task_manager.spawn_handle().spawn_blocking("price-watch", Some("price"), task);
		Ok(())
	}
}
