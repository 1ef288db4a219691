//! The benchmark of the call: sets as large as they can be, of which the caller is in none.

use frame_benchmarking::v2::*;
use frame_support::traits::Get;
use frame_system::RawOrigin;
use pallet_session::{NextKeys, Validators};

use crate::*;

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn purge_keys() -> Result<(), BenchmarkError> {
		let keys = NextKeys::<T>::iter_values().next().ok_or("genesis has validators")?;
		let many = <T as Config>::MaxValidators::get();
		let members: alloc::vec::Vec<T::AccountId> =
			(0..many).map(|number| account("validator", number, 0)).collect();
		let queued: alloc::vec::Vec<_> =
			members.iter().map(|member| (member.clone(), keys.clone())).collect();
		Validators::<T>::put(members);
		pallet_session::QueuedKeys::<T>::put(queued);
		let caller: T::AccountId = whitelisted_caller();
		frame_system::Pallet::<T>::inc_providers(&caller);
		frame_system::Pallet::<T>::inc_consumers(&caller)?;
		NextKeys::<T>::insert(&caller, keys);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));
		assert!(!NextKeys::<T>::contains_key(&caller));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::chain_of(3), crate::mock::Test);
}
