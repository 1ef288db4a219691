//! Maps with one entry per device, kept in pages of sixteen.
//!
//! Neighbours, who take part in the same challenges, have neighbouring ids. With a page for ids
//! that differ in the last four bits alone, a challenge reads and writes one or two values of the
//! state where it has nine participants, and the trie has as few values as one per sixteen devices.
//!
//! What does not decode is never overwritten. An entry that does not decode stops its own device:
//! it reads as none, and writes to it are left out. A page of another version, or one whose bytes
//! are no page, stops the sixteen devices on it.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod unversioned;

pub use unversioned::Renewal;

use alloc::{
	collections::{BTreeMap, btree_map::Entry},
	vec::Vec,
};
use core::{marker::PhantomData, ops::Range};

use codec::{Compact, Decode, Encode, EncodeLike, Input, MaxEncodedLen, Output};
use frame_support::{
	BoundedVec, IterableStorageMap,
	storage::StorageMap,
	traits::{ConstU32, WrapperKeepOpaque},
};
use groma_core::DeviceId;
use groma_stored::Stored;
use scale_info::TypeInfo;

/// Devices whose entries share a page.
pub const DEVICES_PER_PAGE: u32 = 16;
/// The first byte of a page: how what follows is encoded.
const PAGE_VERSION: u8 = 1;
/// No entry is longer, in bytes.
const ENTRY_BYTES_MAX: usize = 4_096;

/// The number of a page: an id without its last four bits, encoded with the highest byte first. So
/// the pages of neighbours, with no hash in front of the key, share their path through the trie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageId(u32);

impl PageId {
	/// The page of a device, and its place there.
	pub fn of(device: DeviceId) -> (Self, u8) {
		(Self(device / DEVICES_PER_PAGE), (device % DEVICES_PER_PAGE) as u8)
	}

	/// The device at a place of the page.
	fn device(self, place: u8) -> DeviceId {
		self.0.saturating_mul(DEVICES_PER_PAGE).saturating_add(place.into())
	}
}

impl Encode for PageId {
	fn size_hint(&self) -> usize {
		size_of::<u32>()
	}

	fn using_encoded<R, F: FnOnce(&[u8]) -> R>(&self, f: F) -> R {
		f(&self.0.to_be_bytes())
	}
}

impl EncodeLike for PageId {}

impl Decode for PageId {
	fn decode<I: Input>(input: &mut I) -> Result<Self, codec::Error> {
		<[u8; size_of::<u32>()]>::decode(input).map(|bytes| Self(u32::from_be_bytes(bytes)))
	}
}

impl MaxEncodedLen for PageId {
	fn max_encoded_len() -> usize {
		size_of::<u32>()
	}
}

impl TypeInfo for PageId {
	type Identity = [u8; size_of::<u32>()];

	fn type_info() -> scale_info::Type {
		Self::Identity::type_info()
	}
}

/// The entries of a page. Each stays encoded until it is asked for, so that a reader of one does
/// not pay for the others, and all of them take one allocation. Their encoding is a version and a
/// list of places and opaque entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<V> {
	/// The encoded entries in the order of their places.
	bytes: Vec<u8>,
	/// Where the entry of each place ends; a place without an entry has no bytes.
	ends: [usize; DEVICES_PER_PAGE as usize],
	_entry: PhantomData<V>,
}

impl<V> Default for Page<V> {
	fn default() -> Self {
		Self { bytes: Vec::new(), ends: [0; DEVICES_PER_PAGE as usize], _entry: PhantomData }
	}
}

impl<V> Page<V> {
	fn is_empty(&self) -> bool {
		self.bytes.is_empty()
	}

	/// The places with entries.
	fn places(&self) -> impl Iterator<Item = u8> {
		(0..DEVICES_PER_PAGE as u8).filter(|place| self.has(*place))
	}

	fn has(&self, place: u8) -> bool {
		!self.span(place).is_empty()
	}

	fn span(&self, place: u8) -> Range<usize> {
		let place = usize::from(place);
		let end_of = |place: usize| self.ends.get(place).copied().unwrap_or_default();
		place.checked_sub(1).map_or(0, end_of)..end_of(place)
	}

	fn encoded(&self, place: u8) -> &[u8] {
		self.bytes.get(self.span(place)).unwrap_or_default()
	}

