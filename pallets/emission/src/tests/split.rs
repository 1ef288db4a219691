//! The division into pools.

use codec::{Decode, Encode};
use groma_core::{
	emission::{self, DAY_MS, HALVING_MS},
	money::{Balance, GRM},
	units::Scale,
};
use groma_traits::Pools;
use proptest::prelude::*;

use crate::{EmissionSplit, Shares};

#[test]
fn split_is_refused_when_it_does_not_sum_to_the_whole() {
	let mut shares = EmissionSplit::default().shares();
	assert!(EmissionSplit::decode(&mut &shares.encode()[..]).is_ok());
	shares.supply = Scale::from_billionths(499_999_999);
	assert_eq!(EmissionSplit::new(shares), None);
	assert!(EmissionSplit::decode(&mut &shares.encode()[..]).is_err());
	let json = serde_json::to_string(&shares).expect("shares are serializable");
	assert!(serde_json::from_str::<EmissionSplit>(&json).is_err());
}

/// What the day that begins after this many days emits, divided.
fn pools_of(day: u64) -> Pools {
	EmissionSplit::default().divide(emission::between(day * DAY_MS, (day + 1) * DAY_MS))
}

#[test]
fn pools_of_the_first_day() {
	let pools = pools_of(0);
	assert_eq!(pools.supply, 136_986_301_369_863_013);
	assert_eq!(pools.validators, 82_191_780_821_917_808);
	assert_eq!(pools.treasury, 43_835_616_438_356_164);
	assert_eq!(pools.collectors, 10_958_904_109_589_041);
}

/// Everything that a schedule of 800,000,000 GRM has emitted by then, halving every 730 days.
fn emitted_of_800_million(elapsed_ms: u64) -> Balance {
	let halvings = elapsed_ms / HALVING_MS;
	let rate = |period: u64| (400_000_000 * GRM) >> period;
	let within = u128::from(elapsed_ms % HALVING_MS);
	(0..halvings).map(rate).sum::<Balance>() + rate(halvings) * within / u128::from(HALVING_MS)
}

/// Half of the schedule with twice the share is the same GRM per day for every pool that pays.
#[test]
fn pools_get_as_much_per_day_as_from_800_million_with_half_for_demand() {
	for day in [0, 1, 100, 364, 365, 729, 730, 731, 1_459, 1_460, 3_650, 7_300] {
		let [before, after] = [day, day + 1].map(|day| emitted_of_800_million(day * DAY_MS));
		let pools = pools_of(day);
		for (pool, percent) in
			[(pools.validators, 15), (pools.treasury, 8), (pools.collectors, 2), (pools.supply, 25)]
		{
			let rounding = pool.abs_diff(Scale::from_percent(percent).of(after - before));
			assert!(rounding <= 2, "day {day}: {rounding} plancks of {percent} %");
		}
	}
}

proptest! {
	#[test]
	fn pools_never_exceed_the_emission(
		emission: u128,
		mut cuts in proptest::array::uniform3(0u32..=1_000_000_000),
	) {
		cuts.sort_unstable();
		let [a, b, c] = cuts;
		let split = EmissionSplit::new(Shares {
			supply: Scale::from_billionths(a),
			validators: Scale::from_billionths(b - a),
			treasury: Scale::from_billionths(c - b),
			collectors: Scale::from_billionths(1_000_000_000 - c),
		})
		.expect("the shares sum to the whole");
		let pools = split.divide(emission);
		let sum = [pools.supply, pools.validators, pools.treasury, pools.collectors]
			.into_iter()
			.try_fold(0u128, u128::checked_add)
			.expect("the sum is at most the emission");
		prop_assert!(sum <= emission && emission - sum < 4);
	}
}
