//! What an owner changes about a device. A change is written next to the former state, and both
//! stay until no one can ask for the former any more: see the module `fold`.

use frame_support::{ensure, traits::fungible::MutateHold};
use groma_core::{DeviceId, WindowIndex, api::DeviceStatus, words::SessionKey};
use groma_stored::Stored;
use groma_traits::{CreditAccounts, Windows};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	keys::NewSessionKey,
	pallet::{Config, Devices, Error, Event, HoldReason, Pallet, TransferOffers},
	roster::Members,
	types::{Change, DeviceRecord, Location, LocationClaim, PendingChange},
};

type RecordOf<T> = DeviceRecord<<T as frame_system::Config>::AccountId>;

impl<T: Config> Pallet<T> {
	/// Asserts where a device stands.
	pub(crate) fn do_assert_location(
		owner: &T::AccountId,
		device: DeviceId,
		claim: &LocationClaim,
	) -> DispatchResult {
		let record = Self::changeable(owner, device)?;
		let since = Self::effect_window()?;
		let location = Self::locate(record.network, claim, since)?;
		match record.location {
			None => Self::place_first(device, record, location)?,
			Some(former) if is_same_place(&former, &location) => {
				Self::update_information(device, record, location);
			}
			Some(_) => {
				let fee = Self::fees(record.network)?.location_credits;
				T::Credits::charge_fee(owner, fee)?;
				Self::schedule(device, record, Change::Location(location))?;
			}
		}
		Self::deposit_event(Event::LocationAsserted { device, cell: claim.cell, since });
		Ok(())
	}

	/// Offers a device to another account, or withdraws the offer. None is made while a change is
	/// on its way: an owner who is about to lose the device could otherwise sell it twice.
	pub(crate) fn do_offer_transfer(
		owner: &T::AccountId,
		device: DeviceId,
		next_owner: Option<T::AccountId>,
	) -> DispatchResult {
		let record = Self::owned(owner, device)?;
		let is_unreadable = Self::offer(device).is_undecodable();
		ensure!(!is_unreadable, Error::<T>::StateUnreadable);
		match &next_owner {
			Some(next_owner) => {
				Self::without_pending(record)?;
				ensure!(next_owner != owner, Error::<T>::OfferToOwner);
				TransferOffers::<T>::insert(device, next_owner);
			}
			None => TransferOffers::<T>::remove(device),
		}
		Self::deposit_event(Event::TransferOffered { device, next_owner });
		Ok(())
	}

	/// Takes over a device that was offered.
	pub(crate) fn do_accept_transfer(
		next_owner: T::AccountId,
		device: DeviceId,
		new_key: &NewSessionKey,
	) -> DispatchResult {
		let record = Self::without_pending(Self::in_service(device)?)?;
		Self::ensure_room_for_holder(device)?;
		let offered_to =
			Self::offer(device).ok_or(Error::<T>::NotOffered, Error::<T>::StateUnreadable)?;
		ensure!(offered_to == next_owner, Error::<T>::NotOffered);
		TransferOffers::<T>::remove(device);
		Self::claim_next_session_key(device, &record, &next_owner, new_key)?;
		T::Currency::hold(&HoldReason::Registration.into(), &next_owner, record.deposit)?;
		let slot = Self::join_owner(&next_owner, record.network, device);
		let slot = slot.map_err(Error::<T>::from)?;
		let change = Change::Transfer { owner: next_owner.clone(), session_key: new_key.key, slot };
		let effective = Self::schedule(device, record, change)?;
		Self::deposit_event(Event::TransferAccepted { device, owner: next_owner, effective });
		Ok(())
	}

	/// Gives a device another session key.
	pub(crate) fn do_rotate_session_key(
		owner: &T::AccountId,
		device: DeviceId,
		new_key: &NewSessionKey,
	) -> DispatchResult {
		let record = Self::changeable(owner, device)?;
		Self::ensure_room_for_holder(device)?;
		Self::claim_next_session_key(device, &record, owner, new_key)?;
		let session_key: SessionKey = new_key.key;
		let effective = Self::schedule(device, record, Change::Key { session_key })?;
		Self::deposit_event(Event::SessionKeyRotated { device, session_key, effective });
		Ok(())
	}

