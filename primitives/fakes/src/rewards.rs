//! Rewards that keep what is reported to them, and a kind of proof reduced to its books of work.

use std::collections::BTreeMap;

use frame_support::{Twox64Concat, pallet_prelude::ValueQuery, storage_alias, weights::Weight};
use frame_system::Config;
use groma_core::{CollectorIndex, DeviceId, EpochIndex, NetworkId, units::Units};
use groma_traits::{Collectors, OpenWork, SupplyRewards, SupplyWork};

use crate::{Epoch, Fakes};

/// Units in billionths that devices of each network earned.
#[storage_alias]
pub type NotedUnits = StorageValue<Fakes, BTreeMap<NetworkId, u64>, ValueQuery>;
/// The network of each device that works, and who is paid.
#[storage_alias]
pub type Payees<A> = StorageValue<Fakes, BTreeMap<DeviceId, (NetworkId, A)>, ValueQuery>;
/// Work that was handed over.
#[storage_alias]
pub type Folded = StorageValue<Fakes, Vec<(DeviceId, OpenWork)>, ValueQuery>;
/// Fifths of reports that each collector is credited for.
#[storage_alias]
pub type Collected = StorageValue<Fakes, BTreeMap<CollectorIndex, u32>, ValueQuery>;
/// Work that was not handed over yet.
#[storage_alias]
pub type Works = StorageMap<Fakes, Twox64Concat, DeviceId, OpenWork>;

impl<T: Config, C> SupplyRewards<T::AccountId> for Fakes<T, C> {
	fn epoch() -> Option<EpochIndex> {
		Some(Epoch::get())
	}

	fn note_units(network: NetworkId, units: Units) {
		NotedUnits::mutate(|noted| *noted.entry(network).or_default() += units.0);
	}

	fn begin(device: DeviceId, network: NetworkId, owner: &T::AccountId) -> bool {
		let payee = (network, owner.clone());
		let before = Payees::<T::AccountId>::mutate(|all| all.insert(device, payee.clone()));
		before != Some(payee)
	}

	fn fold(device: DeviceId, work: OpenWork) -> bool {
		let has_payee = Payees::<T::AccountId>::get().contains_key(&device);
		assert!(has_payee, "no device has work without a payee");
		Folded::append((device, work));
		false
	}

	fn fold_weight() -> Weight {
		Weight::from_parts(20_000_000, 1_000)
	}

	fn usual_fold_weight() -> Weight {
		Weight::from_parts(10_000_000, 500)
	}
}

/// Every index is that of a collector, but 0.
impl<T, C> Collectors for Fakes<T, C> {
	fn credit(collector: CollectorIndex, fifths: u32) {
		if collector > 0 {
			Collected::mutate(|collected| *collected.entry(collector).or_default() += fifths);
		}
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T, C> groma_traits::CollectorsBenchmarkHelper for Fakes<T, C> {
	fn add_collector() -> CollectorIndex {
		Collected::mutate(|collected| {
			let index = collected.len() as CollectorIndex + 1;
			collected.insert(index, 0);
			index
		})
	}

	fn credited(collector: CollectorIndex) -> u32 {
		Collected::get().get(&collector).copied().unwrap_or_default()
	}
}

/// The epoch of the fakes is always open.
#[cfg(feature = "runtime-benchmarks")]
impl<T, C> groma_traits::SupplyRewardsBenchmarkHelper for Fakes<T, C> {
	fn open_epoch() {}

	fn noted_units(network: NetworkId) -> Units {
		Units(NotedUnits::get().get(&network).copied().unwrap_or_default())
	}
}

impl<T, C> SupplyWork for Fakes<T, C> {
	fn peek(_: NetworkId, device: DeviceId) -> Option<OpenWork> {
		Works::get(device)
	}

	fn take_before(_: NetworkId, device: DeviceId, current: EpochIndex) -> Option<OpenWork> {
		Works::mutate_exists(device, |work| work.take_if(|work| work.epoch < current))
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T, C> groma_traits::SupplyWorkBenchmarkHelper for Fakes<T, C> {
	fn leave_work(_: NetworkId, device: DeviceId, work: OpenWork) {
		Works::insert(device, work);
	}
}
