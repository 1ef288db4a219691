//! What must hold of the whole state between blocks.

use alloc::{collections::BTreeMap, vec::Vec};

use frame_support::{ensure, traits::Get};
use groma_core::EpochIndex;
use groma_traits::Emission;
use pallet_session::Pallet as Session;
use sp_runtime::TryRuntimeError;

use crate::{
	election::stored_set,
	pallet::{Config, DisabledAtEnd, Elected, Pallet, Workers, Works},
	points::{Work, stored_work, stored_workers},
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
