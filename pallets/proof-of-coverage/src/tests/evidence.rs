use ed25519_dalek::{
	Sha512, Signer, SigningKey,
	hazmat::{ExpandedSecretKey, raw_sign},
};
use frame_support::{assert_noop, assert_ok};
use groma_core::{payload, protocol::WINDOWS_KEPT};

use super::*;
use crate::{Error, Event};

/// A second valid signature of a device's key over the same challenge: what an honest client, whose
/// nonces are a function of the message, never makes.
pub(super) fn second_beacon(window: WindowIndex, device: DeviceId) -> Signature {
	let key: SigningKey = key_of(device);
	let mut expanded = ExpandedSecretKey::from(&key.to_bytes());
	expanded.hash_prefix = [3; 32];
	let message = payload::beacon(&challenge_id(window, device));
	Signature(raw_sign::<Sha512>(&expanded, &message, &key.verifying_key()).to_bytes())
}

fn report(
	window: WindowIndex,
	device: DeviceId,
	a: Signature,
	b: Signature,
) -> DispatchResultWithPostInfo {
	Coverage::report_double_beacon(RuntimeOrigin::signed(account(9)), window, device, a, b)
}

#[test]
fn device_is_banned_when_it_signed_two_beacons() {
	ExtBuilder::default().build_and_execute(|| {
		settle(0, [1]);
		let (a, b) = (beacon(START, 0), second_beacon(START, 0));
		assert_eq!(fee(report(START, 0, a, b)), Pays::No);
		assert!(Banned::get().contains(&0));
		assert_eq!(Offences::get(), vec![(0, owner_of(0), account(9))]);
		assert_eq!(activity(0).counted, None);
		System::assert_last_event(
			Event::DoubleBeaconProven { device: 0, window: START, reporter: account(9) }.into(),
		);
		assert_noop!(report(START, 0, b, a), Error::<Test>::AlreadyReported);
	});
}

#[test]
fn evidence_is_taken_while_the_window_is_remembered() {
	ExtBuilder::default().build_and_execute(|| {
		let (a, b) = (beacon(START, 0), second_beacon(START, 0));
		WindowBlocks::set(&1);
		go_to(START + 287);
		assert_ok!(report(START, 0, a, b));
		let (a, b) = (beacon(START, 1), second_beacon(START, 1));
		go_to(START + WINDOWS_KEPT);
		assert_noop!(report(START, 1, a, b), Error::<Test>::WindowForgotten);
	});
}

#[test]
fn evidence_is_refused_when_it_proves_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let good = beacon(START, 0);
		assert_noop!(report(START, 0, good, good), Error::<Test>::SameSignature);
		assert_noop!(report(START, 0, good, beacon(START, 1)), Error::<Test>::InvalidSignature);
		let mut tampered = good;
		tampered.0[40] ^= 1;
		assert_noop!(report(START, 0, good, tampered), Error::<Test>::InvalidSignature);
		assert_noop!(report(START + 1, 0, good, tampered), Error::<Test>::WindowForgotten);
		assert_noop!(report(START, 77, good, tampered), Error::<Test>::UnknownDevice);
		assert!(Banned::get().is_empty() && Offences::get().is_empty());
	});
}

#[test]
fn evidence_is_refused_when_the_device_was_not_challenged() {
	ExtBuilder::default().build_and_execute(|| {
		alter_network(NETWORK, |network| network.terms.lottery.interval_windows = u32::MAX);
		go_to(START + 1);
		let message = payload::beacon(&challenge_id(START + 1, 0));
		let signature = Signature(key_of(0).sign(&message).to_bytes());
		assert_noop!(
			report(START + 1, 0, signature, second_beacon(START + 1, 0)),
			Error::<Test>::NotChallenged
		);
	});
}

#[test]
fn former_owner_is_punished_and_the_new_one_spared() {
	ExtBuilder::default().build_and_execute(|| {
		let (a, b) = (beacon(START, 0), second_beacon(START, 0));
		go_to(START + 3);
		alter_from(0, START + 3, |view| {
			view.owner = account(60);
			view.session_key = session_key_of(61);
		});
		assert!(Coverage::is_beacon_genuine(0, START, &a));
		assert!(!Coverage::is_beacon_genuine(0, START + 3, &a));
		assert_ok!(report(START, 0, a, b));
		assert!(!Coverage::is_beacon_genuine(0, START, &a));
		assert!(Banned::get().is_empty());
		assert_eq!(Offences::get(), vec![(0, owner_of(0), account(9))]);
		assert_noop!(report(START, 0, a, b), Error::<Test>::AlreadyReported);
	});
}

#[test]
fn device_expires_when_no_one_heard_it_for_the_span() {
	ExtBuilder::default().build_and_execute(|| {
		let expire = |device| Coverage::expire_device(RuntimeOrigin::signed(account(9)), device);
		assert_noop!(expire(0), Error::<Test>::NotCounted);
		settle(0, [1]);
		go_to(START + SPAN);
		assert_noop!(expire(0), Error::<Test>::StillHeard);
		go_to(START + SPAN + 1);
		assert_eq!(fee(expire(0)), Pays::No);
		System::assert_last_event(Event::DeviceExpired { device: 0 }.into());
		assert_noop!(expire(0), Error::<Test>::NotCounted);
	});
}
