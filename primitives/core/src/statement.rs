//! The reports of coverage as they travel: from a device over JSON-RPC into a node's pool, and by
//! the collector or a transaction of the device into the chain. One type on the whole way.

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
	payload::Observation,
	protocol::{RECORDS_MAX, REVEAL_DELAY, STATEMENT_DELAY_MAX},
	words::{DeviceId, Signature, WindowIndex},
};

/// The series of [`Statement`].
pub const STATEMENTS: u8 = 0;
/// The series of [`Reveal`].
pub const REVEALS: u8 = 1;
/// The series of [`BeaconPair`].
pub const PAIRS: u8 = 2;

/// What distinguishes a report from every other: one is taken per key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Encode, Decode, MaxEncodedLen)]
pub struct ReportKey {
	/// The kind of report.
	pub series: u8,
	/// The window of the challenge.
	pub window: WindowIndex,
	/// The challenged device.
	pub subject: DeviceId,
	/// Who reports.
	pub author: DeviceId,
}

/// A report of one series.
pub trait Report: Encode + Decode + MaxEncodedLen {
	/// The number of the series, which is never given to another.
	const SERIES: u8;
	/// From the window of a report to the last one in which the chain takes it, in windows.
	const DELAY_MAX: WindowIndex;

	/// What distinguishes it from every other report.
	fn key(&self) -> ReportKey;

	/// The last window in which the chain takes it.
	fn last_window(&self) -> WindowIndex {
		self.key().window.saturating_add(Self::DELAY_MAX)
	}
}

macro_rules! wire {
	($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $field_doc:literal])+ $field:ident: $type:ty,)+ }) => {
		$(#[doc = $doc])+
		#[derive(Clone, Copy, Debug, PartialEq, Eq)]
		#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
		pub struct $name {
			$($(#[doc = $field_doc])+ pub $field: $type,)+
		}
	};
}

wire! {
	/// A witness's signed report about a beacon.
	Statement {
		/// The window of the beacon.
		window: WindowIndex,
		/// Who sent the beacon.
		beaconer: DeviceId,
		/// What the witness observed.
		observation: Observation,
		/// The signature of the witness's session key over [`Observation::to_signed_bytes`].
		signature: Signature,
	}
}

wire! {
	/// The publication of a beacon signature.
	Reveal {
		/// The window of the beacon.
		window: WindowIndex,
		/// Who sent the beacon.
		beaconer: DeviceId,
		/// The beacon signature: that of the beaconer's session key over
		/// [`crate::payload::beacon`].
		signature: Signature,
	}
}

wire! {
	/// Two signatures of one beacon: what proves that a device signed twice.
	BeaconPair {
		/// The window of the beacon.
		window: WindowIndex,
		/// Who sent the beacon.
		beaconer: DeviceId,
		/// A beacon signature.
		signature_a: Signature,
		/// Another one.
		signature_b: Signature,
	}
}

wire! {
	/// What a [`Statement`] says beyond what it is about.
	SignedObservation {
		/// What the witness observed.
		observation: Observation,
		/// The signature of the witness's session key over [`Observation::to_signed_bytes`].
		signature: Signature,
	}
}

/// The statements of a bundle about one beacon.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct StatementGroup {
	/// The window of the beacon.
	pub window: WindowIndex,
	/// Who sent the beacon.
	pub beaconer: DeviceId,
	/// What was heard, by whom.
	pub statements: BoundedVec<SignedObservation, ConstU32<RECORDS_MAX>>,
}

impl Statement {
	/// What it says beyond what it is about: an entry of a [`StatementGroup`].
	pub fn signed(&self) -> SignedObservation {
		SignedObservation { observation: self.observation, signature: self.signature }
	}
}

impl StatementGroup {
	/// The statement that an entry of the group makes.
	pub fn statement(&self, entry: &SignedObservation) -> Statement {
		Statement {
			window: self.window,
			beaconer: self.beaconer,
			observation: entry.observation,
			signature: entry.signature,
		}
	}
}

impl Report for Statement {
	const SERIES: u8 = STATEMENTS;
	const DELAY_MAX: WindowIndex = STATEMENT_DELAY_MAX;

	fn key(&self) -> ReportKey {
		ReportKey {
			series: Self::SERIES,
			window: self.window,
			subject: self.beaconer,
			author: self.observation.witness,
		}
	}
}

/// A beacon is revealed once, no matter who does it, so the beaconer counts as the author.
impl Report for Reveal {
	const SERIES: u8 = REVEALS;
	const DELAY_MAX: WindowIndex = REVEAL_DELAY;

	fn key(&self) -> ReportKey {
		ReportKey {
			series: Self::SERIES,
			window: self.window,
			subject: self.beaconer,
			author: self.beaconer,
		}
	}
}

/// A device is banned once for a beacon, so it counts as the author as well. The chain takes a pair
/// for much longer than a pool keeps it: that is as long as collectors bring it, so that they bring
/// first what cannot wait.
impl Report for BeaconPair {
	const SERIES: u8 = PAIRS;
	const DELAY_MAX: WindowIndex = REVEAL_DELAY + 1;

	fn key(&self) -> ReportKey {
		ReportKey {
			series: Self::SERIES,
			window: self.window,
			subject: self.beaconer,
			author: self.beaconer,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::DecodeAll;
	use proptest::prelude::*;

	fn statement() -> Statement {
		let observation = Observation {
			witness: 4,
			collector: 2,
			rssi_deci_dbm: -1_100,
			snr_deci_db: 55,
			commitment: [9; 8],
		};
		Statement { window: 7, beaconer: 3, observation, signature: Signature([1; 64]) }
	}

	fn decode<R: Decode>(bytes: &[u8]) -> Option<R> {
		R::decode_all(&mut &bytes[..]).ok()
	}

	#[test]
	fn statement_is_the_plain_encoding_of_its_fields() {
		let statement = statement();
		let fields = (7u32, 3u32, statement.observation, [1u8; 64]);
		assert_eq!(decode(&fields.encode()), Some(statement));
	}

	#[test]
	fn reveal_is_the_plain_encoding_of_its_fields() {
		let reveal = Reveal { window: 7, beaconer: 3, signature: Signature([2; 64]) };
		assert_eq!(decode(&(7u32, 3u32, [2u8; 64]).encode()), Some(reveal));
	}

	#[test]
	fn entries_of_a_group_are_whole_statements_again() {
		let statement = statement();
		let statements = BoundedVec::truncate_from(vec![statement.signed()]);
		let group = StatementGroup { window: 7, beaconer: 3, statements };
		assert_eq!(group.statement(&group.statements[0]), statement);
	}

	#[test]
	fn report_is_refused_when_truncated_or_too_long() {
		let bytes = statement().encode();
		for length in 0..bytes.len() {
			assert_eq!(decode::<Statement>(&bytes[..length]), None, "{length}");
		}
		let longer = [bytes.as_slice(), &[0]].concat();
		assert_eq!(decode::<Statement>(&longer), None);
		assert_eq!(decode::<Reveal>(&bytes), None);
	}

	proptest! {
		#[test]
		fn random_bytes_are_a_report_only_when_they_are_its_encoding(bytes: Vec<u8>) {
			if let Some(statement) = decode::<Statement>(&bytes) {
				prop_assert_eq!(statement.encode(), bytes.clone());
			}
			if let Some(reveal) = decode::<Reveal>(&bytes) {
				prop_assert_eq!(reveal.encode(), bytes);
			}
		}
	}
}
