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
#[cfg(test)]
mod tests;
mod weights;
mod worker;

pub use bundles::{Bundle, Bundlers, Due};
pub use crypto::{COLLECTOR_KEY_TYPE, CollectorCrypto, CollectorId};
pub use ledgers::{CollectorEpoch, CollectorLedger};
pub use pallet::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::pallet_prelude::*;
	use frame_system::{
		offchain::{AppCrypto, CreateSignedTransaction},
		pallet_prelude::*,
	};
	use groma_core::{EpochIndex, money::Balance};
	use groma_traits::{Emission, Load};

	use crate::{
		bundles::Bundlers,
		ledgers::{CollectorEpoch, CollectorLedger},
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

		/// The series of reports, by their bundlers. Of two that are due at the same time the first
		/// is bundled first.
		type Bundlers: Bundlers<<Self as frame_system::Config>::RuntimeCall>;

		/// The most that evidence of all kinds may take of a block.
		type EvidenceLimit: Get<Load>;

		/// The clock of epochs and the pot.
		type Emission: Emission<Self::AccountId>;

		/// The most plancks that a report earns its collector: above the cost of including it, or
		/// no one collects, and below what a made-up report costs. What the pool has beyond it
		/// stays unminted. Suggested: 0.001 GRM.
		type CollectorCap: Get<Balance>;

		/// What benchmarks need of other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: groma_traits::EmissionBenchmarkHelper;

		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	/// Reports of epochs that are not closed.
	// Sequential keys, at most two entries.
	#[pallet::storage]
	pub(crate) type OpenReports<T> = StorageMap<_, Twox64Concat, EpochIndex, u32, ValueQuery>;

	/// What reports of closed epochs earned.
	// Sequential keys. An entry goes when the last of its reports is credited.
	#[pallet::storage]
	pub(crate) type CollectorEpochs<T> = StorageMap<_, Twox64Concat, EpochIndex, CollectorEpoch>;

	/// What collectors are owed.
	// Accounts are chosen by users. An entry takes a valid report, and goes when it is paid.
	#[pallet::storage]
	pub(crate) type Collectors<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, CollectorLedger, ValueQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// The reports of an epoch were settled.
		#[codec(index = 0)]
		ReportsSettled {
			/// The epoch.
			epoch: EpochIndex,
			/// How many were valid.
			reports: u32,
			/// What each earned its collector, in plancks.
			per_report: Balance,
		},
		/// A collector was paid.
		#[codec(index = 1)]
		CollectorPaid {
			/// The collector.
			collector: T::AccountId,
			/// How many plancks.
			amount: Balance,
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
	}
}
