//! Why something that was included on chain earned nothing, or less than it might have: one enum
//! per kind of proof.

use crate::codes::codes;

/// The reasons of one kind of proof. Their numbers are pinned: devices decode them.
pub trait Reason: Copy + Ord + 'static {
	/// Every reason in the order of its number, which is dense and starts at 0.
	const ALL: &'static [Self];

	/// The number.
	fn number(self) -> u8;

	/// The name, as in JSON.
	fn name(self) -> &'static str;

	/// What it means, for people.
	fn explanation(self) -> &'static str;

	/// The reason with this number; `None` if it is one that is unknown here.
	fn from_number(number: u8) -> Option<Self> {
		Self::ALL.get(usize::from(number)).copied()
	}
}

macro_rules! reasons {
	($(#[doc = $about:literal])+ $enum:ident { $($reasons:tt)+ }) => {
		codes! { $(#[doc = $about])+ $enum { $($reasons)+ } }

		impl Reason for $enum {
			const ALL: &'static [Self] = $enum::ALL;

			fn number(self) -> u8 {
				$enum::number(self)
			}

			fn name(self) -> &'static str {
				$enum::name(self)
			}

			fn explanation(self) -> &'static str {
				$enum::explanation(self)
			}
		}
	};
}

reasons! {
	/// The reasons of proof of coverage.
	CoverageReason {
		/// The beaconer was not active in the window.
		BeaconerInactive = 0, "BeaconerInactive";
		/// The beaconer was not covered by its owner's provision of stake.
		BeaconerNotCovered = 1, "BeaconerNotCovered";
		/// The beaconer's location was not old enough.
		BeaconerLocationYoung = 2, "BeaconerLocationYoung";
		/// No statement about the beacon was valid.
		NoValidWitness = 3, "NoValidWitness";
		/// Beaconer and witness have the same owner.
		SameOwner = 4, "SameOwner";
		/// Beaconer and witness belong to different networks.
		OtherNetwork = 5, "OtherNetwork";
		/// Beaconer and witness are in different radio regions.
		OtherRegion = 6, "OtherRegion";
		/// The witness was not active in the window.
		WitnessInactive = 7, "WitnessInactive";
		/// The witness was not covered by its owner's provision of stake.
		WitnessNotCovered = 8, "WitnessNotCovered";
		/// The witness's location was not old enough.
		WitnessLocationYoung = 9, "WitnessLocationYoung";
		/// The commitment does not open with the revealed beacon signature.
		CommitmentMismatch = 10, "CommitmentMismatch";
		/// Beaconer and witness are less than 300 m apart.
		TooClose = 11, "TooClose";
		/// Beaconer and witness are more than 120 km apart.
		TooFar = 12, "TooFar";
		/// The signal is stronger than free space allows.
		SignalTooStrong = 13, "SignalTooStrong";
		/// The signal-to-noise ratio is outside what the data rate can demodulate.
		SnrImplausible = 14, "SnrImplausible";
		/// The noise floor is below what a receiver can have.
		NoiseFloorImplausible = 15, "NoiseFloorImplausible";
		/// The signal strength is outside what a receiver can report.
		RssiImplausible = 16, "RssiImplausible";
		/// The statement was valid, but a later seed picked eight others.
		NotSelected = 17, "NotSelected";
		/// The earner was not recently both heard by a valid witness and itself a valid witness.
		NotReciprocal = 18, "NotReciprocal";
		/// The beacon signature was not revealed in time.
		NeverRevealed = 19, "NeverRevealed";
		/// The earner has its owner, or a slot that the owner's provision covers, since the epoch
		/// began only.
		NewInSlot = 20, "NewInSlot";
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;

	#[test]
	fn numbers_are_dense_and_encode_as_themselves() {
		for (number, reason) in CoverageReason::ALL.iter().enumerate() {
			assert_eq!(usize::from(reason.number()), number);
			assert_eq!(reason.encode(), [number as u8]);
			assert_eq!(CoverageReason::from_number(number as u8), Some(*reason));
			assert!(!reason.explanation().is_empty());
			assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
			assert_eq!(format!("{reason:?}"), reason.name());
		}
		assert_eq!(CoverageReason::from_number(CoverageReason::ALL.len() as u8), None);
	}
}
