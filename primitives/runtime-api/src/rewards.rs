//! Rewards: epochs, what is owed to whom, what a network earned.

use alloc::vec::Vec;

use codec::{Codec, Decode, Encode};
use groma_core::{
	DeviceId, EpochIndex, NetworkId,
	coverage::{Scale, Units},
	money::Balance,
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The clock of rewards.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EpochInfo {
	/// The epoch of the present block.
	pub current: EpochIndex,
	/// The last closed epoch.
	pub last_closed: Option<EpochIndex>,
	/// Length of an epoch in ms.
	pub duration_ms: u64,
	/// Emitted by the schedule so far but minted for nobody, in plancks.
	pub unminted: Balance,
}

/// What a device has earned and has not yet been paid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RewardsInfo<AccountId> {
	/// What a claim would pay now, by payee, in plancks.
	pub owed: Vec<(AccountId, Balance)>,
	/// Units of an epoch that is not closed yet.
	pub open_units: Units,
	/// The epoch of those units.
	pub open_epoch: Option<EpochIndex>,
	/// The most plancks that the device can earn in an epoch.
	pub epoch_cap: Balance,
}

/// A network's coverage in a closed epoch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkEpochInfo {
	/// The epoch.
	pub epoch: EpochIndex,
	/// All units of all devices.
	pub units: Units,
	/// The pool in plancks.
	pub pool: Balance,
	/// What one unit earned in plancks, rounded down.
	pub per_unit: Balance,
	/// The most plancks that a device could earn.
	pub device_cap: Balance,
}

/// A network at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkInfo {
	/// Its name for people.
	pub name: alloc::string::String,
	/// Active devices.
	pub active_devices: u32,
	/// Windows between two challenges of a device, on average, in the current window.
	pub challenge_interval_windows: u32,
	/// Its share of the coverage pool.
	pub coverage_weight: Scale,
	/// Units of the current epoch so far.
	pub open_units: Units,
	/// The last closed epoch with work.
	pub last_epoch: Option<NetworkEpochInfo>,
}

sp_api::decl_runtime_apis! {
	/// Rewards and network statistics.
	pub trait RewardsApi<AccountId> where AccountId: Codec {
		/// The clock of rewards.
		fn epoch() -> Option<EpochInfo>;
		/// What a device is owed.
		fn rewards(device: DeviceId) -> RewardsInfo<AccountId>;
		/// What a collector is owed, in plancks.
		fn collector_rewards(collector: AccountId) -> Balance;
		/// A network at a glance.
		fn network(network: NetworkId) -> Option<NetworkInfo>;
		/// A network's coverage in a closed epoch.
		fn network_epoch(network: NetworkId, epoch: EpochIndex) -> Option<NetworkEpochInfo>;
	}
}
