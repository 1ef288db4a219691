//! The page with the tables: `docs/governance/capture.md`.

use std::fmt::Write;

use groma_core::money::GRM;
use groma_runtime::governance::votes::TURNOUT_MIN;

use super::{
	attack::{Attack, Power, WHOLE},
	cases::{CONVICTION_TENTHS, OWN, TURNOUT},
};

const INTRODUCTION: &str = "\
# What one hand can take over

`scripts/bench capture --write` wrote this page, from the tracks of the runtime.

One hand submits a proposal and votes for it with all that it has, in percent of what support counts
against: all GRM in the hands of accounts, or 50,000,000 GRM if that is more. Of all other GRM a
part, the *turnout*, votes against it at conviction 1. A GRM of the hand itself counts 0.1, 1 or 6
times. All votes are there when the decision begins; *never* says that the referendum is rejected.

- **51 % is root**, in days, even if all others vote against it at conviction 1, as long as the hand
  votes at 1 itself. What is left then is time to see it coming, and what code bounds until root
  replaces it.
- **A seventh is root** at conviction 6 against all others at 1, in weeks.
- Where few vote, less is enough: who does not vote can delegate.

";

/// The whole page.
pub(super) fn render(powers: &[Power]) -> String {
	let mut page = INTRODUCTION.to_owned();
	page.push_str("## Days\n\nFrom the submission to the call, by what the hand has.\n");
	for (names, table) in grouped(powers, days) {
		let _ = write!(page, "\n### {names}\n\n{}{table}", heading("has"));
	}
	page.push_str(
		"\n## GRM\n\nThe least with which a hand gets there at all, in millions of GRM of \
		 50,000,000.\nThe decision deposit is extra, and comes back.\n\n",
	);
	page.push_str(&heading("track | deposit, GRM").replacen("|--:|", "|---|--:|", 1));
	for power in powers {
		let deposit = power.deposit() / GRM;
		let _ = writeln!(page, "| `{}` | {deposit} |{}", power.name, least(power));
	}
	page
}

/// The head of a table, with a column per conviction and turnout.
fn heading(first: &str) -> String {
	let columns = columns().map(|(conviction_tenths, turnout)| {
		format!(" {}x, {turnout} % |", tenths(conviction_tenths))
	});
	let columns: Vec<_> = columns.collect();
	let rule = "--:|".repeat(columns.len());
	format!("| {first} |{}\n|--:|{rule}\n", columns.concat())
}

/// Convictions in tenths, each with every turnout.
fn columns() -> impl Iterator<Item = (u32, u32)> {
	CONVICTION_TENTHS.into_iter().flat_map(|tenths| TURNOUT.map(|turnout| (tenths, turnout)))
}

fn tenths(number: u32) -> String {
	if number.is_multiple_of(10) { (number / 10).to_string() } else { format!("0.{number}") }
}

/// The tables of all tracks; tracks in a row with the same table are one.
fn grouped(powers: &[Power], table: impl Fn(&Power) -> String) -> Vec<(String, String)> {
	let mut groups: Vec<(String, String)> = Vec::new();
	for power in powers {
		let table = table(power);
		match groups.last_mut() {
			Some((names, last)) if *last == table => {
				let _ = write!(names, ", {}", power.name);
			}
			_ => groups.push((power.name.clone(), table)),
		}
	}
	groups
}

/// The rows of a track: one for each share.
fn days(power: &Power) -> String {
	let mut rows = String::new();
	for own in OWN {
		let cells = columns().map(|(conviction_tenths, turnout_percent)| {
			match power.days(Attack { own, turnout_percent, conviction_tenths }) {
				Some(days) => format!(" {days:.1} |"),
				None => " never |".to_owned(),
			}
		});
		let _ = writeln!(rows, "| {} % |{}", own / 10, cells.collect::<String>());
	}
	rows
}

/// The cells of a track: the least that gets there.
fn least(power: &Power) -> String {
	let millions = |own: u32| {
		let plancks = TURNOUT_MIN / u128::from(WHOLE) * u128::from(own);
		plancks as f64 / GRM as f64 / 1e6
	};
	let cells = columns().map(|(conviction_tenths, turnout)| {
		match power.least_own(turnout, conviction_tenths) {
			Some(own) => format!(" {:.2} |", millions(own)),
			None => " never |".to_owned(),
		}
	});
	cells.collect()
}
