//! The node's report pool, as the collector reads it.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use groma_core::{
	WindowIndex,
	pool_layout::{CHUNKS_MAX, chunk_key},
};
use sp_runtime::offchain::storage::StorageValueRef;

/// Under what the collector logs.
pub(crate) const LOG_TARGET: &str = "runtime::collector";

/// The most chunks that one run reads: the rest has its turn in the next block.
pub(crate) const CHUNKS_PER_RUN: u32 = 8;

/// Where a look into the pool stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub(crate) struct Position {
	window: WindowIndex,
	chunk: u32,
}

/// A look through the chunks of some windows.
pub(crate) struct Scan {
	series: u8,
	windows: Vec<WindowIndex>,
	next: Option<Position>,
	left: u32,
}

impl Scan {
	/// A look through `windows`, oldest first, that begins at `from`, if that is among them.
	pub(crate) fn new(series: u8, windows: Vec<WindowIndex>, from: Option<Position>) -> Self {
		let start = windows.first().map(|window| Position { window: *window, chunk: 0 });
		let next = from.filter(|position| windows.contains(&position.window)).or(start);
		Self { series, windows, next, left: CHUNKS_PER_RUN }
	}

	/// The next chunk with its window; `None` at the end, or when enough was read.
	pub(crate) fn next_chunk<Chunk: Decode>(&mut self) -> Option<(WindowIndex, Chunk)> {
		while self.left > 0 {
			let position = self.next?;
			let key = chunk_key(self.series, position.window, position.chunk);
			let chunk = StorageValueRef::persistent(&key).get::<Chunk>();
			self.left = self.left.saturating_sub(1);
			match chunk {
				Ok(Some(chunk)) => {
					self.next = self.after(position);
					return Some((position.window, chunk));
				}
				Ok(None) => self.next = self.start_after(position.window),
				Err(_) => {
					log::warn!(target: LOG_TARGET, "passed over an unreadable chunk: {position:?}");
					self.next = self.after(position);
				}
			}
		}
		None
	}

	/// Which chunk is next; `None` at the end, so that a later look begins again.
	pub(crate) fn position(&self) -> Option<Position> {
		self.next
	}

	fn after(&self, position: Position) -> Option<Position> {
		let chunk = position.chunk.saturating_add(1);
		if chunk < CHUNKS_MAX {
			Some(Position { chunk, ..position })
		} else {
			self.start_after(position.window)
		}
	}

	fn start_after(&self, window: WindowIndex) -> Option<Position> {
		let next = self.windows.iter().find(|other| **other > window)?;
		Some(Position { window: *next, chunk: 0 })
	}
}
