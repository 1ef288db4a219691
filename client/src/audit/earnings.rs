//! What devices earned and were paid, epoch by epoch.

use groma_core::{DeviceId, EpochIndex, units::Units};
use serde::Serialize;

use super::{archive::Archive, deeds::Deed, error::AuditError, span::Span};
use crate::amount::Amount;

/// What a device earned in an epoch. Amounts are plancks as decimal text in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EpochEarnings {
	/// The epoch.
	pub epoch: EpochIndex,
	/// Units of proven work.
	pub units: Units,
	/// What they earned: by supply.
	pub supply: Amount,
	/// Vouchers that were paid.
	pub vouchers: u32,
	/// Units that customers bought.
	#[serde(serialize_with = "crate::amount::decimal")]
	pub sold: u64,
	/// What they paid to the owner: by demand.
	pub demand: Amount,
	/// What was claimed and paid out in the blocks of the epoch, whenever it was earned.
	pub paid: Amount,
}

impl EpochEarnings {
	fn none(epoch: EpochIndex) -> Self {
		Self { epoch, ..Self::default() }
	}
}

/// What each of these devices earned in a closed epoch, in their order.
pub async fn earnings(
	archive: &impl Archive,
	devices: &[DeviceId],
	epoch: EpochIndex,
) -> Result<Vec<EpochEarnings>, AuditError> {
	let mut all = vec![EpochEarnings::none(epoch); devices.len()];
	let span = match Span::of(archive, epoch).await {
		Ok(span) => span,
		Err(AuditError::Silent(_)) => return Ok(all),
		Err(error) => return Err(error),
	};
	for (device, earned) in devices.iter().zip(&mut all) {
		let rewards = archive.rewards(*device, span.last).await?;
		if rewards.open_epoch != Some(epoch) {
			continue;
		}
		earned.units = rewards.open_units;
		let Some(network) = archive.network_of(*device, span.last).await? else { continue };
		let settled = archive.network_epoch(network, epoch, span.settled).await?;
		earned.supply = Amount(settled.map_or(0, |settled| settled.reward(earned.units)));
	}
	for (_, deeds) in archive.deeds(span.before.saturating_add(1), span.last).await? {
		for deed in deeds {
			let (Deed::Voucher { device, .. } | Deed::Paid { device, .. }) = deed else { continue };
			let Some(place) = devices.iter().position(|known| *known == device) else { continue };
			if let Some(earned) = all.get_mut(place) {
				earned.note(&deed);
			}
		}
	}
	Ok(all)
}

impl EpochEarnings {
	fn note(&mut self, deed: &Deed) {
		match *deed {
			Deed::Voucher { units, paid, .. } => {
				self.vouchers = self.vouchers.saturating_add(1);
				self.sold = self.sold.saturating_add(units);
				self.demand.0 = self.demand.0.saturating_add(paid);
			}
			Deed::Paid { amount, .. } => self.paid.0 = self.paid.0.saturating_add(amount),
			Deed::Opened { .. } | Deed::EpochClosed { .. } => {}
		}
	}
}
