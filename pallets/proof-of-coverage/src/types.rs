//! What the pallet stores, and what its calls carry.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, dispatch::Pays, traits::ConstU32};
use groma_core::{
	DeviceId, NetworkId, Reason, WindowIndex,
	api::ReasonCount,
	payload::Observation,
	place::Cell,
	protocol::{REASONS_MAX, RECORDS_MAX},
};
use groma_traits::OpenWork;
use scale_info::TypeInfo;

/// What a witness stated, as the chain keeps it until the reveal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Record {
	/// What the witness observed.
	pub observation: Observation,
	/// Whether the witness had been heard within the span of reciprocity when it stated. If so, its
	/// record goes before those of witnesses that had not, once the challenge is full.
	pub is_heard: bool,
}

/// A challenge about which statements were made.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Challenge {
	/// Active devices of the beaconer's cell when the first statement came: it sets the draw for
	/// all.
	pub cell_devices: u32,
	/// The records, one per witness.
	pub records: BoundedVec<Record, ConstU32<RECORDS_MAX>>,
}

impl Challenge {
	/// A challenge without records, in whose beaconer's cell `cell_devices` devices are active.
	pub fn new(cell_devices: u32) -> Self {
		Self { cell_devices, records: BoundedVec::new() }
	}

	/// Whether it has as many records as it can have.
	pub fn is_full(&self) -> bool {
		self.records.is_full()
	}

	/// Whether the witness has a record.
	pub(crate) fn is_stated_by(&self, witness: DeviceId) -> bool {
		self.records.iter().any(|record| record.observation.witness == witness)
	}

	/// Adds a record, or puts it in the place of the one at `instead_of`.
	pub fn put(&mut self, record: Record, instead_of: Option<usize>) {
		match instead_of {
			Some(place) => {
				if let Some(slot) = self.records.get_mut(place) {
					*slot = record;
				}
			}
			None => {
				let _full = self.records.try_push(record);
			}
		}
	}
}

/// What every settled challenge changes of a device that takes part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Activity {
	/// The last window in which a valid witness heard it.
	pub last_heard: Option<WindowIndex>,
	/// The last window in which it was a valid witness.
	pub last_witnessed: Option<WindowIndex>,
	/// Where it is counted in density.
	pub counted: Option<Counted>,
	/// Units that were not handed over to rewards yet.
	pub open_work: Option<OpenWork>,
}

/// Where a device is counted in density.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Counted {
	/// In the counts of this network.
	pub network: NetworkId,
	/// In the cells that hold this one.
	pub cell: Cell,
}

/// Saturating counters, one per reason. Trailing zeros are left out, so that the record of a device
/// without failures is short and reasons can be appended without a migration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ReasonCounts(BoundedVec<u16, ConstU32<REASONS_MAX>>);

impl ReasonCounts {
	/// Counts one more.
	pub fn count(&mut self, reason: impl Reason) {
		let place = usize::from(reason.number());
		while self.0.len() <= place && self.0.try_push(0).is_ok() {}
		if let Some(count) = self.0.get_mut(place) {
			*count = count.saturating_add(1);
		}
	}

	/// How often a reason applied; it stops at 65,535.
	pub fn of(&self, reason: impl Reason) -> u16 {
		self.0.get(usize::from(reason.number())).copied().unwrap_or(0)
	}

	/// The reasons that applied, by number.
	pub fn applied(&self) -> impl Iterator<Item = ReasonCount> + '_ {
		(0..)
			.zip(&self.0)
			.filter(|(_, count)| **count > 0)
			.map(|(code, count)| ReasonCount { code, count: *count })
	}
}

/// What became of the items of a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Tally {
	/// Items that brought something new: reveals that settled a challenge, and statements that got
	/// a free place, or, of a witness that was heard, that of one that was not.
	pub new: u32,
	/// Items that are no fault of the collector but brought nothing new: known, closed, not drawn,
	/// not eligible, full. Statements that took the place of another by their draw alone are among
	/// them: otherwise those of one challenge could be replaced without end for free.
	pub refused: u32,
	/// Items with a wrong signature, malformed ones, and exact repetitions within the bundle.
	pub bad: u32,
}

impl Tally {
	/// That one item brought something new.
	pub fn one() -> Self {
		Self { new: 1, ..Self::default() }
	}

	/// What the bundle costs its collector: nothing if it brings anything new, nothing bad, and at
	/// most as much that is refused as is new. Without the last, one new item would carry a block's
	/// worth of junk for free. A challenge has 32 places, and each is given twice at most as new:
	/// so there is room for at most 128 statements about it in bundles that cost nothing.
	pub fn fee(&self) -> Pays {
		let is_free = self.new > 0 && self.bad == 0 && self.refused <= self.new;
		if is_free { Pays::No } else { Pays::Yes }
	}

	/// Counts items that no honest collector submits.
	pub(crate) fn note_bad(&mut self, items: u32) {
		self.bad = self.bad.saturating_add(items);
	}

	/// Counts one item.
	pub fn note(&mut self, result: Result<(), groma_core::api::Refusal>) {
		use groma_core::api::Refusal;
		let count = match result {
			Ok(()) => &mut self.new,
			Err(Refusal::BadSignature | Refusal::OwnBeacon) => &mut self.bad,
			Err(_) => &mut self.refused,
		};
		*count = count.saturating_add(1);
	}
}
