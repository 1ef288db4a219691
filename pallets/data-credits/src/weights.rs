//! What calls cost. The runtime takes measured weights; those of `()` are estimates for tests.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet.
pub trait WeightInfo {
	/// Minting credits.
	fn mint_credits() -> Weight;
	/// Naming the last operator that a payer may name.
	fn set_operator() -> Weight;
	/// Removing one of as many operators as a payer may name.
	fn remove_operator() -> Weight;
}

impl WeightInfo for () {
	fn mint_credits() -> Weight {
		estimate(75, 9, 4)
	}

	fn set_operator() -> Weight {
		estimate(60, 3, 3)
	}

	fn remove_operator() -> Weight {
		estimate(60, 3, 3)
	}
}

fn estimate(micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(1_000_000), 4_000)
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
