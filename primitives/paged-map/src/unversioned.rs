//! Pages as they were before they had a version: a list of places and opaque entries, nothing in
//! front of it. A list of one to sixteen entries never begins with the byte of a version, so that
//! both are distinct, and a walk over all pages can be cut off and begun again anywhere.

use alloc::vec::Vec;

use codec::{Decode, DecodeAll, Encode};
use frame_support::{IterableStorageMap, storage::unhashed};

use crate::{PAGE_VERSION, Page, PageId, PagedMap};

/// What a walk found of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
	/// It had no version, and has one now.
	Done,
	/// It had a version already.
	NotNeeded,
	/// Its bytes are no page, with or without a version: they stay.
	Undecodable,
}

/// A page that begins with its version, made of one that does not; `None` if that is no page.
fn with_version<V>(bytes: &[u8]) -> Option<Vec<u8>> {
	let versioned = [&[PAGE_VERSION][..], bytes].concat();
	Page::<V>::decode_all(&mut &versioned[..]).ok().map(|_| versioned)
}

impl<Pages, V> PagedMap<Pages, V>
where
	Pages: IterableStorageMap<PageId, Page<V>>,
	V: Encode + Decode,
{
	/// Gives the page behind `after` its version, or the first page: which one it was, and what was
	/// found; `None` if there are no more. It reads the key and the page, and writes the page.
	pub fn renew_behind(after: Option<PageId>) -> Option<(PageId, Renewal)> {
		let page = match after {
			Some(after) => Pages::iter_keys_from(Pages::hashed_key_for(after)).next()?,
			None => Pages::iter_keys().next()?,
		};
		Some((page, Self::renew(&Pages::hashed_key_for(page))))
	}

	fn renew(key: &[u8]) -> Renewal {
		let Some(bytes) = unhashed::get_raw(key) else { return Renewal::NotNeeded };
		if Page::<V>::decode_all(&mut &bytes[..]).is_ok() {
			return Renewal::NotNeeded;
		}
		let Some(versioned) = with_version::<V>(&bytes) else { return Renewal::Undecodable };
		unhashed::put_raw(key, &versioned);
		Renewal::Done
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_support::{Identity, storage_alias};
	use proptest::prelude::*;
	use sp_io::TestExternalities;

	#[storage_alias]
	type Numbers = StorageMap<Test, Identity, PageId, Page<u64>>;
	type Map = PagedMap<Numbers, u64>;

	/// The page of a device.
	fn page(device: u32) -> PageId {
		PageId::of(device).0
	}

	/// Takes the version from the page of a device.
	fn strip(device: u32) {
		let key = Numbers::hashed_key_for(page(device));
		let bytes = unhashed::get_raw(&key).expect("it has a page");
		unhashed::put_raw(&key, &bytes[1..]);
	}

	#[test]
	fn pages_are_renewed_in_the_order_of_their_numbers() {
		TestExternalities::default().execute_with(|| {
			// Their numbers differ in other bytes, so that the order of bytes matters.
			let devices = [5, 16 * 256 + 3, 16 * 65_536];
			devices.iter().for_each(|device| Map::insert(*device, &7));
			devices.iter().for_each(|device| strip(*device));
			assert_eq!(Map::iter().count(), 0);
			let mut last = None;
			for device in devices {
				let found = Map::renew_behind(last);
				assert_eq!(found, Some((page(device), Renewal::Done)));
				last = found.map(|(page, _)| page);
			}
			assert_eq!(Map::renew_behind(last), None);
			assert!(Map::iter().eq(devices.map(|device| (device, 7))));
		});
	}

	#[test]
	fn page_that_has_a_version_stays_as_it_is() {
		TestExternalities::default().execute_with(|| {
			Map::insert(5, &7);
			let found = unhashed::get_raw(&Numbers::hashed_key_for(page(5)));
			assert_eq!(Map::renew_behind(None), Some((page(5), Renewal::NotNeeded)));
			assert_eq!(unhashed::get_raw(&Numbers::hashed_key_for(page(5))), found);
		});
	}

	#[test]
	fn bytes_that_are_no_page_stay_as_they_are() {
		for bytes in
			[&[][..], &[9], &[PAGE_VERSION + 1, 0], &[PAGE_VERSION, 4, 5, 4], &[4, 16, 4, 9]]
		{
			TestExternalities::default().execute_with(|| {
				let key = Numbers::hashed_key_for(page(5));
				unhashed::put_raw(&key, bytes);
				assert_eq!(Map::renew_behind(None), Some((page(5), Renewal::Undecodable)));
				assert_eq!(unhashed::get_raw(&key), Some(bytes.to_vec()));
			});
		}
	}

	proptest! {
		#[test]
		fn no_page_without_version_passes_for_one_with_it(
			entries in proptest::collection::btree_map(0u32..16, any::<u64>(), 1..=16),
		) {
			TestExternalities::default().execute_with(|| {
				entries.iter().for_each(|(device, value)| Map::insert(*device, value));
				let key = Numbers::hashed_key_for(page(0));
				let versioned = unhashed::get_raw(&key).expect("it has a page");
				strip(0);
				assert_eq!(Map::renew_behind(None), Some((page(0), Renewal::Done)));
				assert_eq!(unhashed::get_raw(&key), Some(versioned));
			});
		}
	}
}
