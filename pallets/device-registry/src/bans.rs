//! What becomes of a device, or of a key that it once had, when it is proven to cheat.

use groma_core::{DeviceId, WindowIndex, api::DeviceStatus};
use groma_traits::Windows;

use crate::{
	pallet::{Config, Devices, Event, Pallet},
	types::DeviceRecord,
};

impl<T: Config> Pallet<T> {
	/// Bans the signer of the device in `window`, as things stand now. A change that has taken
	/// effect is folded at once: then the present owner is in the record, and the one before is
	/// remembered as a former holder. So a buyer is not banned for what the seller signed.
	pub(crate) fn do_ban(device: DeviceId, window: WindowIndex) -> bool {
		let signer = Self::signer_in(device, window).filter(|signer| !signer.is_banned);
		let Some(signer) = signer else { return false };
		Self::fold_if_in_effect(device);
		let record = Devices::<T>::get(device);
		let present = record.filter(|record| record.owner == signer.owner);
		match present.filter(|record| record.status != DeviceStatus::Banned) {
			Some(record) => {
				Self::ban_device(device, record);
				true
			}
			None => {
				Self::ban_former_keys(device, |holder| holder.session_key == signer.session_key);
				Self::deposit_event(Event::FormerKeyBanned { device });
				false
			}
		}
	}

	/// Bans a device with every key that its owner used for it.
	fn ban_device(device: DeviceId, mut record: DeviceRecord<T::AccountId>) {
		if record.is_listed() {
			Self::withdraw(device, &record);
		}
		Self::void_pending(device, &mut record);
		record.unlist(DeviceStatus::Banned);
		Self::ban_former_keys(device, |holder| holder.owner == record.owner);
		Devices::<T>::insert(device, &record);
		Self::deposit_event(Event::DeviceBanned { device });
	}

	/// Folds a change that has taken effect, though former windows may still be asked about.
	fn fold_if_in_effect(device: DeviceId) {
		let pending = Devices::<T>::get(device).and_then(|record| record.changes.pending);
		let in_effect = pending.filter(|pending| pending.effective <= T::Windows::current());
		if let Some(pending) = in_effect {
			Self::fold(device, pending.effective);
		}
	}

	/// Takes back a change that is still to come.
	fn void_pending(device: DeviceId, record: &mut DeviceRecord<T::AccountId>) {
		if let Some((owner, slot)) = record.incoming() {
			Self::leave_owner(device, owner, record.network, slot);
			Self::release_deposit(owner, record.deposit);
		}
		record.next_session_key().into_iter().for_each(Self::free_session_key);
		record.changes.pending = None;
	}
}
