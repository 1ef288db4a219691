//! What becomes of a device that was proven to cheat.

use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use groma_core::{api::DeviceStatus, money::Balance};
use groma_traits::{ActiveDevices as _, Devices as _};

use crate::{Error, Event, HeldKey, HoldReason, KeyHolders, mock::*};

type Errors = Error<Test>;

fn on_hold(n: u8) -> Balance {
	Balances::balance_on_hold(&HoldReason::Registration.into(), &account(n))
}

fn holder(n: u8) -> Option<u32> {
	KeyHolders::<Test>::get(HeldKey::Session(key(n)))
}

#[test]
fn banned_device_is_inactive_at_once_in_every_window() {
	ExtBuilder::default().devices(3).build_and_execute(|| {
		run_to(START + 20);
		assert!(Registry::ban(0, START + 20));
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
		assert!(Registry::ban(0, START));
		run_to(START + FORGOTTEN);
		assert_noop!(register(account(1), LORAWAN, session(0), None), Errors::KeyTaken);
	});
}

#[test]
fn nothing_about_a_banned_device_changes_any_more() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Registry::offer_transfer(signed(1), 0, Some(account(2))));
		assert!(Registry::ban(0, START));
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
		assert!(Registry::ban(0, START));
		let state = sp_io::storage::root(Default::default());
		assert!(!Registry::ban(0, START));
		assert!(!Registry::ban(77, START));
		assert_eq!(sp_io::storage::root(Default::default()), state);
	});
}

#[test]
fn ban_changes_nothing_when_the_device_was_not_registered_yet() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let state = sp_io::storage::root(Default::default());
		assert!(!Registry::ban(0, START - 1));
		assert_eq!(sp_io::storage::root(Default::default()), state);
	});
}

#[test]
fn next_session_key_is_free_when_it_was_not_in_use_before_the_ban() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(1, 0, 9));
		run_to(START + 3);
		assert!(Registry::ban(0, START));
		assert_eq!((holder(0), holder(9)), (Some(0), None));
		run_to(START + 10);
	});
}

#[test]
fn both_session_keys_are_banned_when_the_owner_rotated_before_the_ban() {
	for now in [START + 4, START + FOLDED, START + FORGOTTEN - 1] {
		ExtBuilder::default().devices(1).build_and_execute(|| {
			assert_ok!(rotate(1, 0, 9));
			run_to(now);
			assert!(Registry::ban(0, START));
			assert_eq!((holder(0), holder(9)), (Some(0), Some(0)));
			run_to(START + FORGOTTEN + FOLDED);
			for n in [0, 9] {
				let again = register(account(2), LORAWAN, session(n), None);
				assert_eq!(again, Err(Errors::KeyTaken.into()), "key {n}, banned in {now}");
			}
		});
	}
}

/// A device of account 1 that account 2 accepted in [`START`], in window `now`.
fn sold(now: u32, test: impl FnOnce()) {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(Registry::offer_transfer(signed(1), 0, Some(account(2))));
		assert_ok!(accept(2, 0, 9));
		run_to(now);
		test();
		run_to(now + FORGOTTEN + FOLDED);
	});
}

#[test]
fn transfer_on_its_way_is_void_when_the_device_is_banned() {
	sold(START + 3, || {
		assert!(Registry::ban(0, START));
		assert_eq!((on_hold(1), on_hold(2)), (2 * Deposit::get(), 0));
		assert_eq!(holder(9), None);
		assert!(Registry::devices_of(account(2), LORAWAN, 0, 9).is_empty());
		assert_eq!(record(0).owner, account(1));
	});
}

#[test]
fn buyer_pays_when_it_cheated_before_its_transfer_was_folded() {
	for now in [START + 4, START + 6] {
		sold(now, || {
			assert!(Registry::ban(0, START + 4));
			assert_eq!((on_hold(1), on_hold(2)), (Deposit::get(), Deposit::get()));
			assert_eq!((record(0).owner, record(0).session_key), (account(2), key(9)));
			assert_eq!(record(0).status, DeviceStatus::Banned);
			assert_eq!(Registry::devices_of(account(1), LORAWAN, 0, 9), vec![1]);
			assert!(Registry::devices_of(account(2), LORAWAN, 0, 9).is_empty());
			assert_eq!(Registry::active_count(LORAWAN), 1);
		});
	}
}

