use frame_support::storage::unhashed;
use groma_traits::Load;
use sp_runtime::{FixedPointNumber, FixedU128, Perbill, Perquintill, traits::One};

use super::*;
use crate::{EvidenceLane, FeeMultiplier, LaneUse, Track, types::BlockShares};

/// Ends a block of which evidence took shares of the lane, in compute and in bytes.
fn block(time: u32, bytes: u32) {
	let limit = EvidenceLane::<Test>::limit(Track::Evidence);
	let share = Perbill::from_percent;
	let evidence = Load {
		ref_time: share(time).mul_floor(limit.ref_time),
		length: share(bytes).mul_floor(limit.length),
	};
	LaneUse::<Test>::put(BlockShares { evidence, ..Default::default() });
	next_block();
}

#[test]
fn fees_of_evidence_follow_the_scarcer_of_compute_and_bytes() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(Challenges::fee_multiplier(), FixedU128::one());
		for (time, bytes) in [(100, 0), (0, 100), (100, 100)] {
			let before = Challenges::fee_multiplier();
			block(time, bytes);
			let after = Challenges::fee_multiplier();
			assert!(after > before, "{after:?} after {before:?}");
		}
		let before = Challenges::fee_multiplier();
		block(60, 70);
		assert!(Challenges::fee_multiplier() < before);
	});
}

#[test]
fn fees_of_evidence_stay_within_their_bounds() {
	ExtBuilder.build_and_execute(|| {
		(0..100).for_each(|_| block(100, 0));
		assert_eq!(Challenges::fee_multiplier(), FixedU128::saturating_from_integer(2));
		(0..100).for_each(|_| block(0, 0));
		assert_eq!(Challenges::fee_multiplier(), FixedU128::one());
	});
}

#[test]
fn fees_of_evidence_are_those_of_quiet_times_while_they_do_not_decode() {
	ExtBuilder.build_and_execute(|| {
		block(100, 0);
		let (key, before) = (FeeMultiplier::<Test>::hashed_key(), Challenges::fee_multiplier());
		let good = unhashed::get_raw(&key).expect("it rose");
		unhashed::put_raw(&key, &[7]);
		block(100, 0);
		assert_eq!(Challenges::fee_multiplier(), FixedU128::one());
		assert_eq!(unhashed::get_raw(&key), Some(vec![7]), "it was overwritten");
		unhashed::put_raw(&key, &good);
		assert_eq!(Challenges::fee_multiplier(), before);
	});
}

#[test]
fn fees_of_evidence_stay_while_the_chain_stands_still() {
	ExtBuilder.build_and_execute(|| {
		block(100, 0);
		let before = Challenges::fee_multiplier();
		StandsStill::set(&true);
		block(0, 0);
		assert_eq!(Challenges::fee_multiplier(), before);
		StandsStill::set(&false);
		block(0, 0);
		assert!(Challenges::fee_multiplier() < before);
	});
}

#[test]
fn ordinary_transactions_leave_the_fees_of_evidence_alone() {
	ExtBuilder.build_and_execute(|| {
		let other = EvidenceLane::<Test>::limit(Track::Other);
		LaneUse::<Test>::put(BlockShares { other, ..Default::default() });
		next_block();
		assert_eq!(Challenges::fee_multiplier(), FixedU128::one());
	});
}

#[test]
fn multiplier_does_not_move_at_the_target() {
	let rule = Fees::get();
	let multiplier = FixedU128::saturating_from_rational(3, 2);
	let after = |percent| rule.after(multiplier, Perquintill::from_percent(percent));
	assert_eq!(after(80), multiplier);
	assert!(after(79) < multiplier && multiplier < after(81));
}
