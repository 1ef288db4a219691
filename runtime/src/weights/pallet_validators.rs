
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
	/// Storage: `Validators::Candidates` (r:1 w:1)
	/// Storage: `Session::KeyOwner` (r:0 w:3)
	fn leave() -> Weight {
		Weight::from_parts(500_000_000, 0)
			.saturating_add(Weight::from_parts(0, 48000))
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	/// Storage: `Session::NextKeys` (r:2 w:0)
	/// Storage: `Stake::Operators` (r:2 w:0)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Storage: `Validators::Candidates` (r:1 w:1)
	fn declare() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(Weight::from_parts(0, 36000))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Validators::Candidates` (r:1 w:1)
	fn resign() -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(0, 34000))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Validators::Clock` (r:1 w:0)
	/// Storage: `Session::CurrentIndex` (r:1 w:0)
	/// Storage: `Session::Validators` (r:1 w:0)
	/// Storage: `Validators::Authored` (r:1 w:1)
	/// Storage: `Emission::Books` (r:1 w:0)
	/// Storage: `Emission::Reminted` (r:1 w:0)
	/// Storage: `Emission::Clock` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Validators::Works` (r:1 w:1)
	/// Storage: `Validators::Workers` (r:1 w:1)
	fn note_author() -> Weight {
		Weight::from_parts(120_000_000, 0)
			.saturating_add(Weight::from_parts(0, 36000))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Emission::Books` (r:1 w:0)
	/// Storage: `Emission::Reminted` (r:1 w:0)
	/// Storage: `Emission::Clock` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Validators::Works` (r:1 w:1)
	/// Storage: `Validators::Workers` (r:1 w:1)
	fn note_fed() -> Weight {
		Weight::from_parts(40_000_000, 0)
			.saturating_add(Weight::from_parts(0, 6000))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Validators::Clock` (r:1 w:1)
	/// Storage: `Validators::Elected` (r:0 w:2)
	/// Storage: `Validators::Authored` (r:0 w:1)
	fn begin_era() -> Weight {
		Weight::from_parts(30_000_000, 0)
			.saturating_add(Weight::from_parts(0, 1500))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `Validators::Clock` (r:1 w:0)
	/// Storage: `Session::Validators` (r:1 w:0)
	/// Storage: `Validators::Authored` (r:1 w:0)
	/// Storage: `Validators::Candidates` (r:1 w:1)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Storage: `Stake::Operators` (r:1000 w:0)
	/// Storage: `Session::NextKeys` (r:1000 w:0)
	/// The range of component `c` is `[20, 1000]`.
	fn end_era(c: u32, ) -> Weight {
		Weight::from_parts(200_000_000, 0)
			.saturating_add(Weight::from_parts(0, 70000))
			.saturating_add(Weight::from_parts(8_000_000, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(Weight::from_parts(0, 5200).saturating_mul(c.into()))
	}
	/// Storage: `Session::Validators` (r:1 w:0)
	/// Storage: `Validators::Candidates` (r:1 w:0)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Storage: `Stake::Operators` (r:1000 w:0)
	/// Storage: `Session::NextKeys` (r:1000 w:0)
	/// Storage: `Validators::Elected` (r:0 w:1)
	/// The range of component `c` is `[4, 1000]`.
	fn elect(c: u32, ) -> Weight {
		Weight::from_parts(200_000_000, 0)
			.saturating_add(Weight::from_parts(0, 70000))
			.saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(Weight::from_parts(0, 5200).saturating_mul(c.into()))
	}
	/// Storage: `Validators::Works` (r:1000 w:1000)
	/// Storage: `Validators::Workers` (r:0 w:1)
	/// Storage: `Emission::Books` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Stake::Operators` (r:1000 w:1000)
	/// The range of component `n` is `[1, 1000]`.
	fn close_epoch(n: u32, ) -> Weight {
		Weight::from_parts(50_000_000, 0)
			.saturating_add(Weight::from_parts(0, 6196))
			.saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 5200).saturating_mul(n.into()))
	}
}
