//! Proof of coverage: windows, challenges, what the checks of the statement pool answer, activity, cells.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{
	ReasonCode, WindowIndex,
	place::Cell,
	region::DataRate,
	units::{Scale, Units},
	words::Hash,
};

/// The current challenge window.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WindowInfo {
	/// Its index.
	pub index: WindowIndex,
	/// Its first block.
	pub first_block: u32,
	/// How many blocks it lasts.
	pub blocks: u32,
	/// Its expected length in ms.
	pub duration_ms: u64,
	/// Timestamp of the block before its first one, in ms since the Unix epoch; 0 if there was none.
	pub started_at_ms: u64,
	/// Its seed.
	#[serde(with = "crate::text::hash")]
	pub seed: Hash,
}

/// How a challenged device has to beacon.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChallengeInfo {
	/// The challenge id.
	#[serde(with = "crate::text::hash")]
	pub id: Hash,
	/// Channel centre in Hz.
	pub frequency_hz: u32,
	/// Modulation.
	pub data_rate: DataRate,
	/// Radiated power in hundredths of a dBm.
	pub eirp_centi_dbm: i16,
	/// Time from the start of the window in ms.
	pub offset_ms: u64,
}

/// Why a statement or a reveal cannot go on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
	/// The window is not one whose statements, or reveals, are taken now.
	#[codec(index = 0)]
	WindowClosed,
	/// No such device, or it has no location yet.
	#[codec(index = 1)]
	UnknownDevice,
	/// The beaconer is not challenged in the window.
	#[codec(index = 2)]
	NotChallenged,
	/// The witness is not drawn.
	#[codec(index = 3)]
	NotDrawn,
	/// It is on chain already.
	#[codec(index = 4)]
	AlreadyKnown,
	/// Others with a better draw fill the challenge.
	#[codec(index = 5)]
	Full,
	/// The signature is not the session key's.
	#[codec(index = 6)]
	BadSignature,
	/// No statement about this beacon is on chain, so there is nothing to reveal.
	#[codec(index = 7)]
	NothingToReveal,
	/// A device cannot witness its own beacon.
	#[codec(index = 8)]
	OwnBeacon,
	/// The witness can be no valid one of this beacon, whatever it heard, for this reason.
	#[codec(index = 9)]
	NotEligible(ReasonCode),
	/// The beaconer is challenged, but cannot take part, for this reason.
	#[codec(index = 10)]
	BeaconerNotEligible(ReasonCode),
}

impl Refusal {
	/// The number by which a transaction that is invalid for it says so: its index, or 32 and the number of the
	/// reason.
	pub fn number(self) -> u8 {
		match self {
			Self::WindowClosed => 0,
			Self::UnknownDevice => 1,
			Self::NotChallenged => 2,
			Self::NotDrawn => 3,
			Self::AlreadyKnown => 4,
			Self::Full => 5,
			Self::BadSignature => 6,
			Self::NothingToReveal => 7,
			Self::OwnBeacon => 8,
			Self::NotEligible(reason) | Self::BeaconerNotEligible(reason) => 32 + reason as u8,
		}
	}

	/// What the refusal means, for people.
	pub fn explanation(self) -> &'static str {
		match self {
			Self::WindowClosed => "its window is not one whose statements or reveals are taken now",
			Self::UnknownDevice => "a device is unknown, or has no location yet",
			Self::NotChallenged => "the beaconer is not challenged in that window",
			Self::NotDrawn => "the witness is not drawn for that beacon",
			Self::AlreadyKnown => "it is on chain already",
			Self::Full => "witnesses with a better draw fill the challenge",
			Self::BadSignature => "the signature is not the session key's",
			Self::NothingToReveal => "no statement about that beacon is on chain",
			Self::OwnBeacon => "a device cannot witness its own beacon",
			Self::NotEligible(reason) | Self::BeaconerNotEligible(reason) => reason.explanation(),
		}
	}
}

/// What a device did, and why what it did earned less than it might have.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityInfo {
	/// The last window in which a valid witness heard it.
	pub last_heard: Option<WindowIndex>,
	/// The last window in which it was a valid witness.
	pub last_witnessed: Option<WindowIndex>,
	/// Windows that both may lie back at most.
	pub reciprocity_span: u32,
	/// Whether it is counted in the density of its place.
	pub is_counted: bool,
	/// The density scale of its place.
	pub density_scale: Scale,
	/// Its coverage units of [`Self::epoch`].
	pub units: Units,
	/// The epoch of those units.
	pub epoch: u32,
	/// How often each reason applied since the device was registered; it stops at 65,535.
	pub reasons: Vec<(ReasonCode, u16)>,
}

/// A cell as density sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CellInfo {
	/// The cell.
	pub cell: Cell,
	/// Devices that its children admitted.
	pub arrived: u32,
	/// Devices that it admits to its parent.
	pub admitted: u32,
}
