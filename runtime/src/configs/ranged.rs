//! Numbers that cannot leave their range: what lies outside does not decode, so that no call, and
//! no vote, can carry it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::Get;
use groma_core::units::Scale;
use scale_info::TypeInfo;
use sp_runtime::Perbill;

macro_rules! ranged {
	($(#[$doc:meta])* $name:ident of $number:ty) => {
		$(#[$doc])*
		#[derive(Clone, Copy, Debug, PartialEq, Eq)]
		#[derive(Encode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
		pub struct $name<const MIN: $number, const MAX: $number>($number);

		impl<const MIN: $number, const MAX: $number> $name<MIN, MAX> {
			/// The number, if it lies in the range.
			pub const fn new(value: $number) -> Option<Self> {
				if value >= MIN && value <= MAX { Some(Self(value)) } else { None }
			}

			/// The number itself, or the end of the range that is nearest to it.
			pub const fn clamp(value: $number) -> Self {
				match value {
					low if low < MIN => Self(MIN),
					high if high > MAX => Self(MAX),
					within => Self(within),
				}
			}
		}

		impl<const MIN: $number, const MAX: $number> From<$name<MIN, MAX>> for $number {
			fn from(ranged: $name<MIN, MAX>) -> Self {
				ranged.0
			}
		}

		impl<const MIN: $number, const MAX: $number> Decode for $name<MIN, MAX> {
			fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
				Self::new(<$number>::decode(input)?)
					.ok_or_else(|| "out of the parameter's range".into())
			}
		}

		impl<P: Get<V>, V: Into<$number>> Get<$number> for Plain<P, V> {
			fn get() -> $number {
				P::get().into()
			}
		}
	};
}

/// A parameter `P` of a ranged type `V` as the plain number that a pallet asks for.
pub struct Plain<P, V>(core::marker::PhantomData<(P, V)>);

/// A parameter `P` of a ranged type `V`, in percent, as the share that a pallet asks for.
pub struct Percent<P, V>(core::marker::PhantomData<(P, V)>);

impl<P: Get<V>, V: Into<u32>> Get<Perbill> for Percent<P, V> {
	fn get() -> Perbill {
		Perbill::from_percent(P::get().into())
	}
}

impl<P: Get<V>, V: Into<u32>> Get<Scale> for Percent<P, V> {
	fn get() -> Scale {
		Scale::from_percent(P::get().into())
	}
}

ranged! {
	/// A count from `MIN` to `MAX`.
	Ranged of u32
}
ranged! {
	/// Plancks from `MIN` to `MAX`.
	RangedAmount of u128
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn number_is_refused_when_it_leaves_its_range() {
		for (value, is_taken) in [(9u32, false), (10, true), (20, true), (21, false)] {
			assert_eq!(Ranged::<10, 20>::decode(&mut &value.encode()[..]).is_ok(), is_taken);
			assert_eq!(Ranged::<10, 20>::new(value).is_some(), is_taken);
			assert!((10..=20).contains(&u32::from(Ranged::<10, 20>::clamp(value))));
		}
	}
}
