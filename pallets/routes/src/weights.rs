//! What calls cost. The runtime takes measured weights; those of `()` are estimates for tests.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet.
pub trait WeightInfo {
	/// Setting the first route of a payer that has as many addresses and JoinEUIs as it may.
	fn set_route() -> Weight;
	/// Removing the route of such a payer.
	fn remove_route() -> Weight;
	/// Claiming a JoinEUI as the last payer that can.
	fn claim_join_eui() -> Weight;
	/// Releasing a JoinEUI that as many payers share as can.
	fn release_join_eui() -> Weight;
	/// The same by governance.
	fn force_release_join_eui() -> Weight;
	/// Allotting the last range that a payer may have.
	fn allot_addresses() -> Weight;
	/// Taking back a range of a payer that has as many as it may.
	fn take_back_addresses() -> Weight;
	/// Setting an offer in place of that of a former owner.
	fn set_offer() -> Weight;
	/// Removing the offer of a former owner.
	fn remove_offer() -> Weight;
}

impl WeightInfo for () {
	fn set_route() -> Weight {
		estimate(80, 5, 4)
	}

	fn remove_route() -> Weight {
		estimate(70, 4, 4)
	}

	fn claim_join_eui() -> Weight {
		estimate(80, 5, 5)
	}

	fn release_join_eui() -> Weight {
		estimate(80, 5, 5)
	}

	fn force_release_join_eui() -> Weight {
		estimate(80, 5, 5)
	}

	fn allot_addresses() -> Weight {
		estimate(60, 5, 3)
	}

	fn take_back_addresses() -> Weight {
		estimate(50, 3, 3)
	}

	fn set_offer() -> Weight {
		estimate(120, 9, 6)
	}

	fn remove_offer() -> Weight {
		estimate(80, 6, 4)
	}
}

fn estimate(micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(1_000_000), 8_000)
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
