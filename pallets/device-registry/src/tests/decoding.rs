//! What comes from outside never panics, and the indices that clients decode are pinned.

use codec::{Decode, Encode};
use frame_support::{
	assert_noop, assert_ok,
	storage::{unhashed, with_storage_layer},
	weights::Weight,
};
use groma_core::{api::DeviceStatus, words::SessionKey};
use groma_paged_map::PageId;
use groma_traits::{ActiveDevices, DeviceLookup as _, Devices};
use proptest::prelude::*;
use sp_runtime::{DispatchError, traits::Dispatchable};

use crate::{
	ActiveCounts, Allotments, DevicePages, Error, Event, FoldCursor, FormerHolders, HeldKey,
	KeyHolders, NextAllotment, OnboardingNonces, TransferOffers, devices_impl::Lookup, mock::*,
	roster::Members, types::allotment_key,
};

#[test]
fn events_keep_their_pinned_indices() {
	let name: crate::MakerName = b"m".to_vec().try_into().expect("it is short");
	let owner = account(1);
	let events: Vec<Event<Test>> = vec![
		Event::MakerRegistered { maker: 0, name },
		Event::MakerKeysSet { maker: 0 },
		Event::MakerRevoked { maker: 0 },
		Event::DeviceRegistered { device: 0, owner: owner.clone(), network: 0 },
		Event::LocationAsserted { device: 0, cell: cell(0), since: 0 },
		Event::TransferOffered { device: 0, next_owner: None },
		Event::TransferAccepted { device: 0, owner, effective: 0 },
		Event::SessionKeyRotated { device: 0, session_key: SessionKey([0; 32]), effective: 0 },
		Event::StatusSet { device: 0, status: DeviceStatus::Active, effective: 0 },
		Event::ChangeFolded { device: 0 },
		Event::DeviceRetired { device: 0 },
		Event::DeviceBanned { device: 0 },
		Event::FormerKeyBanned { device: 0 },
		Event::ChangesUnreadable { window: 0 },
	];
	for (index, event) in (0u8..).zip(events) {
		assert_eq!(event.encode().first(), Some(&index));
	}
}

#[test]
fn status_set_is_encoded_as_clients_decode_it() {
	let event: Event<Test> =
		Event::StatusSet { device: 0x0102, status: DeviceStatus::Retired, effective: 7 };
	assert_eq!(event.encode(), [8, 2, 1, 0, 0, 3, 7, 0, 0, 0]);
}

proptest! {
	#[test]
	fn random_bytes_never_break_a_call(
		call in 0u8..11,
		bytes in prop::collection::vec(any::<u8>(), 0..400),
		signer in 1u8..4,
	) {
		let mut encoded = vec![2, call];
		encoded.extend(bytes);
		if let Ok(call) = RuntimeCall::decode(&mut &encoded[..]) {
			ExtBuilder::default().devices(1).build_and_execute(|| {
				let before = System::event_count();
				let result = call.dispatch(signed(signer));
				assert_eq!(result.is_ok(), System::event_count() > before);
			});
		}
	}
}

#[test]
fn record_that_does_not_decode_stops_its_device_and_is_not_overwritten() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let (page, _) = PageId::of(0);
		let key = DevicePages::<Test>::hashed_key_for(page);
		let good = unhashed::get_raw(&key).expect("it is there");
		for bytes in [&[7][..], &[]] {
			unhashed::put_raw(&key, bytes);
			assert!(Registry::at(0, START).is_none());
			assert!(Lookup::<Test>::default().is_unreadable(0));
			let pause = Registry::set_status(signed(1), 0, DeviceStatus::Paused);
			assert_eq!(pause, Err(Error::<Test>::UnknownDevice.into()));
			run_to(CurrentWindow::get() + 5);
			poll(Weight::MAX);
			assert_eq!(unhashed::get_raw(&key).as_deref(), Some(bytes));
			assert!(Registry::do_try_state().is_err());
		}
		unhashed::put_raw(&key, &good);
		assert!(Registry::at(0, CurrentWindow::get()).is_some());
		assert!(!Lookup::<Test>::default().is_unreadable(0));
	});
}

/// Damages the page of the first sixteen devices for so many windows.
fn damage_for(windows: u32) {
	let (page, _) = PageId::of(0);
	let key = DevicePages::<Test>::hashed_key_for(page);
	let good = unhashed::get_raw(&key).expect("it is there");
	unhashed::put_raw(&key, &[7]);
	run_to(CurrentWindow::get() + windows);
	assert_eq!(unhashed::get_raw(&key), Some(vec![7]));
	unhashed::put_raw(&key, &good);
}

#[test]
fn change_waits_until_its_record_can_be_read() {
	for windows in [1, FOLDED, FOLDED + 30, FORGOTTEN + 30] {
		ExtBuilder::default().devices(2).build_and_execute(|| {
			assert_ok!(rotate(1, 0, 9));
			damage_for(windows);
			assert_ok!(Registry::do_try_state());
			run_to(CurrentWindow::get().max(START + FOLDED) + 1);
			assert_eq!((record(0).changes.pending, record(0).session_key), (None, key(9)));
			run_to(CurrentWindow::get().max(START + FORGOTTEN) + 1);
			assert!(FormerHolders::<Test>::get(0).is_none(), "after {windows} windows");
		});
	}
}

#[test]
fn former_holder_waits_until_the_record_can_be_read() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Registry::retire(signed(1), 0));
		run_to(START + FOLDED);
		damage_for(FORGOTTEN);
		assert!(FormerHolders::<Test>::get(0).is_some());
		run_to(CurrentWindow::get() + 1);
		assert!(FormerHolders::<Test>::get(0).is_none());
		assert!(Registry::at(0, CurrentWindow::get()).is_none());
	});
}