#[test]
fn buyer_keeps_the_device_when_the_seller_cheated_with_it() {
	for now in [START + 4, START + FOLDED, START + FORGOTTEN - 1] {
		sold(now, || {
			assert!(!Registry::ban(0, START + 3));
			System::assert_last_event(Event::FormerKeyBanned { device: 0 }.into());
			assert_eq!((on_hold(1), on_hold(2)), (Deposit::get(), Deposit::get()));
			assert_eq!((record(0).owner, record(0).session_key), (account(2), key(9)));
			assert!(Registry::at(0, now).is_some_and(|device| device.is_active));
			assert!(Registry::signer(0, START + 3).is_some_and(|signer| signer.is_banned));
			assert!(!Registry::ban(0, START + 3));
		});
	}
}

#[test]
fn key_of_a_seller_who_cheated_never_names_a_device_again() {
	sold(START + FOLDED, || {
		assert!(!Registry::ban(0, START));
		run_to(START + FORGOTTEN);
		assert_noop!(register(account(3), LORAWAN, session(0), None), Errors::KeyTaken);
		assert_eq!(Registry::device_by_key(key(0)), None);
		assert_ok!(rotate(2, 0, 8));
	});
}

#[test]
fn key_of_an_honest_seller_is_free_again_when_the_buyer_is_banned() {
	sold(START + FOLDED, || {
		assert!(Registry::ban(0, START + FOLDED));
		assert!(!Registry::signer(0, START).expect("it is remembered").is_banned);
		run_to(START + FORGOTTEN);
		assert_eq!((holder(0), holder(9)), (None, Some(0)));
	});
}

#[test]
fn seller_can_be_punished_when_the_buyer_is_banned_already() {
	sold(START + FOLDED, || {
		assert!(Registry::ban(0, START + FOLDED));
		assert!(!Registry::ban(0, START));
		assert!(Registry::signer(0, START).is_some_and(|signer| signer.is_banned));
	});
}

#[test]
fn ban_meets_the_right_key_when_another_transfer_takes_effect_unfolded() {
	sold(START + FOLDED, || {
		assert_ok!(Registry::offer_transfer(signed(2), 0, Some(account(3))));
		assert_ok!(accept(3, 0, 8));
		run_to(START + FOLDED + 4);
		assert!(!Registry::ban(0, START));
		// The fold remembers the buyer too, who is innocent.
		let seller = Registry::signer(0, START).expect("it is remembered");
		assert_eq!((seller.owner, seller.is_banned), (account(1), true));
		let buyer = Registry::signer(0, START + FOLDED).expect("it is remembered");
		assert_eq!((buyer.owner, buyer.is_banned), (account(2), false));
		assert_noop!(register(account(4), LORAWAN, session(0), None), Errors::KeyTaken);
		assert_eq!(record(0).owner, account(3));
	});
}

#[test]
fn every_key_of_the_owner_is_banned_when_it_rotated_twice() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(1, 0, 8));
		run_to(START + FOLDED);
		assert_ok!(rotate(1, 0, 9));
		run_to(START + 2 * FOLDED);
		assert!(Registry::ban(0, START));
		for (window, n) in [(START, 0), (START + 4, 8), (START + FOLDED + 4, 9)] {
			let signer = Registry::signer(0, window).expect("it is remembered");
			assert_eq!((signer.session_key, signer.is_banned), (key(n), true));
		}
		run_to(START + 2 * FOLDED + FORGOTTEN);
		for n in [0, 8, 9] {
			let again = register(account(2), LORAWAN, session(n), None);
			assert_eq!(again, Err(Errors::KeyTaken.into()), "key {n}");
		}
	});
}

#[test]
fn first_seller_is_punished_when_the_device_was_sold_twice() {
	sold(START + FOLDED, || {
		assert_ok!(Registry::offer_transfer(signed(2), 0, Some(account(3))));
		assert_ok!(accept(3, 0, 8));
		run_to(START + 2 * FOLDED);
		assert!(!Registry::ban(0, START));
		System::assert_last_event(Event::FormerKeyBanned { device: 0 }.into());
		let is_banned = |window| Registry::signer(0, window).map(|signer| signer.is_banned);
		assert_eq!(is_banned(START), Some(true));
		assert_eq!(is_banned(START + 4), Some(false));
		assert_eq!(is_banned(START + FOLDED + 4), Some(false));
		assert!(Registry::at(0, CurrentWindow::get()).is_some_and(|device| device.is_active));
	});
}
