//! What offences cost, when, and what they do to who commits them.

use frame_support::{assert_noop, assert_ok};
use groma_core::{EraIndex, money::Balance};
use groma_fakes::{Pending, SlashCalls, StandsStill};
use sp_runtime::{DispatchError::BadOrigin, DispatchResult};
use sp_staking::offence::OffenceError::{self, DuplicateReport};

use crate::{Error, Event, Offences, OffenderCounts, Slashes, mock::*};

/// Runs a test on a chain of so many in its second session.
fn run(count: u64, test: impl FnOnce()) {
	run_with(count, || {
		pass_sessions(1);
		test();
	});
}

/// Who was slashed for which era, and how much was asked for.
fn slashes() -> Vec<(AccountId, EraIndex, Balance)> {
	let calls = SlashCalls::<AccountId>::get().into_iter();
	calls
		.map(|(validator, era, amount, reporter)| {
			assert_eq!(reporter, Some(REPORTER));
			(validator, era, amount)
		})
		.collect()
}

fn waiting() -> Vec<(AccountId, EraIndex)> {
	Pending::<AccountId>::get()
}

fn cancel(era: EraIndex, validator: AccountId) -> DispatchResult {
	Validators::cancel_slash(RuntimeOrigin::root(), era, validator)
}

fn apply(era: EraIndex, validator: AccountId) -> DispatchResult {
	Validators::apply_slash(RuntimeOrigin::signed(8), era, validator)
}

#[test]
fn offence_costs_its_fraction_after_the_deferral() {
	run(4, || {
		assert_ok!(report((2, 1)));
		assert!(has_happened(Event::OffenceReported { era: 0, validator: 2, due: DEFERRAL_ERAS }));
		assert_eq!(waiting(), [(2, 0)]);
		pass_eras(DEFERRAL_ERAS - 1);
		pass_sessions(2);
		assert_eq!((slashes(), waiting()), (vec![], vec![(2, 0)]));
		pass_sessions(1);
		// One of four: 56.25 % of 1,000, rounded up.
		assert_eq!((slashes(), waiting()), (vec![(2, 0, 563)], vec![]));
		pass_eras(4);
		assert_eq!(slashes().len(), 1);
	});
}

#[test]
fn pending_slash_is_what_is_taken_if_no_one_else_offends() {
	run(10, || {
		let pending = || Validators::pending_slash(&2, &[0]);
		assert_eq!((pending(), Validators::pending_slash(&2, &[])), (None, Some(0)));
		assert_ok!(report((2, 1)));
		assert_eq!(pending(), Some(90));
		assert_ok!(report((3, 1)));
		assert_eq!(pending(), Some(360));
		pass_eras(DEFERRAL_ERAS);
		assert_eq!(slashes(), [(2, 0, 360), (3, 0, 360)]);
		assert_eq!(pending(), Some(0));
		assert_ok!(report((4, 1)));
		assert_eq!(pending(), Some(450), "one more, so that it owes the difference");
		assert_eq!(Validators::pending_slash(&2, &[0, 1]), None, "of era 1 none is known");
	});
}

#[test]
fn least_part_is_taken_of_a_single_offender_of_many() {
	run(40, || {
		assert_ok!(report((2, 1)));
		pass_eras(DEFERRAL_ERAS);
		assert_eq!(slashes(), [(2, 0, PROVISION / 100)]);
	});
}

#[test]
fn offence_is_reported_once_per_era_whatever_it_is() {
	run(10, || {
		assert!(!is_known((2, 1)));
		assert_ok!(report((2, 1)));
		assert!(is_known((2, 1)) && is_known((2, 0)) && !is_known((3, 1)));
		assert_eq!(report((2, 1)), Err(DuplicateReport));
		assert_eq!(report((2, 0)), Err(DuplicateReport));
		pass_eras(DEFERRAL_ERAS);
		assert_eq!(report((2, 1)), Err(DuplicateReport));
		assert_eq!(slashes(), [(2, 0, 90)]);
	});
}

#[test]
fn offences_of_two_eras_are_two() {
	run(4, || {
		assert_ok!(report((2, 1)));
		pass_eras(1);
		assert!(!is_known((2, 3)));
		assert_ok!(report((2, 3)));
		pass_eras(DEFERRAL_ERAS);
		let eras: Vec<_> = slashes().into_iter().map(|(_, era, _)| era).collect();
		assert_eq!(eras, [0, 1]);
	});
}

#[test]
fn all_offenders_count_that_are_known_when_a_slash_applies() {
	run(10, || {
		assert_ok!(report((2, 1)));
		pass_eras(1);
		assert_ok!(report((3, 2)));
		pass_eras(1);
		assert_eq!(slashes(), [(2, 0, 360)]);
		pass_eras(1);
		assert_eq!(slashes(), [(2, 0, 360), (3, 0, 360)]);
	});
}

