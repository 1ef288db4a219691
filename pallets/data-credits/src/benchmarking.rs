//! Benchmarks of every call in the worst case.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use frame_benchmarking::v2::*;
use frame_support::traits::fungible::Mutate;
use frame_system::RawOrigin;
use groma_core::{
	money::{Balance, Credits, GRM, MINT_CREDITS_MIN},
	protocol::OPERATORS_MAX,
};

use crate::*;

const LIMIT: Credits = 1_000_000;

/// An account that can pay for everything here.
fn payer<T: Config>() -> T::AccountId {
	let payer: T::AccountId = whitelisted_caller();
	T::Currency::set_balance(&payer, 1_000_000_000 * GRM);
	payer
}

/// Names so many operators.
fn name_operators<T: Config>(payer: &T::AccountId, count: u32) {
	for n in 0..count {
		let origin = RawOrigin::Signed(payer.clone());
		Pallet::<T>::set_operator(origin.into(), account("operator", n, 0), LIMIT).unwrap();
	}
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn mint_credits() {
		let payer = payer::<T>();
		let origin = RawOrigin::Signed(payer.clone());
		Pallet::<T>::mint_credits(origin.clone().into(), MINT_CREDITS_MIN, Balance::MAX).unwrap();
		#[extrinsic_call]
		_(origin, MINT_CREDITS_MIN, Balance::MAX);
		assert_eq!(Pallet::<T>::held_by(&payer).credits(), 2 * MINT_CREDITS_MIN);
	}

	#[benchmark]
	fn set_operator() {
		let payer = payer::<T>();
		name_operators::<T>(&payer, OPERATORS_MAX - 1);
		#[extrinsic_call]
		_(RawOrigin::Signed(payer.clone()), account("last operator", 0, 0), LIMIT);
		assert_eq!(Pallet::<T>::operators_of(&payer).len() as u32, OPERATORS_MAX);
	}

	#[benchmark]
	fn remove_operator() {
		let payer = payer::<T>();
		name_operators::<T>(&payer, OPERATORS_MAX);
		#[extrinsic_call]
		_(RawOrigin::Signed(payer.clone()), account("operator", 0, 0));
		assert_eq!(Pallet::<T>::operators_of(&payer).len() as u32, OPERATORS_MAX - 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder.build(), crate::mock::Test);
}
