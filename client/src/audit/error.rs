//! Why payouts cannot be recomputed.

use groma_core::EpochIndex;

use crate::chain::ChainError;

/// Why payouts cannot be recomputed.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
	/// The chain does not answer.
	#[error("{0}{hint}", hint = hint(.0))]
	Chain(#[from] ChainError),
	/// What happened in a block cannot be read.
	#[error("block {block} cannot be read ({reason})")]
	Block {
		/// Which.
		block: u32,
		/// Why.
		reason: String,
	},
	/// The epoch is not closed in a finalized block.
	#[error("epoch {epoch} is not closed in a finalized block yet; the last that is: {last}")]
	NotClosed {
		/// Which was asked for.
		epoch: EpochIndex,
		/// The last closed epoch, or that there is none.
		last: String,
	},
	/// No block has a timestamp in the epoch.
	#[error("no block has a time in epoch {0}: no one earned anything in it")]
	Silent(EpochIndex),
}

/// What to do if the node does not have a state.
fn hint(error: &ChainError) -> &'static str {
	match error {
		ChainError::Refused { .. } => {
			"; only a node that runs with `--state-pruning archive` has the state of every block"
		}
		_ => "",
	}
}
