//! What the pool holds of one series in one window, for the questions that must be answered at
//! once: is a report there already, does the pool hold enough of its author, and which of those
//! about its subject does the chain rank last.

use std::collections::{BTreeMap, BTreeSet};

use groma_core::{DeviceId, api::StatementRank, statement::ReportKey};
use sp_io::hashing::blake2_128;

use super::{
	chunks::Place,
	series::{Entry, SameKey},
};

/// Whether there is room for a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
	/// There is.
	Free,
	/// There is, in the place of the one that ranks last about the subject.
	InsteadOf(DeviceId, Place),
	/// The report is there.
	Known,
	/// Another report with its key is there.
	Taken,
	/// There are as many of its author as may be.
	QuotaReached,
	/// There are as many about its subject as may be, and the chain ranks all of them before it.
	Outranked,
	/// There are as many in the window as may be.
	Full,
}

/// How the chain ranks a report among those about its subject, the lowest first. What an earlier
/// run of the node left has none, and stays.
pub(super) type Rank = Option<StatementRank>;

/// A report that the pool holds.
#[derive(Debug)]
struct Held {
	hash: [u8; 16],
	rank: Rank,
	place: Place,
}

/// The reports of one series in one window.
#[derive(Debug, Default)]
pub(super) struct Index {
	/// By author and subject.
	reports: BTreeMap<(DeviceId, DeviceId), Held>,
	/// The authors of those about each subject, in the order in which the chain ranks them.
	ranks: BTreeMap<DeviceId, BTreeSet<(Rank, DeviceId)>>,
}

impl Index {
	/// No reports.
	pub(super) const EMPTY: Self = Self { reports: BTreeMap::new(), ranks: BTreeMap::new() };

	/// Whether there is room for a report, before its rank is known.
	pub(super) fn room_for(&self, report: &Entry) -> Room {
		let (series, key) = (report.series, report.key);
		if let Some(held) = self.reports.get(&(key.author, key.subject)) {
			let is_known =
				series.same_key == SameKey::IsKnown || held.hash == blake2_128(&report.bytes);
			return if is_known { Room::Known } else { Room::Taken };
		}
		let of_author = (key.author, DeviceId::MIN)..=(key.author, DeviceId::MAX);
		if self.reports.range(of_author).count() >= series.per_author_max {
			Room::QuotaReached
		} else if !self.is_full_about(report) && self.reports.len() >= series.per_window_max {
			Room::Full
		} else {
			Room::Free
		}
	}

	/// The same of a report whose rank is known.
	pub(super) fn room_for_ranked(&self, report: &Entry, rank: Rank) -> Room {
		let room = self.room_for(report);
		if room != Room::Free || !self.is_full_about(report) {
			return room;
		}
		let subject = report.key.subject;
		let last = self.ranks.get(&subject).and_then(|ranks| ranks.last());
		last.filter(|(last, _)| rank < *last)
			.and_then(|(_, author)| Some((*author, self.reports.get(&(*author, subject))?.place)))
			.map_or(Room::Outranked, |(author, place)| Room::InsteadOf(author, place))
	}

	/// Adds a report that lies at a place.
	pub(super) fn insert(&mut self, report: &Entry, rank: Rank, place: Place) {
		let key = report.key;
		let held = Held { hash: blake2_128(&report.bytes), rank, place };
		self.reports.insert((key.author, key.subject), held);
		self.ranks.entry(key.subject).or_default().insert((rank, key.author));
	}

	/// Removes the report of an author about a subject.
	pub(super) fn remove(&mut self, author: DeviceId, subject: DeviceId) {
		let Some(held) = self.reports.remove(&(author, subject)) else { return };
		if let Some(ranks) = self.ranks.get_mut(&subject) {
			ranks.remove(&(held.rank, author));
		}
	}

	/// Where the report with a key lies.
	pub(super) fn place_of(&self, key: &ReportKey) -> Option<Place> {
		self.reports.get(&(key.author, key.subject)).map(|held| held.place)
	}

	/// The number of reports.
	pub(super) fn len(&self) -> usize {
		self.reports.len()
	}

	/// Whether there are as many about the subject of a report as may be.
	fn is_full_about(&self, report: &Entry) -> bool {
		let held = self.ranks.get(&report.key.subject).map_or(0, BTreeSet::len);
		held >= report.series.per_subject_max
	}
}
