//! Maps with one entry per device, kept in pages of sixteen.
//!
//! Neighbours, who take part in the same challenges, have neighbouring ids. With a page for ids
//! that differ in the last four bits alone, a challenge reads and writes one or two values of the
//! state where it has nine participants, and the trie has as few values as one per sixteen devices.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

use alloc::{
	collections::{BTreeMap, btree_map::Entry},
	vec::Vec,
};
use core::{marker::PhantomData, ops::Range};

use codec::{Compact, Decode, DecodeAll, Encode, EncodeLike, Input, MaxEncodedLen, Output};
use frame_support::{
	BoundedVec, IterableStorageMap,
	storage::StorageMap,
	traits::{ConstU32, WrapperKeepOpaque},
};
use groma_core::DeviceId;
use scale_info::TypeInfo;

/// Devices whose entries share a page.
pub const DEVICES_PER_PAGE: u32 = 16;
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
/// not pay for the others, and all of them take one allocation. Their encoding is that of a list of
/// places and opaque entries.
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
	fn get(&self, place: u8) -> Option<V> {
		V::decode_all(&mut self.encoded(place)).ok()
	}
}

impl<V> Encode for Page<V> {
	fn size_hint(&self) -> usize {
		// The number of entries, and before each its place and a length of two bytes.
		1 + 3 * self.ends.len() + self.bytes.len()
	}

