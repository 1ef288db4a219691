//! The last window that was agreed on, so that a restart does not believe what goes back behind it.

use codec::{Decode, Encode};
use groma_core::api::WindowInfo;
use rusqlite::{OptionalExtension, params};

use super::{Store, error::StoreError};

impl Store {
	/// Keeps the window in place of the one before.
	pub fn keep_window(&self, window: &WindowInfo) -> Result<(), StoreError> {
		self.connection()
			.prepare_cached("INSERT OR REPLACE INTO last_window VALUES (0, ?1)")?
			.execute(params![window.encode()])?;
		Ok(())
	}

	/// The last window that was kept; `None` if there is none that this build can read.
	pub fn last_window(&self) -> Result<Option<WindowInfo>, StoreError> {
		let bytes: Option<Vec<u8>> = self
			.connection()
			.prepare_cached("SELECT bytes FROM last_window")?
			.query_row([], |row| row.get(0))
			.optional()?;
		Ok(bytes.and_then(|bytes| WindowInfo::decode(&mut &bytes[..]).ok()))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn last_window_takes_the_place_of_the_one_before() {
		let store = Store::in_memory().expect("opened");
		assert_eq!(store.last_window().expect("readable"), None);
		let mut window = WindowInfo {
			index: 9,
			first_block: 450,
			blocks: 50,
			duration_ms: 300_000,
			started_at_ms: 0,
			seed: [9; 32],
			thresholds: Vec::new(),
		};
		for index in [9, 10] {
			window.index = index;
			store.keep_window(&window).expect("kept");
			assert_eq!(store.last_window().expect("readable"), Some(window.clone()));
		}
		store.connection().execute("UPDATE last_window SET bytes = x'0900'", []).expect("changed");
		assert_eq!(store.last_window().expect("readable"), None);
	}
}
