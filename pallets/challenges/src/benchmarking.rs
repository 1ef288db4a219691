//! Benchmarks of every hook, and of the transaction extension.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use frame_benchmarking::v2::*;
use frame_support::{
	BoundedVec,
	dispatch::{DispatchInfo, PostDispatchInfo},
	traits::Hooks,
	weights::Weight,
};
use frame_system::{RawOrigin, pallet_prelude::BlockNumberFor};
use groma_core::{WindowIndex, payload};
use groma_traits::{Networks, Window, Windows, WindowsBenchmarkHelper};
use sp_runtime::traits::{AsSystemOriginSigner, DispatchTransaction, Dispatchable};

use crate::{
	Config, CurrentWindow, EvidenceLane, LaneUse, Pallet, Track, WindowClock,
	types::BlockShares,
	windows::{Room, block_now, clock, threshold_of},
};

type RuntimeCallOf<T> = <T as frame_system::Config>::RuntimeCall;

const WINDOW: WindowIndex = 1_000_000;

/// Makes [`WINDOW`] the running one.
fn go_to_window<T: Config>() {
	let seed = payload::seed(WINDOW, &[1; 32]);
	let thresholds = BoundedVec::new();
	Pallet::<T>::set_window(Window { index: WINDOW, first_block: 0, seed, thresholds });
}

fn alter_clock<T: Config>(change: impl FnOnce(&mut WindowClock)) {
	let mut clock = clock::<T>().unwrap();
	change(&mut clock);
	CurrentWindow::<T>::put(clock);
}

#[benchmarks(where
	T: Send + Sync,
	RuntimeCallOf<T>: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>
		+ From<frame_system::Call<T>>,
	<RuntimeCallOf<T> as Dispatchable>::RuntimeOrigin:
		From<RawOrigin<T::AccountId>> + AsSystemOriginSigner<T::AccountId>,
)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn tick() {
		let now = frame_system::Pallet::<T>::block_number();
		go_to_window::<T>();
		alter_clock::<T>(|clock| clock.blocks = 1_000);
		#[block]
		{
			Pallet::<T>::tick(now);
		}
		assert_eq!(Pallet::<T>::current(), WINDOW);
	}

	#[benchmark]
	fn open_window() {
		go_to_window::<T>();
		alter_clock::<T>(|clock| clock.blocks = 1);
		let now = BlockNumberFor::<T>::from(block_now::<T>().saturating_add(1));
		#[block]
		{
			Pallet::<T>::tick(now);
		}
		assert_eq!(Pallet::<T>::current(), WINDOW + 1);
	}

	#[benchmark]
	fn threshold() {
		let network = T::Networks::ids()[0];
		let room = Room::of_window::<T>();
		let computed;
		#[block]
		{
			computed = threshold_of::<T>(network, &room);
		}
		assert!(computed.is_some());
	}

	#[benchmark]
	fn lane() {
		let caller: T::AccountId = whitelisted_caller();
		let remark = frame_system::Call::<T>::remark { remark: Default::default() };
		let call: RuntimeCallOf<T> = remark.into();
		let info = DispatchInfo { call_weight: Weight::from_parts(1_000, 0), ..Default::default() };
		#[block]
		{
			EvidenceLane::<T>::new()
				.test_run(RawOrigin::Signed(caller).into(), &call, &info, 10, 0, |_| {
					Ok(PostDispatchInfo::default())
				})
				.unwrap()
				.unwrap();
		}
		assert!(LaneUse::<T>::exists());
	}

	#[benchmark]
	fn adjust_fees() {
		let most = EvidenceLane::<T>::limit(Track::Evidence);
		LaneUse::<T>::put(BlockShares { evidence: most, ..Default::default() });
		let before = Pallet::<T>::fee_multiplier();
		#[block]
		{
			Pallet::<T>::on_finalize(frame_system::Pallet::<T>::block_number());
		}
		assert!(Pallet::<T>::fee_multiplier() > before);
		assert!(!LaneUse::<T>::exists());
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder.build(), crate::mock::Test);
}
