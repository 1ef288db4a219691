//! Short forms of the benchmark, and that the page is what the program writes.

use std::path::Path;

use groma_core::money::SUPPLY_MAX;

use super::{
	YEARS, outcomes, page, plot,
	scenarios::{Attack, SCENARIOS, is_halted},
	story::Outcome,
};

fn of(outcomes: &[Outcome], name: &str) -> usize {
	outcomes.iter().position(|it| it.scenario.name == name).expect("a scenario")
}

#[test]
fn page_and_plots_are_those_that_the_program_writes() {
	let outcomes = outcomes(YEARS).expect("all scenarios run");
	let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/economy");
	let written = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
	let advice = "run `scripts/bench outlook --write`";
	assert!(written("README.md") == page::render(&outcomes), "README.md is another: {advice}");
	for plot in plot::all(&outcomes) {
		let name = plot.file_name();
		assert!(written(&name) == plot.render(), "{name} is another: {advice}");
	}
}

#[test]
fn books_hold_and_no_one_gains_by_paying_itself() {
	let outcomes = outcomes(3).expect("all scenarios run");
	for outcome in &outcomes {
		let name = outcome.scenario.name;
		let checks = outcome.checks;
		assert!(checks.epochs > 1_000, "{name} has {} epochs", checks.epochs);
		assert_eq!(
			(checks.other_books, checks.above_schedule, checks.above_cap),
			(0, 0, 0),
			"{name}"
		);
		assert!(checks.most_at_once <= SUPPLY_MAX);
		// Kappa is 90 %, the yield at most 0.3 % of the stake per epoch.
		assert!(outcome.attack.returned() <= 0.9, "{name}: {:?}", outcome.attack);
		assert!(outcome.most_per_stake <= 0.003 + 1e-12, "{name}: {}", outcome.most_per_stake);
	}
	let selfish = &outcomes[of(&outcomes, "self-payers")];
	assert!(selfish.attack.burned > 0 && selfish.attack.profit_usd() < 0.0);
	let spikes = &outcomes[of(&outcomes, "spikes")];
	assert!(spikes.attack.burned > 0 && spikes.attack.paid * 10 <= spikes.attack.burned * 9);
	let fleet = &outcomes[of(&outcomes, "software-fleet")];
	assert!(fleet.attack.paid > 0 && fleet.attack.cost_usd == 0.0);
}

#[test]
fn every_scenario_has_a_name_of_its_own_and_something_happens_in_all() {
	let mut names: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
	names.sort_unstable();
	names.dedup();
	assert_eq!(names.len(), SCENARIOS.len());
	assert!(SCENARIOS.iter().filter(|scenario| scenario.attack != Attack::None).count() >= 4);
	let outcomes = outcomes(1).expect("all scenarios run");
	for outcome in &outcomes {
		let year = outcome.years.first().expect("a year passed");
		assert!(year.minted > 0 && year.burned > 0 && year.reminted > 0);
		assert!(year.reminted < year.burned);
		assert!(year.security.by_schedule > 0 && year.security.by_claims > 0);
		assert!(year.security.by_claims * 20 <= year.burned, "more than sigma of the burn");
		assert!(year.usd_per_gb() > 0.0 && (0.0..=1.0).contains(&year.share_of_demand()));
	}
}

#[test]
fn paths_are_level_beyond_their_points_and_straight_between_them() {
	let path = &SCENARIOS[of_name("crash")].price;
	assert_eq!((path.at(0.0), path.at(3.0), path.at(19.0)), (1.0, 1.0, 0.05));
	assert!((path.at(3.5) - 0.525).abs() < 1e-9);
	let halted = (0..YEARS * 365).filter(|day| is_halted(*day)).count();
	assert_eq!(halted, 3 * 14);
}

fn of_name(name: &str) -> usize {
	SCENARIOS.iter().position(|scenario| scenario.name == name).expect("a scenario")
}
