//! Balances as votes see them: without GRM that has not vested; and as the treasury does, whose
//! genesis makes no GRM. Everything else is passed on.

use core::marker::PhantomData;

use frame_support::{
	dispatch::{DispatchError, DispatchResult},
	traits::{
		BalanceStatus, Currency, ExistenceRequirement, LockIdentifier, LockableCurrency,
		ReservableCurrency, SignedImbalance, WithdrawReasons,
		fungible::Inspect,
		tokens::{DepositConsequence, Fortitude, Preservation, Provenance, WithdrawConsequence},
	},
};
use sp_runtime::traits::ConvertInto;

use crate::{AccountId, Balance, Balances, BlockNumber, Runtime, System};

type Positive = <Balances as Currency<AccountId>>::PositiveImbalance;
type Negative = <Balances as Currency<AccountId>>::NegativeImbalance;

/// What an account holds that has not vested, in plancks: free or on hold.
pub fn unvested(who: &AccountId) -> Balance {
	let now = System::block_number();
	let schedules = pallet_vesting::Vesting::<Runtime>::get(who).unwrap_or_default();
	schedules.iter().fold(0, |sum: Balance, schedule| {
		sum.saturating_add(schedule.locked_at::<ConvertInto>(now))
	})
}

/// What an account votes with, in plancks: all that it has, less what has not vested.
pub fn votable(who: &AccountId) -> Balance {
	<Balances as Inspect<AccountId>>::total_balance(who).saturating_sub(unvested(who))
}

/// In what a currency differs from [`Balances`].
pub trait Difference {
	/// What an account has.
	fn total_balance(who: &AccountId) -> Balance;

	/// Gives an account a free balance, out of nothing.
	fn make_free_balance_be(who: &AccountId, amount: Balance)
	-> SignedImbalance<Balance, Positive>;
}

/// The difference that votes see. See [`votable`].
pub struct Vested;

impl Difference for Vested {
	fn total_balance(who: &AccountId) -> Balance {
		votable(who)
	}

	fn make_free_balance_be(
		who: &AccountId,
		amount: Balance,
	) -> SignedImbalance<Balance, Positive> {
		Balances::make_free_balance_be(who, amount)
	}
}

/// The difference that the treasury sees: the SDK's pallet makes GRM for an account of the treasury
/// at genesis. Here that issues exactly what the spec of the chain lists.
pub struct NotMinted;

impl Difference for NotMinted {
	fn total_balance(who: &AccountId) -> Balance {
		<Balances as Currency<AccountId>>::total_balance(who)
	}

	fn make_free_balance_be(_: &AccountId, _: Balance) -> SignedImbalance<Balance, Positive> {
		SignedImbalance::zero()
	}
}

/// [`Balances`] with a difference.
pub struct Adapted<D>(PhantomData<D>);

/// The currency of votes.
pub type Votable = Adapted<Vested>;
/// The currency of the treasury.
pub type Spendable = Adapted<NotMinted>;

impl<D: Difference> Inspect<AccountId> for Adapted<D> {
	type Balance = Balance;

	fn total_issuance() -> Balance {
		<Balances as Inspect<AccountId>>::total_issuance()
	}

	fn active_issuance() -> Balance {
		<Balances as Inspect<AccountId>>::active_issuance()
	}

	fn minimum_balance() -> Balance {
		<Balances as Inspect<AccountId>>::minimum_balance()
	}

	fn total_balance(who: &AccountId) -> Balance {
		D::total_balance(who)
	}

	fn balance(who: &AccountId) -> Balance {
		<Balances as Inspect<AccountId>>::balance(who)
	}

	fn reducible_balance(who: &AccountId, keep: Preservation, force: Fortitude) -> Balance {
		<Balances as Inspect<AccountId>>::reducible_balance(who, keep, force)
	}

	fn can_deposit(who: &AccountId, amount: Balance, from: Provenance) -> DepositConsequence {
		<Balances as Inspect<AccountId>>::can_deposit(who, amount, from)
	}

	fn can_withdraw(who: &AccountId, amount: Balance) -> WithdrawConsequence<Balance> {
		<Balances as Inspect<AccountId>>::can_withdraw(who, amount)
	}
}

impl<D: Difference> Currency<AccountId> for Adapted<D> {
	type Balance = Balance;
	type PositiveImbalance = Positive;
	type NegativeImbalance = Negative;

	fn total_balance(who: &AccountId) -> Balance {
		D::total_balance(who)
	}

