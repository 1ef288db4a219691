//! Every byte string that is hashed or signed. Each begins with another domain, so that no
//! signature can be taken for another, and integers are little endian, of fixed width. The number
//! that ends a domain counts the layouts of what follows it: it rises when these bytes change, and
//! with them alone. The genesis hash, which every challenge id carries, distinguishes chains.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_crypto_hashing::blake2_256;

use crate::words::{
	AccountBytes, ChannelId, CollectorIndex, DeviceId, Hash, MakerId, NetworkId, SessionKey,
	Signature, WindowIndex,
};

const SEED: &[u8] = b"groma/seed/1";
const CHALLENGE: &[u8] = b"groma/challenge/1";
const BEACON: &[u8] = b"groma/beacon/1";
const STATEMENT: &[u8] = b"groma/statement/2";
const COMMITMENT: &[u8] = b"groma/commitment/1";
const ONBOARDING: &[u8] = b"groma/onboarding/1";
const ROTATION: &[u8] = b"groma/rotation/1";
const ATTESTATION: &[u8] = b"groma/attestation/1";
const HARDWARE_ONBOARDING: &[u8] = b"groma/hardware-onboarding/1";
const HARDWARE_ROTATION: &[u8] = b"groma/hardware-rotation/1";
const VOUCHER: &[u8] = b"groma/voucher/1";

/// The bytes of `parts` one after the other.
pub(crate) fn concat(parts: &[&[u8]]) -> Vec<u8> {
	let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
	parts.iter().for_each(|part| bytes.extend_from_slice(part));
	bytes
}

/// What the running hash of the VRF outputs becomes after one more block.
pub fn fold_randomness(accumulated: &Hash, vrf_output: &Hash) -> Hash {
	blake2_256(&concat(&[accumulated, vrf_output]))
}

/// The seed of `window`: the hash of all VRF outputs of the window before it.
pub fn seed(window: WindowIndex, accumulated: &Hash) -> Hash {
	blake2_256(&concat(&[SEED, &window.to_le_bytes(), accumulated]))
}

/// The challenge id of `device` under the seed of a window: `H(genesis, seed(w), device)`.
pub fn challenge_id(genesis: &Hash, seed: &Hash, device: DeviceId) -> Hash {
	blake2_256(&concat(&[CHALLENGE, genesis, seed, &device.to_le_bytes()]))
}

/// What the beaconer's session key signs.
pub fn beacon(challenge: &Hash) -> Vec<u8> {
	concat(&[BEACON, challenge])
}

/// The commitment of `witness` to a beacon signature that it heard: the first 8 bytes of
/// `H(beacon signature, witness)`.
pub fn commitment(beacon_signature: &Signature, witness: DeviceId) -> [u8; 8] {
	let hash = blake2_256(&concat(&[COMMITMENT, &beacon_signature.0, &witness.to_le_bytes()]));
	let mut first = [0; 8];
	first.copy_from_slice(&hash[..8]);
	first
}

/// How a witness received a beacon, and its commitment to what it heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observation {
	/// Who heard.
	pub witness: DeviceId,
	/// The collector that the device hands its statement to, and that is credited if it counts, no
	/// matter who brings it; 0 names none.
	pub collector: CollectorIndex,
	/// Received signal strength (channel power) in tenths of a dBm.
	pub rssi_deci_dbm: i16,
	/// Signal-to-noise ratio in tenths of a dB.
	pub snr_deci_db: i16,
	/// [`commitment`] of the witness.
	pub commitment: [u8; 8],
}

impl Observation {
	/// What the witness's session key signs.
	pub fn to_signed_bytes(&self, challenge: &Hash) -> Vec<u8> {
		concat(&[
			STATEMENT,
			challenge,
			&self.witness.to_le_bytes(),
			&self.collector.to_le_bytes(),
			&self.rssi_deci_dbm.to_le_bytes(),
			&self.snr_deci_db.to_le_bytes(),
			&self.commitment,
		])
	}
}

