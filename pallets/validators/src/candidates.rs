//! Who wants to validate. Only here is the list of candidates written.

use frame_support::{BoundedVec, pallet_prelude::*};
use groma_core::money::Balance;
use groma_traits::HasKeys;
use pallet_session::{NextKeys, Pallet as Session};

use crate::pallet::{Candidates, Config, Error, Event, Pallet};

/// Candidates, sorted by account.
pub type CandidateList<T> =
	BoundedVec<<T as frame_system::Config>::AccountId, <T as Config>::MaxCandidates>;

impl<T: Config> Pallet<T> {
	/// All candidates; `None` if the list does not decode.
	pub fn candidates() -> Option<CandidateList<T>> {
		groma_stored::value::<Candidates<T>, CandidateList<T>>().or_absent(BoundedVec::new())
	}

	/// Whether an account is a candidate.
	pub fn is_candidate(account: &T::AccountId) -> bool {
		Self::candidates().is_some_and(|list| list.binary_search(account).is_ok())
	}

	/// Makes those the candidates that a genesis has keys of.
	pub(crate) fn declare_at_genesis(validators: &[T::AccountId]) {
		let mut candidates = validators.to_vec();
		candidates.sort();
		Candidates::<T>::put(CandidateList::<T>::truncate_from(candidates));
	}

	pub(crate) fn do_declare(
		candidate: T::AccountId,
		displaces: Option<T::AccountId>,
	) -> DispatchResult {
		ensure!(Session::<T>::load_keys(&candidate).is_some(), Error::<T>::NoKeys);
		ensure!(!Self::is_barred(&candidate), Error::<T>::IsBarred);
		let total = Self::seat_of(&candidate).ok_or(Error::<T>::BelowMinimum)?.total;
		let mut candidates = Self::candidates().ok_or(Error::<T>::Unreadable)?;
		ensure!(candidates.binary_search(&candidate).is_err(), Error::<T>::AlreadyCandidate);
		let mut displaced = None;
		if candidates.is_full() {
			let least = displaces.ok_or(Error::<T>::CandidatesFull)?;
			Self::displace(&mut candidates, &least, total)?;
			displaced = Some(least);
		}
		let place = candidates.binary_search(&candidate).unwrap_or_else(|place| place);
		candidates.try_insert(place, candidate.clone()).map_err(|_| Error::<T>::CandidatesFull)?;
		Candidates::<T>::put(candidates);
		Self::deposit_event(Event::Declared { candidate, displaced });
		Ok(())
	}

	/// Takes a candidate off the list that has less than `total` plancks behind it. One that could
	/// not be elected counts as if it had nothing.
	fn displace(
		candidates: &mut CandidateList<T>,
		least: &T::AccountId,
		total: Balance,
	) -> DispatchResult {
		let place = candidates.binary_search(least).map_err(|_| Error::<T>::NotCandidate)?;
		let behind = Self::seat_of(least).map_or(0, |seat| seat.total);
		ensure!(behind < total, Error::<T>::NotLess);
		candidates.remove(place);
		Ok(())
	}

	pub(crate) fn do_resign(candidate: T::AccountId) -> DispatchResult {
		let mut candidates = Self::candidates().ok_or(Error::<T>::Unreadable)?;
		let place = candidates.binary_search(&candidate).map_err(|_| Error::<T>::NotCandidate)?;
		candidates.remove(place);
		Candidates::<T>::put(candidates);
		Self::deposit_event(Event::Resigned { candidate });
		Ok(())
	}

	/// Ends the candidacy, if there is one, of an account whose keys are gone. A list that does not
	/// decode keeps no one from leaving: without keys no one is elected.
	pub(crate) fn do_leave(operator: T::AccountId) {
		if Self::is_candidate(&operator) {
			Self::remove_candidates(core::slice::from_ref(&operator));
			Self::deposit_event(Event::Resigned { candidate: operator.clone() });
		}
		Self::deposit_event(Event::Left { operator });
	}

	/// Takes these off the list. They are sorted.
	pub(crate) fn remove_candidates(removed: &[T::AccountId]) {
		let Some(mut candidates) = Self::candidates() else { return };
		candidates.retain(|candidate| removed.binary_search(candidate).is_err());
		Candidates::<T>::put(candidates);
	}
}

impl<T: Config> HasKeys<T::AccountId> for Pallet<T> {
	fn has_keys(who: &T::AccountId) -> bool {
		NextKeys::<T>::contains_key(who)
	}
}
