//! The pot, from which everything is paid, and the books of what was minted and what was not.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	defensive,
	traits::{
		Get,
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
	},
};
use groma_core::money::{Balance, EMISSION_TOTAL};
use sp_runtime::traits::AccountIdConversion;

use crate::{Burned, Config, Minted, Pallet, Reminted, Reserve, Unminted};

/// What claims of services minted, out of what was burned for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Reminting {
	/// Plancks that were minted.
	pub minted: Balance,
	/// Plancks that had been burned for the credits of all claims: never less.
	pub bases: Balance,
}

impl<T: Config> Pallet<T> {
	/// The account that holds what is owed.
	pub fn pot() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// Mints `amount` plancks of the schedule and returns how many: all of them, or none if the
	/// account cannot take them, if they would lift the issuance above its cap, or if more would
	/// have been minted than the schedule ever emits. The last two hold whatever the clock says.
	pub(crate) fn mint_to(to: &T::AccountId, amount: Balance) -> Balance {
		let issuance = T::Currency::total_issuance().saturating_add(amount);
		let minted = Minted::<T>::get().saturating_add(amount);
		if amount == 0
			|| issuance > T::SupplyMax::get()
			|| minted > EMISSION_TOTAL
			|| T::Currency::mint_into(to, amount).is_err()
		{
			return 0;
		}
		Minted::<T>::put(minted);
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

	/// Mints what a claim of a service is owed, out of the `basis` plancks that were burned for it.
	/// However faulty the caller, no more is ever minted than the bases of all claims. Returns
	/// whether it did; if not, nothing changed.
	pub(crate) fn remint_to_pot(amount: Balance, basis: Balance) -> bool {
		let Reminting { minted, bases } = Reminted::<T>::get();
		let next =
			Reminting { minted: minted.saturating_add(amount), bases: bases.saturating_add(basis) };
		let issuance = T::Currency::total_issuance().saturating_add(amount);
		let is_minted = next.minted <= next.bases
			&& issuance <= T::SupplyMax::get()
			&& (amount == 0 || T::Currency::mint_into(&Self::pot(), amount).is_ok());
		if is_minted {
			Reminted::<T>::put(next);
		}
		is_minted
	}

	/// What claims of services minted, and the bases out of which they did.
	pub fn reminted() -> Reminting {
		Reminted::<T>::get()
	}

	/// Counts tokens that the caller burns: the books do nothing else with them.
	pub fn note_burned(amount: Balance) {
		Burned::<T>::mutate(|burned| *burned = burned.saturating_add(amount));
	}

	/// Plancks that were issued and are gone for good.
	pub fn burned() -> Balance {
		Burned::<T>::get()
	}

	/// Books a part of the schedule that belongs to no one.
	pub(crate) fn leave_unminted(amount: Balance) {
		Unminted::<T>::mutate(|unminted| *unminted = unminted.saturating_add(amount));
	}
}
