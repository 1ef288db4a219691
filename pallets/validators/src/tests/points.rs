//! What blocks are worth.

use std::collections::BTreeMap;

use frame_support::assert_ok;
use groma_core::{EpochIndex, money::Balance};
use groma_fakes::{Epoch, FIRST_EPOCH, Forgone, Minted, Rewarded, StandsStill, back_operator};

use crate::{
	Authors, Event, Points,
	mock::*,
	points::{share_of, stored_points},
};

fn points(epoch: EpochIndex, validator: AccountId) -> Option<u32> {
	stored_points::<Test>(epoch, &validator).value()
}

fn rewarded() -> Vec<(AccountId, Balance)> {
	let rewarded: BTreeMap<AccountId, Balance> = Rewarded::<AccountId>::get();
	rewarded.into_iter().collect()
}

/// Makes blocks by the validators at these indices.
fn blocks_by(authors: &[u32]) {
	authors.iter().for_each(|author| make_block(Some(*author)));
}

#[test]
fn block_is_a_point_for_its_author() {
	run_with(4, || {
		blocks_by(&[0, 0, 2]);
		make_block(None);
		assert_eq!([1, 2, 3].map(|it| points(FIRST_EPOCH, it)), [Some(2), None, Some(1)]);
		assert_eq!(Authors::<Test>::get(FIRST_EPOCH), Some(2));
	});
}

#[test]
fn block_by_no_member_of_the_set_is_no_point() {
	run_with(4, || {
		blocks_by(&[4, 1_000, u32::MAX]);
		assert_eq!(Points::<Test>::iter().count(), 0);
	});
}

#[test]
fn block_that_changes_the_session_is_a_point_for_a_member_of_the_set_that_begins() {
	run_with(4, || {
		make_candidate(9, PROVISION);
		assert_ok!(Validators::resign(RuntimeOrigin::signed(1)));
		pass_sessions(2);
		while System::block_number() < 3 * SESSION_BLOCKS - 1 {
			make_block(Some(0));
		}
		assert_eq!(Session::validators(), [1, 2, 3, 4]);
		let of_four = points(FIRST_EPOCH, 4);
		make_block(Some(3));
		assert_eq!(Session::validators(), [2, 3, 4, 9]);
		assert_eq!(points(FIRST_EPOCH, 9), Some(1));
		assert_eq!(points(FIRST_EPOCH, 4), of_four);
	});
}

#[test]
fn pool_is_divided_by_points_and_rounded_down() {
	run_with(4, || {
		blocks_by(&[0, 0, 0, 1]);
		close_epoch(1_003);
		assert_eq!(rewarded(), [(1, 752), (2, 250)]);
		assert_eq!((Minted::get(), Forgone::get()), (1_002, 0));
		let epoch = FIRST_EPOCH;
		assert!(has_happened(Event::PointsSettled { epoch, points: 4, rewarded: 1_002 }));
	});
}

#[test]
fn what_an_operator_cannot_take_is_not_minted() {
	run_with(4, || {
		blocks_by(&[0, 0, 0, 1]);
		back_operator(1, 0, 0);
		close_epoch(1_000);
		assert_eq!(rewarded(), [(2, 250)]);
		assert_eq!((Minted::get(), Forgone::get()), (250, 750));
	});
}

#[test]
fn nothing_is_minted_when_no_one_has_points_or_the_pool_is_empty() {
	run_with(4, || {
		close_epoch(1_000);
		blocks_by(&[0, 1]);
		close_epoch(0);
		assert_eq!((Minted::get(), rewarded()), (0, vec![]));
		assert_eq!(Points::<Test>::iter().count(), 0);
	});
}

#[test]
fn points_are_those_of_an_epoch() {
	run_with(4, || {
		blocks_by(&[0]);
		Epoch::set(&(FIRST_EPOCH + 1));
		blocks_by(&[1, 1]);
		assert_eq!(points(FIRST_EPOCH, 1), Some(1));
		assert_eq!(points(FIRST_EPOCH + 1, 2), Some(2));
		close_epoch(100);
		assert_eq!(rewarded(), [(1, 100)]);
		close_epoch(100);
		assert_eq!(rewarded(), [(1, 100), (2, 100)]);
	});
}

#[test]
fn blocks_are_no_points_while_the_chain_stands_still() {
	run_with(4, || {
		StandsStill::set(&true);
		blocks_by(&[0, 1, 2]);
		assert_eq!(Points::<Test>::iter().count(), 0);
		StandsStill::set(&false);
		blocks_by(&[3]);
		assert_eq!(points(FIRST_EPOCH, 4), Some(1));
	});
}

#[test]
fn no_one_more_gets_points_when_as_many_have_as_a_set_can_have() {
	chain_of(4).execute_with(|| {
		blocks_by(&[0]);
		Authors::<Test>::insert(FIRST_EPOCH, 1_000);
		blocks_by(&[0, 1]);
		assert_eq!([1, 2].map(|it| points(FIRST_EPOCH, it)), [Some(2), None]);
	});
}

#[test]
fn shares_never_exceed_the_pool() {
	for pool in [0, 1, 7, 999_983, 1_000_000_000_000_000_000_000, u128::MAX] {
		for points in [vec![1], vec![1, 2, 3], vec![u32::MAX; 300], vec![0, 1]] {
			let total: u64 = points.iter().map(|points| u64::from(*points)).sum();
			let shares = points.iter().map(|points| share_of(pool, *points, total));
			let sum: Balance = shares.fold(0, Balance::saturating_add);
			assert!(sum <= pool, "{sum} of {pool}");
		}
	}
	assert_eq!(share_of(100, 0, 0), 0);
}
