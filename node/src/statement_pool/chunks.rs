//! The pool on disk: chunks in the off-chain local storage, where the collector reads them. The layout
//! is that of `groma_core::pool_layout`.

use std::collections::BTreeMap;

use codec::{Decode, Encode};
use groma_core::{
	WindowIndex,
	pool_layout::{
		CHUNKS_MAX, PooledWindows, REVEALS_PER_CHUNK, STATEMENTS_PER_CHUNK, chunk_key, windows_key,
	},
	statement::{Report, Reveal, Statement},
};
use sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};

/// What lies in chunks.
pub(super) trait Pooled: Report + Clone {
	/// How many in each.
	const PER_CHUNK: usize;
}

impl Pooled for Statement {
	const PER_CHUNK: usize = STATEMENTS_PER_CHUNK as usize;
}

impl Pooled for Reveal {
	const PER_CHUNK: usize = REVEALS_PER_CHUNK as usize;
}

/// The chunks of one series in one window. Items are taken into memory at once and written in groups, since
/// writing one means writing its whole chunk.
#[derive(Debug)]
struct Series<Item> {
	/// How many full chunks lie before the last one.
	full_chunks: u32,
	/// The items of the last chunk.
	last: Vec<Item>,
	/// Whether the last chunk differs from what is on disk.
	is_dirty: bool,
}

impl<Item> Default for Series<Item> {
	fn default() -> Self {
		Self { full_chunks: 0, last: Vec::new(), is_dirty: false }
	}
}

impl<Item: Pooled> Series<Item> {
	/// Reads a window's chunks and passes their items to `visit`. What cannot be read ends the series.
	fn load<S: OffchainStorage>(
		storage: &S,
		window: WindowIndex,
		mut visit: impl FnMut(&Item),
	) -> Self {
		let mut series = Self::default();
		for chunk in 0..CHUNKS_MAX {
			let key = chunk_key(Item::SERIES, window, chunk);
			let Some(bytes) = storage.get(STORAGE_PREFIX, &key) else { break };
			let Ok(items) = Vec::<Item>::decode(&mut &bytes[..]) else {
				log::warn!(target: super::LOG_TARGET, "chunk {chunk} of window {window} is damaged");
				break;
			};
			items.iter().for_each(&mut visit);
			series.full_chunks = chunk;
			series.last = items;
		}
		series
	}

	/// Adds an item; false if the window has all the chunks that it may have.
	fn push<S: OffchainStorage>(&mut self, storage: &mut S, item: Item) -> bool {
		if self.last.len() >= Item::PER_CHUNK {
			if self.full_chunks + 1 >= CHUNKS_MAX {
				return false;
			}
			self.flush(storage, item.key().window);
			self.full_chunks += 1;
			self.last.clear();
		}
		self.last.push(item);
		self.is_dirty = true;
		true
	}

	/// Writes what is not yet on disk.
	fn flush<S: OffchainStorage>(&mut self, storage: &mut S, window: WindowIndex) {
		if std::mem::take(&mut self.is_dirty) {
			let key = chunk_key(Item::SERIES, window, self.full_chunks);
			storage.set(STORAGE_PREFIX, &key, &self.last.encode());
		}
	}

	/// Removes the chunks of a window, readable or not, the last one first: a reader then never finds one
	/// behind a gap.
	fn remove<S: OffchainStorage>(storage: &mut S, window: WindowIndex) {
		let keys: Vec<_> = (0..CHUNKS_MAX)
			.map(|chunk| chunk_key(Item::SERIES, window, chunk))
			.take_while(|key| storage.get(STORAGE_PREFIX, key).is_some())
			.collect();
		for key in keys.iter().rev() {
			storage.remove(STORAGE_PREFIX, key);
		}
	}
}

/// The chunks of one window.
#[derive(Debug, Default)]
struct Window {
	statements: Series<Statement>,
	reveals: Series<Reveal>,
}

/// All chunks. This is the one writer, so it sets chunks without comparing; off-chain workers read at the
/// same time and find every chunk as a whole, older or newer.
pub(super) struct Chunks<S> {
	storage: S,
	windows: BTreeMap<WindowIndex, Window>,
}

impl<S: OffchainStorage> Chunks<S> {
	/// Reads what an earlier run of the node left, and passes it to the visitors.
	pub(super) fn load(
		storage: S,
		mut statement: impl FnMut(&Statement),
		mut reveal: impl FnMut(&Reveal),
	) -> Self {
		let listed = storage
			.get(STORAGE_PREFIX, &windows_key())
			.and_then(|bytes| PooledWindows::decode(&mut &bytes[..]).ok())
			.unwrap_or_default();
		let mut windows = BTreeMap::new();
		for window in listed {
			let statements = Series::load(&storage, window, &mut statement);
			let reveals = Series::load(&storage, window, &mut reveal);
			windows.insert(window, Window { statements, reveals });
		}
		Self { storage, windows }
	}

	/// Adds a statement; false if there is no room.
	pub(super) fn push_statement(&mut self, item: Statement) -> bool {
		self.open(item.window)
			.is_some_and(|(storage, chunks)| chunks.statements.push(storage, item))
	}

