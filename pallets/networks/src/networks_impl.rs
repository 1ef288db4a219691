//! What other pallets ask.

use alloc::{string::String, vec::Vec};

use groma_core::{NetworkId, RegionId, region::RegionPlan};
use groma_traits::CoverageTerms;

use crate::pallet::{Config, Networks, Pallet, RegionPlans};

impl<T: Config> Pallet<T> {
	/// What people call a network; `None` if there is no such network.
	pub fn name_of(network: NetworkId) -> Option<String> {
		String::from_utf8(Networks::<T>::get(network)?.name.into_inner()).ok()
	}
}

impl<T: Config> groma_traits::Networks for Pallet<T> {
	fn terms(network: NetworkId) -> Option<CoverageTerms> {
		Networks::<T>::get(network).map(|record| record.terms.into())
	}

	fn region_plan(network: NetworkId, region: RegionId) -> Option<RegionPlan> {
		RegionPlans::<T>::get(network, region)
	}

	fn is_open(network: NetworkId) -> bool {
		Networks::<T>::get(network).is_some_and(|record| record.is_open)
	}

	fn ids() -> Vec<NetworkId> {
		// Ids are dense, so the count tells them without reading a record.
		(0..).take(Networks::<T>::count() as usize).collect()
	}
}
