//! Answers of the runtime API.

use alloc::vec::Vec;

use groma_core::{
	DeviceId,
	api::{OfferInfo, OfferPage, RouteInfo, RoutePage},
	protocol::LIST_LENGTH_MAX,
};

use crate::{Config, Offers, Pallet, PayerRecord, Payers};

impl<T: Config> Pallet<T> {
	/// A page of payers.
	pub fn routes(after: Option<T::AccountId>, limit: u32) -> RoutePage<T::AccountId> {
		let mut keys = match after {
			Some(after) => Payers::<T>::iter_keys_from_key(after),
			None => Payers::<T>::iter_keys(),
		};
		let (listed, next) = page(&mut keys, limit);
		RoutePage {
			version: Self::versions().map(|versions| versions.routes),
			routes: listed.into_iter().filter_map(Self::route).collect(),
			next,
		}
	}

	/// A payer; `None` if nothing is stored of it, or nothing that decodes.
	pub fn route(payer: T::AccountId) -> Option<RouteInfo<T::AccountId>> {
		let record = Self::payer(&payer).ok().filter(|record| !record.is_empty())?;
		let PayerRecord { route, ranges, join_euis } = record;
		Some(RouteInfo {
			payer,
			route: route.map(|held| held.route),
			ranges: ranges.into_inner(),
			join_euis: join_euis.into_inner(),
		})
	}

	/// A page of the offers of devices.
	pub fn offers(after: Option<DeviceId>, limit: u32) -> OfferPage<T::AccountId> {
		let mut keys = match after {
			Some(after) => Offers::<T>::iter_keys_from_key(after),
			None => Offers::<T>::iter_keys(),
		};
		let (listed, next) = page(&mut keys, limit);
		OfferPage {
			version: Self::versions().map(|versions| versions.offers),
			offers: listed.into_iter().flat_map(Self::offers_of).collect(),
			next,
		}
	}

	/// The offers of a device that decode.
	fn offers_of(device: DeviceId) -> Vec<OfferInfo<T::AccountId>> {
		let records = Self::offers_at(device).unwrap_or_default();
		let info = |record| {
			let is_current = Self::is_current(device, &record);
			OfferInfo { device, owner: record.owner, offer: record.offer, is_current }
		};
		records.into_iter().map(info).collect()
	}
}

/// The next `limit` keys, and the last of them if more follow.
fn page<Key: Clone>(keys: &mut impl Iterator<Item = Key>, limit: u32) -> (Vec<Key>, Option<Key>) {
	let limit = limit.clamp(1, LIST_LENGTH_MAX);
	let listed: Vec<Key> = keys.by_ref().take(usize::try_from(limit).unwrap_or(1)).collect();
	let next = keys.next().and(listed.last().cloned());
	(listed, next)
}
