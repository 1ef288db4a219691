//! What must hold of the whole state between blocks.

use alloc::collections::BTreeMap;

use frame_support::ensure;
use groma_traits::Emission;
use sp_runtime::TryRuntimeError;

use crate::pallet::{CollectorEpochs, Collectors, Config, OpenReports, Pallet};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut counted = BTreeMap::<_, u32>::new();
		for (epoch, count) in Collectors::<T>::iter_values().flat_map(|ledger| ledger.reports) {
			let sum = counted.entry(epoch).or_default();
			*sum = sum.saturating_add(count);
		}
		for (epoch, settled) in CollectorEpochs::<T>::iter() {
			ensure!(
				counted.get(&epoch) == Some(&settled.unfolded_reports),
				"reports of a closed epoch are not those of its collectors"
			);
		}
		for (epoch, total) in OpenReports::<T>::iter() {
			ensure!(!T::Emission::is_closed(epoch), "a closed epoch kept open reports");
			ensure!(
				counted.get(&epoch) == Some(&total),
				"reports of an open epoch are not those of its collectors"
			);
		}
		Ok(())
	}
}
