//! Whether honest validators sign anything twice when they are killed: four real nodes, of which
//! one is killed at random moments, and in the end all at once.

use groma_tests::{
	killing::Moments,
	validators::{Times, Validators},
};
use indicatif::ProgressBar;

use crate::{interruptible, report::Report};

/// A session lasts 40 s, an era two of them: both begin many times.
const TIMES: Times = Times { slot_ms: 2_000, session_slots: 20, era_sessions: 2 };
/// Blocks for which to wait after all were killed.
const BLOCKS_AFTER: u64 = 5;

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// How often one of the four is killed.
	#[arg(long, default_value_t = 200, value_name = "N")]
	kills: u32,
	/// Which random moments.
	#[arg(long, default_value_t = 1, value_name = "N")]
	seed: u64,
}

/// What came of it.
struct Outcome {
	/// How often one of the four was killed, and voted again.
	kills: u64,
	/// The most rounds in which a validator did not vote, once it had a peer again.
	rounds_silent: u64,
	/// Lines of logs that name two votes of a round, or two blocks of a slot.
	equivocations: usize,
	/// Blocks that were finalized after all four were killed.
	blocks_after: u64,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let outcome = interruptible::run(kill(arguments))?;
	report.figure("kills", outcome.kills as f64, "");
	report.figure("rounds_silent", outcome.rounds_silent as f64, "");
	report.figure("equivocations", outcome.equivocations as f64, "");
	report.figure("blocks_after_all_were_killed", outcome.blocks_after as f64, "");
	Ok(())
}

async fn kill(arguments: &Arguments) -> anyhow::Result<Outcome> {
	let mut network = Validators::start(&TIMES, 4).await?;
	network.nodes[0].wait_for_finalized(3, TIMES.sessions(2)).await?;
	let mut moments = Moments::new(arguments.seed);
	let progress = ProgressBar::new(arguments.kills.into());
	let (mut kills, mut rounds_silent) = (0, 0);
	for _ in 0..arguments.kills {
		rounds_silent = rounds_silent.max(network.kill_one(&mut moments).await?);
		kills += 1;
		progress.inc(1);
	}
	progress.finish_and_clear();
	let blocks_after = network.kill_all(BLOCKS_AFTER).await?;
	let said = network.equivocations().await?;
	said.iter().for_each(|line| eprintln!("{line}"));
	Ok(Outcome { kills, rounds_silent, equivocations: said.len(), blocks_after })
}