#[test]
fn change_waits_when_the_last_of_its_list_cannot_be_read() {
	ExtBuilder::default().devices(20).build_and_execute(|| {
		let last = Members::<Test>::of_owner(account(1), LORAWAN).last();
		let last = last.expect("the list decodes").expect("there are 20");
		let (page, _) = PageId::of(last);
		assert_ne!(page, PageId::of(0).0);
		let page_key = DevicePages::<Test>::hashed_key_for(page);
		let good = unhashed::get_raw(&page_key).expect("it is there");
		assert_ok!(Registry::retire(signed(1), 0));
		unhashed::put_raw(&page_key, &[7]);
		run_to(START + FOLDED + 5);
		assert!(record(0).changes.pending.is_some(), "the last could not learn its new slot");
		unhashed::put_raw(&page_key, &good);
		run_to(CurrentWindow::get() + 1);
		assert_eq!((record(0).status, record(last).slot), (DeviceStatus::Retired, 0));
	});
}

/// Damages what is stored under a key, lets `during` try something, and mends it.
pub(super) fn damaged(key: &[u8], during: impl FnOnce()) {
	let good = unhashed::get_raw(key).expect("it is there");
	unhashed::put_raw(key, &[7]);
	during();
	assert_eq!(unhashed::get_raw(key), Some(vec![7]), "it was overwritten");
	unhashed::put_raw(key, &good);
}

#[test]
fn registration_waits_when_a_counter_does_not_decode() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		drop(Allotments::<Test>::clear(u32::MAX, None));
		let keys = [
			NextAllotment::<Test>::hashed_key().to_vec(),
			OnboardingNonces::<Test>::hashed_key_for(account(1)),
		];
		let next = || register(account(1), LORAWAN, session(3), Some(claim(3)));
		for key in keys {
			damaged(&key, || {
				let result = with_storage_layer::<_, DispatchError, _>(next);
				assert_eq!(result, Err(Error::<Test>::StateUnreadable.into()));
			});
		}
		assert_ok!(next());
	});
}

#[test]
fn changes_wait_when_the_cursor_does_not_decode() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		run_to(START + 1);
		assert_ok!(rotate(1, 0, 9));
		damaged(&FoldCursor::<Test>::hashed_key(), || run_to(START + 20));
		assert!(record(0).changes.pending.is_some());
		run_to(START + 21);
		assert_eq!((record(0).changes.pending, record(0).session_key), (None, key(9)));
	});
}

#[test]
fn no_device_is_challenged_while_no_one_knows_how_many_there_are() {
	ExtBuilder::default().devices(2).build().execute_with(|| {
		assert_eq!(Registry::active_count(LORAWAN), 2);
		damaged(&ActiveCounts::<Test>::hashed_key_for(LORAWAN), || {
			assert_ok!(register(account(1), LORAWAN, session(3), Some(claim(3))));
			assert_eq!(Registry::active_count(LORAWAN), u32::MAX);
		});
		assert_eq!(Registry::active_count(LORAWAN), 2);
	});
}

#[test]
fn no_one_is_held_to_evidence_while_the_former_holder_does_not_decode() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(1, 0, 9));
		run_to(START + FOLDED);
		damaged(&FormerHolders::<Test>::hashed_key_for(0), || {
			assert!(Registry::signer(0, START).is_none());
			assert!(Registry::signer(0, CurrentWindow::get()).is_none());
			run_to(START + FORGOTTEN + 5);
		});
		assert_eq!(Registry::signer(0, START).map(|signer| signer.session_key), Some(key(0)));
		run_to(START + FORGOTTEN + 6);
		assert!(FormerHolders::<Test>::get(0).is_none());
	});
}

#[test]
fn registration_waits_when_the_allotment_of_its_place_does_not_decode() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(register(account(1), LORAWAN, session(2), Some(claim(3))));
		let next = || register(account(1), LORAWAN, session(3), Some(claim(3)));
		let allotment = allotment_key(Some(claim(3).cell));
		damaged(&Allotments::<Test>::hashed_key_for(allotment), || {
			let result = with_storage_layer::<_, DispatchError, _>(next);
			assert_eq!(result, Err(Error::<Test>::StateUnreadable.into()));
			assert!(Registry::do_try_state().is_err());
		});
		assert_ok!(next());
	});
}

#[test]
fn offer_stays_as_it_is_when_it_does_not_decode() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let offer = |to| Registry::offer_transfer(signed(1), 0, to);
		assert_ok!(offer(Some(account(2))));
		damaged(&TransferOffers::<Test>::hashed_key_for(0), || {
			assert_noop!(accept(2, 0, 9), Error::<Test>::StateUnreadable);
			assert_noop!(offer(Some(account(3))), Error::<Test>::StateUnreadable);
			assert_noop!(offer(None), Error::<Test>::StateUnreadable);
			assert!(Registry::do_try_state().is_err());
		});
		assert_ok!(accept(2, 0, 9));
	});
}

#[test]
fn key_that_does_not_decode_names_no_device_and_is_not_free() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		damaged(&KeyHolders::<Test>::hashed_key_for(HeldKey::Session(key(0))), || {
			assert_eq!(Registry::device_by_key(key(0)), None);
			let again = register(account(2), LORAWAN, session(0), Some(claim(3)));
			assert_eq!(again, Err(Error::<Test>::KeyTaken.into()));
			assert!(Registry::do_try_state().is_err());
		});
		assert_eq!(Registry::device_by_key(key(0)), Some(0));
	});
}
