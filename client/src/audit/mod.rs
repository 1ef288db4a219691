//! Payouts of an epoch, recomputed from what lies on chain.
//!
//! ```text
//!        epoch e-1 │ epoch e                          │ epoch e+1
//!  ──[ ]───[ ]─────┼──[first]───[closes e-1]── .. ──[last]──[ ]───[closes e]──
//!          before ─┘                 settled_before                 settled
//! ```
//!
//! What work earns is owed from block `settled` on, and what customers pay at once. So between
//! `settled_before` and `settled` a device comes to be owed what its work of epoch e earned, and
//! what vouchers pay in these blocks; and what is claimed for it goes.

mod archive;
mod check;
mod deeds;
mod earnings;
mod span;
#[cfg(test)]
mod tests;

use groma_core::{DeviceId, EpochIndex};
use serde::Serialize;

use crate::{amount::Amount, chain::ChainError};

pub use archive::{Archive, NodeArchive};
pub use check::audit;
pub use deeds::Deed;
pub use earnings::{EpochEarnings, earnings};
pub use span::Span;

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
	/// The epoch.
	pub epoch: EpochIndex,
	/// The first block of it.
	pub first_block: u32,
	/// The last block of it.
	pub last_block: u32,
	/// The block that settled it.
	pub settled_in: u32,
	/// Devices that earned something.
	pub devices: u32,
	/// Vouchers that were paid.
	pub vouchers: u32,
	/// What the work of all devices earned, as it is recomputed.
	pub supply: Amount,
	/// What customers paid to owners of devices, as it is recomputed.
	pub demand: Amount,
	/// What the chain has otherwise.
	pub differences: Vec<Difference>,
	/// Devices that cannot be compared, since their answers do not name all that are owed.
	pub not_compared: Vec<DeviceId>,
}

/// A number that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
	/// What it is.
	pub about: String,
	/// What it should be: plancks, billionths of a unit, or credits, as decimal text.
	#[serde(serialize_with = "decimal")]
	pub computed: u128,
	/// What the chain has.
	#[serde(serialize_with = "decimal")]
	pub on_chain: u128,
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

fn decimal<S: serde::Serializer>(number: &u128, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.collect_str(number)
}

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
