//! What the hooks of a block read and write, on a chain of a hundred devices and on one of a
//! million: the same work must cost the same.
//!
//! Both chains live through the same windows: in each, some challenges are stated, most of those of
//! two windows ago are revealed and the rest is left to be pruned, and a device changes its status.
//! Twice the chain halts until the reward epoch is over, which ends a session too.

pub(crate) mod blocks;
pub(crate) mod counting;

use anyhow::{Context, anyhow, ensure};
use frame_support::dispatch::RawOrigin;
use groma_core::{
	WindowIndex,
	api::{DeviceStatus, EpochInfo, WindowInfo},
	protocol::REVEAL_DELAY,
	statement::{Reveal, StatementGroup},
};
use groma_runtime::{AccountId, Challenges, DeviceRegistry, Emission, ProofOfCoverage, Runtime};
use indicatif::ProgressBar;
use sc_client_api::{Backend as _, TrieCacheContext};
use sp_externalities::Externalities;
use sp_runtime::traits::BlakeTwo256;
use sp_state_machine::{Ext, OverlayedChanges};

use crate::{
	receipts::{self, CLUSTER, ChainsFolder, Devices, Populated},
	report::Report,
};
use blocks::Blocks;
use counting::Counts;

/// Devices of the small chain.
const FEW: u32 = 100;
/// Challenges that are stated in every window, by one cluster of devices each.
const STATED: u32 = 10;
/// Of those, how many are revealed.
const REVEALED: u32 = 7;
/// Windows before those that are measured: they bring what is behind the chain to a steady state.
const WARMING_WINDOWS: WindowIndex = 4;
/// Windows that are measured. A change of a device is folded seven windows after it was made.
const WINDOWS: WindowIndex = 9;
/// Measured windows in the middle of which the chain halts until the reward epoch is over.
const HALTS: [WindowIndex; 2] = [2, 6];

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Devices of the large chain: a power of ten from 1000 on. It is the one that `receipts`
	/// populates.
	#[arg(long, default_value_t = 1_000_000, value_name = "N")]
	devices: u32,
	#[command(flatten)]
	folder: ChainsFolder,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	ensure!(arguments.devices > FEW, "give --devices of more than {FEW}");
	let directory = arguments.folder.path()?;
	let mut measure = |devices: u32| -> anyhow::Result<Vec<Counts>> {
		let progress = receipts::progress_bar(devices);
		let populated = receipts::open(devices, &directory, &progress)?;
		let counts = measure(&populated, &progress)?;
		report_size(report, devices, &counts);
		Ok(counts)
	};
	let few = measure(FEW)?;
	let many = measure(arguments.devices)?;
	report.figure("blocks", few.len() as f64, "");
	report.figure("read_difference", difference(&few, &many, |counts| counts.reads), "");
	report.figure("write_difference", difference(&few, &many, |counts| counts.writes), "");
	report.figure("byte_difference", difference(&few, &many, |counts| counts.bytes_read), "bytes");
	Ok(())
}

fn report_size(report: &mut Report, devices: u32, blocks: &[Counts]) {
	let mut figures = |name: &str, of: fn(&Counts) -> u64, unit: &str| {
		let total: u64 = blocks.iter().map(of).sum();
		let most = blocks.iter().map(of).max().unwrap_or_default();
		report.figure(&format!("{name}_at_{devices}"), total as f64, unit);
		report.figure(&format!("{name}_of_most_expensive_block_at_{devices}"), most as f64, unit);
	};
	figures("reads", |counts| counts.reads, "");
	figures("writes", |counts| counts.writes, "");
	figures("bytes_read", |counts| counts.bytes_read, "bytes");
}

/// By how much two chains differ, block by block.
fn difference(few: &[Counts], many: &[Counts], of: fn(&Counts) -> u64) -> f64 {
	let differences: u64 = few.iter().zip(many).map(|(few, many)| of(few).abs_diff(of(many))).sum();
	// A block that only one of them has differs in everything.
	let longer = if few.len() > many.len() { few } else { many };
	let unmatched: u64 = longer.iter().skip(few.len().min(many.len())).map(of).sum();
	(differences + unmatched) as f64
}

/// What the hooks of each block of the measured windows read and wrote.
fn measure(populated: &Populated, progress: &ProgressBar) -> anyhow::Result<Vec<Counts>> {
	let Populated { chain, devices, .. } = populated;
	progress.set_message("counting");
	progress.set_length((WARMING_WINDOWS + WINDOWS).into());
	progress.set_position(0);
	let (number, hash) = chain.best();
	let backend = chain.backend.state_at(hash, TrieCacheContext::Trusted)?;
	let mut changes = OverlayedChanges::<BlakeTwo256>::default();
	let state = Ext::new(&mut changes, &backend, None);
	let mut life = Life { blocks: Blocks::after(number, hash, state), devices: devices.clone() };
	life.reach_next_window()?;
	for _ in 0..WARMING_WINDOWS {
		life.live_window(None, false)?;
		progress.inc(1);
	}
	let mut counts = Vec::new();
	for window in 0..WINDOWS {
		counts.extend(life.live_window(Some(window), HALTS.contains(&window))?);
		progress.inc(1);
	}
	Ok(counts)
}

/// A chain and what happens on it.
struct Life<E> {
	blocks: Blocks<E>,
	devices: Devices,
}

impl<E: Externalities> Life<E> {
	/// Makes blocks until the first one of a window.
	fn reach_next_window(&mut self) -> anyhow::Result<()> {
		let next = self.window().index + 1;
		while self.window().index < next {
			self.blocks.make(|| Ok(()))?;
		}
		Ok(())
	}

