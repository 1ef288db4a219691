//! Who is held to what was signed in former windows.

use frame_support::{assert_noop, assert_ok};
use groma_core::{api::DeviceStatus, words::SessionKey};
use groma_traits::{Devices as _, Signer};
use sp_runtime::AccountId32;

use super::decoding::damaged;
use crate::{Error, FormerHolders, HeldKey, KeyHolders, mock::*};

fn signer(window: u32) -> Option<(AccountId32, SessionKey)> {
	let Signer { network, owner, session_key, is_banned } = Registry::signer(0, window)?;
	assert_eq!((network, is_banned), (LORAWAN, false));
	Some((owner, session_key))
}

fn holder(n: u8) -> Option<u32> {
	KeyHolders::<Test>::get(HeldKey::Session(key(n)))
}

#[test]
fn signer_of_every_window_is_known_while_evidence_about_it_is_taken() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(1, 0, 9));
		for now in START..START + FORGOTTEN {
			run_to(now);
			assert_eq!(signer(START - 1), None);
			assert_eq!(signer(START), Some((account(1), key(0))), "in window {now}");
			assert_eq!(signer(START + 3), Some((account(1), key(0))), "in window {now}");
			assert_eq!(signer(START + 4), Some((account(1), key(9))), "in window {now}");
			assert_eq!((holder(0), holder(9)), (Some(0), Some(0)));
		}
		// Window 3 is the 289th of the last ones, and its seed is forgotten.
		run_to(START + FORGOTTEN);
		assert_eq!(FormerHolders::<Test>::get(0), None);
		assert_eq!((holder(0), holder(9)), (None, Some(0)));
	});
}

#[test]
fn signer_is_the_former_owner_before_a_transfer() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Registry::offer_transfer(signed(1), 0, Some(account(2))));
		assert_ok!(accept(2, 0, 9));
		for now in [START, START + 4, START + FOLDED, START + FORGOTTEN - 1] {
			run_to(now);
			assert_eq!(signer(START + 3), Some((account(1), key(0))));
			assert_eq!(signer(START + 4), Some((account(2), key(9))));
		}
	});
}

#[test]
fn holders_before_two_changes_are_remembered_each_for_its_time() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(1, 0, 8));
		run_to(START + FOLDED);
		assert_ok!(rotate(1, 0, 9));
		for now in START + FOLDED..START + FORGOTTEN {
			run_to(now);
			assert_eq!(signer(START - 1), None);
			assert_eq!(signer(START), Some((account(1), key(0))), "in window {now}");
			assert_eq!(signer(START + 3), Some((account(1), key(0))), "in window {now}");
			assert_eq!(signer(START + 4), Some((account(1), key(8))), "in window {now}");
			assert_eq!(signer(START + FOLDED + 4), Some((account(1), key(9))), "in window {now}");
			assert_eq!((holder(0), holder(8), holder(9)), (Some(0), Some(0), Some(0)));
		}
		run_to(START + FORGOTTEN);
		assert_eq!((holder(0), holder(8), holder(9)), (None, Some(0), Some(0)));
		run_to(START + FOLDED + FORGOTTEN - 1);
		assert_eq!(signer(START + FOLDED + 3), Some((account(1), key(8))));
		run_to(START + FOLDED + FORGOTTEN);
		assert_eq!((holder(8), FormerHolders::<Test>::get(0)), (None, None));
	});
}

#[test]
fn third_change_is_refused_while_two_holders_are_remembered() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(1, 0, 8));
		run_to(START + FOLDED);
		assert_ok!(Registry::offer_transfer(signed(1), 0, Some(account(2))));
		assert_ok!(accept(2, 0, 9));
		run_to(START + 2 * FOLDED);
		assert_ok!(Registry::offer_transfer(signed(2), 0, Some(account(3))));
		for now in [START + 2 * FOLDED, START + FORGOTTEN - 1] {
			run_to(now);
			assert_noop!(rotate(2, 0, 7), Error::<Test>::HoldersRemembered);
			assert_noop!(accept(3, 0, 7), Error::<Test>::HoldersRemembered);
		}
		// Other changes and leaving need no one to be forgotten.
		assert_ok!(Registry::set_status(signed(2), 0, DeviceStatus::Paused));
		run_to(START + FORGOTTEN + FOLDED);
		assert_ok!(accept(3, 0, 7));
	});
}

#[test]
fn device_is_retired_and_removed_while_two_holders_are_remembered() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(1, 0, 8));
		run_to(START + FOLDED);
		assert_ok!(rotate(1, 0, 9));
		run_to(START + 2 * FOLDED);
		assert_ok!(Registry::retire(signed(1), 0));
		run_to(START + 3 * FOLDED);
		for (window, n) in [(START, 0), (START + 4, 8), (START + 2 * FOLDED + 3, 9)] {
			assert_eq!(signer(window), Some((account(1), key(n))));
		}
		assert_eq!(signer(START + 2 * FOLDED + 4), None);
		run_to(START + 2 * FOLDED + FORGOTTEN - 1);
		assert_eq!((holder(0), holder(8), holder(9)), (None, None, Some(0)));
		run_to(START + 2 * FOLDED + FORGOTTEN);
		assert_eq!((holder(9), Registry::device_info(0)), (None, None));
	});
}

#[test]
fn no_key_changes_while_its_former_holders_do_not_decode() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(1, 0, 8));
		run_to(START + FOLDED);
		damaged(&FormerHolders::<Test>::hashed_key_for(0), || {
			assert_noop!(rotate(1, 0, 9), Error::<Test>::StateUnreadable);
		});
		assert_ok!(rotate(1, 0, 9));
	});
}

#[test]
fn change_of_place_or_status_leaves_the_former_holder_alone() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Registry::assert_location(signed(1), 0, claim(3)));
		run_to(START + FOLDED);
		assert_eq!(FormerHolders::<Test>::get(0), None);
		assert_eq!(signer(START), Some((account(1), key(0))));
	});
}
