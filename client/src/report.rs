//! A report as the client carries it: what it says is of no interest on the way.

use codec::DecodeAll;
use groma_core::{
	WindowIndex,
	statement::{Report, ReportKey, Reveal, Statement},
};

use crate::series::{REVEALS, STATEMENTS, Series};

/// A report of any series.
#[derive(Clone, Debug)]
pub struct EncodedReport {
	/// What distinguishes it from every other report.
	pub key: ReportKey,
	/// Its kind.
	pub series: &'static Series,
	/// Its SCALE encoding: the arguments of the chain's call, and of the runtime API that checks
	/// it.
	pub bytes: Vec<u8>,
}

impl PartialEq for EncodedReport {
	fn eq(&self, other: &Self) -> bool {
		(self.key, &self.bytes) == (other.key, &other.bytes)
	}
}

impl EncodedReport {
	fn of(series: &'static Series, report: &impl Report) -> Self {
		Self { key: report.key(), series, bytes: report.encode() }
	}

	/// What it says; `None` if it is of another series, or malformed.
	pub fn decode<R: Report>(&self) -> Option<R> {
		if self.key.series != R::SERIES {
			return None;
		}
		R::decode_all(&mut &self.bytes[..]).ok()
	}

	/// The last window in which the chain takes it.
	pub fn last_window(&self) -> WindowIndex {
		self.key.window.saturating_add(self.series.delay_max)
	}
}

impl From<Statement> for EncodedReport {
	fn from(statement: Statement) -> Self {
		Self::of(&STATEMENTS, &statement)
	}
}

impl From<Reveal> for EncodedReport {
	fn from(reveal: Reveal) -> Self {
		Self::of(&REVEALS, &reveal)
	}
}

#[cfg(test)]
mod tests {
	use groma_core::words::Signature;

	use super::*;

	#[test]
	fn report_is_what_was_encoded_and_of_its_series_alone() {
		let reveal = Reveal { window: 5, beaconer: 1, signature: Signature([9; 64]) };
		let report = EncodedReport::from(reveal);
		assert_eq!((report.key, report.last_window()), (reveal.key(), reveal.last_window()));
		assert_eq!(report.decode(), Some(reveal));
		assert_eq!(report.decode::<Statement>(), None);
		let cut = EncodedReport { bytes: report.bytes[1..].to_vec(), ..report };
		assert_eq!(cut.decode::<Reveal>(), None);
	}
}
