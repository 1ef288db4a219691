//! What an audit found.

use groma_core::{DeviceId, EpochIndex};
use serde::Serialize;

use crate::amount::Amount;

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
	/// The epoch.
	pub epoch: EpochIndex,
	/// The first block of it.
	pub first_block: u32,
	/// The last block of it.
	pub last_block: u32,
	/// The block that settled it.
	pub settled_in: u32,
	/// Devices that earned something.
	pub devices: u32,
	/// Vouchers that were paid.
	pub vouchers: u32,
	/// What the work of all devices earned, as it is recomputed.
	pub supply: Amount,
	/// What customers paid to owners of devices, as it is recomputed.
	pub demand: Amount,
	/// What they left for validators, as it is recomputed.
	pub for_validators: Amount,
	/// What the chain has otherwise.
	pub differences: Vec<Difference>,
	/// Devices that cannot be compared, since their answers do not name all that are owed.
	pub not_compared: Vec<DeviceId>,
}

/// A number that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
	/// What it is.
	pub about: String,
	/// What it should be: plancks, billionths of a unit, or credits, as decimal text.
	#[serde(serialize_with = "crate::amount::decimal")]
	pub computed: u128,
	/// What the chain has.
	#[serde(serialize_with = "crate::amount::decimal")]
	pub on_chain: u128,
}

impl Report {
	/// Whether every payout is as it is recomputed.
	pub fn is_right(&self) -> bool {
		self.differences.is_empty()
	}

	/// What the epoch paid in all, as it is recomputed.
	pub fn total(&self) -> Amount {
		Amount(self.supply.0.saturating_add(self.demand.0))
	}
}
