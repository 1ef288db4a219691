//! The one kind of evidence against a device: two different beacon signatures of its key for one
//! challenge. An honest client cannot make them, since its signatures are a function of the
//! challenge.

use codec::Encode;
use ed25519_dalek::{Verifier, VerifyingKey};
use groma_core::{
	DeviceId, WindowIndex, payload,
	protocol::WINDOWS_KEPT,
	words::{Hash, SessionKey, Signature},
};

/// Two different beacon signatures of a device for its challenge in a window. Its encoding is that
/// of the arguments of `ProofOfCoverage.report_double_beacon`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
pub struct DoubleBeacon {
	/// The window of the challenge.
	pub window: WindowIndex,
	/// Who signed twice.
	pub device: DeviceId,
	/// Both signatures.
	pub signatures: [Signature; 2],
}

impl DoubleBeacon {
	/// Whether the chain still takes evidence about its window in window `now`.
	pub fn is_taken_in(&self, now: WindowIndex) -> bool {
		now.saturating_sub(self.window) < WINDOWS_KEPT
	}
}

/// Whether `signature` is that of `key` over the beacon of a challenge. What passes here passes on
/// chain, where cofactored verification takes a few more that no honest signer makes.
pub fn is_beacon_signed(key: &SessionKey, challenge: &Hash, signature: &Signature) -> bool {
	VerifyingKey::from_bytes(&key.0)
		.is_ok_and(|key| key.verify(&payload::beacon(challenge), &signature.0.into()).is_ok())
}

#[cfg(test)]
mod tests {
	use super::*;

	const EVIDENCE: DoubleBeacon =
		DoubleBeacon { window: 9, device: 5, signatures: [Signature([1; 64]), Signature([2; 64])] };

	#[test]
	fn evidence_encodes_as_the_call_takes_it() {
		let expected = [&[9, 0, 0, 0, 5, 0, 0, 0][..], &[1; 64], &[2; 64]].concat();
		assert_eq!(EVIDENCE.encode(), expected);
	}

	#[test]
	fn evidence_is_taken_as_long_as_its_window_is_kept() {
		assert!(EVIDENCE.is_taken_in(9) && EVIDENCE.is_taken_in(9 + WINDOWS_KEPT - 1));
		assert!(!EVIDENCE.is_taken_in(9 + WINDOWS_KEPT));
	}
}
