//! The weights that the pallet needs, and provisional values for tests. The runtime uses measured ones.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// Weights of the pallet's calls, hooks, authorizations and of its transaction extension.
pub trait WeightInfo {
	/// The hook of a block within a window.
	fn tick() -> Weight;
	/// The hook of a window's first block, with `n` networks.
	fn open_window(n: u32) -> Weight;
	/// A bundle of `g` groups with `s` statements together, all of which are verified and taken.
	fn submit_statements(g: u32, s: u32) -> Weight;
	/// `s` statements that are refused before anything is read for them.
	fn refuse_statements(s: u32) -> Weight;
	/// A bundle of `c` reveals that settle `r` records together, without folding or counting anybody.
	fn submit_reveals(c: u32, r: u32) -> Weight;
	/// The handing over of a device's finished work.
	fn fold() -> Weight;
	/// The move of a device from one place to another in density.
	fn recount() -> Weight;
	/// A device's own statement, authorized before.
	fn submit_own_statement() -> Weight;
	/// The authorization of a device's own statement.
	fn authorize_submit_own_statement() -> Weight;
	/// An own reveal that settles `r` records, without folding or counting anybody.
	fn submit_own_reveal(r: u32) -> Weight;
	/// The authorization of an own reveal.
	fn authorize_submit_own_reveal() -> Weight;
	/// Evidence of two beacons.
	fn report_double_beacon() -> Weight;
	/// The expiry of a device.
	fn expire_device() -> Weight;
	/// A look for challenges of a window that is over.
	fn prune_window() -> Weight;
	/// The removal of a challenge with `r` records that nobody revealed.
	fn prune_challenge(r: u32) -> Weight;
	/// The transaction extension.
	fn lane() -> Weight;
}

/// One signature verified in the runtime, in picoseconds.
const SIGNATURE: u64 = 50_000_000;

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

	fn open_window(n: u32) -> Weight {
		time(20)
			.saturating_add(database(4, 2))
			.saturating_add(time(5).saturating_add(database(2, 0)).saturating_mul(n.into()))
	}

	fn submit_statements(g: u32, s: u32) -> Weight {
		let group = time(15).saturating_add(database(3, 1));
		let statement = Weight::from_parts(SIGNATURE, 0)
			.saturating_add(time(10))
			.saturating_add(database(1, 0));
		time(20)
			.saturating_add(database(4, 0))
			.saturating_add(group.saturating_mul(g.into()))
			.saturating_add(statement.saturating_mul(s.into()))
	}

	fn refuse_statements(s: u32) -> Weight {
		time(5).saturating_mul(s.into())
	}

	fn submit_reveals(c: u32, r: u32) -> Weight {
		let challenge = Weight::from_parts(SIGNATURE, 0)
			.saturating_add(time(60))
			.saturating_add(database(9, 2));
		let record = time(30).saturating_add(database(3, 1));
		time(20)
			.saturating_add(database(8, 2))
			.saturating_add(challenge.saturating_mul(c.into()))
			.saturating_add(record.saturating_mul(r.into()))
	}

	fn fold() -> Weight {
		time(20).saturating_add(database(2, 1))
	}

	fn recount() -> Weight {
		time(60).saturating_add(database(10, 10))
	}

	fn submit_own_statement() -> Weight {
		time(40).saturating_add(database(5, 1))
	}

	fn authorize_submit_own_statement() -> Weight {
		Weight::from_parts(SIGNATURE, 0).saturating_add(time(40)).saturating_add(database(6, 0))
	}

	fn submit_own_reveal(r: u32) -> Weight {
		Self::submit_reveals(1, r)
	}

	fn authorize_submit_own_reveal() -> Weight {
		Weight::from_parts(SIGNATURE, 0).saturating_add(time(40)).saturating_add(database(6, 0))
	}

	fn report_double_beacon() -> Weight {
		Weight::from_parts(SIGNATURE.saturating_mul(2), 0)
			.saturating_add(time(150))
			.saturating_add(database(12, 12))
	}

	fn expire_device() -> Weight {
		time(60).saturating_add(database(9, 6))
	}

	fn prune_window() -> Weight {
		time(10).saturating_add(database(1, 0))
	}

	fn prune_challenge(r: u32) -> Weight {
		time(15)
			.saturating_add(database(1, 1))
			.saturating_add(time(5).saturating_add(database(1, 1)).saturating_mul(r.into()))
	}

	fn lane() -> Weight {
		time(3)
	}
}
