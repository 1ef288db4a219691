//! What offences of an operator cost, whom, and who escapes.

use frame_support::{assert_ok, traits::fungible::InspectHold};
use groma_core::{
	money::{Balance, GRM},
	protocol::{DEFER_ERAS, EVIDENCE_ERAS, THAW_ERAS},
};
use groma_traits::{Backed, Backing, Slashed};

use crate::{Event, HoldReason, mock::*};

const REPORTER: AccountId = 17;

/// 10 has 100 GRM of its own, 11 and 12 delegate 300 and 100 GRM to it.
fn with_pool(test: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		open_operator(10, 100 * GRM);
		assert_ok!(delegate(11, 10, 300 * GRM));
		assert_ok!(delegate(12, 10, 100 * GRM));
		test();
	});
}

fn report(amount: Balance, reporter: AccountId) -> Slashed {
	<Stake as Backing<AccountId>>::slash(&10, FIRST_ERA, amount, Some(&reporter))
}

#[test]
fn own_stake_pays_first_and_the_reporter_gets_a_part_of_it() {
	with_pool(|| {
		let slashed = report(60 * GRM, REPORTER);
		assert_eq!(slashed, Slashed { own: 60 * GRM, delegated: 0, rewarded: 3 * GRM });
		System::assert_last_event(
			Event::OperatorSlashed {
				operator: 10,
				era: FIRST_ERA,
				own: 60 * GRM,
				delegated: 0,
				burned: 57 * GRM,
				rewarded: 3 * GRM,
				reporter: Some(REPORTER),
			}
			.into(),
		);
		assert_eq!(Balances::free_balance(REPORTER), GENESIS + 3 * GRM);
		assert_eq!(Burned::get(), 57 * GRM);
		let backed = <Stake as Backing<AccountId>>::of(&10);
		assert_eq!(backed, Backed { own: 40 * GRM, total: 440 * GRM });
	});
}

#[test]
fn those_who_delegate_pay_by_their_parts_when_own_stake_is_gone() {
	with_pool(|| {
		let slashed = report(140 * GRM, REPORTER);
		let expected = Slashed { own: 100 * GRM, delegated: 40 * GRM, rewarded: 5 * GRM };
		assert_eq!(slashed, expected);
		assert_eq!((Burned::get(), Stake::unsettled()), (95 * GRM, Some(40 * GRM)));
		// No record was touched; each is settled by the next call that concerns it.
		assert_eq!(delegated(11, 10), (300 * GRM, 0));
		assert_ok!(undelegate(11, 10, None));
		assert_eq!(delegated(11, 10), (0, 270 * GRM));
		settle(10, &[12, 13]);
		System::assert_last_event(
			Event::Settled { delegator: 12, operator: 10, burned: 10 * GRM }.into(),
		);
		assert_eq!(delegated(12, 10), (90 * GRM, 0));
		assert_eq!((Burned::get(), Stake::unsettled()), (135 * GRM, Some(0)));
		let events = System::events().len();
		settle(10, &[11, 12, 12]);
		assert_eq!(System::events().len(), events, "there is nothing left to settle");
	});
}

#[test]
fn slash_takes_at_most_what_there_is() {
	with_pool(|| {
		assert_eq!(slash(10, FIRST_ERA, Balance::MAX), (100 * GRM, 400 * GRM));
		assert_eq!(slash(10, FIRST_ERA, GRM), (0, 0));
		assert_eq!(slash(13, FIRST_ERA, GRM), (0, 0));
		settle(10, &[11, 12]);
		for (who, lost) in [(10, 100 * GRM), (11, 300 * GRM), (12, 100 * GRM)] {
			assert_eq!(Balances::free_balance(who), GENESIS - lost);
		}
	});
}

#[test]
fn slash_of_nothing_leaves_no_trace() {
	with_pool(|| {
		let events = System::events().len();
		assert_eq!(slash(10, FIRST_ERA, 0), (0, 0));
		assert_eq!(slash(10, FIRST_ERA + 1, 100 * GRM), (0, 0), "the era is to come");
		assert_eq!(System::events().len(), events);
	});
}

#[test]
fn stake_that_left_after_the_era_of_the_offence_does_not_escape() {
	with_pool(|| {
		assert_ok!(thaw_own(10, 100 * GRM));
		assert_ok!(undelegate(11, 10, None));
		// The latest moment at which the slash can come.
		begin_era(FIRST_ERA + EVIDENCE_ERAS + DEFER_ERAS);
		assert_eq!(slash(10, FIRST_ERA, 500 * GRM), (100 * GRM, 400 * GRM));
		begin_era(FIRST_ERA + THAW_ERAS);
		settle(10, &[11, 12]);
		let held = |who| Balances::balance_on_hold(&HoldReason::Delegated.into(), &who);
		assert_eq!((held(11), held(12)), (0, 0));
		assert_eq!(Burned::get(), 500 * GRM);
	});
}

