//! Benchmarks of every call, and of settling an epoch, in the worst case.

use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use groma_core::{EpochIndex, money::GRM};
use groma_traits::{ClosedEpoch, EmissionBenchmarkHelper, OnEpochClosed, Pools};

use crate::*;

const EPOCH: EpochIndex = 1;

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn close_epoch() {
		T::BenchmarkHelper::pass_to(EPOCH);
		OpenReports::<T>::insert(EPOCH, 1_000);
		// More than the cap lets anyone earn.
		let pools = Pools { collectors: 1_000_000 * GRM, ..Pools::default() };
		let closed = ClosedEpoch { epoch: EPOCH, began_ms: 1, chain_began_ms: 1, pools };
		#[block]
		{
			Pallet::<T>::on_epoch_closed(&closed);
		}
		assert!(CollectorEpochs::<T>::contains_key(EPOCH));
	}

	#[benchmark]
	fn claim_collected() {
		T::BenchmarkHelper::pass_to(EPOCH + 2);
		let collector: T::AccountId = account("collector", 0, 0);
		let mut ledger = CollectorLedger { owed: GRM, ..Default::default() };
		for epoch in [EPOCH, EPOCH + 1] {
			let settled = CollectorEpoch { per_report: GRM, unfolded_reports: 10 };
			CollectorEpochs::<T>::insert(epoch, settled);
			assert!(ledger.reports.try_push((epoch, 10)).is_ok());
		}
		Collectors::<T>::insert(&collector, ledger);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), collector.clone());
		assert!(!Collectors::<T>::contains_key(&collector));
		assert_eq!(CollectorEpochs::<T>::iter().count(), 0);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_chain(), crate::mock::Test);
}
