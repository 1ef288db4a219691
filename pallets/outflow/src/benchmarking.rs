//! Benchmarks of the hook.

use frame_benchmarking::v2::*;
use frame_support::traits::Hooks;
use frame_system::pallet_prelude::BlockNumberFor;

use crate::*;

#[benchmarks]
mod benches {
	use super::*;

	/// A meter that is full, so that the oldest day is forgotten.
	fn full_meter<T: Config>() {
		let mut meter = MeterOf::<T>::new(Default::default());
		(0..DAYS).for_each(|_| meter.begin_day(Default::default()));
		Days::<T>::put(meter);
	}

	#[benchmark]
	fn on_initialize_within_day() {
		full_meter::<T>();
		let before = Days::<T>::get();
		let now = T::DayBlocks::get() + BlockNumberFor::<T>::from(1u32);
		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}
		assert_eq!(Days::<T>::get(), before);
	}

	#[benchmark]
	fn on_initialize_day() {
		full_meter::<T>();
		Pallet::<T>::note(1u32.into());
		let now = T::DayBlocks::get();
		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}
		let today_began = Days::<T>::get().map(|meter| meter.today());
		assert_eq!(today_began, Some(Some(Day { held: Pallet::<T>::held(), left: 0u32.into() })));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_chain(1_000), crate::mock::Test);
}
