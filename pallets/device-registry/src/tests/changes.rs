//! When changes take effect, and what is true in the windows around that.

use frame_support::{assert_noop, assert_ok};
use groma_core::{api::DeviceStatus, words::SessionKey};
use groma_traits::{ActiveDevices as _, Devices as _};

use crate::{Error, Event, LocationClaim, mock::*};

type Errors = Error<Test>;

/// The first window that sees a change made in [`START`].
const EFFECTIVE: u32 = START + 4;

fn key_at(window: u32) -> SessionKey {
	Registry::at(0, window).expect("the device exists").session_key
}

fn is_active_at(window: u32) -> bool {
	Registry::at(0, window).is_some_and(|device| device.is_active)
}

#[test]
fn rotated_key_holds_from_its_window_on_and_the_former_one_before() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(1, 0, 9));
		let event =
			Event::SessionKeyRotated { device: 0, session_key: key(9), effective: EFFECTIVE };
		System::assert_last_event(event.into());
		for now in START..EFFECTIVE + 3 {
			run_to(now);
			assert_eq!(key_at(EFFECTIVE - 1), key(0), "in window {now}");
			assert_eq!(key_at(EFFECTIVE), key(9), "in window {now}");
		}
	});
}

#[test]
fn change_is_folded_in_the_third_window_after_its_effect() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(1, 0, 9));
		run_to(EFFECTIVE + 2);
		assert!(record(0).changes.pending.is_some());
		assert_eq!(Registry::device_by_key(key(0)), Some(0));
		run_to(EFFECTIVE + 3);
		assert_eq!(record(0).changes.pending, None);
		assert_eq!(record(0).session_key, key(9));
		assert_eq!(Registry::device_by_key(key(0)), None);
		System::assert_last_event(Event::ChangeFolded { device: 0 }.into());
	});
}

#[test]
fn every_change_is_refused_when_another_is_on_its_way() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Registry::offer_transfer(signed(1), 0, Some(account(2))));
		assert_ok!(Registry::set_status(signed(1), 0, DeviceStatus::Paused));
		for now in [START, EFFECTIVE, EFFECTIVE + 2] {
			run_to(now);
			let active = DeviceStatus::Active;
			assert_noop!(Registry::set_status(signed(1), 0, active), Errors::ChangePending);
			assert_noop!(Registry::retire(signed(1), 0), Errors::ChangePending);
			assert_noop!(rotate(1, 0, 9), Errors::ChangePending);
			assert_noop!(accept(2, 0, 9), Errors::ChangePending);
			let offer = Registry::offer_transfer(signed(1), 0, Some(account(3)));
			assert_eq!(offer, Err(Errors::ChangePending.into()));
			assert_noop!(Registry::assert_location(signed(1), 0, claim(3)), Errors::ChangePending);
		}
		run_to(EFFECTIVE + 3);
		assert_ok!(Registry::set_status(signed(1), 0, DeviceStatus::Active));
	});
}

#[test]
fn every_change_is_refused_when_the_caller_is_not_the_owner() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let paused = DeviceStatus::Paused;
		assert_noop!(Registry::set_status(signed(2), 0, paused), Errors::NotOwner);
		assert_noop!(Registry::retire(signed(2), 0), Errors::NotOwner);
		assert_noop!(rotate(2, 0, 9), Errors::NotOwner);
		assert_noop!(Registry::assert_location(signed(2), 0, claim(3)), Errors::NotOwner);
		assert_noop!(Registry::offer_transfer(signed(2), 0, Some(account(3))), Errors::NotOwner);
	});
}

#[test]
fn every_change_is_refused_when_the_device_is_unknown() {
	ExtBuilder::default().build_and_execute(|| {
		let paused = DeviceStatus::Paused;
		assert_noop!(Registry::set_status(signed(1), 0, paused), Errors::UnknownDevice);
		assert_noop!(Registry::retire(signed(1), 0), Errors::UnknownDevice);
		assert_noop!(rotate(1, 0, 9), Errors::UnknownDevice);
		assert_noop!(accept(1, 0, 9), Errors::UnknownDevice);
		assert_noop!(Registry::assert_location(signed(1), 0, claim(3)), Errors::UnknownDevice);
		assert_noop!(Registry::offer_transfer(signed(1), 0, None), Errors::UnknownDevice);
	});
}

