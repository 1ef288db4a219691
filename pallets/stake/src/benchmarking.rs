//! Benchmarks of every call, and of what other pallets have done, in the worst case.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use frame_benchmarking::v2::*;
use frame_support::{
	BoundedVec,
	traits::{Get, fungible::Mutate},
};
use frame_system::RawOrigin;
use groma_core::{
	EraIndex, WindowIndex,
	money::{Balance, GRM},
	protocol::{FIRST_NETWORK, SETTLED_MAX, THAWS_MAX, YIELD_EPOCHS},
	units::Scale,
};
use groma_traits::{
	Backing, DeviceOffences, EmissionBenchmarkHelper as _, Eras as _, ErasBenchmarkHelper as _,
	Offence, Window, WindowsBenchmarkHelper as _,
};

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

/// The first era in which anything thaws.
const FIRST_ERA: EraIndex = 1_000;

/// An operator with own stake whose pool is open, of whom as many entries thaw as can.
fn operator<T: Config>() -> T::AccountId {
	let operator: T::AccountId = account("operator", 0, 0);
	T::Currency::set_balance(&operator, 1_000_000_000 * GRM);
	T::BenchmarkHelper::give_keys(&operator);
	T::BenchmarkHelper::set_era(FIRST_ERA);
	let origin = || RawOrigin::Signed(operator.clone()).into();
	Pallet::<T>::provision(origin(), Purpose::Validating, 10_000 * GRM).unwrap();
	Pallet::<T>::set_open(origin(), true).unwrap();
	for era in 0..THAWS_MAX {
		T::BenchmarkHelper::set_era(FIRST_ERA + era);
		Pallet::<T>::thaw(origin(), Purpose::Validating, GRM).unwrap();
	}
	operator
}

/// An account that delegated to the operator, of which as many entries thaw as can, each of 10 GRM
/// and of another era, in which nothing of another account thaws. The last of these eras runs then.
fn delegator<T: Config>(operator: &T::AccountId, index: u32) -> T::AccountId {
	let delegator: T::AccountId = account("delegator", index, 0);
	T::Currency::set_balance(&delegator, 1_000_000_000 * GRM);
	let origin = || RawOrigin::Signed(delegator.clone()).into();
	Pallet::<T>::delegate(origin(), operator.clone(), 1_000 * GRM).unwrap();
	for era in 0..THAWS_MAX {
		T::BenchmarkHelper::set_era(first_era(index) + era);
		Pallet::<T>::undelegate(origin(), operator.clone(), Some(10 * GRM)).unwrap();
	}
	delegator
}

/// The first era in which anything of such an account thaws.
fn first_era(index: u32) -> EraIndex {
	FIRST_ERA + index * THAWS_MAX
}

/// Takes all own stake and a part of what is delegated, so that every record has to be settled.
fn slash_a_part<T: Config>(operator: &T::AccountId) {
	let own = Pallet::<T>::operator_of(operator).unwrap().own.on_hold();
	let slashed = <Pallet<T> as Backing<T::AccountId>>::slash(operator, FIRST_ERA, own + GRM, None);
	assert_eq!(slashed.own + slashed.delegated, own + GRM);
	assert_eq!(Pallet::<T>::unsettled(), Some(slashed.delegated));
}

/// Takes all own stake, and all that is delegated or thaws of an era or a later one: the pool and
/// every tranche begin a new generation.
fn slash_all<T: Config>(operator: &T::AccountId, era: EraIndex) {
	let slashed = <Pallet<T> as Backing<T::AccountId>>::slash(operator, era, Balance::MAX, None);
	assert!(slashed.delegated > 0);
}

