//! The table of series: all that the pool has to know of a kind of report. A new kind is a new row.

use codec::{Decode, Encode, MaxEncodedLen};
use groma_core::{
	WindowIndex,
	api::Refusal,
	pool_layout::{PAIRS_PER_CHUNK, REVEALS_PER_CHUNK, STATEMENTS_PER_CHUNK},
	protocol::{STATEMENTS_PER_BEACON_MAX, STATEMENTS_PER_WITNESS_MAX},
	statement::{BeaconPair, Report, ReportKey, Reveal, Statement},
};
use groma_runtime_api::CoverageApi;
use sp_api::{ApiError, ProvideRuntimeApi};

use super::outcome::{Rejection, Verdict};
use crate::types::{BlockHash, FullClient};

/// The table.
pub(super) static SERIES: [Series; 3] = [
	Series {
		number: Statement::SERIES,
		name: "statement",
		delay_max: Statement::DELAY_MAX,
		bytes_max: Statement::max_encoded_len,
		per_chunk: STATEMENTS_PER_CHUNK,
		per_window_max: 60_000,
		per_author_max: STATEMENTS_PER_WITNESS_MAX,
		per_subject_max: STATEMENTS_PER_BEACON_MAX,
		same_key: SameKey::Contradicts,
		read: read::<Statement>,
		refusal: |key| (key.author == key.subject).then_some(Refusal::OwnBeacon),
		check: |chain, at, bytes| {
			let verdict = chain.runtime_api().check_statement(at, decode(bytes)?)?;
			Ok(verdict.map(Some))
		},
	},
	Series {
		number: Reveal::SERIES,
		name: "reveal",
		delay_max: Reveal::DELAY_MAX,
		bytes_max: Reveal::max_encoded_len,
		per_chunk: REVEALS_PER_CHUNK,
		// There is one per challenge.
		per_window_max: 30_000,
		per_author_max: 1,
		per_subject_max: 1,
		same_key: SameKey::IsKnown,
		read: read::<Reveal>,
		refusal: |_| None,
		check: |chain, at, bytes| {
			let verdict = chain.runtime_api().check_reveal(at, decode(bytes)?)?;
			Ok(verdict.map(|()| None))
		},
	},
	Series {
		number: BeaconPair::SERIES,
		name: "pair",
		delay_max: BeaconPair::DELAY_MAX,
		bytes_max: BeaconPair::max_encoded_len,
		per_chunk: PAIRS_PER_CHUNK,
		// Each costs its device the key and the stake.
		per_window_max: 1_000,
		per_author_max: 1,
		per_subject_max: 1,
		same_key: SameKey::IsKnown,
		read: read::<BeaconPair>,
		refusal: |_| None,
		check: |chain, at, bytes| {
			let BeaconPair { window, beaconer, signature_a, signature_b } = decode(bytes)?;
			let api = chain.runtime_api();
			let is_proof = signature_a != signature_b
				&& api.is_beacon_genuine(at, beaconer, window, signature_a)?
				&& api.is_beacon_genuine(at, beaconer, window, signature_b)?;
			Ok(is_proof.then_some(None).ok_or(Refusal::BadSignature.into()))
		},
	},
];

/// A row of the table.
pub(crate) struct Series {
	/// The number, which is never given to another series.
	pub(super) number: u8,
	/// The name of one report, for metrics, logs and errors.
	pub(super) name: &'static str,
	/// From the window of a report to the last one in which the chain takes it, in windows.
	pub(super) delay_max: WindowIndex,
	/// The most bytes of an encoded report.
	pub(super) bytes_max: fn() -> usize,
	/// The most reports in a chunk. A full chunk fits `pool_layout::CHUNK_BYTES_MAX`.
	pub(super) per_chunk: u32,
	/// The most reports in a window.
	pub(super) per_window_max: usize,
	/// The most reports of one author in a window.
	pub(super) per_author_max: usize,
	/// The most reports about one subject in a window: those that the chain ranks first.
	pub(super) per_subject_max: usize,
	/// What a report means whose key is in the pool already.
	pub(super) same_key: SameKey,
	/// Reads one report from the front of the input.
	pub(super) read: fn(&mut &[u8]) -> Result<ReportKey, codec::Error>,
	/// Why the chain would not take a report with this key, as far as the node sees it itself.
	pub(super) refusal: fn(&ReportKey) -> Option<Refusal>,
	/// Asks the runtime at a block whether the next block would take an encoded report.
	pub(super) check: fn(&FullClient, BlockHash, &[u8]) -> Result<Verdict, ApiError>,
}

