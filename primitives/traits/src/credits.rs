//! Credits: what customers pay with. They move between pallets as lots, with what was burned for
//! them.

use groma_core::{
	lot::Lot,
	money::{Balance, Credits},
};
use sp_runtime::{DispatchError, DispatchResult};

/// The credits of accounts.
pub trait CreditAccounts<AccountId> {
	/// Whether the books of all credits can be read. If not, nothing is minted, and nothing may be
	/// burned: it would not be counted.
	fn are_books_readable() -> bool;

	/// Takes credits of an account. Fails if it has fewer, or what it has cannot be read.
	fn take(from: &AccountId, credits: Credits) -> Result<Lot, DispatchError>;

	/// Puts a lot into an account. Returns it if the account would have more credits than it may
	/// hold, or what it has cannot be read.
	fn put(to: &AccountId, lot: Lot) -> Result<(), Lot>;

	/// Ends a lot: its credits and its basis no longer exist, and are returned.
	fn burn(lot: Lot) -> (Credits, Balance);

	/// Charges a fee that earns no one anything: in credits of the account, or else, if it has too
	/// few, as GRM at the last price that was known, rounded up.
	fn charge_fee(payer: &AccountId, credits: Credits) -> DispatchResult;
}

/// Who may act for a payer.
pub trait Operators<AccountId> {
	/// Fails unless `who` is the payer or one of its operators.
	fn ensure_operator(payer: &AccountId, who: &AccountId) -> DispatchResult;

	/// Fails unless `who` is the payer, or an operator that may commit so many more credits of it
	/// in the present epoch: then they are counted.
	fn commit(payer: &AccountId, who: &AccountId, credits: Credits) -> DispatchResult;
}

/// Pallets that hold lots.
pub trait LotHolders {
	/// Credits of all lots that are held, and the sum of their bases. It reads every record, so it
	/// is for checks alone.
	fn held() -> (u128, Balance);
}

impl LotHolders for () {
	fn held() -> (u128, Balance) {
		(0, 0)
	}
}
