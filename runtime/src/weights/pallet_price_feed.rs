//! Weights for `pallet_price_feed`, estimated until they are measured.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::Weight};
use core::marker::PhantomData;

/// Weight functions for `pallet_price_feed`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_price_feed::WeightInfo for WeightInfo<T> {
	fn on_initialize() -> Weight {
		Weight::from_parts(12_000_000, 0)
			.saturating_add(Weight::from_parts(0, 2515))
			.saturating_add(T::DbWeight::get().reads(5))
	}
	/// The range of component `n` is `[1, 300]`.
	fn look(n: u32, ) -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4500))
			.saturating_add(Weight::from_parts(700_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(Weight::from_parts(0, 80).saturating_mul(n.into()))
	}
	fn close_epoch() -> Weight {
		Weight::from_parts(15_000_000, 0)
			.saturating_add(Weight::from_parts(0, 2515))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// The range of component `n` is `[1, 300]`.
	fn set_feeder(n: u32, ) -> Weight {
		Weight::from_parts(40_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4500))
			.saturating_add(Weight::from_parts(150_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(Weight::from_parts(0, 32).saturating_mul(n.into()))
	}
	/// The range of component `n` is `[1, 300]`.
	fn feed(n: u32, ) -> Weight {
		Weight::from_parts(50_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4500))
			.saturating_add(Weight::from_parts(800_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(Weight::from_parts(0, 80).saturating_mul(n.into()))
	}
	/// The range of component `n` is `[1, 300]`.
	fn check_feed(n: u32, ) -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4500))
			.saturating_add(Weight::from_parts(200_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(Weight::from_parts(0, 80).saturating_mul(n.into()))
	}
}
