//! What the calls do with stake behind devices. Every write to its maps is here.

use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult, Get},
	traits::fungible::MutateHold,
};
use groma_core::{NetworkId, money::Balance};
use groma_stored::Stored;
use groma_traits::{Networks, Windows};

use crate::{
	Config, Error, Event, HoldReason, Pallet, Provision, Provisions, Purpose, Totals,
	own::is_movable,
};

impl<T: Config> Pallet<T> {
	/// What is stored of a provision.
	pub(crate) fn stored(owner: &T::AccountId, network: NetworkId) -> Stored<Provision> {
		groma_stored::entry::<Provisions<T>, (T::AccountId, NetworkId), Provision>((owner, network))
	}

	/// What is stored of a network's sum.
	pub(crate) fn stored_total(network: NetworkId) -> Stored<Balance> {
		groma_stored::entry::<Totals<T>, NetworkId, Balance>(network)
	}

	/// What an owner set aside for a network; `None` if it does not decode.
	pub fn provision_of(owner: &T::AccountId, network: NetworkId) -> Option<Provision> {
		Self::stored(owner, network).or_absent(Provision::default())
	}

	pub(crate) fn do_provision(
		owner: T::AccountId,
		purpose: Purpose,
		amount: Balance,
	) -> DispatchResult {
		let Purpose::Devices(network) = purpose else {
			return Self::do_provision_own(owner, amount);
		};
		ensure!(T::Networks::status(network).is_some(), Error::<T>::NetworkUnknown);
		let active = Self::add_active(&owner, network, amount)?;
		Self::deposit_event(Event::Provisioned { owner, purpose, amount, active });
		Ok(())
	}

	/// Holds an amount for a network, whether there is one or not, and returns what is active then.
	pub(crate) fn add_active(
		owner: &T::AccountId,
		network: NetworkId,
		amount: Balance,
	) -> Result<Balance, DispatchError> {
		let (mut provision, total) = Self::readable(owner, network)?;
		provision.active = provision.active.saturating_add(amount);
		let is_enough = amount > 0 && provision.active >= T::ProvisionMin::get();
		ensure!(is_enough, Error::<T>::BelowMinimum);
		T::Currency::hold(&HoldReason::Devices.into(), owner, amount)?;
		let active = provision.active;
		Self::put(owner, network, provision);
		// Sums of what is on hold: below the issuance.
		Self::put_total(network, total.saturating_add(amount));
		Ok(active)
	}

	pub(crate) fn do_thaw(
		owner: T::AccountId,
		purpose: Purpose,
		amount: Balance,
	) -> DispatchResult {
		let Purpose::Devices(network) = purpose else {
			return Self::do_thaw_own(owner, amount);
		};
		let (mut provision, total) = Self::readable(&owner, network)?;
		let left = provision.active.checked_sub(amount).ok_or(Error::<T>::NotEnoughActive)?;
		ensure!(is_movable(amount, left, T::ProvisionMin::get()), Error::<T>::BelowMinimum);
		let due = T::Windows::of_call().saturating_add(T::ThawWindows::get());
		let due = provision.thaw(amount, due);
		Self::put(&owner, network, provision);
		Self::put_total(network, total.saturating_sub(amount));
		Self::deposit_event(Event::ThawBegun { owner, purpose, amount, due });
		Ok(())
	}

	pub(crate) fn do_withdraw(owner: T::AccountId, purpose: Purpose) -> DispatchResult {
		let Purpose::Devices(network) = purpose else {
			return Self::do_withdraw_own(owner);
		};
		// What is withdrawn is not part of the network's sum, so that is not asked for.
		let mut provision = Self::provision_of(&owner, network).ok_or(Error::<T>::Unreadable)?;
		let amount = provision.take_due(T::Windows::of_call());
		ensure!(amount > 0, Error::<T>::NothingDue);
		Self::put(&owner, network, provision);
		Self::release_held(HoldReason::Devices, &owner, amount);
		Self::deposit_event(Event::Withdrawn { owner, purpose, amount });
		Ok(())
	}

	/// Takes an amount out of the records of a provision, at most what there is, and returns how
	/// much it took. The caller takes it of what is on hold.
	pub(crate) fn take_recorded(
		owner: &T::AccountId,
		network: NetworkId,
		amount: Balance,
	) -> Balance {
		let Some(mut provision) = Self::provision_of(owner, network) else { return 0 };
		let (of_active, of_thawing) = provision.take(amount);
		let taken = of_active.saturating_add(of_thawing);
		if taken > 0 {
			Self::put(owner, network, provision);
		}
		// A sum that does not decode stays as it is: the upgrade that mends it counts again.
		if of_active > 0
			&& let Some(total) = Self::stored_total(network).or_absent(0)
		{
			Self::put_total(network, total.saturating_sub(of_active));
		}
		taken
	}

	/// A provision, and the sum of its network.
	fn readable(
		owner: &T::AccountId,
		network: NetworkId,
	) -> Result<(Provision, Balance), DispatchError> {
		let provision = Self::provision_of(owner, network).ok_or(Error::<T>::Unreadable)?;
		let total = Self::stored_total(network).or_absent(0).ok_or(Error::<T>::Unreadable)?;
		Ok((provision, total))
	}

	/// Stores a provision; an empty one is removed.
	fn put(owner: &T::AccountId, network: NetworkId, provision: Provision) {
		if provision.is_empty() {
			Provisions::<T>::remove((owner, network));
		} else {
			Provisions::<T>::insert((owner, network), provision);
		}
	}

	/// Stores the sum of a network; one of nothing is removed.
	fn put_total(network: NetworkId, total: Balance) {
		if total == 0 {
			Totals::<T>::remove(network);
		} else {
			Totals::<T>::insert(network, total);
		}
	}
}
