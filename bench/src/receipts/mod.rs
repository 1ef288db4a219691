//! What a settled challenge costs: both phases, in the real wasm runtime, on ParityDB state, storage root
//! included, against the bare verification of its nine signatures.

mod database;
mod genesis;
mod measure;
mod population;

use std::path::PathBuf;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};

use crate::report::Report;
use measure::Costs;

/// Chains of these sizes are measured: small, the one with a bound of its own, and the planning size.
const SIZES: [u32; 3] = [1_000, 100_000, 1_000_000];
/// Signatures of a challenge: the beaconer's and eight witnesses'.
const SIGNATURES: f64 = 9.0;

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Devices of the largest chain to measure: 1000, 100000 or 1000000. Smaller ones are measured too.
	#[arg(long, default_value_t = 1_000_000, value_name = "N")]
	devices: u32,
	/// Where populated chains are kept for the next run. The largest takes some GB and minutes to make.
	#[arg(long, env = "GROMA_BENCH_DIR", value_name = "FOLDER")]
	directory: Option<PathBuf>,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let directory = match &arguments.directory {
		Some(directory) => directory.clone(),
		None => default_directory()?,
	};
	let raw_us = measure::raw_verification_us();
	report.figure("raw_verification", raw_us, "us");
	let mut small: Option<Costs> = None;
	for devices in SIZES.into_iter().filter(|size| *size <= arguments.devices) {
		let costs = measure::costs(devices, &directory, &progress_bar(devices))?;
		report_size(report, devices, &costs, raw_us);
		match &small {
			Some(small) => report.figure(
				&format!("cost_at_{devices}_over_1000"),
				costs.warm_us() / small.warm_us(),
				"times",
			),
			None => small = Some(costs),
		}
	}
	Ok(())
}

fn report_size(report: &mut Report, devices: u32, costs: &Costs, raw_us: f64) {
	let in_verifications = |us: f64| us / (SIGNATURES * raw_us);
	let mut figure = |name: &str, value: f64, unit: &str| {
		report.figure(&format!("{name}_at_{devices}"), value, unit);
	};
	figure("statements", costs.statements_us, "us");
	figure("reveal", costs.reveal_us, "us");
	figure("cost", in_verifications(costs.warm_us()), "times 9 verifications");
	figure("cold_cost", in_verifications(costs.cold_us), "times 9 verifications");
	figure("bytes", costs.bytes, "bytes");
	figure("state_per_device", costs.state_bytes, "bytes");
}

fn default_directory() -> anyhow::Result<PathBuf> {
	let home = std::env::var_os("HOME").context("HOME is not set: pass --directory")?;
	Ok(PathBuf::from(home).join(".cache/groma/bench"))
}

fn progress_bar(devices: u32) -> ProgressBar {
	let style =
		ProgressStyle::with_template("{prefix} devices: {msg:11} {wide_bar} {pos}/{len} {eta}")
			.unwrap_or_else(|_| ProgressStyle::default_bar());
	ProgressBar::new(0).with_style(style).with_prefix(devices.to_string())
}
