//! What the guard records of what was signed: one line of text each, so that it can be read without
//! a tool, sealed with a checksum.

use std::{fmt, str::FromStr};

use codec::{Decode, Encode};
use groma_runtime::BlockNumber;
use serde::{Deserialize, Serialize};
use sp_core::{H256, bytes::to_hex, ed25519};
use sp_runtime::traits::{BlakeTwo256, Hash as _};

use crate::types::BlockHash;

/// A round of a set of GRANDPA's voters. Later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Round {
	/// The set of voters.
	pub(crate) set: u64,
	/// The number of the round in this set.
	pub(crate) number: u64,
}

/// What a voter signs in a round, each at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
	/// The proposal of the primary voter.
	#[serde(rename = "proposal")]
	Propose,
	/// A prevote.
	Prevote,
	/// A precommit.
	Precommit,
}

/// The block for which a vote is, encoded as in GRANDPA's votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub(crate) struct Target {
	/// Its hash.
	pub(crate) hash: BlockHash,
	/// Its number.
	pub(crate) number: BlockNumber,
}

/// A vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Vote {
	/// In which round.
	pub(crate) round: Round,
	/// By which key.
	pub(crate) key: ed25519::Public,
	/// What it is.
	pub(crate) kind: Kind,
	/// For which block.
	pub(crate) target: Target,
}

/// A block that this validator made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnBlock {
	/// In which slot.
	pub(crate) slot: u64,
	/// Its hash, seal included.
	pub(crate) hash: BlockHash,
}

/// How long the key for votes is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Until {
	/// Until the voter is past this round.
	Round(Round),
	/// Until the next session after a block that was made after the start.
	Session,
}

/// A line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Record {
	/// This was signed.
	Vote(Vote),
	/// This was made.
	Block(OwnBlock),
	/// What was signed up to and with this round is not known any more.
	VotesForgotten(Round),
	/// What was made up to and with this slot is not known any more.
	BlocksForgotten(u64),
	/// The key for votes is hidden.
	Hidden(Until),
	/// It is not hidden any more.
	Shown,
}

impl Kind {
	const ALL: [Self; 3] = [Self::Propose, Self::Prevote, Self::Precommit];

	fn name(self) -> &'static str {
		match self {
			Self::Propose => "proposal",
			Self::Prevote => "prevote",
			Self::Precommit => "precommit",
		}
	}
}

impl fmt::Display for Kind {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(self.name())
	}
}

impl fmt::Display for Round {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "round {} of set {}", self.number, self.set)
	}
}

impl fmt::Display for Target {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "block {} ({:?})", self.number, self.hash)
	}
}

impl fmt::Display for Vote {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "a {} in {} for {}", self.kind, self.round, self.target)
	}
}

impl fmt::Display for OwnBlock {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{:?} of slot {}", self.hash, self.slot)
	}
}

impl fmt::Display for Until {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Round(round) => write!(f, "the voter is past {round}"),
			Self::Session => f.write_str("the next session"),
		}
	}
}

/// As it stands in the file.
impl fmt::Display for Record {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Vote(Vote { round, key, kind, target }) => write!(
				f,
				"vote {kind} {} {} {} {:?} {:?}",
				round.set,
				round.number,
				target.number,
				target.hash,
				H256(key.0)
			),
			Self::Block(OwnBlock { slot, hash }) => write!(f, "block {slot} {hash:?}"),
			Self::VotesForgotten(round) => {
				write!(f, "forgotten votes {} {}", round.set, round.number)
			}
			Self::BlocksForgotten(slot) => write!(f, "forgotten blocks {slot}"),
			Self::Hidden(Until::Round(round)) => {
				write!(f, "hidden round {} {}", round.set, round.number)
			}
			Self::Hidden(Until::Session) => f.write_str("hidden session"),
			Self::Shown => f.write_str("shown"),
		}
	}
}

