//! Why the guard does not let something be signed.

use super::{
	journal::JournalError,
	record::{OwnBlock, Round, Target, Vote},
};
use crate::types::BlockHash;

/// The exit code of a node that was asked to contradict what it signed.
pub(crate) const EXIT_CODE: u8 = 10;

/// Why the guard does not let something be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
	/// A second vote.
	#[error(
		"the signing guard refused {asked}: the same key signed such a vote for {recorded}, and two \
		 are an offence. See docs/runbooks/guard-refused.md"
	)]
	OtherVote {
		/// What was to be signed.
		asked: Vote,
		/// What was signed.
		recorded: Target,
	},
	/// A vote in a round of which the guard knows nothing any more.
	#[error(
		"the signing guard refused {asked}: what was signed up to {last} is not known any more. See \
		 docs/runbooks/guard-refused.md"
	)]
	ForgottenRound {
		/// What was to be signed.
		asked: Vote,
		/// The last round of which nothing is known.
		last: Round,
	},
	/// A vote while the key for votes is hidden.
	#[error(
		"the signing guard refused {asked} while it hides the key for votes. See \
		 docs/runbooks/guard-refused.md"
	)]
	Hidden {
		/// What was to be signed.
		asked: Vote,
	},
	/// Something that is no vote, to be signed with the key for votes.
	#[error(
		"the signing guard refused to sign what is no vote with the key for votes. See \
		 docs/runbooks/guard-refused.md"
	)]
	NoVote,
	/// A second block.
	#[error(
		"the signing guard refused the block {:?} of slot {}: this validator made {recorded:?} in \
		 it, and two are an offence. See docs/runbooks/guard-refused.md",
		.asked.hash,
		.asked.slot
	)]
	OtherBlock {
		/// What was made now.
		asked: OwnBlock,
		/// What was made before.
		recorded: BlockHash,
	},
	/// A block of a slot of which the guard knows nothing.
	#[error(
		"the signing guard refused the block {:?} of slot {}: what was made up to slot {last} is \
		 not known",
		.asked.hash,
		.asked.slot
	)]
	ForgottenSlot {
		/// What was made now.
		asked: OwnBlock,
		/// The last slot of which nothing is known.
		last: u64,
	},
	/// A block that names no slot.
	#[error("the signing guard refused the block {0:?}, which names no slot")]
	NoSlot(BlockHash),
	/// It cannot be recorded.
	#[error(transparent)]
	Journal(#[from] JournalError),
}

impl Refusal {
	/// The exit code of a node that ends for this reason.
	pub(crate) fn exit_code(&self) -> u8 {
		match self {
			Self::Journal(_) => 1,
			_ => EXIT_CODE,
		}
	}
}
