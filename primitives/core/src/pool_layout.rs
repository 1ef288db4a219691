//! Where a node's report pool keeps what devices handed in, so that the collector in the runtime
//! finds it: keys and values of the *persistent* off-chain local storage.
//!
//! That storage cannot be iterated, so every place is computed. The reports of one series in one
//! window lie in chunks counted from 0; chunk `n + 1` exists only if chunk `n` does, and a reader
//! goes on until a chunk is absent. The node alone writes, one thread at a time: it appends reports
//! to the last chunk, or puts one in the place of another that the chain ranks behind it, some at a
//! time, and sets the chunk again as a whole, so that a reader finds it older or newer but never in
//! between. It removes the chunks of windows whose time is over, from the last to the first.
//!
//! | key | value |
//! |---|---|
//! | [`windows_key`] | [`PooledWindows`]: the windows that may have chunks |
//! | [`chunk_key`] of a series | a list of its reports, in no order that means anything |
//!
//! All values are SCALE-encoded. A chunk is at most 256 KiB, since the runtime reads it in one
//! allocation.

use alloc::vec::Vec;

use bounded_collections::{BoundedVec, ConstU32};

use crate::{payload::concat, words::WindowIndex};

/// The longest encoded chunk in bytes.
pub const CHUNK_BYTES_MAX: usize = 256 * 1024;
/// The most statements of a chunk.
pub const STATEMENTS_PER_CHUNK: u32 = 2_800;
/// The most reveals of a chunk.
pub const REVEALS_PER_CHUNK: u32 = 3_500;
/// The most pairs of beacon signatures of a chunk.
pub const PAIRS_PER_CHUNK: u32 = 1_900;
/// The most chunks of one series in one window.
pub const CHUNKS_MAX: u32 = 64;
/// The most windows that may have chunks at a time.
pub const POOLED_WINDOWS_MAX: u32 = 8;

/// The version of all this. It is part of every key and rises with any change of keys or values, so
/// that no reader takes one layout for another. The runtime names the layout that its collector
/// reads, and a node that writes another says so.
pub const LAYOUT: u32 = 3;

/// Begins all keys of [`LAYOUT`].
const PREFIX: &[u8] = b"groma/pool/3/";

/// Windows that may have chunks.
pub type PooledWindows = BoundedVec<WindowIndex, ConstU32<POOLED_WINDOWS_MAX>>;

/// Where the windows that may have chunks are listed: after a restart the node finds by it what
/// to keep and what to remove.
pub fn windows_key() -> Vec<u8> {
	concat(&[PREFIX, b"windows"])
}

/// Where chunk `chunk` of a series in a window lies.
pub fn chunk_key(series: u8, window: WindowIndex, chunk: u32) -> Vec<u8> {
	concat(&[PREFIX, &[series], &window.to_le_bytes(), &chunk.to_le_bytes()])
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::statement::{BeaconPair, REVEALS, Reveal, STATEMENTS, Statement};
	use codec::MaxEncodedLen;

	#[test]
	fn full_chunks_keep_the_limit_of_an_allocation() {
		let statements = BoundedVec::<Statement, ConstU32<STATEMENTS_PER_CHUNK>>::max_encoded_len();
		let reveals = BoundedVec::<Reveal, ConstU32<REVEALS_PER_CHUNK>>::max_encoded_len();
		let pairs = BoundedVec::<BeaconPair, ConstU32<PAIRS_PER_CHUNK>>::max_encoded_len();
		assert!([statements, reveals, pairs].iter().all(|bytes| *bytes <= CHUNK_BYTES_MAX));
	}

	#[test]
	fn keys_name_the_layout() {
		assert_eq!(PREFIX, format!("groma/pool/{LAYOUT}/").as_bytes());
	}

	#[test]
	fn keys_differ_by_series_window_and_chunk() {
		let keys = [
			windows_key(),
			chunk_key(STATEMENTS, 1, 0),
			chunk_key(REVEALS, 1, 0),
			chunk_key(STATEMENTS, 0, 1),
			chunk_key(STATEMENTS, 1, 1),
		];
		for (n, key) in keys.iter().enumerate() {
			assert!(keys[n + 1..].iter().all(|other| other != key));
		}
	}
}
