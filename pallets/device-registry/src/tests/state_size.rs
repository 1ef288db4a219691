//! How much state a device takes.

use codec::MaxEncodedLen;
use frame_support::assert_ok;

use crate::{DeviceRecord, mock::*, types::ALLOTMENT_DEVICES};

/// Bytes of all maps of the pallet: what keys have after the prefix of 32 bytes, and values.
fn map_bytes() -> usize {
	let prefix = sp_io::hashing::twox_128(b"Registry");
	let mut bytes = 0;
	let mut key = prefix.to_vec();
	while let Some(next) = sp_io::storage::next_key(&key).filter(|key| key.starts_with(&prefix)) {
		let value = sp_io::storage::get(&next).map_or(0, |value| value.len());
		if next.len() > 32 {
			bytes += next.len() - 32 + value;
		}
		key = next;
	}
	bytes
}

#[test]
fn self_made_device_with_a_location_takes_at_most_328_bytes() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		// An owner with a single device, far from all others, shares nothing with anyone.
		let before = map_bytes();
		assert_ok!(register(account(2), LORAWAN, session(9), Some(claim(200))));
		let bytes = map_bytes() - before;
		assert!(bytes <= 328, "a device takes {bytes} bytes");
	});
}

#[test]
fn device_takes_less_when_owner_and_cell_have_others() {
	ExtBuilder::default().build_and_execute(|| {
		for n in 0..40 {
			assert_ok!(register(account(2), LORAWAN, session(n), Some(claim(9))));
		}
		let bytes = map_bytes() / 40;
		assert!(bytes <= 200, "a device takes {bytes} bytes");
	});
}

#[test]
fn removed_device_leaves_its_owners_nonce_and_the_allotment_of_its_place() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let before = map_bytes();
		assert_ok!(register(account(2), LORAWAN, session(9), Some(claim(200))));
		assert_ok!(Registry::retire(signed(2), ALLOTMENT_DEVICES));
		run_to(START + FORGOTTEN);
		// The hashed account and a number of four bytes; the place and an id.
		assert_eq!(map_bytes() - before, 48 + 4 + 4 + 4);
	});
}

#[test]
fn device_takes_no_more_when_a_change_of_its_key_is_forgotten() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let before = map_bytes();
		assert_ok!(rotate(1, 0, 9));
		run_to(START + FOLDED);
		let former = map_bytes() - before;
		assert!(former <= 180, "a former holder takes {former} bytes");
		run_to(START + FORGOTTEN);
		assert_eq!(map_bytes(), before);
	});
}

#[test]
fn record_that_every_judgement_reads_stays_small() {
	let bytes = DeviceRecord::<sp_runtime::AccountId32>::max_encoded_len();
	assert!(bytes <= 220, "a record takes up to {bytes} bytes");
}
