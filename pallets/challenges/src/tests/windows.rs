use frame_support::{storage::unhashed, traits::Hooks};
use groma_core::{payload, protocol::WINDOWS_KEPT, selection, terms::NetworkStatus, units::Scale};
use groma_traits::{Window, Windows};
use sp_runtime::Perbill;

use super::*;
use crate::{
	CurrentWindow, Event, EvidenceLane, Pallet, Track, WindowRecords, windows::newest_window,
};

fn window(index: u32) -> Window {
	Challenges::window(index).expect("it is remembered")
}

#[test]
fn seed_is_the_hash_of_all_outputs_of_the_window_before() {
	ExtBuilder.build_and_execute(|| {
		let first = Challenges::window_info().first_block;
		let mut accumulated = [0; 32];
		// The mock's parent of block n + 1 has the output `H(n)`; the last block's comes in at the
		// next window's first block.
		for block in u64::from(first)..u64::from(first) + 10 {
			let output = sp_io::hashing::blake2_256(&block.to_le_bytes());
			accumulated = payload::fold_randomness(&accumulated, &output);
		}
		go_to(START + 1);
		assert_eq!(Challenges::seed_of(START + 1), Some(payload::seed(START + 1, &accumulated)));
	});
}

#[test]
fn changed_length_applies_from_the_next_window() {
	ExtBuilder.build_and_execute(|| {
		WindowBlocks::set(&3);
		let first = Challenges::window_info().first_block;
		go_to(START + 1);
		assert_eq!(Challenges::window_info().first_block, first + 10);
		go_to(START + 2);
		assert_eq!(Challenges::window_info().first_block, first + 13);
		assert_eq!(Challenges::window_info().duration_ms, 18_000);
	});
}

#[test]
fn no_device_is_challenged_in_window_0() {
	ExtBuilder.build_and_execute(|| {
		drop(WindowRecords::<Test>::clear(u32::MAX, None));
		Pallet::<Test>::open_first_window();
		assert_eq!(Challenges::current(), 0);
		let is_challenged = |device, index| window(index).draws(device, NETWORK);
		assert!((0..4).all(|device| !is_challenged(device, 0)));
		System::set_block_number(1);
		go_to(1);
		assert!((0..4).all(|device| is_challenged(device, 1)));
	});
}

#[test]
fn no_device_is_challenged_in_a_network_that_is_halted() {
	ExtBuilder.build_and_execute(|| {
		alter_networks(|network| network.status = NetworkStatus::Halted);
		go_to(START + 1);
		assert!(window(START + 1).thresholds.is_empty());
		alter_networks(|network| network.status = NetworkStatus::Closed);
		go_to(START + 2);
		assert!((0..4).all(|device| window(START + 2).draws(device, NETWORK)));
	});
}

/// How many challenges the next window has room for, by the threshold that it gives to many
/// devices.
fn challenges_max() -> u32 {
	const MANY: u32 = 1 << 30;
	ActiveCount::set(&MANY);
	go_to(Challenges::current() + 1);
	let threshold = window(Challenges::current()).threshold(NETWORK);
	((u128::from(threshold) * u128::from(MANY)) >> 64) as u32
}

#[test]
fn challenges_fill_their_part_of_the_lane_by_weight() {
	ExtBuilder.build_and_execute(|| {
		let lane = EvidenceLane::<Test>::limit(Track::Evidence);
		// A thousandth of the lane of a block each: 6,000 in 60 % of ten blocks.
		Cost::set(&(lane.ref_time / 1_000, 1));
		assert_eq!(challenges_max(), 6_000);
		let half = Scale::from_percent(50);
		alter_networks(|network| network.terms.lottery.lane_share = half);
		assert_eq!(challenges_max(), 3_000);
		LaneFill::set(&Perbill::from_percent(30));
		assert_eq!(challenges_max(), 1_500);
		WindowBlocks::set(&20);
		assert_eq!(challenges_max(), 3_000);
	});
}

#[test]
fn challenges_fill_their_part_of_the_lane_by_length() {
	ExtBuilder.build_and_execute(|| {
		let lane = EvidenceLane::<Test>::limit(Track::Evidence);
		Cost::set(&(1, lane.length));
		assert_eq!(challenges_max(), 6);
		LaneShare::set(&Perbill::from_percent(25));
		assert_eq!(challenges_max(), 3);
	});
}

#[test]
fn no_device_is_challenged_when_a_challenge_costs_nothing() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(window(START).threshold(NETWORK), u64::MAX);
		assert_eq!(window(START).threshold(IDLE_NETWORK), 0);
		assert!((0..100).all(|device| !window(START).draws(device, IDLE_NETWORK)));
	});
}

