//! Lists of which a page does not decode: nothing enters or leaves them or is overwritten.

use frame_support::{
	assert_ok,
	storage::{unhashed, with_storage_layer},
};
use groma_core::{
	api::DeviceStatus,
	place::Cell,
	protocol::{EFFECT_DELAY_WINDOWS, LIST_RESOLUTION},
};
use groma_traits::Devices as _;
use sp_runtime::{AccountId32, DispatchError, DispatchResult};

use super::decoding::damaged;
use crate::{
	Error, Event, FoldCursor, FormerHolders, PAGE_DEVICES, Rosters,
	holders::due_window,
	mock::*,
	roster::{Members, Unreadable},
	types::Roster,
};

/// A call that changes a device.
type Change = fn() -> DispatchResult;

/// The window in which the changes of the first window of a test take effect.
const EFFECTIVE: u32 = START + EFFECT_DELAY_WINDOWS;

fn page_key(roster: Roster<AccountId32>, number: u32) -> Vec<u8> {
	Rosters::<Test>::hashed_key_for((roster, number))
}

fn of_owner(n: u8) -> Vec<u8> {
	page_key(Roster::Owner(account(n), LORAWAN), 0)
}

fn of_cell(n: u8) -> Vec<u8> {
	page_key(Roster::Cell(list_cell(n)), 0)
}

/// The cell in whose list the devices at `cell(n)` stand.
fn list_cell(n: u8) -> Cell {
	cell(n).parent(LIST_RESOLUTION).expect("it is finer")
}

/// Makes a call as a block does: one that fails changes nothing.
fn call(call: impl FnOnce() -> DispatchResult) -> DispatchResult {
	with_storage_layer::<_, DispatchError, _>(call)
}

fn pause(device: u32) -> DispatchResult {
	call(|| Registry::set_status(signed(1), device, DeviceStatus::Paused))
}

fn unreadable() -> DispatchResult {
	Err(Error::<Test>::StateUnreadable.into())
}

#[test]
fn page_that_does_not_decode_stops_what_would_change_it() {
	ExtBuilder::default().build().execute_with(|| {
		let list = Members::<Test>::of_cell(cell(0));
		assert!((0..=PAGE_DEVICES).all(|device| list.push(device) == Ok(device)));
		damaged(&page_key(Roster::Cell(cell(0)), 1), || {
			assert_eq!(list.push(99), Err(Unreadable));
			assert_eq!((list.pop(), list.last()), (Err(Unreadable), Err(Unreadable)));
			assert_eq!(list.remove(3, 3), Err(Unreadable));
			assert_eq!(list.len(), Ok(PAGE_DEVICES + 1));
			assert_eq!(list.list(62..70), vec![62, 63]);
		});
		damaged(&page_key(Roster::Cell(cell(0)), 0), || {
			assert_eq!(list.push(99), Err(Unreadable));
			assert_eq!((list.pop(), list.len()), (Err(Unreadable), Err(Unreadable)));
			assert!(list.list(0..9).is_empty());
		});
		assert_eq!(list.list(0..u32::MAX), (0..=PAGE_DEVICES).collect::<Vec<_>>());
	});
}

#[test]
fn no_device_enters_a_list_that_does_not_decode() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let next = |owner, n, place| {
			call(|| register(account(owner), LORAWAN, session(n), Some(claim(place))))
		};
		for (n, key) in (6..).zip([of_owner(1), of_cell(0)]) {
			damaged(&key, || {
				assert_eq!(next(1, 5, 0), unreadable());
				assert_ok!(next(2, n, 1));
			});
		}
		assert_ok!(next(1, 5, 0));
	});
}

#[test]
fn changes_of_one_window_are_refused_while_their_list_does_not_decode() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(pause(0));
		damaged(&page_key(Roster::Changes(EFFECTIVE), 0), || {
			assert_eq!(pause(1), unreadable());
			assert!(record(1).changes.pending.is_none());
			run_to(START + 1);
			assert_ok!(pause(1));
		});
		run_to(START + FOLDED + 1);
		assert!(record(0).changes.pending.is_none() && record(1).changes.pending.is_none());
	});
}

#[test]
fn list_of_changes_that_does_not_decode_is_passed_over_and_mended_later() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(pause(0));
		run_to(START + 1);
		assert_ok!(pause(1));
		damaged(&page_key(Roster::Changes(EFFECTIVE), 0), || {
			run_to(START + FOLDED + 1);
			assert!(record(0).changes.pending.is_some());
			assert!(record(1).changes.pending.is_none(), "the change of another window waits");
			System::assert_has_event(Event::<Test>::ChangesUnreadable { window: EFFECTIVE }.into());
		});
		// What the upgrade does that mends the list.
		FoldCursor::<Test>::put(EFFECTIVE);
		run_to(START + FOLDED + 2);
		assert!(record(0).changes.pending.is_none());
	});
}

#[test]
fn change_waits_while_a_list_that_it_concerns_does_not_decode() {
	let retire = || Registry::retire(signed(1), 0);
	let relocate = || Registry::assert_location(signed(1), 0, claim(1));
	let cases: [(Change, Vec<u8>); 4] = [
		(retire, of_owner(1)),
		(retire, of_cell(0)),
		(relocate, of_cell(0)),
		(relocate, of_cell(1)),
	];
	for (change, key) in cases {
		ExtBuilder::default().devices(2).build_and_execute(|| {
			assert_ok!(change());
			damaged(&key, || {
				run_to(START + FOLDED + 5);
				assert!(record(0).changes.pending.is_some());
			});
			run_to(START + FOLDED + 6);
			assert!(record(0).changes.pending.is_none());
		});
	}
}

#[test]
fn former_holder_waits_in_the_next_list_that_decodes() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let due = due_window(EFFECTIVE);
		let key = page_key(Roster::Holders(due), 0);
		unhashed::put_raw(&key, &[7]);
		assert_ok!(rotate(1, 0, 9));
		run_to(START + FOLDED);
		assert!(FormerHolders::<Test>::get(0).is_some());
		assert_eq!(Members::<Test>::of_holders(due + 1).last(), Ok(Some(0)));
		assert_eq!(unhashed::get_raw(&key), Some(vec![7]), "it was overwritten");
		unhashed::kill(&key);
		run_to(START + FORGOTTEN + 1);
		assert!(FormerHolders::<Test>::get(0).is_none());
	});
}

#[test]
fn ban_does_not_wait_for_a_list_and_leaves_it_as_it_is() {
	ExtBuilder::default().devices(2).build().execute_with(|| {
		damaged(&of_owner(1), || assert!(Registry::ban(0, START)));
		assert_eq!(record(0).status, DeviceStatus::Banned);
		assert_eq!(Registry::devices_of(account(1), LORAWAN, 0, 9), vec![0, 1]);
		assert_eq!(record(1).slot, 1);
	});
}
