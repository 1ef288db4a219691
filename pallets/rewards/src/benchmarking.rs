//! Benchmarks of every call, and of settling an epoch, in the worst case.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use alloc::vec::Vec;

use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use groma_core::{
	DeviceId, EpochIndex, NetworkId,
	money::GRM,
	place::Cell,
	protocol::FIRST_FOUNDED_NETWORK,
	region::EU868,
	terms::NetworkTerms,
	units::{ONE, Scale, Units},
	words::SessionKey,
};
use groma_traits::{
	ClosedEpoch, DeviceFollowers, DevicesBenchmarkHelper, EmissionBenchmarkHelper, OpenWork, Pools,
	SupplyRewards, SupplyWorkBenchmarkHelper,
};

use crate::{supply::Network, *};

const EPOCH: EpochIndex = 1;
const NETWORK: NetworkId = 0;
/// More networks than the chain is planned for, so that the slope is measured well.
const NETWORKS: u32 = 32;

/// The epoch as it is closed, with more in the supply pool than its caps let anyone earn.
fn closed() -> ClosedEpoch {
	let pool = 1_000_000 * GRM;
	let pools = Pools { supply: pool, ..Pools::default() };
	ClosedEpoch { epoch: EPOCH, began_ms: 1, chain_began_ms: 1, pools, for_validators: 0 }
}

/// A device on a full page.
fn device<T: Config>() -> DeviceId {
	let cell = Cell::from_degrees(40.0, 11.0, 12).unwrap();
	let (owner, key) = (account("owner", 0, 0), SessionKey([7; 32]));
	let device = T::BenchmarkHelper::add_device(owner, NETWORK, key, cell, EU868);
	T::BenchmarkHelper::fill_device_page(device);
	device
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

/// A closed epoch in which a device's cap binds above one unit, so that folding leaves a surplus to
/// burn.
fn capped_epoch() -> NetworkEpoch {
	NetworkEpoch::settle(Units(1_000 * ONE), 1_000 * GRM, GRM, GRM)
}

/// Makes the next fold for the payee the most expensive one, and returns the work for it: its epoch
/// is closed and its device's cap binds, and the same is true of the work of a former owner that
/// waits before it.
fn prepare_fold<T: Config>(
	device: DeviceId,
	payee: &T::AccountId,
	former: T::AccountId,
) -> OpenWork {
	T::BenchmarkHelper::pass_to(EPOCH + 2);
	for epoch in [EPOCH, EPOCH + 1] {
		NetworkEpochs::<T>::insert(NETWORK, epoch, capped_epoch());
	}
	let units = Units(10 * ONE);
	Waiting::<T>::insert(device, Work { payee: former, network: NETWORK, epoch: EPOCH, units });
	Pallet::<T>::begin(device, NETWORK, payee);
	OpenWork::new(EPOCH + 1, units)
}

/// A device that owes `payees` of them, each with the largest split, has waiting work, and work of
/// another closed epoch that was not handed over yet; folding either leaves a surplus to burn.
/// Returns the device and one of its payees.
fn owing_device<T: Config>(payees: u32) -> (DeviceId, T::AccountId) {
	let device = device::<T>();
	let payee: T::AccountId = account("payee", 0, 0);
	let work = prepare_fold::<T>(device, &payee, payee.clone());
	T::BenchmarkHelper::leave_work(NETWORK, device, work);
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
		NetworkEpochs::<T>::get(NETWORK, epoch).map(|settled: NetworkEpoch| settled.unfolded_units)
	};
	[EPOCH, EPOCH + 1].into_iter().all(|epoch| unfolded(epoch) == Some(Units(990 * ONE)))
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn close_supply(n: Linear<1, NETWORKS>) {
		T::BenchmarkHelper::pass_to(EPOCH);
		let networks: Vec<Network> =
			(0..n).map(|n| Network { id: n as NetworkId, founded_ms: 0, terms: terms() }).collect();
		for network in &networks {
			OpenUnits::<T>::insert(EPOCH, network.id, Units(1_000_000 * ONE));
		}
		#[block]
		{
			Pallet::<T>::close_supply(&closed(), &networks);
		}
		let settled = NetworkEpochs::<T>::get((n - 1) as NetworkId, EPOCH);
		assert!(settled.is_some_and(|settled| settled.unfolded > 0));
	}

	#[benchmark]
	fn fold() {
		let device = device::<T>();
		let payee: T::AccountId = account("payee", 0, 0);
		let work = prepare_fold::<T>(device, &payee, account("former owner", 0, 0));
		let next: T::AccountId = account("next owner", 0, 0);
		#[block]
		{
			<Pallet<T> as SupplyRewards<T::AccountId>>::fold(device, work);
			Pallet::<T>::begin(device, NETWORK, &next);
		}
		assert_eq!(Owed::<T>::iter_prefix(device).count(), 2);
		assert_eq!(Payees::<T>::get(device), Some(Payee { account: next, network: NETWORK }));
	}

	#[benchmark]
	fn fold_one() {
		let device = device::<T>();
		let payee: T::AccountId = account("payee", 0, 0);
		let work = prepare_fold::<T>(device, &payee, account("former owner", 0, 0));
		Waiting::<T>::remove(device);
		let is_unusual;
		#[block]
		{
			let had_waiting = <Pallet<T> as SupplyRewards<T::AccountId>>::fold(device, work);
			is_unusual = Pallet::<T>::begin(device, NETWORK, &payee) || had_waiting;
		}
		assert!(!is_unusual);
		assert_eq!(Owed::<T>::iter_prefix(device).count(), 1);
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
		let payee: T::AccountId = account("payee", 0, 0);
		prepare_fold::<T>(device, &payee, account("former owner", 0, 0));
		for n in 0..PAYEES_PER_CLAIM {
			give_split::<T>(device, &account("payee", n, 0), n);
		}
		#[block]
		{
			Pallet::<T>::let_go(device);
		}
		assert_eq!(Splits::<T>::iter_prefix(device).count(), 0);
		assert!(!Waiting::<T>::contains_key(device) && !Payees::<T>::contains_key(device));
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
	fn remove_demand() {
		const LATER: EpochIndex = 20_000;
		T::BenchmarkHelper::pass_to(LATER);
		let network = FIRST_FOUNDED_NETWORK;
		let demand = NetworkDemand { credits: 1, units: 1, basis: 1, ..NetworkDemand::default() };
		NetworkDemands::<T>::insert(network, 0, demand);
		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), network, 0);
		assert!(!NetworkDemands::<T>::contains_key(network, 0));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder.build(), crate::mock::Test);
}
