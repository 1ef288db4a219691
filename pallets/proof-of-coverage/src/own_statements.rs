//! How many statements each device brings on chain itself. They cost no fee, so a device has a
//! budget of them for each window, and only such calls write the counts.

use frame_support::weights::WeightMeter;
use groma_core::{DeviceId, WindowIndex, api::Refusal, protocol::OWN_STATEMENTS_MAX};
use groma_paged_map::{DEVICES_PER_PAGE, PageId};

use crate::{Config, OwnStatements, WeightInfo};

/// How many statements about beacons of one window the devices of a page brought themselves.
pub type OwnCounts = [u8; DEVICES_PER_PAGE as usize];

/// Refuses a device that spent its budget for a window.
pub(crate) fn ensure_left<T: Config>(window: WindowIndex, device: DeviceId) -> Result<(), Refusal> {
	let (page, place) = PageId::of(device);
	let counts = OwnStatements::<T>::get(window, page).unwrap_or_default();
	if counts.get(usize::from(place)).is_some_and(|count| *count >= OWN_STATEMENTS_MAX) {
		return Err(Refusal::BudgetSpent);
	}
	Ok(())
}

/// Counts one more statement of a device.
pub(crate) fn spend<T: Config>(window: WindowIndex, device: DeviceId) {
	let (page, place) = PageId::of(device);
	let mut counts = OwnStatements::<T>::get(window, page).unwrap_or_default();
	if let Some(count) = counts.get_mut(usize::from(place)) {
		*count = count.saturating_add(1);
	}
	OwnStatements::<T>::insert(window, page, counts);
}

/// Removes the counts of a window, as far as the meter allows, and says whether none is left.
pub(crate) fn prune<T: Config>(window: WindowIndex, meter: &mut WeightMeter) -> bool {
	let mut pages = OwnStatements::<T>::drain_prefix(window);
	while meter.try_consume(T::WeightInfo::prune_own_statements()).is_ok() {
		if pages.next().is_none() {
			return true;
		}
	}
	false
}
