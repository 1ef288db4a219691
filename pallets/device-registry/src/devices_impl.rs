//! What other pallets ask of devices.

use frame_support::DefaultNoBound;
use groma_core::{DeviceId, NetworkId, WindowIndex};
#[cfg(feature = "runtime-benchmarks")]
use groma_core::{RegionId, place::Cell, words::SessionKey};
use groma_paged_map::PagesRead;
use groma_traits::{DeviceLookup, DeviceView, Owner, Signer, Windows};
use sp_runtime::Weight;

use crate::{
	pallet::{Config, DevicePages, Pallet, Populations, RecordOf},
	weights::WeightInfo,
};

/// A look at devices, of which neighbours share what is read.
#[derive(DefaultNoBound)]
pub struct Lookup<T: Config>(PagesRead<DevicePages<T>, RecordOf<T>>);

impl<T: Config> DeviceLookup<T::AccountId> for Lookup<T> {
	fn at(&mut self, device: DeviceId, window: WindowIndex) -> Option<DeviceView<T::AccountId>> {
		self.0.get(device)?.view(window)
	}

	fn owner(&mut self, device: DeviceId) -> Option<Owner<T::AccountId>> {
		let record = self.0.get(device)?.seen_in(T::Windows::current());
		Some(Owner { account: record.owner, network: record.network })
	}

	fn is_unreadable(&mut self, device: DeviceId) -> bool {
		self.0.look(device).is_undecodable()
	}
}

impl<T: Config> groma_traits::ActiveDevices for Pallet<T> {
	fn active_count(network: NetworkId) -> u32 {
		// Of more devices fewer are challenged each: if no one knows how many there are, none is.
		Self::counted(network).or_absent(0).unwrap_or(u32::MAX)
	}
}

/// A count that does not decode is one that is not 0: then the network stays.
impl<T: Config> groma_traits::NetworkDevices for Pallet<T> {
	fn has_devices(network: NetworkId) -> bool {
		Populations::<T>::contains_key(network)
	}
}

impl<T: Config> groma_traits::Devices<T::AccountId> for Pallet<T> {
	type Lookup = Lookup<T>;

	fn signer(device: DeviceId, window: WindowIndex) -> Option<Signer<T::AccountId>> {
		Self::signer_in(device, window)
	}

	fn ban(device: DeviceId, window: WindowIndex) -> bool {
		Self::do_ban(device, window)
	}

	fn ban_weight() -> Weight {
		T::WeightInfo::ban()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T: Config> groma_traits::DevicesBenchmarkHelper<T::AccountId> for Pallet<T> {
	fn add_device(
		owner: T::AccountId,
		network: NetworkId,
		session_key: SessionKey,
		cell: Cell,
		region: RegionId,
	) -> DeviceId {
		use crate::{
			pallet::KeyHolders,
			types::{Changes, DeviceRecord, HeldKey, Location},
		};
		use groma_core::{api::DeviceStatus, place::UnitVector};
		use groma_traits::Place;

		let device = Self::allot_id(Some(cell)).unwrap_or_default();
		let vector = cell.unit_vector().unwrap_or(UnitVector { x: 0, y: 0, z: 0 });
		let place = Place { cell, vector, region };
		KeyHolders::<T>::insert(HeldKey::Session(session_key), device);
		let admitted = Self::admit(
			device,
			DeviceRecord {
				owner,
				session_key,
				network,
				registered_at: 0,
				maker: None,
				status: DeviceStatus::Active,
				slot: 0,
				position: 0,
				deposit: 0,
				location: Some(Location { place, since: 0, gain_deci_dbi: 0, elevation_m: 0 }),
				changes: Changes::default(),
			},
		);
		if let Err(fault) = admitted {
			frame_support::defensive!("the state of a benchmark decodes", fault);
		}
		device
	}

	fn fill_device_page(device: DeviceId) {
		use crate::pallet::Devices;

		let Some(record) = Devices::<T>::get(device) else { return };
		let cell = record.location.map(|location| location.place.cell);
		for _ in 1..groma_paged_map::DEVICES_PER_PAGE {
			let neighbour = Self::allot_id(cell).unwrap_or_default();
			let mut yet_to_come = record.clone();
			yet_to_come.registered_at = WindowIndex::MAX;
			Devices::<T>::insert(neighbour, &yet_to_come);
		}
	}
}
