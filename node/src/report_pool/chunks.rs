//! The pool on disk: chunks in the off-chain local storage, where the collector reads them. The
//! layout is that of `groma_core::pool_layout`.

use std::collections::BTreeMap;

use codec::{Compact, Decode, Encode};
use groma_core::{
	WindowIndex,
	pool_layout::{CHUNKS_MAX, PooledWindows, chunk_key, windows_key},
};
use sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};

use super::{
	LOG_TARGET, older,
	series::{Entry, SERIES, Series},
};

/// Where a report lies among those of its series and window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
	chunk: u32,
	/// Its place in the chunk.
	number: u32,
}

/// The reports of one chunk, encoded.
#[derive(Debug, Default)]
struct Chunk {
	reports: Vec<Vec<u8>>,
	/// Whether it differs from what is on disk.
	is_dirty: bool,
}

/// The chunks of one series in one window. They are kept in memory as well, since a report that
/// ranks before another takes its place; and written some at a time, since writing one report means
/// writing its whole chunk.
#[derive(Debug, Default)]
struct Shelf {
	chunks: Vec<Chunk>,
}

impl Shelf {
	/// Reads a window's chunks and passes their reports to `visit`. A chunk that cannot be read
	/// ends them.
	fn load<S: OffchainStorage>(
		storage: &S,
		series: &'static Series,
		window: WindowIndex,
		mut visit: impl FnMut(&Entry, Place),
	) -> Self {
		let mut shelf = Self::default();
		for chunk in 0..CHUNKS_MAX {
			let key = chunk_key(series.number, window, chunk);
			let Some(bytes) = storage.get(STORAGE_PREFIX, &key) else { break };
			let Some(reports) = read_chunk(series, window, &bytes) else {
				log::warn!(
					target: LOG_TARGET,
					"chunk {chunk} of the {}s of window {window} is damaged: its reports are lost to \
					 this pool, and devices submit again what is not on chain",
					series.name,
				);
				break;
			};
			let mut read = Chunk::default();
			for (number, report) in (0..).zip(reports) {
				visit(&report, Place { chunk, number });
				read.reports.push(report.bytes);
			}
			shelf.chunks.push(read);
		}
		shelf
	}

	/// Adds a report; `None` if the window has all the chunks that it may have.
	fn push(&mut self, report: &Entry) -> Option<Place> {
		let is_full = |chunk: &Chunk| chunk.reports.len() >= report.series.per_chunk as usize;
		if self.chunks.last().is_none_or(is_full) {
			if self.chunks.len() >= CHUNKS_MAX as usize {
				return None;
			}
			self.chunks.push(Chunk::default());
		}
		let chunk = u32::try_from(self.chunks.len()).ok()?.checked_sub(1)?;
		let last = self.chunks.last_mut()?;
		let number = u32::try_from(last.reports.len()).ok()?;
		last.reports.push(report.bytes.clone());
		last.is_dirty = true;
		Some(Place { chunk, number })
	}

	/// Puts a report in the place of another; false if there is none.
	fn replace(&mut self, place: Place, report: &Entry) -> bool {
		let Some(chunk) = self.chunks.get_mut(place.chunk as usize) else { return false };
		let Some(slot) = chunk.reports.get_mut(place.number as usize) else { return false };
		slot.clone_from(&report.bytes);
		chunk.is_dirty = true;
		true
	}

	/// Writes what is not yet on disk: in order, so that a reader never finds a chunk behind a gap.
	fn flush<S: OffchainStorage>(&mut self, storage: &mut S, series: u8, window: WindowIndex) {
		for (number, chunk) in (0..).zip(&mut self.chunks) {
			if std::mem::take(&mut chunk.is_dirty) {
				let mut bytes = Compact(chunk.reports.len() as u32).encode();
				chunk.reports.iter().for_each(|report| bytes.extend_from_slice(report));
				storage.set(STORAGE_PREFIX, &chunk_key(series, window, number), &bytes);
			}
		}
	}