impl Record {
	/// Reads what [`fmt::Display`] writes.
	pub(super) fn read(text: &str) -> Option<Self> {
		let words: Vec<&str> = text.split(' ').collect();
		Some(match words[..] {
			["vote", kind, set, number, target, hash, key] => Self::Vote(Vote {
				round: round(set, number)?,
				key: ed25519::Public::from(H256::from_str(key).ok()?.0),
				kind: Kind::ALL.into_iter().find(|it| it.name() == kind)?,
				target: Target { hash: H256::from_str(hash).ok()?, number: target.parse().ok()? },
			}),
			["block", slot, hash] => {
				Self::Block(OwnBlock { slot: slot.parse().ok()?, hash: H256::from_str(hash).ok()? })
			}
			["forgotten", "votes", set, number] => Self::VotesForgotten(round(set, number)?),
			["forgotten", "blocks", slot] => Self::BlocksForgotten(slot.parse().ok()?),
			["hidden", "round", set, number] => Self::Hidden(Until::Round(round(set, number)?)),
			["hidden", "session"] => Self::Hidden(Until::Session),
			["shown"] => Self::Shown,
			_ => return None,
		})
	}
}

fn round(set: &str, number: &str) -> Option<Round> {
	Some(Round { set: set.parse().ok()?, number: number.parse().ok()? })
}

/// A line with its checksum at the end.
pub(super) fn sealed(text: &str) -> String {
	format!("{text} {}\n", checksum(text))
}

/// The text of a whole line, if its checksum is right.
pub(super) fn unsealed(line: &str) -> Option<&str> {
	let (text, found) = line.strip_suffix('\n')?.rsplit_once(' ')?;
	(found == checksum(text)).then_some(text)
}

fn checksum(text: &str) -> String {
	to_hex(&BlakeTwo256::hash(text.as_bytes()).as_bytes()[..8], false)
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;

	/// A vote of the key of this number, for the block of this number.
	pub(in crate::guard) fn vote(round: (u64, u64), kind: Kind, block: u8) -> Vote {
		let (set, number) = round;
		let target = Target { hash: H256::repeat_byte(block), number: block.into() };
		let key = ed25519::Public::from([1; 32]);
		Vote { round: Round { set, number }, key, kind, target }
	}

	fn of_every_kind() -> Vec<Record> {
		let round = Round { set: 3, number: u64::MAX };
		let mut records: Vec<_> =
			Kind::ALL.map(|kind| Record::Vote(vote((3, 51), kind, 9))).to_vec();
		records.extend([
			Record::Block(OwnBlock { slot: 294_992, hash: H256::repeat_byte(7) }),
			Record::VotesForgotten(round),
			Record::BlocksForgotten(0),
			Record::Hidden(Until::Round(round)),
			Record::Hidden(Until::Session),
			Record::Shown,
		]);
		records
	}

	#[test]
	fn line_of_every_kind_is_read_as_it_was_written() {
		for record in of_every_kind() {
			let line = sealed(&record.to_string());
			let text = unsealed(&line).expect("it is whole");
			assert_eq!(Record::read(text), Some(record), "{line}");
		}
	}

	#[test]
	fn line_that_lacks_a_part_or_has_another_byte_is_not_read() {
		let line = sealed(&Record::Vote(vote((3, 51), Kind::Prevote, 9)).to_string());
		for length in 0..line.len() {
			assert_eq!(unsealed(&line[..length]), None, "{length}");
			let mut other = line.clone().into_bytes();
			other[length] ^= 1;
			let other = String::from_utf8(other).expect("it is ASCII");
			assert_eq!(unsealed(&other), None, "{other}");
		}
	}

	#[test]
	fn unknown_words_are_no_record() {
		for text in ["", "vote", "vote prevote 1 2 3 0x00 0x00", "hidden", "shown again"] {
			assert_eq!(Record::read(text), None, "{text}");
		}
	}
}
