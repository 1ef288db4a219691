//! The weights that the pallet needs, and provisional values for tests. The runtime uses measured
//! ones.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet, with `n` validators.
pub trait WeightInfo {
	/// A block in which nothing has to be worked out, with the price of its fees.
	fn on_initialize() -> Weight;
	/// Working the price out again in a new session.
	fn look(n: u32) -> Weight;
	/// Closing an epoch.
	fn close_epoch() -> Weight;
	/// Naming another feeder.
	fn set_feeder(n: u32) -> Weight;
	/// Taking the first feed of a validator in a new session.
	fn feed(n: u32) -> Weight;
	/// Looking whether a first feed of a validator would be taken.
	fn check_feed(n: u32) -> Weight;
}

impl WeightInfo for () {
	fn on_initialize() -> Weight {
		estimate(7, 0, 5, 0)
	}

	fn look(n: u32) -> Weight {
		estimate(20, n, 3, 2)
	}

	fn close_epoch() -> Weight {
		estimate(10, 0, 3, 1)
	}

	fn set_feeder(n: u32) -> Weight {
		estimate(30, n, 3, 4)
	}

	fn feed(n: u32) -> Weight {
		estimate(40, n, 7, 2)
	}

	fn check_feed(n: u32) -> Weight {
		estimate(15, n, 5, 0)
	}
}

fn estimate(micros: u64, validators: u32, reads: u64, writes: u64) -> Weight {
	let each = Weight::from_parts(500_000, 80).saturating_mul(validators.into());
	Weight::from_parts(micros.saturating_mul(1_000_000), 4_000)
		.saturating_add(each)
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
