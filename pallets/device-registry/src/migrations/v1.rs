//! Pages of devices get their version.
//!
//! It is the worked example of a stepped migration: no chain has pages without a version, so that
//! no list of the runtime has it but that of the blob for tests. A page that has its version stays
//! as it is, so each step may be run again, and the whole may begin again anywhere.

use alloc::vec::Vec;
use core::marker::PhantomData;

use frame_support::{
	migrations::{MigrationId, SteppedMigration, SteppedMigrationError},
	storage::storage_prefix,
	traits::{GetStorageVersion, PalletInfoAccess},
	weights::WeightMeter,
};
use groma_paged_map::PageId;

use crate::{
	pallet::{Config, Devices, Pallet},
	weights::WeightInfo,
};

/// The most blocks that the migration takes: at a million devices it needs some five.
pub const MAX_STEPS: u32 = 120;

/// Gives each page of devices its version.
pub struct PagesWithVersion<T>(PhantomData<T>);

impl<T: Config> SteppedMigration for PagesWithVersion<T> {
	/// The last page that was looked at.
	type Cursor = PageId;
	type Identifier = MigrationId<22>;

	fn id() -> Self::Identifier {
		MigrationId { pallet_id: *b"pallet-device-registry", version_from: 0, version_to: 1 }
	}

	fn max_steps() -> Option<u32> {
		Some(MAX_STEPS)
	}

	fn migrating_prefixes() -> Option<impl IntoIterator<Item = Vec<u8>>> {
		Some([pages_prefix::<T>()])
	}

	fn step(
		mut cursor: Option<PageId>,
		meter: &mut WeightMeter,
	) -> Result<Option<PageId>, SteppedMigrationError> {
		let required = T::WeightInfo::migrate_page();
		if !meter.can_consume(required) {
			return Err(SteppedMigrationError::InsufficientWeight { required });
		}
		while meter.try_consume(required).is_ok() {
			// A page that does not decode stops its devices, as it did before.
			let Some((page, _)) = Devices::<T>::renew_behind(cursor) else {
				Pallet::<T>::in_code_storage_version().put::<Pallet<T>>();
				return Ok(None);
			};
			cursor = Some(page);
		}
		Ok(cursor)
	}
}

/// What the keys of all pages begin with.
fn pages_prefix<T: Config>() -> Vec<u8> {
	storage_prefix(Pallet::<T>::name().as_bytes(), b"DevicePages").to_vec()
}

/// Takes the version from every page, as if none had ever had one, and says how many there are.
#[cfg(any(feature = "runtime-benchmarks", test))]
pub(crate) fn strip_versions<T: Config>() -> u32 {
	use frame_support::storage::unhashed;
	let prefix = pages_prefix::<T>();
	let (mut key, mut pages) = (prefix.clone(), 0);
	while let Some(next) = sp_io::storage::next_key(&key).filter(|key| key.starts_with(&prefix)) {
		let page = unhashed::get_raw(&next).unwrap_or_default();
		unhashed::put_raw(&next, page.get(1..).unwrap_or_default());
		key = next;
		pages += 1;
	}
	pages
}
