//! What stake behind an operator earned in the last epochs: arithmetic that knows no storage.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, defensive, traits::ConstU32};
use groma_core::{EpochIndex, money::Balance, protocol::YIELD_EPOCHS, units::ONE};
use scale_info::TypeInfo;

use crate::shares::floor;

/// What a planck behind an operator earned in an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EpochYield {
	/// The epoch.
	#[codec(compact)]
	pub epoch: EpochIndex,
	/// Billionths of a planck, after the commission, rounded down.
	#[codec(compact)]
	pub billionths: u64,
}

/// What a planck behind an operator earned in each of the last epochs in which it earned anything,
/// in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Yields(BoundedVec<EpochYield, ConstU32<YIELD_EPOCHS>>);

impl Yields {
	/// Notes that `amount` plancks were divided among `total` plancks of stake for an epoch, and
	/// forgets epochs that are too long ago. Epochs come in their order.
	pub(crate) fn note(&mut self, epoch: EpochIndex, amount: Balance, total: Balance) {
		let earned = floor(amount, ONE.into(), total).unwrap_or(Balance::MAX);
		let billionths = u64::try_from(earned).unwrap_or(u64::MAX);
		if let Some(same) = self.0.iter_mut().find(|it| it.epoch == epoch) {
			same.billionths = same.billionths.saturating_add(billionths);
			return;
		}
		self.0.retain(|it| it.epoch.saturating_add(YIELD_EPOCHS) > epoch);
		if self.0.try_push(EpochYield { epoch, billionths }).is_err() {
			defensive!("epochs are closed in their order");
		}
	}

	/// Those of the last epochs before this one.
	pub(crate) fn before(&self, epoch: EpochIndex) -> impl Iterator<Item = EpochYield> + '_ {
		let recent = move |it: &&EpochYield| it.epoch.saturating_add(YIELD_EPOCHS) >= epoch;
		self.0.iter().filter(recent).copied()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn noted(yields: &Yields, before: EpochIndex) -> Vec<(EpochIndex, u64)> {
		yields.before(before).map(|it| (it.epoch, it.billionths)).collect()
	}

	#[test]
	fn yields_of_seven_epochs_are_kept() {
		let mut yields = Yields::default();
		for epoch in 1..=20 {
			yields.note(epoch, Balance::from(epoch), 1_000);
		}
		let last: Vec<_> = (14..=20).map(|epoch| (epoch, u64::from(epoch) * 1_000_000)).collect();
		assert_eq!(noted(&yields, 21), last);
		assert_eq!(noted(&yields, 23), last[2..]);
		assert!(noted(&yields, 28).is_empty());
		yields.note(40, 1, 1);
		assert_eq!(noted(&yields, 41), [(40, 1_000_000_000)]);
	}

	#[test]
	fn rewards_of_one_epoch_are_one_yield_and_none_is_too_large() {
		let mut yields = Yields::default();
		yields.note(5, 1, 3);
		yields.note(5, 1, 3);
		assert_eq!(noted(&yields, 6), [(5, 2 * 333_333_333)]);
		yields.note(6, Balance::MAX, 1);
		yields.note(6, 1, 1);
		assert_eq!(noted(&yields, 7), [(5, 2 * 333_333_333), (6, u64::MAX)]);
	}
}
