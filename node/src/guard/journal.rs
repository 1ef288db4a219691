//! The file of the guard: lines that are on the disk before what they record leaves the node.
//!
//! The file is only ever replaced as a whole or made longer by a line. So the one line that a crash
//! can tear is the last, and what that was to record has not been signed.

use std::{
	fs::{self, File},
	io::{self, ErrorKind, Write},
	path::{Path, PathBuf},
	str::FromStr,
};

use sp_core::H256;

use super::record::{Record, sealed, unsealed};
use crate::types::BlockHash;

/// What the first line begins with: a name, and the version of the form of the others.
const TITLE: &str = "groma-signing-guard 1";

/// Why nothing can be recorded, or what was recorded is not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
	/// The system refuses.
	#[error(
		"the signing guard cannot {verb} {path} ({reason}), and nothing is signed without it: {}",
		remedy(.reason)
	)]
	File {
		/// What it cannot do.
		verb: &'static str,
		/// Where.
		path: PathBuf,
		/// What the system says.
		reason: io::Error,
	},
	/// A line other than the last is not what was written.
	#[error(
		"line {line} of the signing guard's file {path} is damaged, so it is not known what this \
		 validator signed: check the disk, and move the file away. Without it the node does not \
		 vote before the next session"
	)]
	Damaged {
		/// Which file.
		path: PathBuf,
		/// Which line, from 1 on.
		line: usize,
	},
	/// An earlier line was not written.
	#[error(
		"the signing guard could not write before, and nothing is signed until the node is started \
		 again"
	)]
	Closed,
}

/// What to do about a refusal of the system.
fn remedy(reason: &io::Error) -> &'static str {
	match reason.kind() {
		ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
			"free disk space, and start the node again"
		}
		ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
			"let the user that runs the node write there, and start it again"
		}
		_ => "check the disk and the base path, and start the node again",
	}
}

/// What a file holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
	/// The genesis of the chain that it is about.
	pub(super) genesis: BlockHash,
	/// What was recorded, oldest first.
	pub(super) records: Vec<Record>,
}

/// An open file.
#[derive(Debug)]
pub(super) struct Journal {
	path: PathBuf,
	/// Absent once a line was not written: after a part of it no other line may follow.
	file: Option<File>,
	lines: usize,
}

/// What the file at `path` holds; `None` if there is none.
pub(super) fn read(path: &Path) -> Result<Option<Content>, JournalError> {
	let bytes = match fs::read(path) {
		Err(reason) if reason.kind() == ErrorKind::NotFound => return Ok(None),
		other => other.map_err(|reason| failed("read", path, reason))?,
	};
	let text = String::from_utf8_lossy(&bytes);
	let lines: Vec<&str> = text.split_inclusive('\n').collect();
	let damaged = |line| JournalError::Damaged { path: path.to_owned(), line };
	let (first, others) = lines.split_first().ok_or(damaged(1))?;
	let genesis = unsealed(first).and_then(genesis_in).ok_or(damaged(1))?;
	let mut records = Vec::with_capacity(others.len());
	for (number, line) in others.iter().enumerate() {
		match unsealed(line).and_then(Record::read) {
			Some(record) => records.push(record),
			None if number + 1 == others.len() => log::warn!(
				target: super::LOG_TARGET,
				"the last line of {} was not written to its end, so what it was to record was not \
				 signed",
				path.display(),
			),
			None => return Err(damaged(number + 2)),
		}
	}
	Ok(Some(Content { genesis, records }))
}

fn genesis_in(title: &str) -> Option<BlockHash> {
	let genesis = title.strip_prefix(TITLE)?.strip_prefix(' ')?;
	H256::from_str(genesis).ok()
}

/// Moves the file of another chain out of the way, and says where it is then.
pub(super) fn put_aside(path: &Path, genesis: BlockHash) -> Result<PathBuf, JournalError> {
	let aside = path.with_extension(format!("of-{genesis:?}"));
	fs::rename(path, &aside).map_err(|reason| failed("move", path, reason))?;
	Ok(aside)
}