/// Takes all that thaws of the first account, as slashes of several eras do of a pool that lost all
/// and that it joined again.
fn lose_what_thaws<T: Config>(operator: &T::AccountId) {
	for era in FIRST_ERA..FIRST_ERA + THAWS_MAX {
		let mut tranche = Pallet::<T>::tranche(operator, era).unwrap();
		let cut = tranche.stake.cut(Balance::MAX);
		assert!(cut.ended > 0);
		Pallet::<T>::put_tranche(operator, era, tranche);
		Pallet::<T>::note_live(cut.taken, 0);
	}
}

/// Rewards the operator and its pool out of a pot that has enough.
fn reward<T: Config>(operator: &T::AccountId) {
	T::BenchmarkHelper::pass_to(20_000);
	let amount = 100 * GRM;
	let taken = <Pallet<T> as Backing<T::AccountId>>::reward(operator, 19_999, amount);
	assert_eq!(taken, amount);
}

/// What an account has on hold behind the operator.
fn held<T: Config>(delegator: &T::AccountId, operator: &T::AccountId) -> Balance {
	Pallet::<T>::delegation_of(delegator, operator).unwrap().on_hold()
}

/// An operator, and an account that delegates to it, whose record has to be settled.
fn unsettled<T: Config>() -> (T::AccountId, T::AccountId) {
	let operator = operator::<T>();
	let delegator = delegator::<T>(&operator, 0);
	reward::<T>(&operator);
	slash_a_part::<T>(&operator);
	(operator, delegator)
}

