//! The supply: genesis + scheduled so far = issuance + unminted + burned.

use groma_core::{
	emission,
	money::{Balance, GENESIS_SUPPLY},
};
use groma_runtime::{Balances, Rewards, RuntimeEvent};

use crate::chain::{Chain, FOUNDED_MS};

/// What was burned, as the events of blocks tell it.
#[derive(Default)]
pub(crate) struct Ledger {
	burned: Balance,
}

impl Ledger {
	/// Takes in the events of a block: fees are the only thing that stories burn.
	pub(crate) fn note(&mut self, events: &[RuntimeEvent]) {
		for event in events {
			if let RuntimeEvent::TransactionPayment(
				pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, tip, .. },
			) = event
			{
				self.burned += actual_fee - tip;
			}
		}
	}

	/// Checks the books of a chain whose first block came one slot after its founding.
	pub(crate) fn check(chain: &mut Chain) {
		let burned = chain.ledger.burned;
		let started_ms = FOUNDED_MS + chain.slot_ms();
		chain.with(|| {
			let clock = Rewards::epoch_info().expect("the clock runs");
			let first_open = clock.last_closed.map_or(0, |closed| closed + 1);
			let elapsed = (u64::from(first_open) * clock.duration_ms).saturating_sub(started_ms);
			assert_eq!(
				GENESIS_SUPPLY + emission::cumulative(elapsed),
				Balances::total_issuance() + clock.unminted + burned,
				"genesis + scheduled is not issuance + unminted + burned"
			);
		});
	}
}
