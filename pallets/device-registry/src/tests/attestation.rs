//! Makers, and what they vouch for.

use frame_support::{assert_noop, assert_ok};
use groma_core::{EvidenceClass, MakerId, words::Signature};
use groma_traits::Devices as _;
use sp_runtime::{DispatchError::BadOrigin, DispatchResult};

use super::decoding::damaged;
use crate::{
	Attestation, Error, Event, HardwareKeys, MakerKeys, MakerName, Makers, NextMaker, PublicKey,
	mock::*,
};

type Errors = Error<Test>;

const MAKER: MakerId = 0;

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

fn name() -> MakerName {
	b"Example".to_vec().try_into().expect("it is short")
}

fn keys(signatories: &[&Signatory]) -> MakerKeys {
	let keys = signatories.iter().map(|signatory| signatory.public()).collect::<Vec<_>>();
	keys.try_into().expect("they are few")
}

/// Runs a test with a maker that holds a P-256 key and an ed25519 key.
fn with_maker(test: impl FnOnce(Signatory, Signatory)) {
	ExtBuilder::default().build_and_execute(|| {
		let (p256, ed25519) = (Signatory::p256(50), Signatory::ed25519(50));
		assert_ok!(Registry::register_maker(root(), name(), keys(&[&p256, &ed25519])));
		test(p256, ed25519);
	});
}

fn register_attested(session_number: u8, attestation: Attestation) -> DispatchResult {
	let proof = onboarding(&account(1), LORAWAN, &session(session_number));
	let key = key(session_number);
	Registry::register_device(signed(1), LORAWAN, key, proof, None, Some(attestation))
}

#[test]
fn attested_device_has_the_better_class_whatever_the_kinds_of_keys() {
	with_maker(|p256, ed25519| {
		let makers = [&p256, &ed25519, &p256, &ed25519];
		let hardware =
			[Signatory::p256(1), Signatory::p256(2), Signatory::ed25519(3), Signatory::ed25519(4)];
		for (n, (maker, hardware)) in (10..).zip(makers.into_iter().zip(hardware)) {
			let attestation = attestation(MAKER, maker, &hardware, &key(n));
			assert_ok!(register_attested(n, attestation));
			let view = Registry::at(u32::from(n - 10), START).expect("it is registered");
			assert_eq!(view.class, EvidenceClass::MakerAttested);
		}
	});
}

#[test]
fn calls_about_makers_are_refused_when_the_origin_is_not_governance() {
	with_maker(|p256, _| {
		let keys = keys(&[&p256]);
		let set = Registry::set_maker_keys(signed(1), MAKER, keys.clone());
		assert_noop!(Registry::register_maker(signed(1), name(), keys.clone()), BadOrigin);
		assert_eq!(set, Err(BadOrigin));
		assert_noop!(Registry::revoke_maker(signed(1), MAKER), BadOrigin);
	});
}

#[test]
fn maker_is_refused_when_its_name_is_empty_or_not_utf8() {
	ExtBuilder::default().build_and_execute(|| {
		for name in [vec![], vec![0xff]] {
			let name = name.try_into().expect("it is short");
			assert_noop!(
				Registry::register_maker(root(), name, MakerKeys::default()),
				Errors::InvalidName
			);
		}
	});
}

#[test]
fn maker_is_refused_when_a_key_is_not_acceptable() {
	with_maker(|p256, _| {
		let keys: MakerKeys =
			vec![p256.public(), PublicKey::P256([4; 33])].try_into().expect("they are few");
		assert_noop!(Registry::register_maker(root(), name(), keys.clone()), Errors::InvalidKey);
		assert_noop!(Registry::set_maker_keys(root(), MAKER, keys), Errors::InvalidKey);
	});
}

#[test]
fn maker_is_refused_when_every_id_is_given_away() {
	ExtBuilder::default().build_and_execute(|| {
		NextMaker::<Test>::put(MakerId::MAX);
		assert_noop!(
			Registry::register_maker(root(), name(), MakerKeys::default()),
			Errors::TooManyMakers
		);
	});
}

#[test]
fn attestation_is_refused_when_the_maker_is_unknown() {
	with_maker(|p256, _| {
		let attestation = attestation(7, &p256, &Signatory::p256(1), &key(1));
		assert_noop!(register_attested(1, attestation), Errors::UnknownMaker);
		assert_noop!(Registry::revoke_maker(root(), 7), Errors::UnknownMaker);
		assert_noop!(
			Registry::set_maker_keys(root(), 7, MakerKeys::default()),
			Errors::UnknownMaker
		);
	});
}

