//! What an operator does: its own stake, its commission, its pool.

use frame_support::{
	defensive, ensure,
	pallet_prelude::{DispatchError, DispatchResult, Get},
	traits::{fungible::MutateHold, tokens::Precision},
};
use groma_core::{EraIndex, money::Balance, units::Scale};
use groma_traits::Eras;

use crate::{Config, Error, Event, HoldReason, Operator, Pallet, Purpose};

impl<T: Config> Pallet<T> {
	/// What stands behind an operator; `None` if it does not decode.
	pub fn operator_of(operator: &T::AccountId) -> Option<Operator> {
		Self::stored_operator(operator).or_absent(Operator::default())
	}

	/// The era from which on what begins to thaw now can be withdrawn. The last era that it backed
	/// may be the one about to begin.
	fn due_era() -> Result<EraIndex, DispatchError> {
		Ok(Self::counted_era()?.saturating_add(T::Spans::get().thaw))
	}

	/// The last era whose election counted stake; fails if the clock of eras cannot be read.
	pub(crate) fn counted_era() -> Result<EraIndex, DispatchError> {
		Ok(T::Eras::counted().ok_or(Error::<T>::Unreadable)?)
	}

	/// Holds an amount for an operator, and returns what is active then.
	pub(crate) fn add_own(owner: &T::AccountId, amount: Balance) -> Result<Balance, DispatchError> {
		let mut operator = Self::operator(owner)?.unwrap_or_default();
		let active = operator.own.active.saturating_add(amount);
		ensure!(amount > 0 && active >= T::ProvisionMin::get(), Error::<T>::BelowMinimum);
		T::Currency::hold(&HoldReason::Validating.into(), owner, amount)?;
		operator.own.active = active;
		Self::put_operator(owner, operator);
		Ok(active)
	}

	pub(crate) fn do_provision_own(owner: T::AccountId, amount: Balance) -> DispatchResult {
		let active = Self::add_own(&owner, amount)?;
		let purpose = Purpose::Validating;
		Self::deposit_event(Event::Provisioned { owner, purpose, amount, active });
		Ok(())
	}

	pub(crate) fn do_thaw_own(owner: T::AccountId, amount: Balance) -> DispatchResult {
		let mut operator = Self::operator(&owner)?.unwrap_or_default();
		let active = operator.own.active;
		let left = active.checked_sub(amount).ok_or(Error::<T>::NotEnoughActive)?;
		ensure!(is_movable(amount, left, T::ProvisionMin::get()), Error::<T>::BelowMinimum);
		let due = operator.own.thaw(amount, Self::due_era()?);
		Self::put_operator(&owner, operator);
		let purpose = Purpose::Validating;
		Self::deposit_event(Event::ThawBegun { owner, purpose, amount, due });
		Ok(())
	}

	pub(crate) fn do_withdraw_own(owner: T::AccountId) -> DispatchResult {
		let mut operator = Self::operator(&owner)?.unwrap_or_default();
		let now = T::Eras::active();
		let is_due = operator.own.thawing.iter().any(|entry| entry.due <= now);
		ensure!(is_due, Error::<T>::NothingDue);
		let until = Self::withdrawable_until(&operator);
		let amount = operator.own.take_due(until);
		ensure!(amount > 0, Error::<T>::SlashPending);
		Self::put_operator(&owner, operator);
		Self::release_held(HoldReason::Validating, &owner, amount);
		let purpose = Purpose::Validating;
		Self::deposit_event(Event::Withdrawn { owner, purpose, amount });
		Ok(())
	}

	/// Own stake that is due in this era or before can be withdrawn now. What backed the era of an
	/// offence whose slash waits, or a later one, stays.
	pub(crate) fn withdrawable_until(operator: &Operator) -> EraIndex {
		let (now, thaw) = (T::Eras::active(), T::Spans::get().thaw);
		let barrier = operator.first_pending().map(|era| era.saturating_add(thaw));
		barrier.map_or(now, |due| now.min(due.saturating_sub(1)))
	}

	/// Releases what is on hold.
	pub(crate) fn release_held(reason: HoldReason, owner: &T::AccountId, amount: Balance) {
		let released = T::Currency::release(&reason.into(), owner, amount, Precision::BestEffort);
		if released != Ok(amount) {
			defensive!("all that is recorded is on hold");
		}
	}

	pub(crate) fn do_announce_commission(operator: T::AccountId, share: Scale) -> DispatchResult {
		let mut record = Self::operator(&operator)?.ok_or(Error::<T>::UnknownOperator)?;
		ensure!(share <= T::CommissionMax::get(), Error::<T>::CommissionRise);
		// Without a clock the notice would be over when it is mended.
		Self::counted_era()?;
		let announced = record.commission.announce(share, T::Eras::active());
		let era = announced.ok_or(Error::<T>::CommissionRise)?;
		Self::put_operator(&operator, record);
		Self::deposit_event(Event::CommissionAnnounced { operator, share, era });
		Ok(())
	}

	pub(crate) fn do_set_open(operator: T::AccountId, is_open: bool) -> DispatchResult {
		let mut record = Self::operator(&operator)?.ok_or(Error::<T>::UnknownOperator)?;
		record.is_open = is_open;
		Self::put_operator(&operator, record);
		Self::deposit_event(Event::PoolOpened { operator, is_open });
		Ok(())
	}
}

/// Whether an amount may begin to thaw: all, or no less than the least, which leaves no less.
pub(crate) fn is_movable(amount: Balance, left: Balance, least: Balance) -> bool {
	amount > 0 && (left == 0 || left.min(amount) >= least)
}
