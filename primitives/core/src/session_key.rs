//! Which ed25519 public keys are refused.
//!
//! The runtime verifies by ZIP-215, under which a key of small order accepts every message. Such
//! keys are refused, and so are encodings that are not canonical: they would be a second name of a
//! key.

/// The canonical encodings, sign bit cleared, of the y coordinates of the eight points of small
/// order.
const SMALL_ORDER: [[u8; 32]; 5] = [
	[0; 32],
	[
		1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0,
	],
	[
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
		0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
		0xfc, 0x05,
	],
	[
		0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
		0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
		0x03, 0x7a,
	],
	[
		0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0x7f,
	],
];

/// Whether the key may name a device: its encoding is canonical and it is not of small order. That
/// it is a point of the curve at all shows in the signature that every new key has to give.
pub fn is_acceptable(key: &[u8; 32]) -> bool {
	let mut y = *key;
	y[31] &= 0x7f;
	is_canonical(&y) && !SMALL_ORDER.contains(&y)
}

/// Whether the number is below the field's prime 2^255 - 19.
fn is_canonical(y: &[u8; 32]) -> bool {
	y[0] < 0xed || y[31] != 0x7f || y[1..31].iter().any(|byte| *byte != 0xff)
}

#[cfg(test)]
mod tests {
	use super::*;
	use curve25519_dalek::constants::EIGHT_TORSION;

	#[test]
	fn every_point_of_small_order_is_refused() {
		for point in EIGHT_TORSION {
			let mut key = point.compress().to_bytes();
			assert!(!is_acceptable(&key));
			key[31] ^= 0x80;
			assert!(!is_acceptable(&key));
		}
	}

	#[test]
	fn non_canonical_encodings_are_refused() {
		for low in 0xed..=0xff {
			let mut key = [0xff; 32];
			key[0] = low;
			assert!(!is_acceptable(&key));
			key[31] = 0x7f;
			assert!(!is_acceptable(&key));
		}
	}

	#[test]
	fn ordinary_keys_are_accepted() {
		for secret in 0..64 {
			let key = ed25519_dalek::SigningKey::from_bytes(&[secret; 32]).verifying_key();
			assert!(is_acceptable(&key.to_bytes()));
		}
	}
}
