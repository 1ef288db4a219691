//! Fees that follow a load: how, and those of evidence, which follow that of the lane.

use groma_stored::Stored;
use groma_traits::{Load, Standstill};
use sp_runtime::{
	FixedPointNumber, FixedU128, Perquintill, Saturating,
	traits::{Get, One},
};

use crate::{
	Config, FeeMultiplier, Pallet,
	lane::{EvidenceLane, Track},
};

/// How a fee multiplier follows the load of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeAdjustment {
	/// The load at which it neither rises nor falls. Neither 0 nor 1.
	pub target: Perquintill,
	/// How fast it follows: by about so much for each unit of distance from the target.
	pub variability: FixedU128,
	/// The least that it falls to, more than 0.
	pub minimum: FixedU128,
	/// The most that it rises to.
	pub maximum: FixedU128,
}

impl FeeAdjustment {
	/// The multiplier after a block of this load: with *d* = load - target and *v* the variability
	/// it is `previous * (1 + v d + (v d)^2 / 2)`, the formula of `TargetedFeeAdjustment` of the
	/// SDK, which knows no other load than that of the whole normal class. Rounded down.
	pub fn after(&self, previous: FixedU128, load: Perquintill) -> FixedU128 {
		let previous = previous.max(self.minimum);
		let is_rise = load >= self.target;
		let distance = if is_rise { load - self.target } else { self.target - load };
		let first = self.variability.saturating_mul(distance.into());
		let second = first.saturating_mul(first) / FixedU128::saturating_from_integer(2);
		let next = if is_rise {
			previous.saturating_add(first.saturating_add(second).saturating_mul(previous))
		} else {
			previous.saturating_sub(first.saturating_sub(second).saturating_mul(previous))
		};
		self.clamp(next)
	}

	/// The nearest multiplier within the bounds.
	fn clamp(&self, multiplier: FixedU128) -> FixedU128 {
		multiplier.min(self.maximum).max(self.minimum)
	}
}

impl<T: Config> Pallet<T> {
	/// By what the fees of evidence are multiplied in the present block; 1 in quiet times, and
	/// while it does not decode.
	pub fn fee_multiplier() -> FixedU128 {
		let rule = T::FeeAdjustment::get();
		rule.clamp(stored_multiplier::<T>().value().unwrap_or_else(FixedU128::one))
	}

	/// Moves the multiplier by what evidence took of the present block, in compute or in bytes,
	/// whichever is more. While the chain stands still it takes none, and the multiplier stays. So
	/// does one that does not decode.
	pub(crate) fn adjust_fees() {
		if T::Standstill::now() || stored_multiplier::<T>().is_undecodable() {
			return;
		}
		let (before, load) = (Self::fee_multiplier(), lane_load::<T>());
		let after = T::FeeAdjustment::get().after(before, load);
		if after != before {
			FeeMultiplier::<T>::put(after);
		}
	}
}

fn stored_multiplier<T: Config>() -> Stored<FixedU128> {
	groma_stored::value::<FeeMultiplier<T>, FixedU128>()
}

/// How full of evidence the lane of the present block is.
fn lane_load<T: Config>() -> Perquintill {
	let Load { ref_time, length } = EvidenceLane::<T>::used(Track::Evidence);
	let limit = EvidenceLane::<T>::limit(Track::Evidence);
	let time = Perquintill::from_rational(ref_time, limit.ref_time.max(1));
	let bytes = Perquintill::from_rational(u64::from(length), u64::from(limit.length.max(1)));
	time.max(bytes)
}
