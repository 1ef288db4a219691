//! What kinds of proof need to know of stake, and what they report to it.

use groma_core::{DeviceId, NetworkId, money::Balance};
use sp_runtime::Weight;

/// Who has set stake aside for devices.
pub trait Provisions<AccountId> {
	/// Whether the owner's provision for the network covers the device with this number in the
	/// owner's list: `slot < provision / stake per device`.
	fn covers(owner: &AccountId, network: NetworkId, slot: u32, stake_per_device: Balance) -> bool {
		slot < Self::covered_slots(owner, network, stake_per_device)
	}

	/// How many devices the owner's provision for the network covers, from slot 0 on: the active
	/// provision divided by the stake per device, in plancks, rounded down. The caller has the
	/// stake per device of the network's terms: reading them once more for each device is the
	/// larger part of the cost. None if it is 0.
	fn covered_slots(owner: &AccountId, network: NetworkId, stake_per_device: Balance) -> u32;

	/// How many devices of the network stake stands behind at most: the provisions of all owners
	/// for it, divided by the stake per device, rounded down.
	fn covered_devices(network: NetworkId) -> u32;

	/// The sum of all active provisions for the network, in plancks; `None` if it does not decode.
	fn total(network: NetworkId) -> Option<Balance>;
}

/// What a device did against the rules, proven on chain. Variants are only ever appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offence {
	/// It signed two different beacons for one challenge.
	DoubleBeacon,
}

/// What follows from proven offences of devices.
pub trait DeviceOffences<AccountId> {
	/// `reporter` proved an offence of `device`, which `owner` owned then.
	fn on_offence(
		device: DeviceId,
		network: NetworkId,
		owner: &AccountId,
		reporter: &AccountId,
		offence: Offence,
	);

	/// The most that [`Self::on_offence`] weighs.
	fn offence_weight() -> Weight;
}
