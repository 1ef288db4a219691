//! The clock: it starts with the first timestamp, counts epochs, and closes each once its last
//! block is known.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{defensive, pallet_prelude::*, traits::Time};
use groma_core::{EpochIndex, api::EpochInfo, emission, money::Balance};
use groma_stored::Stored;
use groma_traits::{ClosedEpoch, OnEpochClosed, Pools, Standstill};
use scale_info::TypeInfo;

use crate::{Clock, Config, Event, Pallet, WeightInfo};

/// Pools that say whether work of an epoch is to be settled, each with one read: supply, validators
/// and collectors.
const POOLS_WITH_WORK: u64 = 3;

/// When the schedule began, and how far epochs are closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct EmissionClock {
	/// The first timestamp of the chain, in ms since the Unix epoch.
	pub started_ms: u64,
	/// Length of an epoch in ms, fixed when the clock started: another length would give the same
	/// index to other times, and so mix epochs.
	pub epoch_length_ms: u64,
	/// The first epoch that is not closed: that of the latest block whose timestamp was seen.
	pub open: EpochIndex,
}

impl EmissionClock {
	/// A clock that starts at `now_ms`.
	pub fn start(now_ms: u64, epoch_length_ms: u64) -> Self {
		let mut clock =
			Self { started_ms: now_ms, epoch_length_ms: epoch_length_ms.max(1), open: 0 };
		clock.open = clock.first();
		clock
	}

	/// The epoch of a timestamp.
	pub(crate) fn epoch_at(&self, now_ms: u64) -> EpochIndex {
		let epoch = now_ms.checked_div(self.epoch_length_ms).unwrap_or_default();
		EpochIndex::try_from(epoch).unwrap_or(EpochIndex::MAX)
	}

	/// The epoch in which the clock started.
	pub fn first(&self) -> EpochIndex {
		self.epoch_at(self.started_ms)
	}

	/// Whether the epoch is settled.
	pub fn is_closed(&self, epoch: EpochIndex) -> bool {
		epoch < self.open
	}

	/// Milliseconds from the start of the clock to the start of `epoch`; 0 for the first, which the
	/// start cuts short.
	pub fn elapsed_ms_before(&self, epoch: EpochIndex) -> u64 {
		emission::elapsed_ms_before(epoch, self.epoch_length_ms, self.started_ms)
	}

	/// What the schedule emits in the epochs from `from` up to but without `until`, in plancks.
	pub fn emission(&self, from: EpochIndex, until: EpochIndex) -> Balance {
		emission::between(self.elapsed_ms_before(from), self.elapsed_ms_before(until))
	}

	/// The open epoch as it is closed, with what each pool holds of its emission, and what claims
	/// left for validators.
	fn close(&self, pools: Pools, for_validators: Balance) -> ClosedEpoch {
		let began_ms = emission::began_ms(self.open, self.epoch_length_ms);
		let (epoch, chain_began_ms) = (self.open, self.started_ms);
		ClosedEpoch { epoch, began_ms, chain_began_ms, pools, for_validators }
	}
}

impl<T: Config> Pallet<T> {
	/// The epoch of the present block; `None` before its timestamp is known, and as long as epochs
	/// are stopped: work of an epoch that cannot close would be mixed with that of others.
	pub(crate) fn epoch_now() -> Option<EpochIndex> {
		let now_ms = T::Time::now();
		if now_ms == 0 {
			return None;
		}
		let start = EmissionClock::start(now_ms, T::EpochLength::get());
		Some(Self::clock().or_absent(start)?.epoch_at(now_ms))
	}

	/// The epoch of the present block by its timestamp alone: known also as long as epochs are
	/// stopped, by the length that they begin with if the clock cannot be read. `None` before the
	/// timestamp is known.
	pub(crate) fn epoch_by_time() -> Option<EpochIndex> {
		let now_ms = T::Time::now();
		if now_ms == 0 {
			return None;
		}
		let clock = groma_stored::value::<Clock<T>, EmissionClock>().value();
		let start = || EmissionClock::start(now_ms, T::EpochLength::get());
		Some(clock.unwrap_or_else(start).epoch_at(now_ms))
	}

