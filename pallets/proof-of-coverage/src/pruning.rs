//! Challenges that were not revealed in time are removed with what is left of blocks' weight.

use frame_support::weights::{Weight, WeightMeter};
use groma_core::{
	CoverageReason, WindowIndex,
	protocol::{RECORDS_MAX, REVEAL_DELAY},
};
use groma_traits::{Standstill, Windows};
use sp_runtime::traits::Get;

use crate::{
	Challenges, Config, Pallet, PruneCursor, WeightInfo, activity, own_statements,
	statements::stored_challenge,
};

impl<T: Config> Pallet<T> {
	/// The oldest window that may hold challenges; `None` if it does not decode.
	pub(crate) fn prune_cursor() -> Option<WindowIndex> {
		groma_stored::value::<PruneCursor<T>, WindowIndex>().or_absent(0)
	}

	/// Removes challenges whose time to be revealed is over, as far as `limit` allows, and counts
	/// for their witnesses that they were not revealed. With them go the counts of devices' own
	/// statements. The cursor is the oldest window that may hold either; without one that decodes
	/// all of them wait.
	pub(crate) fn prune(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		if meter.try_consume(T::DbWeight::get().reads_writes(3, 1)).is_err() || T::Standstill::now()
		{
			return meter.consumed();
		}
		let first_open = T::Windows::current().saturating_sub(REVEAL_DELAY);
		let Some(start) = Self::prune_cursor() else { return meter.consumed() };
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
	let mut beaconers = Challenges::<T>::iter_key_prefix(window);
	loop {
		if !meter.can_consume(T::WeightInfo::prune_challenge(RECORDS_MAX)) {
			return false;
		}
		let Some(beaconer) = beaconers.next() else {
			return own_statements::prune::<T>(window, meter);
		};
		// One that does not decode goes with its window, as no one is paid for it any more.
		let challenge = stored_challenge::<T>(window, beaconer).value();
		let records = challenge.map(|challenge| challenge.records).unwrap_or_default();
		Challenges::<T>::remove(window, beaconer);
		for record in &records {
			activity::count_reason::<T>(record.observation.witness, CoverageReason::NeverRevealed);
		}
		meter.consume(T::WeightInfo::prune_challenge(records.len() as u32));
	}
}
