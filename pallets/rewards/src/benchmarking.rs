//! Benchmarks of every call and hook at its worst.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use alloc::vec::Vec;

use frame_benchmarking::v2::*;
use frame_support::traits::fungible::{Inspect, Mutate};
use frame_system::RawOrigin;
use groma_core::{
	DeviceId, EpochIndex, NetworkId,
	emission::DAY_MS,
	money::{Balance, GRM},
	place::Cell,
	region::EU868,
	terms::NetworkTerms,
	units::{ONE, Scale, Units},
	words::SessionKey,
};
use groma_traits::{CoverageWork, DeviceFollowers, Devices, Work};

use crate::*;

const EPOCH: EpochIndex = 1;
/// More networks than the chain is planned for, so that the slope is measured well.
const NETWORKS: u32 = 32;

/// A clock whose second epoch is open.
fn clock() -> RewardClock {
	RewardClock { started_ms: DAY_MS / 2, epoch_length_ms: DAY_MS, open: EPOCH }
}

/// A device on a full page.
fn device<T: Config>() -> DeviceId {
	let cell = Cell::from_degrees(40.0, 11.0, 12).unwrap();
	let device = T::Devices::populate(account("owner", 0, 0), 0, SessionKey([7; 32]), cell, EU868);
	T::Devices::fill_page(device);
	device
}

fn fund_pot<T: Config>() {
	let balance = T::Currency::minimum_balance().saturating_add(1_000_000 * GRM);
	T::Currency::set_balance(&Pallet::<T>::pot(), balance);
}

fn terms() -> NetworkTerms {
	let mut terms = NetworkTerms::default();
	terms.supply.weight = Scale::from_percent(1);
	terms.supply.unit_cap = GRM;
	terms
}

fn largest_split<T: Config>(seed: u32) -> PayoutShares<T::AccountId> {
	let share = Scale::from_fraction(1, PAYOUT_SHARES_MAX);
	let shares: Vec<_> = (0..PAYOUT_SHARES_MAX)
		.map(|n| PayoutShare { account: account("receiver", n, seed), share })
		.collect();
	PayoutShares::truncate_from(shares)
}

/// A closed epoch in which a device's cap binds above one unit, so that folding leaves a surplus to burn.
fn capped_epoch() -> NetworkEpoch {
	NetworkEpoch::settle(Units(1_000 * ONE), 1_000 * GRM, GRM, GRM)
}

/// Work whose fold is the dearest: its epoch is closed and its device's cap binds, and the same is true
/// of the work of a former owner that waits before it.
pub(crate) fn prepare_fold<T: Config>(
	device: DeviceId,
	payee: T::AccountId,
	network: NetworkId,
) -> Work<T::AccountId> {
	fund_pot::<T>();
	Clock::<T>::put(RewardClock { open: EPOCH + 2, ..clock() });
	for epoch in [EPOCH, EPOCH + 1] {
		NetworkEpochs::<T>::insert(network, epoch, capped_epoch());
	}
	let units = Units(10 * ONE);
	let former = Work { payee: account("former owner", 0, 0), network, epoch: EPOCH, units };
	Waiting::<T>::insert(device, former);
	Work { payee, network, epoch: EPOCH + 1, units }
}

/// A device that owes `payees` of them, each with the largest split, has waiting work, and work of another
/// closed epoch that still lies with coverage; folding either leaves a surplus to burn. Returns the device and one of its payees.
fn owing_device<T: Config>(payees: u32) -> (DeviceId, T::AccountId) {
	let device = device::<T>();
	let payee: T::AccountId = account("payee", 0, 0);
	let work = prepare_fold::<T>(device, payee.clone(), 0);
	T::CoverageWork::populate(device, work.clone());
	Waiting::<T>::mutate_extant(device, |waiting| waiting.payee = payee.clone());
	for n in 0..payees {
		let payee: T::AccountId = account("payee", n, 0);
		Owed::<T>::insert(device, &payee, 1_000 * GRM);
		give_split::<T>(device, &payee, n);
	}
	(device, payee)
}

fn give_split<T: Config>(device: DeviceId, payee: &T::AccountId, seed: u32) {
	if let Some(split) = PayoutSplit::new(largest_split::<T>(seed)) {
		Splits::<T>::insert(device, payee, split);
	}
}

/// Whether all work of [`owing_device`] was credited.
fn is_credited<T: Config>() -> bool {
	let unfolded = |epoch| {
		NetworkEpochs::<T>::get(0, epoch).map(|settled: NetworkEpoch| settled.unfolded_units)
	};
	[EPOCH, EPOCH + 1].into_iter().all(|epoch| unfolded(epoch) == Some(Units(990 * ONE)))
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
		let networks: Vec<(NetworkId, NetworkTerms)> =
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
		let (device, _) = owing_device::<T>(p);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), device);
		assert_eq!(Owed::<T>::iter_prefix(device).count(), 0);
		assert_eq!(Splits::<T>::iter_prefix(device).count(), 0);
		assert!(is_credited::<T>());
	}

	#[benchmark]
	fn claim_payee() {
		let (device, payee) = owing_device::<T>(1);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), device, payee);
		assert_eq!(Owed::<T>::iter_prefix(device).count(), 0);
		assert_eq!(Splits::<T>::iter_prefix(device).count(), 0);
		assert!(is_credited::<T>());
	}

	#[benchmark]
	fn let_go() {
		let device = 7;
		let payee = account("payee", 0, 0);
		let _ = prepare_fold::<T>(device, payee, 0);
		for n in 0..PAYEES_PER_CLAIM {
			give_split::<T>(device, &account("payee", n, 0), n);
		}
		#[block]
		{
			Pallet::<T>::let_go(device);
		}
		assert_eq!(Splits::<T>::iter_prefix(device).count(), 0);
		assert!(!Waiting::<T>::contains_key(device));
	}

	#[benchmark]
	fn set_payout_split() {
		let device = device::<T>();
		let caller: T::AccountId = whitelisted_caller();
		Owed::<T>::insert(device, &caller, GRM);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), device, largest_split::<T>(0));
		assert!(Splits::<T>::contains_key(device, &caller));
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
