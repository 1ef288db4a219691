//! Chains whose blocks are authored as a validator authors them, and the evidence of coverage that
//! reaches them.

mod chain;
mod endowment;
mod evidence;

use std::path::Path;

use indicatif::ProgressBar;
use sp_core::storage::Storage;

use crate::receipts::{Chain, Devices, Population, genesis};
pub(crate) use chain::{Authored, AuthoredChain, POOL_TRANSACTIONS};
pub(crate) use endowment::endow;
pub(crate) use evidence::{BundleSizes, Evidence, WITNESSES, reveal_bundle, statement_bundle};

/// Founds a chain in the folder `path` on which `count` devices take part and all have done so
/// before. `endow` may change the state before the chain goes on from it. It has to be called on a
/// runtime of `tokio`.
pub(crate) fn found(
	path: &Path,
	count: u32,
	progress: &ProgressBar,
	endow: impl FnOnce(Storage) -> anyhow::Result<Storage>,
) -> anyhow::Result<(AuthoredChain, Devices)> {
	let genesis = genesis::storage()?;
	let genesis_hash = Chain::open(path, genesis.clone())?.genesis_hash();
	let devices = Devices::new(count, genesis_hash.0)?;
	progress.set_message("registering");
	let mut population = Population::register(devices, genesis.clone(), progress)?;
	progress.set_message("settling");
	population.settle_history(progress)?;
	let devices = population.devices();
	let (top, blocks) = population.into_state();
	let state = Storage { top, children_default: Default::default() };
	let state = endow(evidence::endow_collectors(state)?)?;
	progress.set_message("writing");
	Chain::write(path, genesis.clone(), &state.top, blocks, progress)?;
	Ok((AuthoredChain::open(path, genesis)?, devices))
}
