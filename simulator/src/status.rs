//! What a simulation looks like at a moment.

use groma_client::chain::BlockRef;
use groma_core::{
	EpochIndex,
	api::{EpochInfo, PriceInfo, SupplyInfo, WindowInfo},
	money::Balance,
};
use serde::Serialize;

use crate::{air::AirCount, census::Census, chronicle::Chronicle, claims::Claimed, market::Market};

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
	/// The books of GRM and of credits.
	pub(crate) supply: SupplyInfo,
	/// What customers did.
	pub(crate) market: Market,
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

	/// What gateways earned by proven work, in plancks: all that they were paid and are owed, but
	/// for what customers paid.
	pub(crate) fn earned_by_supply(&self) -> Balance {
		let earned = self.claimed_total().saturating_add(self.census.owed_total());
		earned.saturating_sub(self.market.paid_total())
	}

	/// Whether claims paid for proven work, whatever else they paid.
	pub(crate) fn is_supply_claimed(&self) -> bool {
		self.claimed_total() > self.market.paid_total()
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
