//! How claims are paid: as the chain does, and with one guard less. Only tests play the latter, to
//! show that each guard is needed: without it there is an attack.

use codec::{Decode, Encode, MaxEncodedLen};
use groma_core::{
	DeviceId,
	money::{Balance, Credits, DemandShares},
};

/// A rule of payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub(crate) enum Rule {
	/// That of the chain: per claim, the lesser of basis and value.
	#[default]
	Sound,
	/// Per claim, the value.
	NoBasis,
	/// The lesser of the sums of an epoch, divided by basis.
	SumsOfEpoch,
	/// The lesser of the sums of a device in an epoch.
	SumsOfDevice,
	/// The lesser of the sums of an epoch, divided by credits.
	SharesByCredits,
	/// That of the chain, but anyone may buy credits for another account.
	Gifts,
	/// That of the chain, but validators get their share of the value.
	ValueForValidators,
}

/// A claim that waits for its epoch to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Waiting {
	pub(crate) device: DeviceId,
	pub(crate) credits: Credits,
	pub(crate) basis: Balance,
	pub(crate) value: Balance,
}

impl Rule {
	/// Whether claims are paid when their epoch closes, and not at once.
	pub(crate) fn waits(self) -> bool {
		matches!(self, Self::SumsOfEpoch | Self::SumsOfDevice | Self::SharesByCredits)
	}

	/// What the devices of a closed epoch are paid.
	pub(crate) fn settle(self, claims: &[Waiting]) -> Vec<(DeviceId, Balance)> {
		claims.iter().map(|claim| (claim.device, self.share(claim, claims))).collect()
	}

	fn share(self, claim: &Waiting, claims: &[Waiting]) -> Balance {
		let counts = |other: &&Waiting| self != Self::SumsOfDevice || other.device == claim.device;
		let sum = |part: fn(&Waiting) -> u128| claims.iter().filter(counts).map(part).sum::<u128>();
		let bases = sum(|other| other.basis);
		let pool = DemandShares::default().kappa().of(bases.min(sum(|other| other.value)));
		let (part, whole) = match self {
			Self::SharesByCredits => {
				(u128::from(claim.credits), sum(|other| u128::from(other.credits)))
			}
			_ => (claim.basis, bases),
		};
		// Exact enough for a rule that no chain has.
		(pool as f64 * part as f64 / whole.max(1) as f64) as Balance
	}
}
