//! Weights for `pallet_routes`, estimated until they are measured.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::Weight};
use core::marker::PhantomData;

/// Weight functions for `pallet_routes`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_routes::WeightInfo for WeightInfo<T> {
	fn set_route() -> Weight {
		Weight::from_parts(110_000_000, 8_192)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn remove_route() -> Weight {
		Weight::from_parts(100_000_000, 8_192)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn claim_join_eui() -> Weight {
		Weight::from_parts(110_000_000, 8_192)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn release_join_eui() -> Weight {
		Weight::from_parts(110_000_000, 8_192)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn force_release_join_eui() -> Weight {
		Weight::from_parts(110_000_000, 8_192)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn allot_addresses() -> Weight {
		Weight::from_parts(80_000_000, 8_192)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn take_back_addresses() -> Weight {
		Weight::from_parts(70_000_000, 8_192)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_offer() -> Weight {
		Weight::from_parts(150_000_000, 8_192)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn remove_offer() -> Weight {
		Weight::from_parts(110_000_000, 8_192)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}
