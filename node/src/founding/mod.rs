//! `groma-node found`: makes the chain specification of a public chain of what its founders wrote
//! down, or names everything that is wrong with it.
//!
//! | file | what it holds |
//! |---|---|
//! | `input.rs` | the file of the founders |
//! | `fault.rs` | what can be wrong with it |
//! | `entries.rs` | faults of single entries |
//! | `whole.rs` | faults of the whole: supply, votes |
//! | `votes.rs` | how many GRM can vote |
//! | `known_keys.rs` | keys that everyone has |
//! | `spec.rs` | the chain specification |
//! | `summary.rs` | the figures that are shown |
//! | `state.rs` | whether the genesis of any chain was founded |

mod entries;
mod fault;
#[cfg(test)]
mod fixture;
mod input;
mod known_keys;
mod spec;
pub(crate) mod state;
mod summary;
mod votes;
mod whole;

use std::{
	fs::{self, File, OpenOptions},
	io::{self, Read, Write},
	path::{Path, PathBuf},
};

use self::{
	fault::{BYTES_MAX, Fault},
	input::Input,
	known_keys::KnownKeys,
	spec::Founded,
};
use crate::service;

/// An input that explains itself.
const EXAMPLE: &str = include_str!("../../founding.example.toml");

/// What to found a chain with, and where its specification goes.
#[derive(Debug, clap::Args)]
pub(crate) struct FoundCommand {
	/// The file in which founders wrote down who validates and who has what.
	#[arg(long, value_name = "FILE", requires = "output", required_unless_present = "example")]
	input: Option<PathBuf>,

	/// Where the chain specification goes. A file that is there is not replaced.
	#[arg(long, value_name = "FILE", requires = "input")]
	output: Option<PathBuf>,

	/// Print an input that explains itself, and found nothing.
	#[arg(long, conflicts_with = "input")]
	example: bool,
}

pub(crate) const HELP: &str = "\
It asks no chain. The same input gives the same file, byte by byte, with the same program: each
founder makes the file and compares its SHA-256 with that of the others.

Exit code: 0 if the specification is written, 1 if something is wrong with the input. Then every
fault is named, and nothing is written.

Examples:
  groma-node found --example > founding.toml
      What founders fill in.
  groma-node found --input founding.toml --output chain.json
      The chain specification, which everyone passes as --chain.
";

/// Why there is no chain specification.
#[derive(Debug, thiserror::Error)]
enum FoundingError {
	#[error("{path} cannot be read ({reason})")]
	Unreadable { path: PathBuf, reason: io::Error },
	#[error("{}", listed(.path, .faults))]
	Faulty { path: PathBuf, faults: Vec<Fault> },
	#[error("the runtime founds no such chain, and nothing is written: {0}")]
	Refused(String),
	#[error(
		"{path} cannot be written ({reason}): name a file that does not exist, in a folder where there \
		 is room"
	)]
	Unwritten { path: PathBuf, reason: io::Error },
}

/// All faults of a file, in lines.
fn listed(path: &Path, faults: &[Fault]) -> String {
	let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
	let hint = match faults.iter().any(Fault::hides_sums) {
		true => "\nSupply, votes and validators are counted when these are mended.",
		false => "",
	};
	let (path, lines) = (path.display(), lines.join("\n"));
	let count = match faults.len() {
		1 => "1 fault".to_owned(),
		count => format!("{count} faults"),
	};
	format!("nothing is written, {count} in {path}:\n{lines}{hint}")
}

impl FoundCommand {
	/// Writes the chain specification.
	pub(crate) fn run(&self) -> sc_cli::Result<()> {
		let (Some(input), Some(output)) = (&self.input, &self.output) else {
			print!("{EXAMPLE}");
			return Ok(());
		};
		let failed = |error: FoundingError| sc_cli::Error::Application(error.into());
		let (input, Founded { spec, json }) = founded(input).map_err(failed)?;
		let genesis = service::genesis_hash(&spec)?;
		write_new(output, &json)
			.map_err(|reason| failed(FoundingError::Unwritten { path: output.clone(), reason }))?;
		let sum = sp_core::bytes::to_hex(&sp_io::hashing::sha2_256(json.as_bytes()), false);
		println!("{:<21}{} ({})", "chain", spec.name(), spec.id());
		println!("{:<21}{genesis:?}", "genesis");
		print!("{}", summary::figures(&input));
		println!("{:<21}{}, SHA-256 {}", "written", output.display(), sum.trim_start_matches("0x"));
		Ok(())
	}
}

