//! What holds in every state.

use frame_support::{ensure, traits::fungible::InspectHold};
use groma_core::money::{Balance, CREDITS_MAX};
use groma_traits::LotHolders;
use sp_runtime::TryRuntimeError;

use crate::{Accounts, Config, HoldReason, Operators, Pallet};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the README.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_credits()?;
		Self::check_deposits()
	}

	fn check_credits() -> Result<(), TryRuntimeError> {
		let (mut credits, mut bases) = T::Holders::held();
		for account in Accounts::<T>::iter_keys() {
			let held = Self::stored_account(&account).ok_or("an account cannot be read")?;
			ensure!(held.credits() <= CREDITS_MAX, "an account has too many credits");
			ensure!(!held.is_empty(), "an account has an entry of nothing");
			ensure!(held.credits() > 0, "an account has a basis without credits");
			credits = credits.saturating_add(u128::from(held.credits()));
			bases = bases.saturating_add(held.basis());
		}
		let books = Self::stored_books().ok_or("the books cannot be read")?;
		ensure!(books.spent <= books.minted, "more credits were spent than minted");
		ensure!(books.spent_basis <= books.minted_basis, "more was claimed than burned");
		ensure!((credits, bases) == books.outstanding(), "credits are not minted - spent");
		Ok(())
	}

	fn check_deposits() -> Result<(), TryRuntimeError> {
		for payer in Operators::<T>::iter_keys() {
			let operators =
				Self::stored_operators(&payer).map_err(|_| "operators cannot be read")?;
			ensure!(!operators.is_empty(), "a payer has an entry without operators");
			let has_account = frame_system::Account::<T>::contains_key(&payer);
			ensure!(has_account, "a payer has operators and no account");
		}
		// Of every account, since nothing may stay on hold when its operator is gone.
		for account in frame_system::Account::<T>::iter_keys() {
			let operators = Self::operators_of(&account);
			let deposits = operators.iter().map(|it| it.deposit).fold(0, Balance::saturating_add);
			let on_hold = T::Currency::balance_on_hold(&HoldReason::Operator.into(), &account);
			ensure!(on_hold == deposits, "deposits on hold are not those of the operators");
		}
		Ok(())
	}
}
