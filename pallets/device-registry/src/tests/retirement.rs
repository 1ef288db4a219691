//! How a device ends.

use frame_support::{assert_noop, assert_ok};
use groma_core::api::DeviceStatus;
use groma_traits::{ActiveDevices as _, Devices as _};

use crate::{Error, Event, mock::*};

type Errors = Error<Test>;

/// A device of account 1 that was retired in [`START`], next to another, in window `now`.
fn retired(now: u32, test: impl FnOnce()) {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(Registry::offer_transfer(signed(1), 0, Some(account(2))));
		assert_ok!(Registry::retire(signed(1), 0));
		run_to(now);
		test();
	});
}

#[test]
fn retired_device_takes_part_until_the_effect_and_is_unknown_from_then_on() {
	for now in START..START + FOLDED {
		retired(now, || {
			assert!(Registry::at(0, START + 3).is_some_and(|device| device.is_active));
			assert_eq!(Registry::at(0, START + 4), None);
		});
	}
}

#[test]
fn slot_and_place_are_free_when_the_retirement_is_folded() {
	retired(START + FOLDED, || {
		System::assert_last_event(Event::ChangeFolded { device: 0 }.into());
		assert_eq!(Registry::active_count(LORAWAN), 1);
		assert_eq!(Registry::devices_of(account(1), LORAWAN, 0, 9), vec![1]);
		assert_eq!(record(1).slot, 0);
		assert_eq!(record(0).status, DeviceStatus::Retired);
	});
}

#[test]
fn nothing_about_a_retired_device_changes_any_more() {
	retired(START + FOLDED, || {
		let active = DeviceStatus::Active;
		assert_noop!(Registry::set_status(signed(1), 0, active), Errors::DeviceIsRetired);
		assert_noop!(Registry::retire(signed(1), 0), Errors::DeviceIsRetired);
		assert_noop!(rotate(1, 0, 9), Errors::DeviceIsRetired);
		assert_noop!(accept(2, 0, 9), Errors::DeviceIsRetired);
		assert_noop!(register(account(1), LORAWAN, session(0), None), Errors::KeyTaken);
	});
}

#[test]
fn retired_device_is_removed_when_no_evidence_about_it_is_taken_any_more() {
	retired(START, || {
		let before = Balances::free_balance(account(1));
		run_to(START + FORGOTTEN - 1);
		assert!(LetGo::get().is_empty());
		run_to(START + FORGOTTEN);
		System::assert_last_event(Event::DeviceRetired { device: 0 }.into());
		assert_eq!(LetGo::get(), vec![0]);
		assert_eq!(Registry::device_info(0), None);
		assert_eq!(Balances::free_balance(account(1)), before + Deposit::get());
		// Its key may come back, its id does not.
		assert_ok!(register(account(2), LORAWAN, session(0), Some(claim(0))));
		assert_eq!(Registry::device_by_key(key(0)), Some(2));
	});
}

#[test]
fn retired_device_stays_when_others_cannot_let_go_of_it_yet() {
	retired(START, || {
		MayLetGo::set(&false);
		run_to(START + FORGOTTEN + 2);
		assert_eq!(record(0).status, DeviceStatus::Retired);
		MayLetGo::set(&true);
		run_to(START + FORGOTTEN + 3);
		assert_eq!((LetGo::get(), Registry::device_info(0)), (vec![0], None));
	});
}

#[test]
fn retired_device_is_banned_when_it_is_proven_to_have_cheated() {
	for now in [START + 4, START + FOLDED, START + FORGOTTEN - 1] {
		retired(now, || {
			assert!(Registry::ban(0, START + 3));
			assert!(Registry::signer(0, START + 3).is_some_and(|signer| signer.is_banned));
			assert!(!Registry::ban(0, START + 3));
			run_to(START + FORGOTTEN);
			assert_eq!(record(0).status, DeviceStatus::Banned);
			assert!(LetGo::get().is_empty());
			assert_noop!(register(account(1), LORAWAN, session(0), None), Errors::KeyTaken);
			assert_eq!(Registry::active_count(LORAWAN), 1);
		});
	}
}

#[test]
fn retirement_void_when_the_device_is_banned_before_its_effect() {
	retired(START + 3, || {
		assert!(Registry::ban(0, START + 3));
		run_to(START + FORGOTTEN);
		assert_eq!(record(0).status, DeviceStatus::Banned);
	});
}

#[test]
fn device_signs_for_no_one_when_it_is_retired() {
	retired(START + FOLDED, || {
		assert_eq!(Registry::signer(0, START + 4), None);
		assert!(!Registry::ban(0, START + 4));
		assert_eq!(record(0).status, DeviceStatus::Retired);
	});
}
