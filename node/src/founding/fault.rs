//! What is wrong with an input: one sentence for each fault, with what to do.

use std::fmt;

use groma_core::money::{GENESIS_SUPPLY, GRM};

/// The most bytes of an input.
pub(super) const BYTES_MAX: u64 = 4 * 1024 * 1024;
/// The most lines of an input.
pub(super) const LINES_MAX: usize = 100_000;
/// What exists at genesis, in GRM.
pub(super) const SUPPLY_GRM: u128 = GENESIS_SUPPLY / GRM;
/// The fewest validators: with four, finality goes on when one fails.
pub(super) const VALIDATORS_MIN: usize = 4;
/// The fewest GRM that can vote: with less no referendum reaches its support.
pub(super) const VOTES_MIN: u128 = 25_000_000;
/// What can vote divided by this is too much for an account: at conviction 6 it outvotes
/// all others at 1.
pub(super) const PARTS_MIN: u128 = 7;
/// Days in which no account gets such a part by what vests: as long as a referendum of root
/// takes that begins with the chain.
pub(super) const SOON_DAYS: u32 = 28;
/// The most days of a vesting: a century.
pub(super) const VESTING_DAYS_MAX: u32 = 36_500;

/// An entry of a list, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
	Validator(usize),
	Allocation(usize),
	Fellow(usize),
	Bootnode(usize),
}

impl fmt::Display for Place {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Validator(number) => write!(f, "validator {number}"),
			Self::Allocation(number) => write!(f, "allocation {number}"),
			Self::Fellow(number) => write!(f, "fellow {number}"),
			Self::Bootnode(number) => write!(f, "bootnode {number}"),
		}
	}
}

/// What is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
	// What cannot be read.
	#[error("the file has more than {LINES_MAX} lines: no founding file is that large")]
	TooManyLines,
	#[error("the file has more than {BYTES_MAX} bytes: no founding file is that large")]
	TooManyBytes,
	#[error("line {line}: {reason}")]
	NoToml { line: usize, reason: String },
	#[error("`{0}` is no part of an input; `groma-node found --example` shows all of them")]
	UnknownPart(String),
	#[error("`{part}`: {reason}")]
	Part { part: &'static str, reason: String },
	#[error("{place}: {reason}")]
	Entry { place: Place, reason: String },
	#[error(
		"{place}: `{field}` is neither an address nor 64 hexadecimal digits: compare it with what its \
		 owner sent"
	)]
	NoAccount { place: Place, field: &'static str },
	#[error("{place}: `{field}` is not what `groma-node key session` prints as `{field}`")]
	NoBytes { place: Place, field: &'static str },
	#[error("{place}: {reason}; it looks like /dns/HOST/tcp/30333/p2p/PEER")]
	NoBootnode { place: Place, reason: String },

	// What is wrong with an entry, or with two.
	#[error("the name of the chain has 1 to 32 characters")]
	ChainName,
	#[error(
		"`{0}` is no id of a chain: take 1 to 32 of a-z, 0-9, `_` and `-`, and none that test chains have"
	)]
	ChainId(String),
	#[error("{1} is the same node as {0}")]
	SameBootnode(Place, Place),
	#[error("{1} has the account of {0}: a validator is named once")]
	SameValidator(Place, Place),
	#[error("{1} has a session key of {0}: each validator makes its keys on its machine")]
	SameKey(Place, Place),
	#[error("{1} has the feeder of {0}: a feeder sends prices for one validator")]
	SameFeeder(Place, Place),
	#[error(
		"{0}: the proof does not show that this account has these keys: `keys` and `proof` are those of \
		 one run of `groma-node key session` with this account as `--owner`"
	)]
	Unproven(Place),
	#[error("{place}: `{field}` is {name}, with which anyone can sign")]
	WellKnown { place: Place, field: &'static str, name: String },
	#[error("{0}: 0 GRM are no allocation")]
	NothingGiven(Place),
	#[error("{1} is of the account of {0}: an account has one allocation")]
	Overlap(Place, Place),
	#[error("{0}: the account is that of the {1}, which has no key: leave the allocation out")]
	Pot(Place, &'static str),
	#[error("{0}: `free_grm` has to be less than `grm`; without `vesting` all is free")]
	NothingVests(Place),
	#[error(
		"{0}: `lasts_days` is 1 to {VESTING_DAYS_MAX}, `starts_after_days` at most {VESTING_DAYS_MAX}"
	)]
	VestingDays(Place),
	#[error("{1} has the account of {0}: a fellow is named once")]
	SameFellow(Place, Place),
	#[error("{place}: a rank is 1 to {most}, not {rank}")]
	Rank { place: Place, rank: u16, most: u16 },

	// What is wrong with the whole.
	#[error("there are {0} validators, and a chain is founded with {VALIDATORS_MIN} at least")]
	TooFewValidators(usize),
	#[error("there are {0} validators, and a chain is founded with {1} at most")]
	TooManyValidators(usize, u32),
	#[error(
		"{place}: its account has {} GRM, of more than {} that it needs: these are set aside as its stake, \
		 and fees need some more",
		grouped(*.grm),
		grouped(*.stake)
	)]
	TooLittleStake { place: Place, grm: u128, stake: u128 },
	#[error(
		"the allocations are {} GRM, and the supply is {}: leave 1 GRM to the treasury at least",
		grouped(*.0),
		grouped(SUPPLY_GRM)
	)]
	NothingForTreasury(u128),
	#[error(
		"allocations of {} GRM and a treasury of {} make {}, and the supply is exactly {}: the treasury \
		 is \"rest\", or what is left",
		grouped(*.given),
		grouped(*.treasury),
		grouped(.given.saturating_add(*.treasury)),
		grouped(SUPPLY_GRM)
	)]
	WrongSupply { given: u128, treasury: u128 },
	#[error(
		"{} GRM can vote at genesis, and {} are needed to pass a referendum at first: let less vest, or leave \
		 less to the treasury",
		grouped(*.0),
		grouped(VOTES_MIN)
	)]
	TooFewVotes(u128),
	#[error(
		"{place}: it votes with {} of {} GRM, a seventh or more: at the highest conviction it outvotes \
		 everyone else at the lowest",
		grouped(*.votes),
		grouped(*.all)
	)]
	Seventh { place: Place, votes: u128, all: u128 },
	#[error(
		"{place}: {days} days after genesis it votes with {} of {} GRM, a seventh or more, before the \
		 first referendum of root is over: let it vest later, or for longer",
		grouped(*.votes),
		grouped(*.all)
	)]
	SeventhSoon { place: Place, days: u32, votes: u128, all: u128 },
}

