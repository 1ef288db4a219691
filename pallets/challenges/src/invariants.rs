//! What must hold of the whole state between blocks.

use frame_support::ensure;
use groma_core::protocol::WINDOWS_KEPT;
use groma_traits::Windows;
use sp_runtime::TryRuntimeError;

use crate::{
	Config, LaneUse, Pallet, WindowRecords,
	windows::{block_now, clock, record_at},
};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		check_windows::<T>()?;
		ensure!(!LaneUse::<T>::exists(), "the lane is empty between blocks");
		Ok(())
	}
}

fn check_windows<T: Config>() -> Result<(), TryRuntimeError> {
	let clock = clock::<T>().ok_or("the clock is there and decodes")?;
	ensure!(clock.blocks > 0, "a window lasts at least one block");
	ensure!(clock.first_block <= block_now::<T>(), "the window began");
	ensure!(Pallet::<T>::window(clock.index).is_some(), "the running window is remembered");
	for place in WindowRecords::<T>::iter_keys() {
		let window = record_at::<T>(place).ok_or("a window does not decode")?;
		ensure!(window.index % WINDOWS_KEPT == place, "a window has its place in the ring");
		ensure!(window.index <= clock.index, "no window of the future is remembered");
	}
	Ok(())
}
