//! What the session pallet asks when a session changes.

use alloc::vec::Vec;

use frame_support::{BoundedVec, traits::Get};
use pallet_session::{DisabledValidators, KeyOwner, NextKeys, Pallet as Session};
use sp_runtime::traits::OpaqueKeys;
use sp_staking::{SessionIndex, offence::OffenceSeverity};

use crate::{
	barring::BARRED_PART,
	pallet::{Config, DisabledAtEnd, Pallet},
};

impl<T: Config> Pallet<T> {
	/// Whether an account validates in the present session or in the planned one.
	pub(crate) fn is_member(account: &T::AccountId) -> bool {
		Session::<T>::validators().contains(account)
			|| Session::<T>::queued_keys().iter().any(|(validator, _)| validator == account)
	}

	/// The validators, if the session that is planned has other keys than the one that began.
	fn with_changed_keys() -> Option<Vec<T::AccountId>> {
		let has_changed = Session::<T>::queued_keys()
			.into_iter()
			.any(|(validator, keys)| Session::<T>::load_keys(&validator) != Some(keys));
		has_changed.then(Session::<T>::validators)
	}

	/// The set of a session, if an era begins with it, or if a member has other keys than in the
	/// session that began. An era announces its set even if the members are the same: a vote says
	/// in which set it was cast and not when, so that in a set of two eras it would be an offence
	/// in both.
	fn plan(index: SessionIndex) -> Option<Vec<T::AccountId>> {
		Self::elect_if_due(index).or_else(Self::with_changed_keys)
	}

	/// The set of the first two sessions. The chain is founded with the first of them.
	fn at_genesis(index: SessionIndex) -> Vec<T::AccountId> {
		if index > 0 {
			return Self::keyed_at_genesis();
		}
		Self::start_clock();
		Self::found_set()
	}

	/// Notes who is disabled. Indices are of the set that ends, accounts outlive it.
	fn note_disabled() {
		let disabled = DisabledValidators::<T>::get();
		if disabled.is_empty() {
			return;
		}
		let validators = Session::<T>::validators();
		let accounts = disabled.into_iter().filter_map(|(index, severity)| {
			Some((validators.get(usize::try_from(index).ok()?)?.clone(), severity))
		});
		let noted: BoundedVec<_, T::MaxValidators> = BoundedVec::truncate_from(accounts.collect());
		DisabledAtEnd::<T>::put(noted);
	}

	/// Disables again who was noted, in the set that begins. The session pallet keeps its list
	/// sorted by index.
	fn disable_noted() {
		let noted = DisabledAtEnd::<T>::take();
		if noted.is_empty() {
			return;
		}
		let validators = Session::<T>::validators();
		let mut disabled: Vec<_> = noted
			.into_iter()
			.filter_map(|(account, severity)| {
				let index = validators.iter().position(|validator| *validator == account)?;
				Some((u32::try_from(index).ok()?, severity))
			})
			.collect();
		disabled.sort_by_key(|(index, _)| *index);
		DisabledValidators::<T>::put(disabled);
	}

	/// In an era that begins, members that were elected may author again. Disabled stay those who
	/// are in the set without being candidates, since it could not be another. Disabled are those
	/// who were reported after the election, whether or not they were in the set before: as many
	/// as the session pallet's strategy disables.
	pub(crate) fn disable_for_era() {
		let (disabled, barred) = (DisabledValidators::<T>::get(), Self::barred());
		if disabled.is_empty() && barred.is_empty() {
			return;
		}
		let validators = Session::<T>::validators();
		let candidates = Self::candidates().unwrap_or_default();
		let is_barred = |validator: &T::AccountId| barred.binary_search(validator).is_ok();
		let is_candidate = |validator: &T::AccountId| candidates.binary_search(validator).is_ok();
		let most = validators.len().saturating_sub(1).checked_div(BARRED_PART).unwrap_or_default();
		let mut now: Vec<_> = disabled
			.into_iter()
			.filter(|(index, _)| {
				let validator = usize::try_from(*index).ok().and_then(|at| validators.get(at));
				validator.is_none_or(|it| is_barred(it) || !is_candidate(it))
			})
			.collect();
		for (index, validator) in (0..).zip(&validators) {
			if now.len() >= most {
				break;
			}
			if !is_barred(validator) {
				continue;
			}
			if let Err(place) = now.binary_search_by_key(&index, |(disabled, _)| *disabled) {
				now.insert(place, (index, OffenceSeverity(T::FractionMin::get())));
			}
		}
		DisabledValidators::<T>::put(now);
	}

	/// Registers the keys of the session that begins again, for members that have none, or whose
	/// keys do not decode: the session pallet leaves those out of the next set.
	fn restore_keys() {
		for (validator, keys) in Session::<T>::queued_keys() {
			if Session::<T>::load_keys(&validator).is_some() {
				continue;
			}
			for id in T::Keys::key_ids() {
				KeyOwner::<T>::insert((*id, keys.get_raw(*id)), &validator);
			}
			NextKeys::<T>::insert(&validator, &keys);
		}
	}
}

impl<T: Config> pallet_session::SessionManager<T::AccountId> for Pallet<T> {
	fn new_session(index: SessionIndex) -> Option<Vec<T::AccountId>> {
		Self::plan(index)
	}

	fn new_session_genesis(index: SessionIndex) -> Option<Vec<T::AccountId>> {
		Some(Self::at_genesis(index))
	}

	fn start_session(index: SessionIndex) {
		Self::disable_noted();
		Self::restore_keys();
		Self::begin_era_if_due(index);
		Self::note_keys(index);
	}

	fn end_session(ended: SessionIndex) {
		Self::note_disabled();
		Self::end_era_if_due(ended);
	}
}
