#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod origin;
#[cfg(test)]
mod tests;
pub mod weights;

pub use origin::EnsureChecked;
pub use pallet::*;
pub use weights::WeightInfo;

use frame_support::traits::{OriginTrait, dynamic_params::AggregatedKeyValue};

/// Any origin of the runtime without the filters that come with it.
type CallerOf<T> = <<T as frame_system::Config>::RuntimeOrigin as OriginTrait>::PalletsOrigin;
/// Which parameter.
type KeyOf<T> = <ParameterOf<T> as AggregatedKeyValue>::Key;
/// Its value.
type ValueOf<T> = <ParameterOf<T> as AggregatedKeyValue>::Value;
/// A parameter and a value of it.
type ParameterOf<T> = <T as pallet_parameters::Config>::RuntimeParameters;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::{
		pallet_prelude::*,
		traits::{Contains, EnsureOriginWithArg},
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::traits::TrailingZeroInput;

	use super::*;

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>, RuntimeOrigin: From<Origin>>
		+ pallet_parameters::Config
	{
		/// The origin that sets parameters: a referendum's.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Which values a parameter may be set to. It names every parameter.
		type Bounds: Contains<ParameterOf<Self>>;

		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	/// The origin with which the SDK's pallet is called.
	#[pallet::origin]
	#[derive(Clone, Copy, Debug, PartialEq, Eq)]
	#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
	pub enum Origin {
		/// The call of this pallet, after all its checks.
		#[codec(index = 0)]
		Checked,
	}

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A parameter was set.
		#[codec(index = 0)]
		ParameterSet {
			/// Which.
			key: KeyOf<T>,
			/// What was stored before; `None` if the default was in force.
			old: Option<ValueOf<T>>,
			/// What holds from now on.
			new: ValueOf<T>,
			/// Who decided.
			origin: CallerOf<T>,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no value. A parameter cannot be deleted: set it to its default instead.
		#[codec(index = 0)]
		NoValue,
		/// The value is out of the bounds of the parameter. Choose one within them.
		#[codec(index = 1)]
		OutOfBounds,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// The first parameter stands for all: `EnsureChecked` asks for none.
		fn integrity_test() {
			let Ok(key) = KeyOf::<T>::decode(&mut TrailingZeroInput::zeroes()) else { return };
			let takes = |origin: OriginFor<T>| T::AdminOrigin::ensure_origin(origin, &key).is_ok();
			assert!(
				takes(Origin::Checked.into()),
				"AdminOrigin refuses what this pallet checked, so that no parameter could be set"
			);
			assert!(
				!takes(frame_system::RawOrigin::Root.into()),
				"AdminOrigin takes Root, so that a parameter could be set beyond its bounds"
			);
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Sets a parameter to a value within its bounds. When it applies is written at the
		/// parameter.
		#[pallet::call_index(0)]
		pub fn set_parameter(origin: OriginFor<T>, parameter: ParameterOf<T>) -> DispatchResult {
			let caller = origin.caller().clone();
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_parameter(caller, parameter)
		}
	}

	impl<T: Config> Pallet<T> {
		fn do_set_parameter(origin: CallerOf<T>, parameter: ParameterOf<T>) -> DispatchResult {
			let (key, new) = parameter.clone().into_parts();
			let new = new.ok_or(Error::<T>::NoValue)?;
			ensure!(T::Bounds::contains(&parameter), Error::<T>::OutOfBounds);
			let old = pallet_parameters::Parameters::<T>::get(&key);
			pallet_parameters::Pallet::<T>::set_parameter(Origin::Checked.into(), parameter)?;
			Self::deposit_event(Event::ParameterSet { key, old, new, origin });
			Ok(())
		}
	}
}
