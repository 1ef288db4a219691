//! What holds in every state of stake behind devices.

use alloc::collections::BTreeMap;

use frame_support::{ensure, traits::fungible::InspectHold};
use groma_core::{NetworkId, money::Balance};
use sp_runtime::TryRuntimeError;

use crate::{Config, HoldReason, Pallet, Provisions, Totals};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the README.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut on_hold = BTreeMap::<T::AccountId, Balance>::new();
		let mut active = BTreeMap::<NetworkId, Balance>::new();
		for (owner, network) in Provisions::<T>::iter_keys() {
			let stored = Self::stored(&owner, network).value();
			let provision = stored.ok_or("a provision does not decode")?;
			ensure!(!provision.is_empty(), "a provision of nothing is stored");
			ensure!(provision.thawing.iter().all(|it| it.amount > 0), "an entry of nothing thaws");
			ensure!(
				provision.thawing.windows(2).all(|pair| matches!(pair, [a, b] if a.due < b.due)),
				"what thaws is out of order"
			);
			let of_owner = on_hold.entry(owner).or_default();
			*of_owner = of_owner.saturating_add(provision.on_hold());
			if provision.active > 0 {
				let of_network = active.entry(network).or_default();
				*of_network = of_network.saturating_add(provision.active);
			}
		}
		for (owner, sum) in on_hold {
			let held = T::Currency::balance_on_hold(&HoldReason::Devices.into(), &owner);
			ensure!(held == sum, "what is on hold is not the sum of the provisions");
		}
		for network in Totals::<T>::iter_keys() {
			let stored = Self::stored_total(network).value();
			let total = stored.ok_or("the sum of a network does not decode")?;
			ensure!(active.remove(&network) == Some(total), "the sum of a network is wrong");
		}
		ensure!(active.is_empty(), "provisions of a network are not in its sum");
		Self::check_backing()
	}
}
