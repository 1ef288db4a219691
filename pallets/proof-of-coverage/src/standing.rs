//! What the rules need to know of other pallets about a device: the terms of its network, read once
//! per bundle, and how much stake of its owner covers.

use alloc::collections::BTreeMap;

use groma_core::{
	DeviceId, EpochIndex, NetworkId,
	api::Refusal,
	money::Balance,
	terms::{NetworkTerms, Proof},
};
use groma_traits::{DeviceLookup, DeviceView, Devices, Networks, Provisions, Window, standing};

use crate::{
	Config, Event, Pallet,
	judge::{Beaconer, unfit_beaconer},
};

/// How the devices of one challenge are looked up.
pub(crate) type LookupOf<T> =
	<<T as Config>::Devices as Devices<<T as frame_system::Config>::AccountId>>::Lookup;

/// The terms of networks, each read once.
#[derive(Default)]
pub(crate) struct TermsOnce(BTreeMap<NetworkId, Option<NetworkTerms>>);

impl TermsOnce {
	/// The terms of a network; `None` if there is no such network.
	pub(crate) fn of<T: Config>(&mut self, network: NetworkId) -> Option<NetworkTerms> {
		self.0.entry(network).or_insert_with(|| T::Networks::terms(network)).clone()
	}
}

/// Whether the provision of a device's owner covers it now.
pub(crate) fn is_covered<T: Config>(
	view: &DeviceView<T::AccountId>,
	stake_per_device: Balance,
) -> bool {
	T::Provisions::covers(&view.owner, view.network, view.slot, stake_per_device)
}

/// Says so if a device takes no part since what is stored of it does not decode.
pub(crate) fn say_if_unreadable<T: Config>(devices: &mut LookupOf<T>, device: DeviceId) {
	if devices.is_unreadable(device) {
		Pallet::<T>::deposit_event(Event::DeviceUnreadable { device });
	}
}

/// The same look at stake, which remembers how many devices of the owner it covers.
#[derive(Default)]
pub(crate) struct Cover {
	slots: u32,
}

impl Cover {
	/// Whether the provision of a device's owner covers it now.
	pub(crate) fn look<T: Config>(
		&mut self,
		view: &DeviceView<T::AccountId>,
		stake_per_device: Balance,
	) -> bool {
		self.slots = T::Provisions::covered_slots(&view.owner, view.network, stake_per_device);
		view.slot < self.slots
	}

	/// Whether the device that was looked at earns units in the present epoch.
	pub(crate) fn earns<A>(&self, view: &DeviceView<A>, epoch: EpochIndex) -> bool {
		standing::earns_in(epoch, view, self.slots)
	}
}

/// A device as the beaconer of its challenge in a window, if it has one and may take part in it.
pub(crate) fn challenged<T: Config>(
	window: &Window,
	device: DeviceId,
	devices: &mut LookupOf<T>,
	terms: &mut TermsOnce,
) -> Result<Beaconer<T::AccountId>, Refusal> {
	let view = devices
		.at(device, window.index)
		.filter(|view| view.place.is_some())
		.ok_or(Refusal::UnknownDevice)?;
	if !window.draws(device, view.network) {
		return Err(Refusal::NotChallenged);
	}
	// The lottery draws for every kind of proof: in a network of another one, this is no beaconer.
	let terms = terms
		.of::<T>(view.network)
		.filter(|terms| matches!(terms.proof, Proof::Coverage(_)))
		.ok_or(Refusal::NotChallenged)?;
	Beaconer::admit(view, window.index, terms, is_covered::<T>)
		.map_err(|unfit| Refusal::BeaconerNotEligible(unfit_beaconer(unfit)))
}
