//! Whether bundles that bring nothing keep honest evidence or transfers out of blocks: the same
//! work is done on three equal chains, one that is left alone, one that a single account floods and
//! one that a hundred accounts flood, and compared block by block.

mod attack;
mod course;

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
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let alone = interruptible::run(measure(arguments, 0))?;
	report.figure("blocks", alone.blocks() as f64, "");
	report.figure("transfers", alone.transfers() as f64, "");
	report.figure("evidence", alone.evidence() as f64, "");
	for attackers in ATTACKERS {
		let flooded = interruptible::run(measure(arguments, attackers))?;
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
	/// Beacons of one window are stated, and revealed two windows later. In both windows the pool
	/// is flooded, with as many bundles in every block.
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
			let target = self.devices.reveal(0, stated.index, &stated.seed);
			let (submitted, taken) = self.attack.rise(&self.chain, target, now.blocks).await?;
			self.course.submitted += submitted;
			self.course.taken += taken;
		}
		let transfers = self.transfers.next(self.transfers_per_block);
		self.chain.submit(transfers).await?;
		if is_last {
			return Ok(());
		}
		// The first cluster comes last: until then its challenge is open to the attack.
		let part =
			|n: u32| u64::from(self.devices.clusters()) * u64::from(n) / u64::from(now.blocks - 1);
		let clusters: Vec<u32> =
			(part(passed) as u32..part(passed + 1) as u32).map(|n| self.mirrored(n)).collect();
		let bundles = if now.index == first {
			self.evidence.bundled_statements(&clusters, now.index, &now.seed)?
		} else if now.index == first + REVEAL_DELAY {
			self.evidence.bundled_reveals(&clusters, stated.index, &stated.seed)?
		} else {
			Vec::new()
		};
		self.chain.submit(bundles).await?;
		Ok(())
	}

	fn mirrored(&self, cluster: u32) -> u32 {
		self.devices.clusters() - 1 - cluster
	}
}
