//! Benchmarks of every call, and of settling an epoch, in the worst case.

use frame_benchmarking::v2::*;
use frame_support::traits::{Get, fungible::Mutate};
use frame_system::RawOrigin;
use groma_core::{EpochIndex, money::GRM};
use groma_traits::{ClosedEpoch, EmissionBenchmarkHelper, OnEpochClosed, Pools};

use crate::*;

const EPOCH: EpochIndex = 1;

/// An account that can pay the deposit twice.
fn funded<T: Config>() -> T::AccountId {
	let collector: T::AccountId = account("collector", 0, 0);
	let funds = T::CollectorDeposit::get().saturating_mul(2).saturating_add(100 * GRM);
	T::Currency::mint_into(&collector, funds).expect("the supply has room");
	collector
}

/// A collector with reports of two epochs, which are closed if `is_closed`.
fn collector_with_reports<T: Config>(is_closed: bool) -> T::AccountId {
	T::BenchmarkHelper::pass_to(if is_closed { EPOCH + 2 } else { EPOCH });
	let collector = funded::<T>();
	Pallet::<T>::do_register_collector(collector.clone()).expect("it has the deposit");
	let index = Pallet::<T>::index_of(&collector);
	let mut record = Collectors::<T>::get(index).expect("it is registered");
	record.ledger.owed = GRM;
	for epoch in [EPOCH, EPOCH + 1] {
		record.ledger.fifths.try_push((epoch, 50)).expect("there is room for two");
		if is_closed {
			let settled = CollectorEpoch { per_fifth: GRM, unfolded_fifths: 50 };
			CollectorEpochs::<T>::insert(epoch, settled);
		} else {
			OpenFifths::<T>::insert(epoch, 50);
		}
	}
	Collectors::<T>::insert(index, record);
	collector
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn close_epoch() {
		T::BenchmarkHelper::pass_to(EPOCH);
		OpenFifths::<T>::insert(EPOCH, 1_000);
		// More than the cap lets anyone earn.
		let pools = Pools { collectors: 1_000_000 * GRM, ..Pools::default() };
		let closed =
			ClosedEpoch { epoch: EPOCH, began_ms: 1, chain_began_ms: 1, pools, for_validators: 0 };
		#[block]
		{
			Pallet::<T>::on_epoch_closed(&closed);
		}
		assert!(CollectorEpochs::<T>::contains_key(EPOCH));
	}

	#[benchmark]
	fn claim_collected() -> Result<(), BenchmarkError> {
		let collector = collector_with_reports::<T>(false);
		Pallet::<T>::do_deregister_collector(collector.clone())?;
		T::BenchmarkHelper::pass_to(EPOCH + 2);
		for epoch in [EPOCH, EPOCH + 1] {
			OpenFifths::<T>::remove(epoch);
			let settled = CollectorEpoch { per_fifth: GRM, unfolded_fifths: 50 };
			CollectorEpochs::<T>::insert(epoch, settled);
		}
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), collector.clone());
		assert!(!Indices::<T>::contains_key(&collector));
		assert_eq!(CollectorEpochs::<T>::iter().count(), 0);
		Ok(())
	}

	#[benchmark]
	fn register_collector() -> Result<(), BenchmarkError> {
		let collector = collector_with_reports::<T>(false);
		let count = Collectors::<T>::iter().count();
		Pallet::<T>::do_deregister_collector(collector.clone())?;
		let before = LastIndex::<T>::get().expect("one was given away");
		#[extrinsic_call]
		_(RawOrigin::Signed(collector.clone()));
		assert_eq!(Pallet::<T>::index_of(&collector), before + 1);
		assert_eq!(Collectors::<T>::iter().count(), count);
		Ok(())
	}

	#[benchmark]
	fn deregister_collector() {
		let collector = collector_with_reports::<T>(true);
		#[extrinsic_call]
		_(RawOrigin::Signed(collector.clone()));
		assert_eq!(Pallet::<T>::index_of(&collector), 0);
		assert_eq!(CollectorEpochs::<T>::iter().count(), 0);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_chain(), crate::mock::Test);
}