	/// Removes the chunks of a window, readable or not, the last one first, so that a reader never
	/// finds one behind a gap.
	fn remove<S: OffchainStorage>(storage: &mut S, series: u8, window: WindowIndex) {
		let keys: Vec<_> = (0..CHUNKS_MAX)
			.map(|chunk| chunk_key(series, window, chunk))
			.take_while(|key| storage.get(STORAGE_PREFIX, key).is_some())
			.collect();
		for key in keys.iter().rev() {
			storage.remove(STORAGE_PREFIX, key);
		}
	}
}

/// The reports of a chunk, which is the encoding of a list of them; `None` if it is damaged.
fn read_chunk(
	series: &'static Series,
	window: WindowIndex,
	mut input: &[u8],
) -> Option<Vec<Entry>> {
	let Compact(count) = Compact::<u32>::decode(&mut input).ok()?;
	if count > series.per_chunk {
		return None;
	}
	let mut reports = Vec::new();
	for _ in 0..count {
		let report = series.read_next(&mut input).ok()?;
		if report.key.window != window {
			return None;
		}
		reports.push(report);
	}
	input.is_empty().then_some(reports)
}

/// The chunks of one window, by series.
type Window = BTreeMap<u8, Shelf>;

/// All chunks. Nothing else writes them, so they are set without comparing; off-chain workers read
/// at the same time and find every chunk as a whole, older or newer.
pub(super) struct Chunks<S> {
	storage: S,
	windows: BTreeMap<WindowIndex, Window>,
}

impl<S: OffchainStorage> Chunks<S> {
	/// Reads what an earlier run of the node left, and passes its reports to `visit`.
	pub(super) fn load(mut storage: S, mut visit: impl FnMut(&Entry, Place)) -> Self {
		older::clear(&mut storage);
		let listed = storage
			.get(STORAGE_PREFIX, &windows_key())
			.and_then(|bytes| PooledWindows::decode(&mut &bytes[..]).ok())
			.unwrap_or_default();
		let mut windows = BTreeMap::new();
		for window in listed {
			let shelves = SERIES
				.iter()
				.map(|series| (series.number, Shelf::load(&storage, series, window, &mut visit)));
			windows.insert(window, shelves.collect());
		}
		Self { storage, windows }
	}

	/// Adds a report, and says where; `None` if there is no room.
	pub(super) fn push(&mut self, report: &Entry) -> Option<Place> {
		self.open(report.key.window)?.entry(report.series.number).or_default().push(report)
	}

	/// Puts a report in the place of another of its series and window; false if there is none.
	pub(super) fn replace(&mut self, place: Place, report: &Entry) -> bool {
		self.windows
			.get_mut(&report.key.window)
			.and_then(|shelves| shelves.get_mut(&report.series.number))
			.is_some_and(|shelf| shelf.replace(place, report))
	}

	/// The encoding of what lies at a place, among the reports of this one's series and window.
	pub(super) fn lying_at(&self, place: Place, report: &Entry) -> Option<&[u8]> {
		let shelf = self.windows.get(&report.key.window)?.get(&report.series.number)?;
		let chunk = shelf.chunks.get(place.chunk as usize)?;
		chunk.reports.get(place.number as usize).map(Vec::as_slice)
	}

	/// Writes what is not yet on disk.
	pub(super) fn flush(&mut self) {
		for (window, shelves) in &mut self.windows {
			for (series, shelf) in shelves {
				shelf.flush(&mut self.storage, *series, *window);
			}
		}
	}

	/// Removes the windows before `oldest`.
	pub(super) fn remove_before(&mut self, oldest: WindowIndex) {
		let kept = self.windows.split_off(&oldest);
		let removed = std::mem::replace(&mut self.windows, kept);
		if removed.is_empty() {
			return;
		}
		for window in removed.into_keys() {
			for series in &SERIES {
				Shelf::remove(&mut self.storage, series.number, window);
			}
		}
		self.write_windows();
	}

	/// The storage, for a test that plays another run of the node.
	#[cfg(test)]
	pub(super) fn storage(&self) -> &S {
		&self.storage
	}

	/// The chunks of a window, which is listed before it has any; `None` if too many are.
	fn open(&mut self, window: WindowIndex) -> Option<&mut Window> {
		if !self.windows.contains_key(&window) {
			if self.windows.len() >= PooledWindows::bound() {
				return None;
			}
			self.windows.insert(window, Window::default());
			self.write_windows();
		}
		self.windows.get_mut(&window)
	}

