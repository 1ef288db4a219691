//! The clock of rewards: it starts with the first timestamp, counts epochs, and closes each once its
//! last block is known.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{pallet_prelude::*, traits::Time};
use groma_core::{
	EpochIndex, NetworkId,
	emission::{self, DAY_MS},
	money::Balance,
	terms::NetworkTerms,
};
use groma_traits::Networks;
use scale_info::TypeInfo;

use crate::{Clock, Config, Event, Pallet, WeightInfo};

/// Milliseconds between two halvings of the coverage pool.
pub const COVERAGE_HALVING_MS: u64 = 365 * DAY_MS;

/// When the schedule began, and how far epochs are closed.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct RewardClock {
	/// The first timestamp of the chain, in ms since the Unix epoch.
	pub started_ms: u64,
	/// Length of an epoch in ms, fixed when the clock started: another length would give the same
	/// index to other times, and so mix epochs.
	pub epoch_length_ms: u64,
	/// The first epoch that is not closed: that of the latest block whose timestamp was seen.
	pub open: EpochIndex,
}

impl RewardClock {
	/// A clock that starts at `now_ms`.
	pub fn start(now_ms: u64, epoch_length_ms: u64) -> Self {
		let mut clock =
			Self { started_ms: now_ms, epoch_length_ms: epoch_length_ms.max(1), open: 0 };
		clock.open = clock.first();
		clock
	}

	/// The epoch of a timestamp.
	pub fn epoch_at(&self, now_ms: u64) -> EpochIndex {
		let epoch = now_ms.checked_div(self.epoch_length_ms).unwrap_or_default();
		EpochIndex::try_from(epoch).unwrap_or(EpochIndex::MAX)
	}

	/// The epoch in which the clock started.
	pub fn first(&self) -> EpochIndex {
		self.epoch_at(self.started_ms)
	}

	/// Whether rewards of the epoch are settled.
	pub fn is_closed(&self, epoch: EpochIndex) -> bool {
		epoch < self.open
	}

	/// Milliseconds from the start of the clock to the start of `epoch`; 0 for the first, which the
	/// start cuts short.
	pub fn elapsed_ms_before(&self, epoch: EpochIndex) -> u64 {
		u64::from(epoch).saturating_mul(self.epoch_length_ms).saturating_sub(self.started_ms)
	}

	/// What the schedule emits in the epochs from `from` up to but without `until`, in plancks.
	pub fn emission(&self, from: EpochIndex, until: EpochIndex) -> Balance {
		emission::between(self.elapsed_ms_before(from), self.elapsed_ms_before(until))
	}

	/// How often the coverage pool was halved when `epoch` began.
	pub fn coverage_halvings(&self, epoch: EpochIndex) -> u32 {
		let halvings = self.elapsed_ms_before(epoch) / COVERAGE_HALVING_MS;
		u32::try_from(halvings).unwrap_or(u32::MAX)
	}
}

impl<T: Config> Pallet<T> {
	/// The epoch of the present block; `None` before its timestamp is known.
	pub(crate) fn present_epoch() -> Option<EpochIndex> {
		let now_ms = T::Time::now();
		if now_ms == 0 {
			return None;
		}
		let clock =
			Clock::<T>::get().unwrap_or_else(|| RewardClock::start(now_ms, T::EpochLength::get()));
		Some(clock.epoch_at(now_ms))
	}

	/// Whether rewards of the epoch are settled.
	pub(crate) fn is_closed(epoch: EpochIndex) -> bool {
		Clock::<T>::get().is_some_and(|clock| clock.is_closed(epoch))
	}

	/// Starts the clock, or closes the epoch that the parent block left behind.
	pub(crate) fn tick() -> Weight {
		let parent_ms = T::Time::now();
		let Some(clock) = Clock::<T>::get() else {
			if parent_ms != 0 {
				Clock::<T>::put(RewardClock::start(parent_ms, T::EpochLength::get()));
			}
			return T::WeightInfo::start_clock();
		};
		let present = clock.epoch_at(parent_ms);
		if present <= clock.open {
			return T::WeightInfo::on_initialize();
		}
		let networks = Self::networks_with_terms();
		Self::close_until(clock, present, &networks);
		let reads = T::DbWeight::get().reads(networks.len().saturating_add(1) as u64);
		T::WeightInfo::close_epoch(networks.len() as u32).saturating_add(reads)
	}

	/// Settles the open epoch, and leaves the epochs between it and `present`, which had no blocks,
	/// unminted in one step.
	pub(crate) fn close_until(
		clock: RewardClock,
		present: EpochIndex,
		networks: &[(NetworkId, NetworkTerms)],
	) {
		let after = clock.open.saturating_add(1);
		Self::close_epoch(&clock, networks);
		if after < present {
			let unminted = clock.emission(after, present);
			Self::leave_unminted(unminted);
			Self::deposit_event(Event::SilencePassed { from: after, until: present, unminted });
		}
		Clock::<T>::put(RewardClock { open: present, ..clock });
	}

	fn close_epoch(clock: &RewardClock, networks: &[(NetworkId, NetworkTerms)]) {
		let epoch = clock.open;
		let emitted = clock.emission(epoch, epoch.saturating_add(1));
		let pools = T::Split::get().divide(emitted);
		let halvings = clock.coverage_halvings(epoch);
		let coverage = pools.coverage.checked_shr(halvings).unwrap_or_default();

		let minted = match Self::endow_pot(pools.treasury) {
			Some((reserve, treasury)) => reserve
				.saturating_add(Self::mint(&T::TreasuryAccount::get(), treasury))
				.saturating_add(Self::close_collectors(epoch, pools.collectors))
				.saturating_add(Self::close_coverage(epoch, coverage, networks)),
			// Without a pot nothing can be kept for anybody.
			None => Self::close_collectors(epoch, 0)
				.saturating_add(Self::close_coverage(epoch, 0, networks)),
		};
		Self::leave_unminted(emitted.saturating_sub(minted));
		Self::deposit_event(Event::EpochClosed { epoch, emitted, minted });
	}

	fn networks_with_terms() -> alloc::vec::Vec<(NetworkId, NetworkTerms)> {
		T::Networks::ids()
			.into_iter()
			.filter_map(|network| Some((network, T::Networks::terms(network)?)))
			.collect()
	}
}
