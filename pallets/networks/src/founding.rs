//! Networks that anyone founds: they live by what customers pay, and nothing iterates over them.

use frame_support::{
	defensive, ensure,
	traits::{Get, Time, fungible::MutateHold, tokens::Precision},
};
use groma_core::{
	NetworkId,
	protocol::{FIRST_FOUNDED_NETWORK, FOUNDED_MS_MIN},
	terms::{FeeTerms, NetworkStatus, NetworkTerms, PlaceTerms, Proof, TermsField},
};
use groma_stored::Stored;
use groma_traits::NetworkDevices;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	pallet::{Config, Error, Event, FoundedNetworks, HoldReason, NextFounded, Pallet},
	types::{FoundedNetwork, NetworkName, NetworkRecord, RefusedField, is_name},
};

type FoundedOf<T> = FoundedNetwork<<T as frame_system::Config>::AccountId>;

impl<T: Config> Pallet<T> {
	/// What is stored of a network that someone founded.
	pub(crate) fn stored_founded(network: NetworkId) -> Stored<FoundedOf<T>> {
		groma_stored::entry::<FoundedNetworks<T>, NetworkId, FoundedOf<T>>(network)
	}

	/// A network that someone founded.
	pub(crate) fn founded(network: NetworkId) -> Result<FoundedOf<T>, DispatchError> {
		match Self::stored_founded(network) {
			Stored::Value(founded) => Ok(founded),
			Stored::Absent => Err(Error::<T>::UnknownNetwork.into()),
			Stored::Undecodable => Err(Error::<T>::UnreadableNetwork.into()),
		}
	}

	/// Founds a network, with a deposit of its founder.
	pub(crate) fn do_found_network(
		founder: T::AccountId,
		name: NetworkName,
		terms: NetworkTerms,
	) -> DispatchResult {
		ensure!(is_name(&name), Error::<T>::InvalidName);
		ensure_demand_only::<T>(&terms)?;
		Self::ensure_founded_terms(&terms)?;
		let network = Self::next_founded()?;
		let next = network.checked_add(1).ok_or(Error::<T>::TooManyNetworks)?;
		let deposit = T::FoundingDeposit::get();
		T::Currency::hold(&HoldReason::Founding.into(), &founder, deposit)?;
		let (status, founded_ms) = (NetworkStatus::Open, T::Time::now());
		let record = NetworkRecord { name: name.clone(), terms, status, founded_ms };
		let founded = FoundedNetwork { founder: founder.clone(), deposit, record };
		FoundedNetworks::<T>::insert(network, founded);
		NextFounded::<T>::put(next);
		Self::deposit_event(Event::NetworkFounded { network, founder, name });
		Ok(())
	}

	/// Closes a network for its founder.
	pub(crate) fn do_close_founded(caller: &T::AccountId, network: NetworkId) -> DispatchResult {
		let founded = Self::ensure_founder(caller, network)?;
		// One that governance halted stays halted.
		ensure!(founded.record.status == NetworkStatus::Open, Error::<T>::AlreadyClosed);
		let (unchanged, event) = (Error::AlreadyClosed, Event::NetworkClosed { network });
		Self::do_set_status(network, NetworkStatus::Closed, unchanged, event)
	}

	/// Removes a network without devices, and releases its deposit.
	pub(crate) fn do_dissolve(caller: &T::AccountId, network: NetworkId) -> DispatchResult {
		let founded = Self::ensure_founder(caller, network)?;
		let end_ms = founded.record.founded_ms.saturating_add(FOUNDED_MS_MIN);
		ensure!(T::Time::now() >= end_ms, Error::<T>::TooYoung);
		ensure!(!T::Devices::has_devices(network), Error::<T>::DevicesRemain);
		let (reason, deposit) = (HoldReason::Founding.into(), founded.deposit);
		if T::Currency::release(&reason, caller, deposit, Precision::BestEffort).is_err() {
			defensive!("a deposit on hold cannot be released");
		}
		FoundedNetworks::<T>::remove(network);
		Self::deposit_event(Event::NetworkDissolved { network });
		Ok(())
	}

	/// Refuses terms that are out of bounds, or that ask more of owners than a vote suggests: who
	/// registers could be made to burn more than announced, by new terms just before.
	pub(crate) fn ensure_founded_terms(terms: &NetworkTerms) -> DispatchResult {
		let refused = |field| Error::<T>::InvalidTerms(RefusedField(field));
		terms.validate().map_err(refused)?;
		let most = FeeTerms::default();
		ensure!(
			terms.fees.onboarding_credits <= most.onboarding_credits,
			refused(TermsField::OnboardingCredits)
		);
		ensure!(
			terms.fees.location_credits <= most.location_credits,
			refused(TermsField::LocationCredits)
		);
		Ok(())
	}

	/// The network, if the caller founded it.
	pub(crate) fn ensure_founder(
		caller: &T::AccountId,
		network: NetworkId,
	) -> Result<FoundedOf<T>, DispatchError> {
		let founded = Self::founded(network)?;
		ensure!(founded.founder == *caller, Error::<T>::NotFounder);
		Ok(founded)
	}

	/// The id of the next network that someone founds.
	pub(crate) fn next_founded() -> Result<NetworkId, Error<T>> {
		groma_stored::value::<NextFounded<T>, NetworkId>()
			.or_absent(FIRST_FOUNDED_NETWORK)
			.ok_or(Error::UnreadableNetwork)
	}
}

/// Refuses terms that are more than a market. That they take nothing of pool and lane follows from
/// their kind of proof.
fn ensure_demand_only<T: Config>(terms: &NetworkTerms) -> DispatchResult {
	let is_demand_only = terms.proof == Proof::Unproven && terms.place == PlaceTerms::Anywhere;
	ensure!(is_demand_only, Error::<T>::NotDemandOnly);
	Ok(())
}
