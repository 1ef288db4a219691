#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

mod accounts;
mod credit_accounts_impl;
mod operators;
mod operators_impl;
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

pub use accounts::CreditBooks;
pub use operators::{Operator, OperatorList};
pub use pallet::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::{pallet_prelude::*, traits::fungible};
	use frame_system::pallet_prelude::*;
	use groma_core::{
		lot::HeldLot,
		money::{Balance, CREDITS_MAX, Credits, MINT_CREDITS_MIN, Price},
		protocol::OPERATORS_MAX,
	};
	use groma_traits::{Emission, LotHolders, Prices};

	use super::{CreditBooks, OperatorList, WeightInfo};

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

		/// GRM, which is burned for credits, and of which a deposit is held for each operator.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ fungible::MutateHold<
				Self::AccountId,
				Balance = Balance,
				Reason = Self::RuntimeHoldReason,
			>;

		/// What GRM is worth.
		type Prices: Prices;

		/// The books of what was burned, and the clock of epochs.
		type Emission: Emission<Self::AccountId>;

		/// Pallets that hold lots. Only checks ask them.
		type Holders: LotHolders;

		/// Plancks held from a payer for each operator that it names: pays for some 70 bytes of
		/// state. A changed value applies to operators named from then on. Suggested: 0.17 GRM.
		type OperatorDeposit: Get<Balance>;

		/// What calls cost.
		type WeightInfo: WeightInfo;
	}

	/// The credits of accounts, each with what was burned for them.
	// Users choose accounts. Every entry was paid for by a burn for at least 10,000 credits, and is
	// removed when nothing is left.
	#[pallet::storage]
	pub(crate) type Accounts<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, HeldLot, OptionQuery>;

	/// Credits that were minted and spent, and their bases; nothing before the first mint. Where
	/// they cannot be read, nothing is minted or claimed.
	#[pallet::storage]
	pub(crate) type Books<T> = StorageValue<_, CreditBooks>;

	/// Who acts for each payer.
	// Users choose accounts. Every operator is paid for by a deposit.
	#[pallet::storage]
	pub(crate) type Operators<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, OperatorList<T::AccountId>>;

	/// Why plancks of an account are on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For the state of an operator, until it is removed.
		#[codec(index = 0)]
		Operator,
	}

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account burned GRM for credits.
		#[codec(index = 0)]
		CreditsMinted {
			/// Whose credits they are.
			account: T::AccountId,
			/// How many.
			credits: Credits,
			/// Plancks that were burned for them: their basis.
			burned: Balance,
		},
		/// A payer named an operator, or changed its limit.
		#[codec(index = 1)]
		OperatorSet {
			/// The payer.
			payer: T::AccountId,
			/// The operator.
			operator: T::AccountId,
			/// The most credits that it commits to channels in an epoch.
			credits_per_epoch: Credits,
		},
		/// An operator no longer acts for a payer.
		#[codec(index = 2)]
		OperatorRemoved {
			/// The payer.
			payer: T::AccountId,
			/// The operator.
			operator: T::AccountId,
		},
		/// An account paid a fee that is counted in credits.
		#[codec(index = 3)]
		FeeCharged {
			/// Who paid.
			account: T::AccountId,
			/// The fee in credits.
			credits: Credits,
			/// Plancks that were burned for it; 0 if it was paid in credits.
			burned: Balance,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// Too few validators report a fresh price. Credits that exist can be spent; mint when the
		/// price is fresh again.
		#[codec(index = 0)]
		PriceStale,
		/// The credits cost more than `burn_max`. Read the present price and try again.
		#[codec(index = 1)]
		BurnAboveLimit,
		/// Fewer than 10,000 credits are not minted.
		#[codec(index = 2)]
		TooFewCredits,
		/// The account would have more than 10^17 credits.
		#[codec(index = 3)]
		TooManyCredits,
		/// The account is no operator of the payer.
		#[codec(index = 4)]
		NotOperator,
		/// The operator would commit more credits in this epoch than its payer allows.
		#[codec(index = 5)]
		OperatorLimitReached,
		/// The account has fewer credits than are asked for. Mint some.
		#[codec(index = 6)]
		NotEnoughCredits,
		/// A payer names at most eight operators. Remove one.
		#[codec(index = 7)]
		TooManyOperators,
		/// The books of credits or of the emission, the clock of epochs, the credits of the account
		/// or its operators cannot be read. Only a runtime upgrade can mend it; nothing is lost
		/// until then.
		#[codec(index = 8)]
		Unreadable,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			const {
				assert!(MINT_CREDITS_MIN > 0, "a mint of nothing would be an entry for nothing");
				assert!(MINT_CREDITS_MIN <= CREDITS_MAX, "no account could hold what is minted");
				assert!(OPERATORS_MAX > 0, "no payer could name an operator");
			}
			let least = Price::MAX.burn_for(MINT_CREDITS_MIN);
			assert!(
				least > 0 && least < Price::MIN.burn_for(MINT_CREDITS_MIN),
				"at the highest price {MINT_CREDITS_MIN} credits cost {least} plancks"
			);
			assert!(
				T::OperatorDeposit::get() > 0,
				"OperatorDeposit is 0, so that the state of operators costs nothing"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Burns GRM of the caller for `credits`, at the lower of spot price and mean, if that
		/// costs at most `burn_max` plancks.
		#[pallet::call_index(0)]
		pub fn mint_credits(
			origin: OriginFor<T>,
			credits: Credits,
			burn_max: Balance,
		) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_mint(account, credits, burn_max)
		}

		/// Lets `operator` open and close channels of the caller, with at most so many credits in
		/// each epoch. A further call changes the limit; what was committed in the present epoch
		/// counts.
		#[pallet::call_index(1)]
		pub fn set_operator(
			origin: OriginFor<T>,
			operator: T::AccountId,
			credits_per_epoch: Credits,
		) -> DispatchResult {
			let payer = ensure_signed(origin)?;
			Self::do_set_operator(payer, operator, credits_per_epoch)
		}

		/// Withdraws the right of `operator` to act for the caller. Channels that it opened stay.
		#[pallet::call_index(2)]
		pub fn remove_operator(origin: OriginFor<T>, operator: T::AccountId) -> DispatchResult {
			let payer = ensure_signed(origin)?;
			Self::do_remove_operator(payer, operator)
		}
	}
}