/// What a report means whose key is in the pool already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SameKey {
	/// With other bytes, it contradicts the one in the pool.
	Contradicts,
	/// It is known: any report of a key that passed the check is as good as another.
	IsKnown,
}

/// A report with its key.
pub(crate) struct Entry {
	/// Its series.
	pub(super) series: &'static Series,
	/// What distinguishes it from every other report.
	pub(super) key: ReportKey,
	/// Its encoding.
	pub(super) bytes: Vec<u8>,
}

impl Series {
	/// The series with a number.
	pub(super) fn by_number(number: u32) -> Result<&'static Self, Rejection> {
		SERIES.iter().find(|series| u32::from(series.number) == number).ok_or_else(|| {
			let known = SERIES.iter().map(|series| format!("{} ({})", series.number, series.name));
			Rejection::UnknownSeries { number, known: known.collect::<Vec<_>>().join(", ") }
		})
	}

	/// Reads the encoding of one report.
	pub(super) fn read(&'static self, bytes: &[u8]) -> Result<Entry, Rejection> {
		let bytes_max = (self.bytes_max)();
		let malformed = |why| Rejection::Malformed { series: self.name, bytes_max, why };
		let mut rest = bytes;
		let entry = self.read_next(&mut rest).map_err(|error| malformed(in_one_line(&error)))?;
		if rest.is_empty() {
			Ok(entry)
		} else {
			Err(malformed(format!("{} bytes follow its end", rest.len())))
		}
	}

	/// Reads one report from the front of `input`.
	pub(super) fn read_next(&'static self, input: &mut &[u8]) -> Result<Entry, codec::Error> {
		let before = *input;
		let key = (self.read)(input)?;
		let bytes = before.get(..before.len() - input.len()).unwrap_or_default().to_vec();
		Ok(Entry { series: self, key, bytes })
	}
}

/// The pair that two encoded reveals of one beacon make: that which the pool holds, and another.
pub(super) fn pair_of(mut held: &[u8], mut other: &[u8]) -> Option<Entry> {
	let (held, other) = (Reveal::decode(&mut held).ok()?, Reveal::decode(&mut other).ok()?);
	let pair = BeaconPair {
		window: held.window,
		beaconer: held.beaconer,
		signature_a: held.signature,
		signature_b: other.signature,
	};
	Series::by_number(BeaconPair::SERIES.into()).ok()?.read(&pair.encode()).ok()
}

/// For how many windows after its own a report of any series is taken, at most.
pub(super) fn delay_max() -> WindowIndex {
	SERIES.iter().map(|series| series.delay_max).max().unwrap_or_default()
}

fn read<R: Report>(input: &mut &[u8]) -> Result<ReportKey, codec::Error> {
	R::decode(input).map(|report| report.key())
}

fn decode<R: Report>(mut bytes: &[u8]) -> Result<R, ApiError> {
	R::decode(&mut bytes).map_err(|error| ApiError::Application(Box::new(error)))
}

/// An error of decoding: its lines name the field, each more exactly than the one before.
fn in_one_line(error: &codec::Error) -> String {
	error.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
	use codec::Compact;
	use groma_core::pool_layout::{CHUNK_BYTES_MAX, CHUNKS_MAX, POOLED_WINDOWS_MAX};

	use super::*;

	#[test]
	fn numbers_and_names_of_series_differ() {
		for (n, series) in SERIES.iter().enumerate() {
			for other in &SERIES[n + 1..] {
				assert!(series.number != other.number && series.name != other.name);
			}
		}
	}

	#[test]
	fn full_series_fits_its_chunks_and_a_full_chunk_one_allocation() {
		for series in &SERIES {
			let chunk = Compact(series.per_chunk).encoded_size()
				+ series.per_chunk as usize * (series.bytes_max)();
			assert!(chunk <= CHUNK_BYTES_MAX, "{}: {chunk} bytes", series.name);
			let room = CHUNKS_MAX as usize * series.per_chunk as usize;
			assert!(series.per_window_max <= room, "{}: {room} in a window", series.name);
		}
	}

	#[test]
	fn windows_that_are_kept_can_be_listed() {
		// Those before the running one, itself, the next one, and one more for re-organizations.
		assert!(delay_max() + 3 <= POOLED_WINDOWS_MAX);
	}
}
