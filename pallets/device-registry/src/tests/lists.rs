//! Lists without gaps.

use frame_support::assert_ok;
use groma_traits::Devices as _;
use proptest::prelude::*;
use sp_runtime::AccountId32;

use crate::{PAGE_DEVICES, Rosters, mock::*, roster::Members, types::Roster};

fn list() -> Members<Test> {
	Members::of_cell(cell(0))
}

#[test]
fn list_spans_pages_and_leaves_nothing_behind() {
	ExtBuilder::default().build_and_execute(|| {
		let count = 2 * PAGE_DEVICES + 1;
		assert!((0..count).all(|device| list().push(device) == Ok(device)));
		assert_eq!(list().list(60..70), (60..70).collect::<Vec<_>>());
		assert_eq!(list().list(120..u32::MAX), (120..count).collect::<Vec<_>>());
		assert_eq!(list().remove(3, 3), Ok(Some(count - 1)));
		assert_eq!(list().remove(count - 2, count - 2), Ok(None));
		assert_eq!(list().list(3..4), vec![count - 1]);
		(0..count - 2).for_each(|_| {
			assert!(matches!(list().pop(), Ok(Some(_))));
		});
		assert_eq!(list().pop(), Ok(None));
		assert_eq!(Rosters::<Test>::iter().count(), 0);
	});
}

#[test]
fn last_device_takes_the_slot_and_the_position_of_one_that_leaves() {
	ExtBuilder::default().build_and_execute(|| {
		for n in 0..3 {
			assert_ok!(register(account(1), LORAWAN, session(n), Some(claim(7))));
		}
		assert_ok!(Registry::retire(signed(1), 0));
		run_to(START + 7);
		assert_eq!(Registry::devices_of(account(1), LORAWAN, 0, 9), vec![2, 1]);
		assert_eq!((record(2).slot, record(2).position), (0, 0));
		assert_eq!((record(1).slot, record(1).position), (1, 1));
	});
}

#[test]
fn slots_are_counted_per_owner_and_network() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(account(1), LORAWAN, session(0), None));
		assert_ok!(register(account(1), SENSORS, session(1), None));
		assert_ok!(register(account(2), LORAWAN, session(2), None));
		assert_ok!(register(account(1), LORAWAN, session(3), None));
		let slot = |device| Registry::at(device, START).map(|view| view.slot);
		assert_eq!([0, 1, 2, 3].map(slot), [Some(0), Some(0), Some(0), Some(1)]);
	});
}

#[test]
fn device_changes_its_cells_list_when_its_new_location_is_folded() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let of = |n| cell(n).parent(7).expect("it is finer");
		assert_ok!(Registry::assert_location(signed(1), 0, claim(1)));
		assert_eq!(Registry::devices_in(of(0), 0, 9), vec![0]);
		run_to(START + 7);
		assert!(Registry::devices_in(of(0), 0, 9).is_empty());
		assert_eq!(Registry::devices_in(of(1), 0, 9), vec![1, 0]);
		assert_eq!(record(0).position, 1);
		let page: (Roster<AccountId32>, u32) = (Roster::Cell(of(0)), 0);
		assert!(!Rosters::<Test>::contains_key(page));
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	/// A list behaves as a vector with `push` and `swap_remove`.
	#[test]
	fn list_agrees_with_a_vector(actions in prop::collection::vec((0u8..5, any::<u32>()), 0..400)) {
		ExtBuilder::default().build().execute_with(|| {
			let mut expected = Vec::new();
			for (action, number) in actions {
				match action {
					0..=2 => {
						assert_eq!(list().push(number), Ok(expected.len() as u32));
						expected.push(number);
					},
					3 => assert_eq!(list().pop(), Ok(expected.pop())),
					_ if expected.is_empty() => {},
					_ => {
						let position = number as usize % expected.len();
						let device = expected.swap_remove(position);
						let moved = expected.get(position).copied();
						assert_eq!(list().remove(device, position as u32), Ok(moved));
					},
				}
				assert_eq!(list().len(), Ok(expected.len() as u32));
			}
			assert_eq!(list().list(0..u32::MAX), expected);
		});
	}
}
