//! Inputs that no one would write, for everything that reads what strangers send: known ones with
//! mutations, and random bytes. Nothing may panic, what is refused changes nothing, and memory
//! stays bounded.

mod market;
mod mutations;
mod outcome;
mod state;
mod targets;

use std::{
	fmt,
	panic::{self, AssertUnwindSafe},
};

use anyhow::Context;
use clap::builder::PossibleValuesParser;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::{
	allocator::{self, Held},
	report::Report,
};
use mutations::Mutator;
use outcome::Outcome;
use targets::{Memory, TARGETS, Target};

/// How it is run.
pub(crate) const EXAMPLES: &str = "\
Examples:
  scripts/bench fuzz --check
      100,000 cases of each target, which takes seconds.
  scripts/bench fuzz --cases 10000000 --check
      The long run: ten million cases of each target, which takes half an hour.
  scripts/bench fuzz --target gwmp --seed 7
      Other cases, of the datagrams of packet forwarders alone.
";
/// Cases between two steps of the progress bar.
const STEP: u64 = 1_024;
/// Panics that are printed; the others are only counted.
const PRINTED_MAX: u64 = 8;
/// Bytes that are printed of the case that takes the most memory.
const FRONT_LENGTH: usize = 64;
/// The stack of the thread that reads, in bytes: calls within calls are as deep as nodes decode
/// them, and natively each level takes more than in the blob.
const STACK_BYTES: usize = 512 << 20;

#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Cases of each target.
	#[arg(long, default_value_t = 100_000, value_name = "N")]
	cases: u64,
	/// The same seed brings the same cases.
	#[arg(long, default_value_t = 1, value_name = "NUMBER")]
	seed: u64,
	/// What is to read the cases; may be given several times. Without it, all targets do.
	#[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(names()))]
	target: Vec<String>,
}

fn names() -> impl Iterator<Item = &'static str> {
	TARGETS.iter().map(|target| target.name)
}

/// What became of the cases of a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
	cases: u64,
	refused: u64,
	panics: u64,
	/// The most memory that a case took at once, in bytes per byte of it, rounded up.
	memory_per_byte: i64,
	/// Bytes that are held when the cases are over.
	memory_kept: i64,
	/// The most memory that a case took at once, in bytes, of one that reads with a state.
	memory_with_state: i64,
	/// The case that took the most memory at once.
	largest: Largest,
}

/// The case of a target that took the most memory at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Largest {
	/// Its number: so many cases were read before.
	number: u64,
	/// Bytes that it took at once.
	peak: i64,
	/// Its length in bytes.
	length: usize,
	/// Its first bytes, and zeros if it is shorter.
	front: [u8; FRONT_LENGTH],
}

impl Default for Largest {
	fn default() -> Self {
		Self { number: 0, peak: 0, length: 0, front: [0; FRONT_LENGTH] }
	}
}

impl fmt::Display for Largest {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { number, peak, length, front } = self;
		let hex = hexadecimal(&front[..FRONT_LENGTH.min(*length)]);
		let cut = if *length > FRONT_LENGTH { ".." } else { "" };
		write!(f, "case {number} holds {peak} bytes at once and has {length}: {hex}{cut}")
	}
}

impl Tally {
	fn add_memory(&mut self, held: Held, memory: Memory, case: &[u8]) {
		if held.peak > self.largest.peak {
			let mut front = [0; FRONT_LENGTH];
			front.iter_mut().zip(case).for_each(|(to, from)| *to = *from);
			let (number, peak, length) = (self.cases, held.peak, case.len());
			self.largest = Largest { number, peak, length, front };
		}
		if memory == Memory::State {
			self.memory_with_state = self.memory_with_state.max(held.peak);
			return;
		}
		let length = case.len().max(1) as i64;
		let per_byte = (held.peak + length - 1) / length;
		self.memory_per_byte = self.memory_per_byte.max(per_byte);
		self.memory_kept += held.at_end;
	}
}

/// Runs and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let chosen = |target: &&Target| {
		arguments.target.is_empty() || arguments.target.iter().any(|name| name == target.name)
	};
	let chosen: Vec<&Target> = TARGETS.iter().filter(chosen).collect();
	// Panics are counted and printed with their case instead.
	panic::set_hook(Box::new(|_| {}));
	let mut total = Tally::default();
	let mut tallies = Vec::new();
	for target in chosen {
		let tally = fuzz(target, arguments.cases, arguments.seed)?;
		total.cases += tally.cases;
		total.refused += tally.refused;
		total.panics += tally.panics;
		total.memory_per_byte = total.memory_per_byte.max(tally.memory_per_byte);
		total.memory_kept += tally.memory_kept;
		total.memory_with_state = total.memory_with_state.max(tally.memory_with_state);
		tallies.push((target.name, tally));
	}
	drop(panic::take_hook());
	report.figure("cases", total.cases as f64, "");
	report.figure("refused", total.refused as f64, "");
	report.figure("panics", total.panics as f64, "");
	report.figure("memory_per_byte", total.memory_per_byte as f64, "bytes");
	report.figure("memory_kept", total.memory_kept as f64, "bytes");
	report.figure("memory_with_state", total.memory_with_state as f64, "bytes");
	for (name, tally) in tallies {
		report.figure(&format!("cases_of_{name}"), tally.cases as f64, "");
		report.figure(&format!("refused_of_{name}"), tally.refused as f64, "");
		report.figure(&format!("panics_of_{name}"), tally.panics as f64, "");
		report.figure(&format!("peak_of_{name}"), tally.largest.peak as f64, "bytes");
		eprintln!("{name}, seed {}: {}", arguments.seed, tally.largest);
	}
	Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Has a target read so many cases, on a separate thread.
