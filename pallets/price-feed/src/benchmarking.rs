//! Benchmarks of every call and hook in the worst case.

use alloc::vec::Vec;

use frame_benchmarking::v2::*;
use frame_support::{BoundedVec, traits::Time};
use frame_system::RawOrigin;
use groma_core::price::Price;
use groma_traits::{ClosedEpoch, OnEpochClosed, Pools, ValidatorsBenchmarkHelper};

use crate::{
	pallet::{FeederOf, Feeders, Feeds, State},
	*,
};

/// Makes so many validators the present set.
fn set_validators<T: Config>(count: u32) -> Vec<T::AccountId> {
	let validators: Vec<T::AccountId> = (0..count).map(|n| account("validator", n, 0)).collect();
	T::BenchmarkHelper::set_present(validators.clone());
	validators
}

/// Feeds of validators, each with another price, the highest first.
fn put_feeds<T: Config>(validators: &[T::AccountId]) {
	let at_ms = T::Time::now();
	let feed = |(n, validator): (usize, &T::AccountId)| {
		let price = Price::clamp(1_000_000_000_u64.saturating_sub(n as u64));
		Feed { validator: validator.clone(), price, at_ms }
	};
	let feeds: Vec<_> = validators.iter().enumerate().map(feed).collect();
	Feeds::<T>::put(BoundedVec::<_, T::MaxValidators>::truncate_from(feeds));
}

/// A state with a market, of another session than the present one.
fn put_state<T: Config>() {
	let mut state = PriceState::first();
	state.agree(Price::clamp(100_000_000), u64::MAX, 0);
	state.bootstrap_was = Some(Price::clamp(10_000_000));
	State::<T>::put(state);
}

fn name<T: Config>(validator: &T::AccountId, feeder: &T::AccountId) {
	Feeders::<T>::insert(feeder, validator);
	FeederOf::<T>::insert(validator, feeder);
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn on_initialize() {
		set_validators::<T>(1);
		State::<T>::put(PriceState::first());
		// The first block of the session is worked out already.
		Pallet::<T>::tick();
		#[block]
		{
			Pallet::<T>::fix_fee_price();
			Pallet::<T>::tick();
			Pallet::<T>::release_fee_price();
		}
		assert!(State::<T>::get().is_some_and(|state| state.validators == 1));
	}

	#[benchmark]
	fn look(n: Linear<1, 300>) {
		let validators = set_validators::<T>(n);
		put_feeds::<T>(&validators);
		put_state::<T>();
		#[block]
		{
			Pallet::<T>::tick();
		}
		assert!(State::<T>::get().is_some_and(|state| state.validators == n));
	}

	#[benchmark]
	fn close_epoch() {
		put_state::<T>();
		let pools = Pools::default();
		let closed =
			ClosedEpoch { epoch: 1, began_ms: 1, chain_began_ms: 1, pools, for_validators: 0 };
		#[block]
		{
			Pallet::<T>::on_epoch_closed(&closed);
		}
		assert!(State::<T>::get().is_some());
	}

	#[benchmark]
	fn set_feeder(n: Linear<1, 300>) {
		let validators = set_validators::<T>(n);
		// The last of the list is looked for, and has a feeder already.
		let validator = validators.last().cloned().unwrap_or_else(whitelisted_caller);
		name::<T>(&validator, &account("feeder", 0, 0));
		let feeder: T::AccountId = account("feeder", 1, 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(validator.clone()), Some(feeder.clone()));
		assert_eq!(FeederOf::<T>::get(validator), Some(feeder));
	}

	#[benchmark]
	fn feed(n: Linear<1, 300>) {
		let mut validators = set_validators::<T>(n);
		let validator = validators.pop().unwrap_or_else(whitelisted_caller);
		put_feeds::<T>(&validators);
		put_state::<T>();
		let feeder: T::AccountId = whitelisted_caller();
		name::<T>(&validator, &feeder);
		#[extrinsic_call]
		_(RawOrigin::Signed(feeder), Price::clamp(123_456_789));
		assert_eq!(Feeds::<T>::get().map(|feeds| feeds.len() as u32), Some(n));
	}

	#[benchmark]
	fn check_feed(n: Linear<1, 300>) {
		let mut validators = set_validators::<T>(n);
		let validator = validators.pop().unwrap_or_else(whitelisted_caller);
		put_feeds::<T>(&validators);
		put_state::<T>();
		let feeder: T::AccountId = whitelisted_caller();
		name::<T>(&validator, &feeder);
		let answer;
		#[block]
		{
			answer = Pallet::<T>::check_feed(&feeder, Price::clamp(123_456_789));
		}
		assert_eq!(answer, Ok(()));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_chain(), crate::mock::Test);
}
