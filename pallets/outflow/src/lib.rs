#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod meter;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
pub mod weights;

pub use meter::{DAYS, Day, Meter, SHARE_DIVISOR};
pub use pallet::*;
pub use weights::WeightInfo;

use frame_support::{
	ensure,
	traits::{Get, fungible::Inspect},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use groma_stored::Stored;
use sp_runtime::{DispatchError, SaturatedConversion, traits::Zero};

/// An amount of the pot's currency.
type BalanceOf<T> =
	<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;
/// The meter of a runtime.
type MeterOf<T> = Meter<BalanceOf<T>>;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	use super::*;

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// What the pot holds.
		type Currency: Inspect<Self::AccountId>;

		/// The account whose outflow is bounded.
		type Pot: Get<Self::AccountId>;

		/// Blocks of a day. Suggested: those of 24 hours. With fewer the same share may leave in
		/// less time.
		#[pallet::constant]
		type DayBlocks: Get<BlockNumberFor<Self>>;

		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	/// What left the pot in each of the last days, and what it held when each began.
	#[pallet::storage]
	pub(crate) type Days<T: Config> = StorageValue<_, MeterOf<T>, OptionQuery>;

	/// A genesis begins the first day.
	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		#[doc(hidden)]
		#[serde(skip)]
		pub _runtime: core::marker::PhantomData<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self { _runtime: core::marker::PhantomData }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// It comes after the genesis of what the pot holds.
		fn build(&self) {
			Days::<T>::put(Meter::new(Pallet::<T>::held()));
		}
	}

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// The meter cannot be read, so that nothing leaves the pot until its state is mended.
		#[codec(index = 0)]
		MeterUnreadable {
			/// The day that was not counted.
			day: u32,
		},
	}

	/// Why nothing was paid.
	#[pallet::error]
	pub enum Error<T> {
		/// More would leave the pot within 30 days than may. Try again when older payments are out
		/// of that span.
		#[codec(index = 0)]
		OutflowBound,
		/// The meter's state cannot be read. A referendum has to mend it.
		#[codec(index = 1)]
		MeterUnreadable,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::begin_day(now)
		}

		fn integrity_test() {
			assert!(
				T::DayBlocks::get() > BlockNumberFor::<T>::from(0u32),
				"DayBlocks is {:?}: a day has blocks",
				T::DayBlocks::get()
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}

impl<T: Config> Pallet<T> {
	/// What the pot holds now.
	fn held() -> BalanceOf<T> {
		T::Currency::balance(&T::Pot::get())
	}

	/// The meter; before the first day, one that begins with what the pot holds now.
	fn meter() -> Option<MeterOf<T>> {
		groma_stored::value::<Days<T>, MeterOf<T>>().or_absent(Meter::new(Self::held()))
	}

	/// Whether the meter can be read, or never began.
	pub fn has_readable_meter() -> bool {
		Self::meter().is_some()
	}

	/// How much may leave the pot now: nothing if the meter cannot be read.
	pub fn room() -> BalanceOf<T> {
		Self::meter().map(|meter| meter.room(Self::held())).unwrap_or_default()
	}

	/// Counts what is about to leave the pot.
	///
	/// # Errors
	/// If it is more than [`Self::room`]: then nothing is counted.
	pub fn take(amount: BalanceOf<T>) -> Result<(), DispatchError> {
		let mut meter = Self::meter().ok_or(Error::<T>::MeterUnreadable)?;
		ensure!(amount <= meter.room(Self::held()), Error::<T>::OutflowBound);
		meter.note(amount);
		Days::<T>::put(meter);
		Ok(())
	}

	/// Counts what left the pot within [`Self::room`]. A meter that cannot be read left no room, so
	/// that nothing is to be counted then.
	pub fn note(amount: BalanceOf<T>) {
		if let Some(mut meter) = Self::meter().filter(|_| !amount.is_zero()) {
			meter.note(amount);
			Days::<T>::put(meter);
		}
	}

	/// Begins a day if this block does.
	fn begin_day(now: BlockNumberFor<T>) -> Weight {
		let blocks = T::DayBlocks::get();
		if blocks.is_zero() || !(now % blocks).is_zero() {
			return T::WeightInfo::on_initialize_within_day();
		}
		match groma_stored::value::<Days<T>, MeterOf<T>>() {
			Stored::Undecodable => {
				let day = (now / blocks).saturated_into();
				Self::deposit_event(Event::MeterUnreadable { day });
			}
			stored => {
				let held = Self::held();
				let mut meter = stored.value().unwrap_or_else(|| Meter::new(held));
				meter.begin_day(held);
				Days::<T>::put(meter);
			}
		}
		T::WeightInfo::on_initialize_day()
	}

	/// Checks every invariant of the README.
	#[cfg(any(feature = "try-runtime", test))]
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		let stored = groma_stored::value::<Days<T>, MeterOf<T>>();
		ensure!(!stored.is_undecodable(), "the meter of the outflow is undecodable");
		let empty = stored.value().is_some_and(|meter| meter.is_empty());
		ensure!(!empty, "the meter of the outflow has no day");
		Ok(())
	}
}
