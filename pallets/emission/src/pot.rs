//! The pot, from which everything is paid, and the books of what was minted and what was not.

use frame_support::{
	defensive,
	traits::{
		Get,
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

	/// Mints `amount` plancks of the schedule, or nothing if the account cannot take them or they
	/// would lift the issuance above its cap; returns how many.
	pub(crate) fn mint_to(to: &T::AccountId, amount: Balance) -> Balance {
		let issuance = T::Currency::total_issuance().saturating_add(amount);
		if amount == 0
			|| issuance > T::SupplyMax::get()
			|| T::Currency::mint_into(to, amount).is_err()
		{
			return 0;
		}
		Minted::<T>::mutate(|minted| *minted = minted.saturating_add(amount));
		amount
	}

	/// Burns `amount` plancks that were minted into the pot and are owed to no one, and books them
	/// as never minted.
	pub(crate) fn unmint_from_pot(amount: Balance) {
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

	/// Mints the treasury's share, less what the pot lacks of an existential deposit of its own,
	/// which is minted there: without the deposit the last claim would close the pot. `None` if the
	/// share is too small for it, and nothing is minted.
	pub(crate) fn pay_treasury(share: Balance) -> Option<()> {
		let lacking = T::Currency::minimum_balance().saturating_sub(Reserve::<T>::get());
		let rest = share.checked_sub(lacking)?;
		if Self::mint_to(&Self::pot(), lacking) < lacking {
			return None;
		}
		Reserve::<T>::mutate(|reserve| *reserve = reserve.saturating_add(lacking));
		Self::mint_to(&T::TreasuryAccount::get(), rest);
		Some(())
	}

	/// Counts tokens that the caller burns: the books do nothing else with them.
	pub fn note_burned(amount: Balance) {
		Burned::<T>::mutate(|burned| *burned = burned.saturating_add(amount));
	}

	/// Plancks that were burned as fees, as tips that no author could take, and as dust.
	pub fn burned() -> Balance {
		Burned::<T>::get()
	}

	/// Books a part of the schedule that belongs to no one.
	pub(crate) fn leave_unminted(amount: Balance) {
		Unminted::<T>::mutate(|unminted| *unminted = unminted.saturating_add(amount));
	}
}
