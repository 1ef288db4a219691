//! What clients ask of devices, in the words of the runtime API.

use alloc::vec::Vec;

use groma_core::{
	DeviceId, NetworkId,
	api::{DeviceInfo, LocationInfo},
	place::Cell,
	protocol::LIST_LENGTH_MAX,
	words::SessionKey,
};
use groma_traits::{Networks, Windows, standing};

use crate::{
	pallet::{Config, Devices, OnboardingNonces, Pallet},
	roster::Members,
	types::{HeldKey, Location},
};

impl<T: Config> Pallet<T> {
	/// The device as it stands in the current window. The location is shown from its assertion on,
	/// with the window in which it takes effect.
	pub fn device_info(id: DeviceId) -> Option<DeviceInfo<T::AccountId>> {
		let record = Devices::<T>::get(id)?;
		let change_effective_at = record.changes.pending.as_ref().map(|pending| pending.effective);
		let device = record.seen_in(T::Windows::current());
		let network = device.network;
		Some(DeviceInfo {
			id,
			network,
			class: device.class().into(),
			maker: device.maker,
			status: device.status.into(),
			slot: device.slot,
			location: device.location.map(|location| Self::location_info(network, &location)),
			change_effective_at,
			owner: device.owner,
			session_key: device.session_key,
		})
	}

	/// The device that a session key names now, or is about to name.
	pub fn device_by_key(session_key: SessionKey) -> Option<DeviceId> {
		let device = Self::holder(HeldKey::Session(session_key)).value()?;
		let record = Devices::<T>::get(device)?;
		let is_session_key =
			record.session_key == session_key || record.next_session_key() == Some(session_key);
		is_session_key.then_some(device)
	}

	/// Devices of an owner in a network by slot, those on their way to the owner included: from
	/// slot `from` on, at most `limit`, at most [`LIST_LENGTH_MAX`].
	pub fn devices_of(
		owner: T::AccountId,
		network: NetworkId,
		from: u32,
		limit: u32,
	) -> Vec<DeviceId> {
		page(&Members::<T>::of_owner(owner, network), from, limit)
	}

	/// Devices in a cell of resolution 7: from position `from` on, at most `limit`, at most
	/// [`LIST_LENGTH_MAX`].
	pub fn devices_in(cell: Cell, from: u32, limit: u32) -> Vec<DeviceId> {
		page(&Members::<T>::of_cell(cell), from, limit)
	}

	/// The nonce that the next onboarding signature of an owner has to carry.
	pub fn onboarding_nonce(owner: &T::AccountId) -> u32 {
		groma_stored::entry::<OnboardingNonces<T>, _, u32>(owner).value().unwrap_or_default()
	}

	fn location_info(network: NetworkId, location: &Location) -> LocationInfo {
		let eligible_from = T::Networks::terms(network)
			.map_or(location.since, |terms| standing::eligible_from(location.since, &terms));
		LocationInfo {
			cell: location.place.cell,
			region: location.place.region,
			since: location.since,
			eligible_from,
			gain_deci_dbi: location.gain_deci_dbi,
			elevation_m: location.elevation_m,
		}
	}
}

fn page<T: Config>(members: &Members<T>, from: u32, limit: u32) -> Vec<DeviceId> {
	members.list(from..from.saturating_add(limit.min(LIST_LENGTH_MAX)))
}
