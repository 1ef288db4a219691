//! What a settled challenge costs: both phases, in the real wasm runtime, on ParityDB state,
//! storage root included, against the bare verification of its nine signatures.

mod database;
pub(crate) mod genesis;
mod measure;
mod population;

use std::path::PathBuf;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};

use crate::report::Report;
pub(crate) use database::{Chain, Client, Entry, State, new_client, open_backend, secondary_slot};
use measure::{Cost, Costs};
pub(crate) use measure::{
	Populated, copy_files, copy_populated, median, micros, open, raw_verification_us,
};
pub(crate) use population::{CLUSTER, Devices, ENDOWMENT, Population, owner_account};

/// Chains of these sizes are measured: small, the one with a separate bound, and the planning
/// size.
const SIZES: [u32; 3] = [1_000, 100_000, 1_000_000];
/// Signatures of a challenge: the beaconer's and eight witnesses'.
const SIGNATURES: f64 = 9.0;

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Devices of the largest chain to measure: 1000, 100000 or 1000000. Smaller ones are measured
	/// too.
	#[arg(long, default_value_t = 1_000_000, value_name = "N")]
	devices: u32,
	#[command(flatten)]
	folder: ChainsFolder,
}

/// The folder of populated chains, which several benchmarks share.
#[derive(clap::Args)]
pub(crate) struct ChainsFolder {
	/// Where populated chains are kept for the next run. The largest takes some GB and minutes to
	/// make.
	#[arg(long, env = "GROMA_BENCH_DIR", value_name = "FOLDER")]
	directory: Option<PathBuf>,
}

impl ChainsFolder {
	/// The folder given, or the default.
	pub(crate) fn path(&self) -> anyhow::Result<PathBuf> {
		if let Some(directory) = &self.directory {
			return Ok(directory.clone());
		}
		let home = std::env::var_os("HOME").context("HOME is not set: pass --directory")?;
		Ok(PathBuf::from(home).join(".cache/groma/bench"))
	}
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let directory = arguments.folder.path()?;
	let mut smallest: Option<Costs> = None;
	for devices in SIZES.into_iter().filter(|size| *size <= arguments.devices) {
		let costs = measure::costs(devices, &directory, &progress_bar(devices))?;
		report_size(report, devices, &costs);
		match &smallest {
			Some(smallest) => report.figure(
				&format!("cost_at_{devices}_over_1000"),
				costs.small.verifications() / smallest.small.verifications(),
				"times",
			),
			None => smallest = Some(costs),
		}
	}
	Ok(())
}

fn report_size(report: &mut Report, devices: u32, costs: &Costs) {
	let mut figure = |name: &str, value: f64, unit: &str| {
		report.figure(&format!("{name}_at_{devices}"), value, unit);
	};
	figure("raw_verification", costs.raw_us, "us");
	let mut cost = |blocks: &str, cost: &Cost| {
		figure(&format!("{blocks}statements"), cost.statements.us, "us");
		figure(&format!("{blocks}reveal"), cost.reveal.us, "us");
		let nines = cost.verifications() / SIGNATURES;
		figure(&format!("{blocks}cost"), nines, "times 9 verifications");
	};
	cost("cold_", &costs.cold);
	cost("small_block_", &costs.small);
	if let Some(large) = &costs.large {
		cost("", large);
	}
	figure("bytes", costs.bytes, "bytes");
	figure("state_per_device", costs.state_bytes, "bytes");
}

/// How work on a chain of so many devices is shown.
pub(crate) fn progress_bar(devices: u32) -> ProgressBar {
	let style =
		ProgressStyle::with_template("{prefix} devices: {msg:11} {wide_bar} {pos}/{len} {eta}")
			.unwrap_or_else(|_| ProgressStyle::default_bar());
	ProgressBar::new(0).with_style(style).with_prefix(devices.to_string())
}
