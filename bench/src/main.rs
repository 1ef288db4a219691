//! `groma-bench`: measures the figures that the project promises, and checks them against
//! `bench/bounds.toml`.

mod allocator;
mod authored;
mod bounds;
mod capacity;
mod capture;
mod cheats;
mod client;
mod database;
mod economy;
mod feed;
mod flood;
mod fuzz;
mod hooks;
mod interruptible;
mod killed;
mod lane;
mod links;
mod native;
mod outlook;
mod receipts;
mod report;
mod stake;
mod transactions;
mod upgrade;
mod usage;
mod vouchers;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::{bounds::Bounds, report::Report};

/// What is measured in this process allocates as in `groma-node`.
#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

/// Measures a figure that Groma promises, one line per figure: `name: value unit`.
#[derive(Parser)]
#[command(version)]
struct Arguments {
	#[command(subcommand)]
	benchmark: Benchmark,
	/// Fail, naming the figures, if any misses its bound.
	#[arg(long, global = true)]
	check: bool,
	/// Bounds other than those of bench/bounds.toml.
	#[arg(long, global = true, value_name = "FILE")]
	bounds: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Benchmark {
	/// How many challenges fit one block.
	Capacity(capacity::Arguments),
	/// What one hand can take over by votes, in days and GRM.
	Capture(capture::Arguments),
	/// What cheats earn, and what they cost others.
	Cheats(cheats::Arguments),
	/// What the device client takes of memory and processor.
	Client(client::Arguments),
	/// What reading and writing one value of a large state takes.
	Database(database::Arguments),
	/// Whether a coalition of payers and devices gets back more than it burned.
	Economy(economy::Arguments),
	/// What feeding the price takes of blocks.
	Feed(feed::Arguments),
	/// Whether what reads what strangers send survives anything: datagrams, beacons, prices,
	/// calls, transactions, questions to runtime APIs.
	///
	/// Each target reads `--cases` inputs: one in eight is random bytes, the others are known
	/// inputs with mutations. `panics` and `memory_kept` have to be 0, and `memory_per_byte` has a
	/// bound: how much memory reading takes at once, per byte of what is read. A case that panics
	/// is printed in hexadecimal, and of each target the one that takes the most memory; the same
	/// seed brings them again.
	#[command(after_help = fuzz::EXAMPLES)]
	Fuzz(fuzz::Arguments),
	/// Whether bundles that bring nothing keep honest evidence or transfers out of blocks.
	Flood(flood::Arguments),
	/// What the hooks of a block read and write on a small and on a large chain.
	Hooks(hooks::Arguments),
	/// Whether validators that are killed sign anything twice, and when they vote again: four real
	/// nodes.
	Killed(killed::Arguments),
	/// Whether evidence lands while blocks are full of tipped transfers.
	Lane(lane::Arguments),
	/// How many real honest radio links the coverage rules accept.
	Links(links::Arguments),
	/// What twenty years of growth, crashes and attacks come to: supply, burn, pay and profits.
	Outlook(outlook::Arguments),
	/// What settling a challenge costs on chains of up to a million devices.
	Receipts(receipts::Arguments),
	/// What stake costs, and how exact it is.
	///
	/// An operator with one delegator is compared with one that has `--crowd`, and an owner with
	/// one device with one that has as many; 300 validators are elected from 1,000, paid and
	/// replaced; up to `--crowd` delegators come and go as an exact model says; and `--evidence`
	/// false reports of each kind are refused.
	Stake(stake::Arguments),
	/// How many blocks a migration of a million devices takes, and how long they take to import.
	Upgrade(upgrade::Arguments),
	/// What a claim of vouchers costs on chains of up to a million seats.
	Vouchers(vouchers::Arguments),
}

impl Benchmark {
	fn name(&self) -> &'static str {
		match self {
			Self::Capacity(_) => "capacity",
			Self::Capture(_) => "capture",
			Self::Cheats(_) => "cheats",
			Self::Client(_) => "client",
			Self::Database(_) => "database",
			Self::Economy(_) => "economy",
			Self::Feed(_) => "feed",
			Self::Flood(_) => "flood",
			Self::Fuzz(_) => "fuzz",
			Self::Hooks(_) => "hooks",
			Self::Killed(_) => "killed",
			Self::Lane(_) => "lane",
			Self::Links(_) => "links",
			Self::Outlook(_) => "outlook",
			Self::Receipts(_) => "receipts",
			Self::Stake(_) => "stake",
			Self::Upgrade(_) => "upgrade",
			Self::Vouchers(_) => "vouchers",
		}
	}

	fn run(&self) -> anyhow::Result<Report> {
		let mut report = Report::new(self.name());
		match self {
			Self::Capacity(arguments) => capacity::run(arguments, &mut report)?,
			Self::Capture(arguments) => capture::run(arguments, &mut report)?,
			Self::Cheats(arguments) => cheats::run(arguments, &mut report)?,
			Self::Client(arguments) => client::run(arguments, &mut report)?,
			Self::Database(arguments) => database::run(arguments, &mut report)?,
			Self::Economy(arguments) => economy::run(arguments, &mut report)?,
			Self::Feed(arguments) => feed::run(arguments, &mut report)?,
			Self::Flood(arguments) => flood::run(arguments, &mut report)?,
			Self::Fuzz(arguments) => fuzz::run(arguments, &mut report)?,
			Self::Hooks(arguments) => hooks::run(arguments, &mut report)?,
			Self::Killed(arguments) => killed::run(arguments, &mut report)?,
			Self::Lane(arguments) => lane::run(arguments, &mut report)?,
			Self::Links(arguments) => links::run(arguments, &mut report)?,
			Self::Outlook(arguments) => outlook::run(arguments, &mut report)?,
			Self::Receipts(arguments) => receipts::run(arguments, &mut report)?,
			Self::Stake(arguments) => stake::run(arguments, &mut report)?,
			Self::Upgrade(arguments) => upgrade::run(arguments, &mut report)?,
			Self::Vouchers(arguments) => vouchers::run(arguments, &mut report)?,
		}
		Ok(report)
	}
}

fn main() -> anyhow::Result<ExitCode> {
	let arguments = Arguments::parse();
	let bounds = match &arguments.bounds {
		Some(path) => Bounds::read(path)?,
		None => Bounds::parse(include_str!("../bounds.toml")).context("bench/bounds.toml")?,
	};
	let report = arguments.benchmark.run()?;
	print!("{report}");
	if !arguments.check {
		return Ok(ExitCode::SUCCESS);
	}
	let missed = bounds.missed_by(&report);
	missed.iter().for_each(|miss| eprintln!("missed: {miss}"));
	Ok(if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
