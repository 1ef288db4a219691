//! Weights for `pallet_data_credits`, estimated until they are measured.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::Weight};
use core::marker::PhantomData;

/// Weight functions for `pallet_data_credits`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_data_credits::WeightInfo for WeightInfo<T> {
	fn mint_credits() -> Weight {
		Weight::from_parts(90_000_000, 6_144)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn set_operator() -> Weight {
		Weight::from_parts(90_000_000, 6_144)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn remove_operator() -> Weight {
		Weight::from_parts(90_000_000, 6_144)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
}
