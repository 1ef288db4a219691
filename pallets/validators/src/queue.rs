//! A queue in storage: items join at its end and are taken at its front.
//!
//! Items and ends that do not decode are never replaced. The front passes over an item that does
//! not decode, which stays; without ends that decode nothing joins and nothing is taken.

use codec::{Decode, Encode, FullCodec, MaxEncodedLen};
use frame_support::{StorageMap, StorageValue};
use groma_stored::Stored;
use scale_info::TypeInfo;

/// Where a queue begins and ends: it has the places from `first` to the one before `next`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct QueueEnds {
	/// The place of the item that is taken next.
	pub first: u64,
	/// The place that the next item gets.
	pub next: u64,
}

/// A queue, by where it is stored.
pub(crate) trait Queue {
	/// What waits in it.
	type Item: FullCodec;
	/// Its ends.
	type Ends: StorageValue<QueueEnds>;
	/// What waits, by place.
	type Items: StorageMap<u64, Self::Item>;

	/// The ends; `None` if they do not decode.
	fn ends() -> Option<QueueEnds> {
		groma_stored::value::<Self::Ends, QueueEnds>().or_absent(QueueEnds::default())
	}

	/// What is stored at a place.
	fn item(place: u64) -> Stored<Self::Item> {
		groma_stored::entry::<Self::Items, u64, Self::Item>(place)
	}

	/// Adds an item at the end.
	fn push(item: Self::Item) {
		let Some(ends) = Self::ends() else { return };
		Self::Items::insert(ends.next, item);
		Self::Ends::put(QueueEnds { next: ends.next.saturating_add(1), ..ends });
	}

	/// What is at the front; `None` if the queue is empty.
	fn front() -> Option<Stored<Self::Item>> {
		let ends = Self::ends().filter(|ends| ends.first < ends.next)?;
		Some(Self::item(ends.first))
	}

	/// Takes what is at the front off the queue.
	fn pop() {
		let Some(ends) = Self::ends().filter(|ends| ends.first < ends.next) else { return };
		if !Self::item(ends.first).is_undecodable() {
			Self::Items::remove(ends.first);
		}
		Self::Ends::put(QueueEnds { first: ends.first.saturating_add(1), ..ends });
	}
}
