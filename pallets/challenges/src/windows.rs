//! The clock: windows, seeds and thresholds. Only here are the clock and the ring of windows
//! written.
//!
//! A clock that is missing or does not decode is never replaced: the newest window that is
//! remembered goes on until the clock is mended, so that windows never fall. Then none begins, and
//! no device is challenged.

use frame_support::{BoundedVec, traits::Time, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use groma_core::{
	NetworkId, WindowIndex, payload,
	protocol::WINDOWS_KEPT,
	selection,
	terms::{NetworkStatus, NetworkTerms},
	words::Hash,
};
use groma_traits::{
	ActiveDevices, ChallengeCost, Networks, Provisions, Standstill, Window, Windows,
};
use sp_runtime::{SaturatedConversion, traits::Get};

use crate::{
	Config, CurrentWindow, Event, Pallet, WeightInfo, WindowRecords,
	lane::{EvidenceLane, Track},
	types::WindowClock,
};

/// The accumulator of a window without any block.
const NOTHING_ACCUMULATED: Hash = [0; 32];
/// The most that a search for the newest window reads: two records at the beginning of the ring,
/// and at each halving of it.
const SEARCH_READS: u64 = 2 * (WINDOWS_KEPT.ilog2() as u64 + 2);

impl<T: Config> Windows for Pallet<T> {
	fn current() -> WindowIndex {
		clock_in::<T>(block_now::<T>()).index
	}

	fn of_call() -> WindowIndex {
		let block = block_now::<T>();
		clock_in::<T>(block).window_at(block)
	}

	fn of_next_block() -> WindowIndex {
		let block = block_now::<T>().saturating_add(1);
		clock_in::<T>(block).window_at(block)
	}

	fn window(window: WindowIndex) -> Option<Window> {
		record_at::<T>(window % WINDOWS_KEPT).filter(|found| found.index == window)
	}

	// The pool validates on the state of the last block with the number of the next: in a window's
	// last block that is the first of a window that the clock does not know yet.
	fn blocks_left(until_end_of: WindowIndex) -> u64 {
		let clock = clock_in::<T>(block_now::<T>());
		let to_come = until_end_of.saturating_sub(clock.index);
		let length = T::WindowBlocks::get().max(1);
		let end = clock.end().saturating_add(length.saturating_mul(to_come));
		u64::from(end.saturating_sub(block_now::<T>()).max(1))
	}

	fn duration_ms() -> u64 {
		let blocks = clock::<T>().map_or_else(T::WindowBlocks::get, |clock| clock.blocks);
		u64::from(blocks).saturating_mul(T::SlotDuration::get())
	}

	fn is_ripe(thousandths: u32) -> bool {
		let next = block_now::<T>().saturating_add(1);
		let clock = clock_in::<T>(next);
		let passed = next.saturating_sub(clock.first_block);
		next < clock.end()
			&& u64::from(passed).saturating_mul(1_000)
				>= u64::from(clock.blocks).saturating_mul(thousandths.into())
	}
}

impl<T: Config> Pallet<T> {
	/// Takes in the parent's VRF output, and opens the next window if this is its first block. The
	/// parent of a window's first block is the last block of the window before, so that a seed is
	/// made of all blocks of that window and of no other.
	///
	/// Blocks in which the chain stood still lengthen the window and do not enter the seed, and
	/// neither does the one before them, whose output no tick saw.
	pub(crate) fn tick(now: BlockNumberFor<T>) -> Weight {
		if T::Standstill::now() {
			return T::DbWeight::get().reads(1);
		}
		let now = now.saturated_into::<u32>();
		let Some(clock) = clock::<T>() else {
			Self::deposit_event(Event::WindowClockUnreadable);
			// What later looks in this block search for is in the cache of its state by then.
			drop(newest_window::<T>());
			return T::WeightInfo::tick().saturating_add(T::DbWeight::get().reads(SEARCH_READS));
		};
		let missed = clock.missed_before(now);
		let mut clock = WindowClock { last_tick: now, ..clock.lengthened_until(now) };
		if missed == 0
			&& let Some(output) = T::Randomness::get()
		{
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
				last_tick: now,
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

	/// Opens window 0, in which no device is challenged, at the genesis block.
	pub(crate) fn open_first_window() {
		CurrentWindow::<T>::put(WindowClock {
			blocks: T::WindowBlocks::get().max(1),
			..Default::default()
		});
		let record = Window {
			index: 0,
			first_block: 0,
			seed: payload::seed(0, &NOTHING_ACCUMULATED),
			thresholds: BoundedVec::new(),
		};
		WindowRecords::<T>::insert(0, record);
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T: Config> groma_traits::WindowsBenchmarkHelper for Pallet<T> {
	fn set_window(window: Window) {
		let now = block_now::<T>();
		CurrentWindow::<T>::put(WindowClock {
			index: window.index,
			first_block: now,
			blocks: T::WindowBlocks::get().max(1),
			last_tick: now,
			started_at_ms: T::Time::now(),
			accumulated: NOTHING_ACCUMULATED,
		});
		WindowRecords::<T>::insert(window.index % WINDOWS_KEPT, window);
	}
}

/// The clock; `None` if it is missing or does not decode.
pub(crate) fn clock<T: Config>() -> Option<WindowClock> {
	groma_stored::value::<CurrentWindow<T>, WindowClock>().value()
}

/// The clock as `block` finds it, the present one or the next. If it cannot be read, that of the
/// newest window that is remembered, which has no end.
pub(crate) fn clock_in<T: Config>(block: u32) -> WindowClock {
	if let Some(clock) = clock::<T>() {
		return clock.lengthened_until(block);
	}
	let newest = newest_window::<T>();
	let (index, first_block) = newest.map_or((0, 0), |window| (window.index, window.first_block));
	let blocks = u32::MAX.saturating_sub(first_block);
	WindowClock { index, first_block, blocks, last_tick: block, ..Default::default() }
}

/// The newest window that is remembered, at no more than [`SEARCH_READS`] reads. The ring holds
/// windows in their order, from its first slot to the newest one, and behind that those of the
/// round before: so halving it finds the last one of the first slot's round.
pub(crate) fn newest_window<T: Config>() -> Option<Window> {
	let (mut from, mut newest) = readable_from::<T>(0, WINDOWS_KEPT)?;
	let mut end = WINDOWS_KEPT;
	while end.saturating_sub(from) > 1 {
		let middle = from.saturating_add(end.saturating_sub(from) / 2);
		let later = readable_from::<T>(middle, end).filter(|(slot, found)| {
			found.index.checked_sub(newest.index) == slot.checked_sub(from)
		});
		match later {
			Some(found) => (from, newest) = found,
			None => end = middle,
		}
	}
	Some(newest)
}

/// The window in a slot of the ring; `None` if there is none that decodes. Such a one is not
/// remembered: nothing is taken, judged or held against anyone for it. Its slot is written when it
/// is the turn of another window, 288 later.
pub(crate) fn record_at<T: Config>(slot: u32) -> Option<Window> {
	groma_stored::entry::<WindowRecords<T>, _, Window>(slot).value()
}

/// The first of two slots of the ring, before `end`, whose record decodes: one that is damaged
/// misleads no search.
fn readable_from<T: Config>(slot: u32, end: u32) -> Option<(u32, Window)> {
	(slot..end).take(2).find_map(|slot| {
		let record = record_at::<T>(slot)?;
		(record.index % WINDOWS_KEPT == slot).then_some((slot, record))
	})
}

/// The number of the present block.
pub(crate) fn block_now<T: Config>() -> u32 {
	frame_system::Pallet::<T>::block_number().saturated_into::<u32>()
}

fn next_window<T: Config>(clock: &WindowClock, now: u32) -> Window {
	let index = clock.index.saturating_add(1);
	let room = Room::of_window::<T>();
	let thresholds = T::Networks::ids()
		.into_iter()
		.filter_map(|network| Some((network, threshold_of::<T>(network, &room)?)));
	Window {
		index,
		first_block: now,
		seed: payload::seed(index, &clock.accumulated),
		thresholds: BoundedVec::truncate_from(thresholds.collect()),
	}
}

/// The threshold that a network's terms, its part of a window's room and the number of its active
/// devices give now, of which those count at most that stake stands behind; `None` if there is no
/// such network, or if it is halted.
pub(crate) fn threshold_of<T: Config>(network: NetworkId, room: &Room) -> Option<u64> {
	if T::Networks::status(network)? == NetworkStatus::Halted {
		return None;
	}
	let terms = T::Networks::terms(network)?;
	let challenges_max = room.challenges_max::<T>(network, &terms);
	let active = T::Devices::active_count(network);
	if active == u32::MAX {
		return None;
	}
	let devices = active.min(T::Provisions::covered_devices(network));
	Some(selection::threshold(terms.lottery.interval_windows, challenges_max, devices))
}

/// What challenges may take of the lane in one window.
pub(crate) struct Room {
	/// Execution time in picoseconds.
	ref_time: u128,
	/// Length in bytes.
	length: u128,
}

impl Room {
	/// That of a window which begins now.
	pub(crate) fn of_window<T: Config>() -> Self {
		let lane = EvidenceLane::<T>::limit(Track::Evidence);
		let (fill, blocks) = (T::LaneFill::get(), u128::from(T::WindowBlocks::get().max(1)));
		Self {
			ref_time: fill.mul_floor(u128::from(lane.ref_time).saturating_mul(blocks)),
			length: fill.mul_floor(u128::from(lane.length).saturating_mul(blocks)),
		}
	}

	/// How many challenges of a network fit its share: none if its devices are never challenged.
	pub(crate) fn challenges_max<T: Config>(
		&self,
		network: NetworkId,
		terms: &NetworkTerms,
	) -> u32 {
		let (share, cost) = (terms.lottery.lane_share, T::ChallengeCost::of(network));
		let by_time = share.of(self.ref_time).checked_div(cost.ref_time.into());
		let by_length = share.of(self.length).checked_div(cost.length.into());
		by_time.min(by_length).unwrap_or_default().saturated_into()
	}
}
