//! What GRANDPA's voter stores of itself: which rounds it completed, and what it voted in the
//! rounds that it is in. The types are private in the SDK; these have the same encoding.

use std::collections::BTreeMap;

use codec::{Decode, Encode};
use sc_consensus_grandpa::{AuthorityId, SignedMessage};
use sp_runtime::traits::Block as BlockT;

use super::record::{Kind, Round, Target, Vote};
use crate::types::{Block, BlockHash};

type Header = <Block as BlockT>::Header;

/// Under which key of the auxiliary storage the voter keeps its state.
pub(super) const KEY: &[u8] = b"grandpa_completed_round";

/// What the voter stores of itself.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub(crate) enum VoterState {
	/// It takes part in rounds.
	Live {
		/// The last rounds that it completed.
		completed: CompletedRounds,
		/// What it voted in the rounds that it is in.
		current: BTreeMap<u64, HasVoted>,
	},
	/// It waits for another set.
	Paused {
		/// The last rounds that it completed.
		completed: CompletedRounds,
	},
}

/// Rounds of a set of voters that are completed, the latest one first. There is at least one: round
/// 0, which is none that was voted in.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub(crate) struct CompletedRounds {
	rounds: Vec<CompletedRound>,
	set_id: u64,
	voters: Vec<AuthorityId>,
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
struct CompletedRound {
	number: u64,
	state: RoundState,
	base: Target,
	votes: Vec<SignedMessage<Header>>,
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
struct RoundState {
	prevote_ghost: Option<Target>,
	finalized: Option<Target>,
	estimate: Option<Target>,
	completable: bool,
}

/// Whether the voter voted in a round, and by which key.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub(crate) enum HasVoted {
	/// It did not.
	No,
	/// It did.
	Yes(AuthorityId, Cast),
}

/// The votes of a round up to the last one.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
pub(crate) enum Cast {
	/// The proposal.
	Propose(Target),
	/// The proposal, if there was one, and the prevote.
	Prevote(Option<Target>, Target),
	/// These and the precommit.
	Precommit(Option<Target>, Target, Target),
}

/// The votes of a round, each if there was one.
#[derive(Clone, Copy, Default)]
struct Votes {
	propose: Option<Target>,
	prevote: Option<Target>,
	precommit: Option<Target>,
}

impl VoterState {
	/// The round that the voter is in or begins next.
	pub(crate) fn next_round(&self) -> Round {
		let completed = self.completed();
		let last = completed.rounds.first().map_or(0, |round| round.number);
		Round { set: completed.set_id, number: last.saturating_add(1) }
	}

	/// The block for which more than two thirds voted in the last completed round.
	pub(crate) fn last_block(&self) -> Option<BlockHash> {
		let last = self.completed().rounds.first()?;
		Some(last.state.prevote_ghost?.hash)
	}

	/// Has the voter repeat votes in the rounds that it begins, in the place of others. Nothing is
	/// changed, and the answer is false, if it cannot: if it is paused, if two keys voted in a
	/// round, or if a precommit has no prevote.
	pub(crate) fn repeat(&mut self, votes: &[Vote]) -> bool {
		let Self::Live { current, .. } = self else { return votes.is_empty() };
		let mut repeating = current.clone();
		for of_round in votes.chunk_by(|one, next| one.round == next.round) {
			let Some(first) = of_round.first() else { continue };
			let key = AuthorityId::from(first.key);
			let stored = repeating.get(&first.round.number);
			let mut cast = stored.map_or_else(Votes::default, |it| it.votes_of(&key));
			for vote in of_round {
				if vote.key != first.key {
					return false;
				}
				*cast.of_kind(vote.kind) = Some(vote.target);
			}
			let Some(cast) = cast.cast() else { return false };
			repeating.insert(first.round.number, HasVoted::Yes(key, cast));
		}
		*current = repeating;
		true
	}

	fn completed(&self) -> &CompletedRounds {
		match self {
			Self::Live { completed, .. } | Self::Paused { completed } => completed,
		}
	}
}

impl HasVoted {
	/// What a key voted.
	fn votes_of(&self, key: &AuthorityId) -> Votes {
		match self {
			Self::Yes(id, cast) if id == key => (*cast).into(),
			_ => Votes::default(),
		}
	}
}

impl From<Cast> for Votes {
	fn from(cast: Cast) -> Self {
		let (propose, prevote, precommit) = match cast {
			Cast::Propose(propose) => (Some(propose), None, None),
			Cast::Prevote(propose, prevote) => (propose, Some(prevote), None),
			Cast::Precommit(propose, prevote, precommit) => {
				(propose, Some(prevote), Some(precommit))
			}
		};
		Self { propose, prevote, precommit }
	}
}

impl Votes {
	fn of_kind(&mut self, kind: Kind) -> &mut Option<Target> {
		match kind {
			Kind::Propose => &mut self.propose,
			Kind::Prevote => &mut self.prevote,
			Kind::Precommit => &mut self.precommit,
		}
	}

