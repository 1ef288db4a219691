use frame_support::traits::Hooks;
use groma_core::{payload, protocol::WINDOWS_KEPT, selection};
use groma_traits::Windows;

use super::*;
use crate::{CurrentWindow, Pallet, WindowRecords};

#[test]
fn seed_is_the_hash_of_all_outputs_of_the_window_before() {
	ExtBuilder::default().build_and_execute(|| {
		let first = Coverage::window_info().first_block;
		let mut accumulated = [0; 32];
		// The mock's parent of block n + 1 has the output `H(n)`; the last block's comes in at the next
		// window's first block.
		for block in u64::from(first)..u64::from(first) + 10 {
			let output = sp_io::hashing::blake2_256(&block.to_le_bytes());
			accumulated = payload::fold_randomness(&accumulated, &output);
		}
		go_to(START + 1);
		assert_eq!(Coverage::seed_of(START + 1), Some(payload::seed(START + 1, &accumulated)));
	});
}

#[test]
fn changed_length_applies_from_the_next_window() {
	ExtBuilder::default().build_and_execute(|| {
		WindowBlocks::set(3);
		let first = Coverage::window_info().first_block;
		go_to(START + 1);
		assert_eq!(Coverage::window_info().first_block, first + 10);
		go_to(START + 2);
		assert_eq!(Coverage::window_info().first_block, first + 13);
		assert_eq!(Coverage::window_info().duration_ms, 18_000);
	});
}

#[test]
fn nobody_is_challenged_in_window_0() {
	ExtBuilder::default().build_and_execute(|| {
		drop(WindowRecords::<Test>::clear(u32::MAX, None));
		crate::PruneCursor::<Test>::kill();
		Pallet::<Test>::open_first_window();
		assert_eq!(<Coverage as Windows>::current(), 0);
		let is_challenged = |device, window| {
			let record = Pallet::<Test>::window_record(window).expect("remembered");
			record.challenges(device, NETWORK)
		};
		assert!((0..4).all(|device| !is_challenged(device, 0)));
		System::set_block_number(1);
		go_to(1);
		assert!((0..4).all(|device| is_challenged(device, 1)));
	});
}

#[test]
fn threshold_follows_the_budget_when_devices_are_many() {
	ExtBuilder::default().build_and_execute(|| {
		ReceiptBudget::set(1_000);
		ActiveCount::set(Some(4_000));
		go_to(START + 1);
		let record = Pallet::<Test>::window_record(START + 1).expect("remembered");
		assert_eq!(record.threshold(NETWORK), selection::threshold(EVERY_WINDOW, 1_000, 4_000));
		assert_eq!(record.reciprocity_span(NETWORK), 32);
		assert_eq!(record.threshold(99), 0);
	});
}

#[test]
fn windows_are_forgotten_after_288() {
	ExtBuilder::default().build_and_execute(|| {
		WindowBlocks::set(1);
		go_to(START + 287);
		assert!(Coverage::seed_of(START).is_some());
		go_to(START + WINDOWS_KEPT);
		assert!(Coverage::seed_of(START).is_none());
		assert!(Coverage::seed_of(START + WINDOWS_KEPT).is_some());
		assert!(Coverage::seed_of(START + 289).is_none());
	});
}

#[test]
fn block_without_randomness_leaves_the_seed_in_the_making() {
	ExtBuilder::default().build_and_execute(|| {
		let before = CurrentWindow::<Test>::get().accumulated;
		ParentRandomness::set(None);
		System::set_block_number(System::block_number() + 1);
		Coverage::on_initialize(System::block_number());
		assert_eq!(CurrentWindow::<Test>::get().accumulated, before);
	});
}

#[test]
fn next_window_is_known_a_block_before_it_begins() {
	ExtBuilder::default().build_and_execute(|| {
		let info = Coverage::window_info();
		while System::block_number() + 1 < u64::from(info.first_block + info.blocks) {
			assert_eq!(Pallet::<Test>::window_of_next_block(), START);
			next_block();
		}
		assert_eq!(<Coverage as Windows>::current(), START);
		assert_eq!(Pallet::<Test>::window_of_next_block(), START + 1);
	});
}

#[test]
fn challenge_tells_how_to_beacon() {
	ExtBuilder::default().build_and_execute(|| {
		let info = Coverage::challenge_info(1, START).expect("challenged");
		assert_eq!(info.id, challenge_id(START, 1));
		assert_eq!(info.eirp_centi_dbm, 1_615);
		assert!((2_000..40_000).contains(&info.offset_ms), "of a window of 60 s");
		assert!(Coverage::is_beacon_genuine(1, START, &beacon(START, 1)));
		assert!(!Coverage::is_beacon_genuine(1, START, &beacon(START, 2)));
		assert!(Coverage::challenge_info(9, START).is_none());
	});
}
