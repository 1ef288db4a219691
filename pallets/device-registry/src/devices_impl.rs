//! What other pallets ask of devices.

use groma_core::{DeviceId, NetworkId, WindowIndex, api::DeviceStatus};
#[cfg(feature = "runtime-benchmarks")]
use groma_core::{RegionId, place::Cell, words::Hash};
use groma_seams::{DeviceView, Windows};

use crate::{
	pallet::{ActiveCounts, Config, Devices, Event, Pallet},
	types::DeviceRecord,
};

impl<T: Config> groma_seams::Devices<T::AccountId> for Pallet<T> {
	fn at(device: DeviceId, window: WindowIndex) -> Option<DeviceView<T::AccountId>> {
		Devices::<T>::get(device)?.view(window)
	}

	fn active_count(network: NetworkId) -> u32 {
		ActiveCounts::<T>::get(network)
	}

	fn ban(device: DeviceId) {
		let Some(mut record) = Devices::<T>::get(device) else { return };
		if record.status == DeviceStatus::Banned {
			return;
		}
		Self::withdraw(device, &record);
		Self::void_pending(&mut record);
		record.status = DeviceStatus::Banned;
		record.slot = u32::MAX;
		record.position = 0;
		record.location = None;
		Devices::<T>::insert(device, record);
		Self::deposit_event(Event::DeviceBanned { device });
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn populate(
		owner: T::AccountId,
		network: NetworkId,
		session_key: Hash,
		cell: Cell,
		region: RegionId,
	) -> DeviceId {
		use crate::{
			pallet::{KeyHolders, NextDevice},
			public_key::PublicKey,
			types::Location,
		};
		use groma_core::place::UnitVector;
		use groma_seams::Place;

		let device = NextDevice::<T>::mutate(|next| {
			let device = *next;
			*next = device.saturating_add(1);
			device
		});
		let vector = cell.unit_vector().unwrap_or(UnitVector { x: 0, y: 0, z: 0 });
		let place = Place { cell, vector, region, since: 0 };
		KeyHolders::<T>::insert(PublicKey::Ed25519(session_key), device);
		Self::admit(
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
				location: Some(Location { place, gain_deci_dbi: 0, elevation_m: 0 }),
				pending: None,
			},
		);
		device
	}
}

impl<T: Config> Pallet<T> {
	/// Takes back a change on its way. A next session key stays with the device if it was in use already,
	/// so that a ban takes it too.
	fn void_pending(record: &mut DeviceRecord<T::AccountId>) {
		if let Some((owner, slot)) = record.incoming() {
			Self::leave_owner(owner, record.network, slot);
			Self::release_deposit(owner, record.deposit);
		}
		let next_key = record.next_session_key();
		let Some(pending) = record.pending.take() else { return };
		if pending.effective > T::Windows::current() {
			next_key.into_iter().for_each(Self::free_session_key);
		}
	}
}
