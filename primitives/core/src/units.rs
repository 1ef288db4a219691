//! Units of proven work and the scales that multiply them: fixed point, rounding down throughout.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Parts of one: the denominator of [`Units`] and [`Scale`].
pub const ONE: u64 = 1_000_000_000;

/// An amount of proven work in billionths of a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Units(pub u64);

impl Units {
	/// No units.
	pub const ZERO: Self = Self(0);

	/// The sum, or the greatest amount if that is less.
	pub fn saturating_add(self, other: Self) -> Self {
		Self(self.0.saturating_add(other.0))
	}

	/// The product, rounded down.
	pub fn scaled(self, scale: Scale) -> Self {
		Self(mul_floor(self.0, u64::from(scale.0)))
	}
}

/// A factor from 0 to 1 in billionths. Decoding refuses more than 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize)]
#[serde(transparent)]
pub struct Scale(u32);

impl Scale {
	/// Nothing.
	pub const ZERO: Self = Self(0);
	/// The whole.
	pub const ONE: Self = Self(ONE as u32);

	/// A factor in billionths; more than 1 becomes 1.
	pub const fn from_billionths(billionths: u32) -> Self {
		if billionths > Self::ONE.0 { Self::ONE } else { Self(billionths) }
	}

	/// A factor in percent; more than 100 becomes 100.
	pub const fn from_percent(percent: u32) -> Self {
		Self::from_billionths(percent.saturating_mul(10_000_000))
	}

	/// The fraction, rounded down; 1 if the numerator is the greater or the denominator is 0.
	pub fn from_fraction(numerator: u32, denominator: u32) -> Self {
		if numerator >= denominator {
			return Self::ONE;
		}
		Self((u64::from(numerator) * ONE / u64::from(denominator)) as u32)
	}

	/// The factor in billionths.
	pub const fn billionths(self) -> u32 {
		self.0
	}

	/// The product, rounded down.
	pub fn times(self, other: Self) -> Self {
		Self(mul_floor(u64::from(self.0), u64::from(other.0)) as u32)
	}

	/// The share of an amount, rounded down.
	pub fn of(self, amount: u128) -> u128 {
		let one = u128::from(ONE);
		let scale = u128::from(self.0);
		// Split so that the product stays below 2^128 for every amount.
		(amount / one).saturating_mul(scale) + (amount % one) * scale / one
	}
}

impl Decode for Scale {
	fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
		let billionths = u32::decode(input)?;
		if billionths > Self::ONE.0 {
			return Err("a scale is at most one".into());
		}
		Ok(Self(billionths))
	}
}

impl<'de> Deserialize<'de> for Scale {
	fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let billionths = u32::deserialize(deserializer)?;
		if billionths > Self::ONE.0 {
			return Err(serde::de::Error::custom("a scale is at most one billion billionths"));
		}
		Ok(Self(billionths))
	}
}

/// `a * b / ONE`, rounded down, for `b` of at most [`ONE`].
pub(crate) fn mul_floor(a: u64, b: u64) -> u64 {
	(u128::from(a) * u128::from(b) / u128::from(ONE)) as u64
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn scale_above_one_is_refused_when_decoded() {
		assert!(Scale::decode(&mut &(ONE as u32).encode()[..]).is_ok());
		assert!(Scale::decode(&mut &(ONE as u32 + 1).encode()[..]).is_err());
		assert!(serde_json::from_str::<Scale>("1000000001").is_err());
	}

	proptest! {
		#[test]
		fn scaling_never_gains(units: u64, a in 0u32..=1_000_000_000, b in 0u32..=1_000_000_000) {
			let (a, b) = (Scale::from_billionths(a), Scale::from_billionths(b));
			prop_assert!(Units(units).scaled(a).0 <= units);
			prop_assert!(a.times(b) <= a.min(b));
		}

		#[test]
		fn shares_of_a_split_never_exceed_the_whole(amount: u128, part in 0u32..=1_000_000_000) {
			let share = Scale::from_billionths(part);
			let rest = Scale::from_billionths(1_000_000_000 - part);
			prop_assert!(share.of(amount).checked_add(rest.of(amount)).is_some_and(|sum| sum <= amount));
		}
	}
}
