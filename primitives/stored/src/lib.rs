//! Storage items whose damage never passes for their absence.
//!
//! The getters of FRAME read a value that does not decode as if it were not there, and the next
//! write replaces it. For a clock, a book or a record that is a loss which no one notices: the
//! chain starts again from a default. What is read by this crate is one of three things, and only
//! the caller's own code can mix up two of them.
//!
//! A value that decodes but has bytes left over is undecodable, too: another version wrote it.
//!
//! `scripts/checks/stored` holds that the items for which this matters are read in no other way.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

use codec::{Decode, DecodeAll, EncodeLike, FullCodec, FullEncode};
use frame_support::storage::{StorageDoubleMap, StorageMap, StorageValue, unhashed};

/// What lies under a key of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored<V> {
	/// Nothing.
	Absent,
	/// A value.
	Value(V),
	/// Bytes that are no value: they stay as they are.
	Undecodable,
}

impl<V: Decode> Stored<V> {
	/// What these bytes are.
	pub fn decode(bytes: &[u8]) -> Self {
		V::decode_all(&mut &bytes[..]).map_or(Self::Undecodable, Self::Value)
	}

	fn read(key: &[u8]) -> Self {
		unhashed::get_raw(key).map_or(Self::Absent, |bytes| Self::decode(&bytes))
	}
}

impl<V> Stored<V> {
	/// The value; `None` if there is none that decodes.
	pub fn value(self) -> Option<V> {
		match self {
			Self::Value(value) => Some(value),
			Self::Absent | Self::Undecodable => None,
		}
	}

	/// The value, or what holds as long as nothing was stored; `None` if it does not decode.
	pub fn or_absent(self, absent: V) -> Option<V> {
		match self {
			Self::Value(value) => Some(value),
			Self::Absent => Some(absent),
			Self::Undecodable => None,
		}
	}

	/// The value, or why there is none: `absent` if nothing was stored, `undecodable` if bytes were
	/// that are no value.
	pub fn ok_or<E>(self, absent: E, undecodable: E) -> Result<V, E> {
		match self {
			Self::Value(value) => Ok(value),
			Self::Absent => Err(absent),
			Self::Undecodable => Err(undecodable),
		}
	}

	/// Whether there are bytes that are no value.
	pub fn is_undecodable(&self) -> bool {
		matches!(self, Self::Undecodable)
	}
}

/// Reads a storage value once.
pub fn value<S, V>() -> Stored<V>
where
	S: StorageValue<V>,
	V: FullCodec,
{
	Stored::read(&S::hashed_key())
}

/// Reads an entry of a storage map once.
pub fn entry<M, K, V>(key: impl EncodeLike<K>) -> Stored<V>
where
	M: StorageMap<K, V>,
	K: FullEncode,
	V: FullCodec,
{
	Stored::read(&M::hashed_key_for(key))
}

/// Reads an entry of a storage map with two keys once.
pub fn double_entry<M, K1, K2, V>(
	first: impl EncodeLike<K1>,
	second: impl EncodeLike<K2>,
) -> Stored<V>
where
	M: StorageDoubleMap<K1, K2, V>,
	K1: FullEncode,
	K2: FullEncode,
	V: FullCodec,
{
	Stored::read(&M::hashed_key_for(first, second))
}

/// How many of the first `most` entries of a storage map do not decode, by what is stored under
/// each of its keys.
pub fn undecodable<Key, V>(
	keys: impl Iterator<Item = Key>,
	most: usize,
	stored: impl Fn(&Key) -> Stored<V>,
) -> u32 {
	keys.take(most).fold(0, |count: u32, key| match stored(&key) {
		Stored::Undecodable => count.saturating_add(1),
		Stored::Absent | Stored::Value(_) => count,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_support::{Twox64Concat, storage_alias};
	use sp_io::TestExternalities;

	#[storage_alias]
	type Clock = StorageValue<Test, (u32, u32)>;
	#[storage_alias]
	type Records = StorageMap<Test, Twox64Concat, u16, u32>;
	#[storage_alias]
	type Pairs = StorageDoubleMap<Test, Twox64Concat, u16, Twox64Concat, u8, u32>;

	#[test]
	fn nothing_a_value_and_damage_are_told_apart() {
		TestExternalities::default().execute_with(|| {
			let read = || value::<Clock, (u32, u32)>();
			assert_eq!((read(), read().or_absent((1, 2))), (Stored::Absent, Some((1, 2))));
			assert_eq!(read().ok_or("absent", "undecodable"), Err("absent"));
			Clock::put((3, 4));
			assert_eq!((read(), read().value()), (Stored::Value((3, 4)), Some((3, 4))));
			assert_eq!(read().ok_or("absent", "undecodable"), Ok((3, 4)));
			for bytes in [&[][..], &[7], &[0; 9]] {
				unhashed::put_raw(&Clock::hashed_key(), bytes);
				assert!(read().is_undecodable());
				assert_eq!((read().value(), read().or_absent((1, 2))), (None, None));
				assert_eq!(read().ok_or("absent", "undecodable"), Err("undecodable"));
			}
		});
	}

	#[test]
	fn entries_are_read_alike() {
		TestExternalities::default().execute_with(|| {
			Records::insert(1, 5);
			unhashed::put_raw(&Records::hashed_key_for(2), &[7]);
			let read = |key: u16| entry::<Records, _, u32>(key);
			let all = [read(0), read(1), read(2)];
			assert_eq!(all, [Stored::Absent, Stored::Value(5), Stored::Undecodable]);
		});
	}

	#[test]
	fn undecodable_entries_are_counted_up_to_so_many() {
		TestExternalities::default().execute_with(|| {
			Records::insert(1, 5);
			for key in [2u16, 3, 4] {
				unhashed::put_raw(&Records::hashed_key_for(key), &[7]);
			}
			let among = |most| undecodable(1..=9, most, |key: &u16| entry::<Records, _, u32>(*key));
			assert_eq!([0, 1, 2, 3, 9].map(among), [0, 0, 1, 2, 3]);
		});
	}

	#[test]
	fn entries_of_two_keys_are_read_alike() {
		TestExternalities::default().execute_with(|| {
			Pairs::insert(1, 2, 5);
			unhashed::put_raw(&Pairs::hashed_key_for(2, 1), &[7]);
			let read = |first: u16, second: u8| double_entry::<Pairs, _, _, u32>(first, second);
			let all = [read(0, 2), read(1, 2), read(2, 1)];
			assert_eq!(all, [Stored::Absent, Stored::Value(5), Stored::Undecodable]);
		});
	}
}
