//! Answers to the runtime API: nothing here changes state.

use frame_support::traits::fungible::Inspect;
use groma_core::api::SupplyInfo;

use crate::{Config, EmissionClock, Pallet};

impl<T: Config> Pallet<T> {
	/// The clock; `None` before it starts, and as long as epochs are stopped.
	pub fn running_clock() -> Option<EmissionClock> {
		Self::clock().value()
	}

	/// Every term of the books; `None` if they cannot be read. Credits are counted by another
	/// pallet: their terms are 0 here.
	pub fn supply_info() -> Option<SupplyInfo> {
		if !Self::has_readable_books() {
			return None;
		}
		let (books, reminted) = (Self::books()?, Self::stored_reminted()?);
		Some(SupplyInfo {
			issuance: T::Currency::total_issuance(),
			genesis: books.genesis,
			minted: books.minted,
			unminted: books.unminted,
			reminted: reminted.minted,
			claimed_basis: reminted.bases,
			burned: Self::burned(),
			pot: T::Currency::total_balance(&Self::pot()),
			reserve: books.reserve,
			credits_minted: 0,
			credits_spent: 0,
			minted_basis: 0,
			spent_basis: 0,
			for_validators: reminted.kept.total(),
		})
	}
}
