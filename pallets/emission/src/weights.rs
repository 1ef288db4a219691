//! What hooks cost. The runtime takes measured weights; those of `()` are estimates for tests.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet.
pub trait WeightInfo {
	/// A block that closes no epoch.
	fn on_initialize() -> Weight;
	/// The block in which the clock starts.
	fn start_clock() -> Weight;
	/// Closing an epoch after a silence, without what settling its pools weighs.
	fn close_epoch() -> Weight;
}

impl WeightInfo for () {
	fn on_initialize() -> Weight {
		estimate(5, 2, 0)
	}

	fn start_clock() -> Weight {
		estimate(5, 2, 1)
	}

	fn close_epoch() -> Weight {
		estimate(60, 10, 7)
	}
}

fn estimate(micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(1_000_000), 4_000)
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
