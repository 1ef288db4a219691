//! Starts with every kind of file and database.

use std::fs;

use sp_core::H256;
use tempfile::TempDir;

use super::*;
use crate::guard::{
	chain::tests::Fake,
	record::{Kind, OwnBlock, Round, Vote, tests::vote},
	refusal::Refusal,
	signing::tests::payload_of,
	summary::Summary,
	voter_state::{
		Cast, VoterState,
		tests::{cast_in, completed},
	},
};

const GENESIS: BlockHash = H256([5; 32]);
const NOW: u64 = 1_000;

/// A validator: its directory and its database.
struct Validator {
	directory: TempDir,
	chain: Fake,
	chain_type: ChainType,
	is_new_database: bool,
	signs_without_guard: bool,
}

impl Validator {
	/// One of a public chain whose voter has completed this round.
	fn at(set: u64, number: u64) -> Self {
		let chain = Fake::default();
		chain.set(|it| {
			it.state = Some(completed(Round { set, number }, 1));
			it.blocks = (0..10).map(H256::repeat_byte).collect();
		});
		Self {
			directory: tempfile::tempdir().expect("there is room"),
			chain,
			chain_type: ChainType::Live,
			is_new_database: false,
			signs_without_guard: false,
		}
	}

	/// Starts it.
	fn open(&self) -> Result<Guard, OpeningError> {
		let opening = Opening {
			directory: self.directory.path().to_owned(),
			genesis: GENESIS,
			chain_type: self.chain_type.clone(),
			is_new_database: self.is_new_database,
			slot: NOW,
			chain: Box::new(self.chain.clone()),
			options: Options {
				signs_without_guard: self.signs_without_guard,
				ending: Ending::default(),
			},
		};
		opening.open(None)
	}

	/// Starts it with a file that has these records.
	fn open_with(&self, records: impl IntoIterator<Item = Record>) -> Guard {
		self.write(records);
		self.open().expect("nothing is wrong")
	}

	fn write(&self, records: impl IntoIterator<Item = Record>) {
		let path = path_in(self.directory.path());
		journal::Journal::begin(&path, GENESIS, records).expect("it is written");
	}

	fn hidden(&self) -> Option<Until> {
		let summary = Summary::read(self.directory.path()).expect("it is whole");
		summary.expect("it is there").hidden_until
	}

	fn state(&self) -> VoterState {
		self.chain.state()
	}
}

fn sign(guard: &Guard, vote: Vote) -> bool {
	guard.vote(&vote.key, &payload_of(&vote)).is_ok()
}

#[test]
fn voter_repeats_what_was_signed_when_the_database_lost_it() {
	let validator = Validator::at(0, 6);
	let signed = [
		vote((0, 6), Kind::Prevote, 1),
		vote((0, 7), Kind::Prevote, 2),
		vote((0, 7), Kind::Precommit, 3),
		vote((0, 8), Kind::Prevote, 4),
	];
	let guard = validator.open_with(signed.map(Record::Vote));
	let target = |vote: Vote| vote.target;
	let both = Cast::Precommit(None, target(signed[1]), target(signed[2]));
	assert_eq!(cast_in(&validator.state(), 7), Some(both));
	assert_eq!(cast_in(&validator.state(), 8), Some(Cast::Prevote(None, target(signed[3]))));
	assert_eq!(cast_in(&validator.state(), 6), None, "it is completed");
	assert!(!guard.hides_key());
	assert!(signed.into_iter().all(|vote| sign(&guard, vote)), "they may be sent again");
	assert!(!sign(&guard, vote((0, 8), Kind::Prevote, 5)));
}

#[test]
fn what_was_signed_is_known_after_any_number_of_starts() {
	let validator = Validator::at(0, 0);
	for number in 1..6 {
		let guard = validator.open().expect("nothing is wrong");
		if number == 1 {
			assert!(guard.hides_key(), "there was no file");
			validator.write([]);
			continue;
		}
		assert!(sign(&guard, vote((0, number), Kind::Prevote, 1)));
		for earlier in 2..=number {
			assert!(!sign(&guard, vote((0, earlier), Kind::Prevote, 2)), "{earlier} of {number}");
		}
	}
}

#[test]
fn state_of_a_voter_that_is_past_the_record_is_left_alone() {
	let validator = Validator::at(1, 3);
	let before = validator.state();
	let votes = [vote((1, 3), Kind::Prevote, 9), vote((0, 900), Kind::Prevote, 200)];
	let guard = validator.open_with(votes.map(Record::Vote));
	assert_eq!(validator.state(), before);
	assert!(!guard.hides_key());
}

