//! Benchmarks of every hook in its worst case.

use frame_benchmarking::v2::*;
use groma_core::{EpochIndex, emission::DAY_MS, money::GRM};

use crate::*;

const EPOCH: EpochIndex = 1;

/// A clock whose second epoch is open.
fn clock() -> EmissionClock {
	EmissionClock { started_ms: DAY_MS / 2, epoch_length_ms: DAY_MS, open: EPOCH }
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn on_initialize() {
		Clock::<T>::put(EmissionClock { open: EpochIndex::MAX, ..clock() });
		#[block]
		{
			Pallet::<T>::tick();
		}
		assert!(Clock::<T>::get().is_some_and(|clock| clock.open == EpochIndex::MAX));
	}

	#[benchmark]
	fn start_clock() {
		#[block]
		{
			Pallet::<T>::tick();
			Clock::<T>::put(clock());
		}
		assert!(Clock::<T>::exists());
	}

	// The pools have nothing to settle here: what settling them weighs is added to this.
	#[benchmark]
	fn close_epoch() {
		Clock::<T>::put(clock());
		let kept = Kept { epoch: EPOCH, in_epoch: GRM, before: GRM };
		Reminted::<T>::put(Reminting { minted: 0, bases: 10 * GRM, kept });
		#[block]
		{
			if let Some(clock) = Clock::<T>::get() {
				Pallet::<T>::close_until(clock, EPOCH + 3);
			}
		}
		assert!(Clock::<T>::get().is_some_and(|clock| clock.is_closed(EPOCH)));
		assert!(Pallet::<T>::books().is_some_and(|books| books.minted > 0 && books.reserve > 0));
		assert_eq!(Pallet::<T>::reminted().kept.total(), 0);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder.build(), crate::mock::Test);
}
