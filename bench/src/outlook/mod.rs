//! What twenty years come to: growth, crashes, spikes, too many gateways, and those who want to
//! earn without serving anyone, over the pallets that emit, sell credits, pay for services and
//! reward work. Prices, customers and gateways are assumptions; every amount follows from the
//! pallets.

mod page;
mod plot;
mod scenarios;
mod story;
#[cfg(test)]
mod tests;
mod world;

use std::{path::PathBuf, thread};

use anyhow::{Context, anyhow};

use crate::report::Report;
use scenarios::{SCENARIOS, Scenario};
use story::Outcome;

/// Years of a scenario.
const YEARS: u32 = 20;

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Write table and plots into this folder.
	#[arg(
		long,
		value_name = "FOLDER",
		num_args = 0..=1,
		default_missing_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/economy"),
	)]
	write: Option<PathBuf>,
}

/// Plays all scenarios and reports what came of them.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let outcomes = outcomes(YEARS)?;
	figures(&outcomes, report);
	if let Some(folder) = &arguments.write {
		write(&outcomes, folder).with_context(|| format!("cannot write {}", folder.display()))?;
	}
	Ok(())
}

/// What came of each scenario after so many years.
fn outcomes(years: u32) -> anyhow::Result<Vec<Outcome>> {
	thread::scope(|scope| {
		let threads: Vec<_> =
			SCENARIOS.iter().map(|scenario| scope.spawn(move || play(scenario, years))).collect();
		threads
			.into_iter()
			.map(|thread| thread.join().map_err(|_| anyhow!("a scenario broke off")))
			.collect()
	})
}

fn play(scenario: &'static Scenario, years: u32) -> Outcome {
	world::new().execute_with(|| story::play(scenario, years))
}

fn figures(outcomes: &[Outcome], report: &mut Report) {
	let sum = |of: fn(&Outcome) -> u32| outcomes.iter().map(|it| f64::from(of(it))).sum::<f64>();
	let most = |of: fn(&Outcome) -> f64| outcomes.iter().map(of).fold(0.0, f64::max);
	report.figure("scenarios", outcomes.len() as f64, "");
	report.figure("epochs", sum(|it| it.checks.epochs), "");
	report.figure("epochs_with_other_books", sum(|it| it.checks.other_books), "");
	report.figure("epochs_above_schedule", sum(|it| it.checks.above_schedule), "");
	report.figure("epochs_above_cap", sum(|it| it.checks.above_cap), "");
	report.figure("days_without_credits", sum(|it| it.days_without_credits), "");
	report.figure("most_grm_at_once", most(|it| story::grm(it.checks.most_at_once)), "GRM");
	report.figure(
		"most_of_the_burn_that_came_back",
		100.0 * most(|it| it.attack.returned()),
		"percent",
	);
	report.figure("most_per_stake", 1_000.0 * most(|it| it.most_per_stake), "thousandths");
}

fn write(outcomes: &[Outcome], folder: &std::path::Path) -> anyhow::Result<()> {
	std::fs::create_dir_all(folder)?;
	std::fs::write(folder.join("README.md"), page::render(outcomes))?;
	for plot in plot::all(outcomes) {
		std::fs::write(folder.join(plot.file_name()), plot.render())?;
	}
	Ok(())
}
