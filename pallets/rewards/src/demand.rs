//! What customers paid for services in an epoch.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::ensure;
use groma_core::{
	EpochIndex, NetworkId,
	money::Balance,
	protocol::{DEMAND_EPOCHS_KEPT, is_founded},
};
use groma_traits::{Emission, Payment};
use scale_info::TypeInfo;
use sp_runtime::DispatchResult;

use crate::{Config, Error, Event, NetworkDemands, Pallet};

/// What customers paid for services of a network in an epoch: a sum that is final when the epoch is
/// over. No reward is computed from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct NetworkDemand {
	/// Credits that claims burned.
	pub credits: u128,
	/// Units that were delivered for them.
	pub units: u128,
	/// Plancks that had been burned for the credits.
	pub basis: Balance,
	/// What the credits were worth when they were claimed, in plancks.
	pub value: Balance,
	/// What owners of devices are owed for them, in plancks.
	pub paid: Balance,
	/// What they left for validators, in plancks.
	pub for_validators: Balance,
}

impl NetworkDemand {
	/// Adds a claim.
	fn add(&mut self, credits: u64, units: u64, payment: &Payment) {
		self.credits = self.credits.saturating_add(u128::from(credits));
		self.units = self.units.saturating_add(u128::from(units));
		self.basis = self.basis.saturating_add(payment.basis);
		self.value = self.value.saturating_add(payment.value);
		self.paid = self.paid.saturating_add(payment.paid);
		self.for_validators = self.for_validators.saturating_add(payment.for_validators);
	}
}

impl<T: Config> Pallet<T> {
	/// Counts a claim in the sum of an epoch.
	pub(crate) fn add_demand(
		network: NetworkId,
		epoch: EpochIndex,
		credits: u64,
		units: u64,
		payment: &Payment,
	) {
		// A sum that cannot be read stays as it is. Nothing is computed from it: claims are paid.
		if let Some(mut sum) = Self::stored_demand(network, epoch) {
			sum.add(credits, units, payment);
			NetworkDemands::<T>::insert(network, epoch, sum);
		}
	}

	/// Removes the sum of an epoch that is long over, of a founded network.
	pub(crate) fn do_remove_demand(network: NetworkId, epoch: EpochIndex) -> DispatchResult {
		ensure!(is_founded(network), Error::<T>::DemandIsKept);
		// Claims add to the present epoch alone.
		let first_recent =
			T::Emission::present_epoch().and_then(|now| now.checked_sub(DEMAND_EPOCHS_KEPT));
		ensure!(first_recent.is_some_and(|first| epoch < first), Error::<T>::DemandIsRecent);
		ensure!(NetworkDemands::<T>::contains_key(network, epoch), Error::<T>::UnknownDemand);
		NetworkDemands::<T>::remove(network, epoch);
		Self::deposit_event(Event::DemandRemoved { network, epoch });
		Ok(())
	}

	/// What customers paid for services of a network in an epoch; nothing if that cannot be read.
	pub fn network_demand(network: NetworkId, epoch: EpochIndex) -> NetworkDemand {
		Self::stored_demand(network, epoch).unwrap_or_default()
	}

	/// The same; `None` if that cannot be read.
	pub(crate) fn stored_demand(network: NetworkId, epoch: EpochIndex) -> Option<NetworkDemand> {
		groma_stored::double_entry::<NetworkDemands<T>, NetworkId, EpochIndex, NetworkDemand>(
			network, epoch,
		)
		.or_absent(NetworkDemand::default())
	}
}
