//! What devices are owed, and paying it.

use alloc::{vec, vec::Vec};

use frame_support::{defensive, pallet_prelude::*, storage::with_storage_layer};
use groma_core::{DeviceId, money::Balance, protocol::PAYEES_PER_CLAIM};
use groma_stored::Stored;
use groma_traits::{Devices, Emission};

use crate::{
	Config, Error, Event, Owed, Pallet, Splits,
	payout::{PayoutShares, PayoutSplit},
};

impl<T: Config> Pallet<T> {
	/// What a device owes a payee; `None` if that cannot be read.
	pub(crate) fn stored_owed(device: DeviceId, payee: &T::AccountId) -> Option<Balance> {
		groma_stored::double_entry::<Owed<T>, DeviceId, T::AccountId, Balance>(device, payee)
			.or_absent(0)
	}

	/// How a payee of a device is paid.
	pub(crate) fn stored_split(
		device: DeviceId,
		payee: &T::AccountId,
	) -> Stored<PayoutSplit<T::AccountId>> {
		groma_stored::double_entry::<Splits<T>, DeviceId, T::AccountId, PayoutSplit<T::AccountId>>(
			device, payee,
		)
	}

	/// Whether it can be read what a device owes a payee, and how that is paid.
	fn is_payable_to(device: DeviceId, payee: &T::AccountId) -> bool {
		Self::stored_owed(device, payee).is_some()
			&& !Self::stored_split(device, payee).is_undecodable()
	}

	/// Adds to what a device owes a payee. Who calls it made sure that this can be read.
	pub(crate) fn credit(device: DeviceId, payee: &T::AccountId, reward: Balance) {
		if reward == 0 {
			return;
		}
		match Self::stored_owed(device, payee) {
			Some(owed) => Owed::<T>::insert(device, payee, owed.saturating_add(reward)),
			None => {
				defensive!("what a device owes cannot be read");
			}
		}
	}

	/// Pays the payees of a device; returns how many. If there are more than [`PAYEES_PER_CLAIM`],
	/// the others are left for further claims.
	pub(crate) fn do_claim(device: DeviceId) -> Result<u32, DispatchError> {
		Self::credit_finished(device);
		let payees: Vec<T::AccountId> =
			Owed::<T>::iter_key_prefix(device).take(PAYEES_PER_CLAIM as usize).collect();
		ensure!(!payees.is_empty(), Error::<T>::NothingOwed);
		let paid = payees.iter().filter(|payee| Self::pay(device, payee).is_ok()).count();
		let is_readable = |payee: &T::AccountId| Self::is_payable_to(device, payee);
		ensure!(paid > 0 || payees.iter().any(is_readable), Error::<T>::Unreadable);
		ensure!(paid > 0, Error::<T>::PayeeCannotReceive);
		Ok(payees.len() as u32)
	}

	/// Pays one payee of a device.
	pub(crate) fn do_claim_payee(device: DeviceId, payee: &T::AccountId) -> DispatchResult {
		Self::credit_finished(device);
		ensure!(Owed::<T>::contains_key(device, payee), Error::<T>::NothingOwed);
		ensure!(Self::is_payable_to(device, payee), Error::<T>::Unreadable);
		Self::pay(device, payee).map_err(|_| Error::<T>::PayeeCannotReceive.into())
	}

	/// Sets the split by which `payee` is paid for a device. No shares remove it, which a former
	/// owner may do too who is owed nothing any more.
	pub(crate) fn do_set_payout_split(
		device: DeviceId,
		payee: T::AccountId,
		shares: PayoutShares<T::AccountId>,
	) -> DispatchResult {
		let has_split = Splits::<T>::contains_key(device, &payee);
		let is_payee = || Self::owns(device, &payee) || Owed::<T>::contains_key(device, &payee);
		ensure!((shares.is_empty() && has_split) || is_payee(), Error::<T>::NotPayee);
		if shares.is_empty() {
			Splits::<T>::remove(device, &payee);
		} else {
			let split = PayoutSplit::new(shares.clone()).ok_or(Error::<T>::InvalidPayoutSplit)?;
			Splits::<T>::insert(device, &payee, split);
		}
		Self::deposit_event(Event::PayoutSplitSet { device, payee, shares });
		Ok(())
	}

	/// Removes splits of payees whom the device owes nothing and never will, and says whether that
	/// was all that could be done: of the first [`PAYEES_PER_CLAIM`] at a time.
	pub(crate) fn drop_idle_splits(device: DeviceId) -> bool {
		let payees: Vec<T::AccountId> =
			Splits::<T>::iter_key_prefix(device).take(PAYEES_PER_CLAIM as usize).collect();
		let is_idle = |payee: &&T::AccountId| !Owed::<T>::contains_key(device, payee);
		let idle: Vec<&T::AccountId> = payees.iter().filter(is_idle).collect();
		idle.iter().for_each(|payee| Splits::<T>::remove(device, payee));
		idle.is_empty() || payees.len() < PAYEES_PER_CLAIM as usize
	}

	/// Credits all work of the device whose epoch is closed.
	fn credit_finished(device: DeviceId) {
		Self::credit_waiting(device);
		let Some(open) = T::Emission::first_open_epoch() else { return };
		if let Some(work) = Self::take_open_work(device, open) {
			Self::credit_or_keep(device, work);
		}
	}

	/// Pays a payee everything or nothing: if one account of its split cannot take its part, all
	/// waits.
	fn pay(device: DeviceId, payee: &T::AccountId) -> DispatchResult {
		let split = match Self::stored_split(device, payee) {
			Stored::Value(split) => Some(split),
			Stored::Absent => None,
			Stored::Undecodable => return Err(Error::<T>::Unreadable.into()),
		};
		let amount = with_storage_layer(|| {
			let amount = Self::stored_owed(device, payee).ok_or(Error::<T>::Unreadable)?;
			Owed::<T>::remove(device, payee);
			let parts = match &split {
				Some(split) => split.divide(amount),
				None => vec![(payee.clone(), amount)],
			};
			for (account, part) in parts {
				T::Emission::pay(&account, part)?;
			}
			Ok::<_, DispatchError>(amount)
		})?;
		if split.is_some() && !Self::may_earn(device, payee) {
			Splits::<T>::remove(device, payee);
		}
		Self::deposit_event(Event::Paid { device, payee: payee.clone(), amount });
		Ok(())
	}

	/// Whether the device may come to owe the payee anything more.
	fn may_earn(device: DeviceId, payee: &T::AccountId) -> bool {
		let waiting = Self::stored_waiting(device);
		let is_unknown = waiting.is_undecodable() || Self::payee(device).is_undecodable();
		let works = [waiting.value(), Self::open_work(device)];
		is_unknown
			|| works.iter().flatten().any(|work| work.payee == *payee)
			|| Self::owns(device, payee)
	}

	fn owns(device: DeviceId, account: &T::AccountId) -> bool {
		T::Devices::owner(device).is_some_and(|owner| owner.account == *account)
	}
}