/// What a device's new session key signs when its owner registers it. `nonce` is the count of
/// devices that the owner registered before, so that the signature serves once.
pub fn onboarding(genesis: &Hash, owner: &AccountBytes, network: NetworkId, nonce: u32) -> Vec<u8> {
	concat(&[ONBOARDING, genesis, &owner.0, &network.to_le_bytes(), &nonce.to_le_bytes()])
}

/// What a device's next session key signs when it replaces the present one for `owner`.
pub fn rotation(
	genesis: &Hash,
	device: DeviceId,
	owner: &AccountBytes,
	session_key: &SessionKey,
) -> Vec<u8> {
	concat(&[ROTATION, genesis, &device.to_le_bytes(), &owner.0, &session_key.0])
}

/// What a maker's key signs about a hardware key, which is given as its SCALE encoding.
pub fn attestation(genesis: &Hash, maker: MakerId, hardware_key: &[u8]) -> Vec<u8> {
	concat(&[
		ATTESTATION,
		genesis,
		&maker.to_le_bytes(),
		&(hardware_key.len() as u32).to_le_bytes(),
		hardware_key,
	])
}

/// What a device's hardware key signs about the session key with which its owner registers it.
/// `nonce` is that of [`onboarding`], so that the signature serves once.
pub fn hardware_onboarding(
	genesis: &Hash,
	owner: &AccountBytes,
	network: NetworkId,
	nonce: u32,
	session_key: &SessionKey,
) -> Vec<u8> {
	concat(&[
		HARDWARE_ONBOARDING,
		genesis,
		&owner.0,
		&network.to_le_bytes(),
		&nonce.to_le_bytes(),
		&session_key.0,
	])
}

/// What a device's hardware key signs about the session key that replaces the present one for
/// `owner`. `rotations` is the count of those that it authorised for this device before, so that
/// the signature serves once.
pub fn hardware_rotation(
	genesis: &Hash,
	device: DeviceId,
	owner: &AccountBytes,
	rotations: u32,
	session_key: &SessionKey,
) -> Vec<u8> {
	concat(&[
		HARDWARE_ROTATION,
		genesis,
		&device.to_le_bytes(),
		&owner.0,
		&rotations.to_le_bytes(),
		&session_key.0,
	])
}

