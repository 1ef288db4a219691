//! How many of the evidence that waits are devices' own calls: at most so many, those with the
//! highest priority. They pay nothing, so without a bound a fleet of devices could keep all bundles
//! out of the pool.

use std::{collections::HashMap, hash::Hash};

use parking_lot::Mutex;
use sc_transaction_pool_api::TransactionPriority;

/// The own calls that wait, by hash.
pub(super) struct OwnCalls<H> {
	waiting: Mutex<HashMap<H, TransactionPriority>>,
	max: usize,
}

impl<H: Copy + Eq + Hash> OwnCalls<H> {
	/// None, of at most `max`.
	pub(super) fn new(max: usize) -> Self {
		Self { waiting: Mutex::default(), max }
	}

	/// Whether no more may wait, unless one gives way.
	pub(super) fn is_full(&self) -> bool {
		self.waiting.lock().len() >= self.max
	}

	/// Counts one that came in, and says which has to give way: the one with the lowest priority,
	/// and of several such the one that came in.
	pub(super) fn count(&self, hash: H, priority: TransactionPriority) -> Option<H> {
		let mut waiting = self.waiting.lock();
		waiting.insert(hash, priority);
		if waiting.len() <= self.max {
			return None;
		}
		let (last, _) =
			waiting.iter().min_by_key(|(other, priority)| (**priority, **other != hash))?;
		let last = *last;
		waiting.remove(&last);
		Some(last)
	}

	/// Forgets those that no longer wait.
	pub(super) fn retain(&self, mut waits: impl FnMut(&H) -> bool) {
		self.waiting.lock().retain(|hash, _| waits(hash));
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn lowest_priority_gives_way_when_there_are_too_many() {
		let calls = OwnCalls::new(2);
		assert_eq!(calls.count('a', 5), None);
		assert!(!calls.is_full());
		assert_eq!(calls.count('b', 7), None);
		assert!(calls.is_full());
		assert_eq!(calls.count('c', 6), Some('a'));
		assert_eq!(calls.count('d', 6), Some('d'), "of equals the one that was first stays");
		assert_eq!(calls.count('e', 1), Some('e'));
		assert_eq!(calls.count('b', 7), None, "one is counted once");
		calls.retain(|hash| *hash != 'b');
		assert_eq!(calls.count('f', 1), None);
	}

	#[test]
	fn no_call_may_wait_when_there_is_no_room_at_all() {
		assert_eq!(OwnCalls::new(0).count('a', u64::MAX), Some('a'));
	}
}
