//! What other pallets ask.

use alloc::{string::String, vec::Vec};

use groma_core::{
	NetworkId,
	money::Balance,
	terms::{NetworkStatus, NetworkTerms},
};

use crate::pallet::{Config, Networks, Pallet};

impl<T: Config> Pallet<T> {
	/// What people call a network; `None` if there is no such network.
	pub fn name_of(network: NetworkId) -> Option<String> {
		String::from_utf8(Self::stored(network).value()?.name.into_inner()).ok()
	}

	/// The networks whose records do not decode.
	pub fn unreadable() -> Vec<NetworkId> {
		let networks = <Self as groma_traits::Networks>::ids().into_iter();
		networks.filter(|network| Self::stored(*network).is_undecodable()).collect()
	}
}

impl<T: Config> groma_traits::Networks for Pallet<T> {
	fn terms(network: NetworkId) -> Option<NetworkTerms> {
		Self::stored(network).value().map(|record| record.terms)
	}

	fn status(network: NetworkId) -> Option<NetworkStatus> {
		Self::stored(network).value().map(|record| record.status)
	}

	fn founded_ms(network: NetworkId) -> Option<u64> {
		Self::stored(network).value().map(|record| record.founded_ms)
	}

	fn least_stake_per_device(network: NetworkId, since_ms: u64) -> Option<Balance> {
		Self::least_stake_since(network, since_ms)
	}

	fn ids() -> Vec<NetworkId> {
		let mut ids: Vec<_> = Networks::<T>::iter_keys().collect();
		ids.sort_unstable();
		ids
	}
}
