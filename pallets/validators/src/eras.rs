//! The clock of eras. Only here is it written.
//!
//! A clock that does not decode stands still: no one is elected, and the set stays.

use alloc::vec::Vec;

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::Get, weights::Weight};
use groma_core::EraIndex;
use groma_stored::Stored;
use groma_traits::{Eras, Standstill};
use pallet_session::Pallet as Session;
use scale_info::TypeInfo;
use sp_staking::SessionIndex;

use crate::{
	pallet::{Clock, Config, EraStarts, Event, Pallet},
	weights::WeightInfo,
};

/// Which era it is, and when the next begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EraClock {
	/// The era whose set validates.
	pub active: EraIndex,
	/// The session before which the era ends, if the next one is elected in time.
	pub end: SessionIndex,
	/// The session in which the next era begins, once its set is elected.
	pub next: Option<SessionIndex>,
	/// The oldest era whose set is remembered.
	pub oldest: EraIndex,
}

impl EraClock {
	/// The last era whose election counted stake.
	pub fn counted(&self) -> EraIndex {
		self.active.saturating_add(EraIndex::from(self.next.is_some()))
	}

	/// Whether the next era begins in this session, or should have.
	pub(crate) fn has_next_by(&self, session: SessionIndex) -> bool {
		self.next.is_some_and(|next| session >= next)
	}

	/// Whether the session that is planned is the first of an era that is not elected.
	fn is_election_due(&self, planned: SessionIndex) -> bool {
		self.next.is_none() && planned >= self.end
	}
}

impl<T: Config> Pallet<T> {
	/// The clock; `None` if it does not decode.
	pub(crate) fn clock() -> Option<EraClock> {
		groma_stored::value::<Clock<T>, EraClock>().or_absent(EraClock::default())
	}

	/// Starts the clock with the first era.
	pub(crate) fn start_clock() {
		Clock::<T>::put(EraClock { end: era_length::<T>(), ..EraClock::default() });
		EraStarts::<T>::insert(0, 0);
	}

	/// Elects the set of the next era if the planned session is its first.
	pub(crate) fn elect_if_due(planned: SessionIndex) -> Option<Vec<T::AccountId>> {
		if T::Standstill::now() {
			return None;
		}
		let clock = Self::clock().filter(|clock| clock.is_election_due(planned))?;
		let elected = Self::elect(clock.active.saturating_add(1));
		Clock::<T>::put(EraClock { next: Some(planned), ..clock });
		Some(elected)
	}

	/// Looks back at the era that ends with this session, if one does. Of an era that should have
	/// ended in a standstill it is not known who authored what.
	pub(crate) fn end_era_if_due(ended: SessionIndex) {
		let is_last = |clock: &EraClock| clock.next == Some(ended.saturating_add(1));
		if T::Standstill::now() {
			return;
		}
		if let Some(clock) = Self::clock().filter(is_last) {
			Self::chill_idle(clock.active);
		}
	}

	/// Begins the next era if it is elected and its session is there. Returns whether it did.
	pub(crate) fn begin_era_if_due(session: SessionIndex) -> bool {
		if T::Standstill::now() {
			return false;
		}
		let Some(clock) = Self::clock().filter(|clock| clock.has_next_by(session)) else {
			return false;
		};
		let era = clock.active.saturating_add(1);
		let remembered = era.saturating_sub(T::EvidenceEras::get());
		let oldest = Self::forget_sets(clock.oldest, remembered);
		(clock.oldest..oldest).for_each(EraStarts::<T>::remove);
		// Its set works from the session on for which it was elected.
		EraStarts::<T>::insert(era, clock.next.unwrap_or(session));
		Clock::<T>::put(EraClock {
			active: era,
			end: session.saturating_add(era_length::<T>()),
			next: None,
			oldest,
		});
		Self::forget_authors();
		Self::disable_for_era();
		Self::deposit_event(Event::EraBegan { era, session });
		true
	}

	/// The first session of an era that is remembered.
	pub(crate) fn first_session_of(era: EraIndex) -> Option<SessionIndex> {
		stored_start::<T>(era).value()
	}

	/// The era whose set worked in a session; `None` if that is forgotten or to come, or if it
	/// cannot be known, since something does not decode.
	pub(crate) fn era_of(session: SessionIndex) -> Option<EraIndex> {
		let clock = Self::clock().filter(|_| session <= Session::<T>::current_index())?;
		if clock.has_next_by(session) {
			// A standstill keeps the era from beginning, but its set works.
			return Some(clock.active.saturating_add(1));
		}
		for era in (clock.oldest..=clock.active).rev() {
			match stored_start::<T>(era) {
				Stored::Value(first) if first <= session => return Some(era),
				Stored::Value(_) => {}
				Stored::Absent | Stored::Undecodable => return None,
			}
		}
		None
	}

	/// Counts the block for its author. An era that a standstill kept from beginning begins first.
	pub(crate) fn tick() -> Weight {
		if T::Standstill::now() {
			return T::DbWeight::get().reads(1);
		}
		let has_begun = Self::begin_era_if_due(Session::<T>::current_index());
		if let Some(index) = Self::author_of_block() {
			Self::note_author(index);
		}
		let begun = if has_begun { <T as Config>::WeightInfo::begin_era() } else { Weight::zero() };
		<T as Config>::WeightInfo::note_author().saturating_add(begun)
	}
}

pub(crate) fn stored_start<T: Config>(era: EraIndex) -> Stored<SessionIndex> {
	groma_stored::entry::<EraStarts<T>, EraIndex, SessionIndex>(era)
}

/// How many sessions the era that begins has.
fn era_length<T: Config>() -> SessionIndex {
	T::SessionsPerEra::get().max(1)
}

impl<T: Config> Eras for Pallet<T> {
	/// 0 if the clock does not decode, so that nothing falls due.
	fn active() -> EraIndex {
		Self::clock().unwrap_or_default().active
	}

	fn counted() -> Option<EraIndex> {
		Self::clock().map(|clock| clock.counted())
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T: Config> groma_traits::ErasBenchmarkHelper<T::AccountId> for Pallet<T> {
	fn set_era(era: EraIndex) {
		Clock::<T>::put(EraClock { active: era, end: SessionIndex::MAX, next: None, oldest: era });
	}

	fn give_keys(who: &T::AccountId) {
		// No one looks whether two have the same.
		let keys = T::Keys::decode(&mut sp_runtime::traits::TrailingZeroInput::zeroes());
		pallet_session::NextKeys::<T>::insert(who, keys.expect("zeroes are keys"));
	}
}
