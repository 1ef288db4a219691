//! Answers to the runtime API: nothing here changes state.

use alloc::{collections::BTreeMap, vec::Vec};

use groma_core::{
	DeviceId, EpochIndex, NetworkId,
	api::{DemandInfo, NetworkEpochInfo, RewardsInfo},
	money::Balance,
	units::Units,
};
use groma_traits::{Devices, Emission, Networks, Windows};

use crate::{Config, LastEpochs, NetworkDemand, Owed, PAYEES_PER_CLAIM, Pallet, payees::Work};

impl<T: Config> Pallet<T> {
	/// What a device has earned and has not been paid, for as many payees as one claim serves and
	/// those of its latest work.
	pub fn rewards_info(device: DeviceId) -> RewardsInfo<T::AccountId> {
		let mut owed: BTreeMap<T::AccountId, Balance> =
			Owed::<T>::iter_prefix(device).take(PAYEES_PER_CLAIM as usize).collect();
		let mut open = None;
		for work in Self::unfolded_work(device) {
			if !T::Emission::is_closed(work.epoch) {
				open = Some((work.epoch, work.units));
			} else if let Some(mut settled) = Self::stored_epoch(work.network, work.epoch).value() {
				let entry = owed.entry(work.payee).or_default();
				*entry = entry.saturating_add(settled.fold(work.units).reward);
			}
		}
		let open_epoch = open.map(|(epoch, _)| epoch);
		RewardsInfo {
			owed: owed.into_iter().filter(|(_, amount)| *amount > 0).collect(),
			open_units: open.map(|(_, units)| units).unwrap_or_default(),
			open_epoch,
			epoch_cap: Self::epoch_cap(device, open_epoch).unwrap_or_default(),
		}
	}

	/// A network's work in a closed epoch; `None` if it had none, or that cannot be read.
	pub fn network_epoch(network: NetworkId, epoch: EpochIndex) -> Option<NetworkEpochInfo> {
		let settled = Self::stored_epoch(network, epoch).value()?;
		Some(NetworkEpochInfo {
			epoch,
			units: settled.units,
			pool: settled.pool,
			per_unit: settled.per_unit,
			device_cap: settled.device_cap,
		})
	}

	/// The last closed epoch in which a network had work.
	pub fn last_network_epoch(network: NetworkId) -> Option<NetworkEpochInfo> {
		let last = groma_stored::entry::<LastEpochs<T>, NetworkId, EpochIndex>(network);
		Self::network_epoch(network, last.value()?)
	}

	/// What customers paid for services of a network in an epoch; `None` if nothing was.
	pub fn demand_info(network: NetworkId, epoch: EpochIndex) -> Option<DemandInfo> {
		let sum = Self::network_demand(network, epoch);
		let NetworkDemand { credits, units, basis, value, paid, for_validators } = sum;
		(sum != NetworkDemand::default()).then_some(DemandInfo {
			network,
			epoch,
			credits,
			units,
			basis,
			value,
			paid,
			for_validators,
		})
	}

	/// A network's units of the present epoch so far; 0 if they do not decode.
	pub fn open_units(network: NetworkId) -> Units {
		T::Emission::present_epoch()
			.and_then(|epoch| Self::stored_units(epoch, network).value())
			.unwrap_or_default()
	}

	/// Work that is not in [`Owed`] yet, older first.
	fn unfolded_work(device: DeviceId) -> Vec<Work<T::AccountId>> {
		let waiting = Self::stored_waiting(device).value();
		waiting.into_iter().chain(Self::open_work(device)).collect()
	}

	/// The most that a device earns in an epoch that is not closed, or in the present one: by the
	/// least stake per device that was in force since it began.
	fn epoch_cap(device: DeviceId, open: Option<EpochIndex>) -> Option<Balance> {
		let network = T::Devices::at(device, T::Windows::current())?.network;
		let began_ms = open.or_else(T::Emission::present_epoch).and_then(T::Emission::began_ms);
		let mut terms = T::Networks::terms(network)?;
		terms.stake_per_device =
			T::Networks::least_stake_per_device(network, began_ms.unwrap_or_default())?;
		Some(terms.device_cap())
	}
}
