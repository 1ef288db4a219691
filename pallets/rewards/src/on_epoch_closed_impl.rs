//! What the supply pool of a closed epoch pays for.

use alloc::vec::Vec;

use frame_support::{traits::Get, weights::Weight};
use groma_core::{EpochIndex, money::Balance};
use groma_traits::{ClosedEpoch, Networks, OnEpochClosed};

use crate::{Config, NetworkEpochs, OpenUnits, Owed, Pallet, WeightInfo, supply::Network};

impl<T: Config> OnEpochClosed for Pallet<T> {
	/// Settles each network, on its terms of this moment.
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
		let networks = Self::networks_at(closed);
		Self::close_supply(closed, &networks);
		let reads =
			T::DbWeight::get().reads(networks.len().saturating_mul(2).saturating_add(1) as u64);
		T::WeightInfo::close_supply(networks.len() as u32).saturating_add(reads)
	}

	fn has_open_work(epoch: EpochIndex) -> bool {
		OpenUnits::<T>::iter_key_prefix(epoch).next().is_some()
	}

	/// What devices are owed, and what is not folded yet.
	fn owed() -> Balance {
		let unfolded = NetworkEpochs::<T>::iter_keys()
			.filter_map(|(network, epoch)| Self::stored_epoch(network, epoch).value())
			.map(|settled| settled.unfolded);
		let owed =
			Owed::<T>::iter_keys().filter_map(|(device, payee)| Self::stored_owed(device, &payee));
		owed.chain(unfolded).fold(0, Balance::saturating_add)
	}
}

impl<T: Config> Pallet<T> {
	/// The networks on whose terms an epoch is settled, each with the least stake per device that
	/// was in force in it: a raise never lifts what devices earn before it holds. Units of those
	/// whose terms cannot be read wait.
	fn networks_at(closed: &ClosedEpoch) -> Vec<Network> {
		let network_at = |id| {
			let (founded_ms, mut terms) = (T::Networks::founded_ms(id)?, T::Networks::terms(id)?);
			terms.stake_per_device = T::Networks::least_stake_per_device(id, closed.began_ms)?;
			Some(Network { id, founded_ms, terms })
		};
		T::Networks::ids()
			.into_iter()
			.filter_map(|id| {
				let network = network_at(id);
				if network.is_none() {
					Self::strand(closed.epoch, id);
				}
				network
			})
			.collect()
	}
}
