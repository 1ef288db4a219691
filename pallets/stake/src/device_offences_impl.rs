//! What a proven offence of a device costs.

use frame_support::weights::Weight;
use groma_core::{DeviceId, NetworkId, money::Balance};
use groma_traits::{DeviceOffences, Networks, Offence};

use crate::{Config, Event, HoldReason, Pallet, Purpose, WeightInfo};

impl<T: Config> DeviceOffences<T::AccountId> for Pallet<T> {
	/// Takes the stake of one device, or what there is of it. Nothing, if what the network asks for
	/// or what the owner has cannot be read.
	fn on_offence(
		_: DeviceId,
		network: NetworkId,
		owner: &T::AccountId,
		reporter: &T::AccountId,
		offence: Offence,
	) {
		let Offence::DoubleBeacon = offence;
		if let Some(terms) = T::Networks::terms(network) {
			Self::slash_provision(owner, network, terms.stake_per_device, reporter);
		}
	}

	fn offence_weight() -> Weight {
		T::WeightInfo::on_offence()
	}
}

impl<T: Config> Pallet<T> {
	/// Takes an amount of a provision, or all that there is.
	fn slash_provision(
		owner: &T::AccountId,
		network: NetworkId,
		amount: Balance,
		reporter: &T::AccountId,
	) {
		let recorded = Self::take_recorded(owner, network, amount);
		if recorded == 0 {
			return;
		}
		let taken = Self::take_held(HoldReason::Devices, owner, recorded, Some(reporter));
		Self::deposit_event(Event::Slashed {
			owner: owner.clone(),
			purpose: Purpose::Devices(network),
			burned: taken.burned,
			rewarded: taken.rewarded,
			reporter: reporter.clone(),
		});
	}
}
