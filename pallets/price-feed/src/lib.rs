#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod crypto;
mod decimal;
mod fee_price;
mod feeds;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod json;
#[cfg(test)]
mod mock;
mod prices_impl;
mod sources;
#[cfg(test)]
mod tests;
mod types;
mod weights;
mod worker;

pub use crypto::{FEEDER_KEY_TYPE, FeederCrypto, FeederId};
pub use feeds::FeedRefusal;
pub use pallet::*;
pub use sources::read_price;
pub use types::{Feed, Market, PriceState};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;

	use frame_support::{pallet_prelude::*, traits::Time};
	use frame_system::{
		offchain::{AppCrypto, CreateSignedTransaction},
		pallet_prelude::*,
	};
	use groma_core::{EpochIndex, WindowIndex, price::Price};
	use groma_traits::{FeedWork, Standstill, Validators, Windows};
	use sp_runtime::Perbill;

	use crate::{
		types::{Feed, PriceState},
		weights::WeightInfo,
	};

	/// The storage version of the code.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config + CreateSignedTransaction<Call<Self>> {
		/// How the worker signs its feeds: [`crate::FeederCrypto`].
		type FeederCrypto: AppCrypto<Self::Public, Self::Signature>;

		/// Who validates. Each may name a feeder.
		type Validators: Validators<Self::AccountId>;

		/// Who counts the time for which validators feed.
		type FeedWork: FeedWork<Self::AccountId>;

		/// The most validators whose feeds are kept: at least as many as a set can have, or some
		/// cannot feed. Suggested: what the session admits.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// The timestamp in ms since the Unix epoch. In hooks it is the parent's.
		type Time: Time<Moment = u64>;

		/// The clock of windows, by which the bootstrap price ends.
		type Windows: Windows;

		/// Whether the chain stands still: then no hook works anything out, and no worker feeds.
		type Standstill: Standstill;

		/// The share of the set whose feeds have to be fresh for a price. Lower, and fewer than a
		/// sixth of the set can be the median; higher, and fewer silent ones stop minting. From a
		/// third to two thirds. Suggested: half.
		type Quorum: Get<Perbill>;

		/// The price before the first quorum. Too high, and credits cost less GRM than they should;
		/// too low, and more. Suggested: $0.01.
		type BootstrapPrice: Get<Price>;

		/// The window in which the bootstrap price ends, if no quorum ended it before. From then on
		/// nothing is minted until there is one. Too high, and credits are minted for long at a
		/// price that no market made; too low, and none are while feeders are set up. Suggested:
		/// 8,640, thirty days of windows of 5 minutes.
		type BootstrapWindows: Get<WindowIndex>;

		/// What benchmarks need of others.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: groma_traits::ValidatorsBenchmarkHelper<Self::AccountId>;

		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	/// Whose feeder an account is.
	// Accounts are chosen by users. One entry per validator that named a feeder.
	#[pallet::storage]
	pub(crate) type Feeders<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, T::AccountId>;

	/// The feeder of a validator.
	// As above.
	#[pallet::storage]
	pub(crate) type FeederOf<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, T::AccountId>;

	/// The latest feed of each validator of the present set.
	// One value, since every feed needs all of them: 48 bytes per validator, read and written once
	// per block in effect. Where they cannot be read, none is taken.
	#[pallet::storage]
	pub(crate) type Feeds<T: Config> =
		StorageValue<_, BoundedVec<Feed<T::AccountId>, T::MaxValidators>>;

	/// What is known of the price. It exists from genesis on: where it cannot be read, no price is
	/// taken and none is given.
	#[pallet::storage]
	pub(crate) type State<T> = StorageValue<_, PriceState>;

	/// The price that fees of the running block go by. It is absent between blocks, so that it
	/// never reaches the state.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub(crate) type FeePrice<T> = StorageValue<_, Price>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A validator named its feeder.
		#[codec(index = 0)]
		FeederSet {
			/// The validator.
			validator: T::AccountId,
			/// Its feeder; `None` if it has none any more.
			feeder: Option<T::AccountId>,
		},
		/// A feed was taken.
		#[codec(index = 1)]
		PriceFed {
			/// Whose feeder sent it.
			validator: T::AccountId,
			/// The price in nano-USD per GRM.
			price: Price,
		},
		/// The bootstrap price ended permanently.
		#[codec(index = 2)]
		BootstrapEnded {
			/// What it was, in nano-USD per GRM.
			price: Price,
		},
		/// An epoch was closed.
		#[codec(index = 3)]
		EpochPriced {
			/// Which.
			epoch: EpochIndex,
			/// Its mean in nano-USD per GRM; without a price in it, that of the one before.
			mean: Price,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The account is no validator of the present set. Wait for the session in which it is.
		#[codec(index = 0)]
		NotValidator,
		/// The account feeds for another validator. Name one that feeds for no one.
		#[codec(index = 1)]
		FeederOfAnother,
		/// No validator named the account as its feeder. Call `set_feeder` as the validator first.
		#[codec(index = 2)]
		NotFeeder,
		/// The last feed of this validator is younger than four minutes, and the price moved by
		/// less than a percent since. Wait.
		#[codec(index = 3)]
		TooSoon,
		/// There are more validators than feeds can be kept of.
		#[codec(index = 4)]
		TooManyFeeds,
		/// What is known of the price, or who feeds for whom, cannot be read. Only a runtime
		/// upgrade can mend it.
		#[codec(index = 5)]
		Unreadable,
	}

	/// What a chain begins with.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Validators and their feeders.
		pub feeders: Vec<(T::AccountId, T::AccountId)>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Genesis is built once, by those who found a chain: what cannot be ends it.
		fn build(&self) {
			State::<T>::put(PriceState::first());
			for (validator, feeder) in &self.feeders {
				assert!(
					!Feeders::<T>::contains_key(feeder) && !FeederOf::<T>::contains_key(validator),
					"{feeder:?} of {validator:?} is named twice in the genesis"
				);
				Feeders::<T>::insert(feeder, validator);
				FeederOf::<T>::insert(validator, feeder);
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::fix_fee_price();
			Self::tick()
		}

		fn on_finalize(_: BlockNumberFor<T>) {
			Self::release_fee_price();
		}

		fn offchain_worker(now: BlockNumberFor<T>) {
			crate::worker::run::<T>(now);
		}

		fn integrity_test() {
			let quorum = T::Quorum::get();
			let (third, two_thirds) =
				(Perbill::from_rational(1u32, 3), Perbill::from_rational(2u32, 3));
			assert!(
				quorum >= third && quorum <= two_thirds,
				"Quorum is {quorum:?}: below a third few can be the price, above two thirds few \
				 can stop it"
			);
			assert!(T::MaxValidators::get() > 0, "MaxValidators is 0, so that no one can feed");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Names the account that feeds the price for the signer, a validator of the present set,
		/// or takes the name back with `None`, at any time. The account needs some GRM: it advances
		/// the fees of its feeds.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_feeder(T::MaxValidators::get()))]
		pub fn set_feeder(origin: OriginFor<T>, feeder: Option<T::AccountId>) -> DispatchResult {
			let validator = ensure_signed(origin)?;
			Self::do_set_feeder(validator, feeder)
		}

		/// Says what GRM is worth, in nano-USD per GRM. For feeders. Free of charge if it is taken:
		/// at most once in four minutes, or when the price moved by a percent, and once per block.
		/// The runtime lets no transaction into a block that would be refused.
		#[pallet::call_index(1)]
		#[pallet::weight((
			T::WeightInfo::feed(T::MaxValidators::get())
				.saturating_add(T::FeedWork::note_fed_weight()),
			DispatchClass::Operational,
		))]
		pub fn feed(origin: OriginFor<T>, price: Price) -> DispatchResultWithPostInfo {
			let feeder = ensure_signed(origin)?;
			let size = Self::do_feed(&feeder, price)?;
			let weight = T::WeightInfo::feed(size).saturating_add(T::FeedWork::note_fed_weight());
			Ok((Some(weight), Pays::No).into())
		}
	}
}
