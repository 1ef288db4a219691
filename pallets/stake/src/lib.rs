#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod backing_impl;
#[cfg(any(feature = "try-runtime", test))]
mod backing_invariants;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod delegating;
mod delegation;
mod device_offences_impl;
mod dispatch;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
#[cfg(test)]
mod mock;
mod operator;
mod own;
mod pool;
mod provision;
mod provisions_impl;
mod records;
mod shares;
mod taking;
#[cfg(test)]
mod tests;
mod unreadable;
mod views;
pub mod weights;
mod yields;

pub use delegation::{Delegation, Sums, ThawingPart, Tranche};
pub use operator::{Commission, Operator};
pub use pallet::*;
pub use pool::{Ended, Pool};
pub use provision::{Provision, Purpose, Thawing};
pub use shares::{Part, Shares};
pub use views::PoolTerms;
pub use weights::WeightInfo;
pub use yields::{EpochYield, Yields};

#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;

	use frame_support::{
		pallet_prelude::*,
		traits::{OnUnbalanced, fungible},
	};
	use frame_system::pallet_prelude::*;
	use groma_core::{
		EraIndex, NetworkId, WindowIndex,
		money::Balance,
		protocol::{
			EFFECT_DELAY_WINDOWS, MEMORY_WINDOWS, SETTLED_MAX, THAW_ERAS_MAX, WINDOWS_KEPT,
		},
		units::Scale,
	};
	use groma_traits::EraSpans;

	use super::{
		Delegation, Ended, Operator, Provision, Purpose, Sums, Tranche, WeightInfo,
		shares::SHARES_PER_PLANCK_MAX,
	};

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

		/// The share of the own stake that an offence costs which goes to who reported it. Too low,
		/// and no one looks for offences; too high, and an offender who reports itself loses
		/// little. Suggested: 5 %.
		type ReporterShare: Get<Scale>;

		/// The clock by which stake behind validators thaws.
		type Eras: groma_traits::Eras;

		/// Eras for which stake behind validators answers. It thaws for more than those in which an
		/// offence can be proven and those for which its slash waits take together: less, and stake
		/// is gone before its slash; many more, and no one delegates. Suggested: 21, 14 and 6 eras.
		type Spans: Get<EraSpans>;

		/// Who has keys to validate with: to others no one delegates.
		type Keys: groma_traits::HasKeys<Self::AccountId>;

		/// The pot from which rewards are paid.
		type Emission: groma_traits::Emission<Self::AccountId>;

		/// The least that an account delegates to an operator, in plancks: pays for some 400 bytes
		/// of state. Far less, and rounding counts. Suggested: 10 GRM.
		type DelegationMin: Get<Balance>;

		/// The most that an operator takes of a reward before it is divided. Too low, and no one
		/// works for others; too high, and those who delegate get nothing. Suggested: 50 %.
		type CommissionMax: Get<Scale>;

		/// What benchmarks need of the clocks, of keys and of the pot.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: groma_traits::WindowsBenchmarkHelper
			+ groma_traits::ErasBenchmarkHelper<Self::AccountId>
			+ groma_traits::EmissionBenchmarkHelper;

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

	/// What stands behind each operator.
	// Users choose accounts. Every entry was worth at least the least provision when it was made,
	// and is removed when no stake, reward, delegation and waiting slash is left.
	#[pallet::storage]
	pub(crate) type Operators<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Operator>;

	/// What each account delegated to each operator: the account first.
	// Users choose both. Every entry was worth at least the least delegation when it was made, and
	// is removed when neither stake nor a reward is left.
	#[pallet::storage]
	pub(crate) type Delegations<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Blake2_128Concat,
		T::AccountId,
		Delegation,
	>;

	/// What thaws of the stake that was delegated to each operator, by the last era that it backed.
	// Users choose accounts, the clock chooses eras. Every entry has at least one of a delegation,
	// and is removed with the last.
	#[pallet::storage]
	pub(crate) type Tranches<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, EraIndex, Tranche>;

	/// Generations of pools that lost all, by operator and number.
	// Users choose accounts, numbers are counted. Every entry has shares of at least one
	// delegation that is not settled, and is removed with the last.
	#[pallet::storage]
	pub(crate) type Generations<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, u32, Ended>;

	/// Sums over all that is delegated. What is on hold and not live waits to be burned.
	#[pallet::storage]
	pub(crate) type DelegatedSums<T> = StorageValue<_, Sums>;

	/// Why plancks of an account are on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// They stand behind devices.
		#[codec(index = 0)]
		Devices,
		/// They stand behind the account as a validator.
		#[codec(index = 1)]
		Validating,
		/// They were delegated to operators.
		#[codec(index = 2)]
		Delegated,
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
			/// The window from which on they can be withdrawn; of stake for validating, the
			/// era.
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
		/// Stake was taken for a proven offence of a device.
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
		/// An account delegated stake to an operator.
		#[codec(index = 4)]
		Delegated {
			/// Whose stake it is.
			delegator: T::AccountId,
			/// Whom it backs.
			operator: T::AccountId,
			/// Plancks that were added.
			amount: Balance,
			/// Shares of the pool that they bought.
			shares: u128,
		},
		/// Delegated stake began to thaw: it backs no one from now on.
		#[codec(index = 5)]
		Undelegated {
			/// Whose stake it is.
			delegator: T::AccountId,
			/// Whom it backed.
			operator: T::AccountId,
			/// Plancks that thaw.
			amount: Balance,
			/// The last era that they count as having backed.
			era: EraIndex,
			/// The era from which on they can be withdrawn.
			due: EraIndex,
		},
		/// Delegated stake that had thawed was released.
		#[codec(index = 6)]
		DelegationWithdrawn {
			/// Whose stake it was.
			delegator: T::AccountId,
			/// Whom it had backed.
			operator: T::AccountId,
			/// Plancks that are no longer on hold.
			amount: Balance,
		},
		/// What slashes had taken of a delegation was burned.
		#[codec(index = 7)]
		Settled {
			/// Whose stake it was.
			delegator: T::AccountId,
			/// Whom it backs or backed.
			operator: T::AccountId,
			/// Plancks that were burned.
			burned: Balance,
		},
		/// Rewards were paid.
		#[codec(index = 8)]
		RewardClaimed {
			/// The operator who earned them.
			operator: T::AccountId,
			/// Who was paid: who delegates to it, or the operator.
			account: T::AccountId,
			/// Plancks.
			amount: Balance,
		},
		/// Stake behind an operator was taken for its offence.
		#[codec(index = 9)]
		OperatorSlashed {
			/// The operator.
			operator: T::AccountId,
			/// The era of the offence.
			era: EraIndex,
			/// Plancks of own stake.
			own: Balance,
			/// Plancks of what is delegated to it. They are burned when delegations are settled.
			delegated: Balance,
			/// Plancks of own stake that were burned.
			burned: Balance,
			/// Plancks of own stake that went to the reporter.
			rewarded: Balance,
			/// Who reported the offence.
			reporter: Option<T::AccountId>,
		},
		/// A slash left nothing of a pool, or less than a millionth of a planck per share. What is
		/// delegated from now on has no part in it.
		#[codec(index = 10)]
		GenerationEnded {
			/// The operator.
			operator: T::AccountId,
			/// The number of the generation that lost all.
			generation: u32,
		},
		/// An operator announced its commission.
		#[codec(index = 11)]
		CommissionAnnounced {
			/// The operator.
			operator: T::AccountId,
			/// The share of a reward that it takes first.
			share: Scale,
			/// The era from which on it holds.
			era: EraIndex,
		},
		/// An operator opened its pool to delegations, or closed it.
		#[codec(index = 12)]
		PoolOpened {
			/// The operator.
			operator: T::AccountId,
			/// Whether it is open.
			is_open: bool,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// Less than 1 GRM would stand, or thaw; of what is delegated, less than the governed
		/// minimum would stand. Set more aside, or let all go that is active.
		#[codec(index = 0)]
		BelowMinimum,
		/// Less than that is active. Thaw at most what is.
		#[codec(index = 1)]
		NotEnoughActive,
		/// Nothing has thawed. Withdraw from the window or era on that `ThawBegun` or `Undelegated`
		/// named.
		#[codec(index = 2)]
		NothingDue,
		/// There is no such network, or none whose record can be read. Name another one.
		#[codec(index = 3)]
		NetworkUnknown,
		/// What is stored of the provision or delegation, of what it is part of, or the clock of
		/// eras does not decode. Nothing of it is lost: an upgrade has to mend it.
		#[codec(index = 4)]
		Unreadable,
		/// A slash of the operator waits. Delegate, or withdraw what backed the era of the offence,
		/// when it was applied or cancelled.
		#[codec(index = 5)]
		SlashPending,
		/// The operator takes no delegations. Choose another one, or ask it to open its pool.
		#[codec(index = 6)]
		PoolClosed,
		/// There is no stake of such an operator, or it has no session keys. Choose another one; an
		/// operator provisions for validating and sets its keys.
		#[codec(index = 7)]
		UnknownOperator,
		/// The account has delegated nothing to the operator, or nothing of it is left. Name the
		/// operator that `Delegated` named.
		#[codec(index = 8)]
		NoDelegation,
		/// The commission would be more than 5 points above the present one, or above what is
		/// allowed. Announce a lower one, and the next when it holds.
		#[codec(index = 9)]
		CommissionRise,
		/// Nothing is owed. Claim when the operator has earned something.
		#[codec(index = 10)]
		NothingOwed,
		/// An operator does not delegate to itself. Provision for validating instead.
		#[codec(index = 11)]
		OwnOperator,
		/// The account is gone, and what it is owed is less than an account holds at least. Send it
		/// something first.
		#[codec(index = 12)]
		CannotReceive,
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
			let EraSpans { evidence, deferral, thaw } = T::Spans::get();
			assert!(
				thaw >= evidence.saturating_add(deferral).saturating_add(1),
				"stake thaws in {thaw} eras, but evidence comes in {evidence} and waits {deferral}"
			);
			assert!(thaw <= THAW_ERAS_MAX, "a slash would look at {thaw} eras");
			let delegation = T::DelegationMin::get();
			assert!(
				delegation >= least && delegation >= SHARES_PER_PLANCK_MAX,
				"a delegation of {delegation} is less than a provision of {least}"
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

		/// Sets `amount` plancks of the caller aside behind an operator, on hold in its account. At
		/// least the governed minimum, by default 10 GRM, stands behind it afterwards. The operator
		/// has session keys, its pool is open, and no slash of it waits.
		#[pallet::call_index(3)]
		pub fn delegate(
			origin: OriginFor<T>,
			operator: T::AccountId,
			amount: Balance,
		) -> DispatchResult {
			let delegator = ensure_signed(origin)?;
			Self::do_delegate(delegator, operator, amount)
		}

		/// Begins to let `amount` plancks go that the caller delegated, or all: they back no one
		/// from now on, can be slashed for offences of eras that they backed until they have
		/// thawed, and be withdrawn then. At least 1 GRM, or all; nothing or at least 10 GRM are
		/// left.
		#[pallet::call_index(4)]
		pub fn undelegate(
			origin: OriginFor<T>,
			operator: T::AccountId,
			amount: Option<Balance>,
		) -> DispatchResult {
			let delegator = ensure_signed(origin)?;
			Self::do_undelegate(delegator, operator, amount)
		}

		/// Releases all that has thawed of what the caller delegated to an operator and that no
		/// slash concerns that waits.
		#[pallet::call_index(5)]
		pub fn withdraw_delegated(origin: OriginFor<T>, operator: T::AccountId) -> DispatchResult {
			let delegator = ensure_signed(origin)?;
			Self::do_withdraw_delegated(delegator, operator)
		}

		/// Pays an account what it is owed for what it delegated to an operator; the operator
		/// itself, its commission and what its own stake earned. Anyone may call it.
		#[pallet::call_index(6)]
		pub fn claim(
			origin: OriginFor<T>,
			operator: T::AccountId,
			account: T::AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(operator, account)
		}

		/// Brings delegations to an operator up to date: what slashes took of them is burned.
		/// Nothing depends on it, and anyone may call it.
		#[pallet::call_index(7)]
		#[pallet::weight(<T as Config>::WeightInfo::settle(accounts.len() as u32))]
		pub fn settle(
			origin: OriginFor<T>,
			operator: T::AccountId,
			accounts: BoundedVec<T::AccountId, ConstU32<SETTLED_MAX>>,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_settle(&operator, &accounts);
			Ok(())
		}

		/// Announces the share of rewards that the caller takes as an operator: at most 5 points
		/// more than now, 7 eras later; less at once. What was announced before and does not hold
		/// yet is dropped.
		#[pallet::call_index(8)]
		pub fn announce_commission(origin: OriginFor<T>, share: Scale) -> DispatchResult {
			let operator = ensure_signed(origin)?;
			Self::do_announce_commission(operator, share)
		}

		/// Says whether the caller takes delegations as an operator.
		#[pallet::call_index(9)]
		pub fn set_open(origin: OriginFor<T>, is_open: bool) -> DispatchResult {
			let operator = ensure_signed(origin)?;
			Self::do_set_open(operator, is_open)
		}
	}
}
