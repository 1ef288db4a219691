//! The arithmetic of settlement.

use groma_core::{
	money::GRM,
	units::{ONE, Scale, Units},
};
use proptest::prelude::*;

use crate::NetworkEpoch;

proptest! {
	#[test]
	fn folds_sum_to_what_was_set_aside(
		units in proptest::collection::vec(0u64..200 * ONE, 1..40),
		pool in 0u128..200_000 * GRM,
		unit_cap in 0u128..GRM,
		device_cap in 0u128..GRM,
	) {
		let total = Units(units.iter().sum());
		let mut epoch = NetworkEpoch::settle(total, pool, unit_cap, device_cap);
		let aside = epoch.unfolded;
		prop_assert!(aside <= pool);
		let mut sum = 0;
		for units in &units {
			let folded = epoch.fold(Units(*units));
			prop_assert!(folded.reward <= device_cap);
			prop_assert!(epoch.unfolded >= epoch.worth(epoch.unfolded_units));
			sum += folded.reward + folded.surplus;
		}
		prop_assert_eq!(sum, aside);
		prop_assert_eq!(epoch.unfolded, 0);
	}

	#[test]
	fn coalition_never_earns_more_than_its_caps(
		coalition in proptest::collection::vec(0u64..10_000 * ONE, 1..30),
		others in 0u64..1_000_000 * ONE,
		pool in 0u128..200_000 * GRM,
	) {
		let device_cap = Scale::from_billionths(3_000_000).of(50 * GRM);
		let total = Units(coalition.iter().sum::<u64>() + others);
		let mut epoch = NetworkEpoch::settle(total, pool, GRM / 100, device_cap);
		let earned: u128 = coalition.iter().map(|units| epoch.fold(Units(*units)).reward).sum();
		prop_assert!(earned <= device_cap * coalition.len() as u128);
	}

	#[test]
	fn splitting_units_over_more_devices_never_earns_more_than_the_units_are_worth(
		units in 1u64..1_000 * ONE,
		devices in 1u64..50,
		pool in 0u128..200_000 * GRM,
	) {
		let mut epoch = NetworkEpoch::settle(Units(units), pool, GRM / 100, u128::MAX);
		let worth = epoch.worth(Units(units));
		let earned: u128 = (0..devices).map(|_| epoch.fold(Units(units / devices)).reward).sum();
		prop_assert!(earned <= worth && worth <= pool);
	}

	#[test]
	fn settlement_never_panics_and_never_exceeds_the_pool(
		units: u64,
		pool: u128,
		unit_cap: u128,
		device_cap: u128,
		device: u64,
	) {
		let mut epoch = NetworkEpoch::settle(Units(units), pool, unit_cap, device_cap);
		prop_assert!(epoch.unfolded <= pool);
		let before = epoch.unfolded;
		let folded = epoch.fold(Units(device));
		prop_assert_eq!(epoch.unfolded + folded.reward + folded.surplus, before);
	}
}
