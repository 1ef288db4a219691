//! Setting stake aside, by call and at genesis.

use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use groma_core::money::{Balance, GRM};
use sp_runtime::{DispatchError, TokenError};

use crate::{Error, Event, HoldReason, Purpose, mock::*};

#[test]
fn provision_is_on_hold_and_adds_up() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(provision(10, LORAWAN, 50 * GRM));
		assert_ok!(provision(10, LORAWAN, 1));
		System::assert_last_event(
			Event::Provisioned {
				owner: 10,
				purpose: Purpose::Devices(LORAWAN),
				amount: 1,
				active: 50 * GRM + 1,
			}
			.into(),
		);
		assert_ok!(provision(10, SENSORS, GRM));
		assert_eq!(stake_of(10, LORAWAN), (50 * GRM + 1, 0));
		assert_eq!(stake_of(10, SENSORS), (GRM, 0));
		let on_hold = Balances::balance_on_hold(&HoldReason::Devices.into(), &10);
		assert_eq!(on_hold, 51 * GRM + 1);
		assert_eq!(Balances::free_balance(10), GENESIS - on_hold);
	});
}

#[test]
fn provision_is_refused_when_less_than_the_least_would_stand() {
	ExtBuilder::default().build_and_execute(|| {
		for amount in [0, 1, GRM - 1] {
			assert_noop!(provision(10, LORAWAN, amount), Error::<Test>::BelowMinimum);
		}
		assert_ok!(provision(10, LORAWAN, GRM));
		assert_noop!(provision(10, LORAWAN, 0), Error::<Test>::BelowMinimum);
	});
}

#[test]
fn provision_is_refused_when_the_account_cannot_hold_it() {
	ExtBuilder::default().build_and_execute(|| {
		for (owner, amount) in [(10, GENESIS), (10, GENESIS + 1), (10, Balance::MAX), (99, GRM)] {
			assert_noop!(provision(owner, LORAWAN, amount), TokenError::FundsUnavailable);
		}
		assert_ok!(provision(10, LORAWAN, GENESIS - EXISTENTIAL_DEPOSIT));
	});
}

#[test]
fn provision_is_refused_when_there_is_no_such_network() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(provision(10, GONE, 50 * GRM), Error::<Test>::NetworkUnknown);
		alter_network(SENSORS, |network| network.is_unreadable = true);
		assert_noop!(provision(10, SENSORS, 50 * GRM), Error::<Test>::NetworkUnknown);
	});
}

#[test]
fn genesis_provisions_before_there_are_networks() {
	let provisions = [(10, LORAWAN, 100 * GRM), (10, SENSORS, GRM), (11, LORAWAN, GRM)];
	ExtBuilder::default().provisions(&provisions).build_and_execute(|| {
		assert_eq!(stake_of(10, LORAWAN), (100 * GRM, 0));
		assert_eq!(Balances::free_balance(10), GENESIS - 101 * GRM);
	});
}

#[test]
fn genesis_ends_when_an_account_cannot_hold_its_provision() {
	for provision in [(10, LORAWAN, GENESIS + 1), (10, LORAWAN, GRM - 1), (99, LORAWAN, GRM)] {
		let founding = || ExtBuilder::default().provisions(&[provision]).build();
		assert!(std::panic::catch_unwind(founding).is_err(), "{provision:?} was accepted");
	}
}

#[test]
fn only_signed_callers_have_stake() {
	ExtBuilder::default().build_and_execute(|| {
		let (root, purpose) = (RuntimeOrigin::root, Purpose::Devices(LORAWAN));
		assert_noop!(Stake::provision(root(), purpose, GRM), DispatchError::BadOrigin);
		assert_noop!(Stake::thaw(root(), purpose, GRM), DispatchError::BadOrigin);
		assert_noop!(Stake::withdraw(root(), purpose), DispatchError::BadOrigin);
	});
}
