#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod api;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod fees;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod lane;
#[cfg(test)]
mod mock;
mod nonce;
#[cfg(test)]
mod tests;
mod types;
mod weights;
mod windows;

pub use fees::FeeAdjustment;
pub use lane::{BUNDLE_PRIORITY, Booking, EvidenceLane, OWN_CALL_PRIORITY, Track};
pub use nonce::CheckNonce;
pub use pallet::*;
pub use types::{BlockShares, WindowClock};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::{pallet_prelude::*, traits::Time};
	use frame_system::pallet_prelude::*;
	use groma_core::words::Hash;
	use groma_traits::{
		ActiveDevices, ChallengeCost, EvidenceCalls, Load, Networks, Provisions, Standstill, Window,
	};
	use sp_runtime::{FixedU128, Perbill, traits::Zero};

	use crate::{
		fees::FeeAdjustment,
		lane::{EvidenceLane, Track},
		types::*,
		weights::WeightInfo,
	};

	/// The storage version of the code.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Length of a window in blocks, at least 1; a change applies from the next window. Shorter
		/// windows leave reports less time to arrive, longer ones delay rewards. Suggested: 50
		/// blocks.
		type WindowBlocks: Get<u32>;

		/// The share of the lane that challenges are meant to fill. The higher, the more challenges
		/// per window; too high and reports that are brought twice, or by chance more challenges
		/// than expected, make others come too late. Suggested: 60 %.
		type LaneFill: Get<Perbill>;

		/// The share of the normal class of a block, in weight and in length, that is kept for
		/// evidence and bounds it. Too low and challenges expire unsettled, too high and nothing
		/// else is left. Neither 0 nor 100 %. Suggested: 50 %.
		type LaneShare: Get<Perbill>;

		/// The largest transaction outside of the lane that has to fit a block under the parameters
		/// with which a chain begins. A higher [`Config::LaneShare`] may leave too little for it.
		type LargestOther: Get<Load>;

		/// Time between two blocks in ms: with [`Config::WindowBlocks`] the expected length of a
		/// window, by which devices time their work. Suggested: 6,000 ms.
		type SlotDuration: Get<u64>;

		/// The VRF output of the parent block; `None` where there is none, as at block 1.
		type Randomness: Get<Option<Hash>>;

		/// The clock of the chain, in ms since the Unix epoch.
		type Time: Time<Moment = u64>;

		/// Whether the chain stands still: then the window goes on, and is longer by these blocks.
		type Standstill: Standstill;

		/// Which networks exist, and on which terms. Opening a window is linear in their number.
		type Networks: Networks;

		/// How many devices each network has.
		type Devices: ActiveDevices;

		/// How many devices stake stands behind: no more of them share what a network may
		/// challenge, however many are registered.
		type Provisions: Provisions<Self::AccountId>;

		/// What one challenge of a network costs the chain.
		type ChallengeCost: ChallengeCost;

		/// The kinds of proof, by the calls that carry their evidence.
		type Evidence: EvidenceCalls<<Self as frame_system::Config>::RuntimeCall>;

		/// How the fees of evidence that pays follow the load of the lane. Its target is above
		/// [`Config::LaneFill`], so that honest evidence does not raise them. The higher its
		/// maximum, the more a flood costs in the end, and the more collectors have to advance
		/// meanwhile. Suggested: 1 % per full block, at most tenfold.
		type FeeAdjustment: Get<FeeAdjustment>;

		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	/// The running window and the seed in the making: one value, since every block changes it. One
	/// that does not decode stands still.
	#[pallet::storage]
	pub(crate) type CurrentWindow<T> = StorageValue<_, WindowClock>;

	// The key is the index modulo WINDOWS_KEPT, chosen by no one; so there are as many values at
	// most.
	/// The last windows, as many as are remembered.
	#[pallet::storage]
	pub(crate) type WindowRecords<T> = StorageMap<_, Identity, u32, Window>;

	/// What evidence and all other transactions took of the present block. Empty between blocks.
	#[pallet::storage]
	pub(crate) type LaneUse<T> = StorageValue<_, BlockShares, ValueQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// The clock of windows is missing or does not decode, so that the window goes on without
		/// end. It is said in every block.
		#[codec(index = 0)]
		WindowClockUnreadable,
	}

	/// By what the fees of evidence are multiplied; absent until they rise for the first time.
	#[pallet::storage]
	pub(crate) type FeeMultiplier<T> = StorageValue<_, FixedU128, OptionQuery>;

	/// Opens window 0.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		#[serde(skip)]
		#[doc(hidden)]
		pub phantom: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::open_first_window();
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::tick(now).saturating_add(T::WeightInfo::adjust_fees())
		}

		fn on_finalize(_now: BlockNumberFor<T>) {
			Self::adjust_fees();
			LaneUse::<T>::kill();
		}

		fn integrity_test() {
			let blocks = T::WindowBlocks::get();
			assert!(blocks > 0, "WindowBlocks is {blocks}, so no window would ever end");
			let share = T::LaneShare::get();
			assert!(
				!share.is_zero() && !share.is_one(),
				"LaneShare is {share:?}, so evidence or everything else would be shut out",
			);
			let (largest, room) = (T::LargestOther::get(), EvidenceLane::<T>::limit(Track::Other));
			assert!(
				largest.fits(room),
				"LargestOther is {largest:?}, and no block takes more than {room:?} outside of the lane"
			);
			assert!(
				!T::LaneFill::get().is_zero(),
				"LaneFill is 0, so no device would be challenged"
			);
			let fees = T::FeeAdjustment::get();
			assert!(
				!fees.minimum.is_zero() && fees.minimum <= fees.maximum,
				"FeeAdjustment is {fees:?}, so evidence would cost nothing",
			);
			assert!(
				!fees.target.is_zero() && !fees.target.is_one(),
				"FeeAdjustment is {fees:?}, so fees would only rise or only fall",
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}
