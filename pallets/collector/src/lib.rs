#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bundles;
mod crypto;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod ledgers;
mod logbook;
#[cfg(test)]
mod mock;
mod pool;
mod registration;
#[cfg(test)]
mod tests;
mod weights;
mod worker;

pub use bundles::{Bundle, Bundlers, Due};
pub use crypto::{COLLECTOR_KEY_TYPE, CollectorCrypto, CollectorId};
pub use ledgers::{CollectorEpoch, CollectorLedger};
pub use logbook::LOGBOOK_PREFIX;
pub use pallet::*;
pub use registration::CollectorRecord;
pub use weights::WeightInfo;
pub use worker::LOCK_KEY;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::{pallet_prelude::*, traits::fungible};
	use frame_system::{
		offchain::{AppCrypto, CreateSignedTransaction},
		pallet_prelude::*,
	};
	use groma_core::{CollectorIndex, EpochIndex, money::Balance};
	use groma_traits::{Emission, Load, Standstill};

	use crate::{
		bundles::Bundlers, ledgers::CollectorEpoch, registration::CollectorRecord,
		weights::WeightInfo,
	};

	/// The storage version of the code.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config:
		frame_system::Config + CreateSignedTransaction<<Self as frame_system::Config>::RuntimeCall>
	{
		/// How the collector signs its extrinsics: [`crate::CollectorCrypto`].
		type CollectorCrypto: AppCrypto<Self::Public, Self::Signature>;

		/// The runtime's sum of hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// The token, of which a deposit is held for each collector.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ fungible::MutateHold<
				Self::AccountId,
				Balance = Balance,
				Reason = Self::RuntimeHoldReason,
			>;

		/// Plancks held from a collector until it deregisters: above the worth of the state that a
		/// registration leaves, or indices are used up for nothing. A change applies to later
		/// registrations. Suggested: 10 GRM.
		type CollectorDeposit: Get<Balance>;

		/// The series of reports, by their bundlers. Of two that are due at the same time the first
		/// is bundled first.
		type Bundlers: Bundlers<<Self as frame_system::Config>::RuntimeCall>;

		/// The most that evidence of all kinds may take of a block.
		type EvidenceLimit: Get<Load>;

		/// The clock of epochs and the pot.
		type Emission: Emission<Self::AccountId>;

		/// Whether the chain stands still: then nothing is submitted.
		type Standstill: Standstill;

		/// The most plancks that a whole report earns, of which there are five fifths. It binds
		/// only in epochs of few reports, where each one's part of the pool is larger; what the
		/// pool has beyond it stays unminted. Higher, and devices that were made up for their
		/// reports earn more while there are few others; 0, and no one is paid for collecting. It
		/// is a number of GRM, as the pool is, and does not follow fees, which follow the price: a
		/// bundle that brings new reports costs its collector none. Suggested: 0.001 GRM.
		type CollectorCap: Get<Balance>;

		/// What benchmarks need of other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: groma_traits::EmissionBenchmarkHelper;

		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	/// Fifths of reports of epochs that are not closed.
	// Sequential keys, at most two entries.
	#[pallet::storage]
	pub(crate) type OpenFifths<T> = StorageMap<_, Twox64Concat, EpochIndex, u32>;

	/// What fifths of reports of closed epochs earned.
	// Sequential keys. An entry goes when the last of its fifths is credited.
	#[pallet::storage]
	pub(crate) type CollectorEpochs<T> = StorageMap<_, Twox64Concat, EpochIndex, CollectorEpoch>;

	/// Collectors by their index, and what they are owed.
	// Sequential keys. An entry takes a deposit. Once that is given back, it goes when it is paid.
	#[pallet::storage]
	pub(crate) type Collectors<T: Config> =
		StorageMap<_, Twox64Concat, CollectorIndex, CollectorRecord<T::AccountId>>;

	/// The index of each account that is a collector, or is still owed something as one.
	// Accounts are chosen by users. As many entries as there are collectors.
	#[pallet::storage]
	pub(crate) type Indices<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, CollectorIndex>;

	/// The last index that was given to a collector; absent before the first.
	#[pallet::storage]
	pub(crate) type LastIndex<T> = StorageValue<_, CollectorIndex>;

	/// Why the pallet holds tokens.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For a collector's index, until it deregisters.
		#[codec(index = 0)]
		Registration,
	}

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// The reports of an epoch were settled.
		#[codec(index = 0)]
		ReportsSettled {
			/// The epoch.
			epoch: EpochIndex,
			/// For how many fifths of reports collectors were credited.
			fifths: u32,
			/// What each fifth earned its collector, in plancks.
			per_fifth: Balance,
		},
		/// A collector was paid.
		#[codec(index = 1)]
		CollectorPaid {
			/// The collector.
			collector: T::AccountId,
			/// How many plancks.
			amount: Balance,
		},
		/// An account became a collector.
		#[codec(index = 2)]
		CollectorRegistered {
			/// The account.
			collector: T::AccountId,
			/// The index by which devices name it.
			index: CollectorIndex,
		},
		/// An account ceased to be a collector. Its index names no one any more.
		#[codec(index = 3)]
		CollectorDeregistered {
			/// The account.
			collector: T::AccountId,
			/// The index that it had.
			index: CollectorIndex,
		},
		/// The count of an epoch's reports does not decode, so that they earn nothing.
		#[codec(index = 4)]
		ReportsUnreadable {
			/// The epoch.
			epoch: EpochIndex,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// Nothing of closed epochs is owed. Reports of the present epoch count when the epoch is
		/// over.
		#[codec(index = 0)]
		NothingOwed,
		/// The collector's account does not exist and the amount is below the existential deposit.
		/// It stays owed: claim again when it has grown, or fund the account.
		#[codec(index = 1)]
		CollectorCannotReceive,
		/// The account is a collector already.
		#[codec(index = 2)]
		AlreadyRegistered,
		/// The account is no collector: register it first.
		#[codec(index = 3)]
		NotRegistered,
		/// Every index was given away.
		#[codec(index = 4)]
		NoIndexLeft,
		/// What is kept of the collector, or the count of indices, does not decode. It stays as it
		/// is: try again after the upgrade that mends it.
		#[codec(index = 5)]
		StateUnreadable,
	}

	/// Collectors that a genesis registers. Each has to own the deposit.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Their accounts. They get the indices 1, 2 and so on.
		pub collectors: alloc::vec::Vec<T::AccountId>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Ends a genesis that cannot be.
		fn build(&self) {
			for collector in &self.collectors {
				if let Err(error) = Pallet::<T>::do_register_collector(collector.clone()) {
					panic!("{collector:?} cannot be a collector: {error:?}");
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn offchain_worker(now: BlockNumberFor<T>) {
			crate::worker::run::<T>(now);
		}

		fn integrity_test() {
			let room = Pallet::<T>::bundle_room();
			assert!(
				room.ref_time > 0 && room.length > 0,
				"EvidenceLimit leaves a bundle {room:?}, so that none would hold anything",
			);
			let deposit = T::CollectorDeposit::get();
			let least = <T::Currency as fungible::Inspect<T::AccountId>>::minimum_balance();
			assert!(
				deposit >= least,
				"CollectorDeposit is {deposit}, so that an index takes less than an account: {least}",
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Pays a collector what closed epochs owe it. Anyone may call it.
		#[pallet::call_index(0)]
		pub fn claim_collected(origin: OriginFor<T>, collector: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_collected(&collector)
		}

		/// Makes the signer a collector: puts the deposit on hold and gives the account the next
		/// index, by which devices name it in what they sign. What an earlier registration is still
		/// owed stays owed.
		#[pallet::call_index(1)]
		pub fn register_collector(origin: OriginFor<T>) -> DispatchResult {
			let collector = ensure_signed(origin)?;
			Self::do_register_collector(collector)
		}

		/// Ends the registration of the signer and gives the deposit back. Its index is never given
		/// away again, and what names it credits no one from now on: stop collecting two windows
		/// before. What is owed can still be claimed.
		#[pallet::call_index(2)]
		pub fn deregister_collector(origin: OriginFor<T>) -> DispatchResult {
			let collector = ensure_signed(origin)?;
			Self::do_deregister_collector(collector)
		}
	}
}