	fn write_windows(&mut self) {
		let windows: Vec<WindowIndex> = self.windows.keys().copied().collect();
		self.storage.set(STORAGE_PREFIX, &windows_key(), &windows.encode());
	}
}

#[cfg(test)]
mod tests {
	use groma_core::{
		payload::Observation,
		pool_layout::STATEMENTS_PER_CHUNK,
		statement::{REVEALS, Reveal, STATEMENTS, Statement},
		words::Signature,
	};
	use sp_core::offchain::storage::InMemOffchainStorage;

	use super::*;

	fn entry(series: u8, report: impl Encode) -> Entry {
		let series = Series::by_number(series.into()).expect("the table has the series");
		series.read(&report.encode()).expect("the report is of the series")
	}

	fn statement(window: u32, witness: u32) -> Entry {
		let observation = Observation {
			witness,
			collector: 0,
			rssi_deci_dbm: -900,
			snr_deci_db: 10,
			commitment: [0; 8],
		};
		let signature = Signature([2; 64]);
		entry(STATEMENTS, Statement { window, beaconer: 1, observation, signature })
	}

	fn reveal(window: u32, beaconer: u32) -> Entry {
		entry(REVEALS, Reveal { window, beaconer, signature: Signature([3; 64]) })
	}

	/// Window and author of each report.
	type Reports = Vec<(u32, u32)>;

	/// The statements and reveals that the storage holds, as a new run of the node finds them.
	fn reload(storage: &InMemOffchainStorage) -> (Reports, Reports) {
		let (mut statements, mut reveals) = (Vec::new(), Vec::new());
		Chunks::load(storage.clone(), |report, _| {
			let found = (report.key.window, report.key.author);
			if report.series.number == STATEMENTS {
				statements.push(found);
			} else {
				reveals.push(found);
			}
		});
		(statements, reveals)
	}

	fn storage_of(chunks: Chunks<InMemOffchainStorage>) -> InMemOffchainStorage {
		chunks.storage
	}

	fn empty() -> Chunks<InMemOffchainStorage> {
		Chunks::load(InMemOffchainStorage::default(), |_, _| ())
	}

	#[test]
	fn reports_are_found_again_after_a_restart() {
		let mut chunks = empty();
		assert!(chunks.push(&statement(5, 10)).is_some());
		assert!(chunks.push(&statement(6, 11)).is_some());
		assert!(chunks.push(&reveal(5, 1)).is_some());
		chunks.flush();
		let (statements, reveals) = reload(&storage_of(chunks));
		assert_eq!(statements, [(5, 10), (6, 11)]);
		assert_eq!(reveals, [(5, 1)]);
	}

	#[test]
	fn series_goes_on_in_the_next_chunk_when_one_is_full() {
		let mut chunks = empty();
		for witness in 0..STATEMENTS_PER_CHUNK + 2 {
			assert!(chunks.push(&statement(5, witness)).is_some());
		}
		chunks.flush();
		let storage = storage_of(chunks);
		let lengths: Vec<usize> = (0..3)
			.map_while(|chunk| storage.get(STORAGE_PREFIX, &chunk_key(STATEMENTS, 5, chunk)))
			.map(|bytes| Vec::<Statement>::decode(&mut &bytes[..]).unwrap().len())
			.collect();
		assert_eq!(lengths, [STATEMENTS_PER_CHUNK as usize, 2]);

		let mut resumed = Chunks::load(storage, |_, _| ());
		assert!(resumed.push(&statement(5, STATEMENTS_PER_CHUNK + 2)).is_some());
		resumed.flush();
		assert_eq!(reload(&storage_of(resumed)).0.len(), STATEMENTS_PER_CHUNK as usize + 3);
	}

