//! Points for blocks, and what they earn when their epoch is closed. Only here are they written.

use alloc::vec::Vec;

use frame_support::{
	traits::{FindAuthor, Get},
	weights::Weight,
};
use groma_core::{EpochIndex, money::Balance};
use groma_stored::Stored;
use groma_traits::{Backing, ClosedEpoch, Emission, OnEpochClosed};
use pallet_session::Pallet as Session;

use crate::{
	pallet::{Authors, Config, Event, Pallet, Points},
	weights::WeightInfo,
};

/// Points of a validator in an epoch.
pub(crate) fn stored_points<T: Config>(epoch: EpochIndex, validator: &T::AccountId) -> Stored<u32> {
	groma_stored::double_entry::<Points<T>, _, _, u32>(epoch, validator)
}

/// How many validators have points in an epoch.
pub(crate) fn stored_authors<T: Config>(epoch: EpochIndex) -> Stored<u32> {
	groma_stored::entry::<Authors<T>, _, u32>(epoch)
}

/// What so many points of `total` earn of a pool, rounded down.
pub(crate) fn share_of(pool: Balance, points: u32, total: u64) -> Balance {
	pool.saturating_mul(points.into()).checked_div(total.into()).unwrap_or_default()
}

impl<T: Config> Pallet<T> {
	/// The index of the author of the block in the set of its session.
	pub(crate) fn author_of_block() -> Option<u32> {
		let digest = frame_system::Pallet::<T>::digest();
		let pre_runtime = digest.logs.iter().filter_map(|item| item.as_pre_runtime());
		<T as Config>::FindAuthor::find_author(pre_runtime)
	}

	/// Counts a block for the validator at this index of the set. The first block of a session is
	/// authored by the set that begins with it, so this runs after the session pallet.
	pub(crate) fn note_author(index: u32) {
		let index = index as usize;
		let Some(author) = Session::<T>::validators().get(index).cloned() else { return };
		Self::remember_author(index);
		// In hooks the timestamp is the parent's, and so is the epoch.
		if let Some(epoch) = T::Emission::present_epoch() {
			Self::add_point(epoch, &author);
		}
	}

	/// Points that do not decode stay as they are.
	fn add_point(epoch: EpochIndex, author: &T::AccountId) {
		match stored_points::<T>(epoch, author) {
			Stored::Value(points) => {
				Points::<T>::insert(epoch, author, points.saturating_add(1));
			}
			Stored::Absent => Self::add_author(epoch, author),
			Stored::Undecodable => {}
		}
	}

	/// Gives an author its first point of an epoch, if there is room for one author more.
	fn add_author(epoch: EpochIndex, author: &T::AccountId) {
		let count = stored_authors::<T>(epoch).or_absent(0);
		if let Some(count) = count.filter(|count| *count < T::MaxValidators::get()) {
			Authors::<T>::insert(epoch, count.saturating_add(1));
			Points::<T>::insert(epoch, author, 1);
		}
	}

	/// Takes the points of an epoch out of the state. Returns who has how many.
	fn take_points(epoch: EpochIndex) -> Vec<(T::AccountId, u32)> {
		Authors::<T>::remove(epoch);
		let authors: Vec<_> = Points::<T>::iter_key_prefix(epoch).collect();
		let mut taken = Vec::with_capacity(authors.len());
		for validator in authors {
			match stored_points::<T>(epoch, &validator).value() {
				Some(points) => {
					Points::<T>::remove(epoch, &validator);
					taken.push((validator, points));
				}
				None => Self::deposit_event(Event::PointsUnreadable { epoch, validator }),
			}
		}
		taken
	}

	/// Divides the pool of an epoch by points. What is rounded off, and what an operator cannot
	/// take, is not minted in the end. Returns how many validators had points.
	pub(crate) fn close_points(epoch: EpochIndex, pool: Balance) -> u32 {
		let points = Self::take_points(epoch);
		let count = points.len() as u32;
		let total =
			points.iter().fold(0u64, |sum, (_, points)| sum.saturating_add((*points).into()));
		let mut rewarded: Balance = 0;
		for (validator, points) in points {
			let minted = T::Emission::mint(share_of(pool, points, total));
			if minted == 0 {
				continue;
			}
			let taken = T::Backing::reward(&validator, minted).min(minted);
			T::Emission::unmint(minted.saturating_sub(taken));
			rewarded = rewarded.saturating_add(taken);
		}
		if count > 0 {
			Self::deposit_event(Event::PointsSettled { epoch, points: total, rewarded });
		}
		count
	}
}

impl<T: Config> OnEpochClosed for Pallet<T> {
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
		let count = Self::close_points(closed.epoch, closed.pools.validators);
		<T as Config>::WeightInfo::close_epoch(count)
	}

	/// What operators and those who delegate to them are owed is in the ledger of their stake.
	fn owed() -> Balance {
		T::Backing::owed()
	}
}
