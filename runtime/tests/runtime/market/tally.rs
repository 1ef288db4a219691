//! What has to happen in the story, or it shows little.

use groma_runtime::{Balance, RuntimeEvent};

/// How often each of it happened.
#[derive(Debug, Default)]
pub(super) struct Tally {
	/// Votes that changed something else than kappa.
	pub(super) votes: usize,
	/// Votes on kappa.
	pub(super) votes_on_kappa: usize,
	/// Halts of the chain.
	pub(super) halts: usize,
	/// Times in safe mode.
	pub(super) standstills: usize,
	/// Plancks of stake that were burned for offences.
	pub(super) slashed: Balance,
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
		let Self { votes, votes_on_kappa, halts, standstills, prices, .. } = self;
		let Self { paid_collectors, paid_validators, overdrawn, dust, slashed, .. } = self;
		let of_all = [votes, votes_on_kappa, halts, standstills, prices];
		let of_money = [paid_collectors, paid_validators, overdrawn, dust];
		for count in of_all.into_iter().chain(of_money) {
			assert!(*count > 0, "something never happened: {self:?}");
		}
		assert!(*slashed > 0, "no one was slashed: {self:?}");
	}
}
