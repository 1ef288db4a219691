//! The worst case of every call.

use frame_benchmarking::v2::*;
use frame_support::{BoundedVec, traits::EnsureOrigin};
use groma_core::{
	NetworkId,
	protocol::{NAME_BYTES_MAX, NETWORKS_MAX},
	region::{CHANNELS_MAX, DATA_RATES_MAX, DataRate, EU868, RegionPlan},
	units::Scale,
};

use crate::{pallet::*, terms::NetworkTerms, types::*};

/// The longest name.
fn longest_name() -> NetworkName {
	BoundedVec::truncate_from(alloc::vec![b'n'; NAME_BYTES_MAX as usize])
}

/// Terms that leave room for other networks.
fn weightless_terms() -> NetworkTerms {
	NetworkTerms { coverage_weight: Scale::ZERO, ..Default::default() }
}

/// As many networks as `count`, those of the genesis included, and the id of the last.
fn fill_networks<T: Config>(count: u32) -> NetworkId {
	for id in Networks::<T>::count()..count {
		let record =
			NetworkRecord { name: longest_name(), terms: weightless_terms(), is_open: true };
		Networks::<T>::insert(id as NetworkId, record);
	}
	(Networks::<T>::count() - 1) as NetworkId
}

/// The longest plan that can be followed.
fn longest_plan() -> RegionPlan {
	let rate = DataRate { spreading_factor: 7, bandwidth_khz: 125 };
	RegionPlan {
		channels: BoundedVec::truncate_from(alloc::vec![868_100_000; CHANNELS_MAX as usize]),
		data_rates: BoundedVec::truncate_from(alloc::vec![rate; DATA_RATES_MAX as usize]),
		..RegionPlan::eu868()
	}
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
		assert_eq!(Networks::<T>::count(), NETWORKS_MAX);
		Ok(())
	}

	#[benchmark]
	fn update_terms() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let network = fill_networks::<T>(NETWORKS_MAX);
		let terms = NetworkTerms { maturity_windows: 1, ..weightless_terms() };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, network, terms);
		assert_eq!(Networks::<T>::get(network).map(|record| record.terms), Some(terms));
		Ok(())
	}

	#[benchmark]
	fn set_region_plan() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let network = fill_networks::<T>(NETWORKS_MAX);
		RegionPlans::<T>::insert(network, EU868, longest_plan());
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, network, longest_plan());
		assert_eq!(RegionPlans::<T>::get(network, EU868), Some(longest_plan()));
		Ok(())
	}

	#[benchmark]
	fn close_network() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let network = fill_networks::<T>(NETWORKS_MAX);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, network);
		assert!(Networks::<T>::get(network).is_some_and(|record| !record.is_open));
		Ok(())
	}

	#[benchmark]
	fn open_network() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let network = fill_networks::<T>(NETWORKS_MAX);
		Networks::<T>::mutate(network, |record| {
			if let Some(record) = record {
				record.is_open = false;
			}
		});
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, network);
		assert!(Networks::<T>::get(network).is_some_and(|record| record.is_open));
		Ok(())
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
