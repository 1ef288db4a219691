//! What it costs to read and to write one value of a large state on ParityDB: the database weights
//! of the runtime are taken from here.

use std::time::Duration;

use codec::Encode;
use frame_support::storage::storage_prefix;
use groma_core::DeviceId;

use crate::{
	receipts::{self, ChainsFolder, Populated},
	report::Report,
};

/// Values read before the clock starts: they bring the upper levels of the trie into the cache,
/// where a node that runs for a while has them.
const WARMING_KEYS: usize = 20_000;
/// Values written with one storage root and one commit, as a full block does.
const KEYS_PER_BLOCK: usize = 1_000;
/// Blocks that are read, and others that are written.
const BLOCKS: usize = 20;
/// An odd number that is no multiple of 5: multiplying by it visits every number below a power of
/// ten.
const STRIDE: u64 = 7_368_787;

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Devices of the chain: a power of ten from 100000 on. It is the one that `receipts`
	/// populates.
	#[arg(long, default_value_t = 1_000_000, value_name = "N")]
	devices: u32,
	#[command(flatten)]
	folder: ChainsFolder,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	anyhow::ensure!(arguments.devices >= 100_000, "give --devices of 100000 or more");
	let directory = arguments.folder.path()?;
	let progress = receipts::progress_bar(arguments.devices);
	let Populated { chain, devices, .. } =
		receipts::open(arguments.devices, &directory, &progress)?;
	progress.set_message("measuring");
	progress.set_length(2 * BLOCKS as u64);
	let mut keys = (0..devices.count()).map(|n| payee_key(n, devices.ids()));
	let mut next = |count: usize| -> Vec<Vec<u8>> { keys.by_ref().take(count).collect() };
	chain.read(&next(WARMING_KEYS))?;
	let (mut reading, mut writing) = (Duration::ZERO, Duration::ZERO);
	for _ in 0..BLOCKS {
		reading += chain.read(&next(KEYS_PER_BLOCK))?.1;
		progress.inc(1);
	}
	for _ in 0..BLOCKS {
		let keys = next(KEYS_PER_BLOCK);
		// The runtime reads what it changes, so a write pays for no path that was never walked.
		let values = chain.read(&keys)?.0;
		let changed: Vec<_> = keys.into_iter().zip(values.into_iter().map(flipped)).collect();
		writing += chain.write_aside(&changed)?;
		progress.inc(1);
	}
	let mean = |total: Duration| total.as_secs_f64() * 1e6 / (BLOCKS * KEYS_PER_BLOCK) as f64;
	report.figure("read", mean(reading), "us");
	report.figure("write", mean(writing), "us");
	Ok(())
}

/// The key under which rewards keep the payee of a device, in an order that has nothing to do with
/// ids.
fn payee_key(n: u32, ids: &[DeviceId]) -> Vec<u8> {
	let place = (u64::from(n) * STRIDE % ids.len() as u64) as usize;
	let device = ids.get(place).copied().unwrap_or_default();
	let mut key = storage_prefix(b"Rewards", b"Payees").to_vec();
	key.extend(device.encode());
	key
}

/// Another value of the same length.
fn flipped(mut value: Vec<u8>) -> Vec<u8> {
	if let Some(last) = value.last_mut() {
		*last ^= 1;
	}
	value
}

#[cfg(test)]
mod tests {
	use std::collections::BTreeSet;

	use super::*;

	#[test]
	fn every_device_has_a_key_of_its_own() {
		let ids: Vec<_> = (0..1_000).collect();
		let keys: BTreeSet<_> = (0..1_000).map(|n| payee_key(n, &ids)).collect();
		assert_eq!(keys.len(), 1_000);
	}

	#[test]
	fn a_flipped_value_differs_and_is_as_long() {
		assert_eq!(flipped(vec![1, 2]), vec![1, 3]);
		assert!(flipped(Vec::new()).is_empty());
	}
}