	fn can_slash(who: &AccountId, value: Balance) -> bool {
		Balances::can_slash(who, value)
	}

	fn total_issuance() -> Balance {
		<Balances as Currency<AccountId>>::total_issuance()
	}

	fn active_issuance() -> Balance {
		<Balances as Currency<AccountId>>::active_issuance()
	}

	fn deactivate(amount: Balance) {
		<Balances as Currency<AccountId>>::deactivate(amount);
	}

	fn reactivate(amount: Balance) {
		<Balances as Currency<AccountId>>::reactivate(amount);
	}

	fn minimum_balance() -> Balance {
		<Balances as Currency<AccountId>>::minimum_balance()
	}

	fn burn(amount: Balance) -> Positive {
		<Balances as Currency<AccountId>>::burn(amount)
	}

	fn issue(amount: Balance) -> Negative {
		<Balances as Currency<AccountId>>::issue(amount)
	}

	fn free_balance(who: &AccountId) -> Balance {
		Balances::free_balance(who)
	}

	fn ensure_can_withdraw(
		who: &AccountId,
		amount: Balance,
		reasons: WithdrawReasons,
		left: Balance,
	) -> DispatchResult {
		Balances::ensure_can_withdraw(who, amount, reasons, left)
	}

	fn transfer(
		from: &AccountId,
		to: &AccountId,
		amount: Balance,
		keep: ExistenceRequirement,
	) -> DispatchResult {
		<Balances as Currency<AccountId>>::transfer(from, to, amount, keep)
	}

	fn slash(who: &AccountId, amount: Balance) -> (Negative, Balance) {
		<Balances as Currency<AccountId>>::slash(who, amount)
	}

	fn deposit_into_existing(who: &AccountId, amount: Balance) -> Result<Positive, DispatchError> {
		Balances::deposit_into_existing(who, amount)
	}

	fn deposit_creating(who: &AccountId, amount: Balance) -> Positive {
		Balances::deposit_creating(who, amount)
	}

	fn withdraw(
		who: &AccountId,
		amount: Balance,
		reasons: WithdrawReasons,
		keep: ExistenceRequirement,
	) -> Result<Negative, DispatchError> {
		<Balances as Currency<AccountId>>::withdraw(who, amount, reasons, keep)
	}

	fn make_free_balance_be(
		who: &AccountId,
		amount: Balance,
	) -> SignedImbalance<Balance, Positive> {
		D::make_free_balance_be(who, amount)
	}
}

impl<D: Difference> ReservableCurrency<AccountId> for Adapted<D> {
	fn can_reserve(who: &AccountId, amount: Balance) -> bool {
		Balances::can_reserve(who, amount)
	}

	fn slash_reserved(who: &AccountId, amount: Balance) -> (Negative, Balance) {
		Balances::slash_reserved(who, amount)
	}

	fn reserved_balance(who: &AccountId) -> Balance {
		Balances::reserved_balance(who)
	}

	fn reserve(who: &AccountId, amount: Balance) -> DispatchResult {
		Balances::reserve(who, amount)
	}

	fn unreserve(who: &AccountId, amount: Balance) -> Balance {
		Balances::unreserve(who, amount)
	}

	fn repatriate_reserved(
		from: &AccountId,
		to: &AccountId,
		amount: Balance,
		status: BalanceStatus,
	) -> Result<Balance, DispatchError> {
		Balances::repatriate_reserved(from, to, amount, status)
	}
}

impl<D: Difference> LockableCurrency<AccountId> for Adapted<D> {
	type Moment = BlockNumber;
	type MaxLocks = <Balances as LockableCurrency<AccountId>>::MaxLocks;

	fn set_lock(id: LockIdentifier, who: &AccountId, amount: Balance, reasons: WithdrawReasons) {
		Balances::set_lock(id, who, on_top_of_unvested(who, amount), reasons);
	}

	fn extend_lock(id: LockIdentifier, who: &AccountId, amount: Balance, reasons: WithdrawReasons) {
		Balances::extend_lock(id, who, on_top_of_unvested(who, amount), reasons);
	}

	fn remove_lock(id: LockIdentifier, who: &AccountId) {
		Balances::remove_lock(id, who);
	}
}

/// What a lock of `amount` votes has to hold of an account, in plancks. Locks overlap: without what
/// has not vested, that would keep the lock, and what voted could leave and vote again.
fn on_top_of_unvested(who: &AccountId, amount: Balance) -> Balance {
	if amount == 0 { 0 } else { amount.saturating_add(unvested(who)) }
}
