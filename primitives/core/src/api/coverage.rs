//! Proof of coverage: challenges, what the checks of the report pool answer, activity, cells.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

use crate::{
	CoverageReason, Reason, WindowIndex,
	codes::codes,
	place::Cell,
	protocol::REASONS_MAX,
	region::DataRate,
	units::{Scale, Units},
	words::Hash,
};

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

codes! {
	/// Why a statement or a reveal cannot go on chain. A transaction that is invalid for it carries
	/// the number.
	Refusal {
		/// The window is not one whose statements, or reveals, are taken now.
		WindowClosed = 0, "windowClosed";
		/// A device is unknown, or has no location yet.
		UnknownDevice = 1, "unknownDevice";
		/// The beaconer is not challenged in the window.
		NotChallenged = 2, "notChallenged";
		/// The witness is not drawn for the beacon.
		NotDrawn = 3, "notDrawn";
		/// It is on chain already.
		AlreadyKnown = 4, "alreadyKnown";
		/// Witnesses that go before this one fill the challenge.
		Full = 5, "full";
		/// The signature is not the session key's.
		BadSignature = 6, "badSignature";
		/// No statement about the beacon is on chain.
		NothingToReveal = 7, "nothingToReveal";
		/// A device cannot witness its own beacon.
		OwnBeacon = 8, "ownBeacon";
		/// The device brought as many statements about beacons of the window itself as it may.
		BudgetSpent = 11, "budgetSpent";
	}
	with {
		/// The witness can be no valid one of this beacon, whatever it heard, for this reason.
		NotEligible(CoverageReason) = 9, "notEligible", from 32;
		/// The beaconer is challenged, but cannot take part, for this reason.
		BeaconerNotEligible(CoverageReason) = 10, "beaconerNotEligible", from 128;
	}
}

// Room for all reasons that there can be.
const _: () = assert!(32 + REASONS_MAX <= 128 && 128 + REASONS_MAX <= u8::MAX as u32 + 1);

/// How the chain ranks a statement among those about its beacon, the lowest first: when a challenge
/// is full, statements of witnesses that were heard within the span of reciprocity have the places
/// before those of witnesses that were not, and then the draw decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, TypeInfo)]
pub struct StatementRank {
	/// Whether the witness was not heard within the span.
	pub is_unheard: bool,
	/// The draw of the witness for the beacon.
	pub draw: u64,
}

/// How often a reason applied. The reason is a number here, so that one which is unknown to a
/// client is shown all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Deserialize)]
pub struct ReasonCount {
	/// The number of the reason.
	pub code: u8,
	/// How often it applied; it stops at 65,535.
	pub count: u16,
}

impl ReasonCount {
	/// The reason, if it is known here.
	pub fn reason(&self) -> Option<CoverageReason> {
		CoverageReason::from_number(self.code)
	}
}

/// With the name and the explanation of the reason, if it is known.
impl Serialize for ReasonCount {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		let reason = self.reason();
		let mut fields = serializer.serialize_struct("ReasonCount", 4)?;
		fields.serialize_field("code", &self.code)?;
		fields.serialize_field("reason", &reason)?;
		fields.serialize_field("count", &self.count)?;
		fields.serialize_field("explanation", &reason.map(CoverageReason::explanation))?;
		fields.end()
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
	/// How often each reason applied since the device was registered, if it ever did.
	pub reasons: Vec<ReasonCount>,
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
	/// All counted devices in it, by which witnesses are drawn: at
	/// [`crate::protocol::DRAW_RESOLUTION`], else 0.
	pub members: u32,
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::collections::BTreeSet;

	fn refusals() -> impl Iterator<Item = Refusal> {
		let eligible = CoverageReason::ALL.iter().copied().map(Refusal::NotEligible);
		let beaconer = CoverageReason::ALL.iter().copied().map(Refusal::BeaconerNotEligible);
		Refusal::ALL.iter().copied().chain(eligible).chain(beaconer)
	}

	#[test]
	fn every_refusal_has_a_number_of_its_own() {
		let numbers: BTreeSet<u8> = refusals().map(Refusal::number).collect();
		assert_eq!(numbers.len(), refusals().count());
		assert_eq!(Refusal::NotEligible(CoverageReason::TooFar).number(), 44);
		assert_eq!(Refusal::BeaconerNotEligible(CoverageReason::TooFar).number(), 140);
	}

	#[test]
	fn refusal_is_shown_by_its_name_and_that_of_its_reason() {
		assert_eq!(Refusal::NotDrawn.to_string(), "notDrawn");
		let refusal = Refusal::NotEligible(CoverageReason::TooFar);
		assert_eq!(refusal.to_string(), "notEligible: TooFar");
	}

	#[test]
	fn refusal_has_the_same_name_in_json() {
		for refusal in refusals() {
			let value = serde_json::to_value(refusal).unwrap();
			// With a reason, the name is the key under which it stands.
			let key = value.as_object().and_then(|fields| fields.keys().next());
			let name = key.map_or_else(|| value.as_str(), |key| Some(key.as_str()));
			assert_eq!(name, Some(refusal.name()));
			assert!(!refusal.explanation().is_empty());
		}
	}

	#[test]
	fn unknown_reason_is_a_number_in_json() {
		for code in [4, 200] {
			let count = ReasonCount { code, count: 7 };
			let json = serde_json::to_value(count).unwrap();
			assert_eq!(json["code"], code);
			assert_eq!(json["reason"].as_str(), count.reason().map(|reason| reason.name()));
			assert_eq!(serde_json::from_value::<ReasonCount>(json).unwrap(), count);
		}
	}
}
