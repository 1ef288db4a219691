//! The division into pools.

use codec::{Decode, Encode};
use groma_core::units::Scale;
use proptest::prelude::*;

use crate::{EmissionSplit, Shares};

#[test]
fn split_is_refused_when_it_does_not_sum_to_the_whole() {
	let mut shares = EmissionSplit::default().shares();
	assert!(EmissionSplit::decode(&mut &shares.encode()[..]).is_ok());
	shares.demand = Scale::from_billionths(499_999_999);
	assert_eq!(EmissionSplit::new(shares), None);
	assert!(EmissionSplit::decode(&mut &shares.encode()[..]).is_err());
	let json = serde_json::to_string(&shares).expect("shares are serializable");
	assert!(serde_json::from_str::<EmissionSplit>(&json).is_err());
}

proptest! {
	#[test]
	fn pools_never_exceed_the_emission(
		emission: u128,
		mut cuts in proptest::array::uniform4(0u32..=1_000_000_000),
	) {
		cuts.sort_unstable();
		let [a, b, c, d] = cuts;
		let split = EmissionSplit::new(Shares {
			validators: Scale::from_billionths(a),
			treasury: Scale::from_billionths(b - a),
			collectors: Scale::from_billionths(c - b),
			supply: Scale::from_billionths(d - c),
			demand: Scale::from_billionths(1_000_000_000 - d),
		})
		.expect("the shares sum to the whole");
		let pools = split.divide(emission);
		let sum = [pools.validators, pools.treasury, pools.collectors, pools.supply, pools.demand]
			.into_iter()
			.try_fold(0u128, u128::checked_add)
			.expect("the sum is at most the emission");
		prop_assert!(sum <= emission && emission - sum < 5);
	}
}
