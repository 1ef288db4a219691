//! Which networks exist, and on which terms.

use alloc::vec::Vec;

use groma_core::{
	NetworkId,
	money::Balance,
	terms::{NetworkStatus, NetworkTerms},
};

/// The networks. One whose record does not decode is listed and has nothing else: no device of it
/// is challenged or judged, and what it earned waits.
pub trait Networks {
	/// The terms of a network; `None` if there is no such network, or none that can be read.
	fn terms(network: NetworkId) -> Option<NetworkTerms>;

	/// The least stake behind a device, in plancks, that the terms of a network asked for since a
	/// time in ms since the Unix epoch, at most an epoch ago; `None` if there is no such network,
	/// or none that can be read.
	fn least_stake_per_device(network: NetworkId, since_ms: u64) -> Option<Balance>;

	/// The status of a network; `None` if there is no such network, or none that can be read.
	fn status(network: NetworkId) -> Option<NetworkStatus>;

	/// When a network was created, in ms since the Unix epoch, 0 for networks of the genesis;
	/// `None` if there is no such network, or none that can be read.
	fn founded_ms(network: NetworkId) -> Option<u64>;

	/// Every network that governance created, in ascending order: at most
	/// [`groma_core::protocol::NETWORKS_MAX`]. Those that others founded are in no list.
	fn ids() -> Vec<NetworkId>;
}
