//! How devices come to be, and what is refused.

use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use groma_core::{
	EvidenceClass,
	api::DeviceStatus,
	payload,
	place::Cell,
	region::US915,
	words::{AccountBytes, SessionKey, Signature},
};
use groma_traits::{ActiveDevices as _, Devices as _};
use proptest::prelude::*;
use sp_core::{Pair, ed25519};
use sp_runtime::{DispatchError::BadOrigin, TokenError};

use crate::{
	Error, Event, HoldReason, LocationClaim, NextAllotment,
	mock::*,
	types::{ALLOTMENT_DEVICES, ALLOTMENT_RESOLUTION, allotment_key},
};

type Errors = Error<Test>;

#[test]
fn registration_works() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(account(1), LORAWAN, session(1), Some(claim(1))));
		let device = record(0);
		assert_eq!(device.owner, account(1));
		assert_eq!(device.session_key, key(1));
		assert_eq!(device.class(), EvidenceClass::SelfMade);
		assert_eq!(device.status, DeviceStatus::Active);
		assert_eq!(device.location.map(|location| location.since), Some(START + 4));
		assert_eq!(Registry::active_count(LORAWAN), 1);
		let on_hold = Balances::balance_on_hold(&HoldReason::Registration.into(), &account(1));
		assert_eq!(on_hold, Deposit::get());
		System::assert_last_event(
			Event::DeviceRegistered { device: 0, owner: account(1), network: LORAWAN }.into(),
		);
	});
}

#[test]
fn device_is_not_counted_until_it_has_a_location() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(account(1), LORAWAN, session(1), None));
		assert_eq!(Registry::active_count(LORAWAN), 0);
		assert_ok!(Registry::assert_location(signed(1), 0, claim(1)));
		assert_eq!(Registry::active_count(LORAWAN), 1);
		assert_eq!(record(0).changes.pending, None);
		System::assert_last_event(
			Event::LocationAsserted { device: 0, cell: cell(1), since: START + 4 }.into(),
		);
	});
}

#[test]
fn device_of_a_network_without_places_is_counted_and_has_no_location() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(account(1), STORAGE, session(1), None));
		assert_eq!(Registry::active_count(STORAGE), 1);
		let view = Registry::at(0, START + 9).expect("it is registered");
		// It takes part once its registration is in effect, so no one registers for a seed.
		assert_eq!((view.place, view.since, view.is_active), (None, START + 4, true));
		let located = register(account(1), STORAGE, session(2), Some(claim(1)));
		assert_eq!(located, Err(Errors::NetworkHasNoPlaces.into()));
		assert_noop!(Registry::assert_location(signed(1), 0, claim(1)), Errors::NetworkHasNoPlaces);
		assert_ok!(Registry::set_status(signed(1), 0, DeviceStatus::Paused));
		run_to(START + FOLDED);
		assert_eq!(Registry::active_count(STORAGE), 0);
		assert_ok!(Registry::set_status(signed(1), 0, DeviceStatus::Active));
		run_to(START + 2 * FOLDED);
		assert_eq!(Registry::active_count(STORAGE), 1);
		assert_ok!(Registry::retire(signed(1), 0));
		run_to(START + 3 * FOLDED);
		assert_eq!(Registry::active_count(STORAGE), 0);
	});
}

#[test]
fn device_is_unknown_in_windows_before_its_registration() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_eq!(Registry::at(0, START - 1), None);
		let view = |window| Registry::at(0, window).expect("it is registered");
		assert!(view(START + 3).place.is_none() && view(START + 4).place.is_some());
		assert_eq!((view(START + 3).since, view(START + 4).since), (START + 4, START + 4));
		assert_eq!(Registry::at(1, START), None);
	});
}

#[test]
fn registration_is_refused_when_the_origin_is_not_signed() {
	ExtBuilder::default().build_and_execute(|| {
		let proof = onboarding(&account(1), LORAWAN, &session(1));
		let root = RuntimeOrigin::root();
		assert_noop!(
			Registry::register_device(root, LORAWAN, key(1), proof, None, None),
			BadOrigin
		);
	});
}

#[test]
fn registration_is_refused_when_the_network_is_closed_or_unknown() {
	ExtBuilder::default().build_and_execute(|| {
		for network in [CLOSED, CLOSED + 1] {
			assert_noop!(register(account(1), network, session(1), None), Errors::NetworkNotOpen);
		}
	});
}

#[test]
fn onboarding_signature_is_worthless_when_it_was_used() {
	ExtBuilder::default().build_and_execute(|| {
		let proof = onboarding(&account(1), LORAWAN, &session(1));
		let register_again =
			|| Registry::register_device(signed(1), LORAWAN, key(1), proof, None, None);
		assert_ok!(register_again());
		assert_noop!(register_again(), Errors::KeyTaken);
		// Even when the key is free again.
		assert_ok!(Registry::retire(signed(1), 0));
		run_to(START + FORGOTTEN);
		assert_noop!(register_again(), Errors::BadProof);
	});
}

#[test]
fn onboarding_signature_is_refused_when_it_was_made_for_something_else() {
	ExtBuilder::default().build_and_execute(|| {
		let (owner, other) = (AccountBytes([1; 32]), AccountBytes([2; 32]));
		let wrong = [
			payload::onboarding(&[9; 32], &owner, LORAWAN, 0),
			payload::onboarding(&genesis(), &other, LORAWAN, 0),
			payload::onboarding(&genesis(), &owner, SENSORS, 0),
			payload::onboarding(&genesis(), &owner, LORAWAN, 1),
			payload::rotation(&genesis(), 0, &owner, &key(1)),
			payload::hardware_onboarding(&genesis(), &owner, LORAWAN, 0, &key(1)),
		];
		for message in wrong {
			let proof = Signature(session(1).sign(&message).0);
			assert_noop!(
				Registry::register_device(signed(1), LORAWAN, key(1), proof, None, None),
				Errors::BadProof
			);
		}
	});
}

