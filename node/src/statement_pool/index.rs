//! What the pool holds of one window, for the questions that must be answered at once: is it there
//! already, and has this device its share.

use std::collections::{BTreeMap, BTreeSet};

use groma_core::{
	DeviceId,
	protocol::STATEMENTS_PER_WITNESS_MAX,
	statement::{Reveal, Statement},
	words::Signature,
};

/// The most statements of a window.
pub(super) const STATEMENTS_MAX: usize = 60_000;
/// The most reveals of a window: there is one per challenge.
pub(super) const REVEALS_MAX: usize = 30_000;

/// Whether there is room for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
	/// There is.
	Free,
	/// The very same thing is there.
	Known,
	/// Another of its kind by the same device is there.
	Taken,
	/// The device has its share.
	QuotaReached,
	/// The window has its share.
	Full,
}

/// The statements and reveals of a window.
#[derive(Debug, Default)]
pub(super) struct WindowIndex {
	/// The signatures of statements by (witness, beaconer).
	statements: BTreeMap<(DeviceId, DeviceId), Signature>,
	/// Beaconers of whom a signature is there: one that passed the check is as good as another.
	reveals: BTreeSet<DeviceId>,
}

impl WindowIndex {
	/// Nothing.
	pub(super) const EMPTY: Self = Self { statements: BTreeMap::new(), reveals: BTreeSet::new() };

	/// Whether there is room for a statement.
	pub(super) fn room_for_statement(&self, statement: &Statement) -> Room {
		let witness = statement.observation.witness;
		match self.statements.get(&(witness, statement.beaconer)) {
			Some(signature) if *signature == statement.signature => return Room::Known,
			Some(_) => return Room::Taken,
			None => (),
		}
		let of_witness = (witness, DeviceId::MIN)..=(witness, DeviceId::MAX);
		if self.statements.range(of_witness).count() >= STATEMENTS_PER_WITNESS_MAX {
			Room::QuotaReached
		} else if self.statements.len() >= STATEMENTS_MAX {
			Room::Full
		} else {
			Room::Free
		}
	}

	/// Whether there is room for a reveal.
	pub(super) fn room_for_reveal(&self, reveal: &Reveal) -> Room {
		if self.reveals.contains(&reveal.beaconer) {
			Room::Known
		} else if self.reveals.len() >= REVEALS_MAX {
			Room::Full
		} else {
			Room::Free
		}
	}

	/// Notes a statement.
	pub(super) fn insert_statement(&mut self, statement: &Statement) {
		let key = (statement.observation.witness, statement.beaconer);
		self.statements.insert(key, statement.signature);
	}

	/// Notes a reveal.
	pub(super) fn insert_reveal(&mut self, reveal: &Reveal) {
		self.reveals.insert(reveal.beaconer);
	}

	/// How many statements and reveals there are.
	pub(super) fn counts(&self) -> (usize, usize) {
		(self.statements.len(), self.reveals.len())
	}
}
