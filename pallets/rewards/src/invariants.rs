//! What holds in every state.

use alloc::collections::BTreeMap;

use frame_support::ensure;
use groma_core::units::Units;
use groma_traits::Emission;
use sp_runtime::TryRuntimeError;

use crate::{Config, NetworkDemands, NetworkEpochs, OpenUnits, Pallet, Payees, Splits, Waiting};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the README.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_work()?;
		for (network, epoch) in NetworkDemands::<T>::iter_keys() {
			let demand =
				Self::stored_demand(network, epoch).ok_or("what customers paid cannot be read")?;
			let paid = demand.paid.saturating_add(demand.for_validators);
			ensure!(paid <= demand.basis, "more was paid than burned");
			ensure!(paid <= demand.value, "more was paid than the credits are worth");
		}
		ensure!(
			Splits::<T>::iter_keys().all(|(device, payee)| {
				Self::stored_split(device, &payee).value().is_some_and(|split| split.is_valid())
			}),
			"a payout split does not decode, or does not sum to 100 %"
		);
		ensure!(
			Payees::<T>::iter_keys().all(|device| !Self::payee(device).is_undecodable()),
			"who is paid for a device's work cannot be read"
		);
		Ok(())
	}

	fn check_work() -> Result<(), TryRuntimeError> {
		let mut waiting = BTreeMap::<_, Units>::new();
		for device in Waiting::<T>::iter_keys() {
			let work = Self::stored_waiting(device).value().ok_or("work cannot be read")?;
			let sum = waiting.entry((work.network, work.epoch)).or_default();
			*sum = sum.saturating_add(work.units);
		}
		for (network, epoch) in NetworkEpochs::<T>::iter_keys() {
			let settled = Self::stored_epoch(network, epoch).value();
			let settled = settled.ok_or("what a network earned cannot be read")?;
			ensure!(T::Emission::is_closed(epoch), "an open epoch is settled");
			ensure!(settled.unfolded_units <= settled.units, "more is unfolded than there was");
			ensure!(
				settled.unfolded >= settled.worth(settled.unfolded_units),
				"an epoch cannot pay all units that are not folded"
			);
			ensure!(
				waiting.get(&(network, epoch)).is_none_or(|sum| *sum <= settled.unfolded_units),
				"more units wait than are unfolded"
			);
		}
		for (epoch, network) in OpenUnits::<T>::iter_keys() {
			let is_readable = !Self::stored_units(epoch, network).is_undecodable();
			ensure!(is_readable, "units of an epoch cannot be read");
			let stranded = Self::stored_stranded(network).or_absent(Default::default());
			let stranded = stranded.ok_or("the epochs that wait cannot be read")?;
			ensure!(
				!T::Emission::is_closed(epoch) || stranded.contains(&epoch),
				"a closed epoch kept open units"
			);
		}
		Ok(())
	}
}
