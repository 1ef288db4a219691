//! The clock of challenges, and the time.

use frame_support::{BoundedVec, parameter_types, traits::Time};
use frame_system::{Config, Pallet as System};
use groma_core::{WindowIndex, payload, protocol::WINDOWS_KEPT, selection};
use groma_traits::{Networks, Window, Windows};
use sp_runtime::SaturatedConversion;

use crate::{Fakes, START};

parameter_types! {
	/// The running window.
	pub storage CurrentWindow: WindowIndex = START;
	/// The first block of the running window.
	pub storage FirstBlock: u32 = 0;
	/// How many blocks a window lasts: the running one, and those to come.
	pub storage WindowBlocks: u32 = 10;
	/// What the clock shows, in ms since the Unix epoch: if not set, six seconds for each block
	/// after the first.
	pub storage NowMs: Option<u64> = None;
}

fn block_now<T: Config>() -> u32 {
	System::<T>::block_number().saturated_into()
}

impl<T: Config, C> Fakes<T, C> {
	/// Begins the next window if the running one ended before the present block.
	pub fn tick() {
		let now = block_now::<T>();
		if now >= Self::end() {
			CurrentWindow::set(&(CurrentWindow::get() + 1));
			FirstBlock::set(&now);
		}
	}

	/// The block after the last one of the running window.
	fn end() -> u32 {
		FirstBlock::get() + WindowBlocks::get()
	}

	fn window_at(block: u32) -> WindowIndex {
		CurrentWindow::get() + u32::from(block >= Self::end())
	}
}

/// Seeds follow from the windows. Devices are challenged as often as the terms of their network
/// say.
impl<T: Config, C> Windows for Fakes<T, C> {
	fn current() -> WindowIndex {
		CurrentWindow::get()
	}

	fn of_call() -> WindowIndex {
		Self::window_at(block_now::<T>())
	}

	fn of_next_block() -> WindowIndex {
		Self::window_at(block_now::<T>() + 1)
	}

	fn window(index: WindowIndex) -> Option<Window> {
		let age = Self::current().checked_sub(index)?;
		let threshold = |network| {
			let interval = Self::terms(network)?.lottery.interval_windows;
			Some((network, selection::threshold(interval, u32::MAX, 1)))
		};
		let thresholds = Self::ids().into_iter().filter_map(threshold).collect();
		(age < WINDOWS_KEPT).then(|| Window {
			index,
			first_block: 0,
			seed: payload::seed(index, &[1; 32]),
			thresholds: BoundedVec::truncate_from(thresholds),
		})
	}

	fn blocks_left(until_end_of: WindowIndex) -> u64 {
		let to_come = until_end_of - Self::current();
		u64::from(Self::end() + to_come * WindowBlocks::get() - block_now::<T>())
	}

	fn duration_ms() -> u64 {
		u64::from(WindowBlocks::get()) * 6_000
	}

	fn is_ripe(thousandths: u32) -> bool {
		let next = block_now::<T>() + 1;
		next < Self::end()
			&& (next - FirstBlock::get()) * 1_000 >= WindowBlocks::get() * thousandths
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T: Config, C> groma_traits::WindowsBenchmarkHelper for Fakes<T, C> {
	fn set_window(window: Window) {
		CurrentWindow::set(&window.index);
		FirstBlock::set(&block_now::<T>());
	}
}

impl<T: Config, C> Time for Fakes<T, C> {
	type Moment = u64;

	fn now() -> u64 {
		NowMs::get().unwrap_or_else(|| u64::from(block_now::<T>().saturating_sub(1)) * 6_000)
	}
}
