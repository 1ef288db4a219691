//! What bringing reports on chain cost: the books of a collector, or of devices that do it
//! themselves.

use std::collections::BTreeMap;

use frame_support::dispatch::Pays;
use groma_core::{DeviceId, WindowIndex, statement::StatementGroup};
use groma_runtime::RuntimeEvent;
use pallet_proof_of_coverage::{Event as CoverageEvent, Tally};

/// What became of what was brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Books {
	/// Statements that were new to the chain.
	pub(crate) taken: u64,
	/// Bundles that cost their fee.
	pub(crate) paid: u64,
	/// Bundles that no block takes, since most of them is on chain or too late: they cost nothing.
	pub(crate) left_out: u64,
	/// Statements that cost nothing, by the beacon that they are about.
	pub(crate) free: BTreeMap<(WindowIndex, DeviceId), u64>,
}

impl Books {
	/// Notes a bundle of statements that a block took, by the events of its call.
	pub(crate) fn note_statements(&mut self, groups: &[StatementGroup], events: &[RuntimeEvent]) {
		let Some(tally) = events.iter().find_map(tally_of) else { return };
		self.taken += u64::from(tally.new);
		self.note_fee(&tally);
		if tally.fee() == Pays::No {
			for group in groups {
				self.note_free(group.window, group.beaconer, group.statements.len() as u64);
			}
		}
	}

	/// Notes a bundle of reveals that a block took.
	pub(crate) fn note_reveals(&mut self, events: &[RuntimeEvent]) {
		if let Some(tally) = events.iter().find_map(tally_of) {
			self.note_fee(&tally);
		}
	}

	/// Notes statements about one beacon that cost nothing.
	pub(crate) fn note_free(&mut self, window: WindowIndex, beaconer: DeviceId, statements: u64) {
		*self.free.entry((window, beaconer)).or_default() += statements;
	}

	fn note_fee(&mut self, tally: &Tally) {
		self.paid += u64::from(tally.fee() == Pays::Yes);
	}
}

fn tally_of(event: &RuntimeEvent) -> Option<Tally> {
	match event {
		RuntimeEvent::ProofOfCoverage(
			CoverageEvent::StatementsSubmitted { tally, .. }
			| CoverageEvent::RevealsSubmitted { tally, .. },
		) => Some(*tally),
		_ => None,
	}
}
