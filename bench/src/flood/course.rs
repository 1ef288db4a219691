//! How the work of a chain went on, block by block.

use std::fmt;

use groma_runtime::RuntimeEvent;
use pallet_proof_of_coverage::Event;

use crate::{authored::Authored, lane::sender_of};

/// What was on chain after each block.
#[derive(Debug, Default)]
pub(super) struct Course {
	/// Transfers, in sum.
	pub(super) transfers: Vec<u64>,
	/// Statements and reveals that were new, in sum.
	pub(super) evidence: Vec<u64>,
	/// Bundles that were submitted to flood the pool.
	pub(super) submitted: usize,
	/// Those of them that the pool took.
	pub(super) taken: usize,
}

impl Course {
	/// Records a block.
	pub(super) fn note(&mut self, block: &Authored) {
		let transfers = block.transactions.iter().filter(|it| sender_of(it).is_some()).count();
		let evidence: u64 = block
			.events
			.iter()
			.map(|record| match &record.event {
				RuntimeEvent::ProofOfCoverage(
					Event::StatementsSubmitted { tally, .. }
					| Event::RevealsSubmitted { tally, .. },
				) => u64::from(tally.new),
				_ => 0,
			})
			.sum();
		self.transfers.push(self.transfers() + transfers as u64);
		self.evidence.push(self.evidence() + evidence);
	}

	/// The number of blocks.
	pub(super) fn blocks(&self) -> usize {
		self.transfers.len()
	}

	/// All transfers.
	pub(super) fn transfers(&self) -> u64 {
		self.transfers.last().copied().unwrap_or(0)
	}

	/// All statements and reveals that were new.
	pub(super) fn evidence(&self) -> u64 {
		self.evidence.last().copied().unwrap_or(0)
	}
}

impl fmt::Display for Course {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		writeln!(f, "block transfers evidence")?;
		for (block, (transfers, evidence)) in self.transfers.iter().zip(&self.evidence).enumerate()
		{
			writeln!(f, "{block:>5} {transfers:>9} {evidence:>8}")?;
		}
		Ok(())
	}
}

/// By how many blocks the second course is behind the first, at most: after any block it has after
/// so many more blocks what the first has. Not a number if it never has.
pub(super) fn lag(first: &[u64], second: &[u64]) -> f64 {
	if first.is_empty() {
		return f64::NAN;
	}
	let mut most = 0;
	for (block, wanted) in first.iter().enumerate() {
		let Some(reached) = second.iter().position(|it| it >= wanted) else { return f64::NAN };
		most = most.max(reached.saturating_sub(block));
	}
	most as f64
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn lag_is_that_of_the_block_that_is_most_behind() {
		assert_eq!(lag(&[1, 2, 3], &[1, 2, 3]), 0.0);
		assert_eq!(lag(&[1, 2, 3], &[2, 3, 3]), 0.0);
		assert_eq!(lag(&[1, 2, 3, 3, 3], &[0, 0, 1, 2, 3]), 2.0);
		assert!(lag(&[1, 2, 3], &[1, 2, 2]).is_nan());
		assert!(lag(&[], &[]).is_nan());
	}
}