	/// Puts an encoded entry, or none, in the place of what was there.
	fn put(&mut self, place: u8, entry: Vec<u8>) {
		let Range { start, end } = self.span(place);
		for later in self.ends.iter_mut().skip(place.into()) {
			*later = later.saturating_sub(end.saturating_sub(start)).saturating_add(entry.len());
		}
		self.bytes.splice(start..end, entry);
	}
}

impl<V: MaxEncodedLen> Page<V> {
	/// Whether every entry can be read again: for the integrity tests of pallets with such maps.
	pub fn holds_every_entry() -> bool {
		V::max_encoded_len() <= ENTRY_BYTES_MAX
	}
}

impl<V: Encode + Decode> Page<V> {
	/// What there is at a place.
	fn look(&self, place: u8) -> Stored<V> {
		if self.has(place) { Stored::decode(self.encoded(place)) } else { Stored::Absent }
	}

	/// Puts an encoded entry, or none, in the place of what was there, and says whether it did: not
	/// if that does not decode.
	fn replace(&mut self, place: u8, entry: Vec<u8>) -> bool {
		let is_free = !self.look(place).is_undecodable();
		if is_free {
			self.put(place, entry);
		}
		is_free
	}
}

impl<V> Encode for Page<V> {
	fn size_hint(&self) -> usize {
		// The version, the number of entries, and before each its place and a length of two bytes.
		2 + 3 * self.ends.len() + self.bytes.len()
	}

	fn encode_to<O: Output + ?Sized>(&self, dest: &mut O) {
		dest.push_byte(PAGE_VERSION);
		Compact(self.places().count() as u32).encode_to(dest);
		for place in self.places() {
			let entry = self.encoded(place);
			dest.push_byte(place);
			Compact(entry.len() as u32).encode_to(dest);
			dest.write(entry);
		}
	}
}

impl<V> EncodeLike for Page<V> {}

impl<V> Decode for Page<V> {
	fn decode<I: Input>(input: &mut I) -> Result<Self, codec::Error> {
		if input.read_byte()? != PAGE_VERSION {
			return Err("the page is of another version".into());
		}
		let mut page = Self::default();
		let Compact(entries) = Compact::<u32>::decode(input)?;
		let mut next = 0;
		for _ in 0..entries {
			let place = input.read_byte()?;
			if !(next..DEVICES_PER_PAGE as u8).contains(&place) {
				return Err("the places of a page are out of order".into());
			}
			next = place.saturating_add(1);
			let Compact(length) = Compact::<u32>::decode(input)?;
			let left = input.remaining_len()?.unwrap_or(usize::MAX);
			let (start, length) = (page.bytes.len(), length as usize);
			if length == 0 || length > left.min(ENTRY_BYTES_MAX) {
				return Err("an entry of a page has a wrong length".into());
			}
			if start == 0 {
				// What is left are this entry and the others: so there is one allocation for all.
				page.bytes.reserve(left.min(ENTRY_BYTES_MAX * DEVICES_PER_PAGE as usize));
			}
			page.bytes.resize(start.saturating_add(length), 0);
			input.read(page.bytes.get_mut(start..).unwrap_or_default())?;
			page.ends.iter_mut().skip(place.into()).for_each(|end| *end = page.bytes.len());
		}
		Ok(page)
	}
}

/// What a page is to the type registry: its version, and entries. An opaque entry is its length and
/// a `V`, which readers of the state can decode.
type Versioned<V> = (u8, List<V>);
type List<V> = BoundedVec<(u8, WrapperKeepOpaque<V>), ConstU32<DEVICES_PER_PAGE>>;

impl<V: MaxEncodedLen> MaxEncodedLen for Page<V> {
	fn max_encoded_len() -> usize {
		Versioned::<V>::max_encoded_len()
	}
}

impl<V: TypeInfo + 'static> TypeInfo for Page<V> {
	type Identity = Versioned<V>;

	fn type_info() -> scale_info::Type {
		Self::Identity::type_info()
	}
}

/// A storage map of pages, used as if it were a map of devices.
pub struct PagedMap<Pages, V>(PhantomData<(Pages, V)>);

