//! Pools that lost all, and what begins after that.

use frame_support::{assert_noop, assert_ok};
use groma_core::{money::GRM, protocol::THAW_ERAS};

use crate::{Error, Event, Generations, Operators, mock::*};

/// 10 has 100 GRM of its own; 11 and 12 delegated 100 GRM each, and lost them.
fn with_ended_pool(test: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		open_operator(10, 100 * GRM);
		for who in [11, 12] {
			assert_ok!(delegate(who, 10, 100 * GRM));
		}
		assert_eq!(reward(10, 30 * GRM), 30 * GRM);
		assert_eq!(slash(10, FIRST_ERA, 300 * GRM), (100 * GRM, 200 * GRM));
		System::assert_has_event(Event::GenerationEnded { operator: 10, generation: 0 }.into());
		test();
	});
}

#[test]
fn who_joins_after_a_full_slash_has_no_part_in_it() {
	with_ended_pool(|| {
		assert_ok!(delegate(13, 10, 50 * GRM));
		settle(10, &[11, 13]);
		assert_eq!(delegated(11, 10), (0, 0));
		assert_eq!(delegated(13, 10), (50 * GRM, 0));
		assert_eq!(Burned::get(), 200 * GRM, "12 is not settled");
		assert_eq!(Stake::unsettled(), Some(100 * GRM));
		assert!(Generations::<Test>::contains_key(10, 0));
		settle(10, &[12]);
		assert!(!Generations::<Test>::contains_key(10, 0), "no record of it is left");
		assert_eq!(Stake::unsettled(), Some(0));
	});
}

#[test]
fn rewards_earned_before_a_full_slash_stay_claimable() {
	with_ended_pool(|| {
		assert_ok!(delegate(13, 10, 50 * GRM));
		assert_eq!(reward(10, 50 * GRM), 50 * GRM);
		for (who, amount) in [(10, 10 * GRM), (11, 10 * GRM), (12, 10 * GRM), (13, 50 * GRM)] {
			assert_ok!(claim(10, who));
			let event = Event::RewardClaimed { operator: 10, account: who, amount };
			System::assert_last_event(event.into());
			// Of who lost all, the record is gone with the last reward.
			let is_known = who == 10 || who == 13;
			let (nothing, unknown) = (Error::<Test>::NothingOwed, Error::<Test>::NoDelegation);
			assert_noop!(claim(10, who), if is_known { nothing } else { unknown });
		}
	});
}

#[test]
fn nothing_can_be_let_go_after_a_full_slash() {
	with_ended_pool(|| {
		assert_noop!(undelegate(11, 10, None), Error::<Test>::NoDelegation);
		assert_noop!(undelegate(11, 10, Some(GRM)), Error::<Test>::NoDelegation);
		assert_noop!(withdraw_delegated(11, 10), Error::<Test>::NothingDue);
		assert_noop!(thaw_own(10, GRM), Error::<Test>::NotEnoughActive);
	});
}

#[test]
fn who_lost_all_delegates_again_in_the_next_generation() {
	with_ended_pool(|| {
		assert_ok!(delegate(11, 10, 20 * GRM));
		assert_eq!(delegated(11, 10), (20 * GRM, 0));
		assert_eq!(delegation_of(11, 10).active.generation, 1);
		assert_eq!(slash(10, FIRST_ERA, 20 * GRM), (0, 20 * GRM));
		assert_eq!(operator_of(10).pool.stake.generation, 2);
		settle(10, &[11, 12]);
		assert_eq!(delegation_of(11, 10).owed, 10 * GRM);
		assert_eq!(Generations::<Test>::iter().count(), 0);
	});
}

#[test]
fn who_undelegates_after_a_full_slash_of_what_thaws_has_no_part_in_it() {
	ExtBuilder::default().build_and_execute(|| {
		open_operator(10, 10 * GRM);
		assert_ok!(delegate(11, 10, 100 * GRM));
		assert_ok!(undelegate(11, 10, None));
		assert_eq!(slash(10, FIRST_ERA, 110 * GRM), (10 * GRM, 100 * GRM));
		// Of the same era, in the next generation of its tranche.
		assert_ok!(delegate(12, 10, 100 * GRM));
		assert_ok!(undelegate(12, 10, None));
		settle(10, &[11, 12]);
		assert_eq!((delegated(11, 10), delegated(12, 10)), ((0, 0), (0, 100 * GRM)));
		pass_eras(THAW_ERAS);
		assert_noop!(withdraw_delegated(11, 10), Error::<Test>::NoDelegation);
		assert_ok!(withdraw_delegated(12, 10));
		assert_eq!(Balances::free_balance(12), GENESIS);
		assert!(!Operators::<Test>::contains_key(10), "nothing refers to it any more");
	});
}

#[test]
fn pool_below_a_millionth_of_a_planck_per_share_is_taken_whole() {
	ExtBuilder::default().build_and_execute(|| {
		open_operator(10, GRM);
		assert_ok!(delegate(11, 10, 100 * GRM));
		assert_eq!(slash(10, FIRST_ERA, 101 * GRM - 1), (GRM, 100 * GRM));
		assert_eq!(operator_of(10).pool.stake.generation, 1);
	});
}
