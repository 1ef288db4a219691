//! What accounts hold, and the books of all credits.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	defensive,
	pallet_prelude::*,
	traits::{
		fungible::Mutate,
		tokens::{Fortitude, Precision, Preservation},
	},
};
use groma_core::{
	lot::{HeldLot, Lot},
	money::{Balance, Credits, MINT_CREDITS_MIN},
};
use groma_traits::{Emission, Prices};
use scale_info::TypeInfo;

use crate::{Accounts, Books, Config, Error, Event, Pallet};

/// Credits since genesis, and what was burned for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CreditBooks {
	/// Credits that were minted.
	pub minted: u128,
	/// Credits that were spent.
	pub spent: u128,
	/// Plancks that were burned for the credits minted.
	pub minted_basis: Balance,
	/// Plancks that had been burned for the credits spent.
	pub spent_basis: Balance,
}

impl CreditBooks {
	/// Credits that exist, and what was burned for them.
	pub fn outstanding(&self) -> (u128, Balance) {
		(self.minted.saturating_sub(self.spent), self.minted_basis.saturating_sub(self.spent_basis))
	}
}

impl<T: Config> Pallet<T> {
	/// What an account holds.
	pub fn held_by(account: &T::AccountId) -> HeldLot {
		Accounts::<T>::get(account).unwrap_or_default()
	}

	/// Credits since genesis, and what was burned for them.
	pub fn books() -> CreditBooks {
		Books::<T>::get()
	}

	pub(crate) fn do_mint(
		account: T::AccountId,
		credits: Credits,
		burn_max: Balance,
	) -> DispatchResult {
		ensure!(credits >= MINT_CREDITS_MIN, Error::<T>::TooFewCredits);
		ensure!(credits <= Self::held_by(&account).room(), Error::<T>::TooManyCredits);
		let price = T::Prices::mint_price().ok_or(Error::<T>::PriceStale)?;
		let burned = price.burn_for(credits);
		ensure!(burned <= burn_max, Error::<T>::BurnAboveLimit);
		Self::burn_grm(&account, burned)?;
		Books::<T>::mutate(|books| {
			books.minted = books.minted.saturating_add(u128::from(credits));
			books.minted_basis = books.minted_basis.saturating_add(burned);
		});
		if let Err(lot) = Self::deposit(&account, Lot::new(credits, burned)) {
			defensive!("there is room for the credits");
			lot.spend();
			return Err(Error::<T>::TooManyCredits.into());
		}
		Self::deposit_event(Event::CreditsMinted { account, credits, burned });
		Ok(())
	}

	/// Takes credits of an account; `None`, and nothing is taken, if it has fewer.
	pub(crate) fn withdraw(account: &T::AccountId, credits: Credits) -> Option<Lot> {
		Self::alter(account, |held| held.take(credits))
	}

	/// Adds a lot to an account; returns it if it does not fit.
	pub(crate) fn deposit(account: &T::AccountId, lot: Lot) -> Result<(), Lot> {
		Self::alter(account, |held| held.put(lot))
	}

	/// Books a lot as spent.
	pub(crate) fn spend(lot: Lot) -> (Credits, Balance) {
		let (credits, basis) = lot.spend();
		Books::<T>::mutate(|books| {
			books.spent = books.spent.saturating_add(u128::from(credits));
			books.spent_basis = books.spent_basis.saturating_add(basis);
		});
		(credits, basis)
	}

	/// Charges a fee: in credits, or in GRM if there are too few.
	pub(crate) fn do_charge_fee(account: &T::AccountId, credits: Credits) -> DispatchResult {
		if credits == 0 {
			return Ok(());
		}
		let burned = match Self::withdraw(account, credits) {
			Some(lot) => {
				Self::spend(lot);
				0
			}
			None => {
				let burned = T::Prices::last_good().burn_for(credits);
				Self::burn_grm(account, burned)?;
				burned
			}
		};
		Self::deposit_event(Event::FeeCharged { account: account.clone(), credits, burned });
		Ok(())
	}

	/// Burns GRM of an account, which keeps its existential deposit, and has the books count it.
	fn burn_grm(account: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::burn_from(
			account,
			amount,
			Preservation::Preserve,
			Precision::Exact,
			Fortitude::Polite,
		)?;
		T::Emission::note_burned(amount);
		Ok(())
	}

	/// Changes what an account holds; an entry of nothing is removed.
	fn alter<R>(account: &T::AccountId, change: impl FnOnce(&mut HeldLot) -> R) -> R {
		Accounts::<T>::mutate_exists(account, |entry| {
			let mut held = entry.take().unwrap_or_default();
			let result = change(&mut held);
			*entry = Some(held).filter(|held| !held.is_empty());
			result
		})
	}
}
