//! The kinds of reports that devices make, one row each. A further kind is a further row.

use codec::MaxEncodedLen;
use groma_core::{
	WindowIndex,
	api::methods,
	protocol::{REVEAL_DELAY, STATEMENT_DELAY_MAX},
	statement::{Report, Reveal, Statement},
};

/// A kind of report.
#[derive(Debug)]
pub struct Series {
	/// Its number, in keys and in the store.
	pub number: u8,
	/// What one of them is called.
	pub name: &'static str,
	/// What several of them are called.
	pub plural: &'static str,
	/// The runtime API that answers whether one would be taken.
	pub(crate) check_api: &'static str,
	/// The pallet of the device's own call.
	pub(crate) pallet: &'static str,
	/// The call by which a device submits one itself.
	pub(crate) call: &'static str,
	/// How many windows after its own one is taken at the latest.
	pub(crate) delay_max: WindowIndex,
	/// Whether collectors wait for most of the window before they bundle those of the window.
	pub(crate) is_bundled_late: bool,
	/// The bytes of one.
	pub(crate) length: fn() -> usize,
}

/// What witnesses state about beacons.
pub(crate) static STATEMENTS: Series = Series {
	number: Statement::SERIES,
	name: "statement",
	plural: "statements",
	check_api: methods::CHECK_STATEMENT,
	pallet: "ProofOfCoverage",
	call: "submit_own_statement",
	delay_max: STATEMENT_DELAY_MAX,
	is_bundled_late: true,
	length: Statement::max_encoded_len,
};

/// Beacon signatures that are revealed.
pub(crate) static REVEALS: Series = Series {
	number: Reveal::SERIES,
	name: "reveal",
	plural: "reveals",
	check_api: methods::CHECK_REVEAL,
	pallet: "ProofOfCoverage",
	call: "submit_own_reveal",
	delay_max: REVEAL_DELAY,
	is_bundled_late: false,
	length: Reveal::max_encoded_len,
};

/// All kinds, in the order of their numbers.
pub(crate) static SERIES: [&Series; 2] = [&STATEMENTS, &REVEALS];

impl Series {
	/// The series with this number, if this build knows it.
	pub(crate) fn of(number: u8) -> Option<&'static Self> {
		SERIES.iter().copied().find(|series| series.number == number)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn series_are_found_by_their_numbers() {
		for (place, series) in SERIES.iter().enumerate() {
			assert_eq!(usize::from(series.number), place);
			assert!(Series::of(series.number).is_some_and(|found| found.name == series.name));
		}
		assert!(Series::of(SERIES.len() as u8).is_none());
	}
}
