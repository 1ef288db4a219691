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
