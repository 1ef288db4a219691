//! What those who delegate do. Every call settles the record that it touches first.

use alloc::vec::Vec;

use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult, Get},
	storage::with_storage_layer,
	traits::fungible::MutateHold,
};
use groma_core::{EraIndex, money::Balance};
use groma_traits::{Emission, Eras, HasKeys};
use sp_runtime::ArithmeticError;

use crate::{
	Config, Delegation, Ended, Error, Event, HoldReason, Operator, Pallet, Part, ThawingPart,
	pool::earned,
};

impl<T: Config> Pallet<T> {
	/// What an account delegated to an operator; `None` if it does not decode.
	pub fn delegation_of(delegator: &T::AccountId, operator: &T::AccountId) -> Option<Delegation> {
		Self::stored_delegation(delegator, operator).or_absent(Delegation::default())
	}

	/// Plancks that slashes took of what is delegated, and that are burned when the records are
	/// settled; `None` if the sum does not decode.
	pub fn unsettled() -> Option<Balance> {
		Some(Self::stored_sums().or_absent(Default::default())?.unsettled())
	}

	/// The records of an operator and of a delegation to it.
	fn records(
		delegator: &T::AccountId,
		operator: &T::AccountId,
	) -> Result<(Operator, Delegation), DispatchError> {
		let delegation = Self::delegation(delegator, operator)?.ok_or(Error::<T>::NoDelegation)?;
		let record = Self::operator(operator)?.ok_or(Error::<T>::NoDelegation)?;
		Ok((record, delegation))
	}

	/// Stores both.
	fn keep(
		delegator: &T::AccountId,
		operator: &T::AccountId,
		mut record: Operator,
		delegation: Delegation,
	) {
		Self::put_delegation(delegator, operator, &mut record, delegation);
		Self::put_operator(operator, record);
	}

	pub(crate) fn do_delegate(
		delegator: T::AccountId,
		operator: T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		ensure!(delegator != operator, Error::<T>::OwnOperator);
		let mut record = Self::operator(&operator)?.ok_or(Error::<T>::UnknownOperator)?;
		ensure!(T::Keys::has_keys(&operator), Error::<T>::UnknownOperator);
		ensure!(record.is_open, Error::<T>::PoolClosed);
		ensure!(record.pending.is_empty(), Error::<T>::SlashPending);
		let known = Self::delegation(&delegator, &operator)?;
		if known.is_none() {
			record.delegations = record.delegations.saturating_add(1);
		}
		let mut delegation = known.unwrap_or_default();
		Self::settle_record(&delegator, &operator, &mut record, &mut delegation)?;
		let standing = delegation.active.principal.saturating_add(amount);
		let is_enough = amount > 0 && standing >= T::DelegationMin::get();
		ensure!(is_enough, Error::<T>::BelowMinimum);
		T::Currency::hold(&HoldReason::Delegated.into(), &delegator, amount)?;
		let before = record.pool.stake.tokens;
		let shares = record.pool.stake.join(amount).ok_or(ArithmeticError::Overflow)?;
		delegation.active.add(shares, amount);
		Self::change_sums(|sums| sums.held = sums.held.saturating_add(amount));
		Self::note_live(before, record.pool.stake.tokens);
		Self::keep(&delegator, &operator, record, delegation);
		Self::deposit_event(Event::Delegated { delegator, operator, amount, shares });
		Ok(())
	}

	pub(crate) fn do_undelegate(
		delegator: T::AccountId,
		operator: T::AccountId,
		amount: Option<Balance>,
	) -> DispatchResult {
		let (mut record, mut delegation) = Self::records(&delegator, &operator)?;
		Self::settle_record(&delegator, &operator, &mut record, &mut delegation)?;
		let standing = delegation.active.principal;
		ensure!(standing > 0, Error::<T>::NoDelegation);
		let amount = amount.unwrap_or(standing);
		let left = standing.checked_sub(amount).ok_or(Error::<T>::NotEnoughActive)?;
		let leaves_enough = left == 0 || left >= T::DelegationMin::get();
		let is_movable = crate::own::is_movable(amount, left, T::ProvisionMin::get());
		ensure!(leaves_enough && is_movable, Error::<T>::BelowMinimum);
		let shares = if left == 0 {
			delegation.active.shares
		} else {
			record.pool.stake.shares_for(amount).min(delegation.active.shares)
		};
		Self::leave_pool(&operator, &mut record, shares);
		delegation.active.shares = delegation.active.shares.saturating_sub(shares);
		delegation.active.principal = left;
		let era = Self::begin_thaw(&operator, &mut delegation, amount)?;
		Self::keep(&delegator, &operator, record, delegation);
		let due = era.saturating_add(T::Spans::get().thaw);
		Self::deposit_event(Event::Undelegated { delegator, operator, amount, era, due });
		Ok(())
	}

