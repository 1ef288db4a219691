//! Challenges that were not revealed in time are removed with what is left of blocks' weight.

use frame_support::weights::{Weight, WeightMeter};
use groma_core::{
	CoverageReason, WindowIndex,
	protocol::{RECORDS_MAX, REVEAL_DELAY},
};
use groma_traits::{Standstill, Windows};
use sp_runtime::traits::Get;

use crate::{Challenges, Config, Pallet, PruneCursor, WeightInfo, activity, own_statements};

impl<T: Config> Pallet<T> {
	/// Removes challenges whose time to be revealed is over, as far as `limit` allows, and counts
	/// for their witnesses that they were not revealed. With them go the counts of devices' own
	/// statements. The cursor is the oldest window that may hold either.
	pub(crate) fn prune(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		if meter.try_consume(T::DbWeight::get().reads_writes(3, 1)).is_err() || T::Standstill::now()
		{
			return meter.consumed();
		}
		let first_open = T::Windows::current().saturating_sub(REVEAL_DELAY);
		let start = PruneCursor::<T>::get();
		let mut window = start;
		while window < first_open && prune_window::<T>(window, &mut meter) {
			window = window.saturating_add(1);
		}
		if window != start {
			PruneCursor::<T>::put(window);
		}
		meter.consumed()
	}
}

/// Removes the challenges of a window and the counts of own statements, and says whether none is
/// left.
fn prune_window<T: Config>(window: WindowIndex, meter: &mut WeightMeter) -> bool {
	if meter.try_consume(T::WeightInfo::prune_window()).is_err() {
		return false;
	}
	let mut challenges = Challenges::<T>::drain_prefix(window);
	loop {
		if !meter.can_consume(T::WeightInfo::prune_challenge(RECORDS_MAX)) {
			return false;
		}
		let Some((_, challenge)) = challenges.next() else {
			return own_statements::prune::<T>(window, meter);
		};
		for record in &challenge.records {
			activity::count_reason::<T>(record.observation.witness, CoverageReason::NeverRevealed);
		}
		meter.consume(T::WeightInfo::prune_challenge(challenge.records.len() as u32));
	}
}
