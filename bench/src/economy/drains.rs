//! A payer that drains its channel to itself before the gateways claim that served it.

use anyhow::ensure;

use super::world::{CREDITS_ON_TRIAL, Drain, Drained};
use crate::report::Report;

/// Gateways that serve the channel.
const GATEWAYS: [u32; 4] = [10, 100, 1_000, 10_000];
/// Seats of the channel.
const SEATS: [u16; 4] = [16, 64, 256, 4_096];
/// Credits in it: below the least bond, of the least bond, and above it.
const CREDITS: [u64; 3] = [40_000, 400_000, 4_000_000];
/// Spot price and mean of the closed epoch, in nano-USD per GRM: equal, a spike, a fall.
const PRICES: [(u64, u64); 3] =
	[(100_000_000, 100_000_000), (1_000_000_000, 100_000_000), (100_000_000, 1_000_000_000)];

/// Every drain of up to so many gateways.
pub(crate) fn all(gateways_max: u32) -> Vec<Drain> {
	let mut drains = Vec::new();
	for gateways in GATEWAYS.into_iter().filter(|count| *count <= gateways_max) {
		for seats_max in SEATS {
			for credits in CREDITS {
				for (spot, epoch_mean) in PRICES {
					drains.push(Drain { gateways, seats_max, credits, spot, epoch_mean });
				}
			}
		}
	}
	drains
}

/// Whether no gateway served more unpaid than it may.
pub(crate) fn is_within_limits(drained: &Drained) -> bool {
	drained.worst_loss <= drained.limit && drained.worst_loss_without_seat <= CREDITS_ON_TRIAL
}

/// Plays all of them and reports.
pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
	let drained: Vec<Drained> = all(u32::MAX).into_iter().map(Drain::play).collect();
	ensure!(drained.iter().any(|it| it.worst_loss > 0), "no gateway lost anything");
	let gained = drained.iter().filter(|it| it.gained > 0).count();
	let beyond = drained.iter().filter(|it| !is_within_limits(it)).count();
	let best = drained.iter().map(|it| it.gained).max().unwrap_or_default();
	report.figure("drains", drained.len() as f64, "");
	report.figure("drains_that_gained", gained as f64, "");
	report.figure("best_gain_of_a_drain", best as f64, "credits");
	report.figure("drains_beyond_a_limit", beyond as f64, "");
	Ok(())
}
