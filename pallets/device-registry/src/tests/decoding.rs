//! What comes from outside never panics, and the indices that clients decode are pinned.

use codec::{Decode, Encode};
use groma_core::{api::DeviceStatus, words::SessionKey};
use proptest::prelude::*;
use sp_runtime::traits::Dispatchable;

use crate::{Event, mock::*};

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
