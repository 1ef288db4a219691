//! What reports of equivocations weigh, and what root changes in BABE and GRANDPA.
//!
//! The pallets of the SDK add this up from numbers of their own, with the database weights of
//! RocksDB. It is the same sum here, with those of this chain's database.

use frame_support::weights::{
	RuntimeDbWeight, Weight,
	constants::{WEIGHT_REF_TIME_PER_MICROS, WEIGHT_REF_TIME_PER_NANOS},
};

use crate::Runtime;

/// Validators for which a report pays at least.
const VALIDATORS_MIN: u32 = 100;
/// Checking the proof that a key belongs to a validator, in microseconds.
const MEMBERSHIP_US: u64 = 35;
/// The same, for each validator, in nanoseconds.
const MEMBERSHIP_PER_VALIDATOR_NS: u64 = 175;
/// Recording an offence, in microseconds.
const OFFENCE_US: u64 = 110;
/// The same, for each nominator of the offender, in microseconds.
const OFFENCE_PER_NOMINATOR_US: u64 = 25;
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

/// A report whose proof takes `proof_us` to check.
fn report(proof_us: u64, validators: u32, nominators: u32) -> Weight {
	let (validators, nominators) =
		(u64::from(validators.max(VALIDATORS_MIN)), u64::from(nominators));
	let per_validator = MEMBERSHIP_PER_VALIDATOR_NS.saturating_mul(WEIGHT_REF_TIME_PER_NANOS);
	let records = nominators.saturating_mul(3);
	micros(MEMBERSHIP_US)
		.saturating_add(Weight::from_parts(per_validator.saturating_mul(validators), 0))
		.saturating_add(micros(proof_us))
		.saturating_add(micros(OFFENCE_US))
		.saturating_add(micros(OFFENCE_PER_NOMINATOR_US.saturating_mul(nominators)))
		.saturating_add(database().reads(records.saturating_add(19)))
		.saturating_add(database().writes(records.saturating_add(10)))
}

impl pallet_babe::WeightInfo for Consensus {
	fn plan_config_change() -> Weight {
		database().writes(1)
	}

	fn report_equivocation(validator_count: u32, max_nominators_per_validator: u32) -> Weight {
		report(TWO_BLOCKS_US, validator_count, max_nominators_per_validator)
	}
}

impl pallet_grandpa::WeightInfo for Consensus {
	fn report_equivocation(validator_count: u32, max_nominators_per_validator: u32) -> Weight {
		// The session of a set of voters is looked up first.
		report(TWO_VOTES_US, validator_count, max_nominators_per_validator)
			.saturating_add(database().reads(2))
	}

	fn note_stalled() -> Weight {
		micros(3).saturating_add(database().writes(1))
	}
}
