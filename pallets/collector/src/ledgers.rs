//! What collectors are owed: what each fifth of a report for which they are credited earns. Only
//! here and in `registration.rs` are their records written.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{defensive, pallet_prelude::*};
use groma_core::{CollectorIndex, EpochIndex, money::Balance, protocol::CREDIT_PARTS};
use groma_stored::Stored;
use groma_traits::{ClosedEpoch, Emission, OnEpochClosed};
use scale_info::TypeInfo;

use crate::{
	pallet::{CollectorEpochs, Collectors, Config, Error, Event, OpenFifths, Pallet},
	weights::WeightInfo,
};

/// What a fifth of a report of a closed epoch earned, while fifths of the epoch are still counted
/// apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CollectorEpoch {
	/// Plancks per fifth of a report.
	pub per_fifth: Balance,
	/// Fifths that were not turned into what their collectors are owed yet.
	pub unfolded_fifths: u32,
}

/// A collector's account with the pot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CollectorLedger {
	/// Plancks of closed epochs.
	pub owed: Balance,
	/// Fifths of reports per epoch: of the present one, and of the one before while that is not
	/// closed, or while what it earned does not decode.
	pub fifths: BoundedVec<(EpochIndex, u32), ConstU32<2>>,
}

impl CollectorLedger {
	/// Whether it neither owes anything nor will.
	pub(crate) fn is_empty(&self) -> bool {
		self.owed == 0 && self.fifths.is_empty()
	}

	/// Adds fifths to those of an epoch; returns how many were added.
	fn add(&mut self, epoch: EpochIndex, fifths: u32) -> u32 {
		if let Some((_, count)) = self.fifths.iter_mut().find(|(known, _)| *known == epoch) {
			let sum = count.saturating_add(fifths);
			let added = sum.saturating_sub(*count);
			*count = sum;
			return added;
		}
		// At most one finished epoch is not closed. There is no room only if another one's earnings
		// do not decode.
		if self.fifths.try_push((epoch, fifths)).is_err() { 0 } else { fifths }
	}
}

impl<T: Config> OnEpochClosed for Pallet<T> {
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
		Self::close_epoch(closed.epoch, closed.pools.collectors);
		T::WeightInfo::close_epoch()
	}

	fn has_open_work(epoch: EpochIndex) -> bool {
		OpenFifths::<T>::contains_key(epoch)
	}

	/// What collectors are owed, and what fifths earned that are not turned into it yet.
	fn owed() -> Balance {
		let epochs = CollectorEpochs::<T>::iter_keys().filter_map(|it| earnings::<T>(it).value());
		let fifths = epochs.map(|settled| {
			settled.per_fifth.saturating_mul(Balance::from(settled.unfolded_fifths))
		});
		let records = Collectors::<T>::iter_keys().filter_map(|it| Self::record_at(it).value());
		let ledgers = records.map(|record| record.ledger.owed);
		ledgers.chain(fifths).fold(0, Balance::saturating_add)
	}
}

impl<T: Config> groma_traits::Collectors for Pallet<T> {
	fn credit(collector: CollectorIndex, fifths: u32) {
		match T::Emission::present_epoch() {
			Some(epoch) => Self::credit_in(epoch, collector, fifths),
			None => {
				defensive!("reports are settled in blocks with a timestamp");
			}
		}
	}
}

/// Fifths of reports of an epoch that is not closed.
pub(crate) fn open_fifths<T: Config>(epoch: EpochIndex) -> Stored<u32> {
	groma_stored::entry::<OpenFifths<T>, _, u32>(epoch)
}

/// What fifths of a closed epoch earned.
pub(crate) fn earnings<T: Config>(epoch: EpochIndex) -> Stored<CollectorEpoch> {
	groma_stored::entry::<CollectorEpochs<T>, _, CollectorEpoch>(epoch)
}

