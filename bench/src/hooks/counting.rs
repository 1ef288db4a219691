//! A state that counts how often it is read and written.

use std::{
	any::{Any, TypeId},
	ops::Sub,
};

use sp_core::storage::{ChildInfo, StateVersion, TrackedStorageKey};
use sp_externalities::{
	Error, Extension, ExtensionStore, Externalities, MultiRemovalResults,
	set_and_run_with_externalities,
};

/// How often a state was read and written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
	/// Values, and steps of iterations, that were asked for.
	pub(crate) reads: u64,
	/// Values that were set, appended to or removed.
	pub(crate) writes: u64,
	/// Bytes of the values that were read.
	pub(crate) bytes_read: u64,
}

impl Sub for Counts {
	type Output = Self;

	fn sub(self, before: Self) -> Self {
		Self {
			reads: self.reads - before.reads,
			writes: self.writes - before.writes,
			bytes_read: self.bytes_read - before.bytes_read,
		}
	}
}

impl Counts {
	/// Both together.
	pub(crate) fn with(self, other: Self) -> Self {
		Self {
			reads: self.reads + other.reads,
			writes: self.writes + other.writes,
			bytes_read: self.bytes_read + other.bytes_read,
		}
	}
}

/// A state around another one that does the work.
///
/// It has no storage root: computing one is no work of hooks.
pub(crate) struct Counting<E> {
	inner: E,
	counts: Counts,
}

impl<E: Externalities> Counting<E> {
	/// A state that was neither read nor written.
	pub(crate) fn new(inner: E) -> Self {
		Self { inner, counts: Counts::default() }
	}

	/// Runs `f` on the state and returns what that read and wrote, next to its result.
	pub(crate) fn run<R>(&mut self, f: impl FnOnce() -> R) -> (R, Counts) {
		let before = self.counts;
		let result = set_and_run_with_externalities(self, f);
		(result, self.counts - before)
	}

	fn note_read(&mut self, value: Option<&Vec<u8>>) {
		self.counts.reads += 1;
		self.counts.bytes_read += value.map_or(0, |value| value.len() as u64);
	}

	fn note_removal(&mut self, removed: &MultiRemovalResults) {
		self.counts.reads += u64::from(removed.loops);
		self.counts.writes += u64::from(removed.unique);
	}
}

impl<E: Externalities> Externalities for Counting<E> {
	fn set_offchain_storage(&mut self, key: &[u8], value: Option<&[u8]>) {
		self.inner.set_offchain_storage(key, value);
	}

	fn storage(&mut self, key: &[u8]) -> Option<Vec<u8>> {
		let value = self.inner.storage(key);
		self.note_read(value.as_ref());
		value
	}

	fn storage_hash(&mut self, key: &[u8]) -> Option<Vec<u8>> {
		let hash = self.inner.storage_hash(key);
		self.note_read(hash.as_ref());
		hash
	}

	fn child_storage_hash(&mut self, child: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
		let hash = self.inner.child_storage_hash(child, key);
		self.note_read(hash.as_ref());
		hash
	}

	fn child_storage(&mut self, child: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
		let value = self.inner.child_storage(child, key);
		self.note_read(value.as_ref());
		value
	}

	fn next_storage_key(&mut self, key: &[u8]) -> Option<Vec<u8>> {
		self.counts.reads += 1;
		self.inner.next_storage_key(key)
	}

	fn next_child_storage_key(&mut self, child: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
		self.counts.reads += 1;
		self.inner.next_child_storage_key(child, key)
	}

	fn kill_child_storage(
		&mut self,
		child: &ChildInfo,
		limit: Option<u32>,
		cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		let removed = self.inner.kill_child_storage(child, limit, cursor);
		self.note_removal(&removed);
		removed
	}

	fn clear_prefix(
		&mut self,
		prefix: &[u8],
		limit: Option<u32>,
		cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		let removed = self.inner.clear_prefix(prefix, limit, cursor);
		self.note_removal(&removed);
		removed
	}

	fn clear_child_prefix(
		&mut self,
		child: &ChildInfo,
		prefix: &[u8],
		limit: Option<u32>,
		cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		let removed = self.inner.clear_child_prefix(child, prefix, limit, cursor);
		self.note_removal(&removed);
		removed
	}

