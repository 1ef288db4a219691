//! The arithmetic of one network's work in one epoch: state in, amounts out. Every division rounds
//! down, so that the sum of all rewards never exceeds what was minted for them.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::pallet_prelude::DecodeWithMemTracking;
use groma_core::{
	money::Balance,
	units::{ONE, Units},
};
use scale_info::TypeInfo;

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
