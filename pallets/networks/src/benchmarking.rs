//! The worst case of every call.

use frame_benchmarking::v2::*;
use frame_support::{
	BoundedVec,
	traits::{ConstU32, EnsureOrigin},
};
use groma_core::{
	NetworkId,
	protocol::{NAME_BYTES_MAX, NETWORKS_MAX},
	terms::{
		NetworkStatus, NetworkTerms, SERVICES_MAX, STAKE_PER_DEVICE_MAX, ServiceTerms,
		UNIT_NAME_BYTES_MAX, UnitName,
	},
	units::Scale,
};

use crate::{pallet::*, raises::Raise, types::*};

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

	#[benchmark]
	fn update_terms() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let network = fill_networks::<T>(NETWORKS_MAX);
		let mut terms = weightless_terms();
		terms.lottery.interval_windows = 1;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, network, terms.clone());
		assert_eq!(Networks::<T>::get(network).map(|record| record.terms), Some(terms));
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
	fn apply_raises(n: Linear<1, NETWORKS_MAX>) -> Result<(), BenchmarkError> {
		fill_networks::<T>(NETWORKS_MAX);
		let stake_per_device = STAKE_PER_DEVICE_MAX;
		let raise = |network| Raise { network, stake_per_device, window: 0 };
		let raises = (0..n).map(|id| raise(id as NetworkId)).collect();
		Raises::<T>::put(BoundedVec::<_, ConstU32<NETWORKS_MAX>>::truncate_from(raises));
		#[block]
		{
			Pallet::<T>::apply_raises();
		}
		assert_eq!(Pallet::<T>::raise_of(0), None);
		let terms = Networks::<T>::get(n as NetworkId - 1).map(|record| record.terms);
		assert_eq!(terms.map(|terms| terms.stake_per_device), Some(stake_per_device));
		Ok(())
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
