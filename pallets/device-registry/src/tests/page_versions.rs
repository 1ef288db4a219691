//! Pages get their version: the worked example of a stepped migration.

use frame_support::{
	assert_storage_noop,
	migrations::{SteppedMigration, SteppedMigrationError},
	storage::unhashed,
	weights::{Weight, WeightMeter},
};
use groma_core::DeviceId;
use groma_paged_map::PageId;
use sp_runtime::AccountId32;

use crate::{
	DeviceRecord, Devices,
	migrations::v1::{PagesWithVersion, strip_versions},
	mock::*,
	weights::WeightInfo,
};

type Migration = PagesWithVersion<Test>;
type Step = Result<Option<PageId>, SteppedMigrationError>;

/// Devices far from each other, so that they have several pages.
const DEVICES: u8 = 120;

/// A step with weight for this many pages and a rest that is too little for another one.
fn step(cursor: Option<PageId>, pages: u64) -> Step {
	let page = <() as WeightInfo>::migrate_page();
	let rest = Weight::from_parts(page.ref_time() - 1, page.proof_size());
	let limit = page.saturating_mul(pages).saturating_add(rest);
	Migration::step(cursor, &mut WeightMeter::with_limit(limit))
}

/// All devices that can be read.
fn readable() -> Vec<(DeviceId, DeviceRecord<AccountId32>)> {
	Devices::<Test>::iter().collect()
}

/// Runs a test on a chain whose pages have no version, given the devices and the number of pages.
fn run(test: impl FnOnce(Vec<(DeviceId, DeviceRecord<AccountId32>)>, u32)) {
	ExtBuilder::default().devices(DEVICES).build_and_execute(|| {
		let devices = readable();
		assert_eq!(devices.len(), usize::from(DEVICES));
		let pages = strip_versions::<Test>();
		assert!(pages > 4, "{pages} pages are too few for this test");
		assert!(readable().is_empty(), "pages without a version do not decode");
		test(devices, pages);
	});
}

#[test]
fn every_page_gets_its_version_in_as_many_steps_as_the_weight_asks_for() {
	run(|devices, pages| {
		let (mut cursor, mut steps) = (None, 0);
		loop {
			cursor = step(cursor, 2).expect("it works");
			steps += 1;
			if cursor.is_none() {
				break;
			}
		}
		// The last step finds no further page.
		assert_eq!(steps, pages / 2 + 1);
		assert_eq!(readable(), devices);
	});
}

#[test]
fn nothing_is_done_when_the_weight_does_not_suffice_for_a_page() {
	run(|_, _| {
		let required = <() as WeightInfo>::migrate_page();
		assert_storage_noop!(assert_eq!(
			step(None, 0),
			Err(SteppedMigrationError::InsufficientWeight { required })
		));
		step(None, 1_000).expect("the invariants want readable pages");
	});
}

#[test]
fn each_step_adds_readable_devices_and_loses_none() {
	run(|devices, _| {
		let (mut cursor, mut known) = (None, 0);
		loop {
			cursor = step(cursor, 1).expect("it works");
			let now = readable();
			assert!(cursor.is_none() || now.len() > known, "a step without progress");
			assert!(now.iter().all(|device| devices.contains(device)));
			known = now.len();
			if cursor.is_none() {
				break;
			}
		}
		assert_eq!(readable(), devices);
	});
}

#[test]
fn migration_that_was_cut_off_begins_again_and_ends_the_same() {
	run(|devices, pages| {
		for done in 1..pages {
			strip_if_needed();
			step(None, done.into()).expect("it works");
			assert_eq!(step(None, 1_000), Ok(None));
			assert_eq!(readable(), devices);
		}
	});
}

/// Takes the versions away again, if the pages have them.
fn strip_if_needed() {
	if !readable().is_empty() {
		strip_versions::<Test>();
	}
}

#[test]
fn running_it_twice_changes_nothing_more() {
	run(|_, _| {
		assert_eq!(step(None, 1_000), Ok(None));
		assert_storage_noop!(assert_eq!(step(None, 1_000), Ok(None)));
	});
}

#[test]
fn cursor_behind_the_last_page_ends_it() {
	run(|_, _| {
		let (last, _) = PageId::of(DeviceId::MAX);
		assert_eq!(step(Some(last), 1), Ok(None));
		assert!(readable().is_empty());
		assert_eq!(step(None, 1_000), Ok(None));
	});
}

#[test]
fn page_that_does_not_decode_stays_and_the_others_go_on() {
	run(|devices, _| {
		let prefix = frame_support::storage::storage_prefix(b"Registry", b"DevicePages");
		let first = sp_io::storage::next_key(&prefix).expect("there is a page");
		let good = unhashed::get_raw(&first).expect("it has bytes");
		unhashed::put_raw(&first, &[9]);
		assert_eq!(step(None, 1_000), Ok(None));
		assert_eq!(unhashed::get_raw(&first), Some(vec![9]));
		let left = readable();
		assert!(!left.is_empty() && left.len() < devices.len());
		unhashed::put_raw(&first, &good);
		assert_eq!(step(None, 1_000), Ok(None));
		assert_eq!(readable(), devices);
	});
}

#[test]
fn bound_of_blocks_is_a_bound() {
	assert!(Migration::max_steps().is_some_and(|steps| (1..=600).contains(&steps)));
}