/// Reads a file and makes the specification of it.
fn founded(path: &Path) -> Result<(Input, Founded), FoundingError> {
	let faulty = |faults| FoundingError::Faulty { path: path.to_owned(), faults };
	let text = text_of(path)
		.map_err(|reason| FoundingError::Unreadable { path: path.to_owned(), reason })?
		.ok_or_else(|| faulty(vec![Fault::TooManyBytes]))?;
	let known = KnownKeys::new().map_err(|error| FoundingError::Refused(format!("{error:?}")))?;
	let input = judged(&text, &known).map_err(faulty)?;
	let founded = spec::found(&input).map_err(|error| {
		// The SDK repeats the whole genesis after the first line.
		FoundingError::Refused(error.lines().next().unwrap_or_default().to_owned())
	})?;
	Ok((input, founded))
}

/// What a file holds; `None` if that is too much.
fn text_of(path: &Path) -> io::Result<Option<String>> {
	let mut text = String::new();
	File::open(path)?.take(BYTES_MAX.saturating_add(1)).read_to_string(&mut text)?;
	Ok((text.len() as u64 <= BYTES_MAX).then_some(text))
}

/// The input of a text, or all that is wrong with it.
fn judged(text: &str, known: &KnownKeys) -> Result<Input, Vec<Fault>> {
	let (input, mut faults) = input::parse(text).map_err(|fault| vec![fault])?;
	faults.extend(entries::faults(&input, known));
	if !faults.iter().any(Fault::hides_sums) {
		faults.extend(whole::faults(&input));
	}
	if faults.is_empty() { Ok(input) } else { Err(faults) }
}

/// Writes a file that does not exist yet, whole or not at all.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
	let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
	let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
	written.or_else(|error| {
		fs::remove_file(path)?;
		Err(error)
	})
}

#[cfg(test)]
mod tests {
	use clap::Parser;

	use super::*;
	use crate::founding::fixture::text;

	/// The command as it is typed.
	#[derive(Debug, clap::Parser)]
	struct Typed {
		#[command(flatten)]
		command: FoundCommand,
	}

	fn judge(text: &str) -> Result<Input, Vec<Fault>> {
		judged(text, &KnownKeys::new().expect("the phrase is one"))
	}

	#[test]
	fn command_names_both_files_or_asks_for_the_example() {
		let is_taken =
			|arguments: &[&str]| Typed::try_parse_from(["found"].iter().chain(arguments)).is_ok();
		assert!(is_taken(&["--input", "a", "--output", "b"]) && is_taken(&["--example"]));
		for refused in [&[][..], &["--input", "a"], &["--output", "b"]] {
			assert!(!is_taken(refused), "{refused:?}");
		}
		assert!(!is_taken(&["--input", "a", "--output", "b", "--example"]));
	}

	#[test]
	fn faults_of_entries_and_of_the_whole_are_named_together() {
		assert!(judge(&text()).is_ok());
		let bad = text().replacen("rank = 3", "rank = 10", 1).replacen(
			"grm = 4000000",
			"grm = 9000000",
			1,
		);
		let faults = judge(&bad).expect_err("two faults");
		assert_eq!(faults.len(), 2, "{faults:?}");
		let shown = listed(Path::new("founding.toml"), &faults);
		assert!(shown.starts_with("nothing is written, 2 faults in founding.toml:\n  "), "{shown}");
		assert_eq!(shown.lines().count(), 3, "{shown}");
	}

	#[test]
	fn sums_are_not_judged_as_long_as_entries_are_missing() {
		let faults = judge(&text().replacen("grm = 4000000", "grm = \"4\"", 1)).expect_err("one");
		assert_eq!(faults.len(), 1, "{faults:?}");
		assert!(listed(Path::new("a"), &faults).ends_with("when these are mended."));
	}

	#[test]
	fn example_has_every_part_and_nothing_but_what_is_to_be_filled_in() {
		let faults = judge(EXAMPLE).expect_err("it has no addresses");
		for fault in &faults {
			let is_blank = matches!(fault, Fault::NoAccount { .. } | Fault::NoBytes { .. });
			assert!(is_blank, "{fault}");
		}
		// Of the one validator account, keys, proof and feeder, of two allocations and of one
		// fellow the account.
		assert_eq!(faults.len(), 7, "{faults:?}");
	}

	#[test]
	fn file_that_is_too_long_or_no_file_is_refused() {
		let directory = tempfile::tempdir().expect("there is room");
		let path = directory.path().join("founding.toml");
		fs::write(&path, "# \n".repeat(2_000_000)).expect("there is room");
		let error = founded(&path).err().expect("it is too long");
		assert!(matches!(&error, FoundingError::Faulty { faults, .. } if faults.len() == 1));
		for path in [directory.path(), &directory.path().join("missing")] {
			let error = founded(path).err().expect("it is no file");
			assert!(matches!(error, FoundingError::Unreadable { .. }), "{error}");
		}
	}

	#[test]
	fn file_that_exists_is_not_replaced() {
		let directory = tempfile::tempdir().expect("there is room");
		let path = directory.path().join("chain.json");
		write_new(&path, "first").expect("there is room");
		assert!(write_new(&path, "second").is_err());
		assert_eq!(fs::read_to_string(&path).expect("it is there"), "first");
	}
}
