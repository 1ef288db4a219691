//! Lists of devices without gaps, in pages: of an owner by slot, of a cell, of what is due in a
//! window. Every operation touches at most three pages, however long the list is.

use alloc::vec::Vec;
use core::ops::Range;

use frame_support::defensive;
use groma_core::{DeviceId, NetworkId, WindowIndex, place::Cell};

use crate::{
	pallet::{Config, Rosters},
	types::{PAGE_DEVICES, Roster, RosterPage},
};

/// One list.
pub(crate) struct Members<T: Config>(Roster<T::AccountId>);

impl<T: Config> Members<T> {
	/// The devices of an owner in a network.
	pub(crate) fn of_owner(owner: T::AccountId, network: NetworkId) -> Self {
		Self(Roster::Owner(owner, network))
	}

	/// The devices in a cell.
	pub(crate) fn of_cell(cell: Cell) -> Self {
		Self(Roster::Cell(cell))
	}

	/// The devices with a change that takes effect in a window.
	pub(crate) fn of_changes(window: WindowIndex) -> Self {
		Self(Roster::Changes(window))
	}

	/// The devices whose former holder may be forgotten when the changes of a window are folded.
	pub(crate) fn of_holders(window: WindowIndex) -> Self {
		Self(Roster::Holders(window))
	}

	/// How many there are.
	pub(crate) fn len(&self) -> u32 {
		self.page(0).total
	}

	/// The last device.
	pub(crate) fn last(&self) -> Option<DeviceId> {
		let (number, offset) = locate(self.len().checked_sub(1)?);
		self.page(number).devices.get(offset).copied()
	}

	/// The devices in a range of positions; positions beyond the end are left out.
	pub(crate) fn list(&self, range: Range<u32>) -> Vec<DeviceId> {
		let end = range.end.min(self.len());
		let mut devices = Vec::new();
		let mut position = range.start;
		while position < end {
			let (number, offset) = locate(position);
			let wanted = (end - position) as usize;
			let page = self.page(number);
			let found = page.devices.iter().skip(offset).take(wanted);
			devices.extend(found);
			position = position.saturating_add(PAGE_DEVICES - offset as u32);
		}
		devices
	}

	/// Appends a device and returns its position.
	pub(crate) fn push(&self, device: DeviceId) -> u32 {
		let mut first = self.page(0);
		let position = first.total;
		first.total = position.saturating_add(1);
		match locate(position) {
			(0, _) => append(&mut first, device),
			(number, _) => {
				let mut last = self.page(number);
				append(&mut last, device);
				self.store(number, last);
			}
		}
		self.store(0, first);
		position
	}

	/// Removes what is at a position. The last device takes its place: if that is another one, it
	/// is returned, and its record has to learn the position.
	pub(crate) fn remove(&self, position: u32) -> Option<DeviceId> {
		let last = self.len().checked_sub(1)?;
		if position > last {
			defensive!("a device is not in the list that its record names");
			return None;
		}
		let moved = self.pop()?;
		if position == last {
			return None;
		}
		let (number, offset) = locate(position);
		let mut page = self.page(number);
		*page.devices.get_mut(offset)? = moved;
		self.store(number, page);
		Some(moved)
	}

	/// Removes the last device.
	pub(crate) fn pop(&self) -> Option<DeviceId> {
		let mut first = self.page(0);
		first.total = first.total.checked_sub(1)?;
		let device = match locate(first.total) {
			(0, _) => first.devices.pop(),
			(number, _) => {
				let mut last = self.page(number);
				let device = last.devices.pop();
				self.store(number, last);
				device
			}
		};
		self.store(0, first);
		device
	}

	fn page(&self, number: u32) -> RosterPage {
		Rosters::<T>::get((&self.0, number))
	}

	/// Stores a page, or removes it if no one is on it. The first page empties last.
	fn store(&self, number: u32, page: RosterPage) {
		if page.devices.is_empty() {
			Rosters::<T>::remove((&self.0, number));
		} else {
			Rosters::<T>::insert((&self.0, number), page);
		}
	}
}

/// The page of a position, and its offset there.
fn locate(position: u32) -> (u32, usize) {
	(position / PAGE_DEVICES, (position % PAGE_DEVICES) as usize)
}

/// Puts a device at the end of a page, which by the arithmetic of [`locate`] has room for it.
fn append(page: &mut RosterPage, device: DeviceId) {
	if page.devices.try_push(device).is_err() {
		defensive!("a page that is not full has no room");
	}
}
