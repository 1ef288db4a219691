//! What validators do in an epoch, and what it earns when the epoch is closed. Only here is it
//! written.

use alloc::vec::Vec;

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	traits::{FindAuthor, Get},
	weights::Weight,
};
use groma_core::{EpochIndex, money::Balance, protocol::PRICE_REPEAT_MS};
use groma_stored::Stored;
use groma_traits::{Backing, ClosedEpoch, Emission, FeedWork, OnEpochClosed, Standstill};
use pallet_session::Pallet as Session;
use scale_info::TypeInfo;

use crate::{
	pallet::{Config, Event, Pallet, Workers, Works},
	weights::WeightInfo,
};

/// The points of a block.
pub const BLOCK_POINTS: u32 = 1_000;

/// What a validator did in an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Work {
	/// Blocks of which it is the author.
	pub blocks: u32,
	/// Milliseconds for which the price that it fed was fresh.
	pub fed_ms: u64,
}

impl Work {
	/// A block.
	const BLOCK: Self = Self { blocks: 1, fed_ms: 0 };

	/// Its points: each whole span in which a validator has to feed counts `per_feed`.
	pub(crate) fn points(&self, per_feed: u32) -> u64 {
		let spans = self.fed_ms.checked_div(PRICE_REPEAT_MS).unwrap_or_default();
		let of_blocks = u64::from(self.blocks).saturating_mul(BLOCK_POINTS.into());
		of_blocks.saturating_add(spans.saturating_mul(per_feed.into()))
	}

	fn plus(self, more: Self) -> Self {
		Self {
			blocks: self.blocks.saturating_add(more.blocks),
			fed_ms: self.fed_ms.saturating_add(more.fed_ms),
		}
	}
}

/// What was minted for a validator, in plancks.
struct Share {
	/// By the schedule.
	minted: Balance,
	/// Of what claims of services left for validators.
	reminted: Balance,
}

/// What a validator did in an epoch.
pub(crate) fn stored_work<T: Config>(epoch: EpochIndex, validator: &T::AccountId) -> Stored<Work> {
	groma_stored::double_entry::<Works<T>, _, _, Work>(epoch, validator)
}

/// How many validators did something in an epoch.
pub(crate) fn stored_workers<T: Config>(epoch: EpochIndex) -> Stored<u32> {
	groma_stored::entry::<Workers<T>, _, u32>(epoch)
}

/// What a number of points of `total` earns of a pool, rounded down.
pub(crate) fn share_of(pool: Balance, points: u64, total: u64) -> Balance {
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
			Self::add_work(epoch, &author, Work::BLOCK);
		}
	}

	/// Work that does not decode stays as it is. Of those who did nothing in the epoch yet, no one
	/// is added to as many validators as a set can have.
	fn add_work(epoch: EpochIndex, validator: &T::AccountId, more: Work) {
		let work = match stored_work::<T>(epoch, validator) {
			Stored::Value(work) => work,
			Stored::Undecodable => return,
			Stored::Absent => {
				let count = stored_workers::<T>(epoch).or_absent(0);
				let Some(count) = count.filter(|count| *count < T::MaxValidators::get()) else {
					return;
				};
				Workers::<T>::insert(epoch, count.saturating_add(1));
				Work::default()
			}
		};
		Works::<T>::insert(epoch, validator, work.plus(more));
	}

	/// Takes the work of an epoch out of the state. Returns who has how many points.
	fn take_points(epoch: EpochIndex) -> Vec<(T::AccountId, u64)> {
		Workers::<T>::remove(epoch);
		let per_feed = T::FeedPoints::get();
		let workers: Vec<_> = Works::<T>::iter_key_prefix(epoch).collect();
		let mut taken = Vec::with_capacity(workers.len());
		for validator in workers {
			match stored_work::<T>(epoch, &validator).value() {
				Some(work) => {
					Works::<T>::remove(epoch, &validator);
					taken.push((validator, work.points(per_feed)));
				}
				None => Self::deposit_event(Event::WorkUnreadable { epoch, validator }),
			}
		}
		taken
	}

	/// Divides the pool of an epoch, and what claims of services left for validators in it, by
	/// points. What is rounded off, and what an operator cannot take, is not minted in the end.
	/// Returns how many validators did something.
	pub(crate) fn close_points(epoch: EpochIndex, pool: Balance, by_claims: Balance) -> u32 {
		let points = Self::take_points(epoch);
		let count = points.len() as u32;
		let total = points.iter().fold(0u64, |sum, (_, points)| sum.saturating_add(*points));
		let mut rewarded: Balance = 0;
		for (validator, points) in points {
			let share = Share {
				minted: T::Emission::mint(share_of(pool, points, total)),
				reminted: T::Emission::remint_for_validators(share_of(by_claims, points, total)),
			};
			let taken = Self::give(&validator, epoch, share);
			rewarded = rewarded.saturating_add(taken);
		}
		if count > 0 {
			Self::deposit_event(Event::PointsSettled { epoch, points: total, rewarded });
		}
		count
	}

	/// Gives a validator what was minted for it, and takes back what it does not take: of what the
	/// schedule minted first. Returns what it took.
	fn give(validator: &T::AccountId, epoch: EpochIndex, share: Share) -> Balance {
		let all = share.minted.saturating_add(share.reminted);
		if all == 0 {
			return 0;
		}
		let taken = T::Backing::reward(validator, epoch, all).min(all);
		let left = all.saturating_sub(taken);
		let unminted = left.min(share.minted);
		T::Emission::unmint(unminted);
		T::Emission::unremint(left.saturating_sub(unminted));
		taken
	}
}

impl<T: Config> FeedWork<T::AccountId> for Pallet<T> {
	/// In the epoch of the block that has the next feed.
	fn note_fed(validator: &T::AccountId, fed_ms: u64) {
		if fed_ms == 0 || T::Standstill::now() {
			return;
		}
		if let Some(epoch) = T::Emission::present_epoch() {
			Self::add_work(epoch, validator, Work { fed_ms, ..Work::default() });
		}
	}

	fn note_fed_weight() -> Weight {
		<T as Config>::WeightInfo::note_fed()
	}
}

impl<T: Config> OnEpochClosed for Pallet<T> {
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
		let pool = closed.pools.validators;
		let count = Self::close_points(closed.epoch, pool, closed.for_validators);
		<T as Config>::WeightInfo::close_epoch(count)
	}

	fn has_open_work(epoch: EpochIndex) -> bool {
		Workers::<T>::contains_key(epoch)
	}

	/// What operators and those who delegate to them are owed is in the ledger of their stake.
	fn owed() -> Balance {
		T::Backing::owed()
	}
}
