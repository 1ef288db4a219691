//! Devices that mocks put there, each with all that it ever was.

use std::collections::BTreeSet;

use frame_support::{
	Parameter, Twox64Concat, pallet_prelude::ValueQuery, parameter_types, storage_alias,
	weights::Weight,
};
use frame_system::Config;
use groma_core::{
	DeviceId, EvidenceClass, NetworkId, RegionId, WindowIndex, place::Cell, region::EU868,
	words::SessionKey,
};
use groma_traits::{
	ActiveDevices, DeviceFollowers, DeviceLookup, DeviceView, Devices, NetworkDevices, Owner,
	Place, Regions, Signer,
};

use crate::Fakes;

/// Devices: how each is from a window on, in ascending order.
#[storage_alias]
pub type DeviceViews<A> =
	StorageMap<Fakes, Twox64Concat, DeviceId, Vec<(WindowIndex, DeviceView<A>)>, ValueQuery>;
/// Devices that are banned.
#[storage_alias]
pub type Banned = StorageValue<Fakes, BTreeSet<DeviceId>, ValueQuery>;
/// Devices that cannot be read.
#[storage_alias]
pub type UnreadableDevices = StorageValue<Fakes, BTreeSet<DeviceId>, ValueQuery>;
/// Session keys that are banned.
#[storage_alias]
pub type BannedKeys = StorageValue<Fakes, BTreeSet<SessionKey>, ValueQuery>;
/// Devices of which nothing is kept any more.
#[storage_alias]
pub type LetGo = StorageValue<Fakes, Vec<DeviceId>, ValueQuery>;

parameter_types! {
	/// Whether founded networks have devices.
	pub storage HasDevices: bool = false;
	/// How many devices of each network are active.
	pub storage ActiveCount: u32 = 4;
	/// Whether what is kept of a device can go.
	pub storage MayLetGo: bool = true;
}

/// An attested device without a place, active in network 0 since window 0.
pub fn new_device<A>(owner: A, session_key: SessionKey) -> DeviceView<A> {
	DeviceView {
		network: 0,
		owner,
		session_key,
		class: EvidenceClass::MakerAttested,
		is_active: true,
		slot: 0,
		first_slot: None,
		place: None,
		since: 0,
	}
}

/// The place of a device that stands at a cell, in EU868.
pub fn place_at(cell: Cell) -> Place {
	let vector = cell.unit_vector().expect("a cell has a centre");
	Place { cell, vector, region: EU868 }
}

/// Puts a device there that was never otherwise.
pub fn put_device<A: Parameter + 'static>(device: DeviceId, view: DeviceView<A>) {
	DeviceViews::<A>::insert(device, vec![(0, view)]);
}

/// A device as it is now.
///
/// # Panics
///
/// If there is no such device.
pub fn present_view<A: Parameter + 'static>(device: DeviceId) -> DeviceView<A> {
	DeviceViews::<A>::get(device).pop().expect("the device is there").1
}

/// Changes a device from a window on.
///
/// # Panics
///
/// If there is no such device.
pub fn alter_device<A: Parameter + 'static>(
	device: DeviceId,
	from: WindowIndex,
	change: impl FnOnce(&mut DeviceView<A>),
) {
	let mut altered = present_view(device);
	change(&mut altered);
	DeviceViews::<A>::mutate(device, |views| {
		views.retain(|(since, _)| *since < from);
		views.push((from, altered));
	});
}

/// Looks devices up and remembers nothing.
#[derive(Default)]
pub struct FakeLookup;

impl<A: Parameter + 'static> DeviceLookup<A> for FakeLookup {
	fn at(&mut self, device: DeviceId, window: WindowIndex) -> Option<DeviceView<A>> {
		if UnreadableDevices::get().contains(&device) {
			return None;
		}
		let views = DeviceViews::<A>::get(device);
		let (_, mut view) = views.into_iter().rfind(|(from, _)| *from <= window)?;
		view.is_active &= !Banned::get().contains(&device);
		Some(view)
	}

	/// The latest view, of whatever window.
	fn owner(&mut self, device: DeviceId) -> Option<Owner<A>> {
		if UnreadableDevices::get().contains(&device) {
			return None;
		}
		let (_, view) = DeviceViews::<A>::get(device).pop()?;
		Some(Owner { account: view.owner, network: view.network })
	}

	fn is_unreadable(&mut self, device: DeviceId) -> bool {
		UnreadableDevices::get().contains(&device)
	}
}

impl<T: Config, C> Devices<T::AccountId> for Fakes<T, C> {
	type Lookup = FakeLookup;

	fn signer(device: DeviceId, window: WindowIndex) -> Option<Signer<T::AccountId>> {
		let DeviceView { network, owner, session_key, .. } = Self::at(device, window)?;
		let is_banned = BannedKeys::get().contains(&session_key);
		Some(Signer { network, owner, session_key, is_banned })
	}

	fn ban(device: DeviceId, window: WindowIndex) -> bool {
		let Some(signer) = Self::signer(device, window) else { return false };
		BannedKeys::mutate(|banned| banned.insert(signer.session_key));
		let is_still_owner = present_view::<T::AccountId>(device).owner == signer.owner;
		if is_still_owner {
			Banned::mutate(|banned| banned.insert(device));
		}
		is_still_owner
	}

	fn ban_weight() -> Weight {
		Weight::zero()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T: Config, C> groma_traits::DevicesBenchmarkHelper<T::AccountId> for Fakes<T, C> {
	fn add_device(
		owner: T::AccountId,
		network: NetworkId,
		session_key: SessionKey,
		cell: Cell,
		region: RegionId,
	) -> DeviceId {
		let device = DeviceViews::<T::AccountId>::iter_keys().count() as DeviceId;
		let place = Some(Place { region, ..place_at(cell) });
		put_device(device, DeviceView { network, place, ..new_device(owner, session_key) });
		device
	}

	/// A map without pages has nothing to fill.
	fn fill_device_page(_: DeviceId) {}
}

impl<T, C> ActiveDevices for Fakes<T, C> {
	fn active_count(_: NetworkId) -> u32 {
		ActiveCount::get()
	}
}

impl<T, C> NetworkDevices for Fakes<T, C> {
	fn has_devices(_: NetworkId) -> bool {
		HasDevices::get()
	}
}

impl<T, C> DeviceFollowers for Fakes<T, C> {
	fn let_go(device: DeviceId) -> bool {
		if MayLetGo::get() {
			LetGo::append(device);
		}
		MayLetGo::get()
	}

	fn let_go_weight() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
}

/// Every network serves one region.
impl<T, C> Regions for Fakes<T, C> {
	fn has(_: NetworkId, region: RegionId) -> bool {
		region == EU868
	}
}
