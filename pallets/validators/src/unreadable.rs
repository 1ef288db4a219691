//! What of the state does not decode, for those who watch over a node: nothing here changes state.
//!
//! A watch asks often, so of maps that can grow it looks at a bounded number of entries. An upgrade
//! that changes their shape without a migration damages all of them.

use alloc::vec::Vec;
use core::cmp::Reverse;

use groma_core::{EraIndex, protocol::ENTRIES_WATCHED_MAX};
use groma_stored::undecodable;

use crate::{
	barring::stored_barred,
	eras::stored_start,
	key_history::{Retired, stored_key_use, stored_keys_in_use},
	offences::{Waiting, stored_count, stored_offence, stored_swept},
	pallet::{
		Config, EraStarts, KeyUses, Offences, OffenderCounts, Pallet, RetiredKeys, Slashes, Works,
	},
	points::stored_work,
	queue::Queue,
};

impl<T: Config> Pallet<T> {
	/// Eras, the last first, whose first sessions do not decode.
	pub fn unreadable_starts() -> Vec<EraIndex> {
		let eras = EraStarts::<T>::iter_keys().take(ENTRIES_WATCHED_MAX);
		last_first(eras.filter(|era| stored_start::<T>(*era).is_undecodable()))
	}

	/// How many validators' work in an epoch does not decode.
	pub fn unreadable_works() -> u32 {
		undecodable(Works::<T>::iter_keys(), ENTRIES_WATCHED_MAX, |(epoch, validator)| {
			stored_work::<T>(*epoch, validator)
		})
	}

	/// Whether the keys in use, and the ends of the queue of uses that are over, decode.
	pub fn has_readable_key_history() -> bool {
		!stored_keys_in_use::<T>().is_undecodable() && Retired::<T>::ends().is_some()
	}

	/// How many uses of keys, and entries of the queue of those that are over, do not decode.
	pub fn unreadable_key_uses() -> u32 {
		let uses = undecodable(KeyUses::<T>::iter_keys(), ENTRIES_WATCHED_MAX, |(key, first)| {
			stored_key_use::<T>(*key, *first)
		});
		let retired = undecodable(RetiredKeys::<T>::iter_keys(), ENTRIES_WATCHED_MAX, |place| {
			Retired::<T>::item(*place)
		});
		uses.saturating_add(retired)
	}

	/// How many offences do not decode.
	pub fn unreadable_offences() -> u32 {
		undecodable(Offences::<T>::iter_keys(), ENTRIES_WATCHED_MAX, |(era, validator)| {
			stored_offence::<T>(*era, validator)
		})
	}

	/// Eras, the last first, whose counts of offenders do not decode.
	pub fn unreadable_counts() -> Vec<EraIndex> {
		let eras = OffenderCounts::<T>::iter_keys().take(ENTRIES_WATCHED_MAX);
		last_first(eras.filter(|era| stored_count::<T>(*era).is_undecodable()))
	}

	/// Whether the ends of the queue of slashes decode.
	pub fn has_readable_slash_queue() -> bool {
		Waiting::<T>::ends().is_some()
	}

	/// How many slashes in the queue do not decode.
	pub fn unreadable_slashes() -> u32 {
		undecodable(Slashes::<T>::iter_keys(), ENTRIES_WATCHED_MAX, |place| {
			Waiting::<T>::item(*place)
		})
	}

	/// Whether the first era whose offences are not forgotten decodes.
	pub fn has_readable_sweep() -> bool {
		!stored_swept::<T>().is_undecodable()
	}

	/// Whether the list of those who are out of the next election decodes.
	pub fn has_readable_barred() -> bool {
		!stored_barred::<T>().is_undecodable()
	}
}

fn last_first(eras: impl Iterator<Item = EraIndex>) -> Vec<EraIndex> {
	let mut eras: Vec<_> = eras.collect();
	eras.sort_unstable_by_key(|era| Reverse(*era));
	eras
}