fn failed(verb: &'static str, path: &Path, reason: io::Error) -> JournalError {
	JournalError::File { verb, path: path.to_owned(), reason }
}

impl Journal {
	/// Puts a file with these records in the place of whatever is there.
	pub(super) fn begin(
		path: &Path,
		genesis: BlockHash,
		records: impl IntoIterator<Item = Record>,
	) -> Result<Self, JournalError> {
		let mut text = sealed(&format!("{TITLE} {genesis:?}"));
		text.extend(records.into_iter().map(|record| sealed(&record.to_string())));
		let file = replace(path, text.as_bytes());
		let file = file.map_err(|reason| failed("write", path, reason))?;
		Ok(Self { path: path.to_owned(), file: Some(file), lines: text.lines().count() })
	}

	/// Adds a record. It is on the disk when this returns.
	pub(super) fn append(&mut self, record: &Record) -> Result<(), JournalError> {
		let mut file = self.file.take().ok_or(JournalError::Closed)?;
		let line = sealed(&record.to_string());
		file.write_all(line.as_bytes())
			.and_then(|()| file.sync_data())
			.map_err(|reason| failed("write", &self.path, reason))?;
		self.file = Some(file);
		self.lines += 1;
		Ok(())
	}

	/// How many lines the file has.
	pub(super) fn lines(&self) -> usize {
		self.lines
	}

	/// Where the file is.
	pub(super) fn path(&self) -> &Path {
		&self.path
	}
}

/// Writes a file next to `path`, and gives it this name when it is on the disk.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<File> {
	let directory = path.parent().unwrap_or(Path::new("."));
	fs::create_dir_all(directory)?;
	let fresh = path.with_extension("new");
	let mut file = File::create(&fresh)?;
	file.write_all(bytes)?;
	file.sync_all()?;
	fs::rename(&fresh, path)?;
	// The name is on the disk only when its directory is.
	File::open(directory)?.sync_all()?;
	Ok(file)
}

#[cfg(test)]
pub(super) mod tests {
	use tempfile::TempDir;

	use super::*;
	use crate::guard::record::{Kind, tests::vote};

	const GENESIS: BlockHash = H256([5; 32]);

	/// A directory, and where in it the file is.
	fn place() -> (TempDir, PathBuf) {
		let directory = tempfile::tempdir().expect("there is room");
		let path = directory.path().join("chains/dev/signing-guard");
		(directory, path)
	}

	fn prevote(round: u64) -> Record {
		Record::Vote(vote((0, round), Kind::Prevote, 9))
	}

	fn records_at(path: &Path) -> Vec<Record> {
		let content = read(path).expect("it can be read").expect("it is there");
		assert_eq!(content.genesis, GENESIS);
		content.records
	}

	/// Makes the file of a journal one that cannot be written.
	pub(in crate::guard) fn fill_disk(journal: &mut Journal) {
		journal.file = Some(File::options().write(true).open("/dev/full").expect("it is there"));
	}

	#[test]
	fn what_was_appended_is_read() {
		let (_directory, path) = place();
		assert_eq!(read(&path).expect("it can be read"), None);
		let mut journal = Journal::begin(&path, GENESIS, [prevote(1)]).expect("it is written");
		for round in 2..5 {
			journal.append(&prevote(round)).expect("it is written");
			assert_eq!(records_at(&path).last(), Some(&prevote(round)), "it is there at once");
		}
		assert_eq!(records_at(&path), [1, 2, 3, 4].map(prevote));
		assert_eq!(journal.lines(), 5);
	}

