//! What those who founded a chain compare with each other.

use std::fmt::Write;

use groma_runtime::governance::ranks::{FELLOWS_MIN, RANK_TO_VOTE};

use super::{
	fault::{SUPPLY_GRM, grouped},
	input::Input,
	votes,
};

/// The figures of a founded chain, in lines.
pub(super) fn figures(input: &Input) -> String {
	let given = votes::given(&input.allocations);
	let all = votes::all_at_genesis(&input.allocations);
	let most = input.allocations.iter().map(votes::at_genesis).max().unwrap_or_default();
	let later = input.allocations.iter().map(|it| it.grm).max().unwrap_or_default();
	let treasury = SUPPLY_GRM.saturating_sub(given);
	let mut text = String::new();
	let mut line = |name: &str, value: String| {
		// Writing to a string never fails.
		let _ = writeln!(text, "{name:<21}{value}");
	};
	line("validators", input.validators.len().to_string());
	line("allocations", format!("{} with {} GRM", input.allocations.len(), grouped(given)));
	line("treasury", format!("{} GRM", grouped(treasury)));
	line("can vote", format!("{} GRM, the largest account {}", grouped(all), share(most, all)));
	line("when all has vested", format!("the largest account {}", share(later, given)));
	line("fellowship", fellowship(input));
	text
}

fn share(part: u128, whole: u128) -> String {
	let permille = votes::permille(part, whole);
	format!("{}.{} %", permille / 10, permille % 10)
}

fn fellowship(input: &Input) -> String {
	let voters = input.fellows.iter().filter(|it| it.rank >= RANK_TO_VOTE).count();
	let can = match voters < FELLOWS_MIN as usize {
		true => format!("; it whitelists nothing with fewer than {FELLOWS_MIN}"),
		false => String::new(),
	};
	format!("{} members, {voters} of a rank that votes{can}", input.fellows.len())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::founding::fixture::input;

	#[test]
	fn figures_are_those_of_the_input() {
		let mut input = input();
		let text = figures(&input);
		for line in [
			"validators           4\n",
			"allocations          8 with 38,000,000 GRM\n",
			"treasury             162,000,000 GRM\n",
			"can vote             32,000,000 GRM, the largest account 12.5 %\n",
			"when all has vested  the largest account 26.3 %\n",
			"fellowship           3 members, 3 of a rank that votes\n",
		] {
			assert!(text.contains(line), "{line}: {text}");
		}
		input.fellows.pop();
		assert!(figures(&input).contains("2 of a rank that votes; it whitelists nothing"));
	}
}
