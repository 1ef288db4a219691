//! What becomes of a device that was proven to cheat.

use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use groma_core::{api::DeviceStatus, money::Balance};
use groma_seams::Devices as _;

use crate::{Error, Event, HoldReason, KeyHolders, PublicKey, mock::*};

type Errors = Error<Test>;

fn on_hold(n: u8) -> Balance {
	Balances::balance_on_hold(&HoldReason::Registration.into(), &account(n))
}

fn holder(n: u8) -> Option<u32> {
	KeyHolders::<Test>::get(PublicKey::Ed25519(key(n)))
}

#[test]
fn banned_device_is_inactive_at_once_in_every_window() {
	ExtBuilder::default().devices(3).build_and_execute(|| {
		run_to(START + 20);
		Registry::ban(0);
		System::assert_last_event(Event::DeviceBanned { device: 0 }.into());
		for window in START + 18..=START + 20 {
			let view = Registry::at(0, window).expect("its record stays");
			assert!(!view.is_active);
			assert_eq!((view.place, view.slot), (None, u32::MAX));
		}
		assert_eq!(Registry::active_count(LORAWAN), 2);
		assert_eq!(Registry::devices_of(account(1), LORAWAN, 0, 9), vec![2, 1]);
		assert_eq!(record(2).slot, 0);
	});
}

#[test]
fn key_of_a_banned_device_never_names_a_device_again() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		Registry::ban(0);
		run_to(START + 50);
		assert_noop!(register(account(1), LORAWAN, session(0), None), Errors::KeyTaken);
	});
}

#[test]
fn nothing_about_a_banned_device_changes_any_more() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Registry::offer_transfer(signed(1), 0, Some(account(2))));
		Registry::ban(0);
		let paused = DeviceStatus::Paused;
		assert_noop!(Registry::set_status(signed(1), 0, paused), Errors::DeviceIsBanned);
		assert_noop!(Registry::retire(signed(1), 0), Errors::DeviceIsBanned);
		assert_noop!(rotate(1, 0, 9), Errors::DeviceIsBanned);
		assert_noop!(accept(2, 0, 9), Errors::DeviceIsBanned);
		assert_noop!(Registry::assert_location(signed(1), 0, claim(3)), Errors::DeviceIsBanned);
		assert_noop!(
			Registry::offer_transfer(signed(1), 0, Some(account(3))),
			Errors::DeviceIsBanned
		);
		assert_eq!(on_hold(1), Deposit::get());
	});
}

#[test]
fn ban_changes_nothing_when_the_device_is_banned_or_unknown() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		Registry::ban(0);
		let state = sp_io::storage::root(Default::default());
		Registry::ban(0);
		Registry::ban(77);
		assert_eq!(sp_io::storage::root(Default::default()), state);
	});
}

#[test]
fn next_session_key_is_free_when_it_was_not_in_use_before_the_ban() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(1, 0, 9));
		run_to(START + 3);
		Registry::ban(0);
		assert_eq!((holder(0), holder(9)), (Some(0), None));
		run_to(START + 10);
	});
}

#[test]
fn next_session_key_is_banned_too_when_it_was_in_use_before_the_ban() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(1, 0, 9));
		run_to(START + 4);
		Registry::ban(0);
		assert_eq!((holder(0), holder(9)), (Some(0), Some(0)));
		run_to(START + 10);
		assert_noop!(register(account(2), LORAWAN, session(9), None), Errors::KeyTaken);
	});
}

#[test]
fn transfer_on_its_way_is_void_when_the_device_is_banned() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Registry::offer_transfer(signed(1), 0, Some(account(2))));
		assert_ok!(accept(2, 0, 9));
		Registry::ban(0);
		assert_eq!((on_hold(1), on_hold(2)), (Deposit::get(), 0));
		assert!(Registry::devices_of(account(2), LORAWAN, 0, 9).is_empty());
		run_to(START + 10);
		assert_eq!(record(0).owner, account(1));
	});
}