impl Fault {
	/// Whether sums and counts mean nothing as long as this is not mended.
	pub(super) fn hides_sums(&self) -> bool {
		matches!(
			self,
			Self::UnknownPart(_)
				| Self::Part { .. }
				| Self::Entry { .. }
				| Self::NoAccount { .. }
				| Self::NoBytes { .. }
				| Self::SameValidator(..)
				| Self::NothingGiven(_)
				| Self::Overlap(..)
				| Self::Pot(..)
				| Self::NothingVests(_)
		)
	}
}

/// A number with commas between thousands.
pub(super) fn grouped(number: u128) -> String {
	let digits = number.to_string();
	let mut text = String::new();
	for (index, digit) in digits.chars().enumerate() {
		if index > 0 && (digits.len() - index).is_multiple_of(3) {
			text.push(',');
		}
		text.push(digit);
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn thousands_are_set_apart() {
		for (number, text) in [
			(0, "0"),
			(999, "999"),
			(1_000, "1,000"),
			(25_000_000, "25,000,000"),
			(123_456, "123,456"),
		] {
			assert_eq!(grouped(number), text);
		}
		assert_eq!(SUPPLY_GRM, 200_000_000);
	}

	#[test]
	fn fault_names_its_place_and_its_figures() {
		let place = Place::Allocation(3);
		let fault = Fault::Seventh { place, votes: 5_000_000, all: 30_000_000 };
		let text = fault.to_string();
		assert!(text.starts_with("allocation 3: it votes with 5,000,000 of 30,000,000"), "{text}");
		let wrong = Fault::WrongSupply { given: 40_000_000, treasury: 1 }.to_string();
		assert!(wrong.contains("make 40,000,001"), "{wrong}");
	}
}
