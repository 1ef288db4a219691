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
/// Spot price and mean of the closed epoch, in nano-USD per GRM: equal, a spike, a fall. A price
/// that falls by more than a tenth between service and claim begins with the first.
const PRICES: [(u64, u64); 3] =
	[(100_000_000, 100_000_000), (1_000_000_000, 100_000_000), (100_000_000, 1_000_000_000)];

/// A price that does not fall between service and claim.
const LEVEL: &[u64] = &[];
/// What falls between service and claim leave of the price, in percent: at once.
const FALLS: [&[u64]; 4] = [&[50], &[25], &[10], &[1]];
/// A fall by a tenth: the most that a payer with 10,000 gateways cannot gain by.
const SMALL_FALL: &[u64] = &[90];
/// A fall in steps of a tenth at most.
const SLOW_FALL: &[u64] = &[
	90, 81, 73, 66, 60, 54, 49, 45, 41, 37, 34, 31, 28, 26, 24, 22, 20, 18, 17, 16, 15, 14, 13, 12,
	11, 10,
];
/// Credits in a channel that is nearly spent when the price falls, and in one that is not.
const CREDITS_IN_A_FALL: [u64; 3] = [4_000, 40_000, 400_000];
/// Credits in a channel that can pay all that its gateways may serve on credit: more than half its
/// bond.
const CREDITS_FOR_ALL: [u64; 2] = [60_000, 400_000];

/// Every drain of the crowds of at most this many gateways at a level price.
pub(crate) fn all(gateways_max: u32) -> Vec<Drain> {
	drains(gateways_max, &CREDITS, &PRICES, &[LEVEL], false)
}

/// The same with a price that falls by a tenth between service and claim.
pub(crate) fn in_a_small_fall(gateways_max: u32) -> Vec<Drain> {
	let of = |credits: &[u64]| drains(gateways_max, credits, &PRICES, &[SMALL_FALL], false);
	[of(&CREDITS), of(&CREDITS_IN_A_FALL)].concat()
}

/// Every drain of the crowds of at most this many gateways that is sprung on them by a fall of the
/// price.
pub(crate) fn in_a_fall(gateways_max: u32) -> Vec<Drain> {
	drains(gateways_max, &CREDITS_IN_A_FALL, &PRICES[..1], &FALLS, false)
}

/// The same with gateways that follow the price, of channels that hold what they promise.
pub(crate) fn followed(gateways_max: u32) -> Vec<Drain> {
	drains(gateways_max, &CREDITS_FOR_ALL, &PRICES[..1], &FALLS, true)
}

/// The same of any channel, with a price that falls step by step.
pub(crate) fn followed_slowly(gateways_max: u32) -> Vec<Drain> {
	drains(gateways_max, &CREDITS_IN_A_FALL, &PRICES[..1], &[SLOW_FALL], true)
}

/// Every drain of each crowd of at most this many gateways, with each of these credits in the
/// channel, prices and falls of them.
fn drains(
	gateways_max: u32,
	credits_in_channels: &[u64],
	prices: &[(u64, u64)],
	falls: &[&'static [u64]],
	is_followed: bool,
) -> Vec<Drain> {
	let mut drains = Vec::new();
	for (gateways, seats_max) in crowds(gateways_max) {
		for credits in credits_in_channels.iter().copied() {
			for (spot, epoch_mean) in prices.iter().copied() {
				for fall in falls.iter().copied() {
					drains.push(Drain {
						gateways,
						seats_max,
						credits,
						spot,
						epoch_mean,
						fall,
						is_followed,
					});
				}
			}
		}
	}
	drains
}

/// At most this many gateways, and seats.
fn crowds(gateways_max: u32) -> impl Iterator<Item = (u32, u16)> {
	let gateways = GATEWAYS.into_iter().filter(move |count| *count <= gateways_max);
	gateways.flat_map(|gateways| SEATS.into_iter().map(move |seats_max| (gateways, seats_max)))
}

/// Whether no gateway served more unpaid than it may.
pub(crate) fn is_within_limits(drained: &Drained) -> bool {
	drained.worst_loss <= drained.limit && drained.worst_loss_without_seat <= CREDITS_ON_TRIAL
}

/// Whether at least half of the price is left.
pub(crate) fn is_by_half_at_most(drain: &Drain) -> bool {
	drain.fall.iter().all(|percent| *percent >= 50)
}

/// Plays all of them and reports.
pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
	let drained = play(all(u32::MAX));
	ensure!(drained.iter().any(|it| it.worst_loss > 0), "no gateway lost anything");
	let best = drained.iter().map(|it| it.gained).max().unwrap_or_default();
	say(report, "drains", &drained, |it| it.gained);
	report.figure("best_gain_of_a_drain", best as f64, "credits");
	say(report, "drains_in_a_small_fall", &play(in_a_small_fall(u32::MAX)), |it| it.gained);
	run_falls(report);
	Ok(())
}

/// Plays those in which the price falls further.
fn run_falls(report: &mut Report) {
	let (by_half, deeper): (Vec<_>, Vec<_>) =
		in_a_fall(u32::MAX).into_iter().partition(is_by_half_at_most);
	let by_half = play(by_half);
	say(report, "drains_in_a_fall_by_half", &by_half, |it| it.gained_from_seats);
	let drained: Vec<Drained> = by_half.into_iter().chain(play(deeper)).collect();
	say(report, "drains_in_a_fall", &drained, |it| it.gained);
	let share = |it: &Drained| 100.0 * it.gained_from_seats as f64 / it.bond as f64;
	let most = drained.iter().map(share).fold(0.0, f64::max);
	report.figure("most_of_a_bond_gained_in_a_fall", most, "percent");
	for (name, drains) in [
		("drains_in_a_followed_fall", followed(u32::MAX)),
		("drains_in_a_followed_slow_fall", followed_slowly(u32::MAX)),
	] {
		say(report, name, &play(drains), |it| it.gained_from_seats);
	}
}

fn play(drains: Vec<Drain>) -> Vec<Drained> {
	drains.into_iter().map(Drain::play).collect()
}

/// Reports how many there are, in how many the payer gained, and in how many a gateway lost more
/// than it may.
fn say(report: &mut Report, name: &str, drained: &[Drained], gain: fn(&Drained) -> i128) {
	let gained = drained.iter().filter(|it| gain(it) > 0).count();
	let beyond = drained.iter().filter(|it| !is_within_limits(it)).count();
	report.figure(name, drained.len() as f64, "");
	report.figure(&format!("{name}_that_gained"), gained as f64, "");
	report.figure(&format!("{name}_beyond_a_limit"), beyond as f64, "");
}