#[test]
fn stake_that_left_between_an_election_and_its_era_does_not_escape() {
	with_pool(|| {
		CountedEra::set(&(FIRST_ERA + 1));
		assert_ok!(undelegate(11, 10, None));
		begin_era(FIRST_ERA + 1);
		assert_eq!(slash(10, FIRST_ERA + 1, 300 * GRM), (100 * GRM, 200 * GRM));
		settle(10, &[11, 12]);
		assert_eq!((delegated(11, 10), delegated(12, 10)), ((0, 150 * GRM), (50 * GRM, 0)));
	});
}

#[test]
fn stake_that_left_before_the_era_of_the_offence_is_spared() {
	with_pool(|| {
		assert_ok!(thaw_own(10, 50 * GRM));
		assert_ok!(undelegate(11, 10, Some(200 * GRM)));
		pass_eras(1);
		assert_eq!(slash(10, FIRST_ERA + 1, 500 * GRM), (50 * GRM, 200 * GRM));
		settle(10, &[11, 12]);
		assert_eq!((delegated(11, 10), delegated(12, 10)), ((0, 200 * GRM), (0, 0)));
		pass_eras(THAW_ERAS);
		assert_ok!(withdraw_delegated(11, 10));
		assert_ok!(withdraw_own(10));
		assert_eq!(Balances::free_balance(11), GENESIS - 100 * GRM);
		assert_eq!(Balances::free_balance(10), GENESIS - 50 * GRM);
	});
}

#[test]
fn stake_delegated_to_another_operator_is_spared() {
	with_pool(|| {
		open_operator(13, 10 * GRM);
		assert_ok!(delegate(11, 13, 200 * GRM));
		assert_eq!(slash(10, FIRST_ERA, 500 * GRM), (100 * GRM, 400 * GRM));
		settle(10, &[11, 12]);
		settle(13, &[11]);
		assert_eq!((delegated(11, 10), delegated(11, 13)), ((0, 0), (200 * GRM, 0)));
	});
}

#[test]
fn slash_of_an_era_takes_what_thaws_of_it_and_of_later_ones() {
	with_pool(|| {
		// 100 GRM of each of four eras thaw, of 11 until 102 and of 12 in 103.
		for _ in 0..3 {
			assert_ok!(undelegate(11, 10, Some(90 * GRM)));
			pass_eras(1);
		}
		assert_ok!(undelegate(12, 10, Some(90 * GRM)));
		pass_eras(1);
		// Of era 102 on stood 30 and 10 active, 90 and 90 that thaw, and 100 of the operator.
		assert_eq!(slash(10, FIRST_ERA + 2, 210 * GRM), (100 * GRM, 110 * GRM));
		settle(10, &[11, 12]);
		assert_eq!(delegated(11, 10), (15 * GRM, 180 * GRM + 45 * GRM));
		assert_eq!(delegated(12, 10), (5 * GRM, 45 * GRM));
	});
}

#[test]
fn slash_of_a_forgotten_era_takes_only_what_has_not_thawed() {
	with_pool(|| {
		assert_ok!(undelegate(11, 10, None));
		pass_eras(THAW_ERAS + 1);
		// What has thawed and was not withdrawn is out of reach.
		assert_eq!(slash(10, 0, 1_000 * GRM), (100 * GRM, 100 * GRM));
		assert_ok!(withdraw_delegated(11, 10));
		assert_eq!(Balances::free_balance(11), GENESIS);
	});
}

#[test]
fn share_of_a_reporter_that_cannot_receive_is_burned() {
	with_pool(|| {
		// 5 % of 0.1 GRM do not open an account; of 1 GRM they do.
		assert_eq!(report(GRM / 10, 99).rewarded, 0);
		assert_eq!(Burned::get(), GRM / 10);
		assert_eq!(report(GRM, 99).rewarded, GRM / 20);
		assert_eq!(Balances::free_balance(99), GRM / 20);
	});
}

#[test]
fn late_joiner_pays_for_a_past_that_it_did_not_share() {
	with_pool(|| {
		pass_eras(1);
		assert_ok!(delegate(13, 10, 100 * GRM));
		assert_eq!(slash(10, FIRST_ERA, 350 * GRM), (100 * GRM, 250 * GRM));
		settle(10, &[13]);
		assert_eq!(delegated(13, 10), (50 * GRM, 0));
	});
}
