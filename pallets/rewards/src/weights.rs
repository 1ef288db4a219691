//! What calls and hooks cost. The runtime takes measured weights; those of `()` are estimates for tests.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet.
pub trait WeightInfo {
	/// A block that closes no epoch.
	fn on_initialize() -> Weight;
	/// The block in which the clock starts.
	fn start_clock() -> Weight;
	/// Closing an epoch with work in `n` networks, after a silence.
	fn close_epoch(n: u32) -> Weight;
	/// A claim that serves `p` payees, each with the largest split, after work of two epochs was credited.
	fn claim(p: u32) -> Weight;
	/// A claim that serves one payee with the largest split.
	fn claim_payee() -> Weight;
	/// Letting go of a device with waiting work and as many splits as one step removes.
	fn let_go() -> Weight;
	/// Setting the largest split.
	fn set_payout_split() -> Weight;
	/// Paying a collector with statements of two closed epochs.
	fn claim_collected() -> Weight;
}

impl WeightInfo for () {
	fn on_initialize() -> Weight {
		estimate(5, 2, 0)
	}

	fn start_clock() -> Weight {
		estimate(5, 2, 1)
	}

	fn close_epoch(n: u32) -> Weight {
		let per_network = estimate(20, 3, 3).saturating_mul(u64::from(n));
		estimate(60, 12, 9).saturating_add(per_network)
	}

	fn claim(p: u32) -> Weight {
		let per_payee = estimate(150, 8, 8).saturating_mul(u64::from(p));
		estimate(60, 10, 9).saturating_add(per_payee)
	}

	fn claim_payee() -> Weight {
		Self::claim(1)
	}

	fn let_go() -> Weight {
		estimate(80, 24, 14)
	}

	fn set_payout_split() -> Weight {
		estimate(25, 4, 1)
	}

	fn claim_collected() -> Weight {
		estimate(50, 6, 5)
	}
}

fn estimate(micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(1_000_000), 4_000)
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
