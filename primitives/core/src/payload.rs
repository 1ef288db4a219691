//! Every byte string that is hashed or signed. Each begins with a domain of its own, so that no
//! signature can be taken for another, and integers are little endian, of fixed width.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_crypto_hashing::blake2_256;

use crate::words::{DeviceId, Hash, MakerId, NetworkId, Signature, WindowIndex};

const SEED: &[u8] = b"groma/seed/1";
const CHALLENGE: &[u8] = b"groma/challenge/1";
const BEACON: &[u8] = b"groma/beacon/1";
const STATEMENT: &[u8] = b"groma/statement/1";
const COMMITMENT: &[u8] = b"groma/commitment/1";
const ONBOARDING: &[u8] = b"groma/onboarding/1";
const ROTATION: &[u8] = b"groma/rotation/1";
const ATTESTATION: &[u8] = b"groma/attestation/1";

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
	let hash = blake2_256(&concat(&[COMMITMENT, beacon_signature, &witness.to_le_bytes()]));
	let mut first = [0; 8];
	first.copy_from_slice(&hash[..8]);
	first
}

/// How a witness received a beacon, and its commitment to what it heard.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Observation {
	/// Who heard.
	pub witness: DeviceId,
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
			&self.rssi_deci_dbm.to_le_bytes(),
			&self.snr_deci_db.to_le_bytes(),
			&self.commitment,
		])
	}
}

/// What a device's new session key signs when its owner registers it. `nonce` is the count of devices
/// that the owner registered before, so that the signature serves once.
pub fn onboarding(genesis: &Hash, owner: &[u8; 32], network: NetworkId, nonce: u32) -> Vec<u8> {
	concat(&[ONBOARDING, genesis, owner, &network.to_le_bytes(), &nonce.to_le_bytes()])
}

/// What a device's next session key signs when it replaces the present one for `owner`.
pub fn rotation(genesis: &Hash, device: DeviceId, owner: &[u8; 32], session_key: &Hash) -> Vec<u8> {
	concat(&[ROTATION, genesis, &device.to_le_bytes(), owner, session_key])
}

/// What a maker's key signs about a hardware key (its SCALE encoding), and what the hardware key signs
/// about the session key that it authorises: the same frame around different subjects.
pub fn attestation(genesis: &Hash, maker: MakerId, subject: &[u8]) -> Vec<u8> {
	concat(&[
		ATTESTATION,
		genesis,
		&maker.to_le_bytes(),
		&(subject.len() as u32).to_le_bytes(),
		subject,
	])
}
