//! What one hand can take over by votes: for every public track the days and the GRM that it takes,
//! by the curves of the runtime.

mod attack;
mod cases;
mod page;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use anyhow::Context;
use groma_runtime::governance::tracks::ROOT;

use crate::report::Report;
use attack::{Attack, Power, powers};
use cases::{CONVICTION_TENTHS, OWN, TURNOUT};

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Write the table into this file.
	#[arg(
		long,
		value_name = "FILE",
		num_args = 0..=1,
		default_missing_value = concat!(
			env!("CARGO_MANIFEST_DIR"),
			"/../docs/governance/capture.md"
		),
	)]
	write: Option<PathBuf>,
}

/// Computes what it takes and reports it.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let powers = powers();
	let root = powers.iter().find(|power| power.id == ROOT).context("there is no root")?;
	figures(&powers, root, report)?;
	if let Some(file) = &arguments.write {
		write(&page::render(&powers), file)
			.with_context(|| format!("cannot write {}", file.display()))?;
	}
	Ok(())
}

fn figures(powers: &[Power], root: &Power, report: &mut Report) -> anyhow::Result<()> {
	let least = |turnout_percent, conviction_tenths| {
		let least = root.least_own(turnout_percent, conviction_tenths);
		least.map(|own| f64::from(own) / 10.0).context("no share is enough for root")
	};
	let days = attacks().into_iter().filter_map(|attack| root.days(attack));
	report.figure("tracks", powers.len() as f64, "");
	report.figure("least_days_to_root", days.fold(f64::INFINITY, f64::min), "days");
	report.figure("least_share_for_root", least(0, 10)?, "percent");
	report.figure("share_that_outvotes_all_at_6", least(100, 60)?, "percent");
	let majority = OWN.into_iter().filter(|own| *own > 500);
	let attacks = majority.flat_map(|own| {
		TURNOUT.map(|turnout_percent| Attack { own, turnout_percent, conviction_tenths: 10 })
	});
	let kept_out = attacks.filter(|attack| root.days(*attack).is_none()).count();
	report.figure("majorities_kept_from_root", kept_out as f64, "");
	Ok(())
}

/// Every attack of the table.
fn attacks() -> Vec<Attack> {
	let mut attacks = Vec::new();
	for own in OWN {
		for conviction_tenths in CONVICTION_TENTHS {
			attacks.extend(TURNOUT.map(|turnout_percent| Attack {
				own,
				turnout_percent,
				conviction_tenths,
			}));
		}
	}
	attacks
}

fn write(page: &str, file: &std::path::Path) -> anyhow::Result<()> {
	if let Some(folder) = file.parent() {
		std::fs::create_dir_all(folder)?;
	}
	std::fs::write(file, page)?;
	Ok(())
}
