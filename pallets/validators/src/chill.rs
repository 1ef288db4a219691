//! Who authored nothing in an era, and is no candidate any more. Only here is written who did.

use alloc::vec::Vec;

use frame_support::traits::Get;
use groma_core::EraIndex;
use pallet_session::Pallet as Session;

use crate::{
	election::floor_of,
	pallet::{Authored, Config, Event, Pallet},
};

/// At most a tenth of a set, rounded up, is chilled after an era.
const CHILLED_PART: usize = 10;

impl<T: Config> Pallet<T> {
	/// Remembers that the validator at this index of the set authored a block in the active era.
	pub(crate) fn remember_author(index: usize) {
		let mut authored = Authored::<T>::get();
		if authored.get(index).copied().unwrap_or_default() {
			return;
		}
		let length = authored.len().max(index.saturating_add(1));
		authored.bounded_resize(length, false);
		if let Some(has_authored) = authored.get_mut(index) {
			*has_authored = true;
			Authored::<T>::put(authored);
		}
	}

	/// Begins to remember again.
	pub(crate) fn forget_authors() {
		Authored::<T>::kill();
	}

	/// Ends the candidacy of members of the set that authored nothing in the era, and of at most a
	/// tenth of the set: of no one if fewer than two thirds of the set did, since then the network
	/// was ill, or if fewer than the floor could be elected without them.
	pub(crate) fn chill_idle(era: EraIndex) {
		let set = Session::<T>::validators();
		let authored = Authored::<T>::get();
		let has_authored = |index: usize| authored.get(index).copied().unwrap_or_default();
		let authors = (0..set.len()).filter(|index| has_authored(*index)).count();
		if authors == set.len() || authors.saturating_mul(3) < set.len().saturating_mul(2) {
			return;
		}
		let Some(candidates) = Self::candidates() else { return };
		let idle = set.iter().enumerate().filter(|(index, _)| !has_authored(*index));
		let mut chilled: Vec<_> = idle
			.map(|(_, validator)| validator.clone())
			.filter(|validator| candidates.binary_search(validator).is_ok())
			.take(set.len().div_ceil(CHILLED_PART))
			.collect();
		if chilled.is_empty() {
			return;
		}
		chilled.sort();
		let floor = floor_of(set.len());
		let own_stake_min = T::OwnStakeMin::get();
		let others = candidates.iter().filter(|it| chilled.binary_search(*it).is_err());
		let seats = others.filter_map(|it| Self::seat_above(it, own_stake_min));
		if seats.take(floor).count() < floor {
			return;
		}
		Self::remove_candidates(&chilled);
		for validator in chilled {
			Self::deposit_event(Event::Chilled { validator, era });
		}
	}
}
