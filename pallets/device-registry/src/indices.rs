//! What follows from the records of devices: the lists by owner and by cell, and the counts of
//! devices. A device that moves in a list when another leaves gets its new number here.

use frame_support::defensive;
use groma_core::{
	DeviceId, EpochIndex, NetworkId, api::DeviceStatus, place::Cell, protocol::is_founded,
};
use groma_stored::Stored;
use groma_traits::Epochs;
use sp_runtime::DispatchResult;

use crate::{
	pallet::{ActiveCounts, Config, Devices, Error, Pallet, Populations},
	roster::{Members, Unreadable},
	types::{Change, DeviceRecord},
};

impl<T: Config> Pallet<T> {
	/// Puts a device at the end of an owner's list and returns its slot.
	pub(crate) fn join_owner(
		owner: &T::AccountId,
		network: NetworkId,
		device: DeviceId,
	) -> Result<u32, Unreadable> {
		Members::<T>::of_owner(owner.clone(), network).push(device)
	}

	/// Frees a device's slot of an owner's list; the last device of the list takes it. A list that
	/// does not decode stays as it is.
	pub(crate) fn leave_owner(
		device: DeviceId,
		owner: &T::AccountId,
		network: NetworkId,
		slot: u32,
	) {
		let members = Members::<T>::of_owner(owner.clone(), network);
		if let Ok(Some(moved)) = members.remove(device, slot) {
			let epoch = T::Epochs::present();
			Devices::<T>::mutate_extant(moved, |record| take_slot(record, owner, slot, epoch));
		}
	}

	/// Puts a device at the end of a cell's list and returns its position.
	pub(crate) fn join_cell(cell: Option<Cell>, device: DeviceId) -> Result<u32, Unreadable> {
		cell.map_or(Ok(0), |cell| Members::<T>::of_cell(cell).push(device))
	}

	/// Frees a device's position of a cell's list; the last device of the list takes it. A list
	/// that does not decode stays as it is.
	pub(crate) fn leave_cell(device: DeviceId, cell: Option<Cell>, position: u32) {
		let Some(cell) = cell else { return };
		if let Ok(Some(moved)) = Members::<T>::of_cell(cell).remove(device, position) {
			Devices::<T>::mutate_extant(moved, |record| record.position = position);
		}
	}

	/// Whether the device at a position can leave a list: the pages that this changes decode, and
	/// the record of the last device, which has to learn the position.
	pub(crate) fn closes_gaps(members: &Members<T>, position: u32) -> bool {
		let is_readable = |last: DeviceId| !Devices::<T>::look(last).is_undecodable();
		members.at(position).is_ok()
			&& members.last().is_ok_and(|last| last.is_none_or(is_readable))
	}

	/// Whether a device counts as active in its network: it has a location, or needs none.
	pub(crate) fn is_counted(record: &DeviceRecord<T::AccountId>) -> bool {
		record.status == DeviceStatus::Active
			&& (record.location.is_some() || !Self::has_places(record.network))
	}

	/// Counts a new device of a founded network. Refused while the count does not decode: by one
	/// that is too low the network would be dissolved before its last device is gone.
	pub(crate) fn join_network(network: NetworkId) -> DispatchResult {
		if is_founded(network) {
			let count = Self::population(network).or_absent(0);
			let count = count.ok_or(Error::<T>::StateUnreadable)?;
			let next = count.checked_add(1).ok_or(Error::<T>::TooManyDevices)?;
			Populations::<T>::insert(network, next);
		}
		Ok(())
	}

	/// No longer counts a device of a founded network. With the last one its counts go, too. A
	/// count that does not decode stays as it is, and the network with it.
	pub(crate) fn leave_network(network: NetworkId) {
		if !is_founded(network) {
			return;
		}
		let Some(count) = Self::population(network).or_absent(0) else { return };
		if count > 1 {
			Populations::<T>::insert(network, count.saturating_sub(1));
		} else {
			Populations::<T>::remove(network);
			ActiveCounts::<T>::remove(network);
		}
	}

	/// How many devices of a founded network are not removed.
	pub(crate) fn population(network: NetworkId) -> Stored<u32> {
		groma_stored::entry::<Populations<T>, _, u32>(network)
	}

	/// How many devices of a network are active.
	pub(crate) fn counted(network: NetworkId) -> Stored<u32> {
		groma_stored::entry::<ActiveCounts<T>, _, u32>(network)
	}

	/// Whether it is known how many devices of a network are active: otherwise none is challenged.
	pub fn has_readable_count(network: NetworkId) -> bool {
		!Self::counted(network).is_undecodable()
	}

	/// Brings the count of active devices from one state of a device to the next. One that does not
	/// decode stays as it is.
	pub(crate) fn recount(network: NetworkId, was_counted: bool, is_counted: bool) {
		if was_counted == is_counted {
			return;
		}
		let Some(count) = Self::counted(network).or_absent(0) else { return };
		let next = if is_counted { count.checked_add(1) } else { count.checked_sub(1) };
		match next {
			Some(next) => ActiveCounts::<T>::insert(network, next),
			None => {
				defensive!("the count of active devices leaves its range");
			}
		}
	}
}

/// Gives a record its slot in the list of `owner`, who holds the device or is about to.
fn take_slot<AccountId: Clone + PartialEq>(
	record: &mut DeviceRecord<AccountId>,
	owner: &AccountId,
	slot: u32,
	epoch: Option<EpochIndex>,
) {
	if record.owner == *owner {
		record.move_to(slot, epoch);
		return;
	}
	match record.changes.pending.as_mut().map(|pending| &mut pending.change) {
		Some(Change::Transfer { owner: next, slot: incoming, .. }) if next == owner => {
			*incoming = slot;
		}
		_ => {
			defensive!("a device stands in the list of a stranger");
		}
	}
}
