//! The clock: windows, seeds and thresholds. Only here are the clock and the ring of windows written.

use frame_support::{BoundedVec, traits::Time, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use groma_core::{
	DeviceId, NetworkId, WindowIndex, payload,
	protocol::{RECIPROCITY_CHALLENGES, WINDOWS_KEPT},
	selection::{self, Selection},
	words::Hash,
};
use groma_traits::{Devices, Networks, Windows};
use sp_runtime::{SaturatedConversion, traits::Get};

use crate::{
	Config, CurrentWindow, Pallet, WeightInfo, WindowRecords,
	types::{WindowClock, WindowRecord},
};

/// The accumulator of a window without any block.
const NOTHING_ACCUMULATED: Hash = [0; 32];

impl<T: Config> Windows for Pallet<T> {
	fn current() -> WindowIndex {
		CurrentWindow::<T>::get().index
	}
}

impl<T: Config> Pallet<T> {
	/// Takes in the parent's VRF output, and opens the next window if this is its first block. The
	/// parent of a window's first block is the last block of the window before, so that a seed is made
	/// of all blocks of that window and of no other.
	pub(crate) fn tick(now: BlockNumberFor<T>) -> Weight {
		let now = now.saturated_into::<u32>();
		let mut clock = CurrentWindow::<T>::get();
		if let Some(output) = T::Randomness::get() {
			clock.accumulated = payload::fold_randomness(&clock.accumulated, &output);
		}
		let weight = if now < clock.end() {
			T::WeightInfo::tick()
		} else {
			let record = next_window::<T>(&clock, now);
			let networks = record.thresholds.len() as u64;
			clock = WindowClock {
				index: record.index,
				first_block: now,
				blocks: T::WindowBlocks::get().max(1),
				started_at_ms: T::Time::now(),
				accumulated: NOTHING_ACCUMULATED,
			};
			WindowRecords::<T>::insert(record.index % WINDOWS_KEPT, record);
			T::WeightInfo::open_window()
				.saturating_add(T::WeightInfo::threshold().saturating_mul(networks))
		};
		CurrentWindow::<T>::put(clock);
		weight
	}

	/// Opens window 0, in which nobody is challenged, at the genesis block.
	pub(crate) fn open_first_window() {
		CurrentWindow::<T>::put(WindowClock {
			blocks: T::WindowBlocks::get().max(1),
			..Default::default()
		});
		let record = WindowRecord {
			index: 0,
			first_block: 0,
			seed: payload::seed(0, &NOTHING_ACCUMULATED),
			thresholds: BoundedVec::new(),
		};
		WindowRecords::<T>::insert(0, record);
	}

	/// The window that the present block belongs to. In the transaction pool that is the first block
	/// after the clock's, on whose state transactions are validated.
	pub(crate) fn window_now() -> WindowIndex {
		CurrentWindow::<T>::get().window_at(block_now::<T>())
	}

	/// The window that the next block will belong to, as seen from the end of the present one.
	pub(crate) fn window_of_next_block() -> WindowIndex {
		CurrentWindow::<T>::get().window_at(block_now::<T>().saturating_add(1))
	}

	/// What is remembered of a window, if it is one of the last [`WINDOWS_KEPT`].
	pub(crate) fn window_record(window: WindowIndex) -> Option<WindowRecord> {
		WindowRecords::<T>::get(window % WINDOWS_KEPT).filter(|record| record.index == window)
	}

	/// Writes what is remembered of a window, and makes it the running one: a benchmark's clock.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn set_window(record: WindowRecord) {
		CurrentWindow::<T>::mutate(|clock| {
			clock.index = record.index;
			clock.first_block = block_now::<T>();
		});
		WindowRecords::<T>::insert(record.index % WINDOWS_KEPT, record);
	}
}

impl WindowRecord {
	/// Whether a device of a network is challenged in the window.
	pub(crate) fn challenges(&self, device: DeviceId, network: NetworkId) -> bool {
		Selection::new(&self.seed, device).is_challenged(self.threshold(network))
	}

	/// How many windows both sides of reciprocity may lie back.
	pub(crate) fn reciprocity_span(&self, network: NetworkId) -> WindowIndex {
		selection::expected_interval(self.threshold(network)).saturating_mul(RECIPROCITY_CHALLENGES)
	}
}

/// The number of the present block.
pub(crate) fn block_now<T: Config>() -> u32 {
	frame_system::Pallet::<T>::block_number().saturated_into::<u32>()
}

/// The genesis hash, which every signed payload of coverage carries.
pub(crate) fn genesis_hash<T: Config>() -> Hash {
	let hash = frame_system::BlockHash::<T>::get(BlockNumberFor::<T>::from(0u32));
	hash.as_ref().try_into().unwrap_or_default()
}

fn next_window<T: Config>(clock: &WindowClock, now: u32) -> WindowRecord {
	let index = clock.index.saturating_add(1);
	let thresholds = T::Networks::ids()
		.into_iter()
		.filter_map(|network| Some((network, threshold_of::<T>(network)?)));
	WindowRecord {
		index,
		first_block: now,
		seed: payload::seed(index, &clock.accumulated),
		thresholds: BoundedVec::truncate_from(thresholds.collect()),
	}
}

/// The threshold that a network's terms, its share of the chain's budget and the number of its active
/// devices give now.
pub(crate) fn threshold_of<T: Config>(network: NetworkId) -> Option<u64> {
	let terms = T::Networks::terms(network)?;
	let budget = u128::from(T::ReceiptBudget::get());
	let share = terms.coverage_weight.of(budget).saturated_into::<u32>();
	let active = T::Devices::active_count(network);
	Some(selection::threshold(terms.challenge_interval_windows, share, active))
}
