//! What must be true of the stored devices after every block.

use alloc::collections::BTreeMap;

use frame_support::{ensure, traits::fungible::InspectHold};
use groma_core::{
	DeviceId, EpochIndex, MakerId, NetworkId, WindowIndex, api::DeviceStatus, money::Balance,
	protocol::is_founded,
};
use sp_runtime::TryRuntimeError;

use crate::{
	makers::is_name,
	pallet::*,
	public_key::PublicKey,
	roster::{Members, stored_page},
	types::{Changes, DeviceRecord, HeldKey, NO_DEVICE, PAGE_DEVICES, Roster, RosterPage},
};

impl<T: Config> Pallet<T> {
	/// Checks every invariant that the crate's documentation lists.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_makers()?;
		ensure!(Devices::<T>::is_readable(), "a device cannot be decoded");
		Devices::<T>::iter().try_for_each(|(id, record)| Self::check_device(id, &record))?;
		Self::check_allotments()?;
		Self::check_keys()?;
		Self::check_holders()?;
		Self::check_rosters()?;
		Self::check_counts()?;
		Self::check_deposits()
	}

	fn check_makers() -> Result<(), TryRuntimeError> {
		let next = groma_stored::value::<NextMaker<T>, MakerId>().or_absent(0);
		for id in Makers::<T>::iter_keys() {
			let maker = Self::stored_maker(id).value().ok_or("a maker does not decode")?;
			ensure!(
				next.is_some_and(|next| id < next),
				"a maker has an id that was not given away"
			);
			ensure!(is_name(&maker.name), "a maker has no proper name");
			ensure!(maker.keys.iter().all(PublicKey::is_acceptable), "a maker's key is refused");
			ensure!(!maker.is_revoked || maker.keys.is_empty(), "a revoked maker has keys");
		}
		Ok(())
	}

	fn check_allotments() -> Result<(), TryRuntimeError> {
		for key in Allotments::<T>::iter_keys() {
			let next = groma_stored::entry::<Allotments<T>, _, DeviceId>(key).value();
			let next = next.ok_or("an allotment does not decode")?;
			ensure!(Self::is_allotted(next), "an allotment was never opened");
			ensure!(!Devices::<T>::contains_key(next), "the next id is given away already");
		}
		Ok(())
	}

	/// Whether an id is of an allotment that was opened.
	fn is_allotted(id: DeviceId) -> bool {
		let next = groma_stored::value::<NextAllotment<T>, DeviceId>().value();
		next.is_some_and(|next| id < next)
	}

	fn check_device(id: DeviceId, device: &RecordOf<T>) -> Result<(), TryRuntimeError> {
		ensure!(Self::is_allotted(id), "a device has an id that was not given away");
		let holds = |key| Self::holder(key).value() == Some(id);
		ensure!(holds(HeldKey::Session(device.session_key)), "a session key is not held");
		let next_key = device.next_session_key();
		ensure!(next_key.is_none_or(|key| holds(HeldKey::Session(key))), "a next key is not held");
		let hardware_key = Self::hardware_key(id).value().map(|hardware| hardware.key);
		ensure!(hardware_key.is_some() == device.maker.is_some(), "an attestation lacks its key");
		let in_network = hardware_key.map(|key| HeldKey::Hardware(device.network, key));
		ensure!(in_network.is_none_or(holds), "a hardware key is not held");
		let has_places = device.location.is_none() || Self::has_places(device.network);
		ensure!(has_places, "a device has a location in a network without places");
		if device.is_listed() {
			Self::check_lists(id, device)
		} else {
			Self::check_gone(id, device)
		}
	}

	fn check_gone(id: DeviceId, device: &RecordOf<T>) -> Result<(), TryRuntimeError> {
		ensure!(device.slot == u32::MAX, "a device that is gone has a slot");
		ensure!(device.location.is_none(), "a device that is gone has a location");
		ensure!(device.changes == Changes::default(), "a device that is gone changes");
		ensure!(!TransferOffers::<T>::contains_key(id), "a device that is gone is offered");
		let holders = Self::former_holders(id).value().unwrap_or_default();
		let is_awaited = holders.last().is_some_and(|it| it.session_key == device.session_key);
		ensure!(
			device.status != DeviceStatus::Retired || is_awaited,
			"a retired device is never removed"
		);
		Ok(())
	}

	fn check_lists(id: DeviceId, device: &RecordOf<T>) -> Result<(), TryRuntimeError> {
		let is_at = |members: Members<T>, position: u32| {
			members.list(position..position.saturating_add(1)).first() == Some(&id)
		};
		let of_owner = |owner: &T::AccountId| Members::of_owner(owner.clone(), device.network);
		ensure!(is_at(of_owner(&device.owner), device.slot), "a device is not in its slot");
		let first = device.changes.first_slot.map(|first| first.epoch());
		ensure!(first != Some(EpochIndex::MAX), "a device earns in no epoch");
		if let Some((owner, slot)) = device.incoming() {
			ensure!(*owner != device.owner, "a device is on its way to its owner");
			ensure!(is_at(of_owner(owner), slot), "an incoming device is not in its slot");
		}
		if let Some(cell) = device.index_cell() {
			ensure!(is_at(Members::of_cell(cell), device.position), "a device is not in its cell");
		}
		if let Some(pending) = &device.changes.pending {
			// One that waited for a record which did not decode moves on with the cursor.
			let cursor = Self::fold_cursor().ok_or("the cursor does not decode")?;
			let is_queued_in = |window: WindowIndex| {
				Members::<T>::of_changes(window).list(0..u32::MAX).contains(&id)
			};
			let is_queued = if pending.effective >= cursor {
				is_queued_in(pending.effective)
			} else {
				is_queued_in(cursor) || is_queued_in(cursor.saturating_add(1))
			};
			ensure!(is_queued, "a change is not in the queue");
		}
		Ok(())
	}

	fn check_keys() -> Result<(), TryRuntimeError> {
		for key in KeyHolders::<T>::iter_keys() {
			let id = Self::holder(key).value().ok_or("who holds a key does not decode")?;
			if id == NO_DEVICE {
				continue;
			}
			let device = Devices::<T>::get(id).ok_or("a key is held by no device")?;
			let former = Self::former_holders(id).value().unwrap_or_default();
			let names = match key {
				HeldKey::Session(key) => {
					[Some(device.session_key), device.next_session_key()].contains(&Some(key))
						|| former.iter().any(|holder| holder.session_key == key)
				}
				HeldKey::Hardware(network, key) => {
					network == device.network
						&& Self::hardware_key(id)
							.value()
							.is_some_and(|hardware| hardware.key == key)
				}
			};
			ensure!(names, "a key is held for nothing");
		}
		let orphan = HardwareKeys::<T>::iter_keys().find(|id| !Devices::<T>::contains_key(*id));
		ensure!(orphan.is_none(), "a hardware key belongs to no device");
		let offered = TransferOffers::<T>::iter_keys().find(|id| !Devices::<T>::contains_key(*id));
		ensure!(offered.is_none(), "a device is offered that does not exist");
		let is_readable = |id| !Self::offer(id).is_undecodable();
		ensure!(TransferOffers::<T>::iter_keys().all(is_readable), "an offer does not decode");
		Ok(())
	}

	/// Every former holder is of a device, had a time, holds its key, and is queued to be
	/// forgotten.
	fn check_holders() -> Result<(), TryRuntimeError> {
		let mut queued = BTreeMap::<DeviceId, u32>::new();
		for (roster, number) in Rosters::<T>::iter_keys() {
			let Roster::Holders(window) = roster else { continue };
			let page = Self::page_of(&roster, number)?;
			ensure!(
				Self::fold_cursor().is_some_and(|cursor| window >= cursor),
				"a former holder was passed over"
			);
			for id in page.devices {
				let count = queued.entry(id).or_default();
				*count = count.saturating_add(1);
			}
		}
		for id in FormerHolders::<T>::iter_keys() {
			let holders = Self::former_holders(id).value().ok_or("former holders do not decode")?;
			ensure!(Devices::<T>::contains_key(id), "former holders are of no device");
			ensure!(!holders.is_empty(), "a device has no former holders");
			let mut before = 0;
			for holder in holders {
				ensure!(holder.since < holder.until, "a former holder had no time");
				ensure!(holder.since >= before, "two held a device at once");
				before = holder.until;
				let held = Self::holder(HeldKey::Session(holder.session_key));
				ensure!(held.value() == Some(id), "a former key is not held");
			}
			ensure!(queued.remove(&id) == Some(1), "a former holder is not queued once");
		}
		ensure!(queued.is_empty(), "a device is queued for nothing");
		Ok(())
	}

	fn page_of(roster: &Roster<T::AccountId>, number: u32) -> Result<RosterPage, TryRuntimeError> {
		let page = stored_page::<T>(roster, number).or_absent(RosterPage::default());
		page.ok_or_else(|| "a page of a list does not decode".into())
	}

	/// Every page is as long as the total of its list says, and lists hold nothing but what
	/// [`Self::check_lists`] found in them.
	fn check_rosters() -> Result<(), TryRuntimeError> {
		let (mut in_owners, mut in_cells) = (0usize, 0usize);
		for (roster, number) in Rosters::<T>::iter_keys() {
			let page = Self::page_of(&roster, number)?;
			let total = Self::page_of(&roster, 0)?.total;
			let before = number.saturating_mul(PAGE_DEVICES);
			let expected = total.saturating_sub(before).min(PAGE_DEVICES);
			ensure!(page.devices.len() as u32 == expected, "a page of a list has a gap");
			ensure!(expected > 0, "a page of a list is empty");
			ensure!(number == 0 || page.total == 0, "a later page has a total");
			match roster {
				Roster::Owner(..) => in_owners = in_owners.saturating_add(page.devices.len()),
				Roster::Cell(_) => in_cells = in_cells.saturating_add(page.devices.len()),
				Roster::Changes(window) => {
					ensure!(
						Self::fold_cursor().is_some_and(|cursor| window >= cursor),
						"folded changes are still queued"
					);
				}
				Roster::Holders(_) => {}
			}
		}
		let devices = Devices::<T>::iter_values().filter(DeviceRecord::is_listed).count();
		let incoming = Devices::<T>::iter_values().filter(|d| d.incoming().is_some()).count();
		ensure!(in_owners == devices.saturating_add(incoming), "owners' lists have strangers");
		let placed = Devices::<T>::iter_values().filter(|d| d.location.is_some()).count();
		ensure!(in_cells == placed, "cells' lists have strangers");
		Ok(())
	}

	fn check_counts() -> Result<(), TryRuntimeError> {
		let mut counts = BTreeMap::<NetworkId, u32>::new();
		for device in Devices::<T>::iter_values().filter(Self::is_counted) {
			let count = counts.entry(device.network).or_default();
			*count = count.saturating_add(1);
		}
		for network in ActiveCounts::<T>::iter_keys() {
			let count = Self::counted(network).value().ok_or("a count does not decode")?;
			let counted = counts.remove(&network).unwrap_or(0);
			ensure!(counted == count, "the count of active devices is wrong");
		}
		ensure!(counts.is_empty(), "active devices of a network are not counted");
		let mut populations = BTreeMap::<NetworkId, u32>::new();
		for device in Devices::<T>::iter_values().filter(|device| is_founded(device.network)) {
			let count = populations.entry(device.network).or_default();
			*count = count.saturating_add(1);
		}
		for network in Populations::<T>::iter_keys() {
			let count = Self::population(network).value().ok_or("a count does not decode")?;
			ensure!(
				populations.remove(&network) == Some(count),
				"the count of devices of a founded network is wrong"
			);
		}
		ensure!(populations.is_empty(), "devices of a founded network are not counted");
		Ok(())
	}

	/// What is on hold from an account is what its devices, and those on their way to it, ask for.
	fn check_deposits() -> Result<(), TryRuntimeError> {
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		let mut add = |owner: &T::AccountId, amount: Balance| {
			let sum = deposits.entry(owner.clone()).or_default();
			*sum = sum.saturating_add(amount);
		};
		for device in Devices::<T>::iter_values() {
			add(&device.owner, device.deposit);
			if let Some((owner, _)) = device.incoming() {
				add(owner, device.deposit);
			}
		}
		for (owner, deposit) in deposits {
			let on_hold = T::Currency::balance_on_hold(&HoldReason::Registration.into(), &owner);
			ensure!(on_hold == deposit, "what is on hold is not what devices ask for");
		}
		Ok(())
	}
}