	/// In GRANDPA's form, which has no precommit without a prevote.
	fn cast(self) -> Option<Cast> {
		match (self.propose, self.prevote, self.precommit) {
			(propose, Some(prevote), Some(precommit)) => {
				Some(Cast::Precommit(propose, prevote, precommit))
			}
			(propose, Some(prevote), None) => Some(Cast::Prevote(propose, prevote)),
			(Some(propose), None, None) => Some(Cast::Propose(propose)),
			_ => None,
		}
	}
}

#[cfg(test)]
pub(super) mod tests {
	use sp_core::{H256, ed25519};

	use super::*;
	use crate::guard::record::tests::vote;

	fn target(byte: u8) -> Target {
		Target { hash: H256::repeat_byte(byte), number: byte.into() }
	}

	/// The state of a voter whose last completed round is this one, for the block of this number.
	pub(in crate::guard) fn completed(last: Round, block: u8) -> VoterState {
		let (base, ghost) = (target(0), Some(target(block)));
		let state = RoundState {
			prevote_ghost: ghost,
			finalized: ghost,
			estimate: ghost,
			completable: true,
		};
		let round = CompletedRound { number: last.number, state, base, votes: Vec::new() };
		VoterState::Live {
			completed: CompletedRounds {
				rounds: vec![round],
				set_id: last.set,
				voters: vec![ed25519::Public::from([1; 32]).into()],
			},
			current: [(last.number + 1, HasVoted::No)].into(),
		}
	}

	/// What the voter will repeat in a round.
	pub(in crate::guard) fn cast_in(state: &VoterState, round: u64) -> Option<Cast> {
		let VoterState::Live { current, .. } = state else { return None };
		match current.get(&round)? {
			HasVoted::Yes(_, cast) => Some(*cast),
			HasVoted::No => None,
		}
	}

	#[test]
	fn recorded_votes_take_the_place_of_others_and_complete_them() {
		let mut state = completed(Round { set: 2, number: 4 }, 3);
		// The database knows of a proposal and a prevote, and the record of another prevote.
		let stored = vote((2, 5), Kind::Propose, 8);
		assert!(state.repeat(&[stored, vote((2, 5), Kind::Prevote, 6)]));
		assert!(state.repeat(&[
			vote((2, 5), Kind::Prevote, 7),
			vote((2, 5), Kind::Precommit, 7),
			vote((2, 6), Kind::Prevote, 9),
		]));
		let both = Cast::Precommit(Some(target(8)), target(7), target(7));
		assert_eq!(cast_in(&state, 5), Some(both));
		assert_eq!(cast_in(&state, 6), Some(Cast::Prevote(None, target(9))));
		assert_eq!(state.next_round(), Round { set: 2, number: 5 });
	}

	#[test]
	fn nothing_is_repeated_that_the_voter_could_not_have_voted() {
		let alone = [vote((2, 5), Kind::Precommit, 7)];
		let mut of_two = [vote((2, 5), Kind::Prevote, 7), vote((2, 5), Kind::Precommit, 7)];
		of_two[1].key = ed25519::Public::from([2; 32]);
		let before = completed(Round { set: 2, number: 4 }, 3);
		for votes in [&alone[..], &of_two] {
			let mut state = before.clone();
			assert!(!state.repeat(votes));
			assert_eq!(state, before);
		}
		let VoterState::Live { completed, .. } = before else { panic!("it is live") };
		let mut paused = VoterState::Paused { completed };
		assert!(!paused.repeat(&[vote((2, 5), Kind::Prevote, 7)]));
	}

	#[test]
	fn vote_of_another_key_is_not_completed() {
		let mut state = completed(Round { set: 2, number: 4 }, 3);
		let mut other = vote((2, 5), Kind::Propose, 8);
		other.key = ed25519::Public::from([2; 32]);
		assert!(state.repeat(&[other]));
		assert!(state.repeat(&[vote((2, 5), Kind::Prevote, 7)]));
		assert_eq!(cast_in(&state, 5), Some(Cast::Prevote(None, target(7))));
	}

	/// Byte by byte what `sc-consensus-grandpa` 0.45 encodes, by the order of its fields.
	#[test]
	fn encoding_is_that_of_the_sdk() {
		let mut state = completed(Round { set: 2, number: 4 }, 3);
		assert!(state.repeat(&[vote((2, 5), Kind::Prevote, 7)]));
		let block = |byte: u8| (H256::repeat_byte(byte), u32::from(byte)).encode();
		let some = |byte: u8| [vec![1], block(byte)].concat();
		let expected = [
			vec![0],                              // live
			vec![4],                              // one completed round
			4u64.encode(),                        // its number
			[some(3), some(3), some(3)].concat(), // ghost, finalized, estimate
			vec![1],                              // completable
			block(0),                             // base
			vec![0],                              // no votes
			2u64.encode(),                        // the set
			vec![4],                              // one voter
			vec![1; 32],
			vec![4],       // one current round
			5u64.encode(), // its number
			vec![1],       // has voted
			vec![1; 32],
			vec![1], // a prevote
			vec![0], // without a proposal
			block(7),
		];
		assert_eq!(state.encode(), expected.concat());
		assert_eq!(VoterState::decode(&mut &expected.concat()[..]).expect("it is one"), state);
	}
}