	pub(crate) fn do_withdraw_delegated(
		delegator: T::AccountId,
		operator: T::AccountId,
	) -> DispatchResult {
		let (mut record, mut delegation) = Self::records(&delegator, &operator)?;
		Self::settle_record(&delegator, &operator, &mut record, &mut delegation)?;
		let (now, thaw) = (T::Eras::active(), T::Spans::get().thaw);
		let is_due = |entry: &ThawingPart| entry.era.saturating_add(thaw) <= now;
		ensure!(delegation.thawing.iter().any(is_due), Error::<T>::NothingDue);
		let first_pending = record.first_pending();
		let mut free = Vec::new();
		delegation.thawing.retain(|entry| {
			let is_concerned = first_pending.is_some_and(|era| entry.era >= era);
			let is_free = is_due(entry) && !is_concerned;
			if is_free {
				free.push(*entry);
			}
			!is_free
		});
		ensure!(!free.is_empty(), Error::<T>::SlashPending);
		let mut amount: Balance = 0;
		for entry in free {
			Self::leave_tranche(&operator, entry)?;
			amount = amount.saturating_add(entry.part.principal);
		}
		Self::change_sums(|sums| sums.held = sums.held.saturating_sub(amount));
		Self::keep(&delegator, &operator, record, delegation);
		Self::release_held(HoldReason::Delegated, &delegator, amount);
		Self::deposit_event(Event::DelegationWithdrawn { delegator, operator, amount });
		Ok(())
	}

	/// Pays an account what it is owed for what it delegated; an operator, for its own stake and as
	/// its commission.
	pub(crate) fn do_claim(operator: T::AccountId, account: T::AccountId) -> DispatchResult {
		let amount = if account == operator {
			let mut record = Self::operator(&operator)?.ok_or(Error::<T>::NothingOwed)?;
			let amount = core::mem::take(&mut record.owed);
			Self::put_operator(&operator, record);
			amount
		} else {
			let (mut record, mut delegation) = Self::records(&account, &operator)?;
			Self::settle_record(&account, &operator, &mut record, &mut delegation)?;
			let amount = core::mem::take(&mut delegation.owed);
			Self::keep(&account, &operator, record, delegation);
			amount
		};
		ensure!(amount > 0, Error::<T>::NothingOwed);
		T::Emission::pay(&account, amount).map_err(|_| Error::<T>::CannotReceive)?;
		Self::deposit_event(Event::RewardClaimed { operator, account, amount });
		Ok(())
	}

	/// Settles delegations of these accounts. Those that are not there, or of which something does
	/// not decode, stay as they are.
	pub(crate) fn do_settle(operator: &T::AccountId, accounts: &[T::AccountId]) {
		for delegator in accounts {
			// What failed in the middle is undone.
			let _ = with_storage_layer(|| -> DispatchResult {
				let (mut record, mut delegation) = Self::records(delegator, operator)?;
				Self::settle_record(delegator, operator, &mut record, &mut delegation)?;
				Self::keep(delegator, operator, record, delegation);
				Ok(())
			});
		}
	}

	/// Brings a record up to date: credits what its shares earned, and burns what slashes took. The
	/// caller stores both records.
	fn settle_record(
		delegator: &T::AccountId,
		operator: &T::AccountId,
		record: &mut Operator,
		delegation: &mut Delegation,
	) -> DispatchResult {
		let lost_active = Self::settle_active(operator, record, delegation)?;
		let lost_thawing = Self::settle_thawing(operator, delegation)?;
		let burned = lost_active.saturating_add(lost_thawing);
		if burned > 0 {
			Self::take_held(HoldReason::Delegated, delegator, burned, None);
			Self::change_sums(|sums| sums.held = sums.held.saturating_sub(burned));
			let (delegator, operator) = (delegator.clone(), operator.clone());
			Self::deposit_event(Event::Settled { delegator, operator, burned });
		}
		Ok(())
	}

