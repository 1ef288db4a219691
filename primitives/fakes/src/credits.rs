//! Accounts of credits, and a payer of services reduced to its books.

use std::collections::BTreeMap;

use frame_support::{pallet_prelude::ValueQuery, parameter_types, storage_alias};
use frame_system::Config;
use groma_core::{
	DeviceId, NetworkId,
	lot::{HeldLot, Lot},
	money::{Balance, Credits, DemandShares, Price},
};
use groma_traits::{CreditAccounts, Demand, Operators, Payment};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{EpochMean, Fakes};

parameter_types! {
	/// Credits that an operator may still commit.
	pub storage OperatorLimit: Credits = Credits::MAX;
	/// Whether services are paid.
	pub storage IsPayable: bool = true;
	/// Whether the books of credits cannot be read.
	pub storage BooksAreUnreadable: bool = false;
	/// Credits and basis of all lots that were burned.
	pub storage BurnedLots: (u128, Balance) = (0, 0);
	/// Credits that were charged as fees.
	pub storage FeesCharged: Credits = 0;
	/// Fees, counted in credits, of accounts that had too few of them.
	pub storage FeesInGrm: Credits = 0;
	/// Whether an account that has too few credits pays a fee as GRM.
	pub storage HasGrm: bool = true;
}

/// What each account holds.
#[storage_alias]
pub type CreditLots<A> = StorageValue<Fakes, BTreeMap<A, HeldLot>, ValueQuery>;
/// The operator of each payer that has one.
#[storage_alias]
pub type OperatorsOf<A> = StorageValue<Fakes, BTreeMap<A, A>, ValueQuery>;
/// What each device was paid for: whom, for how many units, and how much, in plancks.
#[storage_alias]
pub type Payments<A> = StorageValue<Fakes, Vec<(DeviceId, A, u64, Balance)>, ValueQuery>;

/// Gives an account credits for which so much was burned.
///
/// # Panics
///
/// If the account cannot hold them.
pub fn give_credits<A: Ord + codec::FullCodec + 'static>(
	account: A,
	credits: Credits,
	basis: Balance,
) {
	CreditLots::<A>::mutate(|lots| {
		let held = lots.entry(account).or_default();
		held.put(Lot::new(credits, basis)).expect("the account has room");
	});
}

impl<T: Config, C> CreditAccounts<T::AccountId> for Fakes<T, C> {
	fn are_books_readable() -> bool {
		!BooksAreUnreadable::get()
	}

	fn take(from: &T::AccountId, credits: Credits) -> Result<Lot, DispatchError> {
		CreditLots::<T::AccountId>::mutate(|lots| {
			let held = lots.get_mut(from).ok_or(DispatchError::Other("no credits"))?;
			held.take(credits).ok_or(DispatchError::Other("too few credits"))
		})
	}

	fn put(to: &T::AccountId, lot: Lot) -> Result<(), Lot> {
		CreditLots::<T::AccountId>::mutate(|lots| lots.entry(to.clone()).or_default().put(lot))
	}

	fn burn(lot: Lot) -> (Credits, Balance) {
		let (credits, basis) = lot.spend();
		let (all, bases) = BurnedLots::get();
		BurnedLots::set(&(all + u128::from(credits), bases + basis));
		(credits, basis)
	}

	fn charge_fee(payer: &T::AccountId, credits: Credits) -> DispatchResult {
		match <Self as CreditAccounts<T::AccountId>>::take(payer, credits) {
			Ok(lot) => {
				<Self as CreditAccounts<T::AccountId>>::burn(lot);
				FeesCharged::set(&(FeesCharged::get() + credits));
			}
			Err(_) if HasGrm::get() => FeesInGrm::set(&(FeesInGrm::get() + credits)),
			Err(_) => return Err(DispatchError::Other("no GRM for the fee")),
		}
		Ok(())
	}
}

impl<T: Config, C> Operators<T::AccountId> for Fakes<T, C> {
	fn ensure_operator(payer: &T::AccountId, who: &T::AccountId) -> DispatchResult {
		let is_operator = OperatorsOf::<T::AccountId>::get().get(payer) == Some(who);
		if payer == who || is_operator {
			Ok(())
		} else {
			Err(DispatchError::Other("not an operator"))
		}
	}

	fn commit(payer: &T::AccountId, who: &T::AccountId, credits: Credits) -> DispatchResult {
		Self::ensure_operator(payer, who)?;
		if payer != who {
			let left = OperatorLimit::get().checked_sub(credits);
			OperatorLimit::set(&left.ok_or(DispatchError::Other("above the limit"))?);
		}
		Ok(())
	}
}

impl<T: Config, C> Demand<T::AccountId> for Fakes<T, C> {
	fn is_payable() -> bool {
		IsPayable::get()
	}

	fn pay(
		device: DeviceId,
		_: NetworkId,
		owner: &T::AccountId,
		lot: Lot,
		units: u64,
	) -> Result<Payment, Lot> {
		if !IsPayable::get() {
			return Err(lot);
		}
		let (credits, basis) = <Self as CreditAccounts<T::AccountId>>::burn(lot);
		let payment = payment(credits, basis);
		Payments::<T::AccountId>::append((device, owner.clone(), units, payment.paid));
		Ok(payment)
	}

	fn quote(credits: Credits, basis: Balance) -> Option<Payment> {
		IsPayable::get().then(|| payment(credits, basis))
	}
}

/// What a claim comes to.
fn payment(credits: Credits, basis: Balance) -> Payment {
	let claim = DemandShares::default().claim(credits, basis, Price::clamp(EpochMean::get()));
	let (value, paid, for_validators) = (claim.value, claim.paid, claim.for_validators);
	Payment { basis, value, paid, for_validators }
}
