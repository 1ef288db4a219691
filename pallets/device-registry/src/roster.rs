//! Lists of devices without gaps, in pages: of an owner by slot, of a cell, of what is due in a
//! window. Every operation touches at most three pages, however long the list is. One that needs a
//! page which does not decode changes nothing.

use alloc::vec::Vec;
use core::ops::Range;

use frame_support::defensive;
use groma_core::{DeviceId, NetworkId, WindowIndex, place::Cell};
use groma_stored::Stored;

use crate::{
	pallet::{Config, Error, Rosters},
	types::{PAGE_DEVICES, Roster, RosterPage},
};

/// A page of a list does not decode, so that the list stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

impl<T> From<Unreadable> for Error<T> {
	fn from(_: Unreadable) -> Self {
		Self::StateUnreadable
	}
}

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

	/// The devices of which a former holder may be forgotten when the changes of a window are
	/// folded.
	pub(crate) fn of_holders(window: WindowIndex) -> Self {
		Self(Roster::Holders(window))
	}

	/// How many there are.
	pub(crate) fn len(&self) -> Result<u32, Unreadable> {
		Ok(self.page(0)?.total)
	}

	/// The last device.
	pub(crate) fn last(&self) -> Result<Option<DeviceId>, Unreadable> {
		let Some(position) = self.len()?.checked_sub(1) else { return Ok(None) };
		self.at(position)
	}

	/// The device at a position.
	pub(crate) fn at(&self, position: u32) -> Result<Option<DeviceId>, Unreadable> {
		let (number, offset) = locate(position);
		Ok(self.page(number)?.devices.get(offset).copied())
	}

	/// Whether a device can be appended.
	pub(crate) fn is_appendable(&self) -> bool {
		self.len().is_ok_and(|len| self.page(locate(len).0).is_ok())
	}

	/// The devices in a range of positions. Positions beyond the end are left out, and so are those
	/// on a page that does not decode; without the first page no one knows where the end is.
	pub(crate) fn list(&self, range: Range<u32>) -> Vec<DeviceId> {
		let end = range.end.min(self.len().unwrap_or_default());
		let mut devices = Vec::new();
		let mut position = range.start;
		while position < end {
			let (number, offset) = locate(position);
			let wanted = (end - position) as usize;
			let page = self.page(number).unwrap_or_default();
			let found = page.devices.iter().skip(offset).take(wanted);
			devices.extend(found);
			position = position.saturating_add(PAGE_DEVICES - offset as u32);
		}
		devices
	}

	/// Appends a device and returns its position.
	pub(crate) fn push(&self, device: DeviceId) -> Result<u32, Unreadable> {
		let mut first = self.page(0)?;
		let position = first.total;
		first.total = position.saturating_add(1);
		match locate(position) {
			(0, _) => append(&mut first, device),
			(number, _) => {
				let mut last = self.page(number)?;
				append(&mut last, device);
				self.store(number, last);
			}
		}
		self.store(0, first);
		Ok(position)
	}

	/// Removes a device from its position. The last device takes its place: if that is another one,
	/// it is returned, and its record has to learn the position.
	pub(crate) fn remove(
		&self,
		device: DeviceId,
		position: u32,
	) -> Result<Option<DeviceId>, Unreadable> {
		let last = self.len()?.saturating_sub(1);
		// A record can name a wrong position: when it should have learned it, it did not decode.
		if self.at(position)? != Some(device) {
			defensive!("a device is not in the list that its record names");
			return Ok(None);
		}
		let moved = self.pop()?.filter(|_| position != last);
		if let Some(moved) = moved {
			let (number, offset) = locate(position);
			let mut page = self.page(number)?;
			if let Some(place) = page.devices.get_mut(offset) {
				*place = moved;
			}
			self.store(number, page);
		}
		Ok(moved)
	}

	/// Removes the last device.
	pub(crate) fn pop(&self) -> Result<Option<DeviceId>, Unreadable> {
		let mut first = self.page(0)?;
		let Some(position) = first.total.checked_sub(1) else { return Ok(None) };
		first.total = position;
		let device = match locate(position) {
			(0, _) => first.devices.pop(),
			(number, _) => {
				let mut last = self.page(number)?;
				let device = last.devices.pop();
				self.store(number, last);
				device
			}
		};
		self.store(0, first);
		Ok(device)
	}

	fn page(&self, number: u32) -> Result<RosterPage, Unreadable> {
		stored_page::<T>(&self.0, number).or_absent(RosterPage::default()).ok_or(Unreadable)
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

/// A page of a list.
pub(crate) fn stored_page<T: Config>(
	roster: &Roster<T::AccountId>,
	number: u32,
) -> Stored<RosterPage> {
	groma_stored::entry::<Rosters<T>, _, RosterPage>((roster, number))
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