#[test]
fn onboarding_signature_is_refused_when_another_key_made_it() {
	ExtBuilder::default().build_and_execute(|| {
		let proof = onboarding(&account(1), LORAWAN, &session(2));
		assert_noop!(
			Registry::register_device(signed(1), LORAWAN, key(1), proof, None, None),
			Errors::BadProof
		);
	});
}

#[test]
fn session_key_is_refused_when_it_names_a_device_already() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_noop!(register(account(2), SENSORS, session(0), None), Errors::KeyTaken);
	});
}

#[test]
fn session_key_is_refused_when_anything_is_its_signature() {
	ExtBuilder::default().build_and_execute(|| {
		// The neutral point and this signature satisfy ZIP-215 for every message.
		let mut neutral = [0; 32];
		neutral[0] = 1;
		let mut signature = [0; 64];
		signature[0] = 1;
		assert!(sp_io::crypto::ed25519_verify(&signature.into(), b"anything", &neutral.into()));
		assert_noop!(
			Registry::register_device(
				signed(1),
				LORAWAN,
				SessionKey(neutral),
				Signature(signature),
				None,
				None
			),
			Errors::InvalidKey
		);
	});
}

#[test]
fn location_is_refused_when_its_cell_is_too_coarse_or_too_fine() {
	ExtBuilder::default().build_and_execute(|| {
		for resolution in [11, 13] {
			let cell = Cell::from_degrees(48.0, 9.0, resolution).expect("it is on earth");
			let claim = LocationClaim { cell, ..claim(1) };
			assert_noop!(
				register(account(1), LORAWAN, session(1), Some(claim)),
				Errors::WrongResolution
			);
		}
	});
}

#[test]
fn location_is_refused_when_the_network_does_not_serve_the_region() {
	ExtBuilder::default().build_and_execute(|| {
		let claim = LocationClaim { region: US915, ..claim(1) };
		assert_noop!(register(account(1), LORAWAN, session(1), Some(claim)), Errors::UnknownRegion);
	});
}

#[test]
fn registration_is_refused_when_the_owner_cannot_pay_the_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			register(account(77), LORAWAN, session(1), None),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn registration_is_refused_when_every_id_is_given_away() {
	ExtBuilder::default().build_and_execute(|| {
		NextAllotment::<Test>::put(u32::MAX);
		assert_noop!(register(account(1), LORAWAN, session(1), None), Errors::TooManyDevices);
		NextAllotment::<Test>::put(0);
	});
}

#[test]
fn neighbours_have_ids_of_one_allotment() {
	ExtBuilder::default().build_and_execute(|| {
		let id_at = |n: u32, location| {
			let owner = account(1 + (n % 2) as u8);
			let key = ed25519::Pair::from_seed(&sp_io::hashing::blake2_256(&n.to_le_bytes()));
			assert_ok!(register(owner, LORAWAN, key, location));
			Registry::device_by_key(SessionKey(key.public().0)).expect("it is registered")
		};
		assert_eq!(id_at(0, Some(claim(0))), 0);
		assert_eq!(id_at(1, Some(claim(200))), ALLOTMENT_DEVICES);
		assert_eq!(id_at(2, None), 2 * ALLOTMENT_DEVICES);
		for n in 1..ALLOTMENT_DEVICES {
			assert_eq!(id_at(2 + n, Some(claim(n as u8 % 2))), n);
		}
		assert_eq!(id_at(1_000, Some(claim(0))), 3 * ALLOTMENT_DEVICES);
		assert_eq!(id_at(1_001, Some(claim(1))), 3 * ALLOTMENT_DEVICES + 1);
		assert_eq!(id_at(1_002, None), 2 * ALLOTMENT_DEVICES + 1);
		assert_eq!(id_at(1_003, Some(claim(200))), ALLOTMENT_DEVICES + 1);
	});
}

#[test]
fn nonce_counts_registrations_of_an_owner_over_all_networks() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(account(1), LORAWAN, session(1), None));
		assert_ok!(register(account(1), SENSORS, session(2), None));
		assert_eq!(Registry::onboarding_nonce(&account(1)), 2);
		assert_eq!(Registry::onboarding_nonce(&account(2)), 0);
	});
}

proptest! {
	#[test]
	fn allotment_is_that_of_the_cell_around(
		latitude in -90.0f64..90.0,
		longitude in -180.0f64..180.0,
		north in -0.5f64..0.5,
		east in -0.5f64..0.5,
	) {
		let cell = |latitude, longitude| {
			Cell::from_degrees(latitude, longitude, 12).expect("a point on earth")
		};
		let (one, other) = (cell(latitude, longitude), cell((latitude + north).clamp(-90.0, 90.0), longitude + east));
		let around = |cell: Cell| cell.parent(ALLOTMENT_RESOLUTION);
		let is_shared = allotment_key(Some(one)) == allotment_key(Some(other));
		prop_assert_eq!(is_shared, around(one) == around(other));
		prop_assert_eq!(Some(allotment_key(Some(one))), around(one).map(|cell| allotment_key(Some(cell))));
		prop_assert_ne!(allotment_key(Some(one)), allotment_key(None));
	}
}
