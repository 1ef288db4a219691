//! The live view: one screen of progress on a terminal, plain lines elsewhere.

use std::io::{IsTerminal, stderr};

use groma_client::amount::Amount;
use groma_core::units;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::{output::Output, status::Status, summary};

/// Where progress is shown.
pub(crate) enum Screen {
	/// As lines that change in place.
	Terminal {
		/// All of them.
		all: MultiProgress,
		/// One after the other.
		lines: Vec<ProgressBar>,
	},
	/// As one line per window.
	Lines {
		/// The last window that was shown.
		shown: Option<u32>,
		/// Where lines go.
		output: Output,
	},
}

impl Screen {
	/// A screen that suits the standard error output.
	pub(crate) fn new(output: Output) -> Self {
		if !stderr().is_terminal() {
			return Self::Lines { shown: None, output };
		}
		let all = MultiProgress::new();
		let style = ProgressStyle::with_template("{msg}")
			.unwrap_or_else(|_| ProgressStyle::default_spinner());
		let lines = LABELS
			.iter()
			.map(|_| all.add(ProgressBar::new_spinner().with_style(style.clone())))
			.collect();
		Self::Terminal { all, lines }
	}

	/// Shows how things stand.
	pub(crate) fn show(&mut self, status: &Status) {
		match self {
			Self::Terminal { lines, .. } => {
				for ((line, label), text) in lines.iter().zip(LABELS).zip(texts(status)) {
					line.set_message(format!("{label:<11}{text}"));
					line.tick();
				}
			}
			Self::Lines { shown, output } if *shown != Some(status.window.index) => {
				*shown = Some(status.window.index);
				output.say(&line(status));
			}
			Self::Lines { .. } => {}
		}
	}

	/// Shows a line that stays.
	pub(crate) fn note(&self, text: &str) {
		match self {
			// A terminal that can't be written to shows nothing else either.
			Self::Terminal { all, .. } => drop(all.println(text)),
			Self::Lines { output, .. } => output.say(text),
		}
	}

	/// Leaves the terminal to others; what was shown last stays.
	pub(crate) fn close(&self) {
		if let Self::Terminal { lines, .. } = self {
			lines.iter().for_each(ProgressBar::abandon);
		}
	}
}

const LABELS: [&str; 9] =
	["chain", "price", "air", "statements", "challenges", "zeros", "rewards", "demand", "books"];

/// What is shown behind each label.
fn texts(status: &Status) -> [String; 9] {
	let chronicle = &status.chronicle;
	let statements = chronicle.statements;
	[
		format!("{}, {}", window(status), epoch(status)),
		summary::price(status.price.as_ref()),
		format!("{} beacons radiated, {} receptions", status.air.radiated, status.air.heard),
		format!(
			"{} on chain, {} rejected, {} with a bad signature; refused before inclusion: {}",
			statements.taken,
			statements.refused,
			statements.bad,
			summary::listed(&status.refusals, 3)
		),
		format!("{} revealed and settled", chronicle.reveals.taken),
		summary::listed(&summary::reasons(status), 4),
		rewards(status),
		summary::demand(&status.market),
		summary::books(status),
	]
}

/// Everything in one line.
fn line(status: &Status) -> String {
	let [chain, price, air, statements, challenges, zeros, rewards, demand, books] = texts(status);
	format!(
		"{chain}; price: {price}; {air}; statements: {statements}; challenges: {challenges}; earned nothing: {zeros}; \
		 {rewards}; demand: {demand}; {books}"
	)
}

fn window(status: &Status) -> String {
	let window = &status.window;
	format!(
		"best #{}, finalized #{}, window {} from #{} on",
		status.best, status.finalized.number, window.index, window.first_block
	)
}

fn epoch(status: &Status) -> String {
	match &status.epoch {
		Some(epoch) => {
			format!("epoch {} of {} s", epoch.current, epoch.duration_ms / 1_000)
		}
		None => "no epoch yet".to_owned(),
	}
}

fn rewards(status: &Status) -> String {
	let standings = status.census.0.iter().flatten();
	let units: u64 = standings.map(|standing| standing.open_units.0).sum();
	format!(
		"{} epochs closed, {:.3} units open, {} owed, {} claimed",
		status.chronicle.epochs.len(),
		units as f64 / units::ONE as f64,
		Amount(status.census.owed_total()),
		Amount(status.claimed_total())
	)
}
