//! Letting stake go.

use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use groma_core::{
	money::{Balance, GRM},
	protocol::{DEVICE_THAW_WINDOWS, THAWS_MAX},
};
use groma_fakes::NetworkMap;

use crate::{Error, Event, HoldReason, Provisions, Purpose, Totals, mock::*};

#[test]
fn stake_is_released_when_it_has_thawed() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 100 * GRM)]).build_and_execute(|| {
		let (owner, purpose) = (10, Purpose::Devices(LORAWAN));
		assert_ok!(thaw(10, LORAWAN, 30 * GRM));
		let due = START + DEVICE_THAW_WINDOWS;
		let amount = 30 * GRM;
		System::assert_last_event(Event::ThawBegun { owner, purpose, amount, due }.into());
		assert_eq!(stake_of(10, LORAWAN), (70 * GRM, 30 * GRM));
		pass(DEVICE_THAW_WINDOWS - 1);
		assert_noop!(withdraw(10, LORAWAN), Error::<Test>::NothingDue);
		pass(1);
		assert_ok!(withdraw(10, LORAWAN));
		System::assert_last_event(Event::Withdrawn { owner, purpose, amount }.into());
		assert_eq!(Balances::free_balance(10), GENESIS - 70 * GRM);
		assert_noop!(withdraw(10, LORAWAN), Error::<Test>::NothingDue);
	});
}

#[test]
fn nothing_is_left_when_all_is_withdrawn() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 100 * GRM)]).build_and_execute(|| {
		assert_ok!(thaw(10, LORAWAN, 100 * GRM));
		assert!(!Totals::<Test>::contains_key(LORAWAN));
		pass(DEVICE_THAW_WINDOWS);
		assert_ok!(withdraw(10, LORAWAN));
		assert!(!Provisions::<Test>::contains_key((10, LORAWAN)));
		assert_eq!(Balances::balance_on_hold(&HoldReason::Devices.into(), &10), 0);
	});
}

#[test]
fn thaw_is_refused_when_it_leaves_or_moves_too_little() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 10 * GRM)]).build_and_execute(|| {
		for amount in [0, 1, GRM - 1, 9 * GRM + 1, 10 * GRM - 1] {
			assert_noop!(thaw(10, LORAWAN, amount), Error::<Test>::BelowMinimum);
		}
		for amount in [10 * GRM + 1, Balance::MAX] {
			assert_noop!(thaw(10, LORAWAN, amount), Error::<Test>::NotEnoughActive);
		}
		assert_noop!(thaw(11, LORAWAN, GRM), Error::<Test>::NotEnoughActive);
		assert_noop!(thaw(11, LORAWAN, 0), Error::<Test>::BelowMinimum);
		assert_ok!(thaw(10, LORAWAN, 9 * GRM));
		assert_ok!(thaw(10, LORAWAN, GRM));
	});
}

#[test]
fn entries_of_one_window_are_one() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 100 * GRM)]).build_and_execute(|| {
		assert_ok!(thaw(10, LORAWAN, 10 * GRM));
		assert_ok!(thaw(10, LORAWAN, 10 * GRM));
		assert_eq!(provision_of(10, LORAWAN).thawing.len(), 1);
		pass(1);
		assert_ok!(thaw(10, LORAWAN, 10 * GRM));
		assert_eq!(provision_of(10, LORAWAN).thawing.len(), 2);
	});
}

#[test]
fn ninth_entry_joins_the_newest_and_takes_its_later_date() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 100 * GRM)]).build_and_execute(|| {
		for _ in 0..=THAWS_MAX {
			assert_ok!(thaw(10, LORAWAN, GRM));
			pass(1);
		}
		let thawing = provision_of(10, LORAWAN).thawing;
		assert_eq!(thawing.len() as u32, THAWS_MAX);
		let newest = thawing.last().expect("eight");
		let due = START + THAWS_MAX + DEVICE_THAW_WINDOWS;
		assert_eq!((newest.due, newest.amount), (due, 2 * GRM));
		// All but the newest are due one window before it.
		CurrentWindow::set(&(due - 1));
		assert_ok!(withdraw(10, LORAWAN));
		assert_eq!(stake_of(10, LORAWAN), (91 * GRM, 2 * GRM));
	});
}

#[test]
fn owner_leaves_a_network_that_is_gone() {
	ExtBuilder::default().provisions(&[(10, SENSORS, 100 * GRM)]).build_and_execute(|| {
		NetworkMap::mutate(|networks| networks.remove(&SENSORS));
		assert_ok!(thaw(10, SENSORS, 100 * GRM));
		pass(DEVICE_THAW_WINDOWS);
		assert_ok!(withdraw(10, SENSORS));
		assert_eq!(Balances::free_balance(10), GENESIS);
	});
}
