//! What calls cost. The runtime takes measured weights; those of `()` are estimates for tests.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet.
pub trait WeightInfo {
	/// Adding to a provision of which as much thaws as can.
	fn provision() -> Weight;
	/// Thawing when as many entries thaw as can.
	fn thaw() -> Weight;
	/// Releasing as many entries as can thaw.
	fn withdraw() -> Weight;
	/// Slashing a provision of which as much thaws as can.
	fn on_offence() -> Weight;
}

impl WeightInfo for () {
	fn provision() -> Weight {
		estimate(60, 6, 4)
	}

	fn thaw() -> Weight {
		estimate(30, 3, 2)
	}

	fn withdraw() -> Weight {
		estimate(60, 4, 3)
	}

	fn on_offence() -> Weight {
		estimate(90, 8, 6)
	}
}

fn estimate(micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(1_000_000), 4_000)
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
