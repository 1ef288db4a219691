//! The weights that the pallet needs, and provisional values for tests. The runtime uses measured
//! ones.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet.
pub trait WeightInfo {
	/// Looking for an account in two full sets, and removing its keys.
	fn purge_keys() -> Weight;
}

impl WeightInfo for () {
	fn purge_keys() -> Weight {
		Weight::from_parts(200_000_000, 4_000)
			.saturating_add(RocksDbWeight::get().reads_writes(9, 6))
	}
}