	/// Makes the blocks from the second one of the running window to the first one of the next, and
	/// returns what the hooks of each read and wrote. `change` says whose status changes, if
	/// anyone's.
	fn live_window(
		&mut self,
		change: Option<u32>,
		is_halting: bool,
	) -> anyhow::Result<Vec<Counts>> {
		let window = self.window();
		let groups = self.statements(&window)?;
		let reveals = self.reveals(window.index.saturating_sub(REVEAL_DELAY));
		let devices = &self.devices;
		let mut counts = vec![self.blocks.make(|| {
			submit_statements(groups)?;
			submit_reveals(reveals)?;
			change.map_or(Ok(()), |turn| pause(devices, turn))
		})?];
		self.expect_stated(window.index, STATED)?;
		let epoch = self.epoch()?;
		for block in 2..=window.blocks {
			if is_halting && block == window.blocks / 2 {
				self.blocks.halt_until((u64::from(epoch.current) + 1) * epoch.duration_ms);
			}
			counts.push(self.blocks.make(|| Ok(()))?);
		}
		let is_closed = self.epoch()?.last_closed == Some(epoch.current);
		ensure!(is_closed == is_halting, "epoch {} is closed: {is_closed}", epoch.current);
		let now = self.window().index;
		ensure!(now == window.index + 1, "window {now} follows window {}", window.index);
		// What is not revealed is pruned in the first block of the next window.
		let pruned = now.saturating_sub(REVEAL_DELAY + 1);
		self.expect_stated(pruned, 0)?;
		Ok(counts)
	}

	fn epoch(&mut self) -> anyhow::Result<EpochInfo> {
		self.blocks.look(Emission::epoch_info).context("the clock of rewards runs")
	}

	fn window(&mut self) -> WindowInfo {
		self.blocks.look(Challenges::window_info)
	}

	fn statements(&self, window: &WindowInfo) -> anyhow::Result<Vec<StatementGroup>> {
		(0..STATED)
			.map(|cluster| self.devices.statements(cluster, window.index, &window.seed))
			.collect()
	}

	/// The reveals of a window's challenges, but for those that are left to be pruned. There are
	/// none if nothing was stated.
	fn reveals(&mut self, window: WindowIndex) -> Vec<Reveal> {
		let seed = self.blocks.look(|| Challenges::seed_of(window)).unwrap_or_default();
		let mut reveals = Vec::new();
		for cluster in 0..REVEALED {
			if self.statements_open(window, cluster) > 0 {
				reveals.push(self.devices.reveal(cluster, window, &seed));
			}
		}
		reveals
	}

	/// How many statements about the beacon of a cluster wait for its reveal.
	fn statements_open(&mut self, window: WindowIndex, cluster: u32) -> u32 {
		let beaconer = self.devices.beaconer(cluster, window);
		self.blocks.look(|| ProofOfCoverage::witnesses(window, beaconer)).len() as u32
	}

	/// Exactly so many challenges of a window have statements, each of all the others of its
	/// cluster.
	fn expect_stated(&mut self, window: WindowIndex, challenges: u32) -> anyhow::Result<()> {
		let expected = challenges * (CLUSTER - 1);
		let found: u32 = (0..STATED).map(|cluster| self.statements_open(window, cluster)).sum();
		ensure!(found == expected, "window {window} has {found} statements, not {expected}");
		Ok(())
	}
}

fn submit_statements(groups: Vec<StatementGroup>) -> anyhow::Result<()> {
	let groups = groups.try_into().map_err(|_| anyhow!("a bundle holds its groups"))?;
	ProofOfCoverage::submit_statements(collector().into(), groups)
		.map(drop)
		.map_err(|error| anyhow!("statements refused: {:?}", error.error))
}

fn submit_reveals(reveals: Vec<Reveal>) -> anyhow::Result<()> {
	if reveals.is_empty() {
		return Ok(());
	}
	let reveals = reveals.try_into().map_err(|_| anyhow!("a bundle holds its reveals"))?;
	ProofOfCoverage::submit_reveals(collector().into(), reveals)
		.map(drop)
		.map_err(|error| anyhow!("reveals refused: {:?}", error.error))
}

fn collector() -> RawOrigin<AccountId> {
	RawOrigin::Signed(receipts::owner_account(0))
}

/// Pauses a device of a cluster about which there are no statements.
fn pause(devices: &Devices, turn: u32) -> anyhow::Result<()> {
	let device = devices.member(STATED, turn % CLUSTER);
	let info = DeviceRegistry::device_info(device).context("the device is registered")?;
	pallet_device_registry::Pallet::<Runtime>::set_status(
		RawOrigin::Signed(info.owner).into(),
		device,
		DeviceStatus::Paused,
	)
	.map_err(|error| anyhow!("the status of device {device} cannot change: {error:?}"))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn reads(blocks: &[u64]) -> Vec<Counts> {
		blocks.iter().map(|reads| Counts { reads: *reads, ..Counts::default() }).collect()
	}

	#[test]
	fn chains_differ_when_any_block_does() {
		let of = |few: &[u64], many: &[u64]| difference(&reads(few), &reads(many), |it| it.reads);
		assert_eq!(of(&[3, 5], &[3, 5]), 0.0);
		assert_eq!(of(&[3, 5], &[5, 3]), 4.0, "equal sums hide nothing");
		assert_eq!(of(&[3, 5], &[3]), 5.0);
	}

	#[test]
	fn report_names_sums_and_most_expensive_blocks() {
		let mut report = Report::new("hooks");
		report_size(&mut report, 100, &reads(&[3, 9, 4]));
		assert_eq!(report.value("reads_at_100"), Some(16.0));
		assert_eq!(report.value("reads_of_most_expensive_block_at_100"), Some(9.0));
		assert_eq!(report.value("writes_at_100"), Some(0.0));
	}
}
