//! What has to happen in the story, or it shows little.

use groma_runtime::RuntimeEvent;

/// How often each of it happened.
#[derive(Debug, Default)]
pub(super) struct Tally {
	/// Votes that changed something else than kappa.
	pub(super) votes: usize,
	/// Votes on kappa.
	pub(super) votes_on_kappa: usize,
	/// Halts of the chain.
	pub(super) halts: usize,
	/// Prices that the feeder fed.
	prices: usize,
	/// Epochs that paid collectors.
	paid_collectors: usize,
	/// Channels that promised more than they held.
	overdrawn: usize,
	/// Accounts of which dust was left.
	dust: usize,
}

impl Tally {
	/// Counts an event.
	pub(super) fn note(&mut self, event: &RuntimeEvent) {
		match event {
			RuntimeEvent::PriceFeed(pallet_price_feed::Event::PriceFed { .. }) => self.prices += 1,
			RuntimeEvent::Collector(pallet_collector::Event::ReportsSettled { .. }) => {
				self.paid_collectors += 1;
			}
			RuntimeEvent::MeteredService(pallet_metered_service::Event::ChannelOverdrawn {
				..
			}) => self.overdrawn += 1,
			RuntimeEvent::Balances(pallet_balances::Event::DustLost { .. }) => self.dust += 1,
			_ => {}
		}
	}

	/// Checks that all of it happened.
	pub(super) fn check(&self) {
		let Self { votes, votes_on_kappa, halts, prices, paid_collectors, overdrawn, dust } = self;
		for count in [votes, votes_on_kappa, halts, prices, paid_collectors, overdrawn, dust] {
			assert!(*count > 0, "something never happened: {self:?}");
		}
	}
}
