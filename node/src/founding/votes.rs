//! How many GRM can vote: those of allocations that are free, or have vested. What has not vested,
//! and what the treasury has, does not vote.

use super::input::Allocation;

/// GRM with which an allocation votes at genesis.
pub(super) fn at_genesis(allocation: &Allocation) -> u128 {
	after(allocation, 0)
}

/// GRM with which an allocation votes after a number of days, rounded down.
pub(super) fn after(allocation: &Allocation, days: u32) -> u128 {
	let Some(vesting) = allocation.vesting else { return allocation.grm };
	let free = vesting.free_grm.min(allocation.grm);
	let passed = days.saturating_sub(vesting.starts_after_days).min(vesting.lasts_days);
	let vests = allocation.grm.saturating_sub(free);
	let vested = vests.saturating_mul(passed.into()).checked_div(vesting.lasts_days.into());
	free.saturating_add(vested.unwrap_or_default())
}

/// GRM of all allocations.
pub(super) fn given(allocations: &[Allocation]) -> u128 {
	sum(allocations.iter().map(|allocation| allocation.grm))
}

/// GRM with which all allocations vote at genesis.
pub(super) fn all_at_genesis(allocations: &[Allocation]) -> u128 {
	all_after(allocations, 0)
}

/// GRM with which all allocations vote after a number of days.
pub(super) fn all_after(allocations: &[Allocation], days: u32) -> u128 {
	sum(allocations.iter().map(|allocation| after(allocation, days)))
}

/// A part of a whole in tenths of a percent, rounded down; 0 of nothing.
pub(super) fn permille(part: u128, whole: u128) -> u128 {
	part.saturating_mul(1_000).checked_div(whole).unwrap_or_default()
}

fn sum(amounts: impl Iterator<Item = u128>) -> u128 {
	amounts.fold(0, u128::saturating_add)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::founding::fixture::input;

	#[test]
	fn what_vests_votes_by_what_is_free_of_it() {
		let allocations = input().allocations;
		assert_eq!(at_genesis(&allocations[0]), 4_000_000);
		assert_eq!((allocations[7].grm, at_genesis(&allocations[7])), (10_000_000, 4_000_000));
		assert_eq!(given(&allocations), 38_000_000);
		assert_eq!(all_at_genesis(&allocations), 32_000_000);
	}

	#[test]
	fn what_vested_votes() {
		// Of 10,000,000 GRM 4,000,000 are free, and the rest vests in 700 days from day 30 on.
		let of_days = |days| after(&input().allocations[7], days);
		assert_eq!((of_days(30), of_days(37), of_days(380)), (4_000_000, 4_060_000, 7_000_000));
		assert_eq!((of_days(730), of_days(u32::MAX)), (10_000_000, 10_000_000));
		assert_eq!(all_after(&input().allocations, 380), 35_000_000);
	}

	#[test]
	fn share_is_rounded_down_and_none_of_nothing() {
		assert_eq!((permille(1, 7), permille(7, 7), permille(1, 0)), (142, 1_000, 0));
	}
}
