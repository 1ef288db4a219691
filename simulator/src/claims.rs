//! Claims for many devices at once. Anyone may trigger them; what is owed goes to the owners.

use std::{collections::BTreeSet, fmt};

use codec::Decode;
use groma_client::{amount::Amount, chain::AccountId, owner::OwnerError};
use groma_core::{DeviceId, EpochIndex, money::Balance};

use crate::owners::{Accounts, OwnersError};

/// Claims in one batch.
const BATCH_MAX: usize = 100;

/// What claims paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claimed {
	/// In all, in plancks.
	pub(crate) amount: Balance,
	/// Every payment: for which device, and how many plancks.
	pub(crate) payments: Vec<(DeviceId, Balance)>,
	/// The last epoch that was closed by then.
	pub(crate) epoch: EpochIndex,
}

impl Claimed {
	/// How many devices it was paid for.
	pub(crate) fn devices(&self) -> usize {
		let devices: BTreeSet<_> = self.payments.iter().map(|(device, _)| device).collect();
		devices.len()
	}
}

impl fmt::Display for Claimed {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let (amount, count, epoch) = (Amount(self.amount), self.devices(), self.epoch);
		write!(f, "claimed {amount} for {count} devices in epoch {epoch}")
	}
}

/// Claims for `devices`; `None` if nothing was paid. A device that cannot be paid keeps what it is
/// owed.
pub(crate) async fn claim(
	accounts: &Accounts,
	devices: &[DeviceId],
	epoch: EpochIndex,
) -> Result<Option<Claimed>, OwnersError> {
	let failed = |source| OwnersError::Account { what: "claiming".to_owned(), source };
	let mut payments = Vec::new();
	for devices in devices.chunks(BATCH_MAX) {
		let mut claims = Vec::with_capacity(devices.len());
		for device in devices {
			claims.push(accounts.prepare("Rewards", "claim", *device).await.map_err(failed)?);
		}
		let batch = accounts.prepare("Utility", "force_batch", claims).await.map_err(failed)?;
		let events = accounts.submit(&accounts.funder, &batch).await.map_err(failed)?;
		for event in events.iter() {
			let event =
				event.map_err(|error| failed(OwnerError::Incompatible(error.to_string())))?;
			if (event.pallet_name(), event.event_name()) == ("Rewards", "Paid") {
				payments.push(payment(event.field_bytes()).map_err(failed)?);
			}
		}
	}
	let amount = payments.iter().fold(0, |sum: Balance, (_, paid)| sum.saturating_add(*paid));
	Ok((amount > 0).then_some(Claimed { amount, payments, epoch }))
}

/// Device and amount of the event of a payment.
fn payment(mut fields: &[u8]) -> Result<(DeviceId, Balance), OwnerError> {
	let (device, _payee, amount) = <(DeviceId, AccountId, Balance)>::decode(&mut fields)
		.map_err(|error| OwnerError::Incompatible(error.to_string()))?;
	Ok((device, amount))
}

#[cfg(test)]
mod tests {
	use groma_core::money::GRM;

	use super::*;

	#[test]
	fn claims_are_printed_in_one_line() {
		let payments = vec![(3, GRM), (4, GRM / 2), (3, GRM / 4)];
		let claimed = Claimed { amount: 7 * GRM / 4, payments, epoch: 5 };
		assert_eq!(claimed.to_string(), "claimed 1.75 GRM for 2 devices in epoch 5");
	}
}
