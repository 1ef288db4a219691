//! What the pool holds of one series in one window, for the questions that must be answered at
//! once: is a report there already, and does the pool hold enough of its author.

use std::collections::BTreeMap;

use groma_core::DeviceId;
use sp_io::hashing::blake2_128;

use super::series::{Entry, SameKey};

/// Whether there is room for a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
	/// There is.
	Free,
	/// The report is there.
	Known,
	/// Another report with its key is there.
	Taken,
	/// There are as many of its author as may be.
	QuotaReached,
	/// There are as many in the window as may be.
	Full,
}

/// The reports of one series in one window.
#[derive(Debug, Default)]
pub(super) struct Index {
	/// Hashes of reports by (author, subject).
	hashes: BTreeMap<(DeviceId, DeviceId), [u8; 16]>,
}

impl Index {
	/// No reports.
	pub(super) const EMPTY: Self = Self { hashes: BTreeMap::new() };

	/// Whether there is room for a report.
	pub(super) fn room_for(&self, report: &Entry) -> Room {
		let (series, key) = (report.series, report.key);
		if let Some(hash) = self.hashes.get(&(key.author, key.subject)) {
			let is_known =
				series.same_key == SameKey::IsKnown || *hash == blake2_128(&report.bytes);
			return if is_known { Room::Known } else { Room::Taken };
		}
		let of_author = (key.author, DeviceId::MIN)..=(key.author, DeviceId::MAX);
		if self.hashes.range(of_author).count() >= series.per_author_max {
			Room::QuotaReached
		} else if self.hashes.len() >= series.per_window_max {
			Room::Full
		} else {
			Room::Free
		}
	}

	/// Adds a report.
	pub(super) fn insert(&mut self, report: &Entry) {
		let key = (report.key.author, report.key.subject);
		self.hashes.insert(key, blake2_128(&report.bytes));
	}

	/// The number of reports.
	pub(super) fn len(&self) -> usize {
		self.hashes.len()
	}
}
