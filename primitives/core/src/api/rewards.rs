//! Epochs, what is owed to whom, what a network earned.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{
	EpochIndex,
	api::{Code, Coded, RaiseInfo},
	money::Balance,
	terms::NetworkStatus,
	units::{Scale, Units},
};

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
	/// Emitted by the schedule so far but minted for no one, in plancks.
	#[serde(with = "crate::text::amount")]
	pub unminted: Balance,
}

/// What a device has earned and has not yet been paid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct RewardsInfo<AccountId> {
	/// What closed epochs owe, by payee, in plancks. A claim pays it, unless it is too small to
	/// open the payee's account.
	#[serde(with = "crate::text::amounts")]
	pub owed: Vec<(AccountId, Balance)>,
	/// Units of an epoch that is not closed yet.
	pub open_units: Units,
	/// The epoch of those units.
	pub open_epoch: Option<EpochIndex>,
	/// The most plancks that the device can earn in an epoch.
	#[serde(with = "crate::text::amount")]
	pub epoch_cap: Balance,
}

impl<AccountId> RewardsInfo<AccountId> {
	/// What a claim would pay to all payees together, in plancks.
	pub fn owed_total(&self) -> Balance {
		self.owed.iter().fold(0, |sum, (_, amount)| sum.saturating_add(*amount))
	}
}

/// A network's work in a closed epoch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkEpochInfo {
	/// The epoch.
	pub epoch: EpochIndex,
	/// All units of all devices.
	pub units: Units,
	/// The pool in plancks.
	#[serde(with = "crate::text::amount")]
	pub pool: Balance,
	/// What one unit earned in plancks, rounded down.
	#[serde(with = "crate::text::amount")]
	pub per_unit: Balance,
	/// The most plancks that a device could earn.
	#[serde(with = "crate::text::amount")]
	pub device_cap: Balance,
}

impl Coded for NetworkStatus {}

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
	/// Whether devices join it and are challenged.
	pub status: Code<NetworkStatus>,
	/// Its share of the supply pool.
	pub supply_weight: Scale,
	/// Its share of the room that blocks keep for evidence.
	pub lane_share: Scale,
	/// Units of the current epoch so far.
	pub open_units: Units,
	/// The last closed epoch with work.
	pub last_epoch: Option<NetworkEpochInfo>,
	/// Plancks of stake that it asks for behind each device.
	#[serde(with = "crate::text::amount")]
	pub stake_per_device: Balance,
	/// A raise of that which is announced.
	pub raise: Option<RaiseInfo>,
}
