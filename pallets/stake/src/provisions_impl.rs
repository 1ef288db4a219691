//! What kinds of proof, and the clock of challenges, ask.

use groma_core::{NetworkId, money::Balance};
use groma_traits::{Networks, Provisions};

use crate::{Config, Pallet};

/// How many devices an amount covers, rounded down. A stake of nothing, which no terms have, covers
/// none.
fn devices(amount: Balance, stake_per_device: Balance) -> u32 {
	let devices = amount.checked_div(stake_per_device).unwrap_or_default();
	u32::try_from(devices).unwrap_or(u32::MAX)
}

impl<T: Config> Provisions<T::AccountId> for Pallet<T> {
	fn covered_slots(owner: &T::AccountId, network: NetworkId, stake_per_device: Balance) -> u32 {
		let provision = Self::stored(owner, network).value();
		provision.map_or(0, |provision| devices(provision.active, stake_per_device))
	}

	fn covered_devices(network: NetworkId) -> u32 {
		let Some(terms) = T::Networks::terms(network) else { return 0 };
		// Without the sum, challenges are shared among all active devices. Taking none as covered
		// would challenge all that are.
		Self::total(network).map_or(u32::MAX, |total| devices(total, terms.stake_per_device))
	}

	fn total(network: NetworkId) -> Option<Balance> {
		Self::stored_total(network).or_absent(0)
	}
}
