//! What calls cost, and settling an epoch. The runtime takes measured weights; those of `()` are
//! estimates for tests.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet.
pub trait WeightInfo {
	/// Settling an epoch with work in `n` networks.
	fn close_supply(n: u32) -> Weight;
	/// Taking over a device's finished work, and changing who is paid for the next.
	fn fold() -> Weight;
	/// The same if nothing waited and the payee stays.
	fn fold_one() -> Weight;
	/// A claim that serves `p` payees, each with the largest split, after work of two epochs was
	/// credited.
	fn claim(p: u32) -> Weight;
	/// A claim that serves one payee with the largest split.
	fn claim_payee() -> Weight;
	/// Letting go of a device with waiting work and as many splits as one step removes.
	fn let_go() -> Weight;
	/// Setting the largest split.
	fn set_payout_split() -> Weight;
	/// Removing what customers paid in an epoch.
	fn remove_demand() -> Weight;
}

impl WeightInfo for () {
	fn close_supply(n: u32) -> Weight {
		estimate(20, 3, 3).saturating_mul(u64::from(n))
	}

	fn fold() -> Weight {
		estimate(80, 12, 10)
	}

	fn fold_one() -> Weight {
		estimate(50, 8, 5)
	}

	fn claim(p: u32) -> Weight {
		let per_payee = estimate(150, 8, 8).saturating_mul(u64::from(p));
		estimate(60, 10, 9).saturating_add(per_payee)
	}

	fn claim_payee() -> Weight {
		Self::claim(1)
	}

	fn let_go() -> Weight {
		estimate(80, 24, 15)
	}

	fn set_payout_split() -> Weight {
		estimate(25, 4, 1)
	}

	fn remove_demand() -> Weight {
		estimate(20, 3, 1)
	}
}

fn estimate(micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(1_000_000), 4_000)
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
