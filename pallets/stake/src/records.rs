//! What is stored of operators and of those who delegate to them. Every write to these maps is
//! here.

use frame_support::{defensive, pallet_prelude::DispatchError};
use groma_core::{EraIndex, money::Balance};
use groma_stored::Stored;

use crate::{
	Config, DelegatedSums, Delegation, Delegations, Ended, Error, Event, Generations, Operator,
	Operators, Pallet, Sums, Tranche, Tranches,
};

impl<T: Config> Pallet<T> {
	/// What is stored of an operator.
	pub(crate) fn stored_operator(operator: &T::AccountId) -> Stored<Operator> {
		groma_stored::entry::<Operators<T>, T::AccountId, Operator>(operator)
	}

	/// What is stored of a delegation.
	pub(crate) fn stored_delegation(
		delegator: &T::AccountId,
		operator: &T::AccountId,
	) -> Stored<Delegation> {
		groma_stored::double_entry::<Delegations<T>, T::AccountId, T::AccountId, Delegation>(
			delegator, operator,
		)
	}

	/// What is stored of what thaws of an era.
	pub(crate) fn stored_tranche(operator: &T::AccountId, era: EraIndex) -> Stored<Tranche> {
		groma_stored::double_entry::<Tranches<T>, T::AccountId, EraIndex, Tranche>(operator, era)
	}

	/// What is stored of a generation that ended.
	pub(crate) fn stored_end(operator: &T::AccountId, generation: u32) -> Stored<Ended> {
		groma_stored::double_entry::<Generations<T>, T::AccountId, u32, Ended>(operator, generation)
	}

	/// What is stored of the sums.
	pub(crate) fn stored_sums() -> Stored<Sums> {
		groma_stored::value::<DelegatedSums<T>, Sums>()
	}

	/// The record of an operator, if there is one; fails if it does not decode.
	pub(crate) fn operator(operator: &T::AccountId) -> Result<Option<Operator>, DispatchError> {
		present::<T, _>(Self::stored_operator(operator))
	}

	/// The record of a delegation, if there is one; fails if it does not decode.
	pub(crate) fn delegation(
		delegator: &T::AccountId,
		operator: &T::AccountId,
	) -> Result<Option<Delegation>, DispatchError> {
		present::<T, _>(Self::stored_delegation(delegator, operator))
	}

	/// What thaws of an era; fails if it does not decode.
	pub(crate) fn tranche(
		operator: &T::AccountId,
		era: EraIndex,
	) -> Result<Tranche, DispatchError> {
		let stored = Self::stored_tranche(operator, era);
		Ok(stored.or_absent(Tranche::default()).ok_or(Error::<T>::Unreadable)?)
	}

	/// Stores an operator; an empty one is removed.
	pub(crate) fn put_operator(operator: &T::AccountId, record: Operator) {
		if record.is_empty() {
			Operators::<T>::remove(operator);
		} else {
			Operators::<T>::insert(operator, record);
		}
	}

	/// Stores a delegation; an empty one is removed, and the operator no longer counts it.
	pub(crate) fn put_delegation(
		delegator: &T::AccountId,
		operator: &T::AccountId,
		record: &mut Operator,
		delegation: Delegation,
	) {
		if delegation.is_empty() {
			Delegations::<T>::remove(delegator, operator);
			record.delegations = record.delegations.saturating_sub(1);
		} else {
			Delegations::<T>::insert(delegator, operator, delegation);
		}
	}

	/// Stores what thaws of an era; without entries it is removed.
	pub(crate) fn put_tranche(operator: &T::AccountId, era: EraIndex, tranche: Tranche) {
		if tranche.entries == 0 {
			Tranches::<T>::remove(operator, era);
		} else {
			Tranches::<T>::insert(operator, era, tranche);
		}
	}

	/// Notes that a generation of a pool lost all, if it had shares: records of it are not settled.
	pub(crate) fn end_generation(operator: &T::AccountId, generation: u32, ended: Ended) {
		if ended.shares == 0 {
			return;
		}
		if !matches!(Self::stored_end(operator, generation), Stored::Absent) {
			defensive!("a generation ends once");
			return;
		}
		Generations::<T>::insert(operator, generation, ended);
		Self::deposit_event(Event::GenerationEnded { operator: operator.clone(), generation });
	}

	/// Takes shares out of a generation that ended, and returns what a share had earned by then.
	pub(crate) fn leave_ended(
		operator: &T::AccountId,
		generation: u32,
		shares: u128,
	) -> Result<u128, DispatchError> {
		let Some(mut ended) = present::<T, _>(Self::stored_end(operator, generation))? else {
			defensive!("a generation is kept until all of it are settled");
			return Ok(0);
		};
		ended.shares = ended.shares.saturating_sub(shares);
		if ended.shares == 0 {
			Generations::<T>::remove(operator, generation);
		} else {
			Generations::<T>::insert(operator, generation, ended);
		}
		Ok(ended.per_share)
	}

	/// Changes the sums. If they do not decode they stay: the upgrade that mends them counts again.
	pub(crate) fn change_sums(change: impl FnOnce(&mut Sums)) {
		if let Some(mut sums) = Self::stored_sums().or_absent(Sums::default()) {
			change(&mut sums);
			DelegatedSums::<T>::put(sums);
		}
	}

	/// Notes that the plancks of a pool or tranche are others now.
	pub(crate) fn note_live(before: Balance, after: Balance) {
		if before != after {
			// Sums of what is on hold, or was: below the issuance.
			Self::change_sums(|sums| {
				sums.live = sums.live.saturating_add(after).saturating_sub(before);
			});
		}
	}
}

/// The value, if there is one; fails if it does not decode.
fn present<T: Config, V>(stored: Stored<V>) -> Result<Option<V>, DispatchError> {
	match stored {
		Stored::Value(value) => Ok(Some(value)),
		Stored::Absent => Ok(None),
		Stored::Undecodable => Err(Error::<T>::Unreadable.into()),
	}
}
