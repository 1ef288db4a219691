//! How many statements each device brings on chain itself. They cost no fee, so a device has a
//! budget of them for each window, and only such calls write the counts.

use frame_support::weights::WeightMeter;
use groma_core::{DeviceId, WindowIndex, api::Refusal, protocol::OWN_STATEMENTS_MAX};
use groma_paged_map::{DEVICES_PER_PAGE, PageId};
use groma_stored::Stored;

use crate::{Config, OwnStatements, WeightInfo};

/// How many statements about beacons of one window the devices of a page brought themselves.
pub type OwnCounts = [u8; DEVICES_PER_PAGE as usize];

/// The counts of a page of devices in a window.
pub(crate) fn stored<T: Config>(window: WindowIndex, page: PageId) -> Stored<OwnCounts> {
	groma_stored::double_entry::<OwnStatements<T>, WindowIndex, PageId, OwnCounts>(window, page)
}

/// Refuses a device that spent its budget for a window, or whose count does not decode.
pub(crate) fn ensure_left<T: Config>(window: WindowIndex, device: DeviceId) -> Result<(), Refusal> {
	let (page, place) = PageId::of(device);
	let counts = stored::<T>(window, page).or_absent(OwnCounts::default());
	let count = counts.and_then(|counts| counts.get(usize::from(place)).copied());
	if count.is_none_or(|count| count >= OWN_STATEMENTS_MAX) {
		return Err(Refusal::BudgetSpent);
	}
	Ok(())
}

/// Counts one more statement of a device whose count decodes.
pub(crate) fn spend<T: Config>(window: WindowIndex, device: DeviceId) {
	let (page, place) = PageId::of(device);
	let counts = stored::<T>(window, page).or_absent(OwnCounts::default());
	let Some(mut counts) = counts else { return };
	if let Some(count) = counts.get_mut(usize::from(place)) {
		*count = count.saturating_add(1);
	}
	OwnStatements::<T>::insert(window, page, counts);
}

/// Removes the counts of a window, as far as the meter allows, and says whether none is left.
pub(crate) fn prune<T: Config>(window: WindowIndex, meter: &mut WeightMeter) -> bool {
	let mut pages = OwnStatements::<T>::iter_key_prefix(window);
	while meter.try_consume(T::WeightInfo::prune_own_statements()).is_ok() {
		let Some(page) = pages.next() else { return true };
		OwnStatements::<T>::remove(window, page);
	}
	false
}
