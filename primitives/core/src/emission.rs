//! The emission schedule: a function of time since genesis, halving every 730 days by shift.

use crate::{
	EpochIndex,
	money::{Balance, EMISSION_TOTAL},
};

/// Milliseconds of a day.
pub const DAY_MS: u64 = 86_400_000;
/// Milliseconds between two halvings.
pub const HALVING_MS: u64 = 730 * DAY_MS;

/// Everything that the schedule has emitted `elapsed_ms` after genesis, in plancks, rounded down:
/// in the first period at `EMISSION_TOTAL / 1460` a day, in each further one at half the rate
/// before.
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

/// When an epoch begins, in ms since the Unix epoch.
pub fn began_ms(epoch: EpochIndex, epoch_length_ms: u64) -> u64 {
	u64::from(epoch).saturating_mul(epoch_length_ms)
}

/// Milliseconds from the first timestamp of the chain to the start of `epoch`; 0 for the epoch of
/// that timestamp, which it cuts short.
pub fn elapsed_ms_before(epoch: EpochIndex, epoch_length_ms: u64, chain_began_ms: u64) -> u64 {
	began_ms(epoch, epoch_length_ms).saturating_sub(chain_began_ms)
}

fn emitted_by_whole_periods(halvings: u64) -> Balance {
	(0..halvings.min(128)).map(|n| (EMISSION_TOTAL / 2) >> n).sum()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::money::GRM;
	use proptest::prelude::*;

	#[test]
	fn first_day_emits_one_1460th_of_the_whole() {
		assert_eq!(cumulative(DAY_MS), 400_000_000 * GRM / 1_460);
	}

	#[test]
	fn each_period_emits_half_of_the_one_before() {
		for period in 0..20u64 {
			let emitted = between(period * HALVING_MS, (period + 1) * HALVING_MS);
			assert_eq!(emitted, (EMISSION_TOTAL / 2) >> period);
		}
	}

	#[test]
	fn schedule_ends_below_the_total_by_the_bits_that_shifts_drop() {
		let end = cumulative(u64::MAX);
		assert_eq!(end, cumulative(128 * HALVING_MS));
		assert!(end < EMISSION_TOTAL && EMISSION_TOTAL - end < 128);
	}

	proptest! {
		#[test]
		fn adjacent_spans_sum_to_their_union(mut moments in proptest::array::uniform3(0u64..200 * HALVING_MS)) {
			moments.sort_unstable();
			let [a, b, c] = moments;
			prop_assert_eq!(between(a, b) + between(b, c), between(a, c));
		}

		#[test]
		fn emission_never_runs_backwards_or_over(a: u64, b: u64) {
			let (early, late) = (a.min(b), a.max(b));
			prop_assert!(cumulative(early) <= cumulative(late));
			prop_assert!(cumulative(late) <= EMISSION_TOTAL);
			prop_assert_eq!(between(late, early), 0, "a span that ends before it begins is empty");
		}

		#[test]
		fn rate_never_rises(start in 0u64..20 * HALVING_MS, span in 1u64..100 * DAY_MS) {
			// Rounding down may shift one planck from a span to the next.
			let first = between(start, start + span);
			prop_assert!(between(start + span, start + 2 * span) <= first + 1);
		}
	}
}
