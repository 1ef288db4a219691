//! The signing guard of a validator: how it is opened, and how it ends the node.

use std::sync::Arc;

use sc_service::{Configuration, Error, TaskManager};
use sp_blockchain::HeaderBackend;
use sp_consensus_babe::Slot;
use sp_timestamp::Timestamp;

use crate::{
	guard::{self, Ending, Guard, Opening, Options, Summary},
	types::FullClient,
};

/// Opens the guard, which can end the node from then on.
pub(super) fn open_guard(
	config: &Configuration,
	client: &Arc<FullClient>,
	task_manager: &TaskManager,
	options: Options,
) -> Result<Arc<Guard>, Error> {
	spawn_ending(task_manager, options.ending.clone());
	let babe = sc_consensus_babe::configuration(&**client)?;
	let info = client.info();
	let directory = config.base_path.config_dir(config.chain_spec.id());
	let opening = Opening {
		directory: directory.clone(),
		genesis: info.genesis_hash,
		chain_type: config.chain_spec.chain_type(),
		is_new_database: info.best_number == 0,
		slot: *Slot::from_timestamp(Timestamp::current(), babe.slot_duration()),
		chain: Box::new(client.clone()),
		options,
	};
	let guard = opening.open(config.prometheus_registry());
	let guard = guard.map_err(|error| Error::Application(error.into()))?;
	// A file that cannot be read again is noticed before anything is signed.
	let summary = Summary::read(&directory).map_err(|error| Error::Application(error.into()))?;
	if let Some(summary) = summary {
		log::info!(target: guard::LOG_TARGET, "signing guard: {summary}");
	}
	Ok(Arc::new(guard))
}

/// Ends the node when the guard has to end it.
fn spawn_ending(task_manager: &TaskManager, ending: Ending) {
	let task = async move { ending.begun().await };
	task_manager.spawn_essential_handle().spawn("signing-guard", Some("guard"), task);
}
