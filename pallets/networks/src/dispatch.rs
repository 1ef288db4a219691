//! What the calls do.

use alloc::{boxed::Box, format, string::String};

use frame_support::ensure;
use groma_core::{
	NetworkId,
	protocol::{NAME_BYTES_MAX, NETWORKS_MAX, is_founded},
	terms::{NetworkStatus, NetworkTerms},
	units::{ONE, Scale},
};
use groma_stored::Stored;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	pallet::{Config, Error, Event, FoundedNetworks, Networks, Pallet},
	types::{
		CallerOf, FoundedNetwork, GenesisNetwork, NetworkName, NetworkRecord, RefusedField, is_name,
	},
};

impl<T: Config> Pallet<T> {
	/// What is stored of a network, founded or made by governance.
	pub(crate) fn stored(network: NetworkId) -> Stored<NetworkRecord> {
		if !is_founded(network) {
			return groma_stored::entry::<Networks<T>, NetworkId, NetworkRecord>(network);
		}
		match Self::stored_founded(network) {
			Stored::Value(founded) => Stored::Value(founded.record),
			Stored::Absent => Stored::Absent,
			Stored::Undecodable => Stored::Undecodable,
		}
	}

	/// Replaces the record of a network that there is.
	fn replace(network: NetworkId, record: NetworkRecord) -> DispatchResult {
		if is_founded(network) {
			let founded = Self::founded(network)?;
			FoundedNetworks::<T>::insert(network, FoundedNetwork { record, ..founded });
		} else {
			Networks::<T>::insert(network, record);
		}
		Ok(())
	}

	/// How many networks governance created, those included whose records do not decode.
	pub(crate) fn count() -> u32 {
		Networks::<T>::iter_keys().fold(0, |count, _| count.saturating_add(1))
	}

	/// The network's record.
	pub(crate) fn record(network: NetworkId) -> Result<NetworkRecord, DispatchError> {
		match Self::stored(network) {
			Stored::Value(record) => Ok(record),
			Stored::Absent => Err(Error::<T>::UnknownNetwork.into()),
			Stored::Undecodable => Err(Error::<T>::UnreadableNetwork.into()),
		}
	}

	/// Creates a network and returns its id.
	pub(crate) fn do_create_network(
		name: NetworkName,
		terms: NetworkTerms,
		founded_ms: u64,
	) -> Result<NetworkId, DispatchError> {
		let count = Self::count();
		ensure!(count < NETWORKS_MAX, Error::<T>::TooManyNetworks);
		ensure!(is_name(&name), Error::<T>::InvalidName);
		Self::ensure_terms(None, &terms)?;
		let network = NetworkId::try_from(count).map_err(|_| Error::<T>::TooManyNetworks)?;
		let status = NetworkStatus::Open;
		let record = NetworkRecord { name: name.clone(), terms, status, founded_ms };
		Networks::<T>::insert(network, record);
		Self::deposit_event(Event::NetworkCreated { network, name });
		Ok(network)
	}

	/// Replaces the terms of a network by others of the same kind of proof and of place.
	pub(crate) fn do_update_terms(
		origin: CallerOf<T>,
		network: NetworkId,
		new: NetworkTerms,
	) -> DispatchResult {
		let mut record = Self::record(network)?;
		ensure!(new.proof.is_kind_of(&record.terms.proof), Error::<T>::ProofIsFixed);
		ensure!(new.place.is_kind_of(&record.terms.place), Error::<T>::PlaceKindIsFixed);
		Self::ensure_terms(Some(network), &new)?;
		let new = Self::hold_back(&origin, network, &record.terms, new)?;
		let old = Box::new(core::mem::replace(&mut record.terms, new.clone()));
		let new = Box::new(new);
		Self::replace(network, record)?;
		Self::deposit_event(Event::TermsUpdated { network, old, new, origin: Some(origin) });
		Ok(())
	}

	/// Gives a network another status. What it has already is a separate error.
	pub(crate) fn do_set_status(
		network: NetworkId,
		status: NetworkStatus,
		unchanged: Error<T>,
		event: Event<T>,
	) -> DispatchResult {
		let mut record = Self::record(network)?;
		ensure!(record.status != status, unchanged);
		record.status = status;
		Self::replace(network, record)?;
		Self::deposit_event(event);
		Ok(())
	}

	/// Creates a network of the genesis. The error says what is wrong, and with which field.
	pub(crate) fn build_network(genesis: &GenesisNetwork) -> Result<(), String> {
		// An error of a pallet shows its name alone, not the field.
		genesis.terms.validate().map_err(|field| format!("InvalidTerms: {field}"))?;
		let name = NetworkName::try_from(genesis.name.as_bytes().to_vec())
			.map_err(|_| format!("InvalidName: at most {NAME_BYTES_MAX} bytes"))?;
		Self::do_create_network(name, genesis.terms.clone(), 0)
			.map(drop)
			.map_err(|error| <&str>::from(error).into())
	}

	/// Refuses terms that are out of bounds, or that take more than the other networks leave.
	/// `replaced` is the network whose terms they are to replace.
	fn ensure_terms(replaced: Option<NetworkId>, terms: &NetworkTerms) -> DispatchResult {
		if replaced.is_some_and(is_founded) {
			// It keeps its kind of proof, which takes nothing of pool and lane.
			return Self::ensure_founded_terms(terms);
		}
		terms.validate().map_err(|field| Error::<T>::InvalidTerms(RefusedField(field)))?;
		let sums = Networks::<T>::iter_keys()
			.filter(|network| Some(*network) != replaced)
			.try_fold(Shares::of(terms), |sums, network| {
				Self::record(network).map(|record| sums.with(Shares::of(&record.terms)))
			})?;
		ensure!(sums.supply <= ONE, Error::<T>::WeightsExceedWhole);
		ensure!(sums.lane <= ONE, Error::<T>::LaneSharesExceedWhole);
		Ok(())
	}
}

/// Sums of what networks take, in billionths.
#[derive(Clone, Copy, Default)]
pub(crate) struct Shares {
	/// Of the supply pool.
	pub(crate) supply: u64,
	/// Of the lane.
	pub(crate) lane: u64,
}

impl Shares {
	/// What one network takes.
	pub(crate) fn of(terms: &NetworkTerms) -> Self {
		let billionths = |share: Scale| u64::from(share.billionths());
		Self { supply: billionths(terms.supply.weight), lane: billionths(terms.lottery.lane_share) }
	}

	/// What both take.
	pub(crate) fn with(self, other: Self) -> Self {
		Self {
			supply: self.supply.saturating_add(other.supply),
			lane: self.lane.saturating_add(other.lane),
		}
	}
}
