#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod device_offences_impl;
mod dispatch;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
#[cfg(test)]
mod mock;
mod provision;
mod provisions_impl;
#[cfg(test)]
mod tests;
pub mod weights;

pub use pallet::*;
pub use provision::{Provision, Purpose, Thawing};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;

	use frame_support::{
		pallet_prelude::*,
		traits::{OnUnbalanced, fungible},
	};
	use frame_system::pallet_prelude::*;
	use groma_core::{
		NetworkId, WindowIndex,
		money::Balance,
		protocol::{EFFECT_DELAY_WINDOWS, MEMORY_WINDOWS, WINDOWS_KEPT},
		units::Scale,
	};

	use super::{Provision, Purpose, WeightInfo};

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

		/// GRM, which is on hold in the accounts of its owners.
		type Currency: fungible::MutateHold<
				Self::AccountId,
				Balance = Balance,
				Reason = Self::RuntimeHoldReason,
			> + fungible::BalancedHold<Self::AccountId, Balance = Balance>
			+ fungible::Mutate<Self::AccountId, Balance = Balance>;

		/// What burns stake that was taken, and counts it in the books of what was burned.
		type Burn: OnUnbalanced<fungible::Credit<Self::AccountId, Self::Currency>>;

		/// The clock by which stake thaws.
		type Windows: groma_traits::Windows;

		/// Which networks there are, and how much stake each asks for behind a device.
		type Networks: groma_traits::Networks;

		/// Windows that stake takes to thaw. Too few, and stake is gone before evidence comes: it
		/// has to exceed the windows in which a device can be proven to have cheated, those until a
		/// change takes effect, and those for which the former state is remembered. Too many, and
		/// no one provisions. Suggested: 2,016 windows.
		type ThawWindows: Get<WindowIndex>;

		/// The least provision, in plancks: pays for some 150 bytes of state. Suggested: 1 GRM, the
		/// least that a network can ask for behind a device.
		type ProvisionMin: Get<Balance>;

		/// The share of the stake that an offence costs which goes to who reported it. Too low, and
		/// no one looks for offences; too high, and an offender who reports itself loses little.
		/// Suggested: 5 %.
		type ReporterShare: Get<Scale>;

		/// What benchmarks need of the clock.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: groma_traits::WindowsBenchmarkHelper;

		/// What calls cost, and an offence.
		type WeightInfo: WeightInfo;
	}

	/// What each owner provisioned for devices of each network.
	// Users choose accounts. Every entry was worth at least the least provision when it was made,
	// and is removed when nothing is left.
	#[pallet::storage]
	pub(crate) type Provisions<T: Config> =
		StorageMap<_, Blake2_128Concat, (T::AccountId, NetworkId), Provision>;

	/// The sum of all active provisions for each network, in plancks.
	// One entry per network at most, removed when nothing is left.
	#[pallet::storage]
	pub(crate) type Totals<T> = StorageMap<_, Twox64Concat, NetworkId, Balance>;

	/// Why plancks of an account are on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// They stand behind devices.
		#[codec(index = 0)]
		Devices,
	}

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An owner set stake aside.
		#[codec(index = 0)]
		Provisioned {
			/// Whose stake it is.
			owner: T::AccountId,
			/// What it stands behind.
			purpose: Purpose,
			/// Plancks that were added.
			amount: Balance,
			/// Plancks that are active now.
			active: Balance,
		},
		/// Stake began to thaw: it covers nothing from now on.
		#[codec(index = 1)]
		ThawBegun {
			/// Whose stake it is.
			owner: T::AccountId,
			/// What it stood behind.
			purpose: Purpose,
			/// Plancks that thaw.
			amount: Balance,
			/// The window from which on they can be withdrawn.
			due: WindowIndex,
		},
		/// Stake that had thawed was released.
		#[codec(index = 2)]
		Withdrawn {
			/// Whose stake it was.
			owner: T::AccountId,
			/// What it stood behind.
			purpose: Purpose,
			/// Plancks that are no longer on hold.
			amount: Balance,
		},
		/// Stake was taken for a proven offence.
		#[codec(index = 3)]
		Slashed {
			/// Whose stake it was.
			owner: T::AccountId,
			/// What it stood behind.
			purpose: Purpose,
			/// Plancks that were burned.
			burned: Balance,
			/// Plancks that went to the reporter.
			rewarded: Balance,
			/// Who proved the offence.
			reporter: T::AccountId,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// Less than 1 GRM would stand, or thaw. Provision more, or thaw all that is active.
		#[codec(index = 0)]
		BelowMinimum,
		/// Less than that is active. Thaw at most what is.
		#[codec(index = 1)]
		NotEnoughActive,
		/// Nothing has thawed. Withdraw from the window on that `ThawBegun` named.
		#[codec(index = 2)]
		NothingDue,
		/// There is no such network, or none whose record can be read. Name another one.
		#[codec(index = 3)]
		NetworkUnknown,
		/// What is stored of the provision, or of the network's sum, does not decode. Nothing of it
		/// is lost: an upgrade has to mend it.
		#[codec(index = 4)]
		Unreadable,
	}

	/// Provisions that exist from the first block on.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Owners, networks, and plancks that stand behind the devices of each. What is on hold is
		/// part of what the balances of the genesis give the owner.
		pub provisions: Vec<(T::AccountId, NetworkId, Balance)>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Ends a genesis that cannot be. It does not ask for the networks, which come later.
		fn build(&self) {
			for (owner, network, amount) in &self.provisions {
				if let Err(error) = Pallet::<T>::add_active(owner, *network, *amount) {
					panic!("{owner:?} cannot provision {amount} for network {network}: {error:?}");
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let (thaw, evidence) = (T::ThawWindows::get(), WINDOWS_KEPT);
			assert!(
				thaw > evidence.saturating_add(EFFECT_DELAY_WINDOWS).saturating_add(MEMORY_WINDOWS),
				"stake thaws in {thaw} windows, but evidence comes in {evidence}, of what changed \
				 {EFFECT_DELAY_WINDOWS} windows later and is remembered for {MEMORY_WINDOWS}"
			);
			let deposit = <T::Currency as fungible::Inspect<T::AccountId>>::minimum_balance();
			let least = T::ProvisionMin::get();
			assert!(
				least >= deposit,
				"a provision of {least} is less than an account of {deposit}"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Sets `amount` plancks of the caller aside for a purpose, on hold in its account. At
		/// least 1 GRM stands afterwards.
		#[pallet::call_index(0)]
		pub fn provision(
			origin: OriginFor<T>,
			purpose: Purpose,
			amount: Balance,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_provision(owner, purpose, amount)
		}

		/// Begins to let `amount` plancks go: they stand behind nothing from now on, can be slashed
		/// until they have thawed, and be withdrawn then. All that is active, or at least 1 GRM, of
		/// which nothing or at least 1 GRM is left.
		#[pallet::call_index(1)]
		pub fn thaw(origin: OriginFor<T>, purpose: Purpose, amount: Balance) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_thaw(owner, purpose, amount)
		}

		/// Releases all that has thawed.
		#[pallet::call_index(2)]
		pub fn withdraw(origin: OriginFor<T>, purpose: Purpose) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_withdraw(owner, purpose)
		}
	}
}
