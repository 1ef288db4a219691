//! Networks that mocks put there.

use std::collections::BTreeMap;

use codec::{Decode, Encode};
use frame_support::{pallet_prelude::ValueQuery, parameter_types, storage_alias};
use groma_core::{
	NetworkId,
	money::Balance,
	terms::{NetworkStatus, NetworkTerms},
};
use groma_traits::Networks;

use crate::Fakes;

parameter_types! {
	/// The least stake per device that was in force in the present epoch, if a test sets it.
	pub storage LeastStake: Option<Balance> = None;
}

/// A network.
#[derive(Clone, Debug, Encode, Decode)]
pub struct Network {
	/// Its terms.
	pub terms: NetworkTerms,
	/// Its status.
	pub status: NetworkStatus,
	/// When it was created, in ms since the Unix epoch; 0 for one of the genesis.
	pub founded_ms: u64,
	/// Whether its record cannot be read.
	pub is_unreadable: bool,
}

/// The networks.
#[storage_alias]
pub type NetworkMap = StorageValue<Fakes, BTreeMap<NetworkId, Network>, ValueQuery>;

/// Puts a network there, open since genesis.
pub fn put_network(id: NetworkId, terms: NetworkTerms) {
	let network =
		Network { terms, status: NetworkStatus::Open, founded_ms: 0, is_unreadable: false };
	NetworkMap::mutate(|networks| networks.insert(id, network));
}

/// Changes a network.
///
/// # Panics
///
/// If there is no such network.
pub fn alter_network(id: NetworkId, change: impl FnOnce(&mut Network)) {
	NetworkMap::mutate(|networks| change(networks.get_mut(&id).expect("the network is there")));
}

/// A network, if its record can be read.
fn record(network: NetworkId) -> Option<Network> {
	NetworkMap::get().remove(&network).filter(|network| !network.is_unreadable)
}

impl<T, C> Networks for Fakes<T, C> {
	fn terms(network: NetworkId) -> Option<NetworkTerms> {
		record(network).map(|network| network.terms)
	}

	fn status(network: NetworkId) -> Option<NetworkStatus> {
		record(network).map(|network| network.status)
	}

	fn founded_ms(network: NetworkId) -> Option<u64> {
		record(network).map(|network| network.founded_ms)
	}

	/// What the terms ask for now, or less if a test said so.
	fn least_stake_per_device(network: NetworkId, _: u64) -> Option<Balance> {
		let present = Self::terms(network)?.stake_per_device;
		Some(LeastStake::get().map_or(present, |least| least.min(present)))
	}

	fn ids() -> Vec<NetworkId> {
		NetworkMap::get().into_keys().collect()
	}
}
