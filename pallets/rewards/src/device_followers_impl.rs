//! What goes when the device registry removes a device.

use frame_support::weights::Weight;
use groma_core::DeviceId;
use groma_traits::DeviceFollowers;

use crate::{Config, Pallet, Waiting, WeightInfo};

impl<T: Config> DeviceFollowers for Pallet<T> {
	/// Credits what work waits, and forgets how payees who are owed nothing are paid. What is owed
	/// stays, with its split, until it is claimed. The kind of proof hands its work over before.
	fn let_go(device: DeviceId) -> bool {
		Self::credit_waiting(device);
		if Waiting::<T>::contains_key(device) {
			return false;
		}
		Self::forget_payee(device);
		Self::drop_idle_splits(device)
	}

	fn let_go_weight() -> Weight {
		T::WeightInfo::let_go()
	}
}
