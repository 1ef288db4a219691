//! Who held a device before: remembered after a change of key or owner, and after a retirement, for
//! as long as evidence about the windows before it is taken. Then the key is free again, and a
//! device that was retired is removed. Only here is the map of former holders written.

use frame_support::defensive;
use groma_core::{
	DeviceId, WindowIndex,
	api::DeviceStatus,
	protocol::{MEMORY_WINDOWS, WINDOWS_KEPT},
	words::SessionKey,
};
use groma_stored::Stored;
use groma_traits::{DeviceFollowers, Signer};

use crate::{
	pallet::{Config, Devices, Event, FormerHolders, Pallet},
	roster::Members,
	types::{DeviceRecord, FormerHolder},
};

impl<T: Config> Pallet<T> {
	/// Who signed for a device in a window.
	pub(crate) fn signer_in(device: DeviceId, window: WindowIndex) -> Option<Signer<T::AccountId>> {
		let record = Devices::<T>::get(device)?;
		let network = record.network;
		let former = Self::former_holder(device);
		// That may have been another one than the present holder.
		if former.is_undecodable() {
			return None;
		}
		let former = former.value().filter(|former| window < former.until);
		if let Some(FormerHolder { owner, session_key, since, is_banned, .. }) = former {
			return (since <= window).then_some(Signer { network, owner, session_key, is_banned });
		}
		if window < record.registered_at {
			return None;
		}
		let DeviceRecord { owner, session_key, status, .. } = record.seen_in(window);
		let is_banned = status == DeviceStatus::Banned;
		(status != DeviceStatus::Retired).then_some(Signer {
			network,
			owner,
			session_key,
			is_banned,
		})
	}

	/// Who held a device before.
	pub(crate) fn former_holder(device: DeviceId) -> Stored<FormerHolder<T::AccountId>> {
		groma_stored::entry::<FormerHolders<T>, _, FormerHolder<T::AccountId>>(device)
	}

	/// Remembers who held a device until a window, in place of whom it remembered before. That is
	/// forgotten with the changes of a window that is not before `now`.
	pub(crate) fn remember_holder(
		device: DeviceId,
		record: &DeviceRecord<T::AccountId>,
		until: WindowIndex,
		now: WindowIndex,
	) {
		let earlier = Self::former_holder(device).value();
		match &earlier {
			Some(earlier) => Self::release_key(earlier),
			None => {
				Self::queue(Members::<T>::of_holders, due_window(until).max(now), device);
			}
		}
		let holder = FormerHolder {
			owner: record.owner.clone(),
			session_key: record.session_key,
			since: earlier.map_or(record.registered_at, |earlier| earlier.until),
			until,
			is_banned: false,
		};
		FormerHolders::<T>::insert(device, holder);
	}

	/// Bans a key, if it is that of the former holder of a device.
	pub(crate) fn ban_former_key(device: DeviceId, session_key: &SessionKey) {
		FormerHolders::<T>::mutate_extant(device, |former| {
			former.is_banned |= former.session_key == *session_key;
		});
	}

	/// Forgets the former holder of a device, or queues it again: if someone else is remembered by
	/// now, if a device that is to be removed with it cannot go yet, or if either of them does not
	/// decode.
	pub(crate) fn forget_holder(device: DeviceId, window: WindowIndex) {
		let is_damaged = Devices::<T>::look(device).is_undecodable()
			|| Self::former_holder(device).is_undecodable();
		if is_damaged {
			Self::queue(Members::<T>::of_holders, window.saturating_add(1), device);
			return;
		}
		let (former, record) = (Self::former_holder(device).value(), Devices::<T>::get(device));
		let (Some(former), Some(record)) = (former, record) else {
			defensive!("a device is queued for nothing");
			return;
		};
		let due = due_window(former.until);
		if due > window {
			Self::queue(Members::<T>::of_holders, due, device);
			return;
		}
		if record.status == DeviceStatus::Retired {
			if !T::Followers::let_go(device) {
				Self::queue(Members::<T>::of_holders, window.saturating_add(1), device);
				return;
			}
			Self::remove(device, &record);
		} else if record.session_key != former.session_key {
			Self::release_key(&former);
		}
		FormerHolders::<T>::remove(device);
	}

	/// Lets go of a key that its device no longer has, unless it is banned.
	fn release_key(former: &FormerHolder<T::AccountId>) {
		if former.is_banned {
			Self::bar_session_key(former.session_key);
		} else {
			Self::free_session_key(former.session_key);
		}
	}

	/// Removes a retired device. Its id is never given away again.
	fn remove(device: DeviceId, record: &DeviceRecord<T::AccountId>) {
		Self::free_session_key(record.session_key);
		Self::free_hardware_key(record.network, device);
		Self::release_deposit(&record.owner, record.deposit);
		Self::leave_network(record.network);
		Devices::<T>::remove(device);
		Self::deposit_event(Event::DeviceRetired { device });
	}
}

/// The window with whose changes a holder is forgotten that ceased to be one in window `until`.
pub(crate) fn due_window(until: WindowIndex) -> WindowIndex {
	until.saturating_add(WINDOWS_KEPT.saturating_sub(MEMORY_WINDOWS))
}