#[test]
fn key_is_hidden_past_the_record_when_the_database_is_an_old_one() {
	let unknown_block = [Record::Vote(vote((0, 900), Kind::Prevote, 200))];
	let forgotten = [
		Record::VotesForgotten(Round { set: 0, number: 400 }),
		Record::Vote(vote((0, 900), Kind::Prevote, 1)),
	];
	let half = [Record::Vote(vote((0, 900), Kind::Precommit, 1))];
	for records in [&unknown_block[..], &forgotten, &half] {
		let validator = Validator::at(0, 6);
		let before = validator.state();
		let guard = validator.open_with(records.iter().copied());
		assert!(guard.hides_key());
		let last = Round { set: 0, number: 900 };
		assert_eq!(validator.hidden(), Some(Until::Round(last)));
		assert_eq!(validator.state(), before, "nothing is repeated by half");
		// A start later on, when the voter has caught up.
		validator.chain.set(|it| it.state = Some(completed(last, 1)));
		assert!(!validator.open().expect("nothing is wrong").hides_key());
		assert_eq!(validator.hidden(), None);
	}
}

#[test]
fn key_is_hidden_until_the_next_session_when_the_file_is_missing() {
	let validator = Validator::at(0, 6);
	let guard = validator.open().expect("nothing is wrong");
	assert!(guard.hides_key());
	let block = |slot| OwnBlock { slot, hash: GENESIS };
	assert!(guard.block(block(NOW)).is_err(), "a block may have been made in this slot");
	assert!(guard.block(block(NOW + 1)).is_ok());
	// The file is there now, and still the key is hidden.
	let again = validator.open().expect("nothing is wrong");
	assert!(again.hides_key());
	assert_eq!(validator.hidden(), Some(Until::Session));
	assert!(!sign(&again, vote((0, 7), Kind::Prevote, 1)));
}

#[test]
fn new_chain_for_tests_needs_no_file() {
	for (chain_type, is_new_database, is_hidden) in [
		(ChainType::Live, true, true),
		(ChainType::Live, false, true),
		(ChainType::Local, true, false),
		(ChainType::Local, false, true),
		(ChainType::Development, true, false),
		(ChainType::Development, false, false),
	] {
		let case = format!("{chain_type:?}, {is_new_database}");
		let validator = Validator { chain_type, is_new_database, ..Validator::at(0, 0) };
		let guard = validator.open().expect("nothing is wrong");
		assert_eq!(guard.hides_key(), is_hidden, "{case}");
	}
}

#[test]
fn operator_who_overrides_the_guard_votes_at_once_and_what_is_signed_then_counts() {
	let own = OwnBlock { slot: NOW, hash: H256::repeat_byte(1) };
	let records = [Record::Vote(vote((0, 900), Kind::Prevote, 200)), Record::Block(own)];
	for records in [None, Some(records)] {
		let mut validator = Validator::at(0, 6);
		if let Some(records) = records {
			validator.write(records);
		}
		validator.signs_without_guard = true;
		let guard = validator.open().expect("nothing is wrong");
		assert!(!guard.hides_key());
		assert!(guard.block(OwnBlock { slot: NOW, hash: GENESIS }).is_err(), "blocks have time");
		assert!(sign(&guard, vote((0, 7), Kind::Prevote, 1)));
		assert!(!sign(&guard, vote((0, 7), Kind::Prevote, 2)));
		validator.signs_without_guard = false;
		let guard = validator.open().expect("nothing is wrong");
		assert!(!guard.hides_key());
		assert!(!sign(&guard, vote((0, 7), Kind::Prevote, 2)));
	}
}

#[test]
fn overriding_the_guard_forgets_nothing_when_nothing_is_amiss() {
	let mut validator = Validator::at(0, 6);
	validator.signs_without_guard = true;
	let guard = validator.open_with([Record::Vote(vote((0, 7), Kind::Prevote, 1))]);
	assert!(!sign(&guard, vote((0, 7), Kind::Prevote, 2)));
}

#[test]
fn file_of_another_genesis_is_put_aside() {
	let validator = Validator::at(0, 6);
	let (path, other) = (path_in(validator.directory.path()), H256::repeat_byte(8));
	let records = [Record::Vote(vote((0, 900), Kind::Prevote, 1))];
	journal::Journal::begin(&path, other, records).expect("it is written");
	assert!(validator.open().expect("nothing is wrong").hides_key());
	assert_eq!(validator.hidden(), Some(Until::Session), "as without a file");
	let kept = fs::read_dir(validator.directory.path()).expect("it is there").count();
	assert_eq!(kept, 2, "the other file is still there");
}

#[test]
fn damaged_file_is_no_missing_one() {
	let validator = Validator::at(0, 6);
	validator.write([Record::Vote(vote((0, 7), Kind::Prevote, 1))]);
	let path = path_in(validator.directory.path());
	let text = fs::read_to_string(&path).expect("it is there");
	fs::write(&path, text.replacen("guard", "gourd", 1)).expect("it is written");
	let error = validator.open().err().expect("it is damaged");
	assert!(matches!(error, OpeningError::Journal(JournalError::Damaged { line: 1, .. })));
}

#[test]
fn refusal_of_the_guard_has_an_exit_code_and_a_full_disk_has_not() {
	assert_eq!(Refusal::NoVote.exit_code(), 10);
	assert_eq!(Refusal::from(JournalError::Closed).exit_code(), 1);
}
