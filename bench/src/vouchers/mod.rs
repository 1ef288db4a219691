//! What a claim of vouchers costs: in the real wasm runtime, on ParityDB state, storage root
//! included, against the bare verification of its signatures; and what follows from weights,
//! lengths and fees.

mod measure;
mod seats;
mod weights;

use crate::{
	receipts::{self, ChainsFolder},
	report::Report,
};
use measure::Costs;
use seats::BATCH;

/// Seats of the measured chains, one for each device.
const SIZES: [u32; 3] = [1_000, 100_000, 1_000_000];

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Seats of the largest chain to measure: 1000, 100000 or 1000000. Smaller ones are measured
	/// too.
	#[arg(long, default_value_t = 1_000_000, value_name = "N")]
	seats: u32,
	#[command(flatten)]
	folder: ChainsFolder,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	weights::report(report)?;
	let directory = arguments.folder.path()?;
	let mut smallest: Option<Costs> = None;
	for seats in SIZES.into_iter().filter(|size| *size <= arguments.seats) {
		let costs = measure::costs(seats, &directory, &receipts::progress_bar(seats))?;
		report_size(report, seats, &costs);
		match &smallest {
			Some(smallest) => report.figure(
				&format!("cost_at_{seats}_over_1000"),
				costs.small.verifications / smallest.small.verifications,
				"times",
			),
			None => smallest = Some(costs),
		}
	}
	Ok(())
}

fn report_size(report: &mut Report, seats: u32, costs: &Costs) {
	let mut figure = |name: &str, value: f64, unit: &str| {
		report.figure(&format!("{name}_at_{seats}"), value, unit);
	};
	figure("raw_verification", costs.raw_us, "us");
	let unit = format!("times {BATCH} verifications");
	figure("small_block_claim", costs.small.us, "us");
	figure("small_block_cost", costs.small.verifications, &unit);
	for (name, kind) in [("", &costs.anywhere), ("neighbours_", &costs.neighbours)] {
		if let Some(kind) = kind {
			figure(&format!("{name}pages_per_claim"), kind.pages, "");
			figure(&format!("{name}claim"), kind.share.us, "us");
			figure(&format!("{name}cost"), kind.share.verifications, &unit);
		}
	}
	figure("state_per_seat", costs.seat_bytes, "bytes");
	figure("state_per_channel", costs.channel_bytes, "bytes");
}
