//! How much a block folds, and that the rest waits.

use frame_support::{assert_ok, weights::Weight};
use groma_core::api::DeviceStatus;
use groma_traits::Devices as _;
use sp_runtime::AccountId32;

use crate::{FoldCursor, Rosters, WeightInfo, mock::*, types::Roster};

/// The weight that lets a block fold `changes` times, or pass so many windows.
fn spare(changes: u64) -> Weight {
	let needed = <() as WeightInfo>::fold_base()
		.saturating_add(Registry::fold_step_weight().saturating_mul(changes));
	needed.saturating_mul(10)
}

/// How many of the devices have a change on its way.
fn waiting(devices: u32) -> usize {
	(0..devices).filter(|device| record(*device).changes.pending.is_some()).count()
}

/// Makes a change for each of six devices and comes to the window in which they are due, without
/// folding any.
fn six_changes_due() {
	run_to(START);
	poll(Weight::MAX);
	for device in 0..6 {
		assert_ok!(Registry::set_status(signed(1), device, DeviceStatus::Paused));
	}
	run_to(START + 6);
	assert_eq!(FoldCursor::<Test>::get(), Some(START + 4));
	CurrentWindow::set(&(START + 7));
}

#[test]
fn block_folds_what_its_weight_allows_and_the_next_goes_on() {
	ExtBuilder::default().devices(6).build_and_execute(|| {
		six_changes_due();
		for expected in [4, 2, 0] {
			poll(spare(2));
			assert_eq!(waiting(6), expected);
			assert_eq!(FoldCursor::<Test>::get(), Some(START + 4));
			assert_ok!(Registry::do_try_state());
		}
		poll(spare(1));
		assert_eq!(FoldCursor::<Test>::get(), Some(START + 5));
	});
}

#[test]
fn answers_stay_exact_when_folding_is_late() {
	ExtBuilder::default().devices(6).build_and_execute(|| {
		six_changes_due();
		CurrentWindow::set(&(START + 20));
		for device in 0..6 {
			assert!(!Registry::at(device, START + 18).expect("it exists").is_active);
			assert!(!Registry::at(device, START + 20).expect("it exists").is_active);
		}
		assert_eq!(waiting(6), 6);
	});
}

#[test]
fn nothing_happens_when_a_block_has_no_weight_to_spare() {
	ExtBuilder::default().devices(6).build_and_execute(|| {
		six_changes_due();
		assert_eq!(poll(Weight::zero()), Weight::zero());
		assert_eq!(waiting(6), 6);
		poll(spare(0));
		assert_eq!(waiting(6), 6);
	});
}

#[test]
fn folding_takes_at_most_a_tenth_of_what_is_left() {
	ExtBuilder::default().devices(6).build_and_execute(|| {
		six_changes_due();
		let consumed = poll(spare(3));
		assert!(consumed.all_lte(spare(3) / 10));
		assert_eq!(waiting(6), 3);
	});
}

#[test]
fn queue_is_gone_when_its_window_is_folded() {
	ExtBuilder::default().devices(6).build_and_execute(|| {
		six_changes_due();
		let page: (Roster<AccountId32>, u32) = (Roster::Changes(START + 4), 0);
		assert!(Rosters::<Test>::contains_key(&page));
		poll(Weight::MAX);
		assert!(!Rosters::<Test>::contains_key(&page));
		assert_eq!(waiting(6), 0);
	});
}

#[test]
fn empty_windows_are_passed_when_the_chain_was_idle() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		CurrentWindow::set(&(START + 5_000));
		poll(Weight::MAX);
		assert_eq!(FoldCursor::<Test>::get(), Some(START + 5_000 - 2));
	});
}

#[test]
fn nothing_is_folded_while_the_chain_stands_still() {
	ExtBuilder::default().devices(6).build_and_execute(|| {
		six_changes_due();
		StandsStill::set(&true);
		poll(Weight::MAX);
		assert_eq!((waiting(6), FoldCursor::<Test>::get()), (6, Some(START + 4)));
		StandsStill::set(&false);
		poll(Weight::MAX);
		assert_eq!(waiting(6), 0);
	});
}
