//! What is stored.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use groma_core::{
	price::{HeldPrices, Mean, Price},
	protocol::{PRICE_MOVE_PERCENT, PRICE_REPEAT_MS, PRICE_STALE_MS},
};
use scale_info::TypeInfo;

/// The latest feed of a validator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Feed<AccountId> {
	/// Whose feeder sent it.
	pub validator: AccountId,
	/// What it says.
	pub price: Price,
	/// The timestamp of its block, in ms since the Unix epoch.
	pub at_ms: u64,
}

impl<AccountId> Feed<AccountId> {
	/// When it becomes too old to count, in ms since the Unix epoch.
	pub fn stale_at_ms(&self) -> u64 {
		self.at_ms.saturating_add(PRICE_STALE_MS)
	}

	/// Whether it counts at a time.
	pub(crate) fn is_fresh(&self, now_ms: u64) -> bool {
		now_ms < self.stale_at_ms()
	}

	/// For how many ms it was fresh until a time.
	pub(crate) fn fresh_ms(&self, now_ms: u64) -> u64 {
		now_ms.saturating_sub(self.at_ms).min(PRICE_STALE_MS)
	}

	/// Whether the same feeder may send this price now: it moved, or it is time to repeat it. Two
	/// feeds of one block are one too many in any case, or moving to and fro would be free.
	pub fn admits(&self, price: Price, now_ms: u64) -> bool {
		let age_ms = now_ms.saturating_sub(self.at_ms);
		age_ms >= PRICE_REPEAT_MS || (age_ms > 0 && self.price.moved_by(PRICE_MOVE_PERCENT, price))
	}
}

/// The price since the first quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Market {
	/// The last price on which a quorum agreed: the lower median of its feeds.
	pub spot: Price,
	/// When the quorum for it is lost, in ms since the Unix epoch, unless more feeds come.
	pub stale_at_ms: u64,
	/// The mean of the past, up to [`Self::counted_ms`].
	pub mean: Mean,
	/// Up to when `spot` is weighed in the means, in ms since the Unix epoch.
	pub counted_ms: u64,
}

/// What is known of the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PriceState {
	/// The price since the first quorum; `None` before it.
	pub market: Option<Market>,
	/// The bootstrap price when it ended; `None` while it holds.
	pub bootstrap_was: Option<Price>,
	/// The prices of the open epoch.
	pub epoch: HeldPrices,
	/// The mean of the last closed epoch that had a price.
	pub epoch_mean: Option<Price>,
	/// When the first of the feeds that count becomes too old, in ms since the Unix epoch.
	pub look_again_ms: u64,
	/// The session of which the validators are.
	pub session: u32,
	/// How many validators there are.
	pub validators: u32,
}

impl PriceState {
	/// Of a chain that begins: it has not looked at its validators yet.
	pub const fn first() -> Self {
		Self {
			market: None,
			bootstrap_was: None,
			epoch: HeldPrices::NONE,
			epoch_mean: None,
			look_again_ms: u64::MAX,
			session: u32::MAX,
			validators: 0,
		}
	}

	/// Weighs the spot price for the time that it held since it was weighed last: up to now, or
	/// until it was stale. Nothing is weighed for the time after that.
	pub fn advance(&mut self, now_ms: u64) {
		let Some(market) = &mut self.market else { return };
		let held_ms = now_ms.min(market.stale_at_ms).saturating_sub(market.counted_ms);
		if held_ms > 0 {
			market.mean = market.mean.after(market.spot, held_ms);
			self.epoch = self.epoch.with(market.spot, held_ms);
		}
		market.counted_ms = market.counted_ms.max(now_ms);
	}

	/// The spot price, while it is not stale.
	pub fn spot(&self, now_ms: u64) -> Option<Price> {
		self.market.filter(|market| now_ms < market.stale_at_ms).map(|market| market.spot)
	}

	/// The mean as it is now.
	pub fn mean(mut self, now_ms: u64) -> Option<Price> {
		self.advance(now_ms);
		self.market.map(|market| market.mean.price())
	}

	/// A quorum agrees on a spot price, until `stale_at_ms` unless more feeds come.
	pub(crate) fn agree(&mut self, spot: Price, stale_at_ms: u64, now_ms: u64) {
		let mean = self.market.map_or_else(|| Mean::start(spot), |market| market.mean);
		self.market = Some(Market { spot, stale_at_ms, mean, counted_ms: now_ms });
	}

	/// There is no quorum: what was known becomes stale.
	pub(crate) fn disagree(&mut self, now_ms: u64) {
		if let Some(market) = &mut self.market {
			market.stale_at_ms = market.stale_at_ms.min(now_ms);
		}
	}
}
