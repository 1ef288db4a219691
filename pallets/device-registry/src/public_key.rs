//! Keys of makers, of secure elements and of sessions.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use groma_core::{
	session_key,
	words::{SessionKey, Signature},
};
use p256::ecdsa::{VerifyingKey, signature::Verifier};
use scale_info::TypeInfo;
use sp_core::ed25519;

/// Length of a compressed point of P-256.
const P256_KEY_LENGTH: usize = 33;

/// A public key. Its SCALE encoding is what a maker's key signs about a hardware key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum PublicKey {
	/// An ed25519 key.
	#[codec(index = 0)]
	Ed25519([u8; 32]),
	/// A P-256 key as a compressed point (SEC 1, section 2.3.3); its signatures are ECDSA over
	/// SHA-256, `r` and `s` as 32 bytes each, big endian.
	#[codec(index = 1)]
	P256([u8; P256_KEY_LENGTH]),
}

impl From<SessionKey> for PublicKey {
	fn from(key: SessionKey) -> Self {
		Self::Ed25519(key.0)
	}
}

impl PublicKey {
	/// Whether the key may name a maker or a device: it has no second encoding, and no signature
	/// fits it that its holder did not make.
	pub fn is_acceptable(&self) -> bool {
		match self {
			Self::Ed25519(key) => session_key::is_acceptable(key),
			// Tag 5, the x coordinate alone, would be a second name of a key.
			Self::P256(key) => {
				matches!(key, [2 | 3, ..]) && VerifyingKey::from_sec1_bytes(key).is_ok()
			}
		}
	}

	/// Whether the signature is this key's over the message. With P-256 both `s` and its negative
	/// are accepted, as secure elements do not care: never distinguish signatures by their bytes.
	pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
		match self {
			Self::Ed25519(key) => sp_io::crypto::ed25519_verify(
				&ed25519::Signature::from_raw(signature.0),
				message,
				&ed25519::Public::from_raw(*key),
			),
			Self::P256(key) => verify_p256(key, message, signature).unwrap_or(false),
		}
	}
}

/// `None` if key or signature is not even well-formed.
fn verify_p256(key: &[u8; P256_KEY_LENGTH], message: &[u8], signature: &Signature) -> Option<bool> {
	let key = VerifyingKey::from_sec1_bytes(key).ok()?;
	let signature = p256::ecdsa::Signature::from_slice(&signature.0).ok()?;
	Some(key.verify(message, &signature).is_ok())
}
