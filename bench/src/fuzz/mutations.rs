//! Cases: known inputs with mutations, and random bytes.

use rand::{Rng, RngCore, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// The most bytes of a case: the largest datagram of UDP.
const LENGTH_MAX: usize = 65_507;
/// The most bytes of most random cases.
const RANDOM_LENGTH_MAX: usize = 512;
/// One random case in this many is as long as can be.
const LONG_EVERY: u32 = 64;
/// One case in this many is random.
const RANDOM_EVERY: u32 = 8;
/// The most mutations of one case.
const MUTATIONS_MAX: usize = 8;
/// The most bytes that are cut out or doubled at once.
const PART_LENGTH_MAX: usize = 64;
/// Bytes that mean something to what reads texts and numbers.
const TELLING: &[u8] = b"{}[]\",:\\/ 0123456789.eE+-_=nulltruefalse\0\r\n\t\x7f\xc3\xff";

/// Makes one case after the other.
pub(super) struct Mutator {
	corpus: Vec<Vec<u8>>,
	rng: ChaCha8Rng,
	case: Vec<u8>,
}

impl Mutator {
	/// Mutates the inputs of `corpus`.
	pub(super) fn new(corpus: Vec<Vec<u8>>, rng: ChaCha8Rng) -> Self {
		Self { corpus, rng, case: Vec::with_capacity(LENGTH_MAX) }
	}

	/// The next case.
	pub(super) fn next_case(&mut self) -> &[u8] {
		self.case.clear();
		if self.rng.gen_ratio(1, RANDOM_EVERY) {
			self.fill_at_random();
		} else {
			let known = self.corpus.choose(&mut self.rng).map(Vec::as_slice);
			self.case.extend_from_slice(known.unwrap_or_default());
			for _ in 0..self.rng.gen_range(0..=MUTATIONS_MAX) {
				self.mutate();
			}
		}
		self.case.truncate(LENGTH_MAX);
		&self.case
	}

	fn fill_at_random(&mut self) {
		let is_long = self.rng.gen_ratio(1, LONG_EVERY);
		let longest = if is_long { LENGTH_MAX } else { RANDOM_LENGTH_MAX };
		self.case.resize(self.rng.gen_range(0..=longest), 0);
		self.rng.fill_bytes(&mut self.case);
	}

	fn mutate(&mut self) {
		if self.case.is_empty() {
			self.case.push(self.rng.r#gen());
		}
		let at = self.rng.gen_range(0..self.case.len());
		let length = self.rng.gen_range(1..=PART_LENGTH_MAX).min(self.case.len() - at);
		match self.rng.gen_range(0..8) {
			0 => self.case[at] ^= 1 << self.rng.gen_range(0..8),
			1 => self.case[at] = self.telling(),
			2 => {
				let byte = self.telling();
				self.case.insert(at, byte);
			}
			3 => drop(self.case.drain(at..at + length)),
			4 => {
				let part = self.case[at..at + length].to_vec();
				self.insert(at, &part);
			}
			5 => {
				let part = self.part_of_another();
				self.insert(at, &part);
			}
			6 => {
				let part = self.case[at..at + length].repeat(self.rng.gen_range(2..40));
				self.insert(at, &part);
			}
			_ => self.case.truncate(at),
		}
	}

	fn telling(&mut self) -> u8 {
		TELLING.choose(&mut self.rng).copied().unwrap_or_default()
	}

	fn part_of_another(&mut self) -> Vec<u8> {
		let Some(other) = self.corpus.choose(&mut self.rng) else { return Vec::new() };
		let begin = self.rng.gen_range(0..=other.len());
		let end = self.rng.gen_range(begin..=other.len());
		other[begin..end].to_vec()
	}

	fn insert(&mut self, at: usize, part: &[u8]) {
		if self.case.len() + part.len() <= LENGTH_MAX {
			self.case.splice(at..at, part.iter().copied());
		}
	}
}

#[cfg(test)]
mod tests {
	use std::collections::HashSet;

	use rand::SeedableRng;

	use super::*;

	#[test]
	fn cases_differ_and_are_bounded() {
		let corpus = vec![b"{\"a\":[1,2]}".to_vec(), vec![]];
		let mut mutator = Mutator::new(corpus.clone(), ChaCha8Rng::seed_from_u64(1));
		let mut seen = HashSet::new();
		for _ in 0..2_000 {
			let case = mutator.next_case();
			assert!(case.len() <= LENGTH_MAX);
			seen.insert(case.to_vec());
		}
		assert!(seen.len() > 1_000 && seen.contains(&corpus[0]), "{}", seen.len());
	}

	#[test]
	fn same_seed_brings_the_same_cases() {
		let cases = |seed| {
			let corpus = vec![b"{\"a\":[1,2]}".to_vec()];
			let mut mutator = Mutator::new(corpus, ChaCha8Rng::seed_from_u64(seed));
			(0..100).map(|_| mutator.next_case().to_vec()).collect::<Vec<_>>()
		};
		assert_eq!(cases(7), cases(7));
		assert_ne!(cases(7), cases(8));
	}

	#[test]
	fn cases_are_random_when_nothing_is_known() {
		let mut mutator = Mutator::new(vec![], ChaCha8Rng::seed_from_u64(1));
		assert!((0..100).any(|_| mutator.next_case().len() > 8));
	}
}
