//! What the pallet stores, and what its calls carry.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, dispatch::Pays, traits::ConstU32};
use groma_core::{
	DeviceId, NetworkId, Reason, WindowIndex,
	api::ReasonCount,
	payload::Observation,
	place::Cell,
	protocol::{COLLECTORS_MAX, REASONS_MAX, RECORDS_MAX},
};
use groma_traits::OpenWork;
use scale_info::TypeInfo;

/// The place of a collector in [`Challenge::collectors`] for records that have none.
const NO_COLLECTOR: u8 = u8::MAX;

/// What a witness stated, as the chain keeps it until the reveal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Record {
	/// What the witness observed.
	pub observation: Observation,
	/// Who brought it: a place in [`Challenge::collectors`].
	collector: u8,
}

/// A challenge about which statements were made.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Challenge<AccountId> {
	/// Active devices of the beaconer's cell when the first statement came: it sets the draw for
	/// all.
	pub cell_devices: u32,
	/// Who brought records. A place to which no record points any more goes to the next newcomer
	/// when all are taken.
	pub collectors: BoundedVec<AccountId, ConstU32<COLLECTORS_MAX>>,
	/// The records, one per witness.
	pub records: BoundedVec<Record, ConstU32<RECORDS_MAX>>,
}

impl<AccountId: Clone + PartialEq> Challenge<AccountId> {
	/// A challenge without records, in whose beaconer's cell `cell_devices` devices are active.
	pub fn new(cell_devices: u32) -> Self {
		Self { cell_devices, collectors: BoundedVec::new(), records: BoundedVec::new() }
	}

	/// Whether the witness has a record.
	pub fn is_stated_by(&self, witness: DeviceId) -> bool {
		self.records.iter().any(|record| record.observation.witness == witness)
	}

	/// Adds a record, or puts it in the place of the one at `instead_of`.
	pub fn put(
		&mut self,
		observation: Observation,
		collector: Option<&AccountId>,
		instead_of: Option<usize>,
	) {
		// The record that gives way no longer holds its collector's place.
		if let Some(leaving) = instead_of.and_then(|place| self.records.get_mut(place)) {
			leaving.collector = NO_COLLECTOR;
		}
		let record = Record { observation, collector: self.place_of(collector) };
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

	/// Who brought a record; `None` if the device itself did, or if too many others came before.
	pub fn collector_of(&self, record: &Record) -> Option<&AccountId> {
		self.collectors.get(usize::from(record.collector))
	}

	/// Where a collector stands in the table; a new one gets a place while there is any.
	fn place_of(&mut self, collector: Option<&AccountId>) -> u8 {
		let Some(collector) = collector else { return NO_COLLECTOR };
		let known = self.collectors.iter().position(|known| known == collector);
		let place = known.or_else(|| self.admit(collector));
		place.and_then(|place| u8::try_from(place).ok()).unwrap_or(NO_COLLECTOR)
	}

	/// Gives a new collector a place: a free one, or one to which no record points.
	fn admit(&mut self, collector: &AccountId) -> Option<usize> {
		let end = self.collectors.len();
		if self.collectors.try_push(collector.clone()).is_ok() {
			return Some(end);
		}
		let abandoned = (0..end).find(|place| {
			!self.records.iter().any(|record| usize::from(record.collector) == *place)
		})?;
		*self.collectors.get_mut(abandoned)? = collector.clone();
		Some(abandoned)
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
	/// Items that brought something new.
	pub new: u32,
	/// Items that are no fault of the collector but brought nothing: known, closed, not drawn, not
	/// eligible, full.
	pub refused: u32,
	/// Items with a wrong signature, and malformed ones.
	pub bad: u32,
}

impl Tally {
	/// That one item brought something new.
	pub fn one() -> Self {
		Self { new: 1, ..Self::default() }
	}

	/// What the bundle costs its collector: nothing if it brings anything new, nothing bad, and at
	/// most as much that is refused as is new. Without the last, one new item would carry a block's
	/// worth of junk for free.
	pub fn fee(&self) -> Pays {
		let is_free = self.new > 0 && self.bad == 0 && self.refused <= self.new;
		if is_free { Pays::No } else { Pays::Yes }
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
