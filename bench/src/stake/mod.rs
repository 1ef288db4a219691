//! What stake costs and how exact it is: operations of an operator with one delegator and with ten
//! thousand, of an owner with one device and with ten thousand, the largest election, epoch and
//! change of era, the shares of delegators against an exact model, and what becomes of false
//! evidence.

mod chain;
mod crowd;
mod eras;
mod evidence;
mod exact;
mod history;
#[cfg(test)]
mod tests;

use anyhow::ensure;

use crate::report::Report;

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Delegators of the large pool, and devices of the large owner.
	#[arg(long, default_value_t = 10_000, value_name = "N")]
	crowd: u32,
	/// How often each operation is measured.
	#[arg(long, default_value_t = 201, value_name = "N")]
	rounds: u32,
	/// Random operations of each history of delegators, after all of them joined.
	#[arg(long, default_value_t = 2_000, value_name = "N")]
	operations: u32,
	/// False reports of each kind: two beacons of a device, two blocks and two votes of a
	/// validator.
	#[arg(long, default_value_t = 100_000, value_name = "N")]
	evidence: u64,
	/// What the histories and the false reports are drawn from.
	#[arg(long, default_value_t = 1, value_name = "N")]
	seed: u64,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let Arguments { crowd, rounds, operations, evidence, seed } = *arguments;
	ensure!(crowd > 1 && rounds > 0, "give --crowd of at least 2 and --rounds of at least 1");
	crowd::run(crowd, rounds, report)?;
	eras::run(report)?;
	let sizes: Vec<u32> = [1, 2, 10, 100, 1_000].into_iter().filter(|size| *size < crowd).collect();
	let sizes = [sizes, vec![crowd]].concat();
	history::run(&sizes, operations, seed, report)?;
	evidence::run(evidence, seed, report)
}
