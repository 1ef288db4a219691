//! How a change ends: once no one can ask for the former state any more, the change is folded into
//! the record, and lists, counts and deposits follow. The changes of a window wait in a roster, and
//! so do the former holders that are forgotten at the same time; each block takes as many as its
//! share of weight allows, and the next one goes on.

use frame_support::{
	defensive,
	traits::{fungible::MutateHold, tokens::Precision},
	weights::{Weight, WeightMeter},
};
use groma_core::{
	DeviceId, WindowIndex, api::DeviceStatus, money::Balance, protocol::MEMORY_WINDOWS,
};
use groma_traits::{DeviceFollowers, Epochs, Standstill, Windows};

use crate::{
	pallet::{Config, Devices, Event, FoldCursor, HoldReason, Pallet, TransferOffers},
	roster::Members,
	types::DeviceRecord,
	weights::WeightInfo,
};

/// How many lists are tried, window by window, for one that takes a device which waits.
const LISTS_TRIED: WindowIndex = 8;

impl<T: Config> Pallet<T> {
	/// The first window whose changes are not all folded; `None` if it does not decode.
	pub(crate) fn fold_cursor() -> Option<WindowIndex> {
		groma_stored::value::<FoldCursor<T>, WindowIndex>().or_absent(0)
	}

	/// Folds changes that are due, window by window, as far as the meter allows. Without a cursor
	/// that decodes all of them wait. A list that does not decode is passed over: the upgrade that
	/// mends it sets the cursor back to its window.
	pub(crate) fn fold_due(meter: &mut WeightMeter) {
		if meter.try_consume(T::WeightInfo::fold_base()).is_err() || T::Standstill::now() {
			return;
		}
		let current = T::Windows::current();
		let Some(first) = Self::fold_cursor() else { return };
		let mut window = first;
		while window.saturating_add(MEMORY_WINDOWS) <= current {
			if meter.try_consume(Self::fold_step_weight()).is_err() {
				break;
			}
			if !Self::fold_next(window) {
				window = window.saturating_add(1);
			}
		}
		if window != first {
			FoldCursor::<T>::put(window);
		}
	}

	/// Takes the next device of the lists of a window; `false` if no more can be taken.
	fn fold_next(window: WindowIndex) -> bool {
		let change = Members::<T>::of_changes(window).pop();
		if let Ok(Some(device)) = change {
			Self::fold_or_wait(device, window);
			return true;
		}
		let holder = Members::<T>::of_holders(window).pop();
		if let Ok(Some(device)) = holder {
			Self::forget_holder(device, window);
			return true;
		}
		if change.is_err() || holder.is_err() {
			Self::deposit_event(Event::ChangesUnreadable { window });
		}
		false
	}

	/// Enters a device in the list of a window, or of the first one after it whose list decodes.
	pub(crate) fn queue(
		list: fn(WindowIndex) -> Members<T>,
		window: WindowIndex,
		device: DeviceId,
	) {
		let is_taken = |after: WindowIndex| list(window.saturating_add(after)).push(device).is_ok();
		if !(0..LISTS_TRIED).any(is_taken) {
			defensive!("no list of the next windows decodes");
		}
	}

	/// The most that one step of [`Self::fold_due`] weighs.
	pub(crate) fn fold_step_weight() -> Weight {
		let forgetting =
			T::WeightInfo::forget_holder().saturating_add(T::Followers::let_go_weight());
		T::WeightInfo::fold_change().max(forgetting)
	}

	/// Folds the change of a device that waits in the roster of a window. If its record does not
	/// decode, or a list that the change concerns, or the record of a device which would have to
	/// learn its new place in a list, it waits in the roster of the next window, so that no change
	/// is lost.
	fn fold_or_wait(device: DeviceId, window: WindowIndex) {
		if Self::can_fold(device) {
			Self::fold(device, window);
		} else {
			Self::queue(Members::<T>::of_changes, window.saturating_add(1), device);
		}
	}

