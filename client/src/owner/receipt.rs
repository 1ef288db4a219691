//! What a call cost, from its events.

use codec::Decode;
use groma_core::{
	DeviceId,
	money::{Balance, Credits},
};
use subxt::{SubstrateConfig, extrinsics::ExtrinsicEvents};

use super::error::{OwnerError, incompatible};
use crate::{amount::Amount, chain::AccountId};

/// The bytes of an amount.
const AMOUNT_LENGTH: usize = size_of::<Balance>();

/// What a call cost, and what it paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
	/// The fee.
	pub fee: Amount,
	/// What is held since as a deposit.
	pub held: Amount,
	/// What devices' payees were paid.
	pub paid: Amount,
	/// What a network took in credits.
	pub credits: Credits,
	/// What a network took as GRM, which was burned.
	pub burned: Amount,
}

impl Receipt {
	/// The receipt of a call that did this.
	pub fn of(events: &ExtrinsicEvents<SubstrateConfig>) -> Result<Self, OwnerError> {
		let mut receipt = Self::default();
		for event in events.iter() {
			let event = event.map_err(|error| incompatible(&error))?;
			receipt
				.note(event.pallet_name(), event.event_name(), event.field_bytes())
				.map_err(|error| incompatible(&error))?;
		}
		Ok(receipt)
	}

	fn note(&mut self, pallet: &str, event: &str, mut fields: &[u8]) -> Result<(), codec::Error> {
		let (sum, amount) = match (pallet, event) {
			("TransactionPayment", "TransactionFeePaid") => {
				let (_payer, fee, _tip) = <(AccountId, Balance, Balance)>::decode(&mut fields)?;
				(&mut self.fee, fee)
			}
			("Balances", "Held") => (&mut self.held, last_amount(fields)?),
			("Rewards", "Paid") => {
				let (_, _, paid) = <(DeviceId, AccountId, Balance)>::decode(&mut fields)?;
				(&mut self.paid, paid)
			}
			("DataCredits", "FeeCharged") => {
				let (_, credits, burned) = <(AccountId, Credits, Balance)>::decode(&mut fields)?;
				// It is paid in credits or as GRM, never in parts.
				if burned == 0 {
					self.credits = self.credits.saturating_add(credits);
				}
				(&mut self.burned, burned)
			}
			_ => return Ok(()),
		};
		sum.0 = sum.0.saturating_add(amount);
		Ok(())
	}
}

/// The amount at the end of fields of which the first, a reason, has no length that is known here.
fn last_amount(fields: &[u8]) -> Result<Balance, codec::Error> {
	let start = fields.len().checked_sub(AMOUNT_LENGTH).ok_or("too short for an amount")?;
	Balance::decode(&mut fields.get(start..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
	use codec::Encode;

	use super::*;

	const WHO: AccountId = subxt::utils::AccountId32([7; 32]);

	#[test]
	fn costs_are_found_in_events() {
		let mut receipt = Receipt::default();
		let note = |receipt: &mut Receipt, pallet, event, fields: Vec<u8>| {
			receipt.note(pallet, event, &fields).expect("read")
		};
		let fee = (WHO, 5u128, 0u128).encode();
		note(&mut receipt, "TransactionPayment", "TransactionFeePaid", fee);
		// The reason of a hold is a pallet's index and a number of that pallet.
		note(&mut receipt, "Balances", "Held", ([20u8, 0], WHO, 9u128).encode());
		note(&mut receipt, "Rewards", "Paid", (3u32, WHO, 4u128).encode());
		note(&mut receipt, "Rewards", "Paid", (3u32, WHO, 3u128).encode());
		note(&mut receipt, "DataCredits", "FeeCharged", (WHO, 100u64, 0u128).encode());
		note(&mut receipt, "DataCredits", "FeeCharged", (WHO, 50u64, 8u128).encode());
		note(&mut receipt, "System", "ExtrinsicSuccess", vec![1, 2]);
		let (fee, held, paid) = (Amount(5), Amount(9), Amount(7));
		assert_eq!(receipt, Receipt { fee, held, paid, credits: 100, burned: Amount(8) });
	}

	#[test]
	fn event_that_is_cut_off_is_an_error() {
		let mut receipt = Receipt::default();
		for (pallet, event) in [
			("TransactionPayment", "TransactionFeePaid"),
			("Balances", "Held"),
			("Rewards", "Paid"),
			("DataCredits", "FeeCharged"),
		] {
			assert!(receipt.note(pallet, event, &[0; 15]).is_err(), "{event}");
		}
		assert_eq!(receipt, Receipt::default());
	}
}
