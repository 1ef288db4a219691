//! The supply: genesis + scheduled so far = issuance + unminted + burned.

use groma_core::{
	emission,
	money::{Balance, GENESIS_SUPPLY},
};
use groma_runtime::{Balances, Emission, RuntimeEvent};

/// What was burned, as the events of blocks say.
#[derive(Default)]
pub(crate) struct Ledger {
	/// As fees and as dust, which the chain counts.
	counted: Balance,
	/// By calls of holders, which it does not.
	by_calls: Balance,
}

impl Ledger {
	/// Takes in the events of a block.
	pub(crate) fn note(&mut self, events: &[RuntimeEvent]) {
		use pallet_balances::Event::{Burned, DustLost};
		use pallet_transaction_payment::Event::TransactionFeePaid;
		for event in events {
			match event {
				RuntimeEvent::TransactionPayment(TransactionFeePaid {
					actual_fee, tip, ..
				}) => {
					self.counted += actual_fee - tip;
				}
				RuntimeEvent::Balances(DustLost { amount, .. }) => self.counted += amount,
				// What rewards take back from their pot becomes unminted.
				RuntimeEvent::Balances(Burned { who, amount }) if *who != Emission::pot() => {
					self.by_calls += amount;
				}
				_ => {}
			}
		}
	}

	/// Checks the state against the books; `started_ms` is the timestamp of the first block.
	pub(crate) fn check(&self, started_ms: u64) {
		assert_eq!(
			Emission::burned(),
			self.counted,
			"the chain counts other burns than its events"
		);
		let clock = Emission::epoch_info().expect("the clock runs");
		let first_open = clock.last_closed.map_or(0, |closed| closed + 1);
		let elapsed = (u64::from(first_open) * clock.duration_ms).saturating_sub(started_ms);
		assert_eq!(
			GENESIS_SUPPLY + emission::cumulative(elapsed),
			Balances::total_issuance() + clock.unminted + Emission::burned() + self.by_calls,
			"genesis + scheduled is not issuance + unminted + burned"
		);
	}
}
