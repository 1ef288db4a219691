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
	/// Epochs that paid validators of what customers burned.
	paid_validators: usize,
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
			RuntimeEvent::Emission(pallet_emission::Event::EpochClosed { reminted, .. }) => {
				self.paid_validators += usize::from(*reminted > 0);
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
		let Self { votes, votes_on_kappa, halts, prices, overdrawn, dust, .. } = self;
		let Self { paid_collectors, paid_validators, .. } = self;
		let paid = [paid_collectors, paid_validators];
		for count in [votes, votes_on_kappa, halts, prices, overdrawn, dust].into_iter().chain(paid)
		{
			assert!(*count > 0, "something never happened: {self:?}");
		}
	}
}
