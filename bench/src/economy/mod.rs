//! Whether anyone gains by paying itself: random histories of prices, customers and a coalition of
//! payers, devices and validators, over the pallets that sell credits, pay vouchers, credit owners
//! and divide what is left for validators. Also payers that promise more than they hold, and prices
//! that go mad.

mod drains;
mod history;
mod rules;
mod shocks;
#[cfg(test)]
mod tests;
mod world;

use anyhow::ensure;
use groma_core::money::Balance;
use indicatif::{ProgressBar, ProgressStyle};

use crate::report::Report;
use history::History;
use rules::Rule;

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Histories that are played, each with what the coalition does and without.
	#[arg(long, default_value_t = 100_000, value_name = "N")]
	cases: u64,
	/// What the histories are drawn from.
	#[arg(long, default_value_t = 1, value_name = "N")]
	seed: u64,
}

/// What a coalition comes to in a history, in plancks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
	/// What it burned for credits.
	pub(crate) burned: Balance,
	/// What its devices and its validator are paid because of that: payouts with what it did, less
	/// those without.
	pub(crate) gained: Balance,
	/// The most of that which rounding alone can bring.
	pub(crate) rounding: Balance,
}

impl Outcome {
	/// Whether the coalition got back more than it burned.
	pub(crate) fn is_profit(&self) -> bool {
		self.gained > self.burned
	}

	/// What came back of what it burned, but for rounding, as a share; 0 if it burned nothing.
	fn returned(&self) -> f64 {
		if self.burned == 0 {
			return 0.0;
		}
		self.gained.saturating_sub(self.rounding) as f64 / self.burned as f64
	}
}

/// Plays a history twice, under a rule of payment: with what the coalition does, and without.
pub(crate) fn outcome(rule: Rule, history: &History) -> Outcome {
	let with = world::play(rule, history, true);
	let without = world::play(rule, history, false);
	Outcome {
		burned: with.burned_by_coalition,
		gained: with.paid_to_coalition.saturating_sub(without.paid_to_coalition),
		rounding: history.rounding(),
	}
}

/// Plays random histories and reports what coalitions got.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let Arguments { cases, seed } = *arguments;
	ensure!(cases > 0, "give --cases of at least 1");
	let style = ProgressStyle::with_template("{bar:40} {pos}/{len} histories, {eta} to go")?;
	let progress = ProgressBar::new(cases).with_style(style);
	let (mut profits, mut best, mut best_with_validators) = (0u64, 0f64, 0f64);
	for case in 0..cases {
		let history = History::random(seed.wrapping_add(case));
		let outcome = outcome(Rule::Sound, &history);
		profits += u64::from(outcome.is_profit());
		if history.points_percent == 0 {
			best = best.max(outcome.returned());
		} else {
			best_with_validators = best_with_validators.max(outcome.returned());
		}
		progress.inc(1);
	}
	progress.finish_and_clear();
	report.figure("histories", cases as f64, "histories");
	report.figure("coalitions_that_gained", profits as f64, "histories");
	report.figure("most_of_the_burn_that_came_back", 100.0 * best, "percent");
	report.figure(
		"most_of_the_burn_that_came_back_with_validators",
		100.0 * best_with_validators,
		"percent",
	);
	drains::run(report)?;
	shocks::run(report)
}
