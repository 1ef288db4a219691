//! Why something that was included on chain earned nothing, or less than it might have.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

macro_rules! reasons {
	($($(#[doc = $doc:literal])+ $name:ident = $index:literal,)+) => {
		/// A pinned, append-only code. Devices decode it, so an index never changes its meaning.
		#[derive(
			Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking,
			MaxEncodedLen, TypeInfo, Serialize, Deserialize,
		)]
		#[repr(u8)]
		pub enum ReasonCode {
			$($(#[doc = $doc])+ #[codec(index = $index)] $name = $index,)+
		}

		impl ReasonCode {
			/// Every code in the order of its index, which is dense and starts at 0.
			pub const ALL: &'static [Self] = &[$(Self::$name),+];

			/// What the code means, for people.
			pub fn explanation(self) -> &'static str {
				match self {
					$(Self::$name => concat!($($doc),+),)+
				}
			}
		}
	};
}

reasons! {
	/// The beaconer was not active in the window.
	BeaconerInactive = 0,
	/// The beaconer was not covered by its owner's provision of stake.
	BeaconerNotCovered = 1,
	/// The beaconer's location was not old enough.
	BeaconerLocationYoung = 2,
	/// No statement about the beacon was valid.
	NoValidWitness = 3,
	/// Beaconer and witness have the same owner.
	SameOwner = 4,
	/// Beaconer and witness belong to different networks.
	OtherNetwork = 5,
	/// Beaconer and witness are in different radio regions.
	OtherRegion = 6,
	/// The witness was not active in the window.
	WitnessInactive = 7,
	/// The witness was not covered by its owner's provision of stake.
	WitnessNotCovered = 8,
	/// The witness's location was not old enough.
	WitnessLocationYoung = 9,
	/// The commitment does not open with the revealed beacon signature.
	CommitmentMismatch = 10,
	/// Beaconer and witness are less than 300 m apart.
	TooClose = 11,
	/// Beaconer and witness are more than 120 km apart.
	TooFar = 12,
	/// The signal is stronger than free space allows.
	SignalTooStrong = 13,
	/// The signal-to-noise ratio is outside what the data rate can demodulate.
	SnrImplausible = 14,
	/// The noise floor is below what a receiver can have.
	NoiseFloorImplausible = 15,
	/// The signal strength is outside what a receiver can report.
	RssiImplausible = 16,
	/// The statement was valid, but a later seed picked eight others.
	NotSelected = 17,
	/// The earner was not lately both heard by a valid witness and itself a valid witness.
	NotReciprocal = 18,
	/// Nobody revealed the beacon signature in time.
	NeverRevealed = 19,
}

/// How many reason codes there are.
pub const REASON_COUNT: usize = ReasonCode::ALL.len();

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn indices_are_dense_and_encode_as_themselves() {
		for (index, code) in ReasonCode::ALL.iter().enumerate() {
			assert_eq!(*code as usize, index);
			assert_eq!(code.encode(), [index as u8]);
			assert!(!code.explanation().is_empty());
		}
	}
}
