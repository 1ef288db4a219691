//! Who held a device before: remembered after a change of key or owner, and after a retirement, for
//! as long as evidence about the windows before it is taken. Then the key is free again, and a
//! device that was retired is removed. While two are remembered, key and owner stay as they are, so
//! that no series of changes makes the chain forget one. Only here is the map of former holders
//! written.

use frame_support::{defensive, ensure};
use groma_core::{
	DeviceId, WindowIndex,
	api::DeviceStatus,
	protocol::{MEMORY_WINDOWS, WINDOWS_KEPT},
};
use groma_stored::Stored;
use groma_traits::{DeviceFollowers, Signer};
use sp_runtime::DispatchResult;

use crate::{
	pallet::{Config, Devices, Error, Event, FormerHolders, Pallet},
	roster::Members,
	types::{DeviceRecord, FormerHolder, FormerHoldersOf, HOLDERS_REMEMBERED},
};

impl<T: Config> Pallet<T> {
	/// Who signed for a device in a window.
	pub(crate) fn signer_in(device: DeviceId, window: WindowIndex) -> Option<Signer<T::AccountId>> {
		let record = Devices::<T>::get(device)?;
		let network = record.network;
		let former = Self::former_holders(device);
		// That may have been another one than the present holder.
		if former.is_undecodable() {
			return None;
		}
		let mut former = former.value().unwrap_or_default().into_iter();
		let then = former.find(|holder| window < holder.until);
		if let Some(FormerHolder { owner, session_key, since, is_banned, .. }) = then {
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

	/// Who held a device before, the earliest first.
	pub(crate) fn former_holders(device: DeviceId) -> Stored<FormerHoldersOf<T::AccountId>> {
		groma_stored::entry::<FormerHolders<T>, _, FormerHoldersOf<T::AccountId>>(device)
	}

	/// Refuses another change of key or owner while as many holders are remembered as may be: one
	/// more would have to take the place of the earliest.
	pub(crate) fn ensure_room_for_holder(device: DeviceId) -> DispatchResult {
		let holders = Self::former_holders(device).or_absent(FormerHoldersOf::default());
		let remembered = holders.ok_or(Error::<T>::StateUnreadable)?.len();
		ensure!(remembered < HOLDERS_REMEMBERED, Error::<T>::HoldersRemembered);
		Ok(())
	}

	/// Remembers who held a device until a window. The earliest holder is forgotten first, with the
	/// changes of a window that is not before `now`.
	pub(crate) fn remember_holder(
		device: DeviceId,
		record: &DeviceRecord<T::AccountId>,
		until: WindowIndex,
		now: WindowIndex,
	) {
		let mut holders = Self::former_holders(device).value().unwrap_or_default();
		let since = holders.last().map_or(record.registered_at, |earlier| earlier.until);
		if holders.is_empty() {
			Self::queue(Members::<T>::of_holders, due_window(until).max(now), device);
		}
		let holder = FormerHolder {
			owner: record.owner.clone(),
			session_key: record.session_key,
			since,
			until,
			is_banned: false,
		};
		if holders.try_push(holder).is_err() {
			defensive!("no change is taken without room for the holder before it");
		}
		FormerHolders::<T>::insert(device, holders);
	}

	/// Bans the keys of those former holders of a device who are guilty.
	pub(crate) fn ban_former_keys(
		device: DeviceId,
		is_guilty: impl Fn(&FormerHolder<T::AccountId>) -> bool,
	) {
		FormerHolders::<T>::mutate_extant(device, |holders| {
			for holder in holders.iter_mut() {
				holder.is_banned |= is_guilty(holder);
			}
		});
	}

	/// Forgets the earliest holder of a device, and queues the device again for the next one. It
	/// waits if a device that is to be removed with its last holder cannot go yet, or if the device
	/// or its holders do not decode.
	pub(crate) fn forget_holder(device: DeviceId, window: WindowIndex) {
		let wait = || Self::queue(Members::<T>::of_holders, window.saturating_add(1), device);
		let stored = Self::former_holders(device);
		if Devices::<T>::look(device).is_undecodable() || stored.is_undecodable() {
			return wait();
		}
		let mut holders = stored.value().unwrap_or_default().into_iter();
		let (Some(earliest), Some(record)) = (holders.next(), Devices::<T>::get(device)) else {
			defensive!("a device is queued for nothing");
			return;
		};
		let later = FormerHoldersOf::truncate_from(holders.collect());
		let next = later.first().map(|holder| holder.until);
		if record.status == DeviceStatus::Retired && next.is_none() {
			if !T::Followers::let_go(device) {
				return wait();
			}
			Self::remove(device, &record);
		} else if record.session_key != earliest.session_key {
			Self::release_key(&earliest);
		}
		match next {
			Some(until) => {
				Self::queue(Members::<T>::of_holders, due_window(until).max(window), device);
				FormerHolders::<T>::insert(device, later);
			}
			None => FormerHolders::<T>::remove(device),
		}
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
