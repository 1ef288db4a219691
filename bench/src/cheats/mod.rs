//! What cheats earn, and what they cost others: real statements and reveals of a simulated field,
//! judged and paid by the runtime. And what it costs others that devices which never beacon state
//! about everything, and that bundles are copied or brought twice.

mod books;
mod chain;
mod collectors;
mod crowd;
mod outcome;
mod owners;
mod season;
mod trials;

use anyhow::ensure;
use groma_core::money::GRM;
use groma_simulator::behaviour::{Behaviour, Verdict};
use indicatif::{ProgressBar, ProgressStyle};

use crate::report::{Report, snake_case};
use chain::EPOCH_WINDOWS;
use outcome::Outcome;
use trials::Trial;

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Honest devices of the field.
	#[arg(long, default_value_t = 80, value_name = "N")]
	devices: usize,
	/// Windows that are measured: a multiple of 16, which are an epoch, and at least two epochs.
	#[arg(long, default_value_t = 64, value_name = "N")]
	windows: u32,
	/// What field and chain are drawn from.
	#[arg(long, default_value_t = 1, value_name = "N")]
	seed: u64,
	/// The one behaviour to try, by name. With --check, the figures of all others are missing.
	#[arg(long, value_name = "NAME")]
	behaviour: Option<Behaviour>,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let Arguments { devices, windows, seed, behaviour } = *arguments;
	let is_whole = windows.is_multiple_of(EPOCH_WINDOWS) && windows >= 2 * EPOCH_WINDOWS;
	ensure!(is_whole, "give --windows that are two epochs of {EPOCH_WINDOWS} windows or more");
	let trials: Vec<_> = trials::all(devices)
		.into_iter()
		.filter(|trial| behaviour.is_none_or(|only| trial.behaviour == only))
		.collect();
	let others = trials::crowds_and_copies();
	let others = if behaviour.is_none() { &others[..] } else { &[] };
	let with_baseline = trials.iter().filter(|trial| trial.honest.is_some()).count();
	let seasons = (trials.len() + others.len() + with_baseline) as u64 + 1;
	let progress = progress_bar(seasons * u64::from(season::WARM_UP_WINDOWS + windows));
	let measure = |trial: &Trial| {
		progress.set_message(trial.name.clone());
		season::live(trial, &trial.field(devices, seed)?, seed, windows, &progress)
	};
	let alone = measure(&Trial::without_cheats())?;
	report_honest(report, &alone);
	for trial in &trials {
		let baseline = trial.honest.map(|_| measure(&trial.alone())).transpose()?;
		report_trial(report, trial, &measure(trial)?, baseline.as_ref().unwrap_or(&alone));
	}
	for trial in others {
		report_other(report, trial, &measure(trial)?, &alone);
	}
	progress.finish_and_clear();
	Ok(())
}

fn report_honest(report: &mut Report, alone: &Outcome) {
	report.figure("devices", alone.honest.len() as f64, "devices");
	report.figure("epochs", alone.epochs.into(), "epochs");
	report.figure("stake_per_device", alone.stake as f64 / GRM as f64, "GRM");
	report.figure("pool_paid", alone.paid_percent(), "percent");
	report.figure("units_of_honest", alone.honest_units(), "per device and epoch");
	report.figure("earnings_per_stake_of_honest", milli(alone.honest_yield()), PER_STAKE);
	let collected = milli(alone.honest_collected_yield());
	report.figure("collected_per_stake_by_honest", collected, PER_STAKE);
	report.figure("profit_of_honest", alone.honest_profit(), PER_YEAR);
}

/// A yield is a few thousandths at most.
const PER_STAKE: &str = "mGRM per GRM of stake and epoch";

/// What stake brings in a year.
const PER_YEAR: &str = "GRM per GRM of stake and year";

fn milli(value: f64) -> f64 {
	1_000.0 * value
}

fn report_trial(report: &mut Report, trial: &Trial, outcome: &Outcome, alone: &Outcome) {
	let name = &trial.name;
	let verdict = trial.behaviour.verdict();
	let mut figure = |of: &str, value: f64, unit: &str| {
		report.figure(&format!("{of}_{name}"), value, unit);
	};
	figure("attempts_of", outcome.attempts as f64, "attempts");
	if matches!(verdict, Verdict::EarnsNothing | Verdict::NotExcluded) {
		figure("taken_of", outcome.taken as f64, "statements");
		for (reason, count) in &outcome.reasons {
			figure(&format!("{}_of", snake_case(*reason)), *count as f64, "times");
		}
		figure("earnings_of", outcome.ratio_of_earnings(), "of an honest device");
		figure("units_of", outcome.ratio_of_units(), "of an honest device");
		figure("earnings_per_stake_of", milli(outcome.cheats_yield()), PER_STAKE);
		figure("collected_per_stake_by", milli(outcome.cheats_collected_yield()), PER_STAKE);
	}
	if verdict == Verdict::NotExcluded {
		let (profit, bound) = (outcome.cheats_profit(), outcome.cheats_profit_bound());
		figure("profit_of", profit, PER_YEAR);
		figure("profit_bound_of", bound, PER_YEAR);
		figure("share_of_profit_bound_of", 100.0 * profit / bound, "percent");
	}
	if matches!(verdict, Verdict::NotExcluded | Verdict::HarmsNoOne) {
		figure("loss_by", outcome.loss_percent(alone), "percent");
		figure("unit_loss_by", outcome.unit_loss_percent(alone), "percent");
		figure("worst_unit_loss_by", outcome.worst_unit_loss_percent(alone), "percent");
	}
}

/// Of devices that never beacon, how much they bring for nothing and what honest devices lose; of
/// those who bring the same as another collector, what that costs it, and what they get.
fn report_other(report: &mut Report, trial: &Trial, outcome: &Outcome, alone: &Outcome) {
	let name = &trial.name;
	let mut figure = |of: &str, value: f64, unit: &str| {
		report.figure(&format!("{of}_{name}"), value, unit);
	};
	if trial.dormant > 0 {
		figure("taken_of", outcome.taken as f64, "statements");
		figure("free_at_most_with", outcome.free_at_most() as f64, "statements about a beacon");
		figure("lane_taken_by", outcome.lane_percent, "percent");
	} else {
		figure("copied_first_in", outcome.copied as f64, "statements");
		figure("left_out_in", outcome.left_out as f64, "bundles");
		figure("paid_in", outcome.paid as f64, "bundles");
		figure("earned_by_others_in", outcome.collected_by_others as f64 / GRM as f64, "GRM");
		figure("collected_in", outcome.collected_percent(alone), "percent");
	}
	figure("loss_by", outcome.loss_percent(alone), "percent");
	figure("unit_loss_by", outcome.unit_loss_percent(alone), "percent");
	figure("worst_unit_loss_by", outcome.worst_unit_loss_percent(alone), "percent");
}

fn progress_bar(windows: u64) -> ProgressBar {
	let style = ProgressStyle::with_template("{msg:24} {wide_bar} {pos}/{len} windows {eta}")
		.unwrap_or_else(|_| ProgressStyle::default_bar());
	ProgressBar::new(windows).with_style(style)
}
