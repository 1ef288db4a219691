//! The made-up kind of proof: as little as a kind of proof can be, and all that one has to be.
//!
//! A device that is drawn by `seed(w)` guesses a toss: heads or tails, until the end of *w+1*. The
//! toss is the lowest bit of `seed(w+2)`, which no one knows until then. A right guess earns one
//! unit, a wrong one a reason.
//!
//! | file | room that asks for it |
//! |---|---|
//! | [`guess`] | the report pool: the report as it travels |
//! | [`taking`] | the transaction pool and the block: what is taken and what is refused |
//! | [`settling`] | the rewards and the registry: units, and a device that leaves |
//! | [`seams`] | the lane, the collector, the lottery: which calls are evidence, bundles, cost |

mod guess;
mod seams;
mod settling;
mod taking;

pub use guess::{GUESSES, Guess, Reason, Refusal};
pub use pallet::*;
pub use seams::GuessBundler;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use groma_core::{DeviceId, WindowIndex};
	use groma_traits::{
		Collectors, Devices, Networks, OpenWork, Provisions, SupplyRewards, Windows,
	};

	use super::{
		guess::{GUESSES_PER_BUNDLE_MAX, Guess},
		seams,
		settling::Counts,
		taking::Kept,
	};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What every kind of proof needs of the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Which window it is, and who is drawn in it.
		type Windows: Windows;

		/// Which networks exist, and on which terms.
		type Networks: Networks;

		/// The devices.
		type Devices: Devices<Self::AccountId>;

		/// Whether stake stands behind a device.
		type Provisions: Provisions<Self::AccountId>;

		/// What settled work is reported to.
		type Rewards: SupplyRewards<Self::AccountId>;

		/// Who is credited for guesses that were settled.
		type Collectors: Collectors;
	}

	/// Guesses that are not settled yet.
	#[pallet::storage]
	pub(crate) type Guesses<T> =
		StorageDoubleMap<_, Identity, WindowIndex, Identity, DeviceId, Kept>;

	/// Units of devices that were not handed over to the rewards yet.
	#[pallet::storage]
	pub(crate) type Work<T> = StorageMap<_, Identity, DeviceId, OpenWork>;

	/// How often each reason applied to each device.
	#[pallet::storage]
	pub(crate) type Reasons<T> = StorageMap<_, Identity, DeviceId, Counts, ValueQuery>;

	/// The oldest window that may have guesses.
	#[pallet::storage]
	pub(crate) type Cursor<T> = StorageValue<_, WindowIndex, ValueQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Guesses were submitted.
		GuessesSubmitted {
			/// Who brought them; `None` if the device itself did.
			collector: Option<T::AccountId>,
			/// How many were taken.
			taken: u32,
			/// How many were refused.
			refused: u32,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The bundle is empty.
		EmptyBundle,
		/// What was authorized can no longer be taken.
		NotTaken,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_idle(_now: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::settle(remaining)
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Submits guesses that devices gave to a collector. Free of charge if more are taken than
		/// refused.
		#[pallet::call_index(0)]
		#[pallet::weight(seams::taking_weight(guesses.len() as u32))]
		pub fn submit_guesses(
			origin: OriginFor<T>,
			guesses: BoundedVec<Guess, ConstU32<GUESSES_PER_BUNDLE_MAX>>,
		) -> DispatchResultWithPostInfo {
			let collector = ensure_signed(origin)?;
			ensure!(!guesses.is_empty(), Error::<T>::EmptyBundle);
			let (taken, refused) = Self::do_submit_guesses(&guesses);
			let collector = Some(collector);
			Self::deposit_event(Event::GuessesSubmitted { collector, taken, refused });
			let fee = if taken > refused { Pays::No } else { Pays::Yes };
			Ok(fee.into())
		}

		/// Submits a device's own guess. It needs no account: the guess authorizes itself.
		#[pallet::call_index(1)]
		#[pallet::weight(seams::taking_weight(1))]
		#[pallet::authorize(|_source, guess| Self::authorize_own_guess(guess))]
		#[pallet::weight_of_authorize(seams::taking_weight(1))]
		pub fn submit_own_guess(origin: OriginFor<T>, guess: Guess) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_submit_own_guess(&guess).map_err(|_| Error::<T>::NotTaken)?;
			Self::deposit_event(Event::GuessesSubmitted { collector: None, taken: 1, refused: 0 });
			Ok(())
		}
	}
}