	/// Gives a device another status.
	pub(crate) fn do_set_status(
		owner: &T::AccountId,
		device: DeviceId,
		status: DeviceStatus,
	) -> DispatchResult {
		let record = Self::changeable(owner, device)?;
		ensure!(record.status != status, Error::<T>::StatusUnchanged);
		let effective = Self::schedule(device, record, Change::Status(status))?;
		Self::deposit_event(Event::StatusSet { device, status, effective });
		Ok(())
	}

	/// To whom a device is offered.
	pub(crate) fn offer(device: DeviceId) -> Stored<T::AccountId> {
		groma_stored::entry::<TransferOffers<T>, _, T::AccountId>(device)
	}

	/// The record of a device that `owner` owns in the current window.
	fn owned(owner: &T::AccountId, device: DeviceId) -> Result<RecordOf<T>, DispatchError> {
		let record = Self::in_service(device)?;
		let present = record.clone().seen_in(T::Windows::current());
		ensure!(present.owner == *owner, Error::<T>::NotOwner);
		Ok(record)
	}

	/// The record of a device that `owner` owns and that no change is on its way for.
	fn changeable(owner: &T::AccountId, device: DeviceId) -> Result<RecordOf<T>, DispatchError> {
		Self::without_pending(Self::owned(owner, device)?)
	}

	/// The record of a device that is neither banned nor retired.
	fn in_service(device: DeviceId) -> Result<RecordOf<T>, DispatchError> {
		let record = Devices::<T>::get(device).ok_or(Error::<T>::UnknownDevice)?;
		match record.status {
			DeviceStatus::Banned => Err(Error::<T>::DeviceIsBanned.into()),
			DeviceStatus::Retired => Err(Error::<T>::DeviceIsRetired.into()),
			DeviceStatus::Active | DeviceStatus::Paused | DeviceStatus::Maintenance => Ok(record),
		}
	}

	/// The record, if no change is on its way.
	fn without_pending(record: RecordOf<T>) -> Result<RecordOf<T>, DispatchError> {
		ensure!(record.changes.pending.is_none(), Error::<T>::ChangePending);
		Ok(record)
	}

	/// Writes a change next to the former state and returns the window of its effect.
	fn schedule(
		device: DeviceId,
		mut record: RecordOf<T>,
		change: Change<T::AccountId>,
	) -> Result<WindowIndex, DispatchError> {
		let effective = Self::effect_window()?;
		record.changes.pending = Some(PendingChange { effective, change });
		Devices::<T>::insert(device, &record);
		Members::<T>::of_changes(effective).push(device).map_err(Error::<T>::from)?;
		Ok(effective)
	}

	/// Gives a device its first location. No former one has to be remembered, and it says itself
	/// since when it holds, so it is written at once.
	fn place_first(
		device: DeviceId,
		mut record: RecordOf<T>,
		location: Location,
	) -> DispatchResult {
		record.location = Some(location);
		record.position = Self::join_cell(record.index_cell(), device).map_err(Error::<T>::from)?;
		Self::recount(record.network, false, Self::is_counted(&record));
		Devices::<T>::insert(device, &record);
		Ok(())
	}

	/// Changes what is information only. The place keeps its age.
	fn update_information(device: DeviceId, mut record: RecordOf<T>, location: Location) {
		record.location = record.location.map(|former| Location {
			place: former.place,
			since: former.since,
			..location
		});
		Devices::<T>::insert(device, &record);
	}
}

/// Whether both say that the device stands at the same place.
fn is_same_place(former: &Location, next: &Location) -> bool {
	former.place.cell == next.place.cell && former.place.region == next.place.region
}
