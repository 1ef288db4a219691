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
	fn delegate() -> Weight {
		Weight::from_parts(200_000_000, 36_864)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(16))
	}
	fn undelegate() -> Weight {
		Weight::from_parts(210_000_000, 36_864)
			.saturating_add(T::DbWeight::get().reads(20))
			.saturating_add(T::DbWeight::get().writes(16))
	}
	fn withdraw_delegated() -> Weight {
		Weight::from_parts(210_000_000, 36_864)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(16))
	}
	fn claim() -> Weight {
		Weight::from_parts(210_000_000, 36_864)
			.saturating_add(T::DbWeight::get().reads(20))
			.saturating_add(T::DbWeight::get().writes(17))
	}
	fn settle(n: u32) -> Weight {
		Weight::from_parts(20_000_000, 6_144)
			.saturating_add(Weight::from_parts(160_000_000, 30_720).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads((12_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(T::DbWeight::get().writes((12_u64).saturating_mul(n.into())))
	}
	fn announce_commission() -> Weight {
		Weight::from_parts(40_000_000, 6_144)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_open() -> Weight {
		Weight::from_parts(40_000_000, 6_144)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn slash_operator() -> Weight {
		Weight::from_parts(900_000_000, 190_464)
			.saturating_add(T::DbWeight::get().reads(72))
			.saturating_add(T::DbWeight::get().writes(69))
	}
	fn reward_operator() -> Weight {
		Weight::from_parts(50_000_000, 6_144)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn pend() -> Weight {
		Weight::from_parts(40_000_000, 6_144)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
