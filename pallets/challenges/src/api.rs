//! Answers for runtime APIs, by the state at the end of a block.

use alloc::vec::Vec;

use groma_core::{
	NetworkId, WindowIndex,
	api::{NetworkThreshold, WindowInfo},
	words::Hash,
};
use groma_traits::{Networks, Windows};

use crate::{
	Config, Pallet,
	windows::{Room, block_now, clock, clock_in},
};

impl<T: Config> Pallet<T> {
	/// The current window. It is longer if the chain stands still, and has no end as long as its
	/// clock cannot be read.
	pub fn window_info() -> WindowInfo {
		let clock = clock_in::<T>(block_now::<T>().saturating_add(1));
		let (seed, thresholds) = Self::window(clock.index)
			.map(|window| (window.seed, window.thresholds))
			.unwrap_or_default();
		let thresholds: Vec<_> = thresholds
			.into_iter()
			.map(|(network, threshold)| NetworkThreshold { network, threshold })
			.collect();
		WindowInfo {
			index: clock.index,
			first_block: clock.first_block,
			blocks: clock.blocks,
			duration_ms: Self::duration_ms(),
			started_at_ms: clock.started_at_ms,
			seed,
			thresholds,
		}
	}

	/// Whether the clock of windows is there and decodes.
	pub fn has_readable_clock() -> bool {
		clock::<T>().is_some()
	}

	/// The seed of one of the last 288 windows.
	pub fn seed_of(window: WindowIndex) -> Option<Hash> {
		Self::window(window).map(|window| window.seed)
	}

	/// How many challenges a window that begins now has room for in a network; `None` if there is
	/// no such network.
	pub fn challenges_max(network: NetworkId) -> Option<u32> {
		let terms = T::Networks::terms(network)?;
		Some(Room::of_window::<T>().challenges_max::<T>(network, &terms))
	}

	/// Windows between two challenges of a device of a network, on average, in the current window.
	pub fn challenge_interval(network: NetworkId) -> u32 {
		Self::window(Self::current()).map_or(u32::MAX, |window| window.interval(network))
	}
}
