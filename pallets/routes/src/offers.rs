//! What devices sell.

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use groma_core::{DeviceId, NetworkId, route::Offer, terms::ServiceTerms};
use groma_traits::{Devices, Networks};

use crate::{Config, Error, Event, HoldReason, OfferRecord, OfferRecords, Offers, Pallet};

impl<T: Config> Pallet<T> {
	/// Sets what a device sells of one service. The present offer of that service gives way, and if
	/// a former owner set it, that owner gets the deposit back.
	pub(crate) fn do_set_offer(
		who: T::AccountId,
		device: DeviceId,
		offer: Offer,
	) -> DispatchResult {
		let owner = T::Devices::owner(device).ok_or(Error::<T>::UnknownDevice)?;
		ensure!(owner.account == who, Error::<T>::NotOwner);
		Self::ensure_endpoint(&offer.endpoint)?;
		let terms =
			Self::service(owner.network, offer.service).ok_or(Error::<T>::UnknownService)?;
		ensure!(offer.has_proper_price(&terms), Error::<T>::PriceOutsideTerms);
		ensure!(offer.has_proper_capacity(&terms), Error::<T>::CapacityOutsideTerms);
		let mut offers = Self::offers_at(device)?;
		let place = offers.iter().position(|known| known.offer.service == offer.service);
		let deposit = match place.map(|place| offers.remove(place)) {
			Some(former) if former.owner == who => former.deposit,
			former => {
				if let Some(former) = former {
					Self::release(HoldReason::Offer, &former.owner, former.deposit);
				}
				let deposit = T::OfferDeposit::get();
				Self::hold(HoldReason::Offer, &who, deposit)?;
				deposit
			}
		};
		let record = OfferRecord { owner: who.clone(), offer: offer.clone(), deposit };
		offers.try_push(record).map_err(|_| Error::<T>::TooManyOffers)?;
		Offers::<T>::insert(device, offers);
		let version = Self::count_offer_change()?;
		Self::deposit_event(Event::OfferSet { device, owner: who, offer, version });
		Ok(())
	}

	/// Removes an offer: for who set it, for the owner of the device, and for anyone if these are
	/// not the same any more or the device is gone. The deposit goes back to who paid it.
	pub(crate) fn do_remove_offer(
		who: T::AccountId,
		device: DeviceId,
		service: u8,
	) -> DispatchResult {
		let mut offers = Self::offers_at(device)?;
		let place = offers.iter().position(|known| known.offer.service == service);
		let removed = offers.remove(place.ok_or(Error::<T>::NoOffer)?);
		let is_owned =
			T::Devices::owner(device).is_some_and(|owner| owner.account == removed.owner);
		ensure!(who == removed.owner || !is_owned, Error::<T>::NotOwner);
		Self::release(HoldReason::Offer, &removed.owner, removed.deposit);
		if offers.is_empty() {
			Offers::<T>::remove(device);
		} else {
			Offers::<T>::insert(device, offers);
		}
		let version = Self::count_offer_change()?;
		Self::deposit_event(Event::OfferRemoved { device, service, version });
		Ok(())
	}

	/// The offers of a device.
	pub(crate) fn offers_at(device: DeviceId) -> Result<OfferRecords<T::AccountId>, Error<T>> {
		groma_stored::entry::<Offers<T>, DeviceId, OfferRecords<T::AccountId>>(device)
			.or_absent(OfferRecords::default())
			.ok_or(Error::Unreadable)
	}

	/// Whether something can be bought by an offer.
	pub(crate) fn is_current(device: DeviceId, record: &OfferRecord<T::AccountId>) -> bool {
		let Some(owner) = T::Devices::owner(device) else { return false };
		let terms = Self::service(owner.network, record.offer.service);
		owner.account == record.owner
			&& terms.is_some_and(|terms| {
				record.offer.has_proper_price(&terms) && record.offer.has_proper_capacity(&terms)
			})
	}

	/// The terms of a service.
	fn service(network: NetworkId, service: u8) -> Option<ServiceTerms> {
		T::Networks::terms(network)?.services.get(usize::from(service)).cloned()
	}
}
