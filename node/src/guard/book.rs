//! The memory of the guard and its file, as one: what is remembered is on the disk.

use std::path::Path;

use super::{
	journal::{Journal, JournalError},
	memory::Memory,
	record::{OwnBlock, Record, Round, Until, Vote},
	refusal::Refusal,
	summary::Summary,
};
use crate::types::BlockHash;

/// How many lines the file has at most before it is written again, without what is forgotten.
const LINES_MAX: usize = 2_048;

/// What was signed, in memory and on the disk.
#[derive(Debug)]
pub(super) struct Book {
	genesis: BlockHash,
	memory: Memory,
	journal: Journal,
	hidden: Option<Until>,
	/// The first slot in which this process made a block.
	first_slot: Option<u64>,
}

impl Book {
	/// Writes a file with all that is known.
	pub(super) fn begin(
		path: &Path,
		genesis: BlockHash,
		memory: Memory,
		hidden: Option<Until>,
	) -> Result<Self, JournalError> {
		let journal = Journal::begin(path, genesis, records(&memory, hidden))?;
		Ok(Self { genesis, memory, journal, hidden, first_slot: None })
	}

	/// Records a vote before it is signed.
	pub(super) fn vote(&mut self, vote: Vote) -> Result<(), Refusal> {
		if !self.memory.has_vote(&vote)? {
			self.note(Record::Vote(vote))?;
		}
		Ok(())
	}

	/// Records an own block before it is imported.
	pub(super) fn block(&mut self, block: OwnBlock) -> Result<(), Refusal> {
		if !self.memory.has_block(&block)? {
			self.note(Record::Block(block))?;
			self.first_slot.get_or_insert(block.slot);
		}
		Ok(())
	}

	/// Whether this process made a block in a slot, or in an earlier one.
	pub(super) fn has_made_blocks_by(&self, slot: u64) -> bool {
		self.first_slot.is_some_and(|first| first <= slot)
	}

	/// Records that the key for votes is not hidden any more, from this round on. If it was hidden
	/// until the next session, nothing is known of the rounds before.
	pub(super) fn show(&mut self, next: Round) -> Result<(), JournalError> {
		if self.hidden == Some(Until::Session) {
			let number = next.number.saturating_sub(1);
			self.note(Record::VotesForgotten(Round { number, ..next }))?;
		}
		self.hidden = None;
		self.note(Record::Shown)
	}

	/// What an operator sees of it.
	pub(super) fn summary(&self) -> Summary {
		Summary::of(self.journal.path().to_owned(), &self.memory, self.hidden)
	}

	fn note(&mut self, record: Record) -> Result<(), JournalError> {
		self.journal.append(&record)?;
		self.memory.take(&record);
		if self.journal.lines() > LINES_MAX {
			let records = records(&self.memory, self.hidden);
			self.journal = Journal::begin(self.journal.path(), self.genesis, records)?;
		}
		Ok(())
	}
}

fn records(memory: &Memory, hidden: Option<Until>) -> Vec<Record> {
	memory.records().into_iter().chain(hidden.map(Record::Hidden)).collect()
}

#[cfg(test)]
mod tests {
	use std::path::PathBuf;

	use sp_core::H256;
	use tempfile::TempDir;

	use super::*;
	use crate::guard::{
		journal::{self, tests::fill_disk},
		record::{Kind, tests::vote},
	};

	const GENESIS: BlockHash = H256([5; 32]);

	fn place() -> (TempDir, PathBuf) {
		let directory = tempfile::tempdir().expect("there is room");
		let path = directory.path().join("signing-guard");
		(directory, path)
	}

	fn new_book(path: &Path, hidden: Option<Until>) -> Book {
		Book::begin(path, GENESIS, Memory::default(), hidden).expect("it is written")
	}

	fn records_at(path: &Path) -> Vec<Record> {
		journal::read(path).expect("it can be read").expect("it is there").records
	}

	#[test]
	fn vote_is_on_the_disk_before_it_is_signed_and_only_once() {
		let (_directory, path) = place();
		let mut book = new_book(&path, None);
		let signed = vote((0, 1), Kind::Prevote, 1);
		for _ in 0..2 {
			book.vote(signed).expect("it contradicts nothing");
			assert_eq!(records_at(&path), [Record::Vote(signed)]);
		}
		assert!(book.vote(vote((0, 1), Kind::Prevote, 2)).is_err());
		assert_eq!(records_at(&path), [Record::Vote(signed)], "what was refused is not recorded");
	}

	#[test]
	fn vote_that_cannot_be_recorded_is_refused_and_not_remembered() {
		let (_directory, path) = place();
		let mut book = new_book(&path, None);
		fill_disk(&mut book.journal);
		for block in [1, 2] {
			let refusal = book.vote(vote((0, 1), Kind::Prevote, block));
			assert!(matches!(refusal, Err(Refusal::Journal(_))), "{refusal:?}");
		}
		let own = OwnBlock { slot: 4, hash: H256::zero() };
		assert!(matches!(book.block(own), Err(Refusal::Journal(_))));
		assert!(!book.has_made_blocks_by(4));
		assert!(records_at(&path).is_empty());
	}

	#[test]
	fn own_block_is_on_the_disk_before_it_is_imported() {
		let (_directory, path) = place();
		let mut book = new_book(&path, None);
		let own = OwnBlock { slot: 4, hash: H256::repeat_byte(1) };
		book.block(own).expect("it contradicts nothing");
		assert_eq!(records_at(&path), [Record::Block(own)]);
		assert!(book.block(OwnBlock { hash: H256::repeat_byte(2), ..own }).is_err());
		assert!(book.has_made_blocks_by(4) && !book.has_made_blocks_by(3));
	}

	#[test]
	fn file_stays_short_and_keeps_the_latest() {
		let (_directory, path) = place();
		let mut book = new_book(&path, Some(Until::Session));
		for number in 0..2_100 {
			book.vote(vote((0, number), Kind::Prevote, 1)).expect("it contradicts nothing");
		}
		let records = records_at(&path);
		assert!(records.len() < LINES_MAX, "{}", records.len());
		assert!(records.contains(&Record::Hidden(Until::Session)));
		assert!(matches!(records.first(), Some(Record::VotesForgotten(_))));
		assert_eq!(records.last(), Some(&Record::Vote(vote((0, 2_099), Kind::Prevote, 1))));
	}

	#[test]
	fn rounds_before_the_key_is_shown_are_forgotten_when_the_file_was_missing() {
		let (_directory, path) = place();
		let mut book = new_book(&path, Some(Until::Session));
		book.show(Round { set: 3, number: 8 }).expect("it is written");
		let old = book.vote(vote((3, 7), Kind::Prevote, 1));
		assert!(matches!(old, Err(Refusal::ForgottenRound { .. })), "{old:?}");
		book.vote(vote((3, 8), Kind::Prevote, 1)).expect("it is new");
		assert_eq!(records_at(&path)[2], Record::Shown);
	}
}