	fn place_storage(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
		self.counts.writes += 1;
		self.inner.place_storage(key, value);
	}

	fn place_child_storage(&mut self, child: &ChildInfo, key: Vec<u8>, value: Option<Vec<u8>>) {
		self.counts.writes += 1;
		self.inner.place_child_storage(child, key, value);
	}

	fn storage_root(&mut self, _: StateVersion) -> Vec<u8> {
		vec![0; 32]
	}

	fn child_storage_root(&mut self, _: &ChildInfo, _: StateVersion) -> Vec<u8> {
		vec![0; 32]
	}

	fn storage_append(&mut self, key: Vec<u8>, value: Vec<u8>) {
		self.counts.writes += 1;
		self.inner.storage_append(key, value);
	}

	fn storage_start_transaction(&mut self) {
		self.inner.storage_start_transaction();
	}

	fn storage_rollback_transaction(&mut self) -> Result<(), ()> {
		self.inner.storage_rollback_transaction()
	}

	fn storage_commit_transaction(&mut self) -> Result<(), ()> {
		self.inner.storage_commit_transaction()
	}

	fn wipe(&mut self) {
		self.inner.wipe();
	}

	fn commit(&mut self) {
		self.inner.commit();
	}

	fn read_write_count(&self) -> (u32, u32, u32, u32) {
		self.inner.read_write_count()
	}

	fn reset_read_write_count(&mut self) {
		self.inner.reset_read_write_count();
	}

	fn get_whitelist(&self) -> Vec<TrackedStorageKey> {
		self.inner.get_whitelist()
	}

	fn set_whitelist(&mut self, new: Vec<TrackedStorageKey>) {
		self.inner.set_whitelist(new);
	}

	fn get_read_and_written_keys(&self) -> Vec<(Vec<u8>, u32, u32, bool)> {
		self.inner.get_read_and_written_keys()
	}
}

impl<E: Externalities> ExtensionStore for Counting<E> {
	fn extension_by_type_id(&mut self, type_id: TypeId) -> Option<&mut dyn Any> {
		self.inner.extension_by_type_id(type_id)
	}

	fn register_extension_with_type_id(
		&mut self,
		type_id: TypeId,
		extension: Box<dyn Extension>,
	) -> Result<(), Error> {
		self.inner.register_extension_with_type_id(type_id, extension)
	}

	fn deregister_extension_by_type_id(&mut self, type_id: TypeId) -> Result<(), Error> {
		self.inner.deregister_extension_by_type_id(type_id)
	}
}

#[cfg(test)]
mod tests {
	use sp_io::storage;
	use sp_state_machine::BasicExternalities;

	use super::*;

	fn counts(f: impl FnOnce()) -> Counts {
		let mut inner = BasicExternalities::new_empty();
		inner.insert(b"a".to_vec(), vec![1; 5]);
		inner.insert(b"b".to_vec(), vec![2; 7]);
		Counting::new(inner).run(f).1
	}

	#[test]
	fn reads_are_counted_with_the_bytes_that_they_bring() {
		let counted = counts(|| {
			assert_eq!(storage::get(b"a").map(|value| value.len()), Some(5));
			assert!(storage::get(b"nothing").is_none());
			assert!(storage::exists(b"b"));
			assert_eq!(storage::next_key(b"a"), Some(b"b".to_vec()));
		});
		assert_eq!(counted, Counts { reads: 4, writes: 0, bytes_read: 12 });
	}

	#[test]
	fn writes_are_counted_whatever_they_do() {
		let counted = counts(|| {
			storage::set(b"a", b"1");
			storage::clear(b"b");
			storage::append(b"list", vec![1]);
		});
		assert_eq!(counted, Counts { reads: 0, writes: 3, bytes_read: 0 });
	}

	#[test]
	fn what_happened_before_is_not_counted() {
		let mut state = Counting::new(BasicExternalities::new_empty());
		state.run(|| storage::set(b"a", b"1"));
		let (value, counted) = state.run(|| storage::get(b"a"));
		assert_eq!(value.map(|value| value.to_vec()), Some(b"1".to_vec()));
		assert_eq!(counted, Counts { reads: 1, writes: 0, bytes_read: 1 });
	}
}
