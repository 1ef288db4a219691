#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
#[cfg(test)]
mod mock;
mod networks_impl;
mod terms;
#[cfg(test)]
mod tests;
mod types;
pub mod weights;

pub use pallet::*;
pub use terms::*;
pub use types::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;

	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use groma_core::{NetworkId, RegionId, protocol::NETWORKS_MAX, region::RegionPlan, units::ONE};

	use crate::{
		terms::NetworkTerms,
		types::{GenesisNetwork, NetworkName, NetworkRecord, is_name},
		weights::WeightInfo,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// What the pallet needs from the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Who creates and changes networks: a referendum's origin. Whoever holds it decides how the
		/// coverage pool is divided, so no single key may.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of the calls, measured on the reference machine.
		type WeightInfo: WeightInfo;
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Every network by its id.
	// Ids are handed out in sequence by governance, and there are at most NETWORKS_MAX of them.
	#[pallet::storage]
	pub(crate) type Networks<T> =
		CountedStorageMap<_, Twox64Concat, NetworkId, NetworkRecord, OptionQuery>;

	/// The plan of each radio region of a network.
	// Both keys are chosen by governance; a region id is one byte, so a network has at most 256 plans.
	#[pallet::storage]
	pub(crate) type RegionPlans<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		NetworkId,
		Twox64Concat,
		RegionId,
		RegionPlan,
		OptionQuery,
	>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A network was created and is open.
		#[codec(index = 0)]
		NetworkCreated {
			/// Its id.
			network: NetworkId,
			/// Its name as UTF-8.
			name: NetworkName,
		},
		/// A network's terms were replaced.
		#[codec(index = 1)]
		TermsUpdated {
			/// The network.
			network: NetworkId,
		},
		/// The plan of a region was set or replaced.
		#[codec(index = 2)]
		RegionPlanSet {
			/// The network.
			network: NetworkId,
			/// The region.
			region: RegionId,
		},
		/// A network takes no more devices.
		#[codec(index = 3)]
		NetworkClosed {
			/// The network.
			network: NetworkId,
		},
		/// A network takes devices again.
		#[codec(index = 4)]
		NetworkOpened {
			/// The network.
			network: NetworkId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// There are as many networks as there may be. Reopen a closed one instead.
		#[codec(index = 0)]
		TooManyNetworks,
		/// No network has this id.
		#[codec(index = 1)]
		UnknownNetwork,
		/// The name is empty or not UTF-8.
		#[codec(index = 2)]
		InvalidName,
		/// A number of the terms is out of its bounds: see `NetworkTerms::validate`.
		#[codec(index = 3)]
		InvalidTerms,
		/// The coverage weights of all networks would exceed the whole. Lower another one first.
		#[codec(index = 4)]
		WeightsExceedWhole,
		/// The plan cannot be followed: see `RegionPlan::is_valid`.
		#[codec(index = 5)]
		InvalidRegionPlan,
		/// The network is closed already.
		#[codec(index = 6)]
		AlreadyClosed,
		/// The network is open already.
		#[codec(index = 7)]
		AlreadyOpen,
	}

	/// Networks that exist from the first block on.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The networks in the order of their ids.
		pub networks: Vec<GenesisNetwork>,
		#[serde(skip)]
		#[allow(missing_docs, reason = "a marker that genesis files never mention")]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for genesis in &self.networks {
				// Genesis cannot be built from wrong parameters, and there is nobody to report to.
				if let Err(fault) = Pallet::<T>::build_network(genesis) {
					panic!("the network {:?} of the genesis is invalid: {fault:?}", genesis.name);
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let defaults = NetworkTerms::default().validate();
			assert!(defaults.is_ok(), "the default terms are invalid: {defaults:?}");
			let networks = u64::from(NETWORKS_MAX);
			assert!(
				networks.checked_mul(ONE).is_some(),
				"the weights of {networks} networks of {ONE} each overflow their sum"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Creates a network under the next free id and opens it.
		#[pallet::call_index(0)]
		pub fn create_network(
			origin: OriginFor<T>,
			name: NetworkName,
			terms: NetworkTerms,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_create_network(name, terms)?;
			Ok(())
		}

		/// Replaces the terms of a network. They hold from the next judgement on.
		#[pallet::call_index(1)]
		pub fn update_terms(
			origin: OriginFor<T>,
			network: NetworkId,
			terms: NetworkTerms,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			let mut record = Self::record(network)?;
			Self::ensure_terms(Some(network), &terms)?;
			record.terms = terms;
			Networks::<T>::insert(network, record);
			Self::deposit_event(Event::TermsUpdated { network });
			Ok(())
		}

		/// Sets or replaces the plan of the region that the plan names.
		#[pallet::call_index(2)]
		pub fn set_region_plan(
			origin: OriginFor<T>,
			network: NetworkId,
			plan: RegionPlan,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			ensure!(Networks::<T>::contains_key(network), Error::<T>::UnknownNetwork);
			Self::do_set_region_plan(network, plan)
		}

		/// Closes a network to new devices. Those that serve it are not touched.
		#[pallet::call_index(3)]
		pub fn close_network(origin: OriginFor<T>, network: NetworkId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			let mut record = Self::record(network)?;
			ensure!(record.is_open, Error::<T>::AlreadyClosed);
			record.is_open = false;
			Networks::<T>::insert(network, record);
			Self::deposit_event(Event::NetworkClosed { network });
			Ok(())
		}

		/// Opens a closed network to new devices again.
		#[pallet::call_index(4)]
		pub fn open_network(origin: OriginFor<T>, network: NetworkId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			let mut record = Self::record(network)?;
			ensure!(!record.is_open, Error::<T>::AlreadyOpen);
			record.is_open = true;
			Networks::<T>::insert(network, record);
			Self::deposit_event(Event::NetworkOpened { network });
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Name, terms and state of a network; none if there is no such network.
		pub fn network(network: NetworkId) -> Option<NetworkRecord> {
			Networks::<T>::get(network)
		}

		/// How devices transmit in a region of a network; none if the network does not serve the region.
		pub fn plan(network: NetworkId, region: RegionId) -> Option<RegionPlan> {
			RegionPlans::<T>::get(network, region)
		}
	}

	impl<T: Config> Pallet<T> {
		/// The network's record.
		fn record(network: NetworkId) -> Result<NetworkRecord, DispatchError> {
			Networks::<T>::get(network).ok_or_else(|| Error::<T>::UnknownNetwork.into())
		}

		/// Creates a network and returns its id.
		fn do_create_network(
			name: NetworkName,
			terms: NetworkTerms,
		) -> Result<NetworkId, DispatchError> {
			let count = Networks::<T>::count();
			ensure!(count < NETWORKS_MAX, Error::<T>::TooManyNetworks);
			ensure!(is_name(&name), Error::<T>::InvalidName);
			Self::ensure_terms(None, &terms)?;
			let network = NetworkId::try_from(count).map_err(|_| Error::<T>::TooManyNetworks)?;
			let record = NetworkRecord { name: name.clone(), terms, is_open: true };
			Networks::<T>::insert(network, record);
			Self::deposit_event(Event::NetworkCreated { network, name });
			Ok(network)
		}

		/// Stores a plan that can be followed.
		fn do_set_region_plan(network: NetworkId, plan: RegionPlan) -> DispatchResult {
			ensure!(plan.is_valid(), Error::<T>::InvalidRegionPlan);
			let region = plan.region;
			RegionPlans::<T>::insert(network, region, plan);
			Self::deposit_event(Event::RegionPlanSet { network, region });
			Ok(())
		}

		/// Refuses terms that are out of bounds, or that take more than the other networks leave.
		/// `replaced` is the network whose terms they are to replace.
		fn ensure_terms(replaced: Option<NetworkId>, terms: &NetworkTerms) -> DispatchResult {
			ensure!(terms.validate().is_ok(), Error::<T>::InvalidTerms);
			let others = Self::weights_except(replaced);
			let total = others.saturating_add(u64::from(terms.coverage_weight.billionths()));
			ensure!(total <= ONE, Error::<T>::WeightsExceedWhole);
			Ok(())
		}

		/// The sum in billionths of the coverage weights of all networks but one.
		fn weights_except(excepted: Option<NetworkId>) -> u64 {
			Networks::<T>::iter()
				.filter(|(network, _)| Some(*network) != excepted)
				.map(|(_, record)| u64::from(record.terms.coverage_weight.billionths()))
				.fold(0, u64::saturating_add)
		}

		/// Creates a network of the genesis with its plans.
		fn build_network(genesis: &GenesisNetwork) -> DispatchResult {
			let name = NetworkName::try_from(genesis.name.as_bytes().to_vec())
				.map_err(|_| Error::<T>::InvalidName)?;
			let network = Self::do_create_network(name, genesis.terms)?;
			genesis
				.region_plans
				.iter()
				.try_for_each(|plan| Self::do_set_region_plan(network, plan.clone()))
		}
	}
}
