//! What holders of lots ask.

use frame_support::pallet_prelude::{DispatchError, DispatchResult};
use groma_core::{
	lot::Lot,
	money::{Balance, Credits},
};
use groma_traits::CreditAccounts;

use crate::{Config, Error, Pallet};

impl<T: Config> CreditAccounts<T::AccountId> for Pallet<T> {
	fn are_books_readable() -> bool {
		Self::has_readable_books()
	}

	fn take(from: &T::AccountId, credits: Credits) -> Result<Lot, DispatchError> {
		Self::withdraw(from, credits).ok_or_else(|| {
			let is_readable = Self::stored_account(from).is_some();
			let error =
				if is_readable { Error::<T>::NotEnoughCredits } else { Error::<T>::Unreadable };
			error.into()
		})
	}

	fn put(to: &T::AccountId, lot: Lot) -> Result<(), Lot> {
		Self::deposit(to, lot)
	}

	fn burn(lot: Lot) -> (Credits, Balance) {
		Self::spend(lot)
	}

	fn charge_fee(payer: &T::AccountId, credits: Credits) -> DispatchResult {
		Self::do_charge_fee(payer, credits)
	}
}
