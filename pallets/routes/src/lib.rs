#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod addresses;
mod api;
mod changes;
mod deposits;
mod join_euis;
mod offers;
mod payers;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;

	use frame_support::{pallet_prelude::*, traits::fungible};
	use frame_system::pallet_prelude::*;
	use groma_core::{
		DeviceId,
		money::{Balance, SUPPLY_MAX},
		protocol::PAYERS_PER_JOIN_EUI_MAX,
		route::{AddressRange, Offer, Route},
		words::{DevAddr, JoinEui},
	};
	use groma_traits::{Devices, Networks, Operators};

	use super::{Allotment, ChangeCounts, JoinClaims, OfferRecords, PayerRecord, WeightInfo};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The runtime's sum of hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// GRM, of which a deposit is held for all that accounts write here.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ fungible::MutateHold<
				Self::AccountId,
				Balance = Balance,
				Reason = Self::RuntimeHoldReason,
			>;

		/// The origin that allots addresses and releases JoinEUIs of others: a referendum's. It
		/// decides whose packets are whose, so no single key may have it.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who acts for payers.
		type Operators: Operators<Self::AccountId>;

		/// Whose devices are.
		type Devices: Devices<Self::AccountId>;

		/// The networks and the services that they sell.
		type Networks: Networks;

		/// Plancks held from a payer for its route: pays for some 250 bytes of state. Too low, and
		/// the list that every client mirrors fills up; too high, and payers stay away. A changed
		/// value applies to routes set from then on. Suggested: 0.35 GRM.
		type RouteDeposit: Get<Balance>;

		/// Plancks held from the first payer that claims a JoinEUI; each further one pays twice as
		/// much as the one before it would now. Too low, and squatters keep payers out for little.
		/// A changed value applies to claims from then on. Suggested: 10 GRM, so that the eighth
		/// payer has 1,280 GRM on hold.
		type JoinEuiDeposit: Get<Balance>;

		/// Plancks held from the owner of a device for each offer: pays for some 250 bytes of
		/// state. A changed value applies to offers set from then on. Suggested: 0.35 GRM.
		type OfferDeposit: Get<Balance>;

		/// What benchmarks need of other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: groma_traits::DevicesBenchmarkHelper<Self::AccountId>;

		/// What calls cost.
		type WeightInfo: WeightInfo;
	}

	/// Payers with a route, addresses or JoinEUIs.
	// Users choose accounts. A deposit is held for a route and for each JoinEUI; governance gives
	// addresses.
	#[pallet::storage]
	pub(crate) type Payers<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, PayerRecord>;

	/// Ranges of addresses by their last one.
	// Governance alone chooses the keys. They are big endian and not hashed, so that the state has
	// them in ascending order: one look finds the range at an address or after it.
	#[pallet::storage]
	pub(crate) type Allotments<T: Config> =
		StorageMap<_, Identity, DevAddr, Allotment<T::AccountId>>;

	/// Which payers share a JoinEUI.
	// Users choose JoinEUIs. A deposit is held for each claim.
	#[pallet::storage]
	pub(crate) type JoinEuis<T: Config> =
		StorageMap<_, Blake2_128Concat, JoinEui, JoinClaims<T::AccountId>>;

	/// What devices sell.
	// The chain gives the ids of devices. A deposit is held for each offer.
	#[pallet::storage]
	pub(crate) type Offers<T: Config> =
		StorageMap<_, Twox64Concat, DeviceId, OfferRecords<T::AccountId>>;

	/// How often routes and offers changed.
	#[pallet::storage]
	pub(crate) type Changes<T> = StorageValue<_, ChangeCounts>;

	/// Whether endpoints in local networks are taken: only genesis says so, of test chains. What
	/// does not decode reads as no.
	#[pallet::storage]
	pub(crate) type PrivateEndpoints<T> = StorageValue<_, bool, ValueQuery>;

	/// Why plancks of an account are on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For the state of a route, until it is removed.
		#[codec(index = 0)]
		Route,
		/// For a JoinEUI, until it is released.
		#[codec(index = 1)]
		JoinEui,
		/// For the state of an offer, until it is removed.
		#[codec(index = 2)]
		Offer,
	}

	/// What happened. `version` is the number of the change, counted for routes and for offers: a
	/// client that follows has missed nothing if it is one more than that of the change before.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A payer has a route, or another one than before.
		#[codec(index = 0)]
		RouteSet {
			/// The payer.
			payer: T::AccountId,
			/// The route.
			route: Route,
			/// The number of the change of routes.
			version: u64,
		},
		/// A payer has no route any more. Its addresses and JoinEUIs stay.
		#[codec(index = 1)]
		RouteRemoved {
			/// The payer.
			payer: T::AccountId,
			/// The number of the change of routes.
			version: u64,
		},
		/// A payer was given addresses.
		#[codec(index = 2)]
		AddressesAllotted {
			/// The payer.
			payer: T::AccountId,
			/// The addresses.
			range: AddressRange,
			/// The number of the change of routes.
			version: u64,
		},
		/// Addresses were taken back from a payer.
		#[codec(index = 3)]
		AddressesTakenBack {
			/// The payer.
			payer: T::AccountId,
			/// The addresses.
			range: AddressRange,
			/// The number of the change of routes.
			version: u64,
		},
		/// A payer shares a JoinEUI.
		#[codec(index = 4)]
		JoinEuiClaimed {
			/// The payer.
			payer: T::AccountId,
			/// The JoinEUI.
			join_eui: JoinEui,
			/// Plancks on hold from the payer.
			deposit: Balance,
			/// The number of the change of routes.
			version: u64,
		},
		/// A payer no longer shares a JoinEUI, and has its deposit back.
		#[codec(index = 5)]
		JoinEuiReleased {
			/// The payer.
			payer: T::AccountId,
			/// The JoinEUI.
			join_eui: JoinEui,
			/// The number of the change of routes.
			version: u64,
		},
		/// A device sells a service, or on other terms than before.
		#[codec(index = 6)]
		OfferSet {
			/// The device.
			device: DeviceId,
			/// Its owner.
			owner: T::AccountId,
			/// The offer.
			offer: Offer,
			/// The number of the change of offers.
			version: u64,
		},
		/// A device has no offer of a service any more. Who set it has its deposit back.
		#[codec(index = 7)]
		OfferRemoved {
			/// The device.
			device: DeviceId,
			/// The service, by its place in the terms of the network.
			service: u8,
			/// The number of the change of offers.
			version: u64,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The endpoint is not `host:port` with a host name or an address (IPv6 in brackets) and a
		/// port from 1 to 65535.
		#[codec(index = 0)]
		MalformedEndpoint,
		/// The endpoint is a loopback, unspecified, link-local, multicast or reserved address, or
		/// `localhost`: clients would reach themselves or no one. Name a public one.
		#[codec(index = 1)]
		UnreachableEndpoint,
		/// The endpoint is in a local network, which others cannot reach. Name a public one.
		#[codec(index = 2)]
		PrivateEndpoint,
		/// A payer buys 1 to 16 copies of a packet.
		#[codec(index = 3)]
		InvalidCopies,
		/// The router's key is of small order or not canonical: it proves nothing. Make another.
		#[codec(index = 4)]
		UnacceptableKey,
		/// The payer has no route. There is nothing to remove.
		#[codec(index = 5)]
		NoRoute,
		/// The range is empty, or has addresses of more than one NetID or of none. Split it.
		#[codec(index = 6)]
		InvalidRange,
		/// Some of the addresses are allotted. Take them back first.
		#[codec(index = 7)]
		RangeTaken,
		/// A payer has at most 32 ranges. Allot fewer and larger ones.
		#[codec(index = 8)]
		TooManyRanges,
		/// The payer was not allotted exactly this range. Name one of its ranges as a whole.
		#[codec(index = 9)]
		NotAllotted,
		/// The payer has claimed this JoinEUI already.
		#[codec(index = 10)]
		AlreadyClaimed,
		/// Eight payers share this JoinEUI. One of them has to release it, or a referendum does.
		#[codec(index = 11)]
		JoinEuiFull,
		/// A payer has at most 64 JoinEUIs. Release one.
		#[codec(index = 12)]
		TooManyJoinEuis,
		/// The payer has not claimed this JoinEUI.
		#[codec(index = 13)]
		NotClaimed,
		/// There is no such device, or it was removed.
		#[codec(index = 14)]
		UnknownDevice,
		/// The caller does not own the device, or the offer is still that of its owner.
		#[codec(index = 15)]
		NotOwner,
		/// The network of the device has no such service. Name one by its place in the terms.
		#[codec(index = 16)]
		UnknownService,
		/// The price is not within the least and the most of the service.
		#[codec(index = 17)]
		PriceOutsideTerms,
		/// The capacity is 0, or more than a device of the service delivers.
		#[codec(index = 18)]
		CapacityOutsideTerms,
		/// A device has at most four offers. Remove one.
		#[codec(index = 19)]
		TooManyOffers,
		/// The device has no offer of this service.
		#[codec(index = 20)]
		NoOffer,
		/// What is stored about this does not decode: an upgrade has to mend it.
		#[codec(index = 21)]
		Unreadable,
	}

	/// Addresses that payers have from the first block on.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Whether endpoints in local networks are taken: on test chains.
		pub private_endpoints: bool,
		/// Payers and ranges of addresses.
		pub allotments: Vec<(T::AccountId, AddressRange)>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			PrivateEndpoints::<T>::put(self.private_endpoints);
			for (payer, range) in &self.allotments {
				// Genesis cannot be built from wrong parameters, and no caller takes an error.
				if let Err(fault) = Pallet::<T>::do_allot(payer.clone(), *range) {
					panic!("the addresses {range:?} of the genesis cannot be allotted: {fault:?}");
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let deposits =
				[T::RouteDeposit::get(), T::JoinEuiDeposit::get(), T::OfferDeposit::get()];
			assert!(deposits.iter().all(|it| *it > 0), "state is free: deposits {deposits:?}");
			let payers = PAYERS_PER_JOIN_EUI_MAX;
			let last = Pallet::<T>::deposit_after(payers.saturating_sub(1) as usize);
			assert!(
				last < SUPPLY_MAX,
				"the last of {payers} payers of a JoinEUI pays {last}, more GRM than exists"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Says where packets of `payer` go, which is the caller or whose operator it is. A deposit
		/// of the payer is held for the first route.
		#[pallet::call_index(0)]
		pub fn set_route(
			origin: OriginFor<T>,
			payer: T::AccountId,
			route: Route,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_route(who, payer, route)
		}

		/// Removes the route of the caller and gives its deposit back.
		#[pallet::call_index(1)]
		pub fn remove_route(origin: OriginFor<T>) -> DispatchResult {
			let payer = ensure_signed(origin)?;
			Self::do_remove_route(payer)
		}

		/// Adds the caller to the payers that buy requests to join with this JoinEUI. It pays a
		/// deposit that doubles with every payer before it.
		#[pallet::call_index(2)]
		pub fn claim_join_eui(origin: OriginFor<T>, join_eui: JoinEui) -> DispatchResult {
			let payer = ensure_signed(origin)?;
			Self::do_claim(payer, join_eui)
		}

		/// Releases a JoinEUI of the caller and gives its deposit back.
		#[pallet::call_index(3)]
		pub fn release_join_eui(origin: OriginFor<T>, join_eui: JoinEui) -> DispatchResult {
			let payer = ensure_signed(origin)?;
			Self::do_release(payer, join_eui)
		}

		/// Releases a JoinEUI of `payer` and gives the payer its deposit back.
		#[pallet::call_index(4)]
		pub fn force_release_join_eui(
			origin: OriginFor<T>,
			payer: T::AccountId,
			join_eui: JoinEui,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_release(payer, join_eui)
		}

		/// Gives `payer` addresses of one NetID that no payer has.
		#[pallet::call_index(5)]
		pub fn allot_addresses(
			origin: OriginFor<T>,
			payer: T::AccountId,
			range: AddressRange,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_allot(payer, range)
		}

		/// Takes a range that `payer` was allotted back from it, as a whole.
		#[pallet::call_index(6)]
		pub fn take_back_addresses(
			origin: OriginFor<T>,
			payer: T::AccountId,
			range: AddressRange,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_take_back(payer, range)
		}

		/// Offers a service of a device of the caller. An offer of the same service gives way; a
		/// deposit is held for the first one.
		#[pallet::call_index(7)]
		pub fn set_offer(origin: OriginFor<T>, device: DeviceId, offer: Offer) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_offer(who, device, offer)
		}

		/// Removes an offer and gives the deposit back to who paid it. Only its owner can, as long
		/// as the device exists and is the owner's; then anyone can.
		#[pallet::call_index(8)]
		pub fn remove_offer(origin: OriginFor<T>, device: DeviceId, service: u8) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_remove_offer(who, device, service)
		}
	}
}
