//! What collectors are owed: what each report that they included first, and that proved valid,
//! earns. Only here are their ledgers written.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{defensive, pallet_prelude::*};
use groma_core::{EpochIndex, money::Balance};
use groma_traits::{ClosedEpoch, Emission, OnEpochClosed};
use scale_info::TypeInfo;

use crate::{
	pallet::{CollectorEpochs, Collectors, Config, Error, Event, OpenReports, Pallet},
	weights::WeightInfo,
};

/// What a report of a closed epoch earned, while reports of the epoch are still counted
/// apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CollectorEpoch {
	/// Plancks per report.
	pub per_report: Balance,
	/// Reports that were not turned into what their collectors are owed yet.
	pub unfolded_reports: u32,
}

/// A collector's account with the pot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CollectorLedger {
	/// Plancks of closed epochs.
	pub owed: Balance,
	/// Reports per epoch: of the present one, and of the one before while that is not closed.
	pub reports: BoundedVec<(EpochIndex, u32), ConstU32<2>>,
}

impl CollectorLedger {
	/// Adds reports to those of an epoch; returns how many were added.
	fn add(&mut self, epoch: EpochIndex, reports: u32) -> u32 {
		if let Some((_, count)) = self.reports.iter_mut().find(|(known, _)| *known == epoch) {
			let sum = count.saturating_add(reports);
			let added = sum.saturating_sub(*count);
			*count = sum;
			return added;
		}
		if self.reports.try_push((epoch, reports)).is_err() {
			defensive!("at most one finished epoch is not closed");
			return 0;
		}
		reports
	}
}

impl<T: Config> OnEpochClosed for Pallet<T> {
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
		Self::close_epoch(closed.epoch, closed.pools.collectors);
		T::WeightInfo::close_epoch()
	}

	/// What collectors are owed, and what reports earned that are not credited yet.
	fn owed() -> Balance {
		let reports = CollectorEpochs::<T>::iter_values().map(|settled| {
			settled.per_report.saturating_mul(Balance::from(settled.unfolded_reports))
		});
		let ledgers = Collectors::<T>::iter_values().map(|ledger| ledger.owed);
		ledgers.chain(reports).fold(0, Balance::saturating_add)
	}
}

impl<T: Config> groma_traits::Collectors<T::AccountId> for Pallet<T> {
	fn note(collector: &T::AccountId, reports: u32) {
		match T::Emission::present_epoch() {
			Some(epoch) => Self::add_reports(epoch, collector, reports),
			None => {
				defensive!("reports are settled in blocks with a timestamp");
			}
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Counts reports that a collector brought in an epoch.
	pub(crate) fn add_reports(epoch: EpochIndex, collector: &T::AccountId, reports: u32) {
		if reports == 0 {
			return;
		}
		let added = Collectors::<T>::mutate(collector, |ledger| {
			Self::fold_reports(ledger);
			ledger.add(epoch, reports)
		});
		OpenReports::<T>::mutate(epoch, |total| *total = total.saturating_add(added));
	}

	/// Settles the reports of an epoch: each earns `min(pool / reports, cap)`, rounded down.
	pub(crate) fn close_epoch(epoch: EpochIndex, pool: Balance) {
		let reports = OpenReports::<T>::take(epoch);
		let per_report = pool
			.checked_div(Balance::from(reports))
			.unwrap_or_default()
			.min(T::CollectorCap::get());
		let due = per_report.saturating_mul(Balance::from(reports));
		if T::Emission::mint(due) == 0 {
			return;
		}
		let settled = CollectorEpoch { per_report, unfolded_reports: reports };
		CollectorEpochs::<T>::insert(epoch, settled);
		Self::deposit_event(Event::ReportsSettled { epoch, reports, per_report });
	}

	/// Turns the collector's reports of closed epochs into what it is owed.
	fn fold_reports(ledger: &mut CollectorLedger) {
		let mut earned: Balance = 0;
		ledger.reports.retain(|(epoch, count)| {
			let is_closed = T::Emission::is_closed(*epoch);
			if is_closed {
				earned = earned.saturating_add(Self::take_reports(*epoch, *count));
			}
			!is_closed
		});
		ledger.owed = ledger.owed.saturating_add(earned);
	}

	/// What `count` reports of a closed epoch earned. The last ones take the epoch's record
	/// along.
	fn take_reports(epoch: EpochIndex, count: u32) -> Balance {
		CollectorEpochs::<T>::mutate_exists(epoch, |record| {
			let Some(settled) = record else { return 0 };
			let count = count.min(settled.unfolded_reports);
			let earned = settled.per_report.saturating_mul(Balance::from(count));
			settled.unfolded_reports = settled.unfolded_reports.saturating_sub(count);
			if settled.unfolded_reports == 0 {
				*record = None;
			}
			earned
		})
	}

	/// Pays a collector.
	pub(crate) fn do_claim_collected(collector: &T::AccountId) -> DispatchResult {
		let mut ledger = Collectors::<T>::get(collector);
		Self::fold_reports(&mut ledger);
		let amount = core::mem::take(&mut ledger.owed);
		ensure!(amount > 0, Error::<T>::NothingOwed);
		T::Emission::pay(collector, amount).map_err(|_| Error::<T>::CollectorCannotReceive)?;
		if ledger.reports.is_empty() {
			Collectors::<T>::remove(collector);
		} else {
			Collectors::<T>::insert(collector, ledger);
		}
		Self::deposit_event(Event::CollectorPaid { collector: collector.clone(), amount });
		Ok(())
	}

	/// What a collector is owed of closed epochs, in plancks.
	pub fn owed_to(collector: &T::AccountId) -> Balance {
		let ledger = Collectors::<T>::get(collector);
		ledger
			.reports
			.iter()
			.filter_map(|(epoch, count)| {
				let settled = CollectorEpochs::<T>::get(epoch)?;
				Some(settled.per_report.saturating_mul(Balance::from(*count)))
			})
			.fold(ledger.owed, Balance::saturating_add)
	}
}