impl<T: Config> Pallet<T> {
	/// Credits a registered collector for fifths of reports in an epoch. If the count of them does
	/// not decode, it credits no one: they will earn nothing.
	pub(crate) fn credit_in(epoch: EpochIndex, collector: CollectorIndex, fifths: u32) {
		if fifths == 0 {
			return;
		}
		let Some(mut record) = Self::record_at(collector).value() else { return };
		if !record.is_registered() {
			return;
		}
		let Some(total) = open_fifths::<T>(epoch).or_absent(0) else { return };
		// The total never falls behind the sum of the ledgers.
		let room = u32::MAX.saturating_sub(total);
		Self::fold(&mut record.ledger);
		let added = record.ledger.add(epoch, fifths.min(room));
		OpenFifths::<T>::insert(epoch, total.saturating_add(added));
		Collectors::<T>::insert(collector, record);
	}

	/// Settles the fifths of an epoch: each earns `min(pool / fifths, cap / 5)`, rounded down. If
	/// the count of them does not decode it stays, and they earn nothing.
	pub(crate) fn close_epoch(epoch: EpochIndex, pool: Balance) {
		let Some(fifths) = open_fifths::<T>(epoch).or_absent(0) else {
			Self::deposit_event(Event::ReportsUnreadable { epoch });
			return;
		};
		OpenFifths::<T>::remove(epoch);
		let cap = T::CollectorCap::get() / Balance::from(CREDIT_PARTS);
		let per_fifth = pool.checked_div(Balance::from(fifths)).unwrap_or_default().min(cap);
		let due = per_fifth.saturating_mul(Balance::from(fifths));
		if T::Emission::mint(due) == 0 {
			return;
		}
		let settled = CollectorEpoch { per_fifth, unfolded_fifths: fifths };
		CollectorEpochs::<T>::insert(epoch, settled);
		Self::deposit_event(Event::ReportsSettled { epoch, fifths, per_fifth });
	}

	/// Turns a collector's fifths of closed epochs into what it is owed. Those of an epoch whose
	/// earnings do not decode wait.
	pub(crate) fn fold(ledger: &mut CollectorLedger) {
		let mut earned: Balance = 0;
		ledger.fifths.retain(|(epoch, count)| {
			let taken =
				T::Emission::is_closed(*epoch).then(|| Self::take_fifths(*epoch, *count)).flatten();
			earned = earned.saturating_add(taken.unwrap_or_default());
			taken.is_none()
		});
		ledger.owed = ledger.owed.saturating_add(earned);
	}

	/// What `count` fifths of a closed epoch earned. The last ones take the epoch's record along;
	/// `None` if that does not decode.
	fn take_fifths(epoch: EpochIndex, count: u32) -> Option<Balance> {
		let mut settled = match earnings::<T>(epoch) {
			Stored::Value(settled) => settled,
			Stored::Absent => return Some(0),
			Stored::Undecodable => return None,
		};
		let count = count.min(settled.unfolded_fifths);
		settled.unfolded_fifths = settled.unfolded_fifths.saturating_sub(count);
		if settled.unfolded_fifths == 0 {
			CollectorEpochs::<T>::remove(epoch);
		} else {
			CollectorEpochs::<T>::insert(epoch, settled);
		}
		Some(settled.per_fifth.saturating_mul(Balance::from(count)))
	}

	/// Pays an account what it is owed as a collector. Of one that deregistered it removes what is
	/// left, even if that turned out to be worth nothing.
	pub(crate) fn do_claim_collected(collector: &T::AccountId) -> DispatchResult {
		let (index, mut record) = Self::record_of(collector)?.ok_or(Error::<T>::NothingOwed)?;
		Self::fold(&mut record.ledger);
		let amount = core::mem::take(&mut record.ledger.owed);
		if amount == 0 {
			ensure!(record.is_over(), Error::<T>::NothingOwed);
		} else {
			T::Emission::pay(collector, amount).map_err(|_| Error::<T>::CollectorCannotReceive)?;
			Self::deposit_event(Event::CollectorPaid { collector: collector.clone(), amount });
		}
		Self::keep(index, record);
		Ok(())
	}

	/// What an account is owed as a collector, of closed epochs, in plancks.
	pub fn owed_to(collector: &T::AccountId) -> Balance {
		let Ok(Some((_, record))) = Self::record_of(collector) else { return 0 };
		record
			.ledger
			.fifths
			.iter()
			.filter_map(|(epoch, count)| {
				let settled = earnings::<T>(*epoch).value()?;
				Some(settled.per_fifth.saturating_mul(Balance::from(*count)))
			})
			.fold(record.ledger.owed, Balance::saturating_add)
	}
}
