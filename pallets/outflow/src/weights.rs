//! The weights that the pallet needs, and provisional values for tests. The runtime uses measured
//! ones.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet.
pub trait WeightInfo {
	/// A block that begins no day.
	fn on_initialize_within_day() -> Weight;
	/// A block that begins a day.
	fn on_initialize_day() -> Weight;
}

impl WeightInfo for () {
	fn on_initialize_within_day() -> Weight {
		Weight::from_parts(1_000_000, 0).saturating_add(RocksDbWeight::get().reads(1))
	}

	fn on_initialize_day() -> Weight {
		Weight::from_parts(20_000_000, 4_000)
			.saturating_add(RocksDbWeight::get().reads_writes(3, 1))
	}
}
