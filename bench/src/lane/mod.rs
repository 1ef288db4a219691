//! Whether the evidence of coverage lands while blocks are full of tipped transfers: a node's
//! transaction pool and block author, the wasm runtime, real signatures, and always more transfers
//! than blocks can take.

mod flood;
mod transfers;

use std::{
	collections::{BTreeMap, BTreeSet},
	fmt,
};

use anyhow::Context;
use frame_system::Phase;
use groma_core::{WindowIndex, api::WindowInfo, money::GRM, protocol::REVEAL_DELAY};
use groma_runtime::{Runtime, RuntimeEvent};
use indicatif::ProgressBar;
use pallet_challenges::{EvidenceLane, Track};
use sp_state_machine::BasicExternalities;

use crate::{
	authored::{self, Authored, AuthoredChain, Evidence, WITNESSES},
	interruptible,
	receipts::{self, Devices},
	report::Report,
};
pub(crate) use flood::sender_of;
use flood::{Brought, Flood, TIP};
pub(crate) use transfers::Transfers;

/// Windows whose beacons are stated, and revealed two windows later.
const WINDOWS: WindowIndex = 3;
/// One cluster in this many brings its evidence itself, without a collector.
const OWN_EVERY: u32 = 4;

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Devices of the chain, a power of ten: one in nine beacons in every window, and the others
	/// hear it.
	#[arg(long, default_value_t = 10_000, value_name = "N")]
	devices: u32,
	/// Print what the flood brought before each block and left after it, to standard error.
	#[arg(long)]
	courses: bool,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let tally = interruptible::run(measure(arguments.devices))?;
	if arguments.courses {
		eprintln!("{tally}");
	}
	report.figure("tip", (TIP / GRM) as f64, "GRM");
	report.figure("blocks", tally.transfer_shares.len() as f64, "");
	report.figure("transfers_included", tally.transfers as f64, "");
	report.figure("transfers_waiting", least(&tally.transfers_waiting), "");
	report.figure("transfer_share_of_blocks", least(&tally.transfer_shares), "percent");
	report.figure("coverage_share_of_lane", mean(&tally.coverage_shares), "percent");
	for (name, landing) in [("statements", tally.statements), ("reveals", tally.reveals)] {
		report.figure(&format!("{name}_made"), f64::from(landing.made), "");
		report.figure(&format!("{name}_landed"), landing.percent(), "percent");
	}
	Ok(())
}

/// How much of what was brought landed on chain.
#[derive(Clone, Copy, Debug, Default)]
struct Landing {
	made: u32,
	landed: u32,
}

impl Landing {
	/// Not a number if nothing was made.
	fn percent(self) -> f64 {
		100.0 * f64::from(self.landed) / f64::from(self.made)
	}
}

/// What the blocks of the flood brought.
#[derive(Debug, Default)]
struct Tally {
	statements: Landing,
	reveals: Landing,
	transfers: usize,
	/// What the flood brought before each block.
	brought: Vec<Brought>,
	/// Transfers that were left in the pool, by block.
	transfers_waiting: Vec<f64>,
	/// What transfers took of their share of each block, in percent.
	transfer_shares: Vec<f64>,
	/// What coverage took of its lane of each block, in percent.
	coverage_shares: Vec<f64>,
}

impl fmt::Display for Tally {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		writeln!(f, "block ready brought taken early left share")?;
		for (block, brought) in self.brought.iter().enumerate() {
			let of = |values: &[f64]| values.get(block).copied().unwrap_or(f64::NAN);
			let Brought { ready, submitted, taken, early } = brought;
			let (left, share) = (of(&self.transfers_waiting), of(&self.transfer_shares));
			writeln!(
				f,
				"{block:>5} {ready:>5} {submitted:>7} {taken:>5} {early:>5} {left:>4} {share:>5.1}"
			)?;
		}
		Ok(())
	}
}

async fn measure(count: u32) -> anyhow::Result<Tally> {
	let directory = tempfile::tempdir()?;
	let progress = receipts::progress_bar(count);
	let (chain, devices) = authored::found(directory.path(), count, &progress, Flood::endow)?;
	let genesis = chain.genesis_hash();
	let mut siege = Siege {
		flood: Flood::new(genesis),
		evidence: Evidence::new(devices.clone(), genesis),
		chain,
		devices,
		windows: BTreeMap::new(),
		stated: BTreeSet::new(),
		tally: Tally::default(),
	};
	progress.set_message("flooding");
	siege.run(&progress).await?;
	Ok(siege.tally)
}

/// A chain that is flooded while devices go about their work.
struct Siege {
	chain: AuthoredChain,
	devices: Devices,
	flood: Flood,
	evidence: Evidence,
	/// The windows whose beacons are stated.
	windows: BTreeMap<WindowIndex, WindowInfo>,
	/// Windows and clusters about which all statements landed.
	stated: BTreeSet<(WindowIndex, u32)>,
	tally: Tally,
}

impl Siege {
	async fn run(&mut self, progress: &ProgressBar) -> anyhow::Result<()> {
		let first = self.chain.window()?.index + 1;
		let blocks = self.chain.reach_window(first).await?.blocks;
		let end = first + WINDOWS + REVEAL_DELAY;
		progress.set_length(u64::from((end - first) * blocks));
		progress.set_position(0);
		loop {
			let now = self.chain.window()?;
			if now.index >= end {
				return Ok(());
			}
			let passed = self.chain.number() - now.first_block;
			let brought = self.flood.rise(&self.chain).await?;
			self.tally.brought.push(brought);
			if passed + 1 < now.blocks {
				self.bring(&now, passed, first..first + WINDOWS).await?;
			} else {
				self.look(&now)?;
			}
			self.make_block().await?;
			progress.inc(1);
		}
	}

