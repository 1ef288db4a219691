//! What coverage needs to know of stake, and what it reports to it.

use groma_core::{DeviceId, NetworkId};

/// Who has set stake aside for devices.
pub trait Provisions<AccountId> {
	/// Whether the owner's provision for the network covers the device with this number in the
	/// owner's list: `slot < provision / stake per device`.
	fn covers(owner: &AccountId, network: NetworkId, slot: u32) -> bool;
}

/// Who is told of proven offences of devices.
pub trait DeviceOffences<AccountId> {
	/// `device` of `owner` signed two different beacons for one challenge, and `reporter` proved
	/// it.
	fn on_double_beacon(
		device: DeviceId,
		network: NetworkId,
		owner: &AccountId,
		reporter: &AccountId,
	);
}