#[test]
fn who_has_paid_pays_the_difference_after_a_deferral_when_there_are_more() {
	run(10, || {
		assert_ok!(report((2, 1)));
		pass_eras(DEFERRAL_ERAS);
		assert_eq!(slashes(), [(2, 0, 90)]);
		assert_ok!(report((3, 1)));
		assert_eq!(waiting(), [(2, 0), (3, 0)]);
		pass_eras(DEFERRAL_ERAS - 1);
		assert_eq!(slashes().len(), 1);
		pass_eras(1);
		assert_eq!(slashes(), [(2, 0, 90), (2, 0, 270), (3, 0, 360)]);
		assert!(waiting().is_empty());
	});
}

#[test]
fn nothing_more_is_due_when_one_more_offender_raises_nothing() {
	run(100, || {
		assert_ok!(report((2, 1)));
		pass_eras(DEFERRAL_ERAS);
		assert_ok!(report((3, 1)));
		assert_eq!(waiting(), [(3, 0)]);
		assert_noop!(apply(0, 2), Error::<Test>::NothingDue);
	});
}

#[test]
fn cancelled_offence_stays_cancelled_and_counts_no_more() {
	run(10, || {
		assert_ok!(report((2, 1)));
		assert_noop!(Validators::cancel_slash(RuntimeOrigin::signed(1), 0, 2), BadOrigin);
		assert_ok!(cancel(0, 2));
		assert!(has_happened(Event::SlashCancelled { era: 0, validator: 2 }));
		assert!(waiting().is_empty());
		assert_noop!(cancel(0, 2), Error::<Test>::SlashCancelled);
		assert_eq!(report((2, 0)), Err(DuplicateReport));
		assert_ok!(report((3, 1)));
		pass_eras(DEFERRAL_ERAS);
		assert_noop!(apply(0, 2), Error::<Test>::SlashCancelled);
		assert_eq!(slashes(), [(3, 0, 90)]);
		pass_eras(DEFERRAL_ERAS);
		assert_eq!(slashes(), [(3, 0, 90)]);
	});
}

#[test]
fn raise_is_not_due_when_the_offence_is_cancelled_after_its_slash() {
	run(10, || {
		assert_ok!(report((2, 1)));
		pass_eras(DEFERRAL_ERAS);
		assert_ok!(report((3, 1)));
		assert_ok!(cancel(0, 2));
		assert_eq!(waiting(), [(3, 0)]);
		pass_eras(DEFERRAL_ERAS);
		assert_eq!(slashes(), [(2, 0, 90), (3, 0, 90)]);
	});
}

