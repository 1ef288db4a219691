//! Whether bundles that bring nothing keep honest evidence or transfers out of blocks: the same
//! work is done on three equal chains, one that is left alone, one that a single account floods and
//! one that a hundred accounts flood, and compared block by block.

mod attack;
mod course;

use std::ops::Range;

use groma_core::{WindowIndex, api::WindowInfo, protocol::REVEAL_DELAY};
use indicatif::ProgressBar;

use crate::{
	authored::{self, AuthoredChain, Evidence},
	interruptible,
	lane::Transfers,
	receipts::{self, Devices},
	report::Report,
};
use attack::Attack;
use course::{Course, lag};

/// Accounts that flood, of the two chains that are.
const ATTACKERS: [usize; 2] = [1, 100];
/// By how many blocks honest work may be late. A window takes nothing after its end, and honest
/// evidence is brought that many blocks earlier: what comes later is lost when it is late.
const LATE_BLOCKS_MAX: u32 = 2;
/// The cluster that never reveals its beacon, so that its challenge is open to the attack.
const OPEN_CLUSTER: u32 = 0;

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Devices of the chain, a power of ten: one in nine beacons in a window, and the others hear
	/// it.
	#[arg(long, default_value_t = 1_000, value_name = "N")]
	devices: u32,
	/// Bundles that are submitted to flood the pool.
	#[arg(long, default_value_t = 10_000, value_name = "N")]
	bundles: usize,
	/// Honest transfers in every block.
	#[arg(long, default_value_t = 400, value_name = "N")]
	transfers: usize,
	/// Print what was on chain after each block, to standard error.
	#[arg(long)]
	courses: bool,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let alone = interruptible::run(measure(arguments, 0))?;
	if arguments.courses {
		eprintln!("left alone\n{alone}");
	}
	report.figure("blocks", alone.blocks() as f64, "");
	report.figure("transfers", alone.transfers() as f64, "");
	report.figure("evidence", alone.evidence() as f64, "");
	for attackers in ATTACKERS {
		let flooded = interruptible::run(measure(arguments, attackers))?;
		if arguments.courses {
			eprintln!("flooded by {attackers}\n{flooded}");
		}
		let mut figure = |name: &str, value: f64, unit: &str| {
			report.figure(&format!("{name}_{attackers}"), value, unit);
		};
		figure("bundles_submitted", flooded.submitted as f64, "");
		figure("bundles_taken", flooded.taken as f64, "");
		figure("transfers_late", lag(&alone.transfers, &flooded.transfers), "blocks");
		figure("evidence_late", lag(&alone.evidence, &flooded.evidence), "blocks");
	}
	Ok(())
}

/// Does honest work on a chain, with as many accounts that flood it.
async fn measure(arguments: &Arguments, attackers: usize) -> anyhow::Result<Course> {
	let directory = tempfile::tempdir()?;
	let progress = receipts::progress_bar(arguments.devices);
	let (chain, devices) =
		authored::found(directory.path(), arguments.devices, &progress, |state| {
			Attack::endow(Transfers::endow(state)?)
		})?;
	let genesis = chain.genesis_hash();
	let mut field = Field {
		evidence: Evidence::new(devices.clone(), genesis),
		transfers: Transfers::new(genesis),
		transfers_per_block: arguments.transfers,
		attack: Attack::new(genesis, attackers, arguments.bundles),
		chain,
		devices,
		course: Course::default(),
	};
	progress.set_message("working");
	field.run(&progress).await?;
	Ok(field.course)
}

/// A chain on which devices, senders of transfers and attackers are at work.
struct Field {
	chain: AuthoredChain,
	devices: Devices,
	evidence: Evidence,
	transfers: Transfers,
	transfers_per_block: usize,
	attack: Attack,
	course: Course,
}

impl Field {
	/// Beacons of one window are stated, and revealed two windows later. In that window the pool is
	/// flooded, with as many bundles in every block.
	async fn run(&mut self, progress: &ProgressBar) -> anyhow::Result<()> {
		let first = self.chain.window()?.index + 1;
		let stated = self.chain.reach_window(first).await?;
		progress.set_length(u64::from(stated.blocks) * u64::from(REVEAL_DELAY + 1));
		progress.set_position(0);
		loop {
			let now = self.chain.window()?;
			if now.index > first + REVEAL_DELAY {
				return Ok(());
			}
			self.work(&now, first, &stated).await?;
			let block = self.chain.next_block().await?;
			self.course.note(&block);
			progress.inc(1);
		}
	}

	/// Brings what is due in the next block.
	async fn work(
		&mut self,
		now: &WindowInfo,
		first: WindowIndex,
		stated: &WindowInfo,
	) -> anyhow::Result<()> {
		let passed = self.chain.number() - now.first_block;
		// The next block begins another window, in which nothing of this one is taken.
		let is_last = passed + 1 >= now.blocks;
		if now.index == first + REVEAL_DELAY && !is_last {
			let target = self.devices.reveal(OPEN_CLUSTER, stated.index, &stated.seed);
			let (submitted, taken) = self.attack.rise(&self.chain, target, now.blocks).await?;
			self.course.submitted += submitted;
			self.course.taken += taken;
		}
		let transfers = self.transfers.next(self.transfers_per_block);
		self.chain.submit(transfers).await?;
		let due = self.due(now, passed);
		let bundles = if now.index == first {
			let clusters: Vec<u32> = due.collect();
			self.evidence.bundled_statements(&clusters, now.index, &now.seed)?
		} else if now.index == first + REVEAL_DELAY {
			let clusters: Vec<u32> = due.filter(|cluster| *cluster != OPEN_CLUSTER).collect();
			self.evidence.bundled_reveals(&clusters, stated.index, &stated.seed)?
		} else {
			Vec::new()
		};
		self.chain.submit(bundles).await?;
		Ok(())
	}

	/// The clusters whose evidence comes after so many blocks of a window: an equal part in each,
	/// until the last in which it may still be late.
	fn due(&self, now: &WindowInfo, passed: u32) -> Range<u32> {
		let blocks = now.blocks.saturating_sub(1 + LATE_BLOCKS_MAX).max(1);
		let until = |block: u32| {
			let clusters = u64::from(self.devices.clusters()) * u64::from(block.min(blocks));
			(clusters / u64::from(blocks)) as u32
		};
		until(passed)..until(passed + 1)
	}
}