	/// Brings the statements of the running window and the reveals of the last but one that are due
	/// after so many blocks: an equal part in each but the last.
	async fn bring(
		&mut self,
		now: &WindowInfo,
		passed: u32,
		stating: std::ops::Range<WindowIndex>,
	) -> anyhow::Result<()> {
		let part =
			|n: u32| u64::from(self.devices.clusters()) * u64::from(n) / u64::from(now.blocks - 1);
		let clusters = part(passed) as u32..part(passed + 1) as u32;
		let (own, bundled): (Vec<u32>, Vec<u32>) =
			clusters.partition(|cluster| cluster.is_multiple_of(OWN_EVERY));
		let mut transactions = Vec::new();
		if let Some(due) = now.index.checked_sub(REVEAL_DELAY).and_then(|it| self.windows.get(&it))
		{
			transactions.extend(self.evidence.bundled_reveals(&bundled, due.index, &due.seed)?);
			transactions.extend(self.evidence.own_reveals(&own, due.index, &due.seed));
		}
		if stating.contains(&now.index) {
			self.windows.entry(now.index).or_insert_with(|| now.clone());
			transactions.extend(self.evidence.bundled_statements(&bundled, now.index, &now.seed)?);
			transactions.extend(self.evidence.own_statements(&own, now.index, &now.seed)?);
		}
		// What the pool refuses does not land, and is counted so.
		self.chain.submit(transactions).await?;
		Ok(())
	}

	/// Looks, at the end of a window, at what landed in time.
	fn look(&mut self, now: &WindowInfo) -> anyhow::Result<()> {
		let clusters = 0..self.devices.clusters();
		let before = |windows: WindowIndex| now.index.checked_sub(windows);
		if let Some(window) = before(1).filter(|window| self.windows.contains_key(window)) {
			for cluster in clusters.clone() {
				let landed = self.statements_open(window, cluster)?;
				self.tally.statements.made += WITNESSES;
				self.tally.statements.landed += landed;
				if landed == WITNESSES {
					self.stated.insert((window, cluster));
				}
			}
		}
		if let Some(window) = before(REVEAL_DELAY).filter(|it| self.windows.contains_key(it)) {
			for cluster in clusters {
				let is_settled = self.stated.contains(&(window, cluster))
					&& self.statements_open(window, cluster)? == 0;
				self.tally.reveals.made += 1;
				self.tally.reveals.landed += u32::from(is_settled);
			}
		}
		Ok(())
	}

	/// How many statements about the beacon of a cluster wait for its reveal.
	fn statements_open(&self, window: WindowIndex, cluster: u32) -> anyhow::Result<u32> {
		let beaconer = self.devices.beaconer(cluster, window);
		Ok(self.chain.witnesses(window, beaconer)?.len() as u32)
	}

	async fn make_block(&mut self) -> anyhow::Result<()> {
		let block = self.chain.next_block().await?;
		self.flood.note(&block);
		let ready = self.chain.ready();
		let waiting = ready.iter().filter(|transaction| sender_of(transaction).is_some()).count();
		let (transfers, coverage) = shares(&block).context("a block says what it weighs")?;
		self.tally.transfers +=
			block.transactions.iter().filter(|it| sender_of(it).is_some()).count();
		self.tally.transfers_waiting.push(waiting as f64);
		self.tally.transfer_shares.push(transfers);
		self.tally.coverage_shares.push(coverage);
		Ok(())
	}
}

/// What transfers and coverage took of what they may take of a block, in percent of compute.
fn shares(block: &Authored) -> Option<(f64, f64)> {
	let (mut transfers, mut coverage) = (0, 0);
	for record in &block.events {
		let RuntimeEvent::System(
			frame_system::Event::ExtrinsicSuccess { dispatch_info }
			| frame_system::Event::ExtrinsicFailed { dispatch_info, .. },
		) = &record.event
		else {
			continue;
		};
		let Phase::ApplyExtrinsic(index) = record.phase else { continue };
		let transaction = block.transactions.get(index as usize)?;
		let weight = dispatch_info.weight.ref_time();
		if sender_of(transaction).is_some() {
			transfers += weight;
		} else if matches!(transaction.function, groma_runtime::RuntimeCall::ProofOfCoverage(_)) {
			coverage += weight;
		}
	}
	let limit = |track| {
		let load =
			BasicExternalities::new_empty().execute_with(|| EvidenceLane::<Runtime>::limit(track));
		load.ref_time as f64
	};
	let percent = |taken: u64, track: Track| 100.0 * taken as f64 / limit(track);
	Some((percent(transfers, Track::Other), percent(coverage, Track::Evidence)))
}

fn least(values: &[f64]) -> f64 {
	values.iter().copied().reduce(f64::min).unwrap_or(f64::NAN)
}

fn mean(values: &[f64]) -> f64 {
	values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn nothing_made_is_no_success() {
		assert!(Landing::default().percent().is_nan());
		assert_eq!(Landing { made: 8, landed: 6 }.percent(), 75.0);
	}

	#[test]
	fn blocks_are_as_full_as_the_emptiest() {
		assert_eq!(least(&[99.0, 12.5, 100.0]), 12.5);
		assert!(least(&[]).is_nan() && mean(&[]).is_nan());
		assert_eq!(mean(&[1.0, 2.0]), 1.5);
	}
}
