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
	/// What an account holds; nothing if that cannot be read.
	pub fn held_by(account: &T::AccountId) -> HeldLot {
		Self::stored_account(account).unwrap_or_default()
	}

	/// What an account holds; `None` if that cannot be read.
	pub(crate) fn stored_account(account: &T::AccountId) -> Option<HeldLot> {
		groma_stored::entry::<Accounts<T>, T::AccountId, HeldLot>(account)
			.or_absent(HeldLot::default())
	}

	/// Credits since genesis, and what was burned for them; none if the books cannot be read.
	pub fn books() -> CreditBooks {
		Self::stored_books().unwrap_or_default()
	}

	/// The same; `None` if the books cannot be read. They are never replaced then.
	pub fn stored_books() -> Option<CreditBooks> {
		groma_stored::value::<Books<T>, CreditBooks>().or_absent(CreditBooks::default())
	}

	/// Whether the books can be read.
	pub fn has_readable_books() -> bool {
		Self::stored_books().is_some()
	}

	pub(crate) fn do_mint(
		account: T::AccountId,
		credits: Credits,
		burn_max: Balance,
	) -> DispatchResult {
		ensure!(credits >= MINT_CREDITS_MIN, Error::<T>::TooFewCredits);
		let held = Self::stored_account(&account).ok_or(Error::<T>::Unreadable)?;
		let mut books = Self::stored_books().ok_or(Error::<T>::Unreadable)?;
		ensure!(T::Emission::are_books_readable(), Error::<T>::Unreadable);
		ensure!(credits <= held.room(), Error::<T>::TooManyCredits);
		let price = T::Prices::mint_price().ok_or(Error::<T>::PriceStale)?;
		let burned = price.burn_for(credits);
		ensure!(burned <= burn_max, Error::<T>::BurnAboveLimit);
		Self::burn_grm(&account, burned)?;
		books.minted = books.minted.saturating_add(u128::from(credits));
		books.minted_basis = books.minted_basis.saturating_add(burned);
		Books::<T>::put(books);
		if let Err(lot) = Self::deposit(&account, Lot::new(credits, burned)) {
			defensive!("there is room for the credits");
			lot.spend();
			return Err(Error::<T>::TooManyCredits.into());
		}
		Self::deposit_event(Event::CreditsMinted { account, credits, burned });
		Ok(())
	}

	/// Takes credits of an account; `None`, and nothing is taken, if it has fewer or what it has
	/// cannot be read.
	pub(crate) fn withdraw(account: &T::AccountId, credits: Credits) -> Option<Lot> {
		let mut held = Self::stored_account(account)?;
		let lot = held.take(credits)?;
		Self::keep(account, held);
		Some(lot)
	}

	/// Adds a lot to an account; returns it if it does not fit or what is there cannot be read.
	pub(crate) fn deposit(account: &T::AccountId, lot: Lot) -> Result<(), Lot> {
		let Some(mut held) = Self::stored_account(account) else { return Err(lot) };
		held.put(lot)?;
		Self::keep(account, held);
		Ok(())
	}

	/// Books a lot as spent. Who calls it made sure that the books can be read.
	pub(crate) fn spend(lot: Lot) -> (Credits, Balance) {
		let (credits, basis) = lot.spend();
		let Some(mut books) = Self::stored_books() else {
			defensive!("credits are spent that cannot be counted");
			return (credits, basis);
		};
		books.spent = books.spent.saturating_add(u128::from(credits));
		books.spent_basis = books.spent_basis.saturating_add(basis);
		Books::<T>::put(books);
		(credits, basis)
	}

	/// Charges a fee: in credits, or in GRM if there are too few, or they could not be counted.
	pub(crate) fn do_charge_fee(account: &T::AccountId, credits: Credits) -> DispatchResult {
		if credits == 0 {
			return Ok(());
		}
		let lot = Self::stored_books().and_then(|_| Self::withdraw(account, credits));
		let burned = match lot {
			Some(lot) => {
				Self::spend(lot);
				0
			}
			None => {
				ensure!(T::Emission::are_books_readable(), Error::<T>::Unreadable);
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

	/// Stores what an account holds; an entry of nothing is removed.
	fn keep(account: &T::AccountId, held: HeldLot) {
		if held.is_empty() {
			Accounts::<T>::remove(account);
		} else {
			Accounts::<T>::insert(account, held);
		}
	}
}
