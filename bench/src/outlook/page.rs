//! The page with the table: `docs/economy/README.md`.

use std::fmt::Write;

use groma_core::money::SUPPLY_MAX;

use super::{
	plot,
	scenarios::{
		Attack, DAYS_PER_MINT, GATEWAYS_PER_DEVICE, HARDWARE_USD, LONG_HALTS, NOISE, RUNNING_USD,
		UNITS_PER_DAY,
	},
	story::{Outcome, PAYBACK_YEARS, Year, grm},
	world,
};

/// The years that the table shows, from 1.
const SHOWN: [usize; 6] = [1, 2, 4, 6, 10, 20];
const MILLION: f64 = 1e6;
/// The width of the page's text.
const COLUMNS: usize = 100;

/// The whole page.
pub(crate) fn render(outcomes: &[Outcome]) -> String {
	let mut page = String::new();
	page.push_str(&introduction());
	page.push_str(&plots(outcomes));
	page.push_str("\n## By scenario\n\n");
	page.push_str(&wrap(COLUMNS_EXPLAINED));
	outcomes.iter().for_each(|outcome| page.push_str(&scenario(outcome)));
	page.push_str(&payback(outcomes));
	page.push_str(&attacks(outcomes));
	page.push_str(&checks(outcomes));
	page
}

fn introduction() -> String {
	let (years, from, days) = LONG_HALTS;
	let years = years.map(|year| (year + 1).to_string()).join(", ");
	let noise = NOISE * 100.0;
	let stake = grm(world::stake_per_device()) / f64::from(GATEWAYS_PER_DEVICE);
	[
		"# Twenty years\n\n".to_owned(),
		wrap(
			"`scripts/bench outlook --write` wrote this page; [economy.md](../economy.md) has the \
			 formulas. Scenarios are played day by day over the pallets that emit, sell credits, \
			 pay for services and reward work. The price of GRM, the number of gateways and what \
			 customers buy are assumptions, and no forecast; every amount of GRM follows from the \
			 pallets.",
		),
		"\nAssumed everywhere:\n\n".to_owned(),
		wrap(&format!(
			"- One device of the model stands for {GATEWAYS_PER_DEVICE} gateways, with their stake \
			 of {stake} GRM each."
		)),
		wrap(&format!(
			"- A gateway proves {UNITS_PER_DAY} units of work a day. It costs USD {HARDWARE_USD}, \
			 and USD {RUNNING_USD} a day to run."
		)),
		wrap(&format!(
			"- A credit pays for 24 bytes. Customers buy credits for {DAYS_PER_MINT} days at a \
			 time, and gateways claim daily what they sold the day before."
		)),
		wrap(&format!("- The price strays from its path by up to {noise} %, four times a day.")),
		wrap("- Collectors and validators are paid all of their pools, as if all of them worked."),
		wrap(&format!(
			"- Each year the chain halts for six hours, and for {days} days from day {from} of the \
			 years {years}."
		)),
	]
	.concat()
}

/// A paragraph or an item of a list, in lines of at most 100 columns.
fn wrap(text: &str) -> String {
	let indent = if text.starts_with("- ") { "  " } else { "" };
	let (mut wrapped, mut columns) = (String::new(), 0);
	for word in text.split_whitespace() {
		let length = word.chars().count();
		if columns > 0 && columns + 1 + length > COLUMNS {
			wrapped.push('\n');
			wrapped.push_str(indent);
			columns = indent.len();
		} else if columns > 0 {
			wrapped.push(' ');
			columns += 1;
		}
		wrapped.push_str(word);
		columns += length;
	}
	wrapped.push('\n');
	wrapped
}

fn plots(outcomes: &[Outcome]) -> String {
	let mut text = String::from("\n## Plots\n");
	for plot in plot::all(outcomes) {
		let _ = write!(text, "\n![{}]({})\n", plot.title, plot.file_name());
	}
	text
}

const COLUMNS_EXPLAINED: &str = "\
	`exists` is all GRM at the end of the year, in millions; `minted` by the schedule, `burned` and \
	`reminted` (what claims brought back) are those of the year, in millions. `USD/GB` is what \
	owners were paid per GB, `demand` the part of their pay that customers paid, `USD/day` the pay \
	of a gateway in a day. `validators` is what they were paid in the year, in millions, and `by \
	use` the part of that which comes from what customers burned.";

fn scenario(outcome: &Outcome) -> String {
	let mut text = format!("\n### {}\n\n{}\n", outcome.scenario.name, wrap(outcome.scenario.story));
	text.push_str(
		"| year | USD/GRM | gateways | exists | minted | burned | reminted | USD/GB | demand | \
		 USD/day | validators | by use |\n\
		 |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
	);
	for number in SHOWN {
		if let Some(year) = outcome.years.get(number - 1) {
			text.push_str(&row(number, year));
		}
	}
	text
}

