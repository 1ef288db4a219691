//! The weights that the pallet needs, and provisional values for tests. The runtime uses measured
//! ones.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet.
pub trait WeightInfo {
	/// Looking for an account in two full sets, removing its keys, and taking it off a full list of
	/// candidates.
	fn leave() -> Weight;
	/// Taking the place of another candidate in a full list.
	fn declare() -> Weight;
	/// Leaving a full list of candidates.
	fn resign() -> Weight;
	/// Counting a block for the last validator of a full set, its first of the era and the epoch.
	fn note_author() -> Weight;
	/// Counting the time of a feed, the first of the epoch.
	fn note_fed() -> Weight;
	/// Beginning an era that lets two others be forgotten.
	fn begin_era() -> Weight;
	/// Looking for validators of a full set that authored nothing, with `c` candidates.
	fn end_era(c: u32) -> Weight;
	/// Electing as many as a set can have of `c` candidates.
	fn elect(c: u32) -> Weight;
	/// Closing an epoch in which `n` validators have points.
	fn close_epoch(n: u32) -> Weight;
	/// Noting `n` keys that a session begins with, in place of as many others.
	fn note_keys(n: u32) -> Weight;
	/// Recording an offence of the last member of a full set, while `k` offenders of its era owe
	/// more by it, without what notes at the stake that they wait.
	fn report_offence(k: u32) -> Weight;
	/// Applying a slash that is due, without what takes the stake.
	fn apply_slash() -> Weight;
	/// Cancelling a slash that waits, without what notes that at the stake.
	fn cancel_slash() -> Weight;
	/// Looking for slashes that are due, and for what is to be forgotten, where there is nothing.
	fn sweep_base() -> Weight;
	/// Forgetting a use of a key.
	fn forget_key() -> Weight;
	/// Forgetting an offence, without the slash that may wait.
	fn forget_offence() -> Weight;
}

impl WeightInfo for () {
	fn leave() -> Weight {
		estimate(250, 10, 7)
	}

	fn declare() -> Weight {
		estimate(80, 7, 1)
	}

	fn resign() -> Weight {
		estimate(40, 1, 1)
	}

	fn note_author() -> Weight {
		estimate(60, 9, 3)
	}

	fn note_fed() -> Weight {
		estimate(20, 6, 2)
	}

	fn begin_era() -> Weight {
		estimate(100, 5, 8)
	}

	fn end_era(c: u32) -> Weight {
		estimate(100, 3, 1).saturating_add(estimate(2, 2, 0).saturating_mul(c.into()))
	}

	fn elect(c: u32) -> Weight {
		estimate(100, 3, 2).saturating_add(estimate(3, 2, 0).saturating_mul(c.into()))
	}

	fn close_epoch(n: u32) -> Weight {
		estimate(10, 0, 1).saturating_add(estimate(80, 7, 6).saturating_mul(n.into()))
	}

	fn note_keys(n: u32) -> Weight {
		estimate(50, 3, 2).saturating_add(estimate(8, 1, 3).saturating_mul(n.into()))
	}

	fn report_offence(k: u32) -> Weight {
		estimate(250, 20, 10).saturating_add(estimate(20, 2, 2).saturating_mul(k.into()))
	}

	fn apply_slash() -> Weight {
		estimate(30, 5, 3)
	}

	fn cancel_slash() -> Weight {
		estimate(20, 2, 2)
	}

	fn sweep_base() -> Weight {
		estimate(20, 9, 0)
	}

	fn forget_key() -> Weight {
		estimate(20, 3, 3)
	}

	fn forget_offence() -> Weight {
		estimate(20, 4, 2)
	}
}

fn estimate(micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(1_000_000), 4_000)
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
