
//! Weights for `pallet_upgrades`: estimated by hand until `scripts/weights` measures them.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::Weight};
use core::marker::PhantomData;

/// Weight functions for `pallet_upgrades`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_upgrades::WeightInfo for WeightInfo<T> {
	/// Storage: `System::AuthorizedUpgrade` (r:0 w:1)
	/// Storage: `Upgrades::Authorized` (r:0 w:1)
	fn authorize() -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(Weight::from_parts(0, 1526))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Upgrades::Authorized` (r:1 w:0)
	fn on_initialize_idle() -> Weight {
		Weight::from_parts(2_000_000, 0)
			.saturating_add(Weight::from_parts(0, 1526))
			.saturating_add(T::DbWeight::get().reads(1))
	}
	/// Storage: `Upgrades::Authorized` (r:1 w:1)
	/// Storage: `System::AuthorizedUpgrade` (r:1 w:1)
	fn on_initialize_expire() -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(Weight::from_parts(0, 1526))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
}