	/// The clock; undecodable as long as epochs are stopped: if it or the books do not decode, or
	/// if it is gone though the books say that it ran.
	pub(crate) fn clock() -> Stored<EmissionClock> {
		if !Self::has_readable_books() {
			return Stored::Undecodable;
		}
		let stored = groma_stored::value::<Clock<T>, EmissionClock>();
		let has_run = || Self::books().is_some_and(|books| books.minted > 0 || books.unminted > 0);
		if stored == Stored::Absent && has_run() { Stored::Undecodable } else { stored }
	}

	/// Whether epochs are stopped, since clock or books cannot be read.
	pub fn is_stopped() -> bool {
		Self::clock().is_undecodable()
	}

	/// Starts the clock, or closes the epoch that the parent block left behind.
	pub(crate) fn tick() -> Weight {
		if T::Standstill::now() {
			return T::DbWeight::get().reads(1);
		}
		let parent_ms = T::Time::now();
		let clock = match Self::clock() {
			Stored::Value(clock) => clock,
			Stored::Absent => {
				if parent_ms != 0 {
					Clock::<T>::put(EmissionClock::start(parent_ms, T::EpochLength::get()));
				}
				return T::WeightInfo::start_clock();
			}
			Stored::Undecodable => {
				Self::deposit_event(Event::EpochsStopped);
				return T::WeightInfo::on_initialize();
			}
		};
		let present = clock.epoch_at(parent_ms);
		if present <= clock.open {
			return T::WeightInfo::on_initialize();
		}
		T::WeightInfo::close_epoch().saturating_add(Self::close_until(clock, present))
	}

	/// Settles the open epoch, and leaves the epochs between it and `present`, in which nothing was
	/// done, unminted in one step. Returns what settling weighs.
	///
	/// The first block of an epoch comes before the one before it is closed. If the chain stood
	/// still from the second one on, until after the epoch, what was done in that block is settled
	/// now.
	pub(crate) fn close_until(mut clock: EmissionClock, present: EpochIndex) -> Weight {
		let mut weight = Weight::zero();
		let next = clock.open.saturating_add(1);
		if next < present {
			weight.saturating_accrue(T::DbWeight::get().reads(POOLS_WITH_WORK));
			if T::OnEpochClosed::has_open_work(next) {
				weight.saturating_accrue(T::WeightInfo::close_epoch());
				weight.saturating_accrue(Self::close_epoch(&clock, Self::take_kept(next)));
				clock.open = next;
			}
		}
		let after = clock.open.saturating_add(1);
		let weight = weight.saturating_add(Self::close_epoch(&clock, Self::take_kept(present)));
		if after < present {
			let unminted = clock.emission(after, present);
			Self::leave_unminted(unminted);
			Self::deposit_event(Event::SilencePassed { from: after, until: present, unminted });
		}
		Clock::<T>::put(EmissionClock { open: present, ..clock });
		weight
	}

	/// Settles the open epoch, with what claims left for validators.
	fn close_epoch(clock: &EmissionClock, for_validators: Balance) -> Weight {
		let epoch = clock.open;
		let emitted = clock.emission(epoch, epoch.saturating_add(1));
		let minted_by_now = || Self::books().map_or(0, |books| books.minted);
		let minted_before = minted_by_now();
		let reminted_before = Self::reminted().minted;
		let pools = T::Split::get().divide(emitted);
		// Without a pot nothing can be kept for anyone.
		let closed = match Self::pay_treasury(pools.treasury) {
			Some(()) => clock.close(pools, for_validators),
			None => clock.close(Pools::default(), 0),
		};
		let weight = T::OnEpochClosed::on_epoch_closed(&closed);

		let minted = minted_by_now().saturating_sub(minted_before);
		let reminted = Self::reminted().minted.saturating_sub(reminted_before);
		if minted > emitted || reminted > for_validators {
			defensive!("every pool mints at most what it holds");
		}
		Self::leave_unminted(emitted.saturating_sub(minted));
		Self::deposit_event(Event::EpochClosed {
			epoch,
			emitted,
			minted,
			for_validators,
			reminted,
		});
		weight
	}

	/// The clock for clients; `None` before it starts, and as long as epochs are stopped.
	pub fn epoch_info() -> Option<EpochInfo> {
		let clock = Self::clock().value()?;
		Some(EpochInfo {
			current: clock.epoch_at(T::Time::now()),
			last_closed: (clock.open > clock.first()).then(|| clock.open.saturating_sub(1)),
			duration_ms: clock.epoch_length_ms,
			unminted: Self::books()?.unminted,
		})
	}
}
