//! What an operator sees of the guard, of a running node or in its file.

use std::{
	fmt,
	path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
	journal::{self, JournalError},
	memory::Memory,
	record::{OwnBlock, Record, Until, Vote},
};

/// The name of the file, in the directory of the chain.
const FILE: &str = "signing-guard";

/// What an operator sees of the guard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
	/// Where its file is.
	pub(crate) path: PathBuf,
	/// The last vote that was signed.
	pub(crate) last_vote: Option<Vote>,
	/// The last own block.
	pub(crate) last_block: Option<OwnBlock>,
	/// How long the key for votes is hidden, if it is.
	pub(crate) hidden_until: Option<Until>,
}

impl Summary {
	/// Reads the file of the guard, in the directory of a chain; `None` if there is none.
	///
	/// # Errors
	///
	/// If it cannot be read, or is damaged.
	pub(crate) fn read(directory: &Path) -> Result<Option<Self>, JournalError> {
		let path = path_in(directory);
		let Some(content) = journal::read(&path)? else { return Ok(None) };
		let (memory, hidden_until) = recall(&content.records);
		Ok(Some(Self::of(path, &memory, hidden_until)))
	}

	/// Of what is known of what was signed, and is recorded at `path`.
	pub(super) fn of(path: PathBuf, memory: &Memory, hidden_until: Option<Until>) -> Self {
		let (last_vote, last_block) = (memory.last_vote(), memory.last_block());
		Self { path, last_vote, last_block, hidden_until }
	}
}

impl fmt::Display for Summary {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}: ", self.path.display())?;
		match &self.last_vote {
			Some(vote) => write!(f, "the last vote is {vote}")?,
			None => f.write_str("no vote is recorded")?,
		}
		if let Some(block) = &self.last_block {
			write!(f, ", the last own block {block}")?;
		}
		match &self.hidden_until {
			Some(until) => write!(f, "; the key for votes is hidden until {until}"),
			None => Ok(()),
		}
	}
}

/// Where the file is, in the directory of a chain.
pub(super) fn path_in(directory: &Path) -> PathBuf {
	directory.join(FILE)
}

/// What records say: what was signed, and how long the key for votes is hidden.
pub(super) fn recall(records: &[Record]) -> (Memory, Option<Until>) {
	let (mut memory, mut hidden) = (Memory::default(), None);
	for record in records {
		memory.take(record);
		match record {
			Record::Hidden(until) => hidden = Some(*until),
			Record::Shown => hidden = None,
			_ => {}
		}
	}
	(memory, hidden)
}

#[cfg(test)]
mod tests {
	use serde_json::json;
	use sp_core::H256;

	use super::*;
	use crate::guard::{
		journal::Journal,
		record::{Kind, Round, tests::vote},
	};

	#[test]
	fn summary_is_read_without_a_node() {
		let directory = tempfile::tempdir().expect("there is room");
		assert_eq!(Summary::read(directory.path()).expect("nothing is wrong"), None);
		let path = path_in(directory.path());
		let last_vote = vote((0, 8), Kind::Prevote, 3);
		let last_block = OwnBlock { slot: 4, hash: H256::repeat_byte(1) };
		let until = Until::Round(Round { set: 0, number: 9 });
		let records = [
			Record::Vote(vote((0, 7), Kind::Precommit, 2)),
			Record::Hidden(until),
			Record::Vote(last_vote),
			Record::Block(last_block),
		];
		let mut journal = Journal::begin(&path, H256::zero(), records).expect("it is written");
		let read =
			|| Summary::read(directory.path()).expect("it can be read").expect("it is there");
		let expected = Summary {
			path,
			last_vote: Some(last_vote),
			last_block: Some(last_block),
			hidden_until: Some(until),
		};
		assert_eq!(read(), expected);
		let text = expected.to_string();
		for part in ["signing-guard", "a prevote in round 8 of set 0", "slot 4", "past round 9"] {
			assert!(text.contains(part), "{part}: {text}");
		}
		journal.append(&Record::Shown).expect("it is written");
		assert_eq!(read(), Summary { hidden_until: None, ..expected });
	}

	#[test]
	fn summary_in_json_has_the_names_that_clients_read() {
		let vote = |kind| Some(vote((2, 8), kind, 3));
		let hash = |byte: &str| format!("0x{}", byte.repeat(32));
		let kinds = [
			(Kind::Propose, "proposal"),
			(Kind::Prevote, "prevote"),
			(Kind::Precommit, "precommit"),
		];
		for (kind, name) in kinds {
			let summary = Summary {
				path: "/data/signing-guard".into(),
				last_vote: vote(kind),
				last_block: Some(OwnBlock { slot: 4, hash: H256::repeat_byte(1) }),
				hidden_until: Some(Until::Round(Round { set: 2, number: 9 })),
			};
			let json = json!({
				"path": "/data/signing-guard",
				"lastVote": {
					"round": { "set": 2, "number": 8 },
					"key": "5C62Ck4UrFPiBtoCmeSrgF7x9yv9mn38446dhCpsi2mLHiFT",
					"kind": name,
					"target": { "hash": hash("03"), "number": 3 },
				},
				"lastBlock": { "slot": 4, "hash": hash("01") },
				"hiddenUntil": { "round": { "set": 2, "number": 9 } },
			});
			assert_eq!(serde_json::to_value(&summary).expect("it is JSON"), json);
			assert_eq!(serde_json::from_value::<Summary>(json).expect("it reads"), summary);
		}
		let none = json!({
			"path": "", "lastVote": null, "lastBlock": null, "hiddenUntil": "session",
		});
		let none: Summary = serde_json::from_value(none).expect("it reads");
		assert_eq!((none.last_vote, none.hidden_until), (None, Some(Until::Session)));
	}
}
