//! What a simulation looks like at a moment.

use groma_client::chain::BlockRef;
use groma_core::{
	EpochIndex,
	api::{EpochInfo, PriceInfo, WindowInfo},
	money::Balance,
};
use serde::Serialize;

use crate::{air::AirCount, census::Census, chronicle::Chronicle, claims::Claimed};

/// What a simulation looks like at a moment.
#[derive(Clone, Debug)]
pub(crate) struct Status {
	/// The number of the best block.
	pub(crate) best: u32,
	/// Its window.
	pub(crate) window: WindowInfo,
	pub(crate) finalized: BlockRef,
	pub(crate) epoch: Option<EpochInfo>,
	/// What the chain knows of the price of GRM.
	pub(crate) price: Option<PriceInfo>,
	pub(crate) air: AirCount,
	/// Why reports were refused before they came on chain, and how often.
	pub(crate) refusals: Vec<Times>,
	pub(crate) chronicle: Chronicle,
	pub(crate) census: Census,
	pub(crate) claimed: Vec<Claimed>,
}

impl Status {
	/// How many plancks were claimed so far.
	pub(crate) fn claimed_total(&self) -> Balance {
		self.claimed.iter().fold(0, |sum, claimed| sum.saturating_add(claimed.amount))
	}

	/// The last closed epoch.
	pub(crate) fn last_epoch(&self) -> Option<EpochIndex> {
		self.epoch.as_ref()?.last_closed
	}
}

/// How often something happened for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Times {
	/// The reason.
	pub(crate) reason: String,
	/// How often.
	pub(crate) count: u64,
}
