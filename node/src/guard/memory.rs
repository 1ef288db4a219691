//! What is known of what was signed: the latest votes and blocks, and up to where nothing is.

use std::collections::BTreeMap;

use sp_core::ed25519;

use super::{
	record::{Kind, OwnBlock, Record, Round, Target, Vote},
	refusal::Refusal,
};
use crate::types::BlockHash;

/// How many votes are kept: some 500 rounds, more than a database loses of its last writes.
const VOTES_MAX: usize = 1_024;
/// How many own blocks are kept.
const BLOCKS_MAX: usize = 256;

/// What is known of what was signed.
#[derive(Debug, Default)]
pub(super) struct Memory {
	votes: BTreeMap<(Round, ed25519::Public, Kind), Target>,
	blocks: BTreeMap<u64, BlockHash>,
	/// Nothing is known of what was signed up to this round, but for `votes`.
	forgotten_votes: Option<Round>,
	/// Nothing is known of what was made up to this slot, but for `blocks`.
	forgotten_blocks: Option<u64>,
}

impl Memory {
	/// Whether this very vote was signed.
	///
	/// # Errors
	///
	/// If another one was, or may have been.
	pub(super) fn has_vote(&self, vote: &Vote) -> Result<bool, Refusal> {
		match self.votes.get(&(vote.round, vote.key, vote.kind)) {
			Some(target) if *target == vote.target => Ok(true),
			Some(target) => Err(Refusal::OtherVote { asked: *vote, recorded: *target }),
			None => match self.forgotten_votes {
				Some(last) if vote.round <= last => {
					Err(Refusal::ForgottenRound { asked: *vote, last })
				}
				_ => Ok(false),
			},
		}
	}

	/// Whether this very block was made.
	///
	/// # Errors
	///
	/// If another one of its slot was, or may have been.
	pub(super) fn has_block(&self, block: &OwnBlock) -> Result<bool, Refusal> {
		match self.blocks.get(&block.slot) {
			Some(hash) if *hash == block.hash => Ok(true),
			Some(hash) => Err(Refusal::OtherBlock { asked: *block, recorded: *hash }),
			None => match self.forgotten_blocks {
				Some(last) if block.slot <= last => {
					Err(Refusal::ForgottenSlot { asked: *block, last })
				}
				_ => Ok(false),
			},
		}
	}

	/// Takes a record in, and forgets the oldest ones above the bounds.
	pub(super) fn take(&mut self, record: &Record) {
		match record {
			Record::Vote(Vote { round, key, kind, target }) => {
				self.votes.insert((*round, *key, *kind), *target);
			}
			Record::Block(OwnBlock { slot, hash }) => {
				self.blocks.insert(*slot, *hash);
			}
			Record::VotesForgotten(round) => {
				self.forgotten_votes = self.forgotten_votes.max(Some(*round));
			}
			Record::BlocksForgotten(slot) => {
				self.forgotten_blocks = self.forgotten_blocks.max(Some(*slot));
			}
			Record::Hidden(_) | Record::Shown => {}
		}
		while self.votes.len() > VOTES_MAX {
			let oldest = self.votes.pop_first().map(|((round, ..), _)| round);
			self.forgotten_votes = self.forgotten_votes.max(oldest);
		}
		while self.blocks.len() > BLOCKS_MAX {
			let oldest = self.blocks.pop_first().map(|(slot, _)| slot);
			self.forgotten_blocks = self.forgotten_blocks.max(oldest);
		}
	}

	/// Forgets all votes, as if none had been signed.
	pub(super) fn forget_votes(&mut self) {
		self.votes.clear();
		self.forgotten_votes = None;
	}

	/// All of it, as records.
	pub(super) fn records(&self) -> Vec<Record> {
		let forgotten_votes = self.forgotten_votes.map(Record::VotesForgotten);
		let forgotten_blocks = self.forgotten_blocks.map(Record::BlocksForgotten);
		forgotten_votes
			.into_iter()
			.chain(forgotten_blocks)
			.chain(self.votes().map(Record::Vote))
			.chain(self.blocks().map(Record::Block))
			.collect()
	}

	/// The latest round in which a vote was signed, or of which nothing is known.
	pub(super) fn newest_round(&self) -> Option<Round> {
		let voted = self.votes.last_key_value().map(|((round, ..), _)| *round);
		voted.max(self.forgotten_votes)
	}

	/// Whether nothing is known of this round.
	pub(super) fn has_forgotten(&self, round: Round) -> bool {
		self.forgotten_votes.is_some_and(|last| round <= last)
	}

	/// The votes of a set, from a round on.
	pub(super) fn votes_from(&self, round: Round) -> Vec<Vote> {
		self.votes()
			.filter(|vote| vote.round.set == round.set && vote.round.number >= round.number)
			.collect()
	}

	/// The latest vote.
	pub(super) fn last_vote(&self) -> Option<Vote> {
		self.votes().next_back()
	}

	/// The latest own block.
	pub(super) fn last_block(&self) -> Option<OwnBlock> {
		self.blocks().next_back()
	}

	fn votes(&self) -> impl DoubleEndedIterator<Item = Vote> {
		self.votes.iter().map(|((round, key, kind), target)| Vote {
			round: *round,
			key: *key,
			kind: *kind,
			target: *target,
		})
	}