	#[test]
	fn torn_last_line_is_left_out_wherever_it_is_torn() {
		let (_directory, path) = place();
		let mut journal = Journal::begin(&path, GENESIS, [prevote(1)]).expect("it is written");
		let whole = fs::read(&path).expect("it is there").len();
		journal.append(&prevote(2)).expect("it is written");
		let bytes = fs::read(&path).expect("it is there");
		for length in whole..bytes.len() {
			fs::write(&path, &bytes[..length]).expect("it is written");
			assert_eq!(records_at(&path), [prevote(1)], "{length}");
			// Some file systems lengthen a file before they fill it.
			let zeros = vec![0; bytes.len() - length];
			fs::write(&path, [&bytes[..length], &zeros].concat()).expect("it is written");
			assert_eq!(records_at(&path), [prevote(1)], "{length} and zeros");
		}
	}

	#[test]
	fn file_that_begins_again_after_a_torn_line_takes_the_next_ones() {
		let (_directory, path) = place();
		Journal::begin(&path, GENESIS, [prevote(1)]).expect("it is written");
		let torn = [fs::read(&path).expect("it is there"), b"vote prev".to_vec()].concat();
		fs::write(&path, torn).expect("it is written");
		let records = records_at(&path);
		let mut journal = Journal::begin(&path, GENESIS, records).expect("it is written");
		journal.append(&prevote(2)).expect("it is written");
		assert_eq!(records_at(&path), [1, 2].map(prevote));
	}

	#[test]
	fn damage_before_the_last_line_is_refused_with_what_to_do() {
		let (_directory, path) = place();
		Journal::begin(&path, GENESIS, [1, 2, 3].map(prevote)).expect("it is written");
		let bytes = fs::read(&path).expect("it is there");
		let last = bytes.len() - sealed(&prevote(3).to_string()).len();
		for place in [0, 40, last - 2] {
			let mut damaged = bytes.clone();
			damaged[place] ^= 1;
			fs::write(&path, damaged).expect("it is written");
			let error = read(&path).expect_err("it is damaged").to_string();
			assert!(error.contains("damaged") && error.contains("move the file away"), "{error}");
		}
		fs::write(&path, "").expect("it is written");
		assert!(matches!(read(&path), Err(JournalError::Damaged { line: 1, .. })));
	}

	#[test]
	fn full_disk_is_said_with_what_to_do_and_nothing_is_written_after_it() {
		let (_directory, path) = place();
		let mut journal = Journal::begin(&path, GENESIS, [prevote(1)]).expect("it is written");
		fill_disk(&mut journal);
		let error = journal.append(&prevote(2)).expect_err("there is no room").to_string();
		assert!(error.contains("free disk space"), "{error}");
		assert!(matches!(journal.append(&prevote(3)), Err(JournalError::Closed)));
		assert_eq!(records_at(&path), [prevote(1)]);
	}

	#[test]
	fn file_that_can_only_be_read_is_refused() {
		let (_directory, path) = place();
		let mut journal = Journal::begin(&path, GENESIS, [prevote(1)]).expect("it is written");
		journal.file = Some(File::open(&path).expect("it is there"));
		let error = journal.append(&prevote(2)).expect_err("it is not open for that").to_string();
		assert!(error.contains("start the node again"), "{error}");
		// No user can make a file there.
		let error = Journal::begin(Path::new("/proc/self/signing-guard"), GENESIS, []);
		let error = error.expect_err("it is no place for files").to_string();
		assert!(error.contains("/proc/self/signing-guard"), "{error}");
	}

	#[test]
	fn system_that_forbids_to_write_is_said_with_what_to_do() {
		for kind in [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem] {
			let error = failed("write", Path::new("/data/guard"), kind.into()).to_string();
			assert!(error.contains("let the user that runs the node write there"), "{error}");
		}
	}

	#[test]
	fn file_of_another_chain_is_kept_under_another_name() {
		let (_directory, path) = place();
		Journal::begin(&path, GENESIS, [prevote(1)]).expect("it is written");
		let aside = put_aside(&path, GENESIS).expect("it is moved");
		assert_eq!(read(&path).expect("it can be read"), None);
		assert_eq!(records_at(&aside), [prevote(1)]);
	}
}
