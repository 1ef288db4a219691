use frame_support::{
	assert_noop, assert_ok,
	storage::unhashed,
	traits::{Currency, ExistenceRequirement::AllowDeath},
};
use proptest::prelude::*;

use crate::{mock::*, *};

/// Pays out of the pot, if the meter lets it.
fn pay(amount: u64) -> Result<(), DispatchError> {
	Outflow::take(amount)?;
	<Balances as Currency<u64>>::transfer(&POT, &ELSEWHERE, amount, AllowDeath)
}

/// Pays into the pot.
fn pay_in(amount: u64) {
	assert_ok!(<Balances as Currency<u64>>::transfer(&ELSEWHERE, &POT, amount, AllowDeath));
}

#[test]
fn a_fiftieth_of_the_pot_may_leave_and_no_unit_more() {
	run(10_000, || {
		assert_eq!(Outflow::room(), 200);
		assert_noop!(Outflow::take(201), Error::<Test>::OutflowBound);
		assert_ok!(pay(150));
		assert_noop!(Outflow::take(51), Error::<Test>::OutflowBound);
		assert_ok!(pay(50));
		assert_eq!(Outflow::room(), 0);
	});
}

#[test]
fn the_share_is_of_what_the_pot_held_when_the_oldest_day_began() {
	run(10_000, || {
		assert_ok!(pay(200));
		pass_days(1);
		assert_eq!(Outflow::room(), 0);
	});
}

#[test]
fn what_came_in_may_leave_if_it_is_more_than_the_share() {
	run(10_000, || {
		pay_in(500);
		assert_eq!(Outflow::room(), 500);
		assert_ok!(pay(500));
		assert_noop!(Outflow::take(1), Error::<Test>::OutflowBound);
	});
}

#[test]
fn what_came_in_may_leave_within_thirty_days_and_no_later() {
	run(10_000, || {
		pay_in(5_000);
		pass_days(29);
		assert_eq!(Outflow::room(), 5_000);
		pass_days(1);
		assert_eq!(Outflow::room(), 200);
		pass_days(1);
		assert_eq!(Outflow::room(), 300);
	});
}

#[test]
fn the_same_may_leave_again_when_thirty_days_have_passed() {
	run(10_000, || {
		assert_ok!(pay(200));
		pass_days(30);
		assert_noop!(Outflow::take(1), Error::<Test>::OutflowBound);
		pass_days(1);
		assert_ok!(pay(196));
		assert_noop!(Outflow::take(1), Error::<Test>::OutflowBound);
	});
}

#[test]
fn nothing_leaves_as_long_as_the_meter_cannot_be_read() {
	new_chain(10_000).execute_with(|| {
		let key = Days::<Test>::hashed_key();
		assert!(Outflow::has_readable_meter());
		unhashed::put_raw(&key, &[0xff; 3]);
		assert!(!Outflow::has_readable_meter());
		assert_eq!(Outflow::room(), 0);
		assert_noop!(Outflow::take(1), Error::<Test>::MeterUnreadable);
		Outflow::note(1);
		pass_days(1);
		System::assert_last_event(Event::MeterUnreadable { day: 1 }.into());
		assert_eq!(unhashed::get_raw(&key), Some(vec![0xff; 3]));
		assert!(Outflow::do_try_state().is_err());
	});
}

#[test]
fn nothing_can_be_paid_from_an_empty_pot() {
	run(0, || {
		assert_eq!(Outflow::room(), 0);
		assert_ok!(Outflow::take(0));
		assert_noop!(Outflow::take(1), Error::<Test>::OutflowBound);
	});
}

/// What happens on one day: paid in, then asked for.
type DayOfTest = (u64, Vec<u64>);

/// Runs a course of days, and returns per day what the pot held at its beginning and what left it.
fn course(held: u64, days: &[DayOfTest]) -> Vec<(u64, u64)> {
	let mut meter = Meter::new(held);
	let mut pot = held;
	let mut seen = Vec::new();
	for (index, (income, asked)) in days.iter().enumerate() {
		if index > 0 {
			meter.begin_day(pot);
		}
		let began = pot;
		let mut left = 0;
		pot += income;
		for amount in asked {
			if *amount <= meter.room(pot).min(pot) {
				meter.note(*amount);
				pot -= amount;
				left += amount;
			}
		}
		seen.push((began, left));
	}
	seen
}

proptest! {
	/// On every day on which something left, no more left within the 31 calendar days that end with
	/// it, which cover every 30 days, than the larger of the share of the pot when they began and
	/// of what came in within the last 30 of them, which are covered by every 30 days.
	#[test]
	fn outflow_is_bounded_over_every_thirty_days(
		held in 0u64..1_000_000,
		days in prop::collection::vec(
			(0u64..20_000, prop::collection::vec(0u64..30_000, 0..4)),
			1..100,
		),
	) {
		let seen = course(held, &days);
		for last in (0..seen.len()).filter(|day| seen[*day].1 > 0) {
			let span = (last + 1).saturating_sub(DAYS as usize)..last + 1;
			let left: u64 = seen[span.clone()].iter().map(|(_, left)| left).sum();
			let latest = (last + 2).saturating_sub(DAYS as usize)..last + 1;
			let income: u64 = days[latest].iter().map(|(income, _)| income).sum();
			let share = seen[span.start].0 / u64::from(SHARE_DIVISOR);
			prop_assert!(left <= share.max(income), "day {last}: {left} of {share}, {income}");
		}
	}
}