#[test]
fn threshold_follows_the_room_when_devices_are_many() {
	ExtBuilder.build_and_execute(|| {
		let lane = EvidenceLane::<Test>::limit(Track::Evidence);
		Cost::set(&(lane.ref_time / 1_000, 1));
		ActiveCount::set(&24_000);
		go_to(START + 1);
		let window = window(START + 1);
		assert_eq!(window.threshold(NETWORK), selection::threshold(EVERY_WINDOW, 6_000, 24_000));
		assert_eq!(window.interval(NETWORK), 4);
		assert_eq!(window.threshold(99), 0);
		let info = Challenges::window_info();
		for device in 0..100 {
			assert_eq!(info.challenges(device, NETWORK), window.draws(device, NETWORK));
			assert!(!info.challenges(device, IDLE_NETWORK) && !info.challenges(device, 99));
		}
	});
}

#[test]
fn threshold_counts_no_more_devices_than_stake_stands_behind() {
	ExtBuilder.build_and_execute(|| {
		let lane = EvidenceLane::<Test>::limit(Track::Evidence);
		Cost::set(&(lane.ref_time / 1_000, 1));
		let threshold_of = |active, covered| {
			ActiveCount::set(&active);
			CoveredDevices::set(&covered);
			go_to(Challenges::current() + 1);
			window(Challenges::current()).threshold(NETWORK)
		};
		let of_12_000 = selection::threshold(EVERY_WINDOW, 6_000, 12_000);
		assert_eq!(threshold_of(24_000, 12_000), of_12_000);
		assert_eq!(threshold_of(12_000, 24_000), of_12_000);
		assert_eq!(threshold_of(24_000, 6_000), u64::MAX);
		assert_eq!(threshold_of(24_000, 0), u64::MAX, "no device that is covered is left out");
		let window = Challenges::window_info();
		assert!(window.thresholds.iter().any(|entry| entry.network == NETWORK));
	});
}

#[test]
fn no_device_is_challenged_when_no_one_knows_how_many_there_are() {
	ExtBuilder.build_and_execute(|| {
		ActiveCount::set(&u32::MAX);
		CoveredDevices::set(&4);
		go_to(START + 1);
		assert_eq!(window(START + 1).threshold(NETWORK), 0);
		assert!((0..100).all(|device| !window(START + 1).draws(device, NETWORK)));
		ActiveCount::set(&4);
		go_to(START + 2);
		assert_eq!(window(START + 2).threshold(NETWORK), u64::MAX);
	});
}

#[test]
fn windows_are_forgotten_after_288() {
	ExtBuilder.build_and_execute(|| {
		WindowBlocks::set(&1);
		go_to(START + 287);
		assert!(Challenges::seed_of(START).is_some());
		go_to(START + WINDOWS_KEPT);
		assert!(Challenges::seed_of(START).is_none());
		assert!(Challenges::seed_of(START + WINDOWS_KEPT).is_some());
		assert!(Challenges::seed_of(START + 289).is_none());
	});
}

#[test]
fn block_without_randomness_leaves_the_seed_in_the_making() {
	ExtBuilder.build_and_execute(|| {
		let accumulated = || CurrentWindow::<Test>::get().expect("it is there").accumulated;
		let before = accumulated();
		ParentRandomness::set(&None);
		System::set_block_number(System::block_number() + 1);
		Challenges::on_initialize(System::block_number());
		assert_eq!(accumulated(), before);
	});
}

#[test]
fn next_window_is_known_a_block_before_it_begins() {
	ExtBuilder.build_and_execute(|| {
		let info = Challenges::window_info();
		while System::block_number() + 1 < u64::from(info.first_block + info.blocks) {
			assert_eq!(Challenges::of_next_block(), START);
			next_block();
		}
		assert_eq!(Challenges::current(), START);
		assert_eq!(Challenges::of_next_block(), START + 1);
	});
}

/// The last block of the running window.
fn last_block() -> u64 {
	let info = Challenges::window_info();
	u64::from(info.first_block + info.blocks - 1)
}

/// Makes blocks in which the chain stands still.
fn stand_still(blocks: u32) {
	StandsStill::set(&true);
	(0..blocks).for_each(|_| next_block());
	StandsStill::set(&false);
}

#[test]
fn window_is_longer_by_the_blocks_in_which_the_chain_stood_still() {
	ExtBuilder.build_and_execute(|| {
		let last = last_block();
		next_block();
		let before = CurrentWindow::<Test>::get();
		stand_still(7);
		assert_eq!(CurrentWindow::<Test>::get(), before, "a migration may be at work on it");
		assert_eq!(last_block(), last + 7);
		next_block();
		assert_eq!((Challenges::current(), last_block()), (START, last + 7));
		go_to(START + 1);
		assert_eq!(System::block_number(), last + 8);
	});
}

