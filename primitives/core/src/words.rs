//! Identifiers and small closed vocabularies. The glossary explains the words.

use core::fmt;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text;

/// A device's compact id, given by the chain and never reused; neighbours have similar ones.
pub type DeviceId = u32;

/// A network's id: 0 is `lorawan`.
pub type NetworkId = u16;

/// A maker's id.
pub type MakerId = u16;

/// A region's id within a network. In networks of coverage it is a radio region: see
/// [`crate::region`].
pub type RegionId = u8;

/// The short index under which a collector is registered; 0 names none. An index is never given to
/// another collector.
pub type CollectorIndex = u32;

/// A payment channel's id: counted, and never given to another.
pub type ChannelId = u64;

/// A challenge window, counted from 0 at genesis.
pub type WindowIndex = u32;

/// A reward epoch: the number of whole epoch lengths since the Unix epoch (UTC days by default).
pub type EpochIndex = u32;

/// An era, the unit of sets of validators, counted from 0 at genesis.
pub type EraIndex = u32;

/// A 32-byte hash.
pub type Hash = [u8; 32];

/// Length of a signature in bytes.
pub const SIGNATURE_LENGTH: usize = 64;

/// A separate type for bytes of a fixed length: encoded as the bytes alone, in JSON and for
/// people hexadecimal text.
macro_rules! bytes {
	($(#[doc = $doc:literal])+ $name:ident, $length:expr) => {
		$(#[doc = $doc])+
		#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
		#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
		pub struct $name(pub [u8; $length]);

		impl AsRef<[u8]> for $name {
			fn as_ref(&self) -> &[u8] {
				&self.0
			}
		}

		impl From<[u8; $length]> for $name {
			fn from(bytes: [u8; $length]) -> Self {
				Self(bytes)
			}
		}

		impl From<$name> for [u8; $length] {
			fn from(bytes: $name) -> Self {
				bytes.0
			}
		}

		impl fmt::Display for $name {
			fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
				text::write_hexadecimal(&self.0, f)
			}
		}

		impl fmt::Debug for $name {
			fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
				fmt::Display::fmt(self, f)
			}
		}

		impl Serialize for $name {
			fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
				serializer.collect_str(self)
			}
		}

		impl<'de> Deserialize<'de> for $name {
			fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
				text::read_hexadecimal(deserializer).map(Self)
			}
		}
	};
}

bytes! {
	/// A device's ed25519 session key.
	SessionKey, 32
}

bytes! {
	/// The ed25519 key with which a payer signs the vouchers of a channel.
	SignerKey, 32
}

bytes! {
	/// The ed25519 key by which a gateway knows the router of a payer.
	RouterKey, 32
}

bytes! {
	/// The address of a LoRaWAN device in its network, the highest byte first: as people write it,
	/// and the other way round than on the air.
	DevAddr, 4
}

bytes! {
	/// The JoinEUI by which a LoRaWAN device names its join server, the highest byte first: as
	/// people write it, and the other way round than on the air.
	JoinEui, 8
}

bytes! {
	/// An account as bytes: what signed payloads carry.
	AccountBytes, 32
}

bytes! {
	/// A signature as bytes, ed25519 unless something else is said.
	Signature, SIGNATURE_LENGTH
}

/// How the identity of a device is attested. The class weighs rewards; it is never a gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
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
