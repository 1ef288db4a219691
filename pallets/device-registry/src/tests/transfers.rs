//! How a device changes hands.

use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use groma_core::money::Balance;
use groma_traits::Devices as _;
use sp_runtime::TokenError;

use crate::{Error, Event, HoldReason, TransferOffers, mock::*};

type Errors = Error<Test>;

const EFFECTIVE: u32 = START + 4;

fn on_hold(n: u8) -> Balance {
	Balances::balance_on_hold(&HoldReason::Registration.into(), &account(n))
}

fn offer(device: u32, to: u8) {
	assert_ok!(Registry::offer_transfer(signed(1), device, Some(account(to))));
}

#[test]
fn transfer_brings_owner_key_and_slot_at_its_window() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		offer(1, 2);
		assert_ok!(accept(2, 1, 9));
		let event = Event::TransferAccepted { device: 1, owner: account(2), effective: EFFECTIVE };
		System::assert_last_event(event.into());
		for now in START..EFFECTIVE + 3 {
			run_to(now);
			let before = Registry::at(1, EFFECTIVE - 1).expect("it exists");
			let after = Registry::at(1, EFFECTIVE).expect("it exists");
			assert_eq!((before.owner, before.session_key, before.slot), (account(1), key(1), 1));
			assert_eq!((after.owner, after.session_key, after.slot), (account(2), key(9), 0));
		}
	});
}

#[test]
fn deposits_and_lists_follow_when_the_transfer_is_folded() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		offer(0, 2);
		assert_ok!(accept(2, 0, 9));
		assert_eq!((on_hold(1), on_hold(2)), (2 * Deposit::get(), Deposit::get()));
		assert_eq!(Registry::devices_of(account(1), LORAWAN, 0, 9), vec![0, 1]);
		assert_eq!(Registry::devices_of(account(2), LORAWAN, 0, 9), vec![0]);
		run_to(EFFECTIVE + 3);
		assert_eq!((on_hold(1), on_hold(2)), (Deposit::get(), Deposit::get()));
		assert_eq!(Registry::devices_of(account(1), LORAWAN, 0, 9), vec![1]);
		assert_eq!(record(1).slot, 0);
		assert_eq!(record(0).owner, account(2));
	});
}

#[test]
fn incoming_device_learns_its_slot_when_another_leaves_the_next_owners_list() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(register(account(2), LORAWAN, session(5), Some(claim(2))));
		run_to(START + 1);
		offer(0, 2);
		assert_ok!(accept(2, 0, 9));
		assert_eq!(record(0).incoming().map(|(_, slot)| slot), Some(1));
		// A ban leaves the list at once.
		assert!(Registry::ban(2, START + 1));
		assert_eq!(record(0).incoming().map(|(_, slot)| slot), Some(0));
		assert_eq!(record(0).slot, 0);
		run_to(START + 8);
		assert_eq!(record(0).slot, 0);
	});
}

#[test]
fn transfer_is_refused_when_the_device_is_not_offered_to_the_caller() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_noop!(accept(2, 0, 9), Errors::NotOffered);
		offer(0, 3);
		assert_noop!(accept(2, 0, 9), Errors::NotOffered);
		assert_noop!(accept(1, 0, 9), Errors::NotOffered);
	});
}

#[test]
fn offer_can_be_withdrawn() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		offer(0, 2);
		assert_ok!(Registry::offer_transfer(signed(1), 0, None));
		System::assert_last_event(Event::TransferOffered { device: 0, next_owner: None }.into());
		assert_noop!(accept(2, 0, 9), Errors::NotOffered);
	});
}

#[test]
fn offer_is_refused_when_it_is_made_to_the_owner() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_noop!(
			Registry::offer_transfer(signed(1), 0, Some(account(1))),
			Errors::OfferToOwner
		);
	});
}

#[test]
fn transfer_is_refused_when_the_session_key_stays_or_is_not_proven_for_the_next_owner() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		offer(0, 2);
		assert_noop!(accept(2, 0, 0), Errors::KeyTaken);
		let for_former_owner = rotation(0, 1, &session(9));
		assert_noop!(
			Registry::accept_transfer(signed(2), 0, key(9), for_former_owner, None),
			Errors::BadProof
		);
	});
}

#[test]
fn transfer_is_refused_when_the_next_owner_cannot_pay_the_deposit() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		offer(0, 77);
		assert_noop!(accept(77, 0, 9), TokenError::FundsUnavailable);
	});
}

#[test]
fn no_one_sells_a_device_twice_while_a_transfer_is_on_its_way() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		offer(0, 2);
		assert_ok!(accept(2, 0, 9));
		let offer_by = |n| Registry::offer_transfer(signed(n), 0, Some(account(3)));
		assert_noop!(offer_by(1), Errors::ChangePending);
		assert_noop!(offer_by(2), Errors::NotOwner);
		run_to(EFFECTIVE);
		assert_noop!(offer_by(1), Errors::NotOwner);
		assert_noop!(offer_by(2), Errors::ChangePending);
		run_to(EFFECTIVE + 3);
		assert_ok!(offer_by(2));
	});
}

#[test]
fn offer_can_be_withdrawn_while_a_change_is_on_its_way() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		offer(0, 2);
		assert_ok!(rotate(1, 0, 9));
		assert_ok!(Registry::offer_transfer(signed(1), 0, None));
		assert_eq!(TransferOffers::<Test>::get(0), None);
	});
}

#[test]
fn attested_device_is_not_transferred_without_its_hardware() {
	ExtBuilder::default().build_and_execute(|| {
		let (maker, hardware) = (Signatory::p256(50), Signatory::p256(1));
		let keys = vec![maker.public()].try_into().expect("it is one");
		let name = b"Example".to_vec().try_into().expect("it is short");
		assert_ok!(Registry::register_maker(RuntimeOrigin::root(), name, keys));
		let attestation = attestation(0, &maker, &hardware, &key(1));
		let proof = onboarding(&account(1), LORAWAN, &session(1));
		let attested = Some(attestation);
		assert_ok!(Registry::register_device(signed(1), LORAWAN, key(1), proof, None, attested));
		offer(0, 2);
		assert_noop!(accept(2, 0, 9), Errors::AuthorizationMissing);
		let (proof, authorization) =
			(rotation(0, 2, &session(9)), hardware.authorize(2, 0, &key(9)));
		assert_ok!(Registry::accept_transfer(signed(2), 0, key(9), proof, Some(authorization)));
	});
}
