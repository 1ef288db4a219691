//! The weights that the pallet needs, and provisional values for tests. The runtime uses measured
//! ones.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet.
pub trait WeightInfo {
	/// Authorizing code.
	fn authorize() -> Weight;
	/// A block without an authorization.
	fn on_initialize_idle() -> Weight;
	/// A block with one, which ends it.
	fn on_initialize_expire() -> Weight;
}

impl WeightInfo for () {
	fn authorize() -> Weight {
		Weight::from_parts(20_000_000, 1_500).saturating_add(RocksDbWeight::get().writes(2))
	}

	fn on_initialize_idle() -> Weight {
		Weight::from_parts(2_000_000, 1_500).saturating_add(RocksDbWeight::get().reads(1))
	}

	fn on_initialize_expire() -> Weight {
		Weight::from_parts(20_000_000, 3_000)
			.saturating_add(RocksDbWeight::get().reads_writes(2, 2))
	}
}
