//! Weights for `pallet_metered_service`, estimated until they are measured.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::Weight};
use core::marker::PhantomData;

/// Weight functions for `pallet_metered_service`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_metered_service::WeightInfo for WeightInfo<T> {
	fn on_initialize() -> Weight {
		Weight::from_parts(12_000_000, 4_096)
			.saturating_add(T::DbWeight::get().reads(7))
	}
	fn open_channel() -> Weight {
		Weight::from_parts(200_000_000, 8_192)
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	/// The range of component `v` is `[1, 256]`.
	fn claim_vouchers(v: u32, ) -> Weight {
		Weight::from_parts(220_000_000, 8_192)
			.saturating_add(Weight::from_parts(120_000_000, 6_144).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(12))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(v.into())))
	}
	fn close_channel() -> Weight {
		Weight::from_parts(50_000_000, 4_096)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn finish_channel() -> Weight {
		Weight::from_parts(160_000_000, 6_144)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn sweep_channel() -> Weight {
		Weight::from_parts(15_000_000, 4_096)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn sweep_seat() -> Weight {
		Weight::from_parts(15_000_000, 4_096)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
