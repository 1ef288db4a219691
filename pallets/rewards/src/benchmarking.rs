//! Benchmarks of every call and hook at its worst.

use alloc::vec::Vec;

use frame_benchmarking::v2::*;
use frame_support::traits::fungible::{Inspect, Mutate};
use frame_system::RawOrigin;
use groma_core::{
	DeviceId, EpochIndex, NetworkId,
	coverage::{ONE, Scale, Units},
	emission::DAY_MS,
	money::{Balance, GRM},
};
use groma_seams::{CoverageTerms, Work};

use crate::*;

const DEVICE: DeviceId = 7;
const EPOCH: EpochIndex = 1;
/// More networks than the chain is planned for, so that the slope is measured well.
const NETWORKS: u32 = 32;

/// A clock whose second epoch is open.
fn clock() -> RewardClock {
	RewardClock { started_ms: DAY_MS / 2, epoch_length_ms: DAY_MS, open: EPOCH }
}

fn fund_pot<T: Config>() {
	let balance = T::Currency::minimum_balance().saturating_add(1_000_000 * GRM);
	T::Currency::set_balance(&Pallet::<T>::pot(), balance);
}

fn terms() -> CoverageTerms {
	CoverageTerms {
		challenge_interval_windows: 72,
		maturity_windows: 576,
		ramp_windows: 4_320,
		ramp_scale: Scale::from_percent(10),
		self_made_scale: Scale::from_percent(50),
		density_limits: groma_core::density::DEFAULT_LIMITS,
		coverage_weight: Scale::from_percent(1),
		unit_cap: GRM,
		stake_per_device: 50 * GRM,
		yield_max: Scale::from_billionths(3_000_000),
	}
}

fn largest_split<T: Config>(seed: u32) -> PayoutShares<T::AccountId> {
	let share = Scale::from_fraction(1, PAYOUT_SHARES_MAX);
	let shares: Vec<_> = (0..PAYOUT_SHARES_MAX)
		.map(|n| PayoutShare { account: account("receiver", n, seed), share })
		.collect();
	PayoutShares::truncate_from(shares)
}

/// A device that owes `payees` of them, each with the largest split, and has waiting work whose fold
/// leaves a surplus to burn.
fn owing_device<T: Config>(payees: u32) -> T::AccountId {
	fund_pot::<T>();
	Clock::<T>::put(RewardClock { open: EPOCH + 1, ..clock() });
	for n in 0..payees {
		let payee: T::AccountId = account("payee", n, 0);
		Owed::<T>::insert(DEVICE, &payee, 1_000 * GRM);
		if let Some(split) = PayoutSplit::new(largest_split::<T>(n)) {
			Splits::<T>::insert(DEVICE, &payee, split);
		}
	}
	let units = Units(1_000 * ONE);
	let settled = NetworkEpoch::settle(units, 1_000 * GRM, GRM, GRM);
	NetworkEpochs::<T>::insert(0, EPOCH, settled);
	let payee: T::AccountId = account("payee", 0, 0);
	let work = Work { payee: payee.clone(), network: 0, epoch: EPOCH, units: Units(10 * ONE) };
	Waiting::<T>::insert(DEVICE, work);
	payee
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn on_initialize() {
		Clock::<T>::put(RewardClock { open: EpochIndex::MAX, ..clock() });
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

	#[benchmark]
	fn close_epoch(n: Linear<1, NETWORKS>) {
		let networks: Vec<(NetworkId, CoverageTerms)> =
			(0..n).map(|network| (network as NetworkId, terms())).collect();
		for (network, _) in &networks {
			OpenUnits::<T>::insert(EPOCH, network, Units(1_000_000 * ONE));
		}
		OpenStatements::<T>::insert(EPOCH, 1_000);
		Clock::<T>::put(clock());
		#[block]
		{
			if let Some(clock) = Clock::<T>::get() {
				Pallet::<T>::close_until(clock, EPOCH + 3, &networks);
			}
		}
		assert!(Clock::<T>::get().is_some_and(|clock| clock.is_closed(EPOCH)));
		assert!(NetworkEpochs::<T>::contains_key((n - 1) as NetworkId, EPOCH));
	}

	#[benchmark]
	fn claim(p: Linear<1, PAYEES_PER_CLAIM>) {
		owing_device::<T>(p);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), DEVICE);
		assert_eq!(Owed::<T>::iter_prefix(DEVICE).count(), 0);
	}

	#[benchmark]
	fn claim_payee() {
		let payee = owing_device::<T>(1);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), DEVICE, payee);
		assert_eq!(Owed::<T>::iter_prefix(DEVICE).count(), 0);
	}

	#[benchmark]
	fn set_payout_split() {
		let caller: T::AccountId = whitelisted_caller();
		Owed::<T>::insert(DEVICE, &caller, GRM);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), DEVICE, largest_split::<T>(0));
		assert!(Splits::<T>::contains_key(DEVICE, &caller));
	}

	#[benchmark]
	fn claim_collected() {
		fund_pot::<T>();
		Clock::<T>::put(RewardClock { open: EPOCH + 2, ..clock() });
		let collector: T::AccountId = account("collector", 0, 0);
		let mut ledger = CollectorLedger { owed: GRM, ..Default::default() };
		for epoch in [EPOCH, EPOCH + 1] {
			let settled = CollectorEpoch { per_statement: GRM, unfolded_statements: 10 };
			CollectorEpochs::<T>::insert(epoch, settled);
			assert!(ledger.statements.try_push((epoch, 10)).is_ok());
		}
		Collectors::<T>::insert(&collector, ledger);
		let caller: T::AccountId = whitelisted_caller();
		let expected: Balance = 21 * GRM;
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), collector.clone());
		assert_eq!(T::Currency::balance(&collector), expected);
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
