use frame_support::{assert_noop, assert_ok, storage::unhashed};
use groma_core::{
	density::{DEFAULT_LIMITS, RESOLUTIONS, cells, scale},
	place::Cell,
	units::Scale,
};
use groma_traits::DeviceFollowers;
use proptest::prelude::*;

use super::*;
use crate::{Activities, CellCount, Error, Neighbourhood, Neighbourhoods, density};

fn uncount(device: DeviceId) -> bool {
	let mut is_uncounted = false;
	Activities::<Test>::mutate(device, |activity| {
		is_uncounted = density::uncount::<Test>(&mut activity.counted, &density_limits());
	});
	is_uncounted
}

fn arrived(cell: Cell) -> [u32; 5] {
	cells(cell).expect("a fine cell").map(|cell| density::count_of::<Test>(NETWORK, cell).arrived)
}

#[test]
fn device_counts_from_its_first_valid_beacon() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, [1])]));
		go_to(START + 2);
		assert_eq!(arrived(cell_of(0)), [0; 5]);
		assert_ok!(submit_reveals(vec![reveal(START, 0)]));
		assert_eq!(arrived(cell_of(0)), [1; 5]);
		assert_eq!(activity(1).counted, None);
		let info = Coverage::activity_info(0).expect("it took part");
		assert!(info.is_counted);
		assert_eq!(info.density_scale, Scale::ONE);
	});
}

#[test]
fn cell_passes_on_only_what_its_limit_admits() {
	ExtBuilder::default().build_and_execute(|| {
		let cell = cell_of(0);
		(10..14).for_each(|device| assert!(count(device, cell)));
		assert_eq!(arrived(cell), [4, 1, 1, 1, 1]);
		let around = cell.parent(5).expect("a coarser cell");
		let info = Coverage::cell_info(NETWORK, around);
		assert_eq!((info.arrived, info.members), (1, 4));
		assert_eq!(Coverage::cell_info(NETWORK, cell).members, 0);
		assert_eq!(
			density::scale_at::<Test>(NETWORK, cell, &DEFAULT_LIMITS),
			scale(&[4, 1, 1, 1, 1], &DEFAULT_LIMITS)
		);
	});
}

#[test]
fn cell_of_another_resolution_has_no_count() {
	ExtBuilder::default().build_and_execute(|| {
		let cell = cell_of(0);
		assert!(count(10, cell));
		for resolution in 0..=12 {
			let around = cell.parent(resolution).expect("a coarser cell");
			let arrived = density::count_of::<Test>(NETWORK, around).arrived;
			assert_eq!(arrived, u32::from(RESOLUTIONS.contains(&resolution)), "{resolution}");
		}
	});
}

#[test]
fn count_of_no_cell_is_found() {
	use codec::{Decode, Encode};
	ExtBuilder::default().build_and_execute(|| {
		let keeper = cell_of(0).parent(8).expect("a coarser cell");
		let stray = vec![(u8::MAX, CellCount { arrived: 1, passed: 1, members: 0 })];
		let stray = Neighbourhood::decode(&mut &stray.encode()[..]).expect("it is well-formed");
		assert_ok!(Coverage::do_try_state());
		Neighbourhoods::<Test>::insert((NETWORK, keeper), stray);
		assert!(Coverage::do_try_state().is_err());
		Neighbourhoods::<Test>::remove((NETWORK, keeper));
	});
}

#[test]
fn place_pays_nothing_and_counts_no_one_when_its_counts_do_not_decode() {
	ExtBuilder::default().build_and_execute(|| {
		let cell = cell_of(0);
		assert!(count(10, cell));
		for coarsest in [8, 4] {
			let keeper = cell.parent(coarsest).expect("a coarser cell");
			let key = Neighbourhoods::<Test>::hashed_key_for((NETWORK, keeper));
			let good = unhashed::get_raw(&key).expect("it is there");
			unhashed::put_raw(&key, &[7]);
			assert!(!count(11, cell) && !uncount(10));
			assert_eq!(density::scale_at::<Test>(NETWORK, cell, &DEFAULT_LIMITS), Scale::ZERO);
			assert_noop!(
				Coverage::expire_device(RuntimeOrigin::signed(collector()), 10),
				Error::<Test>::DensityUnreadable
			);
			assert!(!Coverage::let_go(10));
			assert!(Coverage::do_try_state().is_err());
			assert_eq!(unhashed::get_raw(&key), Some(vec![7]));
			unhashed::put_raw(&key, &good);
			assert_eq!(arrived(cell), [1; 5]);
		}
		assert!(uncount(10));
	});
}

#[test]
fn nothing_is_left_when_the_last_device_goes() {
	ExtBuilder::default().build_and_execute(|| {
		(10..14).for_each(|device| assert!(count(device, cell_of(0))));
		(10..14).for_each(|device| assert!(uncount(device)));
		assert!(!uncount(10));
		assert_eq!(density::all::<Test>().count(), 0);
	});
}

#[test]
fn device_moves_with_its_next_valid_beacon() {
	ExtBuilder::default().build_and_execute(|| {
		settle(0, [1]);
		let elsewhere = cell_at(40.1, 11.3);
		relocate(0, elsewhere);
		settle(0, [1]);
		assert_eq!(arrived(cell_of(0))[0], 0);
		assert_eq!(arrived(elsewhere)[0], 1);
		assert!(!count(0, elsewhere));
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(48))]

	/// Whichever devices come and go, and whatever is voted, the counts are sums of what was passed
	/// on, and vanish in the end.
	#[test]
	fn counts_stay_consistent_when_devices_and_limits_change(
		steps in proptest::collection::vec((0u32..24, 0u32..40, 0u32..10, 1u32..6), 1..80)
	) {
		ExtBuilder::default().build_and_execute(|| {
			for (device, place, what, limit) in steps {
				match what {
					0 => set_density_limits([limit, 1, limit, 2 * limit, 3]),
					1..=3 => {
						uncount(device);
					},
					_ => {
						let cell = cell_at(40.0 + 0.003 * f64::from(place), 11.0);
						count(device, cell);
					},
				}
				Coverage::do_try_state().expect("the counts are consistent");
			}
			for device in 0..24 {
				uncount(device);
			}
			assert_eq!(density::all::<Test>().count(), 0);
		});
	}
}