	fn encode_to<O: Output + ?Sized>(&self, dest: &mut O) {
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

/// What a page is to the type registry. An opaque entry is its length and a `V`, which
/// readers of the state can decode.
type List<V> = BoundedVec<(u8, WrapperKeepOpaque<V>), ConstU32<DEVICES_PER_PAGE>>;

impl<V: MaxEncodedLen> MaxEncodedLen for Page<V> {
	fn max_encoded_len() -> usize {
		List::<V>::max_encoded_len()
	}
}

impl<V: TypeInfo + 'static> TypeInfo for Page<V> {
	type Identity = List<V>;

	fn type_info() -> scale_info::Type {
		Self::Identity::type_info()
	}
}

/// A storage map of pages, used as if it were a map of devices.
pub struct PagedMap<Pages, V>(PhantomData<(Pages, V)>);

impl<Pages, V> PagedMap<Pages, V>
where
	Pages: StorageMap<PageId, Page<V>, Query = Page<V>>,
	V: Encode + Decode,
{
	/// The entry of a device.
	pub fn get(device: DeviceId) -> Option<V> {
		let (page, place) = PageId::of(device);
		Pages::get(page).get(place)
	}

	/// Whether a device has an entry.
	pub fn contains_key(device: DeviceId) -> bool {
		let (page, place) = PageId::of(device);
		Pages::get(page).has(place)
	}

	/// Sets the entry of a device.
	pub fn insert(device: DeviceId, value: &V) {
		let (page, place) = PageId::of(device);
		Pages::mutate(page, |page| page.put(place, value.encode()));
	}

	/// Removes the entry of a device, and with the last one of a page the page.
	pub fn remove(device: DeviceId) {
		let (id, place) = PageId::of(device);
		let mut page = Pages::get(id);
		page.put(place, Vec::new());
		if page.is_empty() {
			Pages::remove(id);
		} else {
			Pages::insert(id, page);
		}
	}

	/// Changes the entry of a device, if it has one.
	pub fn mutate_extant(device: DeviceId, change: impl FnOnce(&mut V)) {
		if let Some(mut value) = Self::get(device) {
			change(&mut value);
			Self::insert(device, &value);
		}
	}

	/// Changes the entry of a device, which is the default one if it had none.
	pub fn mutate<R>(device: DeviceId, change: impl FnOnce(&mut V) -> R) -> R
	where
		V: Default,
	{
		let mut value = Self::get(device).unwrap_or_default();
		let result = change(&mut value);
		Self::insert(device, &value);
		result
	}
}

impl<Pages, V> PagedMap<Pages, V>
where
	Pages: IterableStorageMap<PageId, Page<V>, Query = Page<V>>,
	V: Encode + Decode,
{
	/// Whether every entry that is there can be decoded: one that cannot passes for none when it is
	/// looked up.
	pub fn is_readable() -> bool {
		Pages::iter().all(|(_, page)| page.places().all(|place| page.get(place).is_some()))
	}

	/// All entries, in the order of ids.
	pub fn iter() -> impl Iterator<Item = (DeviceId, V)> {
		Pages::iter().flat_map(|(id, page)| {
			(0..DEVICES_PER_PAGE as u8)
				.filter_map(move |place| page.get(place).map(|value| (id.device(place), value)))
		})
	}

	/// All entries without their devices.
	pub fn iter_values() -> impl Iterator<Item = V> {
		Self::iter().map(|(_, value)| value)
	}
}

/// Pages of a map that were read, so that neighbours need no further look into the state. It must
/// not outlive the work on one challenge, during which nothing else writes the map.
pub struct PagesRead<Pages, V> {
	pages: BTreeMap<PageId, ReadPage<V>>,
	_map: PhantomData<Pages>,
}

struct ReadPage<V> {
	page: Page<V>,
	is_changed: bool,
}

impl<Pages, V> Default for PagesRead<Pages, V> {
	fn default() -> Self {
		Self { pages: BTreeMap::new(), _map: PhantomData }
	}
}

impl<Pages, V> PagesRead<Pages, V>
where
	Pages: StorageMap<PageId, Page<V>, Query = Page<V>>,
	V: Encode + Decode,
{
	/// The entry of a device.
	pub fn get(&mut self, device: DeviceId) -> Option<V> {
		let (id, place) = PageId::of(device);
		self.read(id).page.get(place)
	}

	/// Sets the entry of a device: in the state as soon as [`Self::write`] is called.
	pub fn set(&mut self, device: DeviceId, value: &V) {
		let (id, place) = PageId::of(device);
		let read = self.read(id);
		read.page.put(place, value.encode());
		read.is_changed = true;
	}

	/// Writes the pages with entries that were set.
	pub fn write(self) {
		for (id, read) in self.pages {
			if read.is_changed {
				Pages::insert(id, read.page);
			}
		}
	}

	fn read(&mut self, id: PageId) -> &mut ReadPage<V> {
		match self.pages.entry(id) {
			Entry::Occupied(entry) => entry.into_mut(),
			Entry::Vacant(entry) => {
				entry.insert(ReadPage { page: Pages::get(id), is_changed: false })
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_support::{Identity, pallet_prelude::ValueQuery, storage_alias};
	use proptest::prelude::*;
	use sp_io::TestExternalities;

	#[storage_alias]
	type Numbers = StorageMap<Test, Identity, PageId, Page<u64>, ValueQuery>;
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

	#[test]
	fn damaged_entry_is_none() {
		run(|| {
			let (id, place) = PageId::of(5);
			let mut page = Page::default();
			page.put(place, vec![1, 2, 3]);
			Numbers::insert(id, page);
			assert_eq!(Map::get(5), None);
			assert_eq!(Map::iter().count(), 0);
			assert!(!Map::is_readable());
			Map::insert(5, &7);
			assert_eq!(Map::get(5), Some(7));
			assert!(Map::is_readable());
		});
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
		assert!(!refused(&[4, 15, 4, 9]));
		for (bytes, what) in [
			(&[][..], "nothing"),
			(&[4, 16, 4, 9], "a place too high"),
			(&[8, 3, 4, 9, 3, 4, 9], "a place twice"),
			(&[8, 3, 4, 9, 2, 4, 9], "places in the wrong order"),
			(&[4, 3, 0], "an empty entry"),
			(&[4, 3, 8, 9], "a short entry"),
			(&[4, 3, 254, 255, 255, 255], "an endless entry"),
			(&[254, 255, 255, 255], "too many entries"),
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
			prop_assert_eq!(page.encode(), list.encode());
			prop_assert_eq!(Page::decode_all(&mut &list.encode()[..]), Ok(page));
		}

		#[test]
		fn page_of_random_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
			if let Ok(page) = Page::<u64>::decode(&mut &bytes[..]) {
				prop_assert!((0..16).all(|place| page.get(place).is_none() || page.has(place)));
			}
		}
	}
}
