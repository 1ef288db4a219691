//! Who acts for a payer, and how many credits each may commit.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	BoundedVec, defensive,
	pallet_prelude::*,
	traits::{ConstU32, fungible::MutateHold, tokens::Precision},
};
use groma_core::{
	EpochIndex,
	money::{Balance, Credits},
	protocol::OPERATORS_MAX,
};
use groma_traits::Emission;
use scale_info::TypeInfo;

use crate::{Config, Error, Event, HoldReason, Operators, Pallet};

/// An account that acts for a payer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Operator<AccountId> {
	/// The account.
	pub account: AccountId,
	/// The most credits that it commits in an epoch.
	#[codec(compact)]
	pub credits_per_epoch: Credits,
	/// The epoch in which it committed credits last.
	pub epoch: EpochIndex,
	/// The credits that it committed in that epoch.
	#[codec(compact)]
	pub committed: Credits,
	/// Plancks on hold from the payer.
	#[codec(compact)]
	pub deposit: Balance,
}

/// The operators of a payer.
pub type OperatorList<AccountId> = BoundedVec<Operator<AccountId>, ConstU32<OPERATORS_MAX>>;

impl<T: Config> Pallet<T> {
	/// The operators of a payer; none if they cannot be read.
	pub(crate) fn operators_of(payer: &T::AccountId) -> OperatorList<T::AccountId> {
		Self::stored_operators(payer).unwrap_or_default()
	}

	/// The operators of a payer; an error if they cannot be read.
	pub(crate) fn stored_operators(
		payer: &T::AccountId,
	) -> Result<OperatorList<T::AccountId>, Error<T>> {
		groma_stored::entry::<Operators<T>, T::AccountId, OperatorList<T::AccountId>>(payer)
			.or_absent(Default::default())
			.ok_or(Error::<T>::Unreadable)
	}

	pub(crate) fn do_set_operator(
		payer: T::AccountId,
		operator: T::AccountId,
		credits_per_epoch: Credits,
	) -> DispatchResult {
		let mut operators = Self::stored_operators(&payer)?;
		if let Some(known) = operators.iter_mut().find(|known| known.account == operator) {
			known.credits_per_epoch = credits_per_epoch;
		} else {
			let deposit = T::OperatorDeposit::get();
			let account = operator.clone();
			operators
				.try_push(Operator { account, credits_per_epoch, epoch: 0, committed: 0, deposit })
				.map_err(|_| Error::<T>::TooManyOperators)?;
			T::Currency::hold(&HoldReason::Operator.into(), &payer, deposit)?;
		}
		Operators::<T>::insert(&payer, operators);
		Self::deposit_event(Event::OperatorSet { payer, operator, credits_per_epoch });
		Ok(())
	}

	pub(crate) fn do_remove_operator(
		payer: T::AccountId,
		operator: T::AccountId,
	) -> DispatchResult {
		let mut operators = Self::stored_operators(&payer)?;
		let place = operators.iter().position(|known| known.account == operator);
		let removed = operators.remove(place.ok_or(Error::<T>::NotOperator)?);
		if operators.is_empty() {
			Operators::<T>::remove(&payer);
		} else {
			Operators::<T>::insert(&payer, operators);
		}
		let reason = HoldReason::Operator.into();
		if T::Currency::release(&reason, &payer, removed.deposit, Precision::BestEffort).is_err() {
			defensive!("a deposit on hold cannot be released");
		}
		Self::deposit_event(Event::OperatorRemoved { payer, operator });
		Ok(())
	}

	/// Counts credits that an operator commits, if its payer allows so many in the present epoch.
	/// It commits none as long as no one knows the epoch: every limit would begin again.
	pub(crate) fn do_commit(
		payer: &T::AccountId,
		who: &T::AccountId,
		credits: Credits,
	) -> DispatchResult {
		let epoch = T::Emission::present_epoch().ok_or(Error::<T>::Unreadable)?;
		let mut operators = Self::stored_operators(payer)?;
		let operator = operators.iter_mut().find(|known| known.account == *who);
		let operator = operator.ok_or(Error::<T>::NotOperator)?;
		if operator.epoch != epoch {
			operator.epoch = epoch;
			operator.committed = 0;
		}
		operator.committed = operator
			.committed
			.checked_add(credits)
			.filter(|committed| *committed <= operator.credits_per_epoch)
			.ok_or(Error::<T>::OperatorLimitReached)?;
		Operators::<T>::insert(payer, operators);
		Ok(())
	}
}
