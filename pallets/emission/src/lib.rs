#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

mod books;
mod clock;
mod emission_impl;
mod pot;
mod split;
mod views;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use books::{EmissionBooks, Kept, Reminting};
pub use clock::EmissionClock;
pub use pallet::*;
pub use split::{EmissionSplit, Shares};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::{
		PalletId,
		pallet_prelude::*,
		traits::{
			Time,
			fungible::{Inspect, Mutate},
		},
	};
	use frame_system::pallet_prelude::*;
	use groma_core::{
		EpochIndex,
		money::{Balance, EMISSION_TOTAL},
	};
	use groma_traits::{OnEpochClosed, Standstill};

	use super::{EmissionBooks, EmissionClock, EmissionSplit, Reminting, WeightInfo};

	/// The shortest epoch in ms: below it an index of 32 bits runs out within decades.
	pub const EPOCH_LENGTH_MS_MIN: u64 = 1_000;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// GRM.
		type Currency: Mutate<Self::AccountId, Balance = Balance>;

		/// The timestamp in ms since the Unix epoch; 0 before the first. In hooks it is the
		/// parent's.
		type Time: Time<Moment = u64>;

		/// Length of an epoch in ms, at least [`EPOCH_LENGTH_MS_MIN`]. Suggested: one UTC day,
		/// 86,400,000. It is read once, with the first timestamp. The cap per device holds per
		/// epoch, so a shorter epoch raises the yearly yield; a longer one delays every payout.
		// No constant of the metadata: it may be set by a genesis preset, and the clock shows the
		// length.
		type EpochLength: Get<u64>;

		/// How an epoch's emission is divided. A change applies from the next epoch that closes.
		/// Suggested: its default, half of it for supply.
		type Split: Get<EmissionSplit>;

		/// Whether the chain stands still: then no epoch closes. What passes meanwhile is booked by
		/// arithmetic afterwards.
		type Standstill: Standstill;

		/// Who settles a closed epoch, each out of its pool.
		type OnEpochClosed: OnEpochClosed;

		/// The most plancks that a genesis may issue: one that issues more founds no chain. At most
		/// [`Config::SupplyMax`] less all that the schedule emits. Suggested: 200,000,000 GRM.
		type GenesisSupplyMax: Get<Balance>;

		/// The most plancks that may exist at once. Minting what would exceed it is refused. At
		/// least what genesis may issue and all that the schedule emits, or the schedule ends
		/// early. Suggested: 600,000,000 GRM.
		type SupplyMax: Get<Balance>;

		/// Who gets the treasury's share. Not the pot.
		type TreasuryAccount: Get<Self::AccountId>;

		/// Names the pot's account.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// What hooks cost.
		type WeightInfo: WeightInfo;
	}

	/// When the schedule began and how far epochs are closed. None until the first timestamp is
	/// known. One that does not decode stands still.
	#[pallet::storage]
	pub(crate) type Clock<T> = StorageValue<_, EmissionClock>;

	/// What became of genesis and schedule.
	#[pallet::storage]
	pub(crate) type Books<T> = StorageValue<_, EmissionBooks>;

	/// Plancks that were issued and no longer exist: fees, tips that no author could take, dust,
	/// what customers burned for credits, bonds of channels that promised too much, and stake that
	/// offences cost.
	// Fees of every block change it, as they change the total issuance, so that it costs no more
	// than that.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub(crate) type Burned<T> = StorageValue<_, Balance>;

	/// What claims of services minted, out of what was burned for them, and what they left for
	/// validators in epochs that are not closed.
	#[pallet::storage]
	pub(crate) type Reminted<T> = StorageValue<_, Reminting>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An epoch was closed.
		#[codec(index = 0)]
		EpochClosed {
			/// Which.
			epoch: EpochIndex,
			/// What the schedule emitted in it, in plancks.
			emitted: Balance,
			/// How much of that was minted.
			minted: Balance,
			/// What claims of services in it left for validators, in plancks. It is no part of
			/// what was emitted.
			for_validators: Balance,
			/// How much of that was minted.
			reminted: Balance,
		},
		/// No block had a timestamp in these epochs.
		#[codec(index = 1)]
		SilencePassed {
			/// The first of them.
			from: EpochIndex,
			/// The epoch after the last of them.
			until: EpochIndex,
			/// What the schedule emitted in them, in plancks: it belongs to no one.
			unminted: Balance,
		},
		/// Clock or books do not decode, or the clock is missing after it ran, so that no epoch
		/// closes and no work is settled. It is said in every block.
		#[codec(index = 2)]
		EpochsStopped,
	}

	/// Keeps what genesis issued, and moves the reserve of the pot out of the treasury if that has
	/// it. The pallet comes after that of the currency.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		#[serde(skip)]
		#[doc(hidden)]
		pub phantom: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Ends a genesis that issues more than it may.
		fn build(&self) {
			let (issued, most) = (T::Currency::total_issuance(), T::GenesisSupplyMax::get());
			assert!(issued <= most, "genesis issues {issued} plancks, more than {most}");
			let reserve = Pallet::<T>::take_reserve_of_treasury();
			Pallet::<T>::change_books(|books| {
				books.genesis = issued;
				books.reserve = reserve;
			});
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::tick()
		}

		fn integrity_test() {
			let length = T::EpochLength::get();
			assert!(
				length >= EPOCH_LENGTH_MS_MIN,
				"EpochLength is {length} ms, below {EPOCH_LENGTH_MS_MIN}"
			);
			let planned = T::GenesisSupplyMax::get().saturating_add(EMISSION_TOTAL);
			let most = T::SupplyMax::get();
			assert!(
				planned <= most,
				"SupplyMax is {most} plancks, below the {planned} of genesis and schedule"
			);
			assert!(
				T::TreasuryAccount::get() != Self::pot(),
				"TreasuryAccount is the pot: its share would count as owed"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}