#[test]
fn attestation_is_refused_when_the_maker_is_revoked_but_devices_keep_their_class() {
	with_maker(|p256, _| {
		let first = attestation(MAKER, &p256, &Signatory::p256(1), &key(1));
		let second = attestation(MAKER, &p256, &Signatory::p256(2), &key(2));
		assert_ok!(register_attested(1, first));
		assert_ok!(Registry::revoke_maker(root(), MAKER));
		System::assert_last_event(Event::MakerRevoked { maker: MAKER }.into());
		assert_noop!(register_attested(2, second), Errors::MakerIsRevoked);
		assert_noop!(Registry::revoke_maker(root(), MAKER), Errors::MakerIsRevoked);
		assert_eq!(record(0).class(), EvidenceClass::MakerAttested);
	});
}

#[test]
fn attestation_is_refused_when_the_maker_lost_the_key() {
	with_maker(|p256, ed25519| {
		assert_ok!(Registry::set_maker_keys(root(), MAKER, keys(&[&ed25519])));
		System::assert_last_event(Event::MakerKeysSet { maker: MAKER }.into());
		let by_lost = attestation(MAKER, &p256, &Signatory::p256(1), &key(1));
		assert_noop!(register_attested(1, by_lost), Errors::UnknownMakerKey);
	});
}

#[test]
fn attestation_is_refused_when_a_signature_is_not_the_right_keys() {
	with_maker(|p256, ed25519| {
		let hardware = Signatory::p256(1);
		let sound = attestation(MAKER, &p256, &hardware, &key(1));
		let by_maker = Attestation { maker_key: ed25519.public(), ..sound.clone() };
		assert_noop!(register_attested(1, by_maker), Errors::BadMakerSignature);
		let other_hardware =
			Attestation { hardware_key: Signatory::p256(2).public(), ..sound.clone() };
		assert_noop!(register_attested(1, other_hardware), Errors::BadMakerSignature);
		let other_session = attestation(MAKER, &p256, &hardware, &key(2));
		assert_noop!(register_attested(1, other_session), Errors::BadHardwareSignature);
		assert_ok!(register_attested(1, sound));
	});
}

#[test]
fn hardware_key_is_refused_when_it_names_a_device_already() {
	with_maker(|p256, _| {
		let hardware = Signatory::ed25519(1);
		assert_ok!(register_attested(2, attestation(MAKER, &p256, &hardware, &key(2))));
		let again = attestation(MAKER, &p256, &hardware, &key(3));
		assert_noop!(register_attested(3, again), Errors::KeyTaken);
		// Nor may a hardware key be a session key.
		assert_noop!(register(account(1), LORAWAN, session(1), None), Errors::KeyTaken);
		let session_key = attestation(MAKER, &p256, &Signatory::ed25519(2), &key(3));
		assert_noop!(register_attested(3, session_key), Errors::KeyTaken);
	});
}

#[test]
fn hardware_key_names_one_device_in_each_network() {
	with_maker(|p256, _| {
		let hardware = Signatory::p256(1);
		assert_ok!(register_attested(2, attestation(MAKER, &p256, &hardware, &key(2))));
		let register_in = |network, number: u8| {
			let attested = Attestation {
				hardware_signature: hardware.admit_in(network, 1, &key(number)),
				..attestation(MAKER, &p256, &hardware, &key(number))
			};
			let proof = onboarding(&account(1), network, &session(number));
			let key = key(number);
			Registry::register_device(signed(1), network, key, proof, None, Some(attested))
		};
		assert_ok!(register_in(SENSORS, 3));
		assert_ok!(register_in(STORAGE, 4));
		assert_noop!(register_in(SENSORS, 5), Errors::KeyTaken);
		// A session key names one device, whatever the network.
		assert_noop!(register_in(CLOSED, 4), Errors::NetworkNotOpen);
		assert_noop!(register(account(2), SENSORS, session(4), None), Errors::KeyTaken);
		// Each network lets go of the key with its own device.
		assert_ok!(Registry::retire(signed(1), 1));
		run_to(START + FORGOTTEN);
		assert_ok!(register_in(SENSORS, 5));
		assert_noop!(register_in(STORAGE, 6), Errors::KeyTaken);
		assert_noop!(register_in(LORAWAN, 6), Errors::KeyTaken);
	});
}

#[test]
fn hardware_key_is_free_again_when_its_device_is_removed() {
	with_maker(|p256, _| {
		let hardware = Signatory::p256(1);
		assert_ok!(register_attested(2, attestation(MAKER, &p256, &hardware, &key(2))));
		assert_ok!(Registry::retire(signed(1), 0));
		run_to(START + FORGOTTEN - 1);
		let again = attestation(MAKER, &p256, &hardware, &key(3));
		assert_noop!(register_attested(3, again), Errors::KeyTaken);
		run_to(START + FORGOTTEN);
		assert_ok!(register_attested(2, attestation(MAKER, &p256, &hardware, &key(2))));
		assert_eq!(Registry::device_by_key(key(2)), Some(1));
	});
}