/// What the signer of a channel signs: that of all credits of the channel `credits` are the
/// device's, for `units` that it delivered. Both are sums since the channel was opened, so a
/// voucher takes the place of those before it.
pub fn voucher(
	genesis: &Hash,
	channel: ChannelId,
	device: DeviceId,
	credits: u64,
	units: u64,
) -> Vec<u8> {
	concat(&[
		VOUCHER,
		genesis,
		&channel.to_le_bytes(),
		&device.to_le_bytes(),
		&credits.to_le_bytes(),
		&units.to_le_bytes(),
	])
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{collections::BTreeSet, vec};
	use proptest::prelude::*;

	fn observation() -> impl Strategy<Value = Observation> {
		any::<(u32, u32, i16, i16, [u8; 8])>().prop_map(
			|(witness, collector, rssi_deci_dbm, snr_deci_db, commitment)| Observation {
				witness,
				collector,
				rssi_deci_dbm,
				snr_deci_db,
				commitment,
			},
		)
	}

	#[test]
	fn no_domain_begins_another() {
		let domains = [
			SEED,
			CHALLENGE,
			BEACON,
			STATEMENT,
			COMMITMENT,
			ONBOARDING,
			ROTATION,
			ATTESTATION,
			HARDWARE_ONBOARDING,
			HARDWARE_ROTATION,
			VOUCHER,
		];
		for (n, domain) in domains.iter().enumerate() {
			for other in domains.iter().skip(n + 1) {
				assert!(!domain.starts_with(other) && !other.starts_with(domain));
			}
		}
	}

	proptest! {
		#[test]
		fn signed_payloads_of_different_kinds_differ(
			a: Hash,
			b: Hash,
			device: u32,
			observation in observation(),
		) {
			let payloads = [
				beacon(&a),
				observation.to_signed_bytes(&a),
				onboarding(&a, &AccountBytes(b), device as u16, device),
				rotation(&a, device, &AccountBytes(b), &SessionKey(a)),
				attestation(&a, device as u16, &b),
				hardware_onboarding(&a, &AccountBytes(b), device as u16, device, &SessionKey(a)),
				hardware_rotation(&a, device, &AccountBytes(b), device, &SessionKey(a)),
				voucher(&a, 1, device, 2, 3),
			];
			let distinct: BTreeSet<_> = payloads.iter().collect();
			prop_assert_eq!(distinct.len(), payloads.len());
		}

		#[test]
		fn statement_differs_when_anything_in_it_does(
			challenge: Hash,
			a in observation(),
			b in observation(),
		) {
			let same = a.to_signed_bytes(&challenge) == b.to_signed_bytes(&challenge);
			prop_assert_eq!(same, a == b);
			let other = Observation { witness: a.witness.wrapping_add(1), ..a };
			prop_assert_ne!(a.to_signed_bytes(&challenge), other.to_signed_bytes(&challenge));
			let other = Observation { collector: a.collector.wrapping_add(1), ..a };
			prop_assert_ne!(a.to_signed_bytes(&challenge), other.to_signed_bytes(&challenge));
			let other = Observation { rssi_deci_dbm: a.rssi_deci_dbm.wrapping_add(1), ..a };
			prop_assert_ne!(a.to_signed_bytes(&challenge), other.to_signed_bytes(&challenge));
			let other = Observation { snr_deci_db: a.snr_deci_db.wrapping_sub(1), ..a };
			prop_assert_ne!(a.to_signed_bytes(&challenge), other.to_signed_bytes(&challenge));
		}

		#[test]
		fn lengths_are_fixed_by_the_kind(
			a: Hash,
			b: Hash,
			device: u32,
			observation in observation(),
			subject: Vec<u8>,
		) {
			prop_assert_eq!(beacon(&a).len(), BEACON.len() + 32);
			prop_assert_eq!(observation.to_signed_bytes(&a).len(), STATEMENT.len() + 32 + 20);
			prop_assert_eq!(onboarding(&a, &AccountBytes(b), 1, device).len(), ONBOARDING.len() + 32 + 32 + 6);
			prop_assert_eq!(rotation(&a, device, &AccountBytes(b), &SessionKey(a)).len(), ROTATION.len() + 32 + 4 + 64);
			let length = ATTESTATION.len() + 32 + 2 + 4 + subject.len();
			prop_assert_eq!(attestation(&a, 7, &subject).len(), length);
			let length = HARDWARE_ONBOARDING.len() + 32 + 32 + 2 + 4 + 32;
			prop_assert_eq!(hardware_onboarding(&a, &AccountBytes(b), 1, device, &SessionKey(a)).len(), length);
			let length = HARDWARE_ROTATION.len() + 32 + 4 + 32 + 4 + 32;
			prop_assert_eq!(hardware_rotation(&a, device, &AccountBytes(b), 1, &SessionKey(a)).len(), length);
			prop_assert_eq!(voucher(&a, 1, device, 2, 3).len(), VOUCHER.len() + 32 + 8 + 4 + 8 + 8);
		}

		#[test]
		fn voucher_differs_when_anything_in_it_does(
			a: Hash,
			b: Hash,
			channel: u64,
			device: u32,
			credits: u64,
			units: u64,
		) {
			prop_assume!(a != b && credits != units);
			let vouchers = [
				voucher(&a, channel, device, credits, units),
				voucher(&b, channel, device, credits, units),
				voucher(&a, channel.wrapping_add(1), device, credits, units),
				voucher(&a, channel, device.wrapping_add(1), credits, units),
				voucher(&a, channel, device, credits.wrapping_add(1), units),
				voucher(&a, channel, device, credits, units.wrapping_add(1)),
				voucher(&a, channel, device, units, credits),
			];
			let distinct: BTreeSet<_> = vouchers.iter().collect();
			// Two neighbours may come to the same when they are exchanged.
			prop_assume!(credits.abs_diff(units) > 1);
			prop_assert_eq!(distinct.len(), vouchers.len());
		}

		#[test]
		fn authorisation_differs_when_anything_in_it_does(
			a: Hash,
			b: Hash,
			device: u32,
			count: u32,
			network: u16,
		) {
			prop_assume!(a != b);
			let onboardings = [
				hardware_onboarding(&a, &AccountBytes(a), network, count, &SessionKey(a)),
				hardware_onboarding(&b, &AccountBytes(a), network, count, &SessionKey(a)),
				hardware_onboarding(&a, &AccountBytes(b), network, count, &SessionKey(a)),
				hardware_onboarding(&a, &AccountBytes(a), network.wrapping_add(1), count, &SessionKey(a)),
				hardware_onboarding(&a, &AccountBytes(a), network, count.wrapping_add(1), &SessionKey(a)),
				hardware_onboarding(&a, &AccountBytes(a), network, count, &SessionKey(b)),
			];
			let rotations = [
				hardware_rotation(&a, device, &AccountBytes(a), count, &SessionKey(a)),
				hardware_rotation(&b, device, &AccountBytes(a), count, &SessionKey(a)),
				hardware_rotation(&a, device.wrapping_add(1), &AccountBytes(a), count, &SessionKey(a)),
				hardware_rotation(&a, device, &AccountBytes(b), count, &SessionKey(a)),
				hardware_rotation(
					&a,
					device,
					&AccountBytes(a),
					count.wrapping_add(1),
					&SessionKey(a),
				),
				hardware_rotation(&a, device, &AccountBytes(a), count, &SessionKey(b)),
			];
			let distinct: BTreeSet<_> = onboardings.iter().chain(&rotations).collect();
			prop_assert_eq!(distinct.len(), onboardings.len() + rotations.len());
		}

		#[test]
		fn challenge_id_is_that_of_one_device_window_and_chain(
			genesis: Hash,
			seed: Hash,
			device: u32,
			bit in 0usize..256,
		) {
			let id = challenge_id(&genesis, &seed, device);
			let flipped = |mut hash: Hash| {
				hash[bit / 8] ^= 1 << (bit % 8);
				hash
			};
			prop_assert_ne!(id, challenge_id(&flipped(genesis), &seed, device));
			prop_assert_ne!(id, challenge_id(&genesis, &flipped(seed), device));
			prop_assert_ne!(id, challenge_id(&genesis, &seed, device ^ (1 << (bit % 32))));
		}

		#[test]
		fn commitment_cannot_be_copied_by_another_witness(
			half: Hash,
			witness: u32,
			other: u32,
		) {
			prop_assume!(witness != other);
			let mut signature = Signature([0; 64]);
			signature.0[..32].copy_from_slice(&half);
			prop_assert_ne!(commitment(&signature, witness), commitment(&signature, other));
			let before = commitment(&signature, witness);
			signature.0[63] ^= 1;
			prop_assert_ne!(before, commitment(&signature, witness));
		}

		#[test]
		fn seed_depends_on_every_output_and_their_order(a: Hash, b: Hash, window: u32) {
			prop_assume!(a != b);
			let fold = |outputs: Vec<Hash>| {
				seed(window, &outputs.iter().fold([0; 32], |sum, next| fold_randomness(&sum, next)))
			};
			prop_assert_ne!(fold(vec![a, b]), fold(vec![b, a]));
			prop_assert_ne!(fold(vec![a, b]), fold(vec![a]));
			prop_assert_ne!(seed(window, &a), seed(window.wrapping_add(1), &a));
		}

		#[test]
		fn random_bytes_never_panic_as_an_observation(bytes: Vec<u8>) {
			if let Ok(observation) = Observation::decode(&mut &bytes[..]) {
				prop_assert_eq!(observation.encode(), &bytes[..20]);
			}
		}
	}
}