	/// Settles the part of the pool, and returns what it lost. Shares of a generation that ended
	/// earned until then.
	fn settle_active(
		operator: &T::AccountId,
		record: &mut Operator,
		delegation: &mut Delegation,
	) -> Result<Balance, DispatchError> {
		let (pool, active) = (record.pool, &mut delegation.active);
		let has_ended = active.generation != pool.stake.generation;
		let until = if has_ended && active.shares > 0 {
			Self::leave_ended(operator, active.generation, active.shares)?
		} else {
			pool.per_share
		};
		let reward = earned(active.shares, delegation.settled_per_share, until);
		delegation.owed = delegation.owed.saturating_add(reward);
		delegation.settled_per_share = pool.per_share;
		let lost = active.settle(&pool.stake);
		if has_ended {
			active.shares = 0;
		} else if active.principal == 0 {
			// Rounding left nothing.
			let shares = core::mem::take(&mut active.shares);
			Self::leave_pool(operator, record, shares);
		}
		delegation.active.generation = record.pool.stake.generation;
		Ok(lost)
	}

	/// Settles what thaws, and returns what it lost. Entries of which nothing is left are removed.
	fn settle_thawing(
		operator: &T::AccountId,
		delegation: &mut Delegation,
	) -> Result<Balance, DispatchError> {
		let mut lost: Balance = 0;
		for entry in delegation.thawing.iter_mut() {
			let tranche = Self::tranche(operator, entry.era)?;
			lost = lost.saturating_add(entry.part.settle(&tranche.stake));
			if entry.part.principal == 0 {
				Self::leave_tranche(operator, *entry)?;
			}
		}
		delegation.thawing.retain(|entry| entry.part.principal > 0);
		Ok(lost)
	}

	/// Removes shares of the present generation from the pool. The caller stores the record.
	fn leave_pool(operator: &T::AccountId, record: &mut Operator, shares: u128) {
		let (before, per_share) = (record.pool.stake, record.pool.per_share);
		let shares = record.pool.stake.leave(shares);
		Self::note_live(before.tokens, record.pool.stake.tokens);
		Self::end_generation(operator, before.generation, Ended { per_share, shares });
	}

	/// Adds an amount to what thaws of the last era that it backed, and returns that era: never one
	/// before that of an entry which is there. Without room for one more entry the newest joins it.
	fn begin_thaw(
		operator: &T::AccountId,
		delegation: &mut Delegation,
		amount: Balance,
	) -> Result<EraIndex, DispatchError> {
		let newest = delegation.thawing.last().copied();
		let counted = Self::counted_era()?;
		let era = newest.map_or(counted, |it| it.era.max(counted));
		if let Some(entry) = delegation.thawing.last_mut().filter(|entry| entry.era == era) {
			let part = Self::join_tranche(operator, era, amount, false)?;
			entry.part.add(part.shares, amount);
			return Ok(era);
		}
		let mut amount = amount;
		if delegation.thawing.is_full()
			&& let Some(entry) = delegation.thawing.pop()
		{
			Self::leave_tranche(operator, entry)?;
			amount = amount.saturating_add(entry.part.principal);
		}
		let part = Self::join_tranche(operator, era, amount, true)?;
		let pushed = delegation.thawing.try_push(ThawingPart { era, part });
		pushed.map_err(|_| ArithmeticError::Overflow)?;
		Ok(era)
	}

	/// Adds an amount to what thaws of an era, as a separate entry or as a part of one.
	fn join_tranche(
		operator: &T::AccountId,
		era: EraIndex,
		amount: Balance,
		is_entry: bool,
	) -> Result<Part, DispatchError> {
		let mut tranche = Self::tranche(operator, era)?;
		let before = tranche.stake.tokens;
		let shares = tranche.stake.join(amount).ok_or(ArithmeticError::Overflow)?;
		tranche.entries = tranche.entries.saturating_add(u32::from(is_entry));
		Self::note_live(before, tranche.stake.tokens);
		Self::put_tranche(operator, era, tranche);
		Ok(Part { shares, generation: tranche.stake.generation, principal: amount })
	}

	/// Removes an entry from what thaws of its era.
	fn leave_tranche(operator: &T::AccountId, entry: ThawingPart) -> DispatchResult {
		let mut tranche = Self::tranche(operator, entry.era)?;
		let before = tranche.stake.tokens;
		if entry.part.generation == tranche.stake.generation {
			// If rounding takes the last planck, the others' entries have ended, too.
			tranche.stake.leave(entry.part.shares);
		}
		tranche.entries = tranche.entries.saturating_sub(1);
		Self::note_live(before, tranche.stake.tokens);
		Self::put_tranche(operator, entry.era, tranche);
		Ok(())
	}
}