#[test]
fn attestation_is_worthless_when_it_was_used() {
	with_maker(|p256, _| {
		let used = attestation(MAKER, &p256, &Signatory::p256(1), &key(2));
		assert_ok!(register_attested(2, used.clone()));
		assert_ok!(Registry::retire(signed(1), 0));
		run_to(START + FORGOTTEN);
		// With the session key one can make a new proof for it, but not a signature of the
		// hardware.
		assert_noop!(register_attested(2, used.clone()), Errors::BadHardwareSignature);
		for (owner, network) in [(2, LORAWAN), (1, SENSORS), (2, SENSORS)] {
			let proof = onboarding(&account(owner), network, &session(2));
			let attested = Some(used.clone());
			assert_noop!(
				Registry::register_device(signed(owner), network, key(2), proof, None, attested),
				Errors::BadHardwareSignature
			);
		}
	});
}

#[test]
fn next_session_key_of_an_attested_device_has_to_be_authorised_by_its_hardware() {
	with_maker(|p256, _| {
		let hardware = Signatory::p256(1);
		assert_ok!(register_attested(2, attestation(MAKER, &p256, &hardware, &key(2))));
		let proof = rotation(0, 1, &session(3));
		let rotate = |authorization| {
			Registry::rotate_session_key(signed(1), 0, key(3), proof, authorization)
		};
		assert_noop!(rotate(None), Errors::AuthorizationMissing);
		for wrong in [
			Signatory::p256(2).authorize(1, 0, &key(3)),
			hardware.authorize(1, 0, &key(2)),
			hardware.authorize(2, 0, &key(3)),
			hardware.authorize(1, 1, &key(3)),
			hardware.admit(1, &key(3)),
		] {
			assert_noop!(rotate(Some(wrong)), Errors::BadHardwareSignature);
		}
		assert_ok!(rotate(Some(hardware.authorize(1, 0, &key(3)))));
	});
}

#[test]
fn authorization_is_worthless_when_it_was_used() {
	with_maker(|p256, _| {
		let hardware = Signatory::p256(1);
		assert_ok!(register_attested(2, attestation(MAKER, &p256, &hardware, &key(2))));
		let rotate = |next, authorization| {
			let proof = rotation(0, 1, &session(next));
			Registry::rotate_session_key(signed(1), 0, key(next), proof, Some(authorization))
		};
		let first = hardware.authorize(1, 0, &key(3));
		assert_ok!(rotate(3, first));
		run_to(START + FOLDED);
		assert_ok!(rotate(4, hardware.authorize(1, 1, &key(4))));
		// The key is free again, and still the hardware has to authorise it again.
		run_to(START + FOLDED + FORGOTTEN);
		assert_noop!(rotate(3, first), Errors::BadHardwareSignature);
		assert_ok!(rotate(3, hardware.authorize(1, 2, &key(3))));
	});
}

#[test]
fn authorization_is_refused_when_the_device_is_self_made() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let proof = rotation(0, 1, &session(3));
		assert_noop!(
			Registry::rotate_session_key(signed(1), 0, key(3), proof, Some(Signature([0; 64]))),
			Errors::NoHardwareKey
		);
	});
}

#[test]
fn maker_that_does_not_decode_attests_nothing_and_is_not_overwritten() {
	with_maker(|p256, _| {
		let attestation = attestation(MAKER, &p256, &Signatory::p256(1), &key(2));
		damaged(&Makers::<Test>::hashed_key_for(MAKER), || {
			assert_noop!(register_attested(2, attestation.clone()), Errors::StateUnreadable);
			let set = Registry::set_maker_keys(root(), MAKER, keys(&[&p256]));
			assert_eq!(set, Err(Errors::StateUnreadable.into()));
			assert_noop!(Registry::revoke_maker(root(), MAKER), Errors::StateUnreadable);
			assert!(Registry::do_try_state().is_err());
		});
		assert_ok!(register_attested(2, attestation));
	});
}

#[test]
fn hardware_key_that_does_not_decode_authorises_nothing_and_is_not_overwritten() {
	with_maker(|p256, _| {
		let hardware = Signatory::p256(1);
		assert_ok!(register_attested(2, attestation(MAKER, &p256, &hardware, &key(2))));
		let rotate = || {
			let authorization = hardware.authorize(1, 0, &key(3));
			let proof = rotation(0, 1, &session(3));
			Registry::rotate_session_key(signed(1), 0, key(3), proof, Some(authorization))
		};
		damaged(&HardwareKeys::<Test>::hashed_key_for(0), || {
			assert_noop!(rotate(), Errors::StateUnreadable);
			assert!(Registry::do_try_state().is_err());
		});
		assert_ok!(rotate());
	});
}
