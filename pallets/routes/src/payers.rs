//! Payers and their routes.

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use groma_core::route::{Endpoint, EndpointFault, Reach, Route};
use groma_traits::Operators;

use crate::{
	Config, Error, Event, HeldRoute, HoldReason, Pallet, PayerRecord, Payers, PrivateEndpoints,
};

impl<T: Config> Pallet<T> {
	/// What is stored of a payer, of whom nothing needs to be.
	pub(crate) fn payer(payer: &T::AccountId) -> Result<PayerRecord, Error<T>> {
		groma_stored::entry::<Payers<T>, T::AccountId, PayerRecord>(payer)
			.or_absent(PayerRecord::default())
			.ok_or(Error::Unreadable)
	}

	/// Writes what is stored of a payer, or removes it if nothing has to be kept.
	pub(crate) fn keep_payer(payer: &T::AccountId, record: PayerRecord) {
		if record.is_empty() {
			Payers::<T>::remove(payer);
		} else {
			Payers::<T>::insert(payer, record);
		}
	}

	/// Sets the route of a payer, for whom `who` acts.
	pub(crate) fn do_set_route(
		who: T::AccountId,
		payer: T::AccountId,
		route: Route,
	) -> DispatchResult {
		T::Operators::ensure_operator(&payer, &who)?;
		Self::ensure_endpoint(&route.endpoint)?;
		ensure!(route.has_proper_copies(), Error::<T>::InvalidCopies);
		ensure!(route.has_proper_key(), Error::<T>::UnacceptableKey);
		let mut record = Self::payer(&payer)?;
		let deposit = match &record.route {
			Some(known) => known.deposit,
			None => {
				let deposit = T::RouteDeposit::get();
				Self::hold(HoldReason::Route, &payer, deposit)?;
				deposit
			}
		};
		record.route = Some(HeldRoute { route: route.clone(), deposit });
		Self::keep_payer(&payer, record);
		let version = Self::count_route_change()?;
		Self::deposit_event(Event::RouteSet { payer, route, version });
		Ok(())
	}

	/// Removes the route of a payer. Its addresses and JoinEUIs stay.
	pub(crate) fn do_remove_route(payer: T::AccountId) -> DispatchResult {
		let mut record = Self::payer(&payer)?;
		let removed = record.route.take().ok_or(Error::<T>::NoRoute)?;
		Self::release(HoldReason::Route, &payer, removed.deposit);
		Self::keep_payer(&payer, record);
		let version = Self::count_route_change()?;
		Self::deposit_event(Event::RouteRemoved { payer, version });
		Ok(())
	}

	/// Refuses what clients could not reach, or would reach themselves by.
	pub(crate) fn ensure_endpoint(endpoint: &Endpoint) -> Result<(), Error<T>> {
		match endpoint.reach() {
			Ok(Reach::Public) => Ok(()),
			Ok(Reach::Private) => {
				ensure!(PrivateEndpoints::<T>::get(), Error::<T>::PrivateEndpoint);
				Ok(())
			}
			Err(EndpointFault::Malformed) => Err(Error::MalformedEndpoint),
			Err(EndpointFault::Unreachable) => Err(Error::UnreachableEndpoint),
		}
	}
}
