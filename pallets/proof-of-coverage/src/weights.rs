//! The weights that the pallet needs, and provisional values for tests. The runtime uses measured
//! ones.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// Weights of the pallet's calls, hooks and authorizations.
pub trait WeightInfo {
	/// A bundle of `g` groups of one statement each, of a witness that was heard, with free places.
	fn submit_statements(g: u32) -> Weight;
	/// The ranks of the records of a full challenge.
	fn rank_records() -> Weight;
	/// A look at the stake behind a device.
	fn look_at_stake() -> Weight;
	/// A group of `s` statements of witnesses that were heard, all of which are verified and take
	/// the places of others in a full challenge.
	fn take_statements(s: u32) -> Weight;
	/// A group of `s` statements about a full challenge, each refused by the last check before its
	/// signature.
	fn refuse_statements(s: u32) -> Weight;
	/// A bundle of `c` reveals that settle one record each, of devices that go on with the work of
	/// an epoch, and credit one collector.
	fn submit_reveals(c: u32) -> Weight;
	/// A reveal that settles `r` records, of devices that go on with the work of an epoch, and
	/// credits one collector.
	fn settle_records(r: u32) -> Weight;
	/// The credit of one more collector.
	fn credit_collector() -> Weight;
	/// The count of a reason that applied to a device.
	fn count_reason() -> Weight;
	/// The move of a device from one place to another in density.
	fn recount() -> Weight;
	/// A device's own statement, authorized before, of a witness that was not heard, with free
	/// places.
	fn submit_own_statement() -> Weight;
	/// The authorization of such a statement.
	fn authorize_submit_own_statement() -> Weight;
	/// An own reveal that settles `r` records, of devices that go on with the work of an epoch, and
	/// credits one collector.
	fn submit_own_reveal(r: u32) -> Weight;
	/// The authorization of an own reveal.
	fn authorize_submit_own_reveal() -> Weight;
	/// Evidence of two beacons.
	fn report_double_beacon() -> Weight;
	/// The expiry of a device.
	fn expire_device() -> Weight;
	/// A plan with as many channels and data rates as one lists.
	fn set_region_plan() -> Weight;
	/// The removal of such a plan.
	fn retire_region_plan() -> Weight;
	/// A look for challenges of a window that is over.
	fn prune_window() -> Weight;
	/// The removal of a challenge with `r` records that was not revealed.
	fn prune_challenge(r: u32) -> Weight;
	/// The removal of what sixteen devices submitted themselves about a window.
	fn prune_own_statements() -> Weight;
	/// The look whether a bundle of `g` full groups of statements, all on chain, is stale.
	fn look_for_new(g: u32) -> Weight;
}

/// One signature verified in the runtime.
fn signature() -> Weight {
	time(50)
}

fn time(microseconds: u64) -> Weight {
	Weight::from_parts(microseconds.saturating_mul(1_000_000), 0)
}

fn database(reads: u64, writes: u64) -> Weight {
	RocksDbWeight::get().reads_writes(reads, writes)
}

impl WeightInfo for () {
	fn submit_statements(g: u32) -> Weight {
		let group =
			time(15).saturating_add(database(4, 1)).saturating_add(Self::take_statements(1));
		time(20).saturating_add(database(5, 0)).saturating_add(group.saturating_mul(g.into()))
	}

	fn rank_records() -> Weight {
		time(50).saturating_add(database(1, 0))
	}

	fn look_at_stake() -> Weight {
		time(5).saturating_add(database(1, 0))
	}

	fn take_statements(s: u32) -> Weight {
		Self::refuse_statements(s).saturating_add(signature().saturating_mul(s.into()))
	}

	fn refuse_statements(s: u32) -> Weight {
		time(10).saturating_add(database(2, 0)).saturating_mul(s.into())
	}

	fn submit_reveals(c: u32) -> Weight {
		let challenge = signature()
			.saturating_add(time(60))
			.saturating_add(database(9, 2))
			.saturating_add(Self::settle_records(1));
		time(40).saturating_add(database(12, 6)).saturating_add(challenge.saturating_mul(c.into()))
	}

	fn settle_records(r: u32) -> Weight {
		time(30).saturating_add(database(3, 1)).saturating_mul(r.into())
	}

	fn credit_collector() -> Weight {
		time(20).saturating_add(database(3, 3))
	}

	fn count_reason() -> Weight {
		time(3).saturating_add(database(1, 1))
	}

	fn recount() -> Weight {
		time(60).saturating_add(database(10, 10))
	}

	fn submit_own_statement() -> Weight {
		time(60).saturating_add(database(9, 2))
	}

	fn authorize_submit_own_statement() -> Weight {
		signature().saturating_add(time(60)).saturating_add(database(9, 0))
	}

	fn submit_own_reveal(r: u32) -> Weight {
		Self::submit_reveals(1).saturating_add(Self::settle_records(r))
	}

	fn authorize_submit_own_reveal() -> Weight {
		signature().saturating_add(time(40)).saturating_add(database(6, 0))
	}

	fn report_double_beacon() -> Weight {
		signature().saturating_mul(2).saturating_add(time(150)).saturating_add(database(12, 12))
	}

	fn expire_device() -> Weight {
		time(60).saturating_add(database(9, 6))
	}

	fn set_region_plan() -> Weight {
		time(20).saturating_add(database(1, 1))
	}

	fn retire_region_plan() -> Weight {
		time(20).saturating_add(database(1, 1))
	}

	fn prune_window() -> Weight {
		time(10).saturating_add(database(1, 0))
	}

	fn prune_challenge(r: u32) -> Weight {
		time(15)
			.saturating_add(database(1, 1))
			.saturating_add(time(5).saturating_add(database(1, 1)).saturating_mul(r.into()))
	}

	fn prune_own_statements() -> Weight {
		time(5).saturating_add(database(1, 1))
	}

	fn look_for_new(g: u32) -> Weight {
		time(5)
			.saturating_add(database(1, 0))
			.saturating_add(time(6).saturating_add(database(1, 0)).saturating_mul(g.into()))
	}
}