	/// Whether every record and list that the fold of a device's change writes can be read.
	fn can_fold(device: DeviceId) -> bool {
		let found = Devices::<T>::look(device);
		if found.is_undecodable() {
			return false;
		}
		let Some(former) = found.value() else { return true };
		let mut record = former.clone();
		let Some(pending) = record.changes.pending.take() else { return true };
		record.apply(pending.change);
		let is_retired = record.status == DeviceStatus::Retired;
		let leaves_owner = is_retired || record.owner != former.owner;
		let leaves_cell = is_retired || record.index_cell() != former.index_cell();
		let enters_cell = record.index_cell().filter(|_| leaves_cell && !is_retired);
		let of_owner = || Members::<T>::of_owner(former.owner.clone(), former.network);
		let can_leave = |cell| Self::closes_gaps(&Members::of_cell(cell), former.position);
		let is_remembered = is_retired || record.session_key != former.session_key;
		(!is_remembered || !Self::former_holders(device).is_undecodable())
			&& (!leaves_owner || Self::closes_gaps(&of_owner(), former.slot))
			&& (!leaves_cell || former.index_cell().is_none_or(can_leave))
			&& enters_cell.is_none_or(|cell| Members::<T>::of_cell(cell).is_appendable())
	}

	/// Folds the change of a device that took effect in a window, or before. A ban may have done so
	/// already, or voided it.
	pub(crate) fn fold(device: DeviceId, window: WindowIndex) {
		let Some(former) = Devices::<T>::get(device) else { return };
		let mut record = former.clone();
		let pending = record.changes.pending.take_if(|pending| pending.effective <= window);
		let Some(pending) = pending else { return };
		record.apply(pending.change);
		if record.owner != former.owner {
			record.join(T::Epochs::present());
		}
		if record.status == DeviceStatus::Retired || record.session_key != former.session_key {
			Self::remember_holder(device, &former, pending.effective, window);
		}
		if record.status == DeviceStatus::Retired {
			Self::withdraw(device, &former);
			record.unlist(DeviceStatus::Retired);
			Devices::<T>::insert(device, &record);
		} else {
			Self::settle(device, &former, record);
		}
		Self::deposit_event(Event::ChangeFolded { device });
	}

	/// Withdraws a device from all that follows from its record: lists, count and offer.
	pub(crate) fn withdraw(device: DeviceId, record: &DeviceRecord<T::AccountId>) {
		Self::leave_owner(device, &record.owner, record.network, record.slot);
		Self::leave_cell(device, record.index_cell(), record.position);
		Self::recount(record.network, Self::is_counted(record), false);
		TransferOffers::<T>::remove(device);
	}

	/// Gives an owner back what was on hold for a device.
	pub(crate) fn release_deposit(owner: &T::AccountId, deposit: Balance) {
		let reason = HoldReason::Registration.into();
		if T::Currency::release(&reason, owner, deposit, Precision::BestEffort).is_err() {
			defensive!("a deposit on hold cannot be released");
		}
	}

	/// Stores a record, and settles what differs from its former state.
	fn settle(
		device: DeviceId,
		former: &DeviceRecord<T::AccountId>,
		mut record: DeviceRecord<T::AccountId>,
	) {
		if former.owner != record.owner {
			Self::leave_owner(device, &former.owner, former.network, former.slot);
			Self::release_deposit(&former.owner, former.deposit);
		}
		if former.index_cell() != record.index_cell() {
			Self::leave_cell(device, former.index_cell(), former.position);
			// Only a ban, which cannot wait, comes here when the list does not decode.
			let position = Self::join_cell(record.index_cell(), device);
			record.position = position.unwrap_or(u32::MAX);
		}
		Self::recount(record.network, Self::is_counted(former), Self::is_counted(&record));
		Devices::<T>::insert(device, &record);
	}
}
