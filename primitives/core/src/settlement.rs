//! The arithmetic of one network's work in one epoch: state in, amounts out. Every division rounds
//! down, so that the sum of all rewards never exceeds what was minted for them.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
	emission::DAY_MS,
	money::Balance,
	units::{ONE, Scale, Units},
};

/// Milliseconds between two halvings of a network's pool, counted from its founding.
pub const SUPPLY_HALVING_MS: u64 = 365 * DAY_MS;

/// The age of something that was founded then, in ms, at a moment: all are in ms since the Unix
/// epoch. What existed at genesis, for which `founded_ms` is 0, is as old as the chain.
pub fn age_ms(now_ms: u64, founded_ms: u64, chain_began_ms: u64) -> u64 {
	now_ms.saturating_sub(founded_ms.max(chain_began_ms))
}

/// What is left of a pool for a network of this age.
pub fn halved(pool: Balance, age_ms: u64) -> Balance {
	let halvings = u32::try_from(age_ms / SUPPLY_HALVING_MS).unwrap_or(u32::MAX);
	pool.checked_shr(halvings).unwrap_or_default()
}

/// The pool of a network of this age that has this weight of the supply pool, rounded down.
pub fn network_pool(supply: Balance, weight: Scale, age_ms: u64) -> Balance {
	weight.of(halved(supply, age_ms))
}

/// A network's work in a closed epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct NetworkEpoch {
	/// All units of all devices.
	pub units: Units,
	/// The network's pool in plancks.
	pub pool: Balance,
	/// What one unit earned in plancks.
	pub per_unit: Balance,
	/// The most plancks that a device earns.
	pub device_cap: Balance,
	/// Units of devices that were not folded yet.
	pub unfolded_units: Units,
	/// Plancks that the pot holds for those units.
	pub unfolded: Balance,
}

/// What folding a device's units comes to, in plancks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folded {
	/// What the device earned.
	pub reward: Balance,
	/// What belongs to no one: above the device's cap, or lost in rounding.
	pub surplus: Balance,
}

impl NetworkEpoch {
	/// Settles `units` against a pool: each unit earns `min(pool / units, unit_cap)`.
	pub fn settle(units: Units, pool: Balance, unit_cap: Balance, device_cap: Balance) -> Self {
		let per_unit = pool
			.saturating_mul(u128::from(ONE))
			.checked_div(u128::from(units.0))
			.unwrap_or_default()
			.min(unit_cap);
		let mut epoch =
			Self { units, pool, per_unit, device_cap, unfolded_units: units, unfolded: 0 };
		epoch.unfolded = epoch.worth(units).min(pool);
		epoch
	}

	/// What `units` are worth at [`Self::per_unit`], in plancks.
	pub fn worth(&self, units: Units) -> Balance {
		self.per_unit.saturating_mul(u128::from(units.0)) / u128::from(ONE)
	}

	/// Takes a device's units out of what is unfolded. The last device's fold leaves nothing
	/// behind.
	pub fn fold(&mut self, units: Units) -> Folded {
		let units = units.min(self.unfolded_units);
		let worth = self.worth(units).min(self.unfolded);
		self.unfolded_units = Units(self.unfolded_units.0.saturating_sub(units.0));
		let withdrawn = if self.unfolded_units == Units::ZERO { self.unfolded } else { worth };
		self.unfolded = self.unfolded.saturating_sub(withdrawn);
		let reward = worth.min(self.device_cap);
		Folded { reward, surplus: withdrawn.saturating_sub(reward) }
	}
}

#[cfg(test)]
mod tests {
	use proptest::prelude::*;

	use super::*;
	use crate::money::GRM;

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
}