fn row(number: usize, year: &Year) -> String {
	let millions = |plancks| grm(plancks) / MILLION;
	format!(
		"| {number} | {:.2} | {} | {:.2} | {:.3} | {:.3} | {:.3} | {:.0} | {:.0} % | {:.3} | {:.3} \
		 | {:.0} % |\n",
		year.price_usd,
		year.gateways,
		millions(year.supply.issuance),
		millions(year.minted),
		millions(year.burned),
		millions(year.reminted),
		year.usd_per_gb(),
		100.0 * year.share_of_demand(),
		year.usd_per_gateway_day(),
		millions(year.security.total()),
		100.0 * year.security_by_claims(),
	)
}

fn payback(outcomes: &[Outcome]) -> String {
	let years = PAYBACK_YEARS.map(|year| format!(" year {year} |")).concat();
	let mut text = format!(
		"\n## Payback\n\nDays until a gateway that begins in a year has earned what it cost.\n\n\
		 | begins in |{years}\n|---|{}\n",
		"--:|".repeat(PAYBACK_YEARS.len())
	);
	for outcome in outcomes {
		let days = outcome.payback_days.map(|days| match days {
			Some(days) => format!(" {days} |"),
			None => " never |".to_owned(),
		});
		let _ = writeln!(text, "| {} |{}", outcome.scenario.name, days.concat());
	}
	text
}

fn attacks(outcomes: &[Outcome]) -> String {
	let mut text = String::from("\n## Attackers\n\n");
	text.push_str(&wrap(
		"In millions of GRM and of USD, after all years. `back` is what came back of what was \
		 burned. In `profit` what was burned, hardware and running it are taken off, at the price \
		 of the day. The stake returns, and is no cost; `yield` is the profit per year as a share \
		 of the stake, at the mean price of the last year.",
	));
	text.push_str(
		"\n| scenario | attacker | burned | paid | back | stake | profit | yield |\n\
		 |---|---|--:|--:|--:|--:|--:|--:|\n",
	);
	for outcome in outcomes {
		let name = match outcome.scenario.attack {
			Attack::None => continue,
			Attack::PaysItself { .. } => "pays itself",
			Attack::BuysInSpikes { .. } => "buys in spikes, pays itself",
			Attack::IdleFleet { .. } => "hardware without customers",
			Attack::SoftwareFleet { .. } => "programs with stake",
		};
		let gains = &outcome.attack;
		let profit = gains.profit_usd();
		let price = outcome.years.last().map_or(0.0, |year| year.price_usd);
		let stake_usd = grm(gains.stake) * price * outcome.years.len() as f64;
		let share = |is_there: bool, share: f64| match is_there {
			true => format!("{:.1} %", 100.0 * share),
			false => "-".to_owned(),
		};
		let _ = writeln!(
			text,
			"| {} | {name} | {:.3} | {:.3} | {} | {:.1} | {:.3} | {} |",
			outcome.scenario.name,
			grm(gains.burned) / MILLION,
			grm(gains.paid) / MILLION,
			share(gains.burned > 0, gains.returned()),
			grm(gains.stake) / MILLION,
			profit / MILLION,
			share(gains.stake > 0, profit / stake_usd.max(f64::MIN_POSITIVE)),
		);
	}
	text
}

fn checks(outcomes: &[Outcome]) -> String {
	let sum = |of: fn(&Outcome) -> u32| outcomes.iter().map(of).sum::<u32>();
	let most = outcomes.iter().map(|it| it.checks.most_at_once).max().unwrap_or_default();
	let epochs = sum(|it| it.checks.epochs);
	let text = wrap(&format!(
		"The books were checked after each of {epochs} epochs, and all invariants of the pallets \
		 after every year."
	));
	format!(
		"\n## Checks\n\n{text}\n\
		 - epochs after which the books did not tell where every planck is: {}\n\
		 - epochs after which more was minted than the schedule had emitted: {}\n\
		 - epochs after which more than {} million GRM existed: {}\n\
		 - the most that existed at once, in millions of GRM: {:.3}\n\
		 - days on which customers could not buy credits: {}\n",
		sum(|it| it.checks.other_books),
		sum(|it| it.checks.above_schedule),
		grm(SUPPLY_MAX) / MILLION,
		sum(|it| it.checks.above_cap),
		grm(most) / MILLION,
		sum(|it| it.days_without_credits),
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn text_is_wrapped_at_a_hundred_columns_and_items_are_indented() {
		let text = format!("- {}", "word ".repeat(50));
		let wrapped = wrap(&text);
		assert!(wrapped.lines().all(|line| line.len() <= COLUMNS));
		assert!(wrapped.lines().skip(1).all(|line| line.starts_with("  word")));
		assert_eq!(wrapped.split_whitespace().count(), 51);
	}
}
