//! What proven offences cost, and that no one escapes.

use frame_support::{
	assert_ok,
	traits::{LockableCurrency, WithdrawReasons, fungible::Inspect},
};
use groma_core::{
	NetworkId,
	money::{Balance, GRM},
};
use groma_traits::{DeviceOffences, Offence};

use crate::{Event, Provisions, Purpose, mock::*};

const REPORTER: AccountId = 17;

fn offend(owner: AccountId, network: NetworkId, reporter: AccountId) {
	Stake::on_offence(0, network, &owner, &reporter, Offence::DoubleBeacon);
}

/// What was burned by what a test does.
fn burned_by(act: impl FnOnce()) -> Balance {
	let before = Burned::get();
	act();
	Burned::get() - before
}

#[test]
fn double_beacon_costs_the_stake_of_one_device() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 120 * GRM)]).build_and_execute(|| {
		let burned = burned_by(|| offend(10, LORAWAN, REPORTER));
		assert_eq!(burned, 47_500_000_000_000);
		assert_eq!(Balances::free_balance(REPORTER), GENESIS + 2_500_000_000_000);
		assert_eq!(stake_of(10, LORAWAN), (70 * GRM, 0));
		System::assert_last_event(
			Event::Slashed {
				owner: 10,
				purpose: Purpose::Devices(LORAWAN),
				burned,
				rewarded: 50 * GRM - burned,
				reporter: REPORTER,
			}
			.into(),
		);
	});
}

#[test]
fn offence_takes_what_there_is_when_it_is_less() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 19 * GRM)]).build_and_execute(|| {
		offend(10, LORAWAN, REPORTER);
		assert_eq!(Balances::total_balance(&10), GENESIS - 19 * GRM);
		assert!(!Provisions::<Test>::contains_key((10, LORAWAN)));
		// There is nothing left to take, of this owner or of one without stake.
		let events = System::events().len();
		offend(10, LORAWAN, REPORTER);
		offend(99, LORAWAN, REPORTER);
		assert_eq!(System::events().len(), events);
	});
}

#[test]
fn provision_for_another_network_is_spared() {
	let provisions = [(10, LORAWAN, GRM), (10, SENSORS, 50 * GRM)];
	ExtBuilder::default().provisions(&provisions).build_and_execute(|| {
		offend(10, LORAWAN, REPORTER);
		assert_eq!(stake_of(10, SENSORS), (50 * GRM, 0));
	});
}

#[test]
fn thawing_stake_does_not_escape() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 100 * GRM)]).build_and_execute(|| {
		assert_ok!(thaw(10, LORAWAN, 30 * GRM));
		pass(1);
		assert_ok!(thaw(10, LORAWAN, 60 * GRM));
		// What has thawed and was not withdrawn is on hold like any other.
		pass(5_000);
		offend(10, LORAWAN, REPORTER);
		// Active stake goes first, then the newest that thaws.
		let left = provision_of(10, LORAWAN);
		let entries: Vec<_> = left.thawing.iter().map(|entry| entry.amount).collect();
		assert_eq!((left.active, entries), (0, vec![30 * GRM, 20 * GRM]));
		offend(10, LORAWAN, REPORTER);
		assert_eq!(Balances::total_balance(&10), GENESIS - 100 * GRM);
	});
}

#[test]
fn lock_on_the_whole_balance_shields_nothing() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 100 * GRM)]).build_and_execute(|| {
		Balances::set_lock(*b"gr/votes", &10, Balance::MAX, WithdrawReasons::all());
		let burned = burned_by(|| offend(10, LORAWAN, REPORTER));
		assert_eq!(burned, 47_500_000_000_000);
		assert_eq!(stake_of(10, LORAWAN), (50 * GRM, 0));
	});
}

#[test]
fn share_of_a_reporter_that_cannot_receive_is_burned() {
	ExtBuilder::default().build_and_execute(|| {
		// 5 % of 0.1 GRM do not open an account.
		assert_ok!(provision(10, LORAWAN, GRM));
		alter_network(LORAWAN, |network| network.terms.stake_per_device = GRM / 10);
		let burned = burned_by(|| offend(10, LORAWAN, 99));
		assert_eq!(burned, GRM / 10);
		assert_eq!(Balances::total_balance(&99), 0);
		// 5 % of 0.9 GRM do.
		alter_network(LORAWAN, |network| network.terms.stake_per_device = GRM);
		offend(10, LORAWAN, 99);
		assert_eq!(Balances::total_balance(&99), 45 * GRM / 1_000);
	});
}

#[test]
fn share_of_the_reporter_is_rounded_down() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, GRM)]).build_and_execute(|| {
		alter_network(LORAWAN, |network| network.terms.stake_per_device = 39);
		let burned = burned_by(|| offend(10, LORAWAN, REPORTER));
		assert_eq!((burned, Balances::free_balance(REPORTER)), (38, GENESIS + 1));
	});
}

#[test]
fn nothing_is_taken_when_the_terms_cannot_be_read() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 100 * GRM)]).build_and_execute(|| {
		alter_network(LORAWAN, |network| network.is_unreadable = true);
		offend(10, LORAWAN, REPORTER);
		assert_eq!(stake_of(10, LORAWAN), (100 * GRM, 0));
	});
}
