#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod claims;
mod demand;
mod demand_impl;
mod device_followers_impl;
mod on_epoch_closed_impl;
mod payees;
mod payout;
mod supply;
mod supply_rewards_impl;
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

pub use demand::NetworkDemand;
pub use groma_core::{
	protocol::PAYEES_PER_CLAIM,
	settlement::{Folded, NetworkEpoch, SUPPLY_HALVING_MS},
};
pub use pallet::*;
pub use payees::{Payee, Work};
pub use payout::{PAYOUT_SHARES_MAX, PayoutShare, PayoutShares, PayoutSplit};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use groma_core::{
		DeviceId, EpochIndex, NetworkId,
		money::{Balance, DemandShares},
		units::Units,
	};
	use groma_traits::{CreditAccounts, Devices, Emission, Networks, Prices, SupplyWork, Windows};

	use super::{
		NetworkDemand, NetworkEpoch, PAYEES_PER_CLAIM, Payee, PayoutShares, PayoutSplit,
		WeightInfo, Work, supply::StrandedEpochs,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The clock of epochs and the pot.
		type Emission: Emission<Self::AccountId>;

		/// Which window it is: the present owner of a device is the one as of this window.
		type Windows: Windows;

		/// Who owns a device now and may set a payout split for it. Payouts follow the payee of the
		/// work, not the present owner.
		type Devices: Devices<Self::AccountId>;

		/// The networks and their terms at the moment an epoch is closed. Closing is linear in
		/// their number.
		type Networks: Networks;

		/// Where work of devices lies that was not handed over yet.
		type SupplyWork: SupplyWork;

		/// What GRM is worth. A claim of a service is valued at the mean of the last closed epoch:
		/// out of reach of a spike, as anyone may claim at any moment.
		type Prices: Prices;

		/// The credits that claims of services burn.
		type Credits: CreditAccounts<Self::AccountId>;

		/// What owners of devices, and validators, get of what was burned for a service. A lower
		/// share burns more of it; the sum cannot exceed one. Suggested: 90 % and 5 %.
		type DemandShares: Get<DemandShares>;

		/// What benchmarks need of other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: groma_traits::DevicesBenchmarkHelper<Self::AccountId>
			+ groma_traits::EmissionBenchmarkHelper
			+ groma_traits::SupplyWorkBenchmarkHelper;

		/// What calls cost, and settling an epoch.
		type WeightInfo: WeightInfo;
	}

	/// Units of epochs that are not closed, by epoch and network.
	// Sequential keys that no user chooses. Bounded: closing an epoch takes its entries, except
	// those of [`Stranded`], and at most two epochs are open.
	#[pallet::storage]
	pub(crate) type OpenUnits<T> =
		StorageDoubleMap<_, Twox64Concat, EpochIndex, Twox64Concat, NetworkId, Units>;

	/// Closed epochs in which a network had work.
	// Sequential keys that no user chooses. Kept permanently: one record of 80 bytes per network
	// and epoch, about 48 KiB a year, keys included, for a network at one epoch per day.
	#[pallet::storage]
	pub(crate) type NetworkEpochs<T> =
		StorageDoubleMap<_, Twox64Concat, NetworkId, Twox64Concat, EpochIndex, NetworkEpoch>;

	/// Epochs whose units wait, since these or the terms of their network could not be read when
	/// they were closed. They are settled with the next epoch that closes when both can be read
	/// again.
	// One entry per network, and only as long as its units wait. A network whose terms cannot be
	// read has no new work, and an epoch begins with new units, so that more than one epoch waits
	// only if that happens again and again.
	#[pallet::storage]
	pub(crate) type Stranded<T> = StorageMap<_, Twox64Concat, NetworkId, StrandedEpochs>;

	/// The last closed epoch in which a network had work.
	// One entry per network.
	#[pallet::storage]
	pub(crate) type LastEpochs<T> = StorageMap<_, Twox64Concat, NetworkId, EpochIndex>;

	/// What customers paid in each epoch for services of a network.
	// Sequential keys that no user chooses. Of networks of governance kept permanently: one record
	// of 96 bytes per network and epoch with claims, next to [`NetworkEpochs`]. Of founded
	// networks, each of which is paid for by a deposit, anyone may remove it after 90 epochs.
	#[pallet::storage]
	pub(crate) type NetworkDemands<T> =
		StorageDoubleMap<_, Twox64Concat, NetworkId, Twox64Concat, EpochIndex, NetworkDemand>;

	/// Who is paid for the open work of each device.
	// Users choose no device ids. One value per device that ever earned.
	#[pallet::storage]
	pub(crate) type Payees<T: Config> = StorageMap<_, Identity, DeviceId, Payee<T::AccountId>>;

	/// Finished work that came here before its epoch was closed.
	// Users choose no device ids. At most one entry per device, removed when the device is next
	// touched.
	#[pallet::storage]
	pub(crate) type Waiting<T: Config> = StorageMap<_, Identity, DeviceId, Work<T::AccountId>>;

	/// Plancks that a device owes to a payee.
	// Users choose accounts but no device ids. One entry per device, and one more for each former
	// owner who was not paid yet.
	#[pallet::storage]
	pub(crate) type Owed<T: Config> =
		StorageDoubleMap<_, Identity, DeviceId, Blake2_128Concat, T::AccountId, Balance>;

	/// How a payee of a device is paid, if not to its own account.
	// As [`Owed`]: only who owns the device or is owed something may set one, and the claim that
	// pays a former owner removes it, as the former owner can.
	#[pallet::storage]
	pub(crate) type Splits<T: Config> = StorageDoubleMap<
		_,
		Identity,
		DeviceId,
		Blake2_128Concat,
		T::AccountId,
		PayoutSplit<T::AccountId>,
	>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A network's work in an epoch was settled.
		#[codec(index = 0)]
		SupplySettled {
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
		/// A payee was paid for a device.
		#[codec(index = 1)]
		Paid {
			/// The device.
			device: DeviceId,
			/// Who earned it.
			payee: T::AccountId,
			/// How many plancks, to the payee or by its split.
			amount: Balance,
		},
		/// A payee decided how it is paid for a device.
		#[codec(index = 2)]
		PayoutSplitSet {
			/// The device.
			device: DeviceId,
			/// The payee.
			payee: T::AccountId,
			/// The shares; none if the payee is paid itself.
			shares: PayoutShares<T::AccountId>,
		},
		/// What customers paid in an epoch for services of a founded network was removed.
		#[codec(index = 3)]
		DemandRemoved {
			/// The network.
			network: NetworkId,
			/// The epoch.
			epoch: EpochIndex,
		},
		/// The units of a network in an epoch that closes, or waited, do not decode. They stay, and
		/// wait for the upgrade that mends them. It has to count those that were earned meanwhile.
		#[codec(index = 4)]
		UnitsUnreadable {
			/// The network.
			network: NetworkId,
			/// The epoch.
			epoch: EpochIndex,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// Nothing of closed epochs is owed. Work of the present epoch counts when the epoch is
		/// over.
		#[codec(index = 0)]
		NothingOwed,
		/// A receiving account does not exist and the amount is below the existential deposit. It
		/// stays owed: claim again when it has grown, or fund the account.
		#[codec(index = 1)]
		PayeeCannotReceive,
		/// The caller neither owns the device nor is owed anything by it.
		#[codec(index = 2)]
		NotPayee,
		/// The shares do not sum to exactly 100 %, one of them is 0, or an account occurs twice.
		#[codec(index = 3)]
		InvalidPayoutSplit,
		/// What the device owes cannot be read, which only a runtime upgrade can mend, or the split
		/// by which it is paid: the payee can set another one.
		#[codec(index = 4)]
		Unreadable,
		/// What customers paid for services of a network of governance is kept permanently.
		#[codec(index = 5)]
		DemandIsKept,
		/// The epoch is not 90 epochs ago.
		#[codec(index = 6)]
		DemandIsRecent,
		/// Nothing is known of what customers paid in this epoch for services of the network.
		#[codec(index = 7)]
		UnknownDemand,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let claim = T::WeightInfo::claim(PAYEES_PER_CLAIM);
			let block = T::BlockWeights::get().max_block;
			assert!(
				claim.all_lte(block),
				"a claim for {PAYEES_PER_CLAIM} payees weighs {claim}, a block takes {block}"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Pays the payees of a device what closed epochs owe them. Anyone may call it; a payee
		/// whose account cannot take the amount is passed over and stays owed.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::claim(PAYEES_PER_CLAIM))]
		pub fn claim(origin: OriginFor<T>, device: DeviceId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let payees = Self::do_claim(device)?;
			Ok(Some(T::WeightInfo::claim(payees)).into())
		}

		/// Pays one payee of a device: for a device that changed hands more often than one claim
		/// serves.
		#[pallet::call_index(1)]
		pub fn claim_payee(
			origin: OriginFor<T>,
			device: DeviceId,
			payee: T::AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_payee(device, &payee)
		}

		/// Sets how the caller is paid for a device, from the next claim on, for all that it is
		/// owed. No shares: to the caller's own account.
		#[pallet::call_index(2)]
		pub fn set_payout_split(
			origin: OriginFor<T>,
			device: DeviceId,
			shares: PayoutShares<T::AccountId>,
		) -> DispatchResult {
			let payee = ensure_signed(origin)?;
			Self::do_set_payout_split(device, payee, shares)
		}

		/// Removes what is kept of what customers paid in an epoch for services of a founded
		/// network, 90 epochs later. Anyone may call it, and it is free of charge if there was
		/// something to remove.
		#[pallet::call_index(3)]
		pub fn remove_demand(
			origin: OriginFor<T>,
			network: NetworkId,
			epoch: EpochIndex,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_remove_demand(network, epoch)?;
			Ok(Pays::No.into())
		}
	}
}
