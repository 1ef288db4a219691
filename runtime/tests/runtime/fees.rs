//! How fees follow the load.

use frame_support::{
	BoundedVec, assert_ok,
	traits::{ConstU32, Get},
};
use groma_core::{
	payload::Observation,
	protocol::RECORDS_MAX,
	statement::{SignedObservation, StatementGroup},
	words::Signature,
};
use groma_runtime::{
	Challenges, Runtime, RuntimeCall, TransactionPayment, configs::money::OrdinaryLoadAdjustment,
};
use pallet_transaction_payment::{Multiplier, MultiplierUpdate};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Ferdie};
use sp_runtime::{Perquintill, traits::One};

use crate::chain::{Chain, account, signed};

fn multiplier(chain: &mut Chain) -> Multiplier {
	chain.with(TransactionPayment::next_fee_multiplier)
}

/// Makes a block that ordinary transactions fill as far as they may.
fn crowded_block(chain: &mut Chain) {
	let dest = account(Ferdie).into();
	let transfer: RuntimeCall =
		pallet_balances::Call::transfer_keep_alive { dest, value: 1 }.into();
	let calls = vec![transfer; 500];
	let batch: RuntimeCall = pallet_utility::Call::batch { calls }.into();
	let crowd = chain.with(|| (0..40).map(|n| signed(Bob, batch.clone(), n, 0)).collect());
	let outcomes = chain.block(crowd);
	assert_ok!(&outcomes[0]);
	assert!(outcomes[39].is_err(), "the block is full");
}

/// The largest bundle, of statements about no device.
fn junk() -> RuntimeCall {
	let observation = Observation {
		witness: 1,
		collector: 0,
		rssi_deci_dbm: 0,
		snr_deci_db: 0,
		commitment: [0; 8],
	};
	let statement = SignedObservation { observation, signature: Signature([0; 64]) };
	let statements: BoundedVec<_, ConstU32<RECORDS_MAX>> =
		BoundedVec::truncate_from(vec![statement; RECORDS_MAX as usize]);
	let window = Challenges::window_info().index;
	let groups = <Runtime as pallet_proof_of_coverage::Config>::MaxGroupsPerBundle::get();
	let groups: Vec<_> = (0..groups)
		.map(|beaconer| StatementGroup { window, beaconer, statements: statements.clone() })
		.collect();
	let groups = groups.try_into().expect("they are as many as may be");
	pallet_proof_of_coverage::Call::submit_statements { groups }.into()
}

#[test]
fn fees_rise_when_ordinary_transactions_fill_their_part_of_blocks() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let mut before = multiplier(&mut chain);
	assert_eq!(before, Multiplier::one());
	for _ in 0..3 {
		crowded_block(&mut chain);
		let after = multiplier(&mut chain);
		assert!(after > before, "{after:?} after {before:?}");
		before = after;
	}
}

#[test]
fn fees_fall_to_the_minimum_when_blocks_are_empty() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	(0..4).for_each(|_| crowded_block(&mut chain));
	let crowded = multiplier(&mut chain);
	chain.block(vec![]);
	let after = multiplier(&mut chain);
	assert!(Multiplier::one() < after && after < crowded);
	chain.blocks(4);
	assert_eq!(multiplier(&mut chain), Multiplier::one());
}

#[test]
fn fees_fall_when_nothing_but_bytes_fills_blocks() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	(0..3).for_each(|_| crowded_block(&mut chain));
	let before = multiplier(&mut chain);
	let megabyte: RuntimeCall = frame_system::Call::remark { remark: vec![1; 1 << 20] }.into();
	let crowd = chain.with(|| (0..4).map(|n| signed(Ferdie, megabyte.clone(), n, 0)).collect());
	let outcomes = chain.block(crowd);
	assert!(outcomes[2].is_ok() && outcomes[3].is_err(), "the block is full");
	assert!(multiplier(&mut chain) < before);
}

#[test]
fn fees_fall_as_in_empty_blocks_when_coverage_fills_its_lane() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	(0..3).for_each(|_| crowded_block(&mut chain));
	let before = multiplier(&mut chain);
	let crowd = chain.with(|| {
		let junk = junk();
		(0..24).map(|n| signed(Alice, junk.clone(), n, 0)).collect()
	});
	let outcomes = chain.block(crowd);
	assert_ok!(&outcomes[8]);
	assert!(outcomes[23].is_err(), "the lane is full");
	let empty = OrdinaryLoadAdjustment::after(before, Perquintill::zero());
	assert_eq!(multiplier(&mut chain), empty);
}

#[test]
fn minimum_multiplier_recovers_when_load_is_a_hundredth_above_the_target() {
	let next = |percent| {
		OrdinaryLoadAdjustment::after(Multiplier::one(), Perquintill::from_percent(percent))
	};
	assert!(next(51) > Multiplier::one());
	assert_eq!(next(50), Multiplier::one());
	assert_eq!(next(49), Multiplier::one());
}

#[test]
fn fees_less_than_double_in_a_day_of_full_blocks() {
	let day = (0..14_400).fold(Multiplier::one(), |previous, _| {
		OrdinaryLoadAdjustment::after(previous, Perquintill::one())
	});
	let bounds = [1.7, 1.8].map(|factor| Multiplier::from_inner((factor * 1e18) as u128));
	assert!(bounds[0] < day && day < bounds[1], "{day:?}");
}

#[test]
fn multiplier_stays_within_its_bounds_and_follows_the_load() {
	let (minimum, maximum) = (OrdinaryLoadAdjustment::min(), OrdinaryLoadAdjustment::max());
	let multipliers = (0..128).map(|shift| Multiplier::from_inner(u128::MAX >> shift));
	for (previous, percent) in multipliers.flat_map(|m| (0..=100).map(move |percent| (m, percent)))
	{
		let next = OrdinaryLoadAdjustment::after(previous, Perquintill::from_percent(percent));
		assert!(minimum <= next && next <= maximum);
		match percent {
			..50 => assert!(next <= previous.max(minimum), "{previous:?} at {percent} %"),
			50 => assert_eq!(next, previous.clamp(minimum, maximum)),
			_ => assert!(next >= previous.min(maximum), "{previous:?} at {percent} %"),
		}
	}
}