#[test]
fn rotation_is_refused_when_the_proof_was_made_for_something_else() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		for proof in
			[rotation(1, 1, &session(9)), rotation(0, 2, &session(9)), rotation(0, 1, &session(8))]
		{
			assert_noop!(
				Registry::rotate_session_key(signed(1), 0, key(9), proof, None),
				Errors::BadProof
			);
		}
	});
}

#[test]
fn rotation_is_refused_when_the_key_names_a_device() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_noop!(rotate(1, 0, 0), Errors::KeyTaken);
		assert_noop!(rotate(1, 0, 1), Errors::KeyTaken);
		assert_ok!(rotate(1, 0, 9));
		// A key on its way is taken as well.
		assert_noop!(rotate(1, 1, 9), Errors::KeyTaken);
	});
}

#[test]
fn location_holds_from_its_window_on_and_the_former_one_before() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		run_to(START + 10);
		assert_ok!(Registry::assert_location(signed(1), 0, claim(5)));
		let view = |window| Registry::at(0, window).expect("it is registered");
		let place = |window| view(window).place.expect("it has one");
		assert_eq!((place(START + 13).cell, view(START + 13).since), (cell(0), EFFECTIVE));
		assert_eq!((place(START + 14).cell, view(START + 14).since), (cell(5), START + 14));
		assert_eq!(Some(place(START + 14).vector), cell(5).unit_vector());
	});
}

#[test]
fn place_keeps_its_age_when_only_information_changes() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		run_to(START + 10);
		let claim = LocationClaim { gain_deci_dbi: 60, elevation_m: -3, ..claim(0) };
		assert_ok!(Registry::assert_location(signed(1), 0, claim));
		let location = record(0).location.expect("it has a location");
		assert_eq!((location.gain_deci_dbi, location.elevation_m), (60, -3));
		assert_eq!(location.since, EFFECTIVE);
		assert_eq!(record(0).changes.pending, None);
	});
}

#[test]
fn paused_device_keeps_its_slot_and_is_active_until_the_effect() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let slot = record(0).slot;
		assert_ok!(Registry::set_status(signed(1), 0, DeviceStatus::Paused));
		let paused = DeviceStatus::Paused;
		let event = Event::StatusSet { device: 0, status: paused, effective: EFFECTIVE };
		System::assert_last_event(event.into());
		assert!(is_active_at(EFFECTIVE - 1));
		assert!(!is_active_at(EFFECTIVE));
		run_to(EFFECTIVE + 3);
		assert_eq!(record(0).slot, slot);
		assert_eq!(Registry::active_count(LORAWAN), 1);
		assert_ok!(Registry::set_status(signed(1), 0, DeviceStatus::Active));
		run_to(EFFECTIVE + 10);
		assert_eq!(Registry::active_count(LORAWAN), 2);
	});
}

#[test]
fn device_in_maintenance_is_not_active() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Registry::set_status(signed(1), 0, DeviceStatus::Maintenance));
		assert!(!is_active_at(EFFECTIVE));
	});
}

#[test]
fn status_is_refused_when_it_is_not_the_owners_to_set() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for status in [DeviceStatus::Retired, DeviceStatus::Banned] {
			assert_noop!(Registry::set_status(signed(1), 0, status), Errors::StatusNotSettable);
		}
		assert_noop!(
			Registry::set_status(signed(1), 0, DeviceStatus::Active),
			Errors::StatusUnchanged
		);
	});
}

#[test]
fn change_is_refused_when_the_last_window_is_too_near() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		CurrentWindow::set(&(u32::MAX - 3));
		assert_noop!(Registry::retire(signed(1), 0), Errors::EndOfTime);
		CurrentWindow::set(&START);
	});
}
