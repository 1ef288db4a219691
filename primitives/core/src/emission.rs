//! The emission schedule: a function of time since genesis, halving every 730 days by shift.

use crate::money::{Balance, EMISSION_TOTAL};

/// Milliseconds of a day.
pub const DAY_MS: u64 = 86_400_000;
/// Milliseconds between two halvings.
pub const HALVING_MS: u64 = 730 * DAY_MS;

/// Everything that the schedule has emitted `elapsed_ms` after genesis, in plancks, rounded down: in the
/// first period at `EMISSION_TOTAL / 1460` a day, in each further one at half the rate before.
pub fn cumulative(elapsed_ms: u64) -> Balance {
	let halvings = elapsed_ms / HALVING_MS;
	if halvings >= 128 {
		return emitted_by_whole_periods(128);
	}
	let period = (EMISSION_TOTAL / 2) >> halvings;
	let within = u128::from(elapsed_ms % HALVING_MS);
	emitted_by_whole_periods(halvings) + period * within / u128::from(HALVING_MS)
}

/// What is emitted from `from_ms` to `until_ms` after genesis. Adjacent spans sum to their union.
pub fn between(from_ms: u64, until_ms: u64) -> Balance {
	cumulative(until_ms).saturating_sub(cumulative(from_ms))
}

fn emitted_by_whole_periods(halvings: u64) -> Balance {
	(0..halvings.min(128)).map(|n| (EMISSION_TOTAL / 2) >> n).sum()
}