	/// Adds a reveal; false if there is no room.
	pub(super) fn push_reveal(&mut self, item: Reveal) -> bool {
		self.open(item.window).is_some_and(|(storage, chunks)| chunks.reveals.push(storage, item))
	}

	/// Writes what is not yet on disk.
	pub(super) fn flush(&mut self) {
		for (window, chunks) in &mut self.windows {
			chunks.statements.flush(&mut self.storage, *window);
			chunks.reveals.flush(&mut self.storage, *window);
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
			Series::<Statement>::remove(&mut self.storage, window);
			Series::<Reveal>::remove(&mut self.storage, window);
		}
		self.write_windows();
	}

	/// The storage, for whoever plays another run of the node.
	#[cfg(test)]
	pub(super) fn storage(&self) -> &S {
		&self.storage
	}

	/// The chunks of a window, which is listed before it has any; `None` if too many are.
	fn open(&mut self, window: WindowIndex) -> Option<(&mut S, &mut Window)> {
		if !self.windows.contains_key(&window) {
			if self.windows.len() >= PooledWindows::bound() {
				return None;
			}
			self.windows.insert(window, Window::default());
			self.write_windows();
		}
		let chunks = self.windows.get_mut(&window)?;
		Some((&mut self.storage, chunks))
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
		pool_layout::StatementChunk,
		statement::{REVEALS, STATEMENTS},
		words::Signature,
	};
	use sp_core::offchain::storage::InMemOffchainStorage;

	use super::*;

	fn statement(window: u32, witness: u32) -> Statement {
		Statement {
			window,
			beaconer: 1,
			observation: Observation {
				witness,
				rssi_deci_dbm: -900,
				snr_deci_db: 10,
				commitment: [0; 8],
			},
			signature: Signature([2; 64]),
		}
	}

	fn reveal(window: u32, beaconer: u32) -> Reveal {
		Reveal { window, beaconer, signature: Signature([3; 64]) }
	}

	/// Window and device of each item.
	type Items = Vec<(u32, u32)>;

	/// The statements and reveals that the storage holds, as a new run of the node finds them.
	fn reload(storage: &InMemOffchainStorage) -> (Items, Items) {
		let (mut statements, mut reveals) = (Vec::new(), Vec::new());
		Chunks::load(
			storage.clone(),
			|item| statements.push((item.window, item.observation.witness)),
			|item| reveals.push((item.window, item.beaconer)),
		);
		(statements, reveals)
	}

	fn storage_of(chunks: Chunks<InMemOffchainStorage>) -> InMemOffchainStorage {
		chunks.storage
	}

	fn empty() -> Chunks<InMemOffchainStorage> {
		Chunks::load(InMemOffchainStorage::default(), |_| (), |_| ())
	}

	#[test]
	fn items_are_found_again_after_a_restart() {
		let mut chunks = empty();
		assert!(chunks.push_statement(statement(5, 10)));
		assert!(chunks.push_statement(statement(6, 11)));
		assert!(chunks.push_reveal(reveal(5, 1)));
		chunks.flush();
		let (statements, reveals) = reload(&storage_of(chunks));
		assert_eq!(statements, [(5, 10), (6, 11)]);
		assert_eq!(reveals, [(5, 1)]);
	}

	#[test]
	fn series_goes_on_in_the_next_chunk_when_one_is_full() {
		let mut chunks = empty();
		for witness in 0..STATEMENTS_PER_CHUNK + 2 {
			assert!(chunks.push_statement(statement(5, witness)));
		}
		chunks.flush();
		let storage = storage_of(chunks);
		let lengths: Vec<usize> = (0..3)
			.map_while(|chunk| storage.get(STORAGE_PREFIX, &chunk_key(STATEMENTS, 5, chunk)))
			.map(|bytes| StatementChunk::decode(&mut &bytes[..]).unwrap().len())
			.collect();
		assert_eq!(lengths, [STATEMENTS_PER_CHUNK as usize, 2]);

		let mut resumed = Chunks::load(storage, |_| (), |_| ());
		assert!(resumed.push_statement(statement(5, STATEMENTS_PER_CHUNK + 2)));
		resumed.flush();
		assert_eq!(reload(&storage_of(resumed)).0.len(), STATEMENTS_PER_CHUNK as usize + 3);
	}

	#[test]
	fn windows_leave_nothing_behind_when_their_time_is_over() {
		let mut chunks = empty();
		for window in 3..6 {
			assert!(chunks.push_statement(statement(window, 1)));
			assert!(chunks.push_reveal(reveal(window, 1)));
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
			assert!(chunks.push_reveal(reveal(window, 1)));
		}
		assert!(!chunks.push_reveal(reveal(99, 1)));
	}

	#[test]
	fn damaged_chunks_lose_their_items_only() {
		let mut chunks = empty();
		assert!(chunks.push_statement(statement(5, 10)));
		assert!(chunks.push_reveal(reveal(5, 1)));
		chunks.flush();
		let mut storage = storage_of(chunks);
		storage.set(STORAGE_PREFIX, &chunk_key(STATEMENTS, 5, 0), &[0xFF; 7]);
		assert_eq!(reload(&storage), (vec![], vec![(5, 1)]));
		storage.set(STORAGE_PREFIX, &windows_key(), &[0xFF; 3]);
		assert_eq!(reload(&storage), (vec![], vec![]));
	}
}
