//! What must hold of the whole state between blocks.

use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};

use frame_support::{ensure, traits::Get};
use groma_core::{EpochIndex, EraIndex};
use groma_traits::Emission;
use pallet_session::Pallet as Session;
use sp_runtime::TryRuntimeError;
use sp_staking::SessionIndex;

use crate::{
	barring::stored_barred,
	election::stored_set,
	eras::stored_start,
	key_history::{KeyId, Retired, stored_key_use, stored_keys_in_use},
	offences::{Waiting, stored_count, stored_offence, stored_swept},
	pallet::{
		Config, DisabledAtEnd, Elected, EraStarts, KeyUses, Offences, OffenderCounts, Pallet,
		RetiredKeys, Slashes, Workers, Works,
	},
	points::{Work, stored_work, stored_workers},
	queue::Queue,
};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the README.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		ensure!(!DisabledAtEnd::<T>::exists(), "a change of the session was not finished");
		let validators = Session::<T>::validators().len();
		ensure!(
			u32::try_from(validators).is_ok_and(|count| count <= T::MaxValidators::get()),
			"there are more validators than can be noted as disabled"
		);
		Self::check_candidates()?;
		Self::check_sets()?;
		Self::check_starts()?;
		Self::check_keys()?;
		Self::check_offences()?;
		Self::check_slashes()?;
		Self::check_works()
	}

	fn check_candidates() -> Result<(), TryRuntimeError> {
		let candidates = Self::candidates().ok_or("the candidates do not decode")?;
		let is_sorted = candidates.is_sorted_by(|one, next| one < next);
		ensure!(is_sorted, "candidates are not sorted, or one is there twice");
		Ok(())
	}

	/// Every era that is remembered has its set, no other has, and that of the active one
	/// validates.
	fn check_sets() -> Result<(), TryRuntimeError> {
		let clock = Self::clock().ok_or("the clock of eras does not decode")?;
		let remembered = clock.oldest..=clock.counted();
		ensure!(remembered.contains(&clock.active), "the active era is forgotten");
		for era in Elected::<T>::iter_keys() {
			ensure!(remembered.contains(&era), "a set is that of no era");
			ensure!(!stored_set::<T>(era).is_undecodable(), "a set does not decode");
		}
		let count = Elected::<T>::iter_keys().count();
		// Before genesis is built there is none.
		ensure!(count == 0 || count == remembered.count(), "the set of an era is missing");
		if clock.has_next_by(Session::<T>::current_index()) {
			// A standstill keeps the era from beginning.
			return Ok(());
		}
		let set = Self::set_of(clock.active).unwrap_or_default();
		let members: Vec<_> = set.into_iter().map(|seat| seat.validator).collect();
		ensure!(
			count == 0 || members == Session::<T>::validators(),
			"the present set is not that of the active era"
		);
		Ok(())
	}

	/// Every era from the oldest one that is remembered to the active one has its first session.
	fn check_starts() -> Result<(), TryRuntimeError> {
		let clock = Self::clock().ok_or("the clock of eras does not decode")?;
		let count = EraStarts::<T>::iter_keys().count();
		if count == 0 {
			// Before genesis is built.
			return Ok(());
		}
		let remembered = clock.oldest..=clock.active;
		ensure!(count == remembered.clone().count(), "the first session of an era is missing");
		let mut before = None;
		for era in remembered {
			let start = stored_start::<T>(era).value().ok_or("a first session does not decode")?;
			ensure!(before < Some(start), "eras do not begin one after the other");
			before = Some(start);
		}
		Ok(())
	}

	/// Uses of keys are those of the present session, and those that wait to be forgotten.
	fn check_keys() -> Result<(), TryRuntimeError> {
		let in_use = stored_keys_in_use::<T>().or_absent(Default::default());
		let in_use = in_use.ok_or("the keys in use do not decode")?;
		let mut uses = BTreeSet::<(KeyId, SessionIndex)>::new();
		for used in in_use {
			let stored = stored_key_use::<T>(used.key, used.first).value();
			let is_same =
				stored.is_some_and(|it| it.validator == used.validator && it.last.is_none());
			ensure!(is_same, "a key in use is not noted as such");
			ensure!(uses.insert((used.key, used.first)), "a key is in use twice");
		}
		let ends = Retired::<T>::ends().ok_or("the ends of retired keys do not decode")?;
		for place in RetiredKeys::<T>::iter_keys() {
			ensure!((ends.first..ends.next).contains(&place), "a retired key is not in the queue");
			let retired =
				Retired::<T>::item(place).value().ok_or("a retired key does not decode")?;
			let stored = stored_key_use::<T>(retired.key, retired.first).value();
			let is_over = stored.is_some_and(|it| it.last == Some(retired.last));
			ensure!(is_over, "a retired key is not noted as such");
			ensure!(uses.insert((retired.key, retired.first)), "a use of a key ended twice");
		}
		for (key, first) in KeyUses::<T>::iter_keys() {
			ensure!(uses.remove(&(key, first)), "a use of a key is never forgotten");
		}
		Ok(())
	}

	/// Offences are of eras that are not forgotten, and who is not cancelled is counted.
	fn check_offences() -> Result<(), TryRuntimeError> {
		let barred = stored_barred::<T>().or_absent(Default::default());
		let barred = barred.ok_or("who is barred does not decode")?;
		ensure!(barred.is_sorted_by(|one, next| one < next), "who is barred is not sorted");
		let swept = stored_swept::<T>().or_absent(0).ok_or("the swept era does not decode")?;
		let mut counted = BTreeMap::<EraIndex, u32>::new();
		for (era, validator) in Offences::<T>::iter_keys() {
			ensure!(era >= swept, "an offence is of an era that is forgotten");
			let offence =
				stored_offence::<T>(era, &validator).value().ok_or("an offence does not decode")?;
			ensure!(!(offence.is_cancelled && offence.due.is_some()), "a cancelled slash waits");
			let count = counted.entry(era).or_default();
			*count = count.saturating_add(u32::from(!offence.is_cancelled));
		}
		for era in OffenderCounts::<T>::iter_keys() {
			let count = stored_count::<T>(era).value().ok_or("a count does not decode")?;
			// While the offences of an era are being forgotten, its count is that of all.
			let is_counted = counted.remove(&era).unwrap_or_default() == count;
			ensure!(is_counted || era == swept, "offenders of an era are not counted");
		}
		ensure!(counted.values().all(|count| *count == 0), "offenders have no count");
		Ok(())
	}

	/// Slashes wait in the order in which they are due, and every offence that waits has one.
	fn check_slashes() -> Result<(), TryRuntimeError> {
		let ends = Waiting::<T>::ends().ok_or("the ends of slashes do not decode")?;
		let mut waiting = BTreeSet::new();
		let mut last = 0;
		for place in ends.first..ends.next {
			let slash = Waiting::<T>::item(place).value().ok_or("a slash does not decode")?;
			ensure!(slash.due >= last, "slashes are not in the order in which they are due");
			last = slash.due;
			waiting.insert((slash.era, slash.validator, slash.due));
		}
		let count = Slashes::<T>::iter_keys().count();
		let length = ends.next.saturating_sub(ends.first);
		ensure!(u64::try_from(count) == Ok(length), "a slash is in no queue");
		for (era, validator) in Offences::<T>::iter_keys() {
			let Some(offence) = stored_offence::<T>(era, &validator).value() else { continue };
			let Some(due) = offence.due else { continue };
			ensure!(waiting.contains(&(era, validator, due)), "a slash that waits is in no queue");
		}
		Ok(())
	}

	fn check_works() -> Result<(), TryRuntimeError> {
		let mut counted = BTreeMap::<EpochIndex, u32>::new();
		for (epoch, validator) in Works::<T>::iter_keys() {
			let work = stored_work::<T>(epoch, &validator).value().ok_or("work does not decode")?;
			ensure!(work != Work::default(), "work of nothing is kept");
			ensure!(!T::Emission::is_closed(epoch), "a closed epoch kept work");
			let count = counted.entry(epoch).or_default();
			*count = count.saturating_add(1);
		}
		for epoch in Workers::<T>::iter_keys() {
			let count =
				stored_workers::<T>(epoch).value().ok_or("a count of workers does not decode")?;
			ensure!(counted.remove(&epoch) == Some(count), "workers are not those with work");
		}
		ensure!(counted.is_empty(), "work has no count of its workers");
		Ok(())
	}
}
