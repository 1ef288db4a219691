//! Benchmarks of the call and the hook.

use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Hooks};
use sp_runtime::traits::{Hash, Zero};

use crate::*;

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn authorize() -> Result<(), BenchmarkError> {
		let origin =
			T::UpgradeOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
		let code_hash = T::Hashing::hash(b"code");
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, code_hash);
		assert_eq!(Pallet::<T>::authorized().map(|pending| pending.code_hash), Some(code_hash));
		Ok(())
	}

	#[benchmark]
	fn on_initialize_idle() {
		#[block]
		{
			Pallet::<T>::on_initialize(Zero::zero());
		}
		assert_eq!(Pallet::<T>::authorized(), None);
	}

	#[benchmark]
	fn on_initialize_expire() -> Result<(), BenchmarkError> {
		Pallet::<T>::do_authorize(T::Hashing::hash(b"code"))?;
		let ends = Pallet::<T>::authorized().map(|pending| pending.expires).unwrap_or_default();
		#[block]
		{
			Pallet::<T>::on_initialize(ends);
		}
		assert_eq!(Pallet::<T>::authorized(), None);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_chain(), crate::mock::Test);
}
