
//! Weights for `pallet_validators`: estimated by hand until `scripts/weights` measures them.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::Weight};
use core::marker::PhantomData;

/// Weight functions for `pallet_validators`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_validators::WeightInfo for WeightInfo<T> {
	/// Storage: `Session::Validators` (r:1 w:0)
	/// Storage: `Session::QueuedKeys` (r:1 w:0)
	/// Storage: `Session::NextKeys` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `Session::ExternallySetKeys` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Session::KeyOwner` (r:0 w:3)
	fn purge_keys() -> Weight {
		Weight::from_parts(400_000_000, 0)
			.saturating_add(Weight::from_parts(0, 16000))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(7))
	}
}
