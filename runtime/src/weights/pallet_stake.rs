//! Weights for `pallet_stake`, estimated until they are measured.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::Weight};
use core::marker::PhantomData;

/// Weight functions for `pallet_stake`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_stake::WeightInfo for WeightInfo<T> {
	fn provision() -> Weight {
		Weight::from_parts(90_000_000, 6_144)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn thaw() -> Weight {
		Weight::from_parts(40_000_000, 6_144)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(90_000_000, 6_144)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn on_offence() -> Weight {
		Weight::from_parts(120_000_000, 9_216)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(6))
	}
}
