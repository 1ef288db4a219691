//! How a device comes to be.

use frame_support::{
	ensure,
	traits::{Get, fungible::MutateHold},
};
use groma_core::{
	DeviceId, NetworkId, WindowIndex,
	api::DeviceStatus,
	payload,
	place::{Cell, LOCATION_RESOLUTION},
	protocol::EFFECT_DELAY_WINDOWS,
	terms::{FeeTerms, NetworkStatus, PlaceTerms},
	words::{AccountBytes, Hash, SessionKey, Signature},
};
use groma_traits::{CreditAccounts, Epochs, FirstSlot, Networks, Place, Regions, Windows};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	pallet::{
		Allotments, Config, Devices, Error, Event, HoldReason, NextAllotment, OnboardingNonces,
		Pallet,
	},
	types::{
		ALLOTMENT_DEVICES, Attestation, Changes, DeviceRecord, Location, LocationClaim,
		allotment_key,
	},
};

impl<T: Config> Pallet<T> {
	/// Registers a device of `owner`.
	pub(crate) fn do_register_device(
		owner: T::AccountId,
		network: NetworkId,
		session_key: SessionKey,
		proof: &Signature,
		claim: Option<LocationClaim>,
		attestation: Option<Attestation>,
	) -> DispatchResult {
		let status = T::Networks::status(network);
		ensure!(status == Some(NetworkStatus::Open), Error::<T>::NetworkNotOpen);
		let device = Self::allot_id(claim.map(|claim| claim.cell))?;
		Self::claim_session_key(network, session_key, device)?;
		let genesis: Hash = Self::genesis_hash();
		let account = AccountBytes(owner.clone().into());
		let nonce = Self::spend_nonce(&owner)?;
		let message = payload::onboarding(&genesis, &account, network, nonce);
		Self::ensure_proof(&session_key, &message, proof)?;
		let message =
			payload::hardware_onboarding(&genesis, &account, network, nonce, &session_key);
		let maker = attestation
			.map(|attestation| Self::attest(network, device, &message, &attestation))
			.transpose()?;
		let since = Self::effect_window()?;
		let location = claim.map(|claim| Self::locate(network, &claim, since)).transpose()?;
		T::Credits::charge_fee(&owner, Self::fees(network)?.onboarding_credits)?;
		let deposit = T::RegistrationDeposit::get();
		T::Currency::hold(&HoldReason::Registration.into(), &owner, deposit)?;
		Self::admit(
			device,
			DeviceRecord {
				owner,
				session_key,
				network,
				registered_at: T::Windows::current(),
				maker,
				status: DeviceStatus::Active,
				slot: 0,
				position: 0,
				deposit,
				location,
				changes: Changes { pending: None, first_slot: Self::first_slot(network) },
			},
		)
	}

	/// What is remembered of a device that is registered now: that it earns in no epoch that has
	/// begun. Nothing, if an epoch is over before it may take part.
	fn first_slot(network: NetworkId) -> Option<FirstSlot> {
		let maturity_windows = T::Networks::terms(network)?.place.maturity_windows();
		let windows = maturity_windows.saturating_add(EFFECT_DELAY_WINDOWS);
		let young_ms = u64::from(windows).saturating_mul(T::Windows::duration_ms());
		let may_earn = young_ms < T::Epochs::length_ms();
		T::Epochs::present().filter(|_| may_earn).map(|epoch| FirstSlot::Joined { epoch })
	}

	/// Stores a new device and enters it in every list.
	pub(crate) fn admit(
		device: DeviceId,
		mut record: DeviceRecord<T::AccountId>,
	) -> DispatchResult {
		let (owner, network) = (record.owner.clone(), record.network);
		Self::join_network(network)?;
		record.slot = Self::join_owner(&owner, network, device).map_err(Error::<T>::from)?;
		record.position = Self::join_cell(record.index_cell(), device).map_err(Error::<T>::from)?;
		Self::recount(network, false, Self::is_counted(&record));
		Devices::<T>::insert(device, &record);
		Self::deposit_event(Event::DeviceRegistered { device, owner, network });
		Ok(())
	}

	/// An id for a device in a cell, or without a place, which is given away by that: the next one
	/// of the allotment that is open around there, or the first of a new one.
	pub(crate) fn allot_id(cell: Option<Cell>) -> Result<DeviceId, DispatchError> {
		let key = allotment_key(cell);
		let stored = groma_stored::entry::<Allotments<T>, _, DeviceId>(key);
		ensure!(!stored.is_undecodable(), Error::<T>::StateUnreadable);
		// A page that does not decode holds all its ids: it stays, and the device goes elsewhere.
		let device = match stored.value() {
			Some(next) if !Devices::<T>::contains_key(next) => next,
			_ => Self::open_allotment()?,
		};
		let next = device.saturating_add(1);
		let is_open = !next.is_multiple_of(ALLOTMENT_DEVICES);
		Allotments::<T>::set(key, is_open.then_some(next));
		Ok(device)
	}

	/// The first id of a new allotment.
	fn open_allotment() -> Result<DeviceId, DispatchError> {
		let stored = groma_stored::value::<NextAllotment<T>, DeviceId>();
		let first = stored.or_absent(0).ok_or(Error::<T>::StateUnreadable)?;
		let next = first.checked_add(ALLOTMENT_DEVICES).ok_or(Error::<T>::TooManyDevices)?;
		NextAllotment::<T>::put(next);
		Ok(first)
	}

	/// The window in which what is decided now takes effect.
	pub(crate) fn effect_window() -> Result<WindowIndex, DispatchError> {
		let window = T::Windows::current().checked_add(EFFECT_DELAY_WINDOWS);
		window.ok_or_else(|| Error::<T>::EndOfTime.into())
	}

	/// What a network asks of owners. One whose terms cannot be read takes nothing, and gives
	/// nothing for it.
	pub(crate) fn fees(network: NetworkId) -> Result<FeeTerms, DispatchError> {
		let terms = T::Networks::terms(network).ok_or(Error::<T>::NetworkNotOpen)?;
		Ok(terms.fees)
	}

	/// Whether the devices of a network have places.
	pub(crate) fn has_places(network: NetworkId) -> bool {
		T::Networks::terms(network).is_none_or(|terms| terms.place != PlaceTerms::Anywhere)
	}

	/// The claimed location as the chain judges it. Refused in a network without places.
	pub(crate) fn locate(
		network: NetworkId,
		claim: &LocationClaim,
		since: WindowIndex,
	) -> Result<Location, DispatchError> {
		ensure!(Self::has_places(network), Error::<T>::NetworkHasNoPlaces);
		ensure!(claim.cell.resolution() == LOCATION_RESOLUTION, Error::<T>::WrongResolution);
		ensure!(T::Regions::has(network, claim.region), Error::<T>::UnknownRegion);
		let vector = claim.cell.unit_vector().ok_or(Error::<T>::WrongResolution)?;
		Ok(Location {
			place: Place { cell: claim.cell, vector, region: claim.region },
			since,
			gain_deci_dbi: claim.gain_deci_dbi,
			elevation_m: claim.elevation_m,
		})
	}

	/// The nonce of an owner's present registration, which thereby makes its signatures worthless.
	fn spend_nonce(owner: &T::AccountId) -> Result<u32, DispatchError> {
		let stored = groma_stored::entry::<OnboardingNonces<T>, _, u32>(owner);
		let nonce = stored.or_absent(0).ok_or(Error::<T>::StateUnreadable)?;
		let next = nonce.checked_add(1).ok_or(Error::<T>::TooManyDevices)?;
		OnboardingNonces::<T>::insert(owner, next);
		Ok(nonce)
	}
}
