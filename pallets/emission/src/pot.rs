//! The pot, from which everything is paid.

use frame_support::{
	defensive,
	traits::{
		Get,
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
	},
};
use groma_core::{
	EpochIndex,
	money::{Balance, EMISSION_TOTAL},
};
use groma_traits::Payment;
use sp_runtime::traits::AccountIdConversion;

use crate::{Config, Pallet, Reminted, Reminting};

impl<T: Config> Pallet<T> {
	/// The account that holds what is owed.
	pub fn pot() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// Mints `amount` plancks of the schedule and returns how many: all of them, or none if the
	/// account cannot take them, if they would lift the issuance above its cap, or if more would
	/// have been minted than the schedule ever emits. The last two hold whatever the clock says.
	/// Nothing is minted as long as the books cannot be read.
	pub(crate) fn mint_to(to: &T::AccountId, amount: Balance) -> Balance {
		let Some(books) = Self::books() else { return 0 };
		let issuance = T::Currency::total_issuance().saturating_add(amount);
		let minted = books.minted.saturating_add(amount);
		if amount == 0
			|| issuance > T::SupplyMax::get()
			|| minted > EMISSION_TOTAL
			|| T::Currency::mint_into(to, amount).is_err()
		{
			return 0;
		}
		Self::change_books(|books| books.minted = minted);
		amount
	}

	/// Burns `amount` plancks that were minted into the pot and are owed to no one, and books them
	/// as never minted. They stay in the pot as long as the books cannot be read.
	pub(crate) fn unmint_from_pot(amount: Balance) {
		if amount == 0 || Self::books().is_none() {
			return;
		}
		if Self::burn_from_pot(amount) {
			Self::change_books(|books| {
				books.minted = books.minted.saturating_sub(amount);
				books.unminted = books.unminted.saturating_add(amount);
			});
		}
	}

	/// Burns `amount` plancks that were minted into the pot for validators and that no one took,
	/// and books them as never reminted: what was burned for claims stays burned. They stay in the
	/// pot as long as that cannot be read.
	pub(crate) fn unremint_from_pot(amount: Balance) {
		let Some(mut reminted) = Self::stored_reminted().filter(|_| amount > 0) else { return };
		if Self::burn_from_pot(amount) {
			reminted.minted = reminted.minted.saturating_sub(amount);
			Reminted::<T>::put(reminted);
		}
	}

	/// Burns plancks of the pot that are owed to no one. Returns whether it did.
	fn burn_from_pot(amount: Balance) -> bool {
		let burned = T::Currency::burn_from(
			&Self::pot(),
			amount,
			Preservation::Preserve,
			Precision::Exact,
			Fortitude::Polite,
		);
		if burned.is_err() {
			defensive!("the pot holds all that was minted into it");
		}
		burned.is_ok()
	}

	/// Moves an existential deposit out of the treasury into the pot, and returns how much that is:
	/// nothing if the treasury has less. Without it the pot could take no claim that is smaller
	/// before the first epoch closes.
	pub(crate) fn take_reserve_of_treasury() -> Balance {
		let treasury = T::TreasuryAccount::get();
		let reserve = T::Currency::minimum_balance();
		T::Currency::transfer(&treasury, &Self::pot(), reserve, Preservation::Preserve)
			.unwrap_or_default()
	}

	/// Mints the treasury's share, less what the pot lacks of its own existential deposit,
	/// which is minted there: without the deposit the last claim would close the pot. `None` if the
	/// share is too small for it, and nothing is minted.
	pub(crate) fn pay_treasury(share: Balance) -> Option<()> {
		let lacking = T::Currency::minimum_balance().saturating_sub(Self::books()?.reserve);
		let rest = share.checked_sub(lacking)?;
		if Self::mint_to(&Self::pot(), lacking) < lacking {
			return None;
		}
		Self::change_books(|books| books.reserve = books.reserve.saturating_add(lacking));
		Self::mint_to(&T::TreasuryAccount::get(), rest);
		Some(())
	}

	/// Mints what a claim of a service is owed, and keeps what it leaves for validators in its
	/// epoch, both out of the basis that was burned for it. Returns whether it did; if not, nothing
	/// changed.
	pub(crate) fn remint_to_pot(epoch: EpochIndex, payment: &Payment) -> bool {
		Self::remint_covered(payment.paid, |reminted| {
			reminted.bases = reminted.bases.saturating_add(payment.basis);
			reminted.kept.add(epoch, payment.for_validators);
		})
	}

	/// Mints `amount` plancks out of what was burned for claims, after this change. However faulty
	/// the caller, no more is ever minted and kept than the bases of all claims. Returns whether it
	/// did; if not, nothing changed. It does not as long as the books cannot be read.
	pub(crate) fn remint_covered(amount: Balance, change: impl FnOnce(&mut Reminting)) -> bool {
		let Some(mut next) = Self::stored_reminted() else { return false };
		change(&mut next);
		next.minted = next.minted.saturating_add(amount);
		let issuance = T::Currency::total_issuance().saturating_add(amount);
		let is_minted = next.is_covered()
			&& issuance <= T::SupplyMax::get()
			&& (amount == 0 || T::Currency::mint_into(&Self::pot(), amount).is_ok());
		if is_minted {
			Reminted::<T>::put(next);
		}
		is_minted
	}

	/// What claims of services minted, and the bases out of which they did; nothing if that does
	/// not decode.
	pub fn reminted() -> Reminting {
		Self::stored_reminted().unwrap_or_default()
	}
}
