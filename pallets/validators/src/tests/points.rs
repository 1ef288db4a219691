//! What blocks are worth.

use std::collections::BTreeMap;

use frame_support::assert_ok;
use groma_core::{EpochIndex, money::Balance};
use groma_fakes::{Epoch, FIRST_EPOCH, Forgone, Minted, Reminted, Rewarded, StandsStill};
use groma_traits::FeedWork;

use crate::{
	Event, Work, Workers, Works,
	mock::*,
	points::{share_of, stored_work},
};

fn blocks(epoch: EpochIndex, validator: AccountId) -> Option<u32> {
	stored_work::<Test>(epoch, &validator).value().map(|work| work.blocks)
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
		assert_eq!([1, 2, 3].map(|it| blocks(FIRST_EPOCH, it)), [Some(2), None, Some(1)]);
		assert_eq!(Workers::<Test>::get(FIRST_EPOCH), Some(2));
	});
}

#[test]
fn block_by_no_member_of_the_set_is_no_point() {
	run_with(4, || {
		blocks_by(&[4, 1_000, u32::MAX]);
		assert_eq!(Works::<Test>::iter().count(), 0);
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
		let of_four = blocks(FIRST_EPOCH, 4);
		make_block(Some(3));
		assert_eq!(Session::validators(), [2, 3, 4, 9]);
		assert_eq!(blocks(FIRST_EPOCH, 9), Some(1));
		assert_eq!(blocks(FIRST_EPOCH, 4), of_four);
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
		assert!(has_happened(Event::PointsSettled { epoch, points: 4_000, rewarded: 1_002 }));
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
fn what_claims_left_is_divided_by_points_and_reminted() {
	run_with(4, || {
		blocks_by(&[0, 0, 0, 1]);
		close_epoch_with(1_003, 103);
		assert_eq!(rewarded(), [(1, 752 + 77), (2, 250 + 25)]);
		assert_eq!((Minted::get(), Reminted::get()), (1_002, 102));
		let (epoch, rewarded) = (FIRST_EPOCH, 1_104);
		assert!(has_happened(Event::PointsSettled { epoch, points: 4_000, rewarded }));
	});
}

#[test]
fn validators_are_paid_by_claims_when_the_schedule_is_over() {
	run_with(4, || {
		blocks_by(&[0, 1]);
		close_epoch_with(0, 100);
		assert_eq!(rewarded(), [(1, 50), (2, 50)]);
		assert_eq!((Minted::get(), Reminted::get()), (0, 100));
	});
}

#[test]
fn what_claims_left_for_an_operator_that_cannot_take_it_is_not_minted() {
	run_with(4, || {
		blocks_by(&[0, 0, 0, 1]);
		back_operator(1, 0, 0);
		close_epoch_with(1_000, 100);
		assert_eq!(rewarded(), [(2, 250 + 25)]);
		assert_eq!((Minted::get(), Forgone::get(), Reminted::get()), (250, 750, 25));
	});
}

#[test]
fn nothing_is_minted_when_no_one_has_points_or_the_pool_is_empty() {
	run_with(4, || {
		close_epoch_with(1_000, 1_000);
		blocks_by(&[0, 1]);
		close_epoch(0);
		assert_eq!((Minted::get(), Reminted::get(), rewarded()), (0, 0, vec![]));
		assert_eq!(Works::<Test>::iter().count(), 0);
	});
}

#[test]
fn points_are_those_of_an_epoch() {
	run_with(4, || {
		blocks_by(&[0]);
		Epoch::set(&(FIRST_EPOCH + 1));
		blocks_by(&[1, 1]);
		assert_eq!(blocks(FIRST_EPOCH, 1), Some(1));
		assert_eq!(blocks(FIRST_EPOCH + 1, 2), Some(2));
		close_epoch(100);
		assert_eq!(rewarded(), [(1, 100)]);
		close_epoch(100);
		assert_eq!(rewarded(), [(1, 100), (2, 100)]);
	});
}

#[test]
fn fresh_prices_count_by_whole_spans_of_four_minutes() {
	run_with(4, || {
		blocks_by(&[0]);
		for fed_ms in [0, 239_999, 1, 480_000] {
			Validators::note_fed(&2, fed_ms);
		}
		let work = stored_work::<Test>(FIRST_EPOCH, &2).value();
		assert_eq!(work, Some(Work { blocks: 0, fed_ms: 720_000 }));
		// Less than a span is worth nothing.
		Validators::note_fed(&3, 239_999);
		close_epoch(13_000);
		assert_eq!(rewarded(), [(1, 10_000), (2, 3_000)]);
		let epoch = FIRST_EPOCH;
		assert!(has_happened(Event::PointsSettled { epoch, points: 1_300, rewarded: 13_000 }));
	});
}

#[test]
fn points_of_work_are_bounded() {
	let most = Work { blocks: u32::MAX, fed_ms: u64::MAX };
	assert_eq!(most.points(u32::MAX), u64::MAX);
	assert_eq!(Work::default().points(1_000), 0);
}

#[test]
fn blocks_are_no_points_while_the_chain_stands_still() {
	run_with(4, || {
		StandsStill::set(&true);
		blocks_by(&[0, 1, 2]);
		Validators::note_fed(&1, 240_000);
		assert_eq!(Works::<Test>::iter().count(), 0);
		StandsStill::set(&false);
		blocks_by(&[3]);
		assert_eq!(blocks(FIRST_EPOCH, 4), Some(1));
	});
}

#[test]
fn no_one_more_gets_points_when_as_many_have_as_a_set_can_have() {
	chain_of(4).execute_with(|| {
		blocks_by(&[0]);
		Workers::<Test>::insert(FIRST_EPOCH, 1_000);
		blocks_by(&[0, 1]);
		assert_eq!([1, 2].map(|it| blocks(FIRST_EPOCH, it)), [Some(2), None]);
	});
}

#[test]
fn shares_never_exceed_the_pool() {
	for pool in [0, 1, 7, 999_983, 1_000_000_000_000_000_000_000, u128::MAX] {
		for points in [vec![1u64], vec![1, 2, 3], vec![u64::from(u32::MAX); 300], vec![0, 1]] {
			let total: u64 = points.iter().sum();
			let shares = points.iter().map(|points| share_of(pool, *points, total));
			let sum: Balance = shares.fold(0, Balance::saturating_add);
			assert!(sum <= pool, "{sum} of {pool}");
		}
	}
	assert_eq!(share_of(100, 0, 0), 0);
}
