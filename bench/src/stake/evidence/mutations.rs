//! Evidence that can be made, and what makes it false.

use frame_support::traits::PalletInfoAccess;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// The order of the group of ed25519, the lowest byte first.
const GROUP_ORDER: [u8; 32] = [
	0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Evidence of one kind about someone who is guilty, so that true reports can be made.
pub(super) trait Evidence: Sized + 'static {
	/// What its figures are called.
	const NAME: &'static str;
	/// The number of the call that takes an unsigned report of a node, if there is one.
	const UNSIGNED_CALL: Option<u8>;
	/// What makes a report false.
	const MUTATIONS: &'static [Mutation<Self>];
	/// What a report says.
	type Report;

	/// A true report, another one each time.
	fn truth(&self, random: &mut ChaCha8Rng) -> Self::Report;

	/// The signed call that brings a report, in bytes.
	fn call(report: Self::Report) -> Vec<u8>;
}

/// Something that makes a report false.
pub(super) struct Mutation<E: Evidence> {
	/// What its figures are called.
	pub(super) name: &'static str,
	/// Changes a true report.
	pub(super) make: fn(&E, &mut E::Report, &mut ChaCha8Rng),
}

/// The number of a pallet in calls.
pub(super) fn pallet_index<P: PalletInfoAccess>() -> u8 {
	// An enum has at most 256 variants.
	P::index() as u8
}

/// Another number: often a near one.
pub(super) fn another(number: u32, random: &mut ChaCha8Rng) -> u32 {
	let most = if random.gen_ratio(1, 2) { 4 } else { u32::MAX };
	let distance = random.gen_range(1..=most);
	if random.gen_ratio(1, 2) {
		number.wrapping_add(distance)
	} else {
		number.wrapping_sub(distance)
	}
}

/// Changes one bit.
pub(super) fn flip_bit(bytes: &mut [u8], random: &mut ChaCha8Rng) {
	let at = random.gen_range(0..bytes.len());
	bytes[at] ^= 1 << random.gen_range(0..8);
}

/// The same ed25519 signature to a verifier that reduces its second half: with the order of the
/// group added to it up to 14 times.
pub(super) fn unreduced(mut signature: [u8; 64], random: &mut ChaCha8Rng) -> [u8; 64] {
	for _ in 0..random.gen_range(1..=14) {
		let mut carry = 0_u16;
		for (byte, of_order) in signature[32..].iter_mut().zip(GROUP_ORDER) {
			carry += u16::from(*byte) + u16::from(of_order);
			*byte = carry.to_le_bytes()[0];
			carry >>= 8;
		}
	}
	signature
}

#[cfg(test)]
mod tests {
	use rand::SeedableRng;

	use super::*;

	#[test]
	fn unreduced_signature_is_another_one_that_is_the_same_after_reduction() {
		let mut random = ChaCha8Rng::seed_from_u64(1);
		for _ in 0..100 {
			let mut signature = [1; 64];
			signature[..32].fill(5);
			let other = unreduced(signature, &mut random);
			assert_eq!(other[..32], signature[..32]);
			assert_ne!(other[32..], signature[32..]);
			let mut rest = other;
			let is_reduced = (0..14).any(|_| {
				let mut borrow = 0_i16;
				for (byte, of_order) in rest[32..].iter_mut().zip(GROUP_ORDER) {
					borrow += i16::from(*byte) - i16::from(of_order);
					*byte = borrow.to_le_bytes()[0];
					borrow >>= 8;
				}
				rest == signature
			});
			assert!(is_reduced);
		}
	}

	#[test]
	fn another_number_is_never_the_same() {
		let mut random = ChaCha8Rng::seed_from_u64(1);
		assert!((0..1_000).all(|_| another(0, &mut random) != 0));
	}
}
