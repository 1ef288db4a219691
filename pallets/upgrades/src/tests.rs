use frame_support::{assert_noop, assert_ok};
use frame_system::Pallet as System;
use sp_core::H256;
use sp_runtime::{
	DispatchError,
	traits::{BlakeTwo256, Hash},
};

use crate::{mock::*, *};

const CODE: &[u8] = b"code";

fn hash() -> H256 {
	BlakeTwo256::hash(CODE)
}

fn authorize() {
	assert_ok!(Upgrades::authorize(RuntimeOrigin::root(), hash()));
}

/// What the system has authorized.
fn pending() -> Option<H256> {
	System::<Test>::authorized_upgrade().map(|pending| *pending.code_hash())
}

#[test]
fn authorizing_works() {
	run(|| {
		authorize();
		assert_eq!(pending(), Some(hash()));
		let expires = 1 + AUTHORIZED_BLOCKS;
		assert_eq!(Upgrades::authorized(), Some(Authorization { code_hash: hash(), expires }));
		let event = Event::CodeAuthorized { code_hash: hash(), expires };
		System::<Test>::assert_last_event(event.into());
	});
}

#[test]
fn only_governance_authorizes() {
	run(|| {
		let call = Upgrades::authorize(RuntimeOrigin::signed(1), hash());
		assert_eq!(call, Err(DispatchError::BadOrigin));
		assert_eq!(pending(), None);
	});
}

#[test]
fn an_authorization_ends_in_its_last_block_and_not_before() {
	run(|| {
		authorize();
		run_to(AUTHORIZED_BLOCKS);
		assert_eq!(pending(), Some(hash()));
		run_to(AUTHORIZED_BLOCKS + 1);
		assert_eq!((pending(), Upgrades::authorized()), (None, None));
		let event = Event::AuthorizationExpired { code_hash: hash() };
		System::<Test>::assert_last_event(event.into());
	});
}

#[test]
fn a_later_authorization_takes_the_place_of_an_earlier_one() {
	run(|| {
		authorize();
		run_to(5);
		let other = H256::repeat_byte(1);
		assert_ok!(Upgrades::authorize(RuntimeOrigin::root(), other));
		run_to(AUTHORIZED_BLOCKS + 1);
		assert_eq!(pending(), Some(other));
		run_to(AUTHORIZED_BLOCKS + 5);
		assert_eq!(pending(), None);
	});
}

#[test]
fn code_of_another_hash_leaves_the_authorization_as_it_is() {
	run(|| {
		authorize();
		let other =
			System::<Test>::apply_authorized_upgrade(RuntimeOrigin::none(), b"other".to_vec());
		assert!(other.is_err());
		assert_eq!(pending(), Some(hash()));
	});
}

#[test]
fn an_authorization_that_root_replaced_is_forgotten_and_not_taken_back() {
	run(|| {
		authorize();
		let other = H256::repeat_byte(1);
		assert_ok!(System::<Test>::authorize_upgrade(RuntimeOrigin::root(), other));
		run_to(2);
		assert_eq!(Upgrades::authorized(), None);
		run_to(2 * AUTHORIZED_BLOCKS);
		assert_eq!(pending(), Some(other));
	});
}

#[test]
fn an_authorization_that_was_applied_is_forgotten() {
	run(|| {
		authorize();
		unhashed::kill(&system_key());
		run_to(2);
		assert_eq!(Upgrades::authorized(), None);
	});
}

#[test]
fn an_authorization_that_cannot_be_read_is_taken_back() {
	run(|| {
		authorize();
		unhashed::put_raw(&Authorized::<Test>::hashed_key(), &[1]);
		assert!(Upgrades::do_try_state().is_err());
		run_to(2);
		assert_eq!(pending(), None);
		System::<Test>::assert_last_event(Event::AuthorizationUnreadable.into());
	});
}

#[test]
fn nothing_authorized_is_nothing_applied() {
	run(|| {
		let applied =
			|| System::<Test>::apply_authorized_upgrade(RuntimeOrigin::signed(1), CODE.to_vec());
		assert_noop!(applied(), frame_system::Error::<Test>::NothingAuthorized);
	});
}
