//! The weights that the pallet needs, and provisional values for tests. The runtime uses measured
//! ones.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// Weights of the pallet's hooks and of its transaction extension.
pub trait WeightInfo {
	/// The hook of a block within a window.
	fn tick() -> Weight;
	/// The hook of a window's first block.
	fn open_window() -> Weight;
	/// The threshold of one network.
	fn threshold() -> Weight;
	/// The transaction extension, without the look whether a bundle is stale.
	fn lane() -> Weight;
	/// The end of a block whose load moves the fees of evidence.
	fn adjust_fees() -> Weight;
}

fn time(microseconds: u64) -> Weight {
	Weight::from_parts(microseconds.saturating_mul(1_000_000), 0)
}

fn database(reads: u64, writes: u64) -> Weight {
	RocksDbWeight::get().reads_writes(reads, writes)
}

impl WeightInfo for () {
	fn tick() -> Weight {
		time(10).saturating_add(database(2, 1))
	}

	fn open_window() -> Weight {
		time(20).saturating_add(database(4, 2))
	}

	fn threshold() -> Weight {
		time(5).saturating_add(database(2, 0))
	}

	fn lane() -> Weight {
		time(3)
	}

	fn adjust_fees() -> Weight {
		time(8).saturating_add(database(4, 2))
	}
}
