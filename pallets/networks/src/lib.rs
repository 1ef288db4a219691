#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod dispatch;
mod founding;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
#[cfg(test)]
mod mock;
mod networks_impl;
mod raises;
#[cfg(test)]
mod tests;
mod types;
pub mod weights;

pub use pallet::*;
pub use raises::{PastRaise, Raise};
pub use types::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use alloc::{boxed::Box, vec::Vec};

	use frame_support::{
		pallet_prelude::*,
		traits::{OriginTrait, Time, fungible},
	};
	use frame_system::pallet_prelude::*;
	use groma_core::{
		NetworkId, WindowIndex,
		money::Balance,
		protocol::NETWORKS_MAX,
		terms::{NetworkStatus, NetworkTerms},
		units::ONE,
	};

	use crate::{
		raises::{PastRaise, RaiseList},
		types::{
			CallerOf, FoundedNetwork, GenesisNetwork, NetworkName, NetworkRecord, RefusedField,
		},
		weights::WeightInfo,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// What the pallet needs from the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The runtime's sum of hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// The token, of which a deposit is held for each network that someone founds.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ fungible::MutateHold<
				Self::AccountId,
				Balance = Balance,
				Reason = Self::RuntimeHoldReason,
			>;

		/// The origin that creates and changes networks: a referendum's. It decides how the supply
		/// pool is divided, so no single key may have it.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Whether networks that someone founded have devices.
		type Devices: groma_traits::NetworkDevices;

		/// Plancks held from who founds a network, until it is dissolved. Too low, and the ids of
		/// networks are used up for nothing; too high, and no one founds any. A changed value
		/// applies to networks founded from then on. Suggested: 1,000 GRM.
		type FoundingDeposit: Get<Balance>;

		/// The clock of the chain, in ms since the Unix epoch.
		type Time: Time<Moment = u64>;

		/// The clock by which raises of the stake per device come into force.
		type Windows: groma_traits::Windows;

		/// The clock of epochs, of which a raise may not come into force twice in one.
		type Epochs: groma_traits::Epochs;

		/// Whether the chain stands still: then no raise comes into force.
		type Standstill: groma_traits::Standstill;

		/// Windows from the announcement of a raise of the stake per device until it holds. Too
		/// few, and a vote uncovers devices before their owners can answer. It exceeds an epoch, so
		/// that at most one raise comes into force in one. Suggested: 2,016 windows, as long as
		/// stake thaws.
		type RaiseWindows: Get<WindowIndex>;

		/// What benchmarks need of the clock.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: groma_traits::EmissionBenchmarkHelper;

		/// Weights of the calls, measured on the reference machine.
		type WeightInfo: WeightInfo;
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Raises of the stake per device that are announced and do not hold yet.
	// At most one for each network that governance created.
	#[pallet::storage]
	pub(crate) type Raises<T> = StorageValue<_, RaiseList>;

	/// The last raise of each network that came into force.
	// At most one entry for each network that governance created.
	#[pallet::storage]
	pub(crate) type PastRaises<T> = StorageMap<_, Twox64Concat, NetworkId, PastRaise>;

	/// Every network by its id. A record that does not decode stops its network.
	// Ids are handed out in sequence by governance, and there are at most NETWORKS_MAX of them: the
	// keys are counted, so that no counter can be lost.
	#[pallet::storage]
	pub(crate) type Networks<T> = StorageMap<_, Twox64Concat, NetworkId, NetworkRecord>;

	/// Every network that someone founded, by its id. A record that does not decode stops its
	/// network.
	// Ids are handed out in sequence, and each record is paid for by a deposit. Nothing iterates
	// over them.
	#[pallet::storage]
	pub(crate) type FoundedNetworks<T: Config> =
		StorageMap<_, Twox64Concat, NetworkId, FoundedNetwork<T::AccountId>>;

	/// The id of the next network that someone founds. None before the first. Ids are never used
	/// twice, since rewards and channels refer to them.
	#[pallet::storage]
	pub(crate) type NextFounded<T> = StorageValue<_, NetworkId>;

	/// Why plancks of an account are on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For a network that the account founded, until it is dissolved.
		#[codec(index = 0)]
		Founding,
	}

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
			/// The terms until now.
			old: Box<NetworkTerms>,
			/// The terms from now on.
			new: Box<NetworkTerms>,
			/// Who decided: governance or the founder; `None` if a raise came into force that was
			/// announced.
			origin: Option<CallerOf<T>>,
		},
		/// A network no longer takes devices.
		#[codec(index = 2)]
		NetworkClosed {
			/// The network.
			network: NetworkId,
		},
		/// A network takes devices, and its devices are challenged.
		#[codec(index = 3)]
		NetworkOpened {
			/// The network.
			network: NetworkId,
		},
		/// A network takes no devices, and none of its devices is challenged.
		#[codec(index = 4)]
		NetworkHalted {
			/// The network.
			network: NetworkId,
		},
		/// Someone founded a network that lives by what customers pay. It is open.
		#[codec(index = 5)]
		NetworkFounded {
			/// Its id.
			network: NetworkId,
			/// Who founded it.
			founder: T::AccountId,
			/// Its name as UTF-8. Names are not unique.
			name: NetworkName,
		},
		/// A network that someone founded is gone, and its deposit released.
		#[codec(index = 6)]
		NetworkDissolved {
			/// The network.
			network: NetworkId,
		},
		/// A raise of a network's stake per device was announced. Until it holds, the present one
		/// does.
		#[codec(index = 7)]
		TermsAnnounced {
			/// The network.
			network: NetworkId,
			/// Plancks of stake behind each device then.
			stake_per_device: Balance,
			/// The window from which on it holds.
			window: WindowIndex,
			/// Plancks of stake behind each device until then.
			old: Balance,
			/// Who decided.
			origin: CallerOf<T>,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// There are as many networks as there can be. Open a closed one instead.
		#[codec(index = 0)]
		TooManyNetworks,
		/// No network has this id.
		#[codec(index = 1)]
		UnknownNetwork,
		/// The name is empty or not UTF-8.
		#[codec(index = 2)]
		InvalidName,
		/// A field of the terms, which the error names, is out of its bounds or does not fit the
		/// kind of proof.
		#[codec(index = 3)]
		InvalidTerms(RefusedField),
		/// The supply weights of all networks would exceed the whole. Lower another one first.
		#[codec(index = 4)]
		WeightsExceedWhole,
		/// A network with places keeps them, and one without gets none: its devices are counted by
		/// it. Create another network instead.
		#[codec(index = 5)]
		PlaceKindIsFixed,
		/// The network is closed already.
		#[codec(index = 6)]
		AlreadyClosed,
		/// The network is open already.
		#[codec(index = 7)]
		AlreadyOpen,
		/// The network is halted already.
		#[codec(index = 8)]
		AlreadyHalted,
		/// A network never changes its kind of proof. Create another network instead.
		#[codec(index = 9)]
		ProofIsFixed,
		/// The lane shares of all networks would exceed the whole. Lower another one first.
		#[codec(index = 10)]
		LaneSharesExceedWhole,
		/// The record of a network does not decode: what it takes is not known. An upgrade has to
		/// mend it.
		#[codec(index = 11)]
		UnreadableNetwork,
		/// A network that anyone may found proves nothing, has no places, and takes nothing of the
		/// supply pool and the lane. For another kind governance creates it.
		#[codec(index = 12)]
		NotDemandOnly,
		/// The caller did not found the network.
		#[codec(index = 13)]
		NotFounder,
		/// The network has devices. Wait until the last one is retired and removed.
		#[codec(index = 14)]
		DevicesRemain,
		/// The network is not 90 days old.
		#[codec(index = 15)]
		TooYoung,
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
				// Genesis cannot be built from wrong parameters, and no caller takes an error.
				if let Err(fault) = Pallet::<T>::build_network(genesis) {
					panic!("the network {:?} of the genesis is invalid: {fault}", genesis.name);
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::apply_raises()
		}

		fn integrity_test() {
			let defaults = NetworkTerms::default().validate();
			assert!(defaults.is_ok(), "the default terms are invalid: {defaults:?}");
			let networks = u64::from(NETWORKS_MAX);
			assert!(
				networks.checked_mul(ONE).is_some(),
				"the weights of {networks} networks of {ONE} each overflow their sum"
			);
			let raise = T::RaiseWindows::get();
			let window = <T::Windows as groma_traits::Windows>::duration_ms();
			let epoch = <T::Epochs as groma_traits::Epochs>::length_ms();
			assert!(
				u64::from(raise).saturating_mul(window) > epoch,
				"RaiseWindows is {raise}, of {window} ms each: no longer than an epoch of {epoch} ms"
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
			Self::do_create_network(name, terms, T::Time::now()).map(drop)
		}

		/// Replaces the terms of a network by others of the same kind of proof and of place. They
		/// hold from the next judgement on. More stake per device is announced, and holds after as
		/// many windows as stake takes to thaw. Less holds at once and withdraws an announcement.
		#[pallet::call_index(1)]
		pub fn update_terms(
			origin: OriginFor<T>,
			network: NetworkId,
			terms: NetworkTerms,
		) -> DispatchResult {
			let caller = origin.caller().clone();
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_update_terms(caller, network, terms)
		}

		/// Closes a network to new devices. The devices that serve it go on.
		#[pallet::call_index(2)]
		pub fn close_network(origin: OriginFor<T>, network: NetworkId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			let (unchanged, event) = (Error::AlreadyClosed, Event::NetworkClosed { network });
			Self::do_set_status(network, NetworkStatus::Closed, unchanged, event)
		}

		/// Opens a closed or halted network again.
		#[pallet::call_index(3)]
		pub fn open_network(origin: OriginFor<T>, network: NetworkId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			let (unchanged, event) = (Error::AlreadyOpen, Event::NetworkOpened { network });
			Self::do_set_status(network, NetworkStatus::Open, unchanged, event)
		}

		/// Halts a network: from the next window on none of its devices is challenged, and no
		/// device joins. What was earned can be claimed.
		#[pallet::call_index(4)]
		pub fn halt_network(origin: OriginFor<T>, network: NetworkId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			let (unchanged, event) = (Error::AlreadyHalted, Event::NetworkHalted { network });
			Self::do_set_status(network, NetworkStatus::Halted, unchanged, event)
		}

		/// Founds a network that lives by what customers pay for its services, and opens it. The
		/// terms prove nothing, have no places and take nothing of the supply pool and the lane. A
		/// deposit is held until the network is dissolved.
		#[pallet::call_index(5)]
		pub fn found_network(
			origin: OriginFor<T>,
			name: NetworkName,
			terms: NetworkTerms,
		) -> DispatchResult {
			let founder = ensure_signed(origin)?;
			Self::do_found_network(founder, name, terms)
		}

		/// Replaces the terms of a network that the caller founded. Channels that are open keep the
		/// terms of their service.
		#[pallet::call_index(6)]
		pub fn update_founded_terms(
			origin: OriginFor<T>,
			network: NetworkId,
			terms: NetworkTerms,
		) -> DispatchResult {
			let caller = origin.caller().clone();
			let founder = ensure_signed(origin)?;
			Self::ensure_founder(&founder, network)?;
			Self::do_update_terms(caller, network, terms)
		}

		/// Closes a network that the caller founded to new devices. The devices that serve it go
		/// on.
		#[pallet::call_index(7)]
		pub fn close_founded_network(origin: OriginFor<T>, network: NetworkId) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_close_founded(&caller, network)
		}

		/// Removes a network that the caller founded, once it is 90 days old and its last device is
		/// gone, and releases its deposit.
		#[pallet::call_index(8)]
		pub fn dissolve_network(origin: OriginFor<T>, network: NetworkId) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_dissolve(&caller, network)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Name, terms and state of a network; none if there is no such network, or if its record
		/// does not decode.
		pub fn network(network: NetworkId) -> Option<NetworkRecord> {
			Self::stored(network).value()
		}
	}
}
