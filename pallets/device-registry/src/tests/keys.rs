//! Which keys and signatures are accepted.

use groma_core::words::Signature;
use proptest::prelude::*;

use crate::{PublicKey, mock::*};

/// The order of P-256's base point (SEC 2, section 2.4.2).
const P256_ORDER: [u8; 32] = [
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

fn compressed(signatory: &Signatory) -> [u8; 33] {
	match signatory.public() {
		PublicKey::P256(key) => key,
		PublicKey::Ed25519(_) => panic!("the key is of P-256"),
	}
}

/// The same signature with `s` replaced by its negative.
fn negated(signature: Signature) -> Signature {
	let Signature(mut negated) = signature;
	let mut borrow = 0;
	for n in (0..32).rev() {
		let difference = i16::from(P256_ORDER[n]) - i16::from(signature.0[32 + n]) - borrow;
		borrow = i16::from(difference < 0);
		negated[32 + n] = difference.rem_euclid(256) as u8;
	}
	Signature(negated)
}

#[test]
fn p256_vector_of_rfc_6979_is_verified() {
	// RFC 6979, appendix A.2.5, SHA-256, message "sample".
	let bytes = |text: &str| sp_core::bytes::from_hex(text).expect("it is hexadecimal");
	let x = bytes("0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6");
	let r = bytes("0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716");
	let s = bytes("0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
	let key = PublicKey::P256([&[3], &x[..]].concat().try_into().expect("33 bytes"));
	let signature = Signature([r, s].concat().try_into().expect("64 bytes"));
	assert!(key.is_acceptable());
	assert!(key.verify(b"sample", &signature));
	assert!(!key.verify(b"simple", &signature));
}

#[test]
fn p256_signature_is_accepted_with_either_sign_of_s() {
	let signatory = Signatory::p256(1);
	let signature = signatory.sign(b"message");
	assert_ne!(signature, negated(signature));
	assert!(signatory.public().verify(b"message", &signature));
	assert!(signatory.public().verify(b"message", &negated(signature)));
}

#[test]
fn p256_key_is_refused_when_its_encoding_is_not_compressed() {
	let sound = compressed(&Signatory::p256(1));
	for tag in [0, 1, 4, 5, 6, 7, 0xff] {
		let mut key = sound;
		key[0] = tag;
		assert!(!PublicKey::P256(key).is_acceptable(), "tag {tag}");
	}
}

#[test]
fn p256_key_is_refused_when_it_is_no_point() {
	let mut beyond_the_field = [0xff; 33];
	beyond_the_field[0] = 2;
	assert!(!PublicKey::P256(beyond_the_field).is_acceptable());
	// About half of all x coordinates belong to no point.
	let refused = (0..=255u8)
		.filter(|n| {
			let mut key = [0; 33];
			(key[0], key[32]) = (2, *n);
			!PublicKey::P256(key).is_acceptable()
		})
		.count();
	assert!((64..192).contains(&refused), "{refused} of 256 were refused");
}

#[test]
fn ed25519_key_is_refused_when_it_is_of_small_order_or_not_canonical() {
	let mut neutral = [0; 32];
	neutral[0] = 1;
	assert!(!PublicKey::Ed25519(neutral).is_acceptable());
	assert!(!PublicKey::Ed25519([0xff; 32]).is_acceptable());
	assert!(PublicKey::from(key(1)).is_acceptable());
}

#[test]
fn signature_is_refused_when_r_or_s_is_zero_or_not_below_the_order() {
	let signatory = Signatory::p256(1);
	let sound = signatory.sign(b"message");
	let with = |range: core::ops::Range<usize>, bytes: [u8; 32]| {
		let mut signature = sound;
		signature.0[range].copy_from_slice(&bytes);
		signature
	};
	for bytes in [[0; 32], P256_ORDER, [0xff; 32]] {
		assert!(!signatory.public().verify(b"message", &with(0..32, bytes)));
		assert!(!signatory.public().verify(b"message", &with(32..64, bytes)));
	}
}

proptest! {
	#[test]
	fn random_signatures_are_refused(bytes in prop::collection::vec(any::<u8>(), 64), n in 1u8..255) {
		let signature = Signature(bytes.try_into().expect("64 bytes"));
		prop_assert!(!Signatory::p256(n).public().verify(b"message", &signature));
		prop_assert!(!Signatory::ed25519(n).public().verify(b"message", &signature));
	}

	#[test]
	fn random_keys_never_panic(bytes in prop::collection::vec(any::<u8>(), 33)) {
		let key = PublicKey::P256(bytes.try_into().expect("33 bytes"));
		prop_assert!(!key.verify(b"message", &Signature([1; 64])));
		prop_assert_eq!(key.is_acceptable(), key.is_acceptable());
	}
}
