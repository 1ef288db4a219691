//! The weights that the pallet needs, and provisional values for tests. The runtime uses measured
//! ones.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet.
pub trait WeightInfo {
	/// Settling the reports of an epoch.
	fn close_epoch() -> Weight;
	/// Paying a collector that deregistered, with reports of two closed epochs.
	fn claim_collected() -> Weight;
	/// Registering a collector that is still owed something from an earlier registration.
	fn register_collector() -> Weight;
	/// Ending the registration of a collector with reports of two closed epochs.
	fn deregister_collector() -> Weight;
}

impl WeightInfo for () {
	fn close_epoch() -> Weight {
		estimate(20, 3, 3)
	}

	fn claim_collected() -> Weight {
		estimate(50, 7, 6)
	}

	fn register_collector() -> Weight {
		estimate(60, 6, 6)
	}

	fn deregister_collector() -> Weight {
		estimate(60, 7, 6)
	}
}

fn estimate(micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(1_000_000), 4_000)
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
