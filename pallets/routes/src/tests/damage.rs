//! Bytes that do not decode are neither absent nor overwritten.

use frame_support::{assert_noop, assert_ok, storage::unhashed};

use crate::{Allotments, Changes, Error, JoinEuis, Offers, Payers, mock::*};

/// What another version of the runtime might have left.
const DAMAGE: [u8; 3] = [0xff; 3];

fn damage(key: &[u8]) {
	unhashed::put_raw(key, &DAMAGE);
}

fn is_left(key: &[u8]) -> bool {
	unhashed::get_raw(key).as_deref() == Some(&DAMAGE[..])
}

#[test]
fn payer_that_does_not_decode_stands_still() {
	ExtBuilder::default().build().execute_with(|| {
		assert_ok!(set_route(PAYER, PAYER, "router.example.com:9000"));
		assert_ok!(claim(PAYER, 1));
		let key = Payers::<Test>::hashed_key_for(PAYER);
		damage(&key);
		let change = || set_route(PAYER, PAYER, "router.example.com:9001");
		assert_noop!(change(), Error::<Test>::Unreadable);
		assert_noop!(remove_route(PAYER), Error::<Test>::Unreadable);
		assert_noop!(claim(PAYER, 2), Error::<Test>::Unreadable);
		assert_noop!(release(PAYER, 1), Error::<Test>::Unreadable);
		assert_noop!(allot(PAYER, 0, 7), Error::<Test>::Unreadable);
		assert!(is_left(&key));
		// Answers leave it out, and others go on.
		assert_eq!(Routes::route(PAYER), None);
		assert_ok!(set_route(STRANGER, STRANGER, "router.example.com:9000"));
		assert_eq!(Routes::routes(None, 9).routes.len(), 1);
	});
}

#[test]
fn range_that_does_not_decode_is_not_given_again() {
	ExtBuilder::default().build().execute_with(|| {
		assert_ok!(allot(PAYER, 0x100, 0x1ff));
		let key = Allotments::<Test>::hashed_key_for(range(0x100, 0x1ff).last);
		damage(&key);
		// Where it begins is not known, so nothing below its end is allotted.
		for (first, last) in [(0x100, 0x1ff), (0x180, 0x200), (0, 7)] {
			assert_noop!(allot(STRANGER, first, last), Error::<Test>::Unreadable);
		}
		assert_noop!(take_back(PAYER, 0x100, 0x1ff), Error::<Test>::Unreadable);
		assert_ok!(allot(STRANGER, 0x200, 0x2ff));
		assert_eq!(Routes::payer_of_address(range(0x180, 0x180).first), None);
		assert!(is_left(&key));
	});
}

#[test]
fn join_eui_that_does_not_decode_stands_still() {
	ExtBuilder::default().build().execute_with(|| {
		assert_ok!(claim(PAYER, 1));
		let key = JoinEuis::<Test>::hashed_key_for(join_eui(1));
		damage(&key);
		assert_noop!(claim(STRANGER, 1), Error::<Test>::Unreadable);
		assert_noop!(release(PAYER, 1), Error::<Test>::Unreadable);
		assert_eq!(free(PAYER), GENESIS - JOIN_EUI_DEPOSIT);
		assert!(is_left(&key));
		assert_ok!(claim(STRANGER, 2));
	});
}

#[test]
fn offers_that_do_not_decode_stand_still() {
	ExtBuilder::default().build().execute_with(|| {
		assert_ok!(set_offer(OWNER, offer(0)));
		let key = Offers::<Test>::hashed_key_for(DEVICE);
		damage(&key);
		assert_noop!(set_offer(OWNER, offer(0)), Error::<Test>::Unreadable);
		assert_noop!(remove_offer(OWNER, 0), Error::<Test>::Unreadable);
		assert!(is_left(&key));
		assert_eq!(Routes::offers(None, 9).offers, vec![]);
	});
}

#[test]
fn numbers_of_changes_never_begin_again() {
	ExtBuilder::default().build().execute_with(|| {
		assert_ok!(set_route(PAYER, PAYER, "router.example.com:9000"));
		let key = Changes::<Test>::hashed_key();
		damage(&key);
		let change = || set_route(PAYER, PAYER, "router.example.com:9001");
		assert_noop!(change(), Error::<Test>::Unreadable);
		assert_noop!(set_offer(OWNER, offer(0)), Error::<Test>::Unreadable);
		assert!(is_left(&key));
		assert_eq!((Routes::versions(), Routes::routes(None, 9).version), (None, None));
	});
}
