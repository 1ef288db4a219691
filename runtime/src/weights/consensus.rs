//! What reports of equivocations weigh, and what root changes in BABE and GRANDPA.
//!
//! The pallets of the SDK add this up from their numbers, with the database weights of
//! RocksDB. What checks a proof is the same sum here, with those of this chain's database; what
//! records an offence is measured with the pallet that does.

use frame_support::weights::{RuntimeDbWeight, Weight, constants::WEIGHT_REF_TIME_PER_MICROS};

use crate::Runtime;

/// Finding whose a key was, in microseconds: the proof says where that is recorded.
const OWNER_US: u64 = 35;
/// The same, twice, in reads: the record, the clock and the starts of at most 64 eras.
const OWNER_READS: u64 = 2 * 66;
/// Checking two headers of one slot, in microseconds.
const TWO_BLOCKS_US: u64 = 110;
/// Checking two votes of one round, in microseconds.
const TWO_VOTES_US: u64 = 95;

/// The weights of BABE and of GRANDPA.
pub struct Consensus;

fn database() -> RuntimeDbWeight {
	<Runtime as frame_system::Config>::DbWeight::get()
}

fn micros(count: u64) -> Weight {
	Weight::from_parts(count.saturating_mul(WEIGHT_REF_TIME_PER_MICROS), 0)
}

/// A report whose proof takes `proof_us` to check, of a set of so many validators: at the worst all
/// others of it were slashed already, and owe more by it.
fn report(proof_us: u64, validators: u32) -> Weight {
	micros(OWNER_US)
		.saturating_add(micros(proof_us))
		.saturating_add(database().reads(OWNER_READS))
		.saturating_add(pallet_validators::Pallet::<Runtime>::report_weight(validators))
}

impl pallet_babe::WeightInfo for Consensus {
	fn plan_config_change() -> Weight {
		database().writes(1)
	}

	fn report_equivocation(validator_count: u32, _: u32) -> Weight {
		report(TWO_BLOCKS_US, validator_count)
	}
}

impl pallet_grandpa::WeightInfo for Consensus {
	fn report_equivocation(validator_count: u32, _: u32) -> Weight {
		// The session of a set of voters is looked up first.
		report(TWO_VOTES_US, validator_count).saturating_add(database().reads(2))
	}

	fn note_stalled() -> Weight {
		micros(3).saturating_add(database().writes(1))
	}
}
