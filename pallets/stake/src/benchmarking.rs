//! Benchmarks of every call, and of an offence, in the worst case.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use frame_benchmarking::v2::*;
use frame_support::{
	BoundedVec,
	traits::{Get, fungible::Mutate},
};
use frame_system::RawOrigin;
use groma_core::{
	WindowIndex,
	money::GRM,
	protocol::{FIRST_NETWORK, THAWS_MAX},
};
use groma_traits::{DeviceOffences, Offence, Window, WindowsBenchmarkHelper as _};

use crate::*;

const DEVICES: Purpose = Purpose::Devices(FIRST_NETWORK);

/// Makes this the running window.
fn begin_window<T: Config>(index: WindowIndex) {
	let thresholds = BoundedVec::default();
	T::BenchmarkHelper::set_window(Window { index, first_block: 0, seed: [0; 32], thresholds });
}

/// An account of which so many GRM are active, and as many entries thaw as can, each of 1 GRM. The
/// first is due in the window that this returns.
fn owner<T: Config>(active: u128) -> (T::AccountId, WindowIndex) {
	let owner: T::AccountId = whitelisted_caller();
	T::Currency::set_balance(&owner, 1_000_000_000 * GRM);
	let origin = || RawOrigin::Signed(owner.clone()).into();
	let amount = (u128::from(THAWS_MAX) + active) * GRM;
	Pallet::<T>::provision(origin(), DEVICES, amount).unwrap();
	for window in 0..THAWS_MAX {
		begin_window::<T>(1_000 + window);
		Pallet::<T>::thaw(origin(), DEVICES, GRM).unwrap();
	}
	begin_window::<T>(1_000 + THAWS_MAX);
	(owner, 1_000 + T::ThawWindows::get())
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn provision() {
		let (owner, _) = owner::<T>(1);
		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), DEVICES, GRM);
		let kept = Pallet::<T>::provision_of(&owner, FIRST_NETWORK).unwrap();
		assert_eq!(kept.active, 2 * GRM);
	}

	#[benchmark]
	fn thaw() {
		let (owner, _) = owner::<T>(2);
		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), DEVICES, GRM);
		let kept = Pallet::<T>::provision_of(&owner, FIRST_NETWORK).unwrap();
		assert_eq!(kept.active, GRM);
		assert_eq!(kept.thawing.len() as u32, THAWS_MAX);
	}

	#[benchmark]
	fn withdraw() {
		let (owner, due) = owner::<T>(1);
		begin_window::<T>(due + THAWS_MAX);
		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), DEVICES);
		let kept = Pallet::<T>::provision_of(&owner, FIRST_NETWORK).unwrap();
		assert!(kept.thawing.is_empty());
	}

	/// All that is active and thaws is taken, for a reporter whose account it opens.
	#[benchmark]
	fn on_offence() {
		let (owner, _) = owner::<T>(1);
		let reporter: T::AccountId = account("reporter", 0, 0);
		#[block]
		{
			Pallet::<T>::on_offence(0, FIRST_NETWORK, &owner, &reporter, Offence::DoubleBeacon);
		}
		let kept = Pallet::<T>::provision_of(&owner, FIRST_NETWORK).unwrap();
		assert_eq!(kept.active, 0);
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