#[test]
fn slash_is_applied_by_anyone_when_blocks_are_full() {
	run(10, || {
		assert_ok!(report((2, 1)));
		assert_noop!(Validators::apply_slash(RuntimeOrigin::root(), 0, 2), BadOrigin);
		assert_noop!(apply(0, 2), Error::<Test>::NothingDue);
		HasSpare::set(&false);
		pass_eras(DEFERRAL_ERAS);
		assert!(slashes().is_empty());
		assert_ok!(apply(0, 2));
		assert_noop!(apply(0, 2), Error::<Test>::NothingDue);
		HasSpare::set(&true);
		pass_sessions(1);
		assert_eq!(slashes(), [(2, 0, 90)]);
		assert_eq!(Slashes::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn slash_is_applied_before_its_offence_is_forgotten_when_blocks_were_full() {
	run(10, || {
		assert_ok!(report((2, 1)));
		HasSpare::set(&false);
		pass_eras(EVIDENCE_ERAS + DEFERRAL_ERAS + 2);
		HasSpare::set(&true);
		pass_sessions(1);
		assert_eq!(slashes(), [(2, 0, 90)]);
		assert_eq!(Offences::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn slash_of_an_unknown_era_or_validator_is_refused() {
	run(10, || {
		assert_ok!(report((2, 1)));
		for (era, validator) in [(0, 3), (0, 99), (1, 2), (EraIndex::MAX, 2)] {
			assert_noop!(apply(era, validator), Error::<Test>::OffenceUnknown);
			assert_noop!(cancel(era, validator), Error::<Test>::OffenceUnknown);
		}
		pass_eras(EVIDENCE_ERAS + DEFERRAL_ERAS + 1);
		assert_noop!(apply(0, 2), Error::<Test>::OffenceUnknown);
		assert_eq!(Offences::<Test>::iter_keys().count(), 0);
		assert_eq!(OffenderCounts::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn report_is_refused_when_its_session_is_forgotten_or_to_come_or_has_others() {
	run(10, || {
		let is_refused = |signer| {
			let refused = report(signer);
			assert!(matches!(refused, Err(OffenceError::Other(_))), "{refused:?}");
		};
		is_refused((2, 2));
		is_refused((2, u32::MAX));
		is_refused((11, 1));
		pass_eras(EVIDENCE_ERAS);
		assert!(!is_known((2, 0)));
		pass_eras(1);
		assert!(is_known((2, 0)));
		is_refused((2, 0));
		assert!(waiting().is_empty());
	});
}

#[test]
fn full_slash_lands_when_the_keys_were_changed_and_the_operator_left() {
	run(10, || {
		set_key(2, 102);
		assert_ok!(Validators::resign(RuntimeOrigin::signed(2)));
		pass_eras(1);
		assert_ok!(Validators::leave(RuntimeOrigin::signed(2)));
		pass_eras(EVIDENCE_ERAS - 1);
		let signer = signer(2, 2).expect("the key is remembered");
		assert_eq!(signer, (2, 2));
		assert_ok!(report(signer));
		pass_eras(DEFERRAL_ERAS);
		assert_eq!(slashes(), [(2, 0, 90)]);
	});
}

#[test]
fn base_is_what_stood_behind_the_validator_in_the_era_of_the_offence() {
	run(10, || {
		back_operator(2_u64, 3 * PROVISION, PROVISION);
		pass_eras(1);
		assert_ok!(report((2, 1)));
		assert_ok!(report((2, 3)));
		pass_eras(DEFERRAL_ERAS);
		assert_eq!(slashes(), [(2, 0, 90), (2, 1, 360)]);
	});
}

#[test]
fn offender_is_disabled_and_out_of_the_next_set() {
	run(10, || {
		assert_ok!(report((2, 1)));
		assert_eq!(disabled(), [2]);
		assert!(!Validators::is_candidate(&2));
		let declare = || Validators::declare(RuntimeOrigin::signed(2), None);
		assert_noop!(declare(), Error::<Test>::IsBarred);
		set_key(2, 102);
		pass_sessions(1);
		assert_eq!(disabled(), [2]);
		assert_ok!(declare());
		pass_sessions(1);
		assert_eq!((era(), disabled()), (1, vec![]));
		assert!(!Session::validators().contains(&2));
		pass_eras(1);
		assert!(Session::validators().contains(&2));
		assert!(disabled().is_empty());
	});
}

#[test]
fn offender_stays_disabled_in_an_era_that_was_elected_before_its_report() {
	run(10, || {
		pass_sessions(1);
		assert_ok!(report((2, 2)));
		pass_sessions(1);
		assert_eq!((era(), disabled()), (1, vec![2]));
		pass_eras(1);
		assert!(!Session::validators().contains(&2));
	});
}

#[test]
fn offender_that_returns_in_the_next_era_is_disabled_in_it() {
	run(10, || {
		assert_ok!(Validators::resign(RuntimeOrigin::signed(2)));
		pass_eras(1);
		assert!(!Session::validators().contains(&2));
		assert_ok!(Validators::declare(RuntimeOrigin::signed(2), None));
		pass_sessions(2);
		assert_ok!(report((2, 1)));
		assert_eq!((era(), disabled()), (1, vec![]));
		pass_sessions(1);
		assert!(Session::validators().contains(&2));
		assert_eq!((era(), disabled()), (2, vec![2]));
		pass_eras(1);
		assert!(!Session::validators().contains(&2));
		assert!(disabled().is_empty());
	});
}

#[test]
fn third_of_the_set_at_most_is_disabled_and_out_of_the_next_set() {
	run(10, || {
		for validator in 1..=6 {
			assert_ok!(report((validator, 1)));
		}
		assert_eq!(disabled(), [1, 2, 3]);
		pass_eras(1);
		assert_eq!(Session::validators(), [4, 5, 6, 7, 8, 9, 10]);
		pass_eras(1);
		// Six of ten lose all.
		let amounts: Vec<_> = slashes().into_iter().map(|(_, _, amount)| amount).collect();
		assert_eq!(amounts, [PROVISION; 6]);
	});
}

#[test]
fn set_stays_when_too_few_are_left_without_the_offender() {
	run(4, || {
		assert_ok!(report((2, 1)));
		pass_eras(1);
		assert_eq!(Session::validators(), [1, 2, 3, 4]);
		// It was not elected.
		assert_eq!(disabled(), [2]);
		assert_ok!(Validators::declare(RuntimeOrigin::signed(2), None));
		pass_eras(1);
		assert!(disabled().is_empty());
	});
}

#[test]
fn single_validator_is_slashed_and_goes_on() {
	run(1, || {
		assert_ok!(report((1, 1)));
		assert!(disabled().is_empty());
		pass_eras(DEFERRAL_ERAS);
		assert_eq!(slashes(), [(1, 0, PROVISION)]);
		assert_eq!(Session::validators(), [1]);
	});
}

#[test]
fn no_slash_applies_while_the_chain_stands_still() {
	run(10, || {
		assert_ok!(report((2, 1)));
		HasSpare::set(&false);
		pass_eras(DEFERRAL_ERAS);
		HasSpare::set(&true);
		StandsStill::set(&true);
		pass_sessions(1);
		assert_noop!(apply(0, 2), Error::<Test>::StandsStill);
		assert!(slashes().is_empty());
		StandsStill::set(&false);
		pass_sessions(1);
		assert_eq!(slashes(), [(2, 0, 90)]);
	});
}
