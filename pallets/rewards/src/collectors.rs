//! Collectors: what each statement that they included first, and that proved valid, earns.

use core::marker::PhantomData;

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{defensive, pallet_prelude::*};
use groma_core::{EpochIndex, money::Balance};
use groma_traits::{ClosedEpoch, Emission, OnEpochClosed};
use scale_info::TypeInfo;

use crate::{
	CollectorEpochs, Collectors, Config, Error, Event, OpenStatements, Pallet, WeightInfo,
};

/// What a statement of a closed epoch earned, while statements of the epoch are still counted
/// apart.
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
pub struct CollectorEpoch {
	/// Plancks per statement.
	pub per_statement: Balance,
	/// Statements that were not turned into what their collectors are owed yet.
	pub unfolded_statements: u32,
}

/// A collector's account with the pot.
#[derive(
	Clone,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct CollectorLedger {
	/// Plancks of closed epochs.
	pub owed: Balance,
	/// Statements per epoch: of the present one, and of the one before while that is not closed.
	pub statements: BoundedVec<(EpochIndex, u32), ConstU32<2>>,
}

impl CollectorLedger {
	/// Adds statements to those of an epoch; returns how many were added.
	fn add(&mut self, epoch: EpochIndex, statements: u32) -> u32 {
		if let Some((_, count)) = self.statements.iter_mut().find(|(known, _)| *known == epoch) {
			let sum = count.saturating_add(statements);
			let added = sum.saturating_sub(*count);
			*count = sum;
			return added;
		}
		if self.statements.try_push((epoch, statements)).is_err() {
			defensive!("at most one finished epoch is not closed");
			return 0;
		}
		statements
	}
}

/// What the collectors' pool of a closed epoch pays for.
pub struct CollectorsPool<T>(PhantomData<T>);

impl<T: Config> OnEpochClosed for CollectorsPool<T> {
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
		Pallet::<T>::close_collectors(closed.epoch, closed.pools.collectors);
		T::WeightInfo::close_collectors()
	}

	/// What collectors are owed, and what statements earned that are not credited yet.
	fn owed() -> Balance {
		let statements = CollectorEpochs::<T>::iter_values().map(|settled| {
			settled.per_statement.saturating_mul(Balance::from(settled.unfolded_statements))
		});
		let ledgers = Collectors::<T>::iter_values().map(|ledger| ledger.owed);
		ledgers.chain(statements).fold(0, Balance::saturating_add)
	}
}

impl<T: Config> groma_traits::Collectors<T::AccountId> for Pallet<T> {
	fn note(collector: &T::AccountId, statements: u32) {
		match T::Emission::present_epoch() {
			Some(epoch) => Self::add_statements(epoch, collector, statements),
			None => {
				defensive!("statements are settled in blocks with a timestamp");
			}
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Counts statements that a collector brought in an epoch.
	pub(crate) fn add_statements(epoch: EpochIndex, collector: &T::AccountId, statements: u32) {
		if statements == 0 {
			return;
		}
		let added = Collectors::<T>::mutate(collector, |ledger| {
			Self::fold_statements(ledger);
			ledger.add(epoch, statements)
		});
		OpenStatements::<T>::mutate(epoch, |total| *total = total.saturating_add(added));
	}

	/// Settles the statements of an epoch: each earns `min(pool / statements, cap)`, rounded down.
	pub(crate) fn close_collectors(epoch: EpochIndex, pool: Balance) {
		let statements = OpenStatements::<T>::take(epoch);
		let per_statement = pool
			.checked_div(Balance::from(statements))
			.unwrap_or_default()
			.min(T::CollectorCap::get());
		let due = per_statement.saturating_mul(Balance::from(statements));
		if T::Emission::mint(due) == 0 {
			return;
		}
		let settled = CollectorEpoch { per_statement, unfolded_statements: statements };
		CollectorEpochs::<T>::insert(epoch, settled);
		Self::deposit_event(Event::StatementsSettled { epoch, statements, per_statement });
	}

	/// Turns the collector's statements of closed epochs into what it is owed.
	fn fold_statements(ledger: &mut CollectorLedger) {
		let mut earned: Balance = 0;
		ledger.statements.retain(|(epoch, count)| {
			let is_closed = T::Emission::is_closed(*epoch);
			if is_closed {
				earned = earned.saturating_add(Self::take_statements(*epoch, *count));
			}
			!is_closed
		});
		ledger.owed = ledger.owed.saturating_add(earned);
	}

	/// What `count` statements of a closed epoch earned. The last ones take the epoch's record
	/// along.
	fn take_statements(epoch: EpochIndex, count: u32) -> Balance {
		CollectorEpochs::<T>::mutate_exists(epoch, |record| {
			let Some(settled) = record else { return 0 };
			let count = count.min(settled.unfolded_statements);
			let earned = settled.per_statement.saturating_mul(Balance::from(count));
			settled.unfolded_statements = settled.unfolded_statements.saturating_sub(count);
			if settled.unfolded_statements == 0 {
				*record = None;
			}
			earned
		})
	}

	/// Pays a collector.
	pub(crate) fn do_claim_collected(collector: &T::AccountId) -> DispatchResult {
		let mut ledger = Collectors::<T>::get(collector);
		Self::fold_statements(&mut ledger);
		let amount = core::mem::take(&mut ledger.owed);
		ensure!(amount > 0, Error::<T>::NothingOwed);
		T::Emission::pay(collector, amount).map_err(|_| Error::<T>::PayeeCannotReceive)?;
		if ledger.statements.is_empty() {
			Collectors::<T>::remove(collector);
		} else {
			Collectors::<T>::insert(collector, ledger);
		}
		Self::deposit_event(Event::CollectorPaid { collector: collector.clone(), amount });
		Ok(())
	}

	/// What a collector is owed of closed epochs, in plancks.
	pub fn collector_owed(collector: &T::AccountId) -> Balance {
		let ledger = Collectors::<T>::get(collector);
		ledger
			.statements
			.iter()
			.filter_map(|(epoch, count)| {
				let settled = CollectorEpochs::<T>::get(epoch)?;
				Some(settled.per_statement.saturating_mul(Balance::from(*count)))
			})
			.fold(ledger.owed, Balance::saturating_add)
	}
}

#[cfg(any(feature = "try-runtime", test))]
impl<T: Config> Pallet<T> {
	/// The statements of every epoch are those of its collectors.
	pub(crate) fn check_statements() -> Result<(), sp_runtime::TryRuntimeError> {
		let mut counted = alloc::collections::BTreeMap::<_, u32>::new();
		for (epoch, count) in Collectors::<T>::iter_values().flat_map(|ledger| ledger.statements) {
			let sum = counted.entry(epoch).or_default();
			*sum = sum.saturating_add(count);
		}
		for (epoch, settled) in CollectorEpochs::<T>::iter() {
			ensure!(
				counted.get(&epoch) == Some(&settled.unfolded_statements),
				"statements of a closed epoch are not those of its collectors"
			);
		}
		for (epoch, total) in OpenStatements::<T>::iter() {
			ensure!(!T::Emission::is_closed(epoch), "a closed epoch kept open statements");
			ensure!(
				counted.get(&epoch) == Some(&total),
				"statements of an open epoch are not those of its collectors"
			);
		}
		Ok(())
	}
}