/// An operator, and an account that lost all that it delegated to it.
fn ruined<T: Config>() -> (T::AccountId, T::AccountId) {
	let operator = operator::<T>();
	let delegator = delegator::<T>(&operator, 0);
	reward::<T>(&operator);
	slash_all::<T>(&operator, FIRST_ERA);
	(operator, delegator)
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

	/// All was lost: the part of the pool and each entry leave a generation that ended.
	#[benchmark]
	fn delegate() {
		let (operator, delegator) = ruined::<T>();
		assert!(held::<T>(&delegator, &operator) > 10 * GRM);
		#[extrinsic_call]
		_(RawOrigin::Signed(delegator.clone()), operator.clone(), 10 * GRM);
		assert_eq!(held::<T>(&delegator, &operator), 10 * GRM);
	}

	/// Every entry leaves its tranche, and one joins that of the present era.
	#[benchmark]
	fn undelegate() {
		let (operator, delegator) = unsettled::<T>();
		lose_what_thaws::<T>(&operator);
		T::BenchmarkHelper::set_era(FIRST_ERA + THAWS_MAX);
		#[extrinsic_call]
		_(RawOrigin::Signed(delegator.clone()), operator.clone(), Some(10 * GRM));
		let delegation = Pallet::<T>::delegation_of(&delegator, &operator).unwrap();
		let eras: alloc::vec::Vec<_> = delegation.thawing.iter().map(|entry| entry.era).collect();
		assert_eq!(eras, [FIRST_ERA + THAWS_MAX]);
		// Rounding leaves a planck at most for the pool, and one for the entry.
		assert!(Pallet::<T>::unsettled().unwrap() <= 2);
	}

	/// A slash took a part of every entry, and one of a later era the pool.
	#[benchmark]
	fn withdraw_delegated() {
		let (operator, delegator) = unsettled::<T>();
		T::BenchmarkHelper::set_era(FIRST_ERA + THAWS_MAX);
		slash_all::<T>(&operator, FIRST_ERA + THAWS_MAX);
		T::BenchmarkHelper::set_era(FIRST_ERA + THAWS_MAX + T::Spans::get().thaw);
		#[extrinsic_call]
		_(RawOrigin::Signed(delegator.clone()), operator.clone());
		let delegation = Pallet::<T>::delegation_of(&delegator, &operator).unwrap();
		assert!(delegation.thawing.is_empty());
	}

	/// All was lost but the reward.
	#[benchmark]
	fn claim() {
		let (operator, delegator) = ruined::<T>();
		assert!(Pallet::<T>::owed_to(&delegator, &operator).unwrap() > 0);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), operator.clone(), delegator.clone());
		assert_eq!(Pallet::<T>::owed_to(&delegator, &operator), None);
	}

	/// Each account lost all, in a separate slash: none shares a tranche or a generation with
	/// another one.
	#[benchmark]
	fn settle(n: Linear<0, SETTLED_MAX>) {
		let operator = operator::<T>();
		let lose = |index| {
			let delegator = delegator::<T>(&operator, index);
			slash_all::<T>(&operator, first_era(index));
			delegator
		};
		let accounts: alloc::vec::Vec<_> = (0..n).map(lose).collect();
		assert_eq!(Pallet::<T>::unsettled(), Some(Balance::from(n) * 1_000 * GRM));
		let accounts = BoundedVec::truncate_from(accounts);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), operator, accounts);
		assert_eq!(Pallet::<T>::unsettled(), Some(0));
	}

	#[benchmark]
	fn announce_commission() {
		let operator = operator::<T>();
		let share = Scale::from_percent(5).min(T::CommissionMax::get());
		#[extrinsic_call]
		_(RawOrigin::Signed(operator.clone()), share);
		let commission = Pallet::<T>::operator_of(&operator).unwrap().commission;
		assert_eq!(commission.next.map(|(share, _)| share), Some(share));
	}

	#[benchmark]
	fn set_open() {
		let operator = operator::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(operator.clone()), false);
		assert!(!Pallet::<T>::operator_of(&operator).unwrap().is_open);
	}

	/// Stake thaws of every era that it concerns, and all of it is taken, for a reporter whose
	/// account it opens.
	#[benchmark]
	fn slash_operator() {
		let operator = operator::<T>();
		let last = FIRST_ERA + T::Spans::get().thaw;
		// Each of another account, since one has no room for so many.
		for era in FIRST_ERA..=last {
			let delegator: T::AccountId = account("delegator", era, 0);
			T::Currency::set_balance(&delegator, 1_000_000_000 * GRM);
			let origin = || RawOrigin::Signed(delegator.clone()).into();
			T::BenchmarkHelper::set_era(era);
			Pallet::<T>::delegate(origin(), operator.clone(), 100 * GRM).unwrap();
			Pallet::<T>::undelegate(origin(), operator.clone(), Some(50 * GRM)).unwrap();
		}
		assert_eq!(T::Eras::counted(), Some(last));
		let reporter: T::AccountId = account("reporter", 0, 0);
		let slashed;
		#[block]
		{
			slashed = <Pallet<T> as Backing<T::AccountId>>::slash(
				&operator,
				FIRST_ERA,
				Balance::MAX,
				Some(&reporter),
			);
		}
		let expected = Balance::from(T::Spans::get().thaw + 1) * 100 * GRM;
		assert_eq!(slashed.delegated, expected);
		assert!(slashed.rewarded > 0);
	}

	#[benchmark]
	fn reward_operator() {
		let operator = operator::<T>();
		delegator::<T>(&operator, 0);
		// As many yields are remembered as can be.
		for epoch in 0..YIELD_EPOCHS {
			<Pallet<T> as Backing<T::AccountId>>::reward(&operator, epoch, 100 * GRM);
		}
		let taken;
		#[block]
		{
			let amount = 100 * GRM;
			taken = <Pallet<T> as Backing<T::AccountId>>::reward(&operator, YIELD_EPOCHS, amount);
		}
		assert_eq!(taken, 100 * GRM);
	}

	#[benchmark]
	fn pend() {
		let operator = operator::<T>();
		for era in 1..T::Spans::get().thaw {
			<Pallet<T> as Backing<T::AccountId>>::pend(&operator, FIRST_ERA - era);
		}
		#[block]
		{
			<Pallet<T> as Backing<T::AccountId>>::pend(&operator, FIRST_ERA);
		}
		let pending = Pallet::<T>::operator_of(&operator).unwrap().pending;
		assert_eq!(pending.len() as u32, T::Spans::get().thaw);
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
