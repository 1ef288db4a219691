//! Identifiers and small closed vocabularies. The glossary explains the words.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// A device's compact name, given by the chain and never reused; neighbours have similar ones.
pub type DeviceId = u32;

/// A network's name: 0 is `lorawan`.
pub type NetworkId = u16;

/// A maker's name.
pub type MakerId = u16;

/// A radio region's name within a network: see [`crate::region`].
pub type RegionId = u8;

/// A challenge window, counted from 0 at genesis.
pub type WindowIndex = u32;

/// A reward epoch: the number of whole epoch lengths since the Unix epoch (UTC days by default).
pub type EpochIndex = u32;

/// Length in bytes of every signature and of every ed25519 secret-derived value that is signed here.
pub const SIGNATURE_LENGTH: usize = 64;

/// An ed25519 signature as bytes.
pub type Signature = [u8; SIGNATURE_LENGTH];

/// A 32-byte hash.
pub type Hash = [u8; 32];

/// How the identity of a device is attested. The class weighs rewards; it is never a gate.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
#[serde(rename_all = "camelCase")]
pub enum EvidenceClass {
	/// The owner's word alone: weight 0.5.
	#[default]
	#[codec(index = 0)]
	SelfMade,
	/// A registered maker attested the hardware key that authorises the session key: weight 1.
	#[codec(index = 1)]
	MakerAttested,
}
