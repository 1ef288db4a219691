//! Addresses of LoRaWAN devices: each belongs to one payer at most.

use frame_support::{defensive, ensure, pallet_prelude::DispatchResult};
use groma_core::{route::AddressRange, words::DevAddr};
use groma_stored::Stored;

use crate::{Allotment, Allotments, Config, Error, Event, Pallet};

impl<T: Config> Pallet<T> {
	/// Gives a payer addresses that no one has.
	pub(crate) fn do_allot(payer: T::AccountId, range: AddressRange) -> DispatchResult {
		ensure!(range.is_within_a_block(), Error::<T>::InvalidRange);
		// Ranges are stored by their last address in ascending order. Of those that end at the
		// first address or after it, none can overlap if the first one does not.
		let next = Self::first_range_from(range.first)?;
		ensure!(next.is_none_or(|(next, _)| !next.overlaps(range)), Error::<T>::RangeTaken);
		let mut record = Self::payer(&payer)?;
		record.ranges.try_push(range).map_err(|_| Error::<T>::TooManyRanges)?;
		let allotment = Allotment { first: range.first, payer: payer.clone() };
		Allotments::<T>::insert(range.last, allotment);
		Self::keep_payer(&payer, record);
		let version = Self::count_route_change()?;
		Self::deposit_event(Event::AddressesAllotted { payer, range, version });
		Ok(())
	}

	/// Takes a whole range back from a payer.
	pub(crate) fn do_take_back(payer: T::AccountId, range: AddressRange) -> DispatchResult {
		let mut record = Self::payer(&payer)?;
		let place = record.ranges.iter().position(|known| *known == range);
		record.ranges.remove(place.ok_or(Error::<T>::NotAllotted)?);
		match Self::allotment(range.last) {
			Stored::Value(known) if known.payer == payer && known.first == range.first => {
				Allotments::<T>::remove(range.last);
			}
			Stored::Undecodable => return Err(Error::<T>::Unreadable.into()),
			Stored::Value(_) | Stored::Absent => {
				defensive!("a payer has addresses that it was not allotted");
			}
		}
		Self::keep_payer(&payer, record);
		let version = Self::count_route_change()?;
		Self::deposit_event(Event::AddressesTakenBack { payer, range, version });
		Ok(())
	}

	/// Whose device has this address, if it is known.
	pub fn payer_of_address(address: DevAddr) -> Option<T::AccountId> {
		let (range, payer) = Self::first_range_from(address).ok()??;
		range.addresses().contains(&address).then_some(payer)
	}

	/// The allotted range that ends first at this address or after it.
	fn first_range_from(
		address: DevAddr,
	) -> Result<Option<(AddressRange, T::AccountId)>, Error<T>> {
		let last = if Allotments::<T>::contains_key(address) {
			Some(address)
		} else {
			Allotments::<T>::iter_keys_from_key(address).next()
		};
		let Some(last) = last else { return Ok(None) };
		match Self::allotment(last) {
			Stored::Value(Allotment { first, payer }) => {
				Ok(Some((AddressRange { first, last }, payer)))
			}
			Stored::Absent => Ok(None),
			Stored::Undecodable => Err(Error::Unreadable),
		}
	}

	/// What is stored under the last address of a range.
	pub(crate) fn allotment(last: DevAddr) -> Stored<Allotment<T::AccountId>> {
		groma_stored::entry::<Allotments<T>, DevAddr, Allotment<T::AccountId>>(last)
	}
}
