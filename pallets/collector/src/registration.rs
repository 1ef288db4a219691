//! Who is a collector: an account that has a deposit on hold, and the index by which devices name
//! it.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	pallet_prelude::*,
	traits::{
		fungible::{Inspect, MutateHold},
		tokens::Precision,
	},
};
use groma_core::{CollectorIndex, api::CollectorInfo, money::Balance};
use groma_stored::Stored;
use groma_traits::Emission;
use scale_info::TypeInfo;

use crate::{
	ledgers::CollectorLedger,
	pallet::{Collectors, Config, Error, Event, HoldReason, Indices, LastIndex, Pallet},
};

/// What is kept of a collector under its index.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CollectorRecord<AccountId> {
	/// Who is paid.
	pub account: AccountId,
	/// Plancks on hold while it is registered; none once it deregistered.
	pub deposit: Option<Balance>,
	/// What it is owed.
	pub ledger: CollectorLedger,
}

impl<AccountId> CollectorRecord<AccountId> {
	/// Whether it is credited for what names it.
	pub(crate) fn is_registered(&self) -> bool {
		self.deposit.is_some()
	}

	/// Whether nothing of it has to be kept.
	pub(crate) fn is_over(&self) -> bool {
		!self.is_registered() && self.ledger.is_empty()
	}
}

/// What is kept of a collector, with its index, if it is one.
type Indexed<T> = Option<(CollectorIndex, RecordOf<T>)>;
type RecordOf<T> = CollectorRecord<<T as frame_system::Config>::AccountId>;

/// The last index that was given away.
pub(crate) fn last_index<T: Config>() -> Stored<CollectorIndex> {
	groma_stored::value::<LastIndex<T>, CollectorIndex>()
}

impl<T: Config> Pallet<T> {
	/// Registers an account as a collector under the next index. What it is still owed from an
	/// earlier registration comes along.
	pub(crate) fn do_register_collector(account: T::AccountId) -> DispatchResult {
		let former = Self::record_of(&account)?;
		let is_registered = former.as_ref().is_some_and(|(_, record)| record.is_registered());
		ensure!(!is_registered, Error::<T>::AlreadyRegistered);
		let last = last_index::<T>().or_absent(0).ok_or(Error::<T>::StateUnreadable)?;
		let index = last.checked_add(1).ok_or(Error::<T>::NoIndexLeft)?;
		let deposit = T::CollectorDeposit::get();
		T::Currency::hold(&HoldReason::Registration.into(), &account, deposit)?;
		LastIndex::<T>::put(index);
		let mut ledger = CollectorLedger::default();
		if let Some((before, record)) = former {
			Collectors::<T>::remove(before);
			ledger = record.ledger;
		}
		let record = CollectorRecord { account: account.clone(), deposit: Some(deposit), ledger };
		Collectors::<T>::insert(index, record);
		Indices::<T>::insert(&account, index);
		Self::deposit_event(Event::CollectorRegistered { collector: account, index });
		Ok(())
	}

	/// Ends the registration of a collector and gives its deposit back.
	pub(crate) fn do_deregister_collector(account: T::AccountId) -> DispatchResult {
		let (index, mut record) = Self::record_of(&account)?.ok_or(Error::<T>::NotRegistered)?;
		let deposit = record.deposit.take().ok_or(Error::<T>::NotRegistered)?;
		let reason = HoldReason::Registration.into();
		T::Currency::release(&reason, &account, deposit, Precision::BestEffort)?;
		Self::fold(&mut record.ledger);
		Self::keep(index, record);
		Self::deposit_event(Event::CollectorDeregistered { collector: account, index });
		Ok(())
	}

	/// What is kept under an index.
	pub(crate) fn record_at(index: CollectorIndex) -> Stored<RecordOf<T>> {
		groma_stored::entry::<Collectors<T>, _, RecordOf<T>>(index)
	}

	/// What is kept of an account as a collector, and under which index: an error if that does not
	/// decode.
	pub(crate) fn record_of(account: &T::AccountId) -> Result<Indexed<T>, Error<T>> {
		let index = match groma_stored::entry::<Indices<T>, _, CollectorIndex>(account) {
			Stored::Value(index) => index,
			Stored::Absent => return Ok(None),
			Stored::Undecodable => return Err(Error::StateUnreadable),
		};
		match Self::record_at(index) {
			Stored::Value(record) => Ok(Some((index, record))),
			Stored::Absent => Ok(None),
			Stored::Undecodable => Err(Error::StateUnreadable),
		}
	}

	/// Writes a record, or removes it with its index if nothing of it has to be kept.
	pub(crate) fn keep(index: CollectorIndex, record: CollectorRecord<T::AccountId>) {
		if record.is_over() {
			Indices::<T>::remove(&record.account);
			Collectors::<T>::remove(index);
		} else {
			Collectors::<T>::insert(index, record);
		}
	}

	/// The index by which devices name this account; 0 if it is not registered.
	pub fn index_of(account: &T::AccountId) -> CollectorIndex {
		match Self::record_of(account) {
			Ok(Some((index, record))) if record.is_registered() => index,
			_ => 0,
		}
	}

	/// What there is to know of an account as a collector.
	pub fn collector_info(account: &T::AccountId) -> CollectorInfo<T::AccountId> {
		let record = Self::record_of(account).ok().flatten().map(|(_, record)| record);
		let deposit = record.as_ref().and_then(|record| record.deposit);
		let open_fifths = record.iter().flat_map(|record| record.ledger.fifths.iter());
		CollectorInfo {
			account: account.clone(),
			index: Self::index_of(account),
			deposit: deposit.unwrap_or_else(T::CollectorDeposit::get),
			free: T::Currency::balance(account),
			owed: Self::owed_to(account),
			open_fifths: open_fifths
				.filter(|(epoch, _)| !T::Emission::is_closed(*epoch))
				.fold(0, |sum, (_, count)| u32::saturating_add(sum, *count)),
		}
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T: Config> groma_traits::CollectorsBenchmarkHelper for Pallet<T> {
	fn add_collector() -> CollectorIndex {
		use frame_support::traits::fungible::Mutate;
		use groma_core::money::GRM;

		let account: T::AccountId =
			frame_benchmarking::account("collector", last_index::<T>().value().unwrap_or(0), 0);
		let funds = T::CollectorDeposit::get().saturating_add(1_000 * GRM);
		assert!(T::Currency::mint_into(&account, funds).is_ok(), "the supply has room");
		assert!(Self::do_register_collector(account.clone()).is_ok(), "it has the deposit");
		let index = Self::index_of(&account);
		// An epoch that is closed and of which all is folded with the next credit.
		if let Some(epoch) = T::Emission::first_open_epoch().and_then(|open| open.checked_sub(1)) {
			let settled = crate::CollectorEpoch { per_fifth: GRM, unfolded_fifths: u32::MAX };
			crate::pallet::CollectorEpochs::<T>::insert(epoch, settled);
			if let Some(mut record) = Self::record_at(index).value() {
				assert!(record.ledger.fifths.try_push((epoch, 5)).is_ok(), "it is empty");
				Collectors::<T>::insert(index, record);
			}
		}
		index
	}

	fn credited(collector: CollectorIndex) -> u32 {
		let epoch = T::Emission::present_epoch();
		let fifths = Self::record_at(collector).value().map(|record| record.ledger.fifths);
		let of_epoch = fifths.iter().flatten().filter(|(of, _)| Some(*of) == epoch);
		of_epoch.map(|(_, count)| *count).sum()
	}
}