impl<Pages, V> PagedMap<Pages, V>
where
	Pages: StorageMap<PageId, Page<V>>,
	V: Encode + Decode,
{
	/// What there is of a device.
	pub fn look(device: DeviceId) -> Stored<V> {
		let (page, place) = PageId::of(device);
		match read::<Pages, V>(page) {
			Stored::Value(page) => page.look(place),
			Stored::Absent => Stored::Absent,
			Stored::Undecodable => Stored::Undecodable,
		}
	}

	/// The entry of a device; `None` if it has none that decodes.
	pub fn get(device: DeviceId) -> Option<V> {
		Self::look(device).value()
	}

	/// Whether a device has an entry, and be it one that does not decode.
	pub fn contains_key(device: DeviceId) -> bool {
		let (page, place) = PageId::of(device);
		match read::<Pages, V>(page) {
			Stored::Value(page) => page.has(place),
			Stored::Absent => false,
			Stored::Undecodable => true,
		}
	}

	/// Sets the entry of a device, unless there is one that does not decode.
	pub fn insert(device: DeviceId, value: &V) {
		let (id, place) = PageId::of(device);
		let Some(mut page) = read::<Pages, V>(id).or_absent(Page::default()) else { return };
		if page.replace(place, value.encode()) {
			Pages::insert(id, page);
		}
	}

	/// Removes the entry of a device, unless it does not decode, and with the last one of a page
	/// the page.
	pub fn remove(device: DeviceId) {
		let (id, place) = PageId::of(device);
		let Stored::Value(mut page) = read::<Pages, V>(id) else { return };
		if !page.replace(place, Vec::new()) {
			return;
		}
		if page.is_empty() {
			Pages::remove(id);
		} else {
			Pages::insert(id, page);
		}
	}

	/// Changes the entry of a device, if it has one that decodes.
	pub fn mutate_extant(device: DeviceId, change: impl FnOnce(&mut V)) {
		if let Some(mut value) = Self::get(device) {
			change(&mut value);
			Self::insert(device, &value);
		}
	}

	/// Changes the entry of a device, which is the default one if it had none. One that does not
	/// decode stays as it is.
	pub fn mutate(device: DeviceId, change: impl FnOnce(&mut V))
	where
		V: Default,
	{
		if let Some(mut value) = Self::look(device).or_absent(V::default()) {
			change(&mut value);
			Self::insert(device, &value);
		}
	}
}

impl<Pages, V> PagedMap<Pages, V>
where
	Pages: IterableStorageMap<PageId, Page<V>>,
	V: Encode + Decode,
{
	/// Whether everything that is there can be decoded.
	pub fn is_readable() -> bool {
		Pages::iter_keys().all(|id| {
			read::<Pages, V>(id)
				.value()
				.is_some_and(|page| page.places().all(|place| !page.look(place).is_undecodable()))
		})
	}

	/// All entries that decode, in the order of ids.
	pub fn iter() -> impl Iterator<Item = (DeviceId, V)> {
		Pages::iter().flat_map(|(id, page)| {
			(0..DEVICES_PER_PAGE as u8).filter_map(move |place| {
				page.look(place).value().map(|value| (id.device(place), value))
			})
		})
	}

	/// All entries that decode without their devices.
	pub fn iter_values() -> impl Iterator<Item = V> {
		Self::iter().map(|(_, value)| value)
	}
}

/// Reads a page once.
fn read<Pages, V>(page: PageId) -> Stored<Page<V>>
where
	Pages: StorageMap<PageId, Page<V>>,
	V: Encode + Decode,
{
	groma_stored::entry::<Pages, PageId, Page<V>>(page)
}

/// Pages of a map that were read, so that neighbours need no further look into the state. It must
/// not outlive the work on one challenge, during which nothing else writes the map.
pub struct PagesRead<Pages, V> {
	pages: BTreeMap<PageId, ReadPage<V>>,
	_map: PhantomData<Pages>,
}

struct ReadPage<V> {
	/// None if it does not decode.
	page: Option<Page<V>>,
	is_changed: bool,
}

impl<Pages, V> Default for PagesRead<Pages, V> {
	fn default() -> Self {
		Self { pages: BTreeMap::new(), _map: PhantomData }
	}
}