fn fuzz(target: &Target, cases: u64, seed: u64) -> anyhow::Result<Tally> {
	std::thread::scope(|scope| {
		let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
		let running = thread.spawn_scoped(scope, || read_cases(target, cases, seed))?;
		running.join().map_err(|_| anyhow::anyhow!("the fuzzer itself panicked"))?
	})
}

fn read_cases(target: &Target, cases: u64, seed: u64) -> anyhow::Result<Tally> {
	let corpus = (target.corpus)().with_context(|| format!("the inputs of {}", target.name))?;
	let progress = indicatif::ProgressBar::new(cases);
	let mut mutator = Mutator::new(corpus, ChaCha8Rng::seed_from_u64(seed));
	let mut tally = Tally::default();
	while tally.cases < cases {
		let input = mutator.next_case();
		let read = || panic::catch_unwind(AssertUnwindSafe(|| (target.read)(input))).map_err(drop);
		let (outcome, held) = allocator::measured(read);
		tally.add_memory(held, target.memory, input);
		match outcome {
			Ok(Outcome::Read) => {}
			Ok(Outcome::Refused) => tally.refused += 1,
			Err(()) => {
				tally.panics += 1;
				if tally.panics <= PRINTED_MAX {
					let hex = hexadecimal(input);
					eprintln!("{} panics at case {}: {hex}", target.name, tally.cases);
				}
			}
		}
		tally.cases += 1;
		if tally.cases.is_multiple_of(STEP) {
			progress.set_position(tally.cases);
		}
	}
	progress.finish_and_clear();
	Ok(tally)
}

#[cfg(test)]
mod tests {
	use std::hint::black_box;

	use super::*;

	const CASES: u64 = 3_000;

	#[test]
	fn nothing_panics_and_not_everything_is_refused() {
		for target in TARGETS {
			let tally = fuzz(target, CASES, 7).expect("inputs");
			assert_eq!((tally.cases, tally.panics), (CASES, 0), "{}", target.name);
			assert!((1..CASES).contains(&tally.refused), "{}: {tally:?}", target.name);
			assert_eq!(tally.memory_kept, 0, "{}", target.name);
			assert!(tally.memory_per_byte <= 16, "{}: {tally:?}", target.name);
			let largest = tally.largest;
			assert!(tally.memory_with_state <= 32 << 20, "{}: {largest}", target.name);
		}
	}

	#[test]
	fn memory_is_counted_per_byte_of_the_case_and_when_it_is_kept() {
		let target = Target {
			name: "of a test",
			corpus: || Ok(vec![vec![0; 64]]),
			read: |input| {
				let copy = black_box([input, input].concat());
				std::mem::forget(black_box(vec![0_u8; 1]));
				if copy.len() > 128 { Outcome::Refused } else { Outcome::Read }
			},
			memory: Memory::Length,
		};
		let tally = fuzz(&target, 200, 1).expect("inputs");
		assert_eq!((tally.memory_kept, tally.panics), (200, 0));
		assert!((2..=3).contains(&tally.memory_per_byte), "{tally:?}");
	}

	#[test]
	fn case_that_takes_the_most_memory_is_reported() {
		let mut tally = Tally::default();
		let cases = [(7, vec![1; 3]), (9, vec![0xAB, 2]), (9, vec![3]), (8, vec![4; 100])];
		for (number, (peak, case)) in cases.into_iter().enumerate() {
			tally.cases = number as u64;
			tally.add_memory(Held { peak, at_end: 0 }, Memory::State, &case);
		}
		let told = "case 1 holds 9 bytes at once and has 2: ab02";
		assert_eq!((tally.largest.to_string(), tally.memory_with_state), (told.to_owned(), 9));
		tally.add_memory(Held { peak: 10, at_end: 0 }, Memory::Length, &[5; 100]);
		assert!(tally.largest.to_string().ends_with(&format!("{}..", "05".repeat(64))));
	}

	#[test]
	fn known_inputs_are_read_as_they_are() {
		for target in TARGETS {
			let corpus = (target.corpus)().expect("inputs");
			assert!(
				corpus.iter().any(|input| (target.read)(input) == Outcome::Read),
				"{}",
				target.name
			);
		}
	}

	#[test]
	fn panics_are_counted() {
		let target = Target {
			name: "of a test",
			corpus: || Ok(vec![vec![0; 8]]),
			read: |input| {
				assert!(input.len() < 12, "too long");
				Outcome::Read
			},
			memory: Memory::State,
		};
		let tally = fuzz(&target, 200, 1).expect("inputs");
		assert!((1..200).contains(&tally.panics), "{tally:?}");
	}
}
