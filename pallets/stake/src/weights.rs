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
	/// Adding to a delegation of which as much thawed as can, and all of which slashes took.
	fn delegate() -> Weight;
	/// Undelegating when slashes took as much as can thaw.
	fn undelegate() -> Weight;
	/// Releasing as many entries of a delegation as can thaw.
	fn withdraw_delegated() -> Weight;
	/// Paying who delegated, when as much thawed as can and slashes took all of it.
	fn claim() -> Weight;
	/// Settling so many delegations, each of which lost all, and as much as can thaw.
	fn settle(n: u32) -> Weight;
	/// Announcing a commission.
	fn announce_commission() -> Weight;
	/// Opening a pool.
	fn set_open() -> Weight;
	/// Slashing an operator of whom stake thaws of every era.
	fn slash_operator() -> Weight;
	/// Rewarding an operator and its pool.
	fn reward_operator() -> Weight;
	/// Noting that a slash of an operator waits, or no longer waits.
	fn pend() -> Weight;
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

	fn delegate() -> Weight {
		estimate(180, 18, 16)
	}

	fn undelegate() -> Weight {
		estimate(190, 20, 16)
	}

	fn withdraw_delegated() -> Weight {
		estimate(190, 18, 16)
	}

	fn claim() -> Weight {
		estimate(190, 20, 17)
	}

	fn settle(n: u32) -> Weight {
		let each = estimate(150, 14, 12);
		estimate(20, 3, 1).saturating_add(each.saturating_mul(u64::from(n)))
	}

	fn announce_commission() -> Weight {
		estimate(30, 3, 1)
	}

	fn set_open() -> Weight {
		estimate(30, 3, 1)
	}

	fn slash_operator() -> Weight {
		estimate(400, 72, 69)
	}

	fn reward_operator() -> Weight {
		estimate(40, 3, 1)
	}

	fn pend() -> Weight {
		estimate(30, 1, 1)
	}
}

fn estimate(micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(1_000_000), 4_000)
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
