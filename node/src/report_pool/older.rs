//! What older versions of the node left in its database.
//!
//! The chain takes a report for minutes only, and devices keep theirs until they are settled. So
//! nothing is carried over from an older layout: it is removed.

use codec::Decode;
use groma_core::{
	WindowIndex,
	pool_layout::{CHUNKS_MAX, PooledWindows},
};
use sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};

use super::LOG_TARGET;

/// Where an older layout kept what was in the pool.
struct Layout {
	/// Where its windows were listed.
	windows: &'static [u8],
	/// Where the chunks of statements and of reveals began, before window and number.
	chunks: [&'static [u8]; 2],
}

/// The layouts that versions of the node wrote before the present one.
const OLDER: [Layout; 2] = [
	Layout {
		windows: b"groma/pool/1/windows",
		chunks: [b"groma/pool/1/statement/", b"groma/pool/1/reveal/"],
	},
	Layout { windows: b"groma/pool/2/windows", chunks: [b"groma/pool/2/\0", b"groma/pool/2/\x01"] },
];

/// Removes what older layouts left, and says so in the log: once, since nothing is left then.
pub(super) fn clear<S: OffchainStorage>(storage: &mut S) {
	OLDER.iter().for_each(|layout| clear_layout(storage, layout));
}

fn clear_layout<S: OffchainStorage>(storage: &mut S, layout: &Layout) {
	let Some(bytes) = storage.get(STORAGE_PREFIX, layout.windows) else { return };
	for window in PooledWindows::decode(&mut &bytes[..]).unwrap_or_default() {
		for prefix in layout.chunks {
			let keys: Vec<_> = (0..CHUNKS_MAX)
				.map(|chunk| chunk_key(prefix, window, chunk))
				.take_while(|key| storage.get(STORAGE_PREFIX, key).is_some())
				.collect();
			for key in keys.iter().rev() {
				storage.remove(STORAGE_PREFIX, key);
			}
		}
	}
	// Last, so that a node that is killed meanwhile begins again.
	storage.remove(STORAGE_PREFIX, layout.windows);
	log::warn!(
		target: LOG_TARGET,
		"removed the reports that an older version of this node stored in a layout that is no longer \
		 read; nothing needs to be done: devices submit again what is not on chain",
	);
}

fn chunk_key(prefix: &[u8], window: WindowIndex, chunk: u32) -> Vec<u8> {
	[prefix, &window.to_le_bytes(), &chunk.to_le_bytes()].concat()
}

#[cfg(test)]
mod tests {
	use codec::Encode;
	use groma_core::pool_layout::windows_key;
	use sp_core::offchain::storage::InMemOffchainStorage;

	use super::*;

	#[test]
	fn older_layouts_are_removed_and_nothing_else() {
		let mut storage = InMemOffchainStorage::default();
		let present = windows_key();
		let others: [&[u8]; 2] = [&present, b"groma/collector/2/logbook/x"];
		let mut olds = Vec::new();
		for layout in &OLDER {
			olds.push(layout.windows.to_vec());
			for window in [7, 8] {
				olds.extend([0, 1].map(|chunk| chunk_key(layout.chunks[0], window, chunk)));
				olds.push(chunk_key(layout.chunks[1], window, 0));
			}
		}
		for key in olds.iter().map(Vec::as_slice).chain(others) {
			storage.set(STORAGE_PREFIX, key, &[1]);
		}
		for layout in &OLDER {
			storage.set(STORAGE_PREFIX, layout.windows, &vec![7u32, 8].encode());
		}
		clear(&mut storage);
		for key in olds {
			assert_eq!(storage.get(STORAGE_PREFIX, &key), None, "{key:?}");
		}
		for key in others {
			assert_eq!(storage.get(STORAGE_PREFIX, key), Some(vec![1]), "{key:?}");
		}
	}

	#[test]
	fn older_layout_is_removed_when_its_list_of_windows_is_damaged() {
		let mut storage = InMemOffchainStorage::default();
		for layout in &OLDER {
			storage.set(STORAGE_PREFIX, layout.windows, &[0xFF; 3]);
		}
		clear(&mut storage);
		for layout in &OLDER {
			assert_eq!(storage.get(STORAGE_PREFIX, layout.windows), None);
		}
	}
}
