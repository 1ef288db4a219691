
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
	/// Storage: `Validators::Barred` (r:1 w:0)
	/// Storage: `Validators::Candidates` (r:1 w:1)
	fn declare() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(Weight::from_parts(0, 70000))
			.saturating_add(T::DbWeight::get().reads(7))
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
	/// Storage: `Validators::EraStarts` (r:0 w:3)
	/// Storage: `Validators::Authored` (r:0 w:1)
	/// Storage: `Session::DisabledValidators` (r:1 w:1)
	/// Storage: `Session::Validators` (r:1 w:0)
	/// Storage: `Validators::Barred` (r:1 w:0)
	/// Storage: `Validators::Candidates` (r:1 w:0)
	fn begin_era() -> Weight {
		Weight::from_parts(200_000_000, 0)
			.saturating_add(Weight::from_parts(0, 100000))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(8))
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
	/// Storage: `Validators::Barred` (r:1 w:1)
	/// The range of component `c` is `[4, 1000]`.
	fn elect(c: u32, ) -> Weight {
		Weight::from_parts(200_000_000, 0)
			.saturating_add(Weight::from_parts(0, 70000))
			.saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(Weight::from_parts(0, 5200).saturating_mul(c.into()))
	}
	/// Storage: `Validators::Works` (r:1000 w:1000)
	/// Storage: `Validators::Workers` (r:0 w:1)
	/// Storage: `Emission::Books` (r:1 w:1)
	/// Storage: `Emission::Reminted` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Stake::Operators` (r:1000 w:1000)
	/// The range of component `n` is `[1, 1000]`.
	fn close_epoch(n: u32, ) -> Weight {
		Weight::from_parts(50_000_000, 0)
			.saturating_add(Weight::from_parts(0, 6196))
			.saturating_add(Weight::from_parts(80_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 5200).saturating_mul(n.into()))
	}
	/// Storage: `Validators::KeysInUse` (r:1 w:1)
	/// Storage: `Session::QueuedKeys` (r:1 w:0)
	/// Storage: `Validators::KeyUses` (r:2000 w:4000)
	/// Storage: `Validators::RetiredEnds` (r:1 w:1)
	/// Storage: `Validators::RetiredKeys` (r:0 w:2000)
	/// The range of component `n` is `[1, 2000]`.
	fn note_keys(n: u32, ) -> Weight {
		Weight::from_parts(200_000_000, 0)
			.saturating_add(Weight::from_parts(0, 280000))
			.saturating_add(Weight::from_parts(12_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2600).saturating_mul(n.into()))
	}
	/// Storage: `Validators::Clock` (r:1 w:0)
	/// Storage: `Session::CurrentIndex` (r:1 w:0)
	/// Storage: `Validators::EraStarts` (r:15 w:0)
	/// Storage: `Validators::Offences` (r:1000 w:1000)
	/// Storage: `Validators::Elected` (r:1 w:0)
	/// Storage: `Validators::OffenderCounts` (r:1 w:1)
	/// Storage: `Validators::SlashesEnds` (r:1 w:1)
	/// Storage: `Validators::Slashes` (r:0 w:1000)
	/// Storage: `Session::DisabledValidators` (r:1 w:1)
	/// Storage: `Session::Validators` (r:1 w:0)
	/// Storage: `Validators::Barred` (r:1 w:1)
	/// Storage: `Validators::Candidates` (r:1 w:1)
	/// The range of component `k` is `[0, 999]`.
	fn report_offence(k: u32, ) -> Weight {
		Weight::from_parts(500_000_000, 0)
			.saturating_add(Weight::from_parts(0, 160000))
			.saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(k.into()))
			.saturating_add(T::DbWeight::get().reads(26))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(k.into())))
			.saturating_add(T::DbWeight::get().writes(7))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(k.into())))
			.saturating_add(Weight::from_parts(0, 2700).saturating_mul(k.into()))
	}
	/// Storage: `Validators::Clock` (r:1 w:0)
	/// Storage: `Validators::Offences` (r:1 w:1)
	/// Storage: `Validators::OffenderCounts` (r:1 w:0)
	/// Storage: `Validators::SlashesEnds` (r:1 w:1)
	/// Storage: `Validators::Slashes` (r:1 w:1)
	fn apply_slash() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(Weight::from_parts(0, 6200))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Validators::Offences` (r:1 w:1)
	/// Storage: `Validators::OffenderCounts` (r:1 w:1)
	fn cancel_slash() -> Weight {
		Weight::from_parts(40_000_000, 0)
			.saturating_add(Weight::from_parts(0, 3700))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Validators::Clock` (r:1 w:0)
	/// Storage: `Validators::SlashesEnds` (r:1 w:0)
	/// Storage: `Validators::Slashes` (r:1 w:0)
	/// Storage: `Validators::EraStarts` (r:1 w:0)
	/// Storage: `Validators::RetiredEnds` (r:1 w:0)
	/// Storage: `Validators::RetiredKeys` (r:1 w:0)
	/// Storage: `Validators::SweptOffences` (r:1 w:0)
	fn sweep_base() -> Weight {
		Weight::from_parts(40_000_000, 0)
			.saturating_add(Weight::from_parts(0, 3600))
			.saturating_add(T::DbWeight::get().reads(7))
	}
	/// Storage: `Validators::RetiredEnds` (r:1 w:1)
	/// Storage: `Validators::RetiredKeys` (r:1 w:1)
	/// Storage: `Validators::KeyUses` (r:1 w:1)
	fn forget_key() -> Weight {
		Weight::from_parts(35_000_000, 0)
			.saturating_add(Weight::from_parts(0, 3600))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Validators::SweptOffences` (r:1 w:1)
	/// Storage: `Validators::Offences` (r:2 w:1)
	/// Storage: `Validators::OffenderCounts` (r:1 w:1)
	fn forget_offence() -> Weight {
		Weight::from_parts(40_000_000, 0)
			.saturating_add(Weight::from_parts(0, 6300))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
}