impl<Pages, V> PagesRead<Pages, V>
where
	Pages: StorageMap<PageId, Page<V>>,
	V: Encode + Decode,
{
	/// What there is of a device.
	pub fn look(&mut self, device: DeviceId) -> Stored<V> {
		let (id, place) = PageId::of(device);
		match &self.read(id).page {
			Some(page) => page.look(place),
			None => Stored::Undecodable,
		}
	}

	/// The entry of a device; `None` if it has none that decodes.
	pub fn get(&mut self, device: DeviceId) -> Option<V> {
		self.look(device).value()
	}

	/// Sets the entry of a device, unless there is one that does not decode: in the state as soon
	/// as [`Self::write`] is called.
	pub fn set(&mut self, device: DeviceId, value: &V) {
		let (id, place) = PageId::of(device);
		let read = self.read(id);
		if let Some(page) = &mut read.page {
			read.is_changed |= page.replace(place, value.encode());
		}
	}

	/// Writes the pages with entries that were set.
	pub fn write(self) {
		for (id, read) in self.pages {
			if let Some(page) = read.page.filter(|_| read.is_changed) {
				Pages::insert(id, page);
			}
		}
	}

	fn read(&mut self, id: PageId) -> &mut ReadPage<V> {
		match self.pages.entry(id) {
			Entry::Occupied(entry) => entry.into_mut(),
			Entry::Vacant(entry) => {
				let page = read::<Pages, V>(id).or_absent(Page::default());
				entry.insert(ReadPage { page, is_changed: false })
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::DecodeAll;
	use frame_support::{Identity, storage::unhashed, storage_alias};
	use proptest::prelude::*;
	use sp_io::TestExternalities;

	#[storage_alias]
	type Numbers = StorageMap<Test, Identity, PageId, Page<u64>>;
	type Map = PagedMap<Numbers, u64>;

	fn run(test: impl FnOnce()) {
		TestExternalities::default().execute_with(test);
	}

	#[test]
	fn page_number_has_the_highest_byte_first() {
		let (id, place) = PageId::of(0x1234_5678);
		assert_eq!((id.encode(), place), (vec![0x01, 0x23, 0x45, 0x67], 8));
		assert_eq!(id.device(place), 0x1234_5678);
		assert_eq!(PageId::decode(&mut &id.encode()[..]), Ok(id));
		assert!(PageId::decode(&mut &[1, 2, 3][..]).is_err());
		let (last, place) = PageId::of(DeviceId::MAX);
		assert_eq!(last.device(place), DeviceId::MAX);
	}

	#[test]
	fn sixteen_neighbours_share_one_value() {
		run(|| {
			(16..32).rev().for_each(|device| Map::insert(device, &1));
			assert_eq!(Numbers::iter().count(), 1);
			Map::insert(32, &1);
			assert_eq!(Numbers::iter().count(), 2);
		});
	}

	#[test]
	fn page_goes_with_its_last_entry() {
		run(|| {
			Map::insert(3, &1);
			Map::insert(4, &2);
			Map::remove(3);
			assert_eq!((Map::get(3), Map::get(4)), (None, Some(2)));
			Map::remove(4);
			Map::remove(4);
			assert_eq!(Numbers::iter_keys().count(), 0);
		});
	}

	/// Puts bytes that are no number in the place of a device.
	fn damage(device: DeviceId) {
		let (id, place) = PageId::of(device);
		let mut page = Numbers::get(id).unwrap_or_default();
		page.put(place, vec![1, 2, 3]);
		Numbers::insert(id, page);
	}

	/// Writes to some devices in every way, and checks that the damaged one is as it was.
	fn write_to(damaged: DeviceId, others: &[DeviceId]) {
		let (id, _) = PageId::of(damaged);
		let found = unhashed::get_raw(&Numbers::hashed_key_for(id));
		let mut read = PagesRead::<Numbers, u64>::default();
		assert_eq!((read.look(damaged), read.get(damaged)), (Stored::Undecodable, None));
		read.set(damaged, &7);
		others.iter().for_each(|other| read.set(*other, &7));
		read.write();
		Map::insert(damaged, &7);
		Map::mutate(damaged, |value| *value = 7);
		Map::mutate_extant(damaged, |value| *value = 7);
		Map::remove(damaged);
		assert_eq!((Map::look(damaged), Map::get(damaged)), (Stored::Undecodable, None));
		assert!(Map::contains_key(damaged) && !Map::is_readable());
		if others.is_empty() {
			assert_eq!(unhashed::get_raw(&Numbers::hashed_key_for(id)), found);
		}
	}

	#[test]
	fn entry_that_does_not_decode_stops_its_device_alone() {
		run(|| {
			damage(5);
			Map::insert(6, &1);
			write_to(5, &[6]);
			assert_eq!(Map::get(6), Some(7));
			assert!(Map::iter().eq([(6, 7)]));
			Map::remove(6);
			write_to(5, &[]);
		});
	}

	#[test]
	fn page_that_does_not_decode_stops_its_devices() {
		for bytes in [&[][..], &[9], &[PAGE_VERSION + 1, 0], &[PAGE_VERSION, 4, 5, 4]] {
			run(|| {
				Map::insert(100, &1);
				unhashed::put_raw(&Numbers::hashed_key_for(PageId::of(5).0), bytes);
				write_to(5, &[]);
				write_to(6, &[]);
				assert!(Map::iter().eq([(100, 1)]));
			});
		}
	}

	#[test]
	fn pages_read_are_written_if_they_changed() {
		run(|| {
			Map::insert(1, &10);
			Map::insert(100, &20);
			let mut read = PagesRead::<Numbers, u64>::default();
			assert_eq!((read.get(1), read.get(2), read.get(100)), (Some(10), None, Some(20)));
			read.set(2, &11);
			assert_eq!((read.get(2), Map::get(2)), (Some(11), None));
			Map::insert(100, &21);
			read.write();
			assert_eq!((Map::get(1), Map::get(2), Map::get(100)), (Some(10), Some(11), Some(21)));
		});
	}

	#[test]
	fn page_is_refused_when_its_bytes_are_no_page() {
		let refused = |bytes: &[u8]| Page::<u64>::decode(&mut &bytes[..]).is_err();
		assert!(!refused(&[1, 4, 15, 4, 9]));
		for (bytes, what) in [
			(&[][..], "nothing"),
			(&[0, 4, 15, 4, 9], "another version"),
			(&[1, 4, 16, 4, 9], "a place too high"),
			(&[1, 8, 3, 4, 9, 3, 4, 9], "a place twice"),
			(&[1, 8, 3, 4, 9, 2, 4, 9], "places in the wrong order"),
			(&[1, 4, 3, 0], "an empty entry"),
			(&[1, 4, 3, 8, 9], "a short entry"),
			(&[1, 4, 3, 254, 255, 255, 255], "an endless entry"),
			(&[1, 254, 255, 255, 255], "too many entries"),
		] {
			assert!(refused(bytes), "{what}");
		}
	}

	#[derive(Clone, Debug)]
	enum Action {
		Insert(DeviceId, u64),
		Remove(DeviceId),
		Double(DeviceId),
	}

	fn action() -> impl Strategy<Value = Action> {
		let device = 0u32..50;
		prop_oneof![
			(device.clone(), any::<u64>())
				.prop_map(|(device, value)| Action::Insert(device, value)),
			device.clone().prop_map(Action::Remove),
			device.prop_map(Action::Double),
		]
	}

	proptest! {
		#[test]
		fn behaves_like_a_map(actions in proptest::collection::vec(action(), 0..100)) {
			run(|| {
				let mut expected = BTreeMap::new();
				for action in actions {
					match action {
						Action::Insert(device, value) => {
							Map::insert(device, &value);
							expected.insert(device, value);
						}
						Action::Remove(device) => {
							Map::remove(device);
							expected.remove(&device);
						}
						Action::Double(device) => {
							let double = |value: &mut u64| *value = value.wrapping_mul(2);
							Map::mutate_extant(device, double);
							expected.entry(device).and_modify(double);
						}
					}
				}
				for device in 0..50 {
					assert_eq!(Map::get(device), expected.get(&device).copied());
					assert_eq!(Map::contains_key(device), expected.contains_key(&device));
				}
				assert!(Map::iter().eq(expected));
			});
		}

		#[test]
		fn page_is_encoded_as_the_list_that_its_type_names(
			entries in proptest::collection::btree_map(0u8..16, any::<u64>(), 0..=16),
		) {
			let mut page = Page::<u64>::default();
			let mut list = List::<u64>::default();
			for (place, value) in entries.iter().rev() {
				page.put(*place, value.encode());
			}
			for (place, value) in &entries {
				let entry = WrapperKeepOpaque::from_encoded(value.encode());
				list.try_push((*place, entry)).expect("there is room for all places");
			}
			let versioned: Versioned<u64> = (PAGE_VERSION, list);
			prop_assert_eq!(page.encode(), versioned.encode());
			prop_assert_eq!(Page::decode_all(&mut &versioned.encode()[..]), Ok(page));
		}

		#[test]
		fn page_of_random_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
			if let Ok(page) = Page::<u64>::decode(&mut &bytes[..]) {
				prop_assert!((0..16).all(|place| page.look(place).value().is_none() || page.has(place)));
			}
		}
	}
}
