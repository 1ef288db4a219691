//! Stake behind devices.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{
	money::Balance,
	words::{DeviceId, NetworkId, WindowIndex},
};

/// What an owner set aside behind its devices of a network.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct ProvisionInfo<AccountId> {
	/// The owner.
	pub owner: AccountId,
	/// The network.
	pub network: NetworkId,
	/// Plancks that cover devices.
	#[serde(with = "crate::text::amount")]
	pub active: Balance,
	/// Plancks that cover nothing any more, by the windows in which they are due.
	pub thawing: Vec<ThawingInfo>,
	/// Plancks of those that can be withdrawn in the next block.
	#[serde(with = "crate::text::amount")]
	pub withdrawable: Balance,
	/// Plancks that the network asks for behind each device; 0 if it is gone, or cannot be read:
	/// then no device is covered.
	#[serde(with = "crate::text::amount")]
	pub stake_per_device: Balance,
	/// How many devices are covered: those in the slots from 0 on.
	pub covered_slots: u32,
	/// The first device of the owner that is not covered.
	pub first_uncovered: Option<DeviceId>,
	/// A raise of the stake per device that is announced.
	pub raise: Option<RaiseInfo>,
}

/// Stake that thaws.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThawingInfo {
	/// The window from which on it can be withdrawn; of stake behind validators, the era.
	pub due: WindowIndex,
	/// How many plancks.
	#[serde(with = "crate::text::amount")]
	pub amount: Balance,
}

/// A raise of the stake per device that is announced.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RaiseInfo {
	/// Plancks that the network asks for behind each device then.
	#[serde(with = "crate::text::amount")]
	pub stake_per_device: Balance,
	/// The window from which on it holds.
	pub window: WindowIndex,
}

impl<AccountId> ProvisionInfo<AccountId> {
	/// Plancks that thaw or have thawed.
	pub fn thawing_sum(&self) -> Balance {
		self.thawing.iter().fold(0, |sum, entry| sum.saturating_add(entry.amount))
	}

	/// Plancks that are missing until stake covers the device in a slot.
	pub fn missing_for(&self, slot: u32) -> Balance {
		let devices = Balance::from(slot).saturating_add(1);
		self.stake_per_device.saturating_mul(devices).saturating_sub(self.active)
	}

	/// How many devices the active stake covers when a raise that is announced holds.
	pub fn covered_after_raise(&self) -> Option<u32> {
		let raised = self.raise.as_ref()?.stake_per_device;
		let devices = self.active.checked_div(raised).unwrap_or_default();
		Some(u32::try_from(devices).unwrap_or(u32::MAX))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::money::GRM;

	#[test]
	fn raise_covers_fewer_devices() {
		let mut info = ProvisionInfo {
			owner: (),
			network: 0,
			active: 149 * GRM,
			thawing: [(5, 1), (6, 2)].map(|(due, amount)| ThawingInfo { due, amount }).into(),
			withdrawable: 0,
			stake_per_device: 50 * GRM,
			covered_slots: 2,
			first_uncovered: None,
			raise: None,
		};
		assert_eq!((info.covered_after_raise(), info.thawing_sum()), (None, 3));
		assert_eq!([1, 2, 3].map(|slot| info.missing_for(slot)), [0, GRM, 51 * GRM]);
		info.raise = Some(RaiseInfo { stake_per_device: 75 * GRM, window: 9 });
		assert_eq!(info.covered_after_raise(), Some(1));
		info.raise = Some(RaiseInfo { stake_per_device: 0, window: 9 });
		assert_eq!(info.covered_after_raise(), Some(0));
	}
}
