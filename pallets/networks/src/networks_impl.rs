//! What other pallets ask.

use alloc::{string::String, vec::Vec};

use groma_core::{
	NetworkId,
	terms::{NetworkStatus, NetworkTerms},
};

use crate::pallet::{Config, Networks, Pallet};

impl<T: Config> Pallet<T> {
	/// What people call a network; `None` if there is no such network.
	pub fn name_of(network: NetworkId) -> Option<String> {
		String::from_utf8(Networks::<T>::get(network)?.name.into_inner()).ok()
	}
}

impl<T: Config> groma_traits::Networks for Pallet<T> {
	fn terms(network: NetworkId) -> Option<NetworkTerms> {
		Networks::<T>::get(network).map(|record| record.terms)
	}

	fn status(network: NetworkId) -> Option<NetworkStatus> {
		Networks::<T>::get(network).map(|record| record.status)
	}

	fn founded_ms(network: NetworkId) -> Option<u64> {
		Networks::<T>::get(network).map(|record| record.founded_ms)
	}

	fn ids() -> Vec<NetworkId> {
		// Ids are dense, so the count gives them without reading a record.
		(0..).take(Networks::<T>::count() as usize).collect()
	}
}
