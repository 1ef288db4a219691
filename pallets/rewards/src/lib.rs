#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod claims;
mod clock;
mod collectors;
mod coverage;
mod coverage_rewards_impl;
mod device_followers_impl;
mod payout;
mod pot;
mod settlement;
mod split;
mod view;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use claims::PAYEES_PER_CLAIM;
pub use clock::{COVERAGE_HALVING_MS, RewardClock};
pub use collectors::{CollectorEpoch, CollectorLedger};
pub use pallet::*;
pub use payout::{PAYOUT_SHARES_MAX, PayoutShare, PayoutShares, PayoutSplit};
pub use settlement::{Folded, NetworkEpoch};
pub use split::{EmissionSplit, Pools, Shares};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::{PalletId, pallet_prelude::*, traits::Time, traits::fungible::Mutate};
	use frame_system::pallet_prelude::*;
	use groma_core::{DeviceId, EpochIndex, NetworkId, money::Balance, units::Units};
	use groma_traits::{Devices, Networks, Windows, Work};

	use super::{
		CollectorEpoch, CollectorLedger, EmissionSplit, NetworkEpoch, PAYEES_PER_CLAIM,
		PayoutShares, PayoutSplit, RewardClock, WeightInfo,
	};

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

		/// The timestamp in ms since the Unix epoch; 0 before the first. In hooks it is the parent's.
		type Time: Time<Moment = u64>;

		/// Which window it is: the present owner of a device is the one as of this window.
		type Windows: Windows;

		/// Who owns a device now and may set a payout split for it. Payouts follow the payee of the
		/// work, not the present owner.
		type Devices: Devices<Self::AccountId>;

		/// The networks and their terms at the moment an epoch is closed. Closing is linear in their
		/// number.
		type Networks: Networks;

		/// Where work of devices lies that no later work pushed here yet.
		type CoverageWork: groma_traits::CoverageWork<Self::AccountId>;

		/// Length of an epoch in ms, at least [`EPOCH_LENGTH_MS_MIN`]; one UTC day is 86,400,000. It is
		/// read once, with the first timestamp. The cap per device holds per epoch, so a shorter epoch
		/// raises the yearly yield; a longer one delays every payout.
		// No constant of the metadata: it may be set by a genesis preset, and the clock tells the length.
		type EpochLength: Get<u64>;

		/// How an epoch's emission is divided. A change applies from the next epoch that closes.
		type Split: Get<EmissionSplit>;

		/// What was issued at genesis, in plancks. Nothing is computed from it but the check that no token
		/// came from elsewhere than genesis and the schedule.
		type GenesisSupply: Get<Balance>;

		/// Who gets the treasury's share. Not the pot.
		type TreasuryAccount: Get<Self::AccountId>;

		/// The most plancks that a statement earns its collector: above the cost of including it, or
		/// nobody collects, and below what a made-up statement costs. What the pool has beyond it stays
		/// unminted.
		type CollectorCap: Get<Balance>;

		/// Names the pot's account.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// What calls and hooks cost.
		type WeightInfo: WeightInfo;
	}

	/// When the schedule began and how far epochs are closed. None until the first timestamp is known.
	#[pallet::storage]
	pub(crate) type Clock<T> = StorageValue<_, RewardClock>;

	/// Plancks of the schedule that were minted and not taken back.
	#[pallet::storage]
	pub(crate) type Minted<T> = StorageValue<_, Balance, ValueQuery>;

	/// Plancks of the schedule that are nobody's, for ever.
	#[pallet::storage]
	pub(crate) type Unminted<T> = StorageValue<_, Balance, ValueQuery>;

	/// Plancks that were issued and are gone for good: fees, tips that no author could take, and dust. What
	/// holders burn by a call of their own is not counted here.
	// Fees of every block change it, as they change the total issuance, so that it costs no more than that.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub(crate) type Burned<T> = StorageValue<_, Balance, ValueQuery>;

	/// Plancks that the pot holds for itself, so that it exists however little it owes.
	#[pallet::storage]
	pub(crate) type Reserve<T> = StorageValue<_, Balance, ValueQuery>;

	/// Units of epochs that are not closed, by epoch and network.
	// Sequential keys that no user chooses. Bounded: closing an epoch takes its entries, and at most
	// two epochs are open.
	#[pallet::storage]
	pub(crate) type OpenUnits<T> =
		StorageDoubleMap<_, Twox64Concat, EpochIndex, Twox64Concat, NetworkId, Units, ValueQuery>;

	/// Closed epochs in which a network had work.
	// Sequential keys that no user chooses. Kept for ever: one record of 80 bytes per network and epoch,
	// about 48 KiB a year, keys included, for a network at one epoch per day.
	#[pallet::storage]
	pub(crate) type NetworkEpochs<T> =
		StorageDoubleMap<_, Twox64Concat, NetworkId, Twox64Concat, EpochIndex, NetworkEpoch>;

	/// The last closed epoch in which a network had work.
	// One entry per network.
	#[pallet::storage]
	pub(crate) type LastEpochs<T> = StorageMap<_, Twox64Concat, NetworkId, EpochIndex>;

	/// Finished work that came here before its epoch was closed.
	// Nobody chooses device ids. At most one entry per device, removed when the device is next touched.
	#[pallet::storage]
	pub(crate) type Waiting<T: Config> = StorageMap<_, Identity, DeviceId, Work<T::AccountId>>;

	/// Plancks that a device owes to a payee.
	// Nobody chooses device ids, accounts are chosen by users. One entry per device, and one more for
	// each former owner who was not paid yet.
	#[pallet::storage]
	pub(crate) type Owed<T: Config> = StorageDoubleMap<
		_,
		Identity,
		DeviceId,
		Blake2_128Concat,
		T::AccountId,
		Balance,
		ValueQuery,
	>;

	/// How a payee of a device is paid, if not to its own account.
	// As [`Owed`]: only who owns the device or is owed something may set one, and the claim that pays a
	// former owner removes it, as the former owner can.
	#[pallet::storage]
	pub(crate) type Splits<T: Config> = StorageDoubleMap<
		_,
		Identity,
		DeviceId,
		Blake2_128Concat,
		T::AccountId,
		PayoutSplit<T::AccountId>,
	>;

	/// Statements of epochs that are not closed.
	// Sequential keys, at most two entries.
	#[pallet::storage]
	pub(crate) type OpenStatements<T> = StorageMap<_, Twox64Concat, EpochIndex, u32, ValueQuery>;

	/// What statements of closed epochs earned.
	// Sequential keys. An entry goes when the last of its statements is credited.
	#[pallet::storage]
	pub(crate) type CollectorEpochs<T> = StorageMap<_, Twox64Concat, EpochIndex, CollectorEpoch>;

	/// What collectors are owed.
	// Accounts are chosen by users. An entry takes a valid statement, and goes when it is paid.
	#[pallet::storage]
	pub(crate) type Collectors<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, CollectorLedger, ValueQuery>;

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
		},
		/// No block had a timestamp in these epochs.
		#[codec(index = 1)]
		SilencePassed {
			/// The first of them.
			from: EpochIndex,
			/// The epoch after the last of them.
			until: EpochIndex,
			/// What the schedule emitted in them, in plancks: nobody's.
			unminted: Balance,
		},
		/// A network's coverage in an epoch was settled.
		#[codec(index = 2)]
		CoverageSettled {
			/// The network.
			network: NetworkId,
			/// The epoch.
			epoch: EpochIndex,
			/// All units of all devices.
			units: Units,
			/// The network's pool in plancks.
			pool: Balance,
			/// What one unit earned in plancks.
			per_unit: Balance,
			/// The most plancks that a device earns.
			device_cap: Balance,
		},
		/// The statements of an epoch were settled.
		#[codec(index = 3)]
		StatementsSettled {
			/// The epoch.
			epoch: EpochIndex,
			/// How many were valid.
			statements: u32,
			/// What each earned its collector, in plancks.
			per_statement: Balance,
		},
		/// A payee was paid for a device.
		#[codec(index = 4)]
		Paid {
			/// The device.
			device: DeviceId,
			/// Who earned it.
			payee: T::AccountId,
			/// How many plancks, to the payee or by its split.
			amount: Balance,
		},
		/// A collector was paid.
		#[codec(index = 5)]
		CollectorPaid {
			/// Who.
			collector: T::AccountId,
			/// How many plancks.
			amount: Balance,
		},
		/// A payee decided how it is paid for a device.
		#[codec(index = 6)]
		PayoutSplitSet {
			/// The device.
			device: DeviceId,
			/// The payee.
			payee: T::AccountId,
			/// The shares; none if the payee is paid itself.
			shares: PayoutShares<T::AccountId>,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// Nothing of closed epochs is owed. Work of the present epoch counts when the epoch is over.
		#[codec(index = 0)]
		NothingOwed,
		/// A receiving account does not exist and the amount is below the existential deposit. It stays
		/// owed: claim again when it has grown, or fund the account.
		#[codec(index = 1)]
		PayeeCannotReceive,
		/// The caller neither owns the device nor is owed anything by it.
		#[codec(index = 2)]
		NotPayee,
		/// The shares do not sum to exactly 100 %, one of them is 0, or an account occurs twice.
		#[codec(index = 3)]
		InvalidPayoutSplit,
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

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Pays the payees of a device what closed epochs owe them. Anyone may call it; a payee whose
		/// account cannot take the amount is passed over and stays owed.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::claim(PAYEES_PER_CLAIM))]
		pub fn claim(origin: OriginFor<T>, device: DeviceId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let payees = Self::do_claim(device)?;
			Ok(Some(T::WeightInfo::claim(payees)).into())
		}

		/// Pays one payee of a device: for a device that changed hands more often than one claim serves.
		#[pallet::call_index(1)]
		pub fn claim_payee(
			origin: OriginFor<T>,
			device: DeviceId,
			payee: T::AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_payee(device, &payee)
		}

		/// Sets how the caller is paid for a device, from the next claim on, for all that it is owed. No
		/// shares: to the caller's own account.
		#[pallet::call_index(2)]
		pub fn set_payout_split(
			origin: OriginFor<T>,
			device: DeviceId,
			shares: PayoutShares<T::AccountId>,
		) -> DispatchResult {
			let payee = ensure_signed(origin)?;
			Self::do_set_payout_split(device, payee, shares)
		}

		/// Pays a collector what closed epochs owe it. Anyone may call it.
		#[pallet::call_index(3)]
		pub fn claim_collected(origin: OriginFor<T>, collector: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_collected(&collector)
		}
	}
}
