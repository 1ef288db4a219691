//! The pot, from which all rewards are paid, and the books of what was minted and what was not.

use frame_support::{
	defensive,
	pallet_prelude::*,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
	},
};
use groma_core::money::Balance;
use sp_runtime::traits::AccountIdConversion;

use crate::{Burned, Config, Minted, Pallet, Reserve, Unminted};

impl<T: Config> Pallet<T> {
	/// The account that holds what is owed.
	pub fn pot() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// Mints `amount` plancks of the schedule, or nothing if the account cannot take them; returns how
	/// many.
	pub(crate) fn mint(to: &T::AccountId, amount: Balance) -> Balance {
		if amount == 0 || T::Currency::mint_into(to, amount).is_err() {
			return 0;
		}
		Minted::<T>::mutate(|minted| *minted = minted.saturating_add(amount));
		amount
	}

	/// Mints into the pot what it lacks of an existential deposit of its own, and takes it out of the
	/// `share` of the treasury. Returns what was minted and what remains of the share; `None` if the
	/// share is too small. Without the deposit the last claim would close the pot.
	pub(crate) fn endow_pot(share: Balance) -> Option<(Balance, Balance)> {
		let lacking = T::Currency::minimum_balance().saturating_sub(Reserve::<T>::get());
		let rest = share.checked_sub(lacking)?;
		let minted = Self::mint(&Self::pot(), lacking);
		if minted < lacking {
			return None;
		}
		Reserve::<T>::mutate(|reserve| *reserve = reserve.saturating_add(minted));
		Some((minted, rest))
	}

	/// Counts tokens that are burned by whoever calls it: the books do nothing else with them.
	pub fn note_burned(amount: Balance) {
		Burned::<T>::mutate(|burned| *burned = burned.saturating_add(amount));
	}

	/// Plancks that were burned as fees, as tips that nobody could take, and as dust.
	pub fn burned() -> Balance {
		Burned::<T>::get()
	}

	/// Books a part of the schedule that nobody gets.
	pub(crate) fn leave_unminted(amount: Balance) {
		Unminted::<T>::mutate(|unminted| *unminted = unminted.saturating_add(amount));
	}

	/// Takes back from the pot what turned out to be nobody's: as if it had never been minted.
	pub(crate) fn unmint(amount: Balance) {
		if amount == 0 {
			return;
		}
		let burned = T::Currency::burn_from(
			&Self::pot(),
			amount,
			Preservation::Preserve,
			Precision::Exact,
			Fortitude::Polite,
		);
		if burned.is_err() {
			defensive!("the pot holds all that was minted into it");
			return;
		}
		Minted::<T>::mutate(|minted| *minted = minted.saturating_sub(amount));
		Self::leave_unminted(amount);
	}

	/// Pays from the pot. Fails if the account does not exist and the amount would not open it.
	pub(crate) fn pay_from_pot(to: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		T::Currency::transfer(&Self::pot(), to, amount, Preservation::Preserve).map(drop)
	}
}
