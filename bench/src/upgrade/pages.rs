//! The pages of devices in a state.

use anyhow::{Context, ensure};
use codec::{Compact, Decode};
use frame_support::storage::storage_prefix;

use crate::receipts::{Chain, Entry};

/// All pages of devices, with their keys.
pub(super) struct Pages(Vec<Entry>);

impl Pages {
	/// Those of a chain's best block.
	pub(super) fn of(chain: &Chain) -> anyhow::Result<Self> {
		let pages = chain.entries(&storage_prefix(b"DeviceRegistry", b"DevicePages"))?;
		ensure!(!pages.is_empty(), "the chain has no devices");
		Ok(Self(pages))
	}

	/// What they were before pages had a version, their first byte.
	pub(super) fn without_version(&self) -> Vec<Entry> {
		self.0.iter().map(|(key, page)| (key.clone(), list(page).to_vec())).collect()
	}

	/// All of them have to be among `migrated` as they are here.
	pub(super) fn expect_restored_in(&self, migrated: &Self) -> anyhow::Result<()> {
		let (all, found) = (self.count(), migrated.count());
		ensure!(found == all, "of {all} pages the migration left {found}");
		let restored = self.0.iter().zip(&migrated.0).filter(|(old, new)| old == new).count();
		ensure!(restored == all, "of {all} pages only {restored} are right after the migration");
		Ok(())
	}

	/// How many there are.
	pub(super) fn count(&self) -> usize {
		self.0.len()
	}

	/// How many devices have an entry on them.
	pub(super) fn entries(&self) -> anyhow::Result<u32> {
		let count = |(_, page): &Entry| {
			let Compact(entries) = Compact::<u32>::decode(&mut list(page))?;
			anyhow::Ok(entries)
		};
		self.0.iter().map(count).sum::<anyhow::Result<u32>>().context("a page is damaged")
	}

	/// How many bytes they have, without keys.
	pub(super) fn bytes(&self) -> usize {
		self.0.iter().map(|(_, page)| page.len()).sum()
	}
}

/// The list of entries, which follows the version.
fn list(page: &[u8]) -> &[u8] {
	page.get(1..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
	use codec::Encode;
	use groma_paged_map::Page;

	use super::*;

	/// Two pages, with as many entries of two bytes.
	fn pages() -> Pages {
		let page = |entries: u8| {
			let list: Vec<_> = (0..entries).map(|place| (place, vec![place; 2])).collect();
			[vec![1], list.encode()].concat()
		};
		Pages(vec![(vec![0], page(3)), (vec![1], page(16))])
	}

	#[test]
	fn pages_and_their_entries_are_counted() {
		let pages = pages();
		for (_, page) in &pages.0 {
			assert!(Page::<u16>::decode(&mut &page[..]).is_ok(), "it is no page");
		}
		assert_eq!((pages.count(), pages.entries().expect("they are whole")), (2, 19));
		// The version and the length of the list, and of each entry its place, length and bytes.
		assert_eq!(pages.bytes(), 2 * 2 + 19 * 4);
	}

	#[test]
	fn pages_lose_one_byte_each() {
		let without = pages().without_version();
		for ((key, old), (found, new)) in pages().0.iter().zip(&without) {
			assert_eq!((key, &old[1..]), (found, &new[..]));
		}
		assert_eq!(without.len(), 2);
	}

	#[test]
	fn migration_is_refused_when_a_page_is_missing_or_differs() {
		assert!(pages().expect_restored_in(&pages()).is_ok());
		let refused = |change: fn(&mut Vec<Entry>)| {
			let mut migrated = pages();
			change(&mut migrated.0);
			pages().expect_restored_in(&migrated).expect_err("it is wrong").to_string()
		};
		assert_eq!(refused(|pages| drop(pages.pop())), "of 2 pages the migration left 1");
		let differs = refused(|pages| pages[1].1.clear());
		assert_eq!(differs, "of 2 pages only 1 are right after the migration");
	}
}