#[test]
fn window_goes_on_when_the_chain_stands_still_at_its_end() {
	ExtBuilder.build_and_execute(|| {
		while System::block_number() < last_block() {
			next_block();
		}
		StandsStill::set(&true);
		for _ in 0..5 {
			next_block();
			let windows = (Challenges::current(), Challenges::of_next_block());
			assert_eq!(windows, (START, START + 1), "the next block may be the first of a window");
			assert!(!Challenges::is_ripe(1), "nothing is due in the last block of a window");
		}
		StandsStill::set(&false);
		next_block();
		assert_eq!(Challenges::current(), START + 1);
	});
}

#[test]
fn blocks_in_which_the_chain_stood_still_do_not_enter_the_seed() {
	ExtBuilder.build_and_execute(|| {
		let accumulated = || CurrentWindow::<Test>::get().expect("it is there").accumulated;
		next_block();
		let before = accumulated();
		stand_still(3);
		next_block();
		assert_eq!(accumulated(), before);
		let output = sp_io::hashing::blake2_256(&System::block_number().to_le_bytes());
		next_block();
		assert_eq!(accumulated(), payload::fold_randomness(&before, &output));
	});
}

/// Puts every window before the newest one into the ring, as far as it is remembered.
fn remember_until(newest: u32) {
	for index in newest.saturating_sub(WINDOWS_KEPT - 1)..=newest {
		let record =
			Window { index, first_block: 0, seed: [0; 32], thresholds: Default::default() };
		WindowRecords::<Test>::insert(index % WINDOWS_KEPT, record);
	}
}

#[test]
fn newest_window_is_found_wherever_it_lies_in_the_ring() {
	ExtBuilder.build().execute_with(|| {
		for newest in (0..2 * WINDOWS_KEPT + 2).chain([100_000]) {
			drop(WindowRecords::<Test>::clear(u32::MAX, None));
			remember_until(newest);
			assert_eq!(newest_window::<Test>().map(|found| found.index), Some(newest));
		}
		drop(WindowRecords::<Test>::clear(u32::MAX, None));
		assert_eq!(newest_window::<Test>(), None);
	});
}

#[test]
fn newest_window_is_found_when_another_record_does_not_decode() {
	ExtBuilder.build().execute_with(|| {
		for newest in [WINDOWS_KEPT, WINDOWS_KEPT + 1, WINDOWS_KEPT + 143, 2 * WINDOWS_KEPT - 1] {
			drop(WindowRecords::<Test>::clear(u32::MAX, None));
			remember_until(newest);
			for slot in 0..WINDOWS_KEPT {
				let key = WindowRecords::<Test>::hashed_key_for(slot);
				let good = unhashed::get_raw(&key).expect("it is there");
				unhashed::put_raw(&key, &[7]);
				let expected = newest - u32::from(slot == newest % WINDOWS_KEPT);
				let found = newest_window::<Test>().map(|found| found.index);
				assert_eq!(found, Some(expected), "without slot {slot}");
				unhashed::put_raw(&key, &good);
			}
		}
	});
}

#[test]
fn window_that_does_not_decode_is_not_remembered_and_stays() {
	ExtBuilder.build_and_execute(|| {
		go_to(START + 3);
		let key = WindowRecords::<Test>::hashed_key_for((START + 1) % WINDOWS_KEPT);
		let good = unhashed::get_raw(&key).expect("it is there");
		unhashed::put_raw(&key, &[7]);
		go_to(START + 5);
		assert_eq!(Challenges::window(START + 1), None);
		assert!(Challenges::window(START + 2).is_some());
		assert!(Challenges::do_try_state().is_err());
		assert_eq!(unhashed::get_raw(&key), Some(vec![7]));
		unhashed::put_raw(&key, &good);
		assert_eq!(window(START + 1).index, START + 1);
	});
}

#[test]
fn window_goes_on_and_nothing_is_written_when_its_clock_does_not_decode() {
	let test = || {
		remember_until(START - 1);
		go_to(START + 3);
		let key = CurrentWindow::<Test>::hashed_key();
		let good = unhashed::get_raw(&key).expect("it is there");
		for bytes in [&[7][..], &[], &[0; 100]] {
			unhashed::put_raw(&key, bytes);
			for _ in 0..30 {
				next_block();
				let windows =
					(Challenges::current(), Challenges::of_call(), Challenges::of_next_block());
				assert_eq!(windows, (START + 3, START + 3, START + 3));
				assert_eq!(unhashed::get_raw(&key).as_deref(), Some(bytes));
				System::assert_last_event(Event::<Test>::WindowClockUnreadable.into());
			}
			assert_eq!(Challenges::window_info().index, START + 3);
			assert!(Challenges::do_try_state().is_err());
		}
		unhashed::put_raw(&key, &good);
		next_block();
		assert_eq!(Challenges::current(), START + 3, "what was missed lengthened it");
		go_to(START + 4);
	};
	ExtBuilder.build_and_execute(test);
}
