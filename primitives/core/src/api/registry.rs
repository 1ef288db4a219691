//! Devices and their places.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{
	DeviceId, EvidenceClass, MakerId, NetworkId, RegionId, WindowIndex,
	api::{Code, Coded},
	place::Cell,
	words::SessionKey,
};

/// Whether a device takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeviceStatus {
	/// It takes part.
	#[codec(index = 0)]
	Active,
	/// Its owner paused it.
	#[codec(index = 1)]
	Paused,
	/// Its owner is working on it.
	#[codec(index = 2)]
	Maintenance,
	/// Its owner withdrew it permanently.
	#[codec(index = 3)]
	Retired,
	/// It was proven to cheat.
	#[codec(index = 4)]
	Banned,
}

impl Coded for DeviceStatus {}
impl Coded for EvidenceClass {}

/// A device as it stands in the current window.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceInfo<AccountId> {
	/// Its id.
	pub id: DeviceId,
	/// The network it serves.
	pub network: NetworkId,
	/// Its owner.
	pub owner: AccountId,
	/// Its ed25519 session key.
	pub session_key: SessionKey,
	/// How it is attested.
	pub class: Code<EvidenceClass>,
	/// Who attested it.
	pub maker: Option<MakerId>,
	/// Whether it takes part.
	pub status: Code<DeviceStatus>,
	/// Its number in its owner's list for the network.
	pub slot: u32,
	/// Where it stands.
	pub location: Option<LocationInfo>,
	/// The window in which a pending change takes effect.
	pub change_effective_at: Option<WindowIndex>,
}

/// An asserted location.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationInfo {
	/// H3 cell of resolution 12.
	pub cell: Cell,
	/// Region of the network, for example a radio region.
	pub region: RegionId,
	/// The window in which the location took effect.
	pub since: WindowIndex,
	/// The first window in which the device may take part.
	pub eligible_from: WindowIndex,
	/// Antenna gain in tenths of a dBi, as the owner asserts it: information only.
	pub gain_deci_dbi: i16,
	/// Height above ground in metres, as the owner asserts it: information only.
	pub elevation_m: i16,
}
