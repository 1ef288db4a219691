//! The clock of eras.

use groma_fakes::StandsStill;
use groma_traits::Eras;

use crate::{Event, mock::*};

#[test]
fn era_has_its_sessions_and_its_set_is_elected_when_the_last_one_begins() {
	run_with(4, || {
		let clock = || (Validators::active(), Validators::counted().expect("it decodes"));
		pass_sessions(1);
		assert_eq!(clock(), (0, 0));
		pass_sessions(1);
		assert_eq!(clock(), (0, 1));
		assert!(Validators::set_of(1).is_some());
		pass_sessions(1);
		assert_eq!(clock(), (1, 1));
		assert!(has_happened(Event::EraBegan { era: 1, session: 3 }));
		pass_sessions(3);
		assert_eq!(clock(), (2, 2));
	});
}

#[test]
fn another_length_holds_from_the_next_era_on() {
	run_with(4, || {
		SessionsPerEra::set(&1);
		pass_sessions(2);
		assert_eq!(era(), 0);
		for expected in 1..4 {
			pass_sessions(1);
			assert_eq!(era(), expected);
		}
		SessionsPerEra::set(&2);
		// The one that begins next is elected, and the present one ends as it was to end.
		pass_sessions(1);
		assert_eq!(era(), 4);
		pass_sessions(1);
		assert_eq!(era(), 4);
		pass_sessions(1);
		assert_eq!(era(), 5);
	});
}

#[test]
fn sets_are_forgotten_after_the_span_of_evidence() {
	run_with(4, || {
		pass_eras(7);
		assert_eq!(Validators::set_of(7 - EVIDENCE_ERAS - 1), None);
		for era in 7 - EVIDENCE_ERAS..=7 {
			assert!(Validators::set_of(era).is_some(), "era {era} is forgotten");
		}
	});
}

#[test]
fn no_era_ends_and_no_one_is_elected_while_the_chain_stands_still() {
	run_with(4, || {
		make_candidate(9, PROVISION);
		StandsStill::set(&true);
		pass_sessions(10);
		assert_eq!((Validators::active(), Validators::counted()), (0, Some(0)));
		assert_eq!(Session::current_index(), 10);
		assert_eq!(Session::validators(), [1, 2, 3, 4]);
		StandsStill::set(&false);
		pass_sessions(1);
		assert_eq!((Validators::active(), Validators::counted()), (0, Some(1)));
		pass_sessions(1);
		assert_eq!(era(), 1);
		assert_eq!(Session::validators(), [1, 2, 3, 4, 9]);
	});
}

#[test]
fn era_that_was_elected_begins_after_the_standstill() {
	run_with(4, || {
		make_candidate(9, PROVISION);
		pass_sessions(2);
		StandsStill::set(&true);
		pass_sessions(2);
		assert_eq!(Session::validators(), [1, 2, 3, 4, 9]);
		assert_eq!(era(), 0);
		Validators::do_try_state().expect("the invariants hold");
		StandsStill::set(&false);
		make_block(Some(4));
		assert_eq!(era(), 1);
		assert!(has_happened(Event::EraBegan { era: 1, session: 4 }));
		pass_sessions(3);
		assert_eq!(era(), 2);
	});
}
