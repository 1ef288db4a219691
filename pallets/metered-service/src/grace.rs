//! Until when a channel takes vouchers. The grace after its closing is the time in which devices
//! claim, so it does not run out while no one can be paid: when that is over, at least the shortest
//! grace begins again.

use frame_support::{
	traits::{Get, Time},
	weights::Weight,
};
use groma_core::{WindowIndex, protocol::GRACE_WINDOWS_MIN};
use groma_stored::Stored;
use groma_traits::{Demand, Standstill, Windows};

use crate::{Channel, Config, LastUnpayable, Pallet, WeightInfo};

impl<T: Config> Pallet<T> {
	/// Notes the present window if claims cannot be paid in it. The same work at any number of
	/// channels.
	pub(crate) fn note_whether_payable() -> Weight {
		let weight = T::WeightInfo::on_initialize();
		// While the chain stands still no window passes. Before the first timestamp there is
		// nothing to wait for.
		if T::Standstill::now() || T::Demand::is_payable() || T::Time::now() == 0 {
			return weight;
		}
		let now = T::Windows::current();
		// A note that cannot be read stays: as long as it does, no grace ends.
		if Self::last_unpayable().is_some_and(|last| last != Some(now)) {
			LastUnpayable::<T>::put(now);
		}
		weight.saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	/// The first window in which a channel takes no vouchers: at least [`GRACE_WINDOWS_MIN`] after
	/// the last window without pay. So a channel whose grace was over, and which no one finished,
	/// takes vouchers again.
	pub(crate) fn end_of_grace(record: &Channel<T::AccountId>) -> WindowIndex {
		match Self::last_unpayable() {
			Some(None) => record.ends,
			Some(Some(last)) => {
				record.ends.max(last.saturating_add(1).saturating_add(GRACE_WINDOWS_MIN))
			}
			None => WindowIndex::MAX,
		}
	}

	/// The last window in which claims could not be paid, if there was one; `None` if that cannot
	/// be read.
	pub(crate) fn last_unpayable() -> Option<Option<WindowIndex>> {
		match groma_stored::value::<LastUnpayable<T>, WindowIndex>() {
			Stored::Absent => Some(None),
			Stored::Value(window) => Some(Some(window)),
			Stored::Undecodable => None,
		}
	}
}
