//! The worst case of every call.

use frame_benchmarking::v2::*;
use frame_support::{
	BoundedVec,
	traits::{
		EnsureOrigin, Get,
		fungible::{Inspect, Mutate},
	},
};
use frame_system::RawOrigin;
use groma_core::{
	EpochIndex, NetworkId,
	money::Balance,
	protocol::{FIRST_FOUNDED_NETWORK, NAME_BYTES_MAX, NETWORKS_MAX},
	terms::{
		NetworkStatus, NetworkTerms, PlaceTerms, Proof, SERVICES_MAX, STAKE_PER_DEVICE_MAX,
		ServiceTerms, UNIT_NAME_BYTES_MAX, UnitName,
	},
	units::Scale,
};
use groma_traits::EmissionBenchmarkHelper as _;

use crate::{
	pallet::*,
	raises::{Raise, RaiseList},
	types::*,
};

/// An epoch that begins long after the benchmark did.
const LATER: EpochIndex = 20_000;

/// The longest name.
fn longest_name() -> NetworkName {
	BoundedVec::truncate_from(alloc::vec![b'n'; NAME_BYTES_MAX as usize])
}

/// The longest terms, which leave room for other networks.
fn weightless_terms() -> NetworkTerms {
	let mut terms = NetworkTerms::default();
	terms.lottery.lane_share = Scale::ZERO;
	terms.supply.weight = Scale::ZERO;
	let service = |n: u8| ServiceTerms {
		unit: UnitName([b'a' + n; UNIT_NAME_BYTES_MAX]),
		credits_per_unit_min: 1,
		credits_per_unit_max: 11,
		units_per_device_second_max: 1,
	};
	terms.services = BoundedVec::truncate_from((0..SERVICES_MAX as u8).map(service).collect());
	terms
}

/// The longest terms of a network that anyone may found.
fn market_terms() -> NetworkTerms {
	NetworkTerms { place: PlaceTerms::Anywhere, proof: Proof::Unproven, ..weightless_terms() }
}

/// An account with enough for a deposit.
fn funded<T: Config>() -> T::AccountId {
	let founder = whitelisted_caller();
	let deposit = T::FoundingDeposit::get();
	let amount = deposit.saturating_mul(2).saturating_add(T::Currency::minimum_balance());
	T::Currency::mint_into(&founder, amount).expect("the supply has room");
	founder
}

/// A network that an account founded long ago.
fn founded<T: Config>() -> (T::AccountId, NetworkId) {
	let founder = funded::<T>();
	Pallet::<T>::do_found_network(founder.clone(), longest_name(), market_terms())
		.expect("the founder is funded");
	let network = Pallet::<T>::next_founded().unwrap_or(FIRST_FOUNDED_NETWORK + 1) - 1;
	(founder, network)
}

/// Announces raises of the first `count` networks, which are due.
fn announce_raises<T: Config>(count: u32, stake_per_device: Balance) {
	let raise = |id| Raise { network: id as NetworkId, stake_per_device, window: 0 };
	Raises::<T>::put(RaiseList::truncate_from((0..count).map(raise).collect()));
}

/// As many networks as `count`, those of the genesis included, and the id of the last.
fn fill_networks<T: Config>(count: u32) -> NetworkId {
	for id in Pallet::<T>::count()..count {
		let record = NetworkRecord {
			name: longest_name(),
			terms: weightless_terms(),
			status: NetworkStatus::Open,
			founded_ms: 0,
		};
		Networks::<T>::insert(id as NetworkId, record);
	}
	(Pallet::<T>::count() - 1) as NetworkId
}

#[benchmarks]
mod benchmarks {
	use super::*;

	fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
		T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
	}

	#[benchmark]
	fn create_network() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		fill_networks::<T>(NETWORKS_MAX - 1);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, longest_name(), weightless_terms());
		assert_eq!(Pallet::<T>::count(), NETWORKS_MAX);
		Ok(())
	}

	/// A raise of every network is announced, and the terms ask for more than that of theirs.
	#[benchmark]
	fn update_terms() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let network = fill_networks::<T>(NETWORKS_MAX);
		announce_raises::<T>(NETWORKS_MAX, STAKE_PER_DEVICE_MAX - 1);
		let mut terms = weightless_terms();
		terms.lottery.interval_windows = 1;
		let in_force = terms.clone();
		terms.stake_per_device = STAKE_PER_DEVICE_MAX;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, network, terms);
		assert_eq!(Networks::<T>::get(network).map(|record| record.terms), Some(in_force));
		let raise = Pallet::<T>::raise_of(network).map(|raise| raise.stake_per_device);
		assert_eq!(raise, Some(STAKE_PER_DEVICE_MAX));
		Ok(())
	}

	#[benchmark]
	fn close_network() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let network = fill_networks::<T>(NETWORKS_MAX);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, network);
		assert!(
			Networks::<T>::get(network)
				.is_some_and(|record| record.status == NetworkStatus::Closed)
		);
		Ok(())
	}

	#[benchmark]
	fn open_network() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let network = fill_networks::<T>(NETWORKS_MAX);
		Networks::<T>::mutate(network, |record| {
			if let Some(record) = record {
				record.status = NetworkStatus::Closed;
			}
		});
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, network);
		assert!(
			Networks::<T>::get(network).is_some_and(|record| record.status == NetworkStatus::Open)
		);
		Ok(())
	}

	#[benchmark]
	fn halt_network() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let network = fill_networks::<T>(NETWORKS_MAX);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, network);
		let halted = NetworkStatus::Halted;
		assert!(Networks::<T>::get(network).is_some_and(|record| record.status == halted));
		Ok(())
	}

	#[benchmark]
	fn found_network() {
		let founder = funded::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(founder), longest_name(), market_terms());
		assert!(Pallet::<T>::founded(FIRST_FOUNDED_NETWORK).is_ok());
	}

	#[benchmark]
	fn update_founded_terms() {
		let (founder, network) = founded::<T>();
		let mut terms = market_terms();
		terms.lottery.interval_windows = 1;
		#[extrinsic_call]
		_(RawOrigin::Signed(founder), network, terms.clone());
		let founded = Pallet::<T>::founded(network);
		assert_eq!(founded.map(|founded| founded.record.terms), Ok(terms));
	}

	#[benchmark]
	fn close_founded_network() {
		let (founder, network) = founded::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(founder), network);
		let founded = Pallet::<T>::founded(network);
		assert_eq!(founded.map(|founded| founded.record.status), Ok(NetworkStatus::Closed));
	}

	#[benchmark]
	fn dissolve_network() {
		let (founder, network) = founded::<T>();
		T::BenchmarkHelper::pass_to(LATER);
		#[extrinsic_call]
		_(RawOrigin::Signed(founder), network);
		assert!(Pallet::<T>::founded(network).is_err());
	}

	#[benchmark]
	fn apply_raises(n: Linear<1, NETWORKS_MAX>) -> Result<(), BenchmarkError> {
		fill_networks::<T>(NETWORKS_MAX);
		announce_raises::<T>(n, STAKE_PER_DEVICE_MAX);
		#[block]
		{
			Pallet::<T>::apply_raises();
		}
		assert_eq!(Pallet::<T>::raise_of(0), None);
		let terms = Networks::<T>::get(n as NetworkId - 1).map(|record| record.terms);
		assert_eq!(terms.map(|terms| terms.stake_per_device), Some(STAKE_PER_DEVICE_MAX));
		Ok(())
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