	fn blocks(&self) -> impl DoubleEndedIterator<Item = OwnBlock> {
		self.blocks.iter().map(|(slot, hash)| OwnBlock { slot: *slot, hash: *hash })
	}
}

#[cfg(test)]
mod tests {
	use sp_core::H256;

	use super::*;
	use crate::guard::record::tests::vote;

	fn remembering(records: impl IntoIterator<Item = Record>) -> Memory {
		let mut memory = Memory::default();
		records.into_iter().for_each(|record| memory.take(&record));
		memory
	}

	fn block(slot: u64, byte: u8) -> OwnBlock {
		OwnBlock { slot, hash: H256::repeat_byte(byte) }
	}

	#[test]
	fn second_vote_is_refused_and_the_same_one_is_not() {
		let signed = vote((2, 5), Kind::Prevote, 7);
		let memory = remembering([Record::Vote(signed)]);
		assert!(memory.has_vote(&signed).expect("it is the same"));
		let other = vote((2, 5), Kind::Prevote, 8);
		let refusal = memory.has_vote(&other).expect_err("it is another");
		assert!(
			matches!(refusal, Refusal::OtherVote { recorded, .. } if recorded == signed.target)
		);
		// For each of these nothing was signed: another kind, round, set or key.
		let of_other_key = Vote { key: ed25519::Public::from([2; 32]), ..other };
		for free in [
			vote((2, 5), Kind::Precommit, 8),
			vote((2, 4), Kind::Prevote, 8),
			vote((3, 5), Kind::Prevote, 8),
			of_other_key,
		] {
			assert!(!memory.has_vote(&free).expect("it contradicts nothing"), "{free}");
		}
	}

	#[test]
	fn second_block_of_a_slot_is_refused_and_the_same_one_is_not() {
		let memory = remembering([Record::Block(block(4, 1))]);
		assert!(memory.has_block(&block(4, 1)).expect("it is the same"));
		assert!(matches!(memory.has_block(&block(4, 2)), Err(Refusal::OtherBlock { .. })));
		assert!(!memory.has_block(&block(3, 2)).expect("no block was made in it"));
	}

	#[test]
	fn what_is_forgotten_is_refused_as_if_it_were_signed() {
		let last = Round { set: 2, number: 5 };
		let memory = remembering([Record::VotesForgotten(last), Record::BlocksForgotten(9)]);
		for old in [vote((2, 5), Kind::Prevote, 1), vote((1, 900), Kind::Precommit, 1)] {
			assert!(matches!(memory.has_vote(&old), Err(Refusal::ForgottenRound { .. })), "{old}");
		}
		assert!(!memory.has_vote(&vote((2, 6), Kind::Prevote, 1)).expect("it is later"));
		assert!(matches!(memory.has_block(&block(9, 1)), Err(Refusal::ForgottenSlot { .. })));
		assert!(!memory.has_block(&block(10, 1)).expect("it is later"));
		assert_eq!(memory.newest_round(), Some(last));
	}

	#[test]
	fn oldest_rounds_and_slots_are_forgotten_above_the_bounds() {
		let mut memory = Memory::default();
		for number in 0..2_000 {
			memory.take(&Record::Vote(vote((0, number), Kind::Prevote, 1)));
			memory.take(&Record::Vote(vote((0, number), Kind::Precommit, 1)));
			memory.take(&Record::Block(block(number, 1)));
		}
		assert_eq!((memory.votes.len(), memory.blocks.len()), (VOTES_MAX, BLOCKS_MAX));
		assert!(memory.has_forgotten(Round { set: 0, number: 1_487 }));
		assert!(!memory.has_forgotten(Round { set: 0, number: 1_488 }));
		assert!(memory.has_vote(&vote((0, 1_488), Kind::Prevote, 2)).is_err());
		assert!(memory.has_vote(&vote((0, 1_487), Kind::Prevote, 1)).is_err(), "it is forgotten");
		assert!(memory.has_block(&block(1_743, 1)).is_err(), "it is forgotten");
		assert!(memory.has_block(&block(1_744, 1)).expect("it is the same"));
	}

	#[test]
	fn records_of_all_that_is_known_say_the_same() {
		let records = [
			Record::VotesForgotten(Round { set: 1, number: 3 }),
			Record::BlocksForgotten(2),
			Record::Vote(vote((1, 4), Kind::Prevote, 1)),
			Record::Vote(vote((1, 4), Kind::Precommit, 1)),
			Record::Vote(vote((2, 1), Kind::Propose, 1)),
			Record::Block(block(4, 1)),
		];
		let memory = remembering(records);
		assert_eq!(memory.records(), records);
		assert_eq!(memory.newest_round(), Some(Round { set: 2, number: 1 }));
		assert_eq!(memory.last_vote(), Some(vote((2, 1), Kind::Propose, 1)));
		assert_eq!(memory.last_block(), Some(block(4, 1)));
		let kinds: Vec<_> =
			memory.votes_from(Round { set: 1, number: 4 }).iter().map(|vote| vote.kind).collect();
		assert_eq!(kinds, [Kind::Prevote, Kind::Precommit]);
	}
}
