//! What comes from outside never panics, and the indices that clients decode are pinned.

use codec::{Decode, Encode};
use frame_support::{storage::unhashed, weights::Weight};
use groma_core::{api::DeviceStatus, words::SessionKey};
use groma_paged_map::PageId;
use groma_traits::Devices;
use proptest::prelude::*;
use sp_runtime::traits::Dispatchable;

use crate::{DevicePages, Error, Event, mock::*};

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
			let pause = Registry::set_status(signed(1), 0, DeviceStatus::Paused);
			assert_eq!(pause, Err(Error::<Test>::UnknownDevice.into()));
			run_to(CurrentWindow::get() + 5);
			poll(Weight::MAX);
			assert_eq!(unhashed::get_raw(&key).as_deref(), Some(bytes));
			assert!(Registry::do_try_state().is_err());
		}
		unhashed::put_raw(&key, &good);
		assert!(Registry::at(0, CurrentWindow::get()).is_some());
	});
}
