//! Which devices exist, and what was true of them in a window.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use groma_core::{
	DeviceId, EvidenceClass, NetworkId, RegionId, WindowIndex,
	place::{Cell, UnitVector},
	words::Hash,
};
use scale_info::TypeInfo;

/// Where a device stands.
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
)]
pub struct Place {
	/// H3 cell of resolution 12.
	pub cell: Cell,
	/// The centre of the cell, computed once at assertion.
	pub vector: UnitVector,
	/// Radio region.
	pub region: RegionId,
	/// The window in which the location took effect.
	pub since: WindowIndex,
}

/// A device as it was in a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceView<AccountId> {
	/// The network it serves.
	pub network: NetworkId,
	/// Who owned it.
	pub owner: AccountId,
	/// Its ed25519 session key.
	pub session_key: Hash,
	/// How it is attested.
	pub class: EvidenceClass,
	/// Whether it took part: neither paused, in maintenance, retired nor banned.
	pub is_active: bool,
	/// Its number in its owner's list for this network.
	pub slot: u32,
	/// Where it stood, once asserted.
	pub place: Option<Place>,
}

/// The devices.
pub trait Devices<AccountId> {
	/// The device as it was in `window`, which is at most two windows before the current one. A change
	/// takes effect at its own window, so what was signed before it stays valid.
	fn at(device: DeviceId, window: WindowIndex) -> Option<DeviceView<AccountId>>;

	/// How many devices of the network are active.
	fn active_count(network: NetworkId) -> u32;

	/// Bans the device and its present session key, at once and for ever.
	fn ban(device: DeviceId);

	/// Registers an active device at a mature place of its own, without any signature, and returns it:
	/// a benchmark's way to a populated chain.
	#[cfg(feature = "runtime-benchmarks")]
	fn populate(
		owner: AccountId,
		network: NetworkId,
		session_key: Hash,
		cell: Cell,
		region: RegionId,
	) -> DeviceId;
}
