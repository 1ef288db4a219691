
//! Weights for `pallet_outflow`: estimated by hand until `scripts/weights` measures them.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::Weight};
use core::marker::PhantomData;

/// Weight functions for `pallet_outflow`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_outflow::WeightInfo for WeightInfo<T> {
	/// Storage: none but the pace
	fn on_initialize_within_day() -> Weight {
		Weight::from_parts(2_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
	}
	/// Storage: `TreasuryOutflow::Days` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:0)
	fn on_initialize_day() -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