	#[test]
	fn report_takes_the_place_of_another_in_memory_and_on_disk() {
		let mut chunks = empty();
		let places: Vec<_> = (0..STATEMENTS_PER_CHUNK + 2)
			.map(|witness| chunks.push(&statement(5, witness)).expect("there is room"))
			.collect();
		chunks.flush();
		let replaced = [1, STATEMENTS_PER_CHUNK as usize];
		for place in replaced {
			assert!(chunks.replace(places[place], &statement(5, 100_000)));
		}
		let beyond = Place { chunk: 9, number: 0 };
		assert!(!chunks.replace(beyond, &statement(5, 7)));
		assert!(!chunks.replace(places[0], &statement(6, 7)));
		chunks.flush();
		let (statements, _) = reload(&storage_of(chunks));
		assert_eq!(statements.len(), STATEMENTS_PER_CHUNK as usize + 2);
		assert_eq!(statements[0], (5, 0));
		assert!(replaced.iter().all(|place| statements[*place] == (5, 100_000)));
	}

	#[test]
	fn windows_leave_nothing_behind_when_their_time_is_over() {
		let mut chunks = empty();
		for window in 3..6 {
			assert!(chunks.push(&statement(window, 1)).is_some());
			assert!(chunks.push(&reveal(window, 1)).is_some());
		}
		chunks.flush();
		chunks.remove_before(5);
		let storage = storage_of(chunks);
		for window in 3..5 {
			for series in [STATEMENTS, REVEALS] {
				assert_eq!(storage.get(STORAGE_PREFIX, &chunk_key(series, window, 0)), None);
			}
		}
		assert_eq!(reload(&storage), (vec![(5, 1)], vec![(5, 1)]));
	}

	#[test]
	fn window_is_refused_when_too_many_are_open() {
		let mut chunks = empty();
		for window in 0..PooledWindows::bound() as u32 {
			assert!(chunks.push(&reveal(window, 1)).is_some());
		}
		assert_eq!(chunks.push(&reveal(99, 1)), None);
	}

	#[test]
	fn damaged_chunks_lose_their_reports_only() {
		let mut chunks = empty();
		assert!(chunks.push(&statement(5, 10)).is_some());
		assert!(chunks.push(&reveal(5, 1)).is_some());
		chunks.flush();
		let mut storage = storage_of(chunks);
		storage.set(STORAGE_PREFIX, &chunk_key(STATEMENTS, 5, 0), &[0xFF; 7]);
		assert_eq!(reload(&storage), (vec![], vec![(5, 1)]));
		storage.set(STORAGE_PREFIX, &windows_key(), &[0xFF; 3]);
		assert_eq!(reload(&storage), (vec![], vec![]));
	}

	#[test]
	fn chunk_is_damaged_when_it_is_too_long_or_of_another_window_or_series() {
		let encoded = |reports: &[Entry]| {
			let mut chunk = Compact(reports.len() as u32).encode();
			reports.iter().for_each(|report| chunk.extend_from_slice(&report.bytes));
			chunk
		};
		let one = encoded(&[statement(5, 10)]);
		let read = |chunk: &[u8]| read_chunk(&SERIES[0], 5, chunk).map(|reports| reports.len());
		assert_eq!(read(&one), Some(1));
		assert_eq!(read(&[one.as_slice(), &[0]].concat()), None);
		assert_eq!(read(&one[..one.len() - 1]), None);
		assert_eq!(read(&encoded(&[statement(6, 10)])), None);
		assert_eq!(read(&encoded(&[reveal(5, 1)])), None);
		assert_eq!(read(&Compact(STATEMENTS_PER_CHUNK + 1).encode()), None);
	}

	#[test]
	fn collector_reads_the_chunks_of_both_series() {
		let mut chunks = empty();
		assert!(chunks.push(&statement(5, 10)).is_some());
		assert!(chunks.push(&reveal(5, 1)).is_some());
		chunks.flush();
		let storage = storage_of(chunks);
		let chunk = |series| storage.get(STORAGE_PREFIX, &chunk_key(series, 5, 0)).unwrap();
		let statements = Vec::<Statement>::decode(&mut &chunk(STATEMENTS)[..]).unwrap();
		assert_eq!(statements.encode(), chunk(STATEMENTS));
		assert_eq!(statements[0].observation.witness, 10);
		let reveals = Vec::<Reveal>::decode(&mut &chunk(REVEALS)[..]).unwrap();
		assert_eq!(reveals[0].beaconer, 1);
	}
}
