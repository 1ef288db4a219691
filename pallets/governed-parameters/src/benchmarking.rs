//! The benchmark of the call.

use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, dynamic_params::AggregatedKeyValue};

use crate::*;

#[benchmarks(where ParameterOf<T>: Default)]
mod benches {
	use super::*;

	#[benchmark]
	fn set_parameter() -> Result<(), BenchmarkError> {
		let parameter = ParameterOf::<T>::default();
		let (key, value) = parameter.clone().into_parts();
		let origin = T::GovernanceOrigin::try_successful_origin()
			.map_err(|()| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameter);
		assert_eq!(pallet_parameters::Parameters::<T>::get(key), value);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_chain(), crate::mock::Test);
}
