//! The clock, and closing epochs.

use frame_support::{storage::unhashed, traits::Hooks};
use groma_core::{emission, money::GRM, units::Scale};
use groma_traits::{ClosedEpoch, Emission as _, Epochs, Pools};

use crate::{Books, Burned, Clock, Event, Reminted, WeightInfo, mock::*};

fn epoch() -> Option<u32> {
	Emission::present_epoch()
}

#[test]
fn clock_starts_with_the_first_timestamp() {
	ExtBuilder.build().execute_with(|| {
		Emission::on_initialize(1);
		assert_eq!((epoch(), Emission::began_ms(FIRST_EPOCH)), (None, None));
		assert_eq!(Clock::<Test>::get(), None);

		block_at(START_MS);
		assert_eq!(epoch(), Some(FIRST_EPOCH));
		block_at(START_MS + 6_000);
		let clock = Clock::<Test>::get().expect("started");
		assert_eq!((clock.started_ms, clock.open), (START_MS, FIRST_EPOCH));
		assert_eq!(Emission::began_ms(FIRST_EPOCH), Some(START_MS - 6 * HOUR_MS));
	});
}

#[test]
fn first_epoch_counts_by_its_share() {
	ExtBuilder.build_and_execute(|| {
		pass_hours(17);
		assert_eq!(books().unminted + books().minted, 0);
		pass_hours(1);
		let emitted = emission::cumulative(18 * HOUR_MS);
		assert_eq!(books().unminted + books().minted, emitted);
		assert_eq!(emitted, 400_000_000 * GRM * 18 / (1_460 * 24));
	});
}

#[test]
fn epoch_is_closed_in_the_second_block_of_the_next() {
	ExtBuilder.build_and_execute(|| {
		block_at(START_MS + 18 * HOUR_MS);
		assert_eq!(epoch(), Some(FIRST_EPOCH + 1));
		assert!(!Emission::is_closed(FIRST_EPOCH));
		assert!(Closed::get().is_empty());
		block_at(START_MS + 18 * HOUR_MS + 6_000);
		assert!(Emission::is_closed(FIRST_EPOCH));
		assert_eq!(Emission::first_open_epoch(), Some(FIRST_EPOCH + 1));
		assert_eq!(Closed::get(), vec![FIRST_EPOCH]);
	});
}

#[test]
fn silent_epochs_go_to_unminted_in_one_step() {
	ExtBuilder.build_and_execute(|| {
		pass_hours(30 * 24);
		let clock = Clock::<Test>::get().expect("started");
		assert_eq!(clock.open, FIRST_EPOCH + 30);
		let unminted = emission::between(18 * HOUR_MS, (29 * 24 + 18) * HOUR_MS);
		let silence =
			Event::SilencePassed { from: FIRST_EPOCH + 1, until: FIRST_EPOCH + 30, unminted };
		System::assert_has_event(silence.into());
		assert_eq!(Closed::get(), vec![FIRST_EPOCH]);
	});
}

#[test]
fn work_of_the_first_block_before_a_standstill_is_settled_after_it() {
	ExtBuilder.build_and_execute(|| {
		block_at(START_MS + 18 * HOUR_MS);
		Worked::set(&vec![FIRST_EPOCH + 1]);
		StandsStill::set(&true);
		block_at(START_MS + 18 * HOUR_MS + 6_000);
		block_at(START_MS + 50 * HOUR_MS);
		assert!(Closed::get().is_empty());
		StandsStill::set(&false);
		let weight = block_at(START_MS + 80 * HOUR_MS);
		assert_eq!(Closed::get(), vec![FIRST_EPOCH, FIRST_EPOCH + 1]);
		assert_eq!(weight, <() as WeightInfo>::close_epoch() * 2u64 + SETTLING * 6u64);
		assert_eq!(Emission::first_open_epoch(), Some(FIRST_EPOCH + 2));
	});
}

#[test]
fn epoch_length_stays_what_it_was_when_the_parameter_changes() {
	ExtBuilder.build_and_execute(|| {
		block_at(START_MS + 6_000);
		EpochLengthMs::set(&HOUR_MS);
		assert_eq!(epoch(), Some(FIRST_EPOCH));
		pass_hours(18);
		assert_eq!(epoch(), Some(FIRST_EPOCH + 1));
	});
}

#[test]
fn closing_weighs_what_settling_weighs() {
	ExtBuilder.build_and_execute(|| {
		block_at(START_MS + 6_000);
		let idle = block_at(START_MS + 18 * HOUR_MS);
		assert_eq!(idle, <() as WeightInfo>::on_initialize());
		let closing = block_at(START_MS + 18 * HOUR_MS + 6_000);
		assert_eq!(closing, <() as WeightInfo>::close_epoch() + SETTLING * 3u64);
	});
}

#[test]
fn age_counts_from_the_founding_and_for_genesis_from_the_start_of_the_chain() {
	ExtBuilder.build_and_execute(|| {
		let founded_ms = START_MS + 20 * HOUR_MS;
		for (hours, of_genesis, of_later) in [(18, 0, 0), (24, 18, 0), (24, 42, 22)] {
			pass_hours(hours);
			let (began_ms, chain_began_ms) = Began::get();
			let pools = Pools::default();
			let closed =
				ClosedEpoch { epoch: 0, began_ms, chain_began_ms, pools, for_validators: 0 };
			assert_eq!(closed.age_ms(0), of_genesis * HOUR_MS);
			assert_eq!(closed.age_ms(founded_ms), of_later * HOUR_MS);
		}
	});
}

#[test]
fn epoch_info_shows_present_and_closed_epochs() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(Emission::epoch_info(), None);
		block_at(START_MS + 6_000);
		let info = Emission::epoch_info().expect("started");
		assert_eq!((info.current, info.last_closed), (FIRST_EPOCH, None));
		pass_hours(18);
		let info = Emission::epoch_info().expect("started");
		assert_eq!((info.current, info.last_closed), (FIRST_EPOCH + 1, Some(FIRST_EPOCH)));
		assert_eq!(info.duration_ms, DAY_MS);
		assert!(info.unminted > 0);
	});
}

#[test]
fn epochs_stop_and_nothing_is_written_when_clock_or_books_do_not_decode() {
	let (clock, books) = (Clock::<Test>::hashed_key(), Books::<Test>::hashed_key());
	let (burned, reminted) = (Burned::<Test>::hashed_key(), Reminted::<Test>::hashed_key());
	for key in [clock, books, burned, reminted] {
		ExtBuilder.build_and_execute(|| {
			SupplyPart::set(&Scale::ONE);
			pass_hours(42);
			let good = unhashed::get_raw(&key);
			for bytes in [&[7][..], &[], &[0; 100]] {
				unhashed::put_raw(&key, bytes);
				let issuance = Balances::total_issuance();
				Emission::note_burned(0);
				pass_hours(48);
				System::assert_last_event(Event::<Test>::EpochsStopped.into());
				assert_eq!((epoch(), Emission::first_open_epoch()), (None, None));
				assert!(Emission::epoch_info().is_none());
				assert_eq!(Balances::total_issuance(), issuance);
				assert_eq!(unhashed::get_raw(&key).as_deref(), Some(bytes));
				assert!(Emission::do_try_state().is_err());
			}
			match good {
				Some(good) => unhashed::put_raw(&key, &good),
				None => unhashed::kill(&key),
			}
			pass_hours(1);
			assert_eq!(epoch(), Some(FIRST_EPOCH + 8));
			assert_eq!(Emission::first_open_epoch(), Some(FIRST_EPOCH + 8));
		});
	}
}

#[test]
fn epoch_is_known_by_the_time_when_epochs_are_stopped() {
	let by_time = || <Emission as Epochs>::present();
	let (clock, books) = (Clock::<Test>::hashed_key(), Books::<Test>::hashed_key());
	for key in [clock, books, Burned::<Test>::hashed_key()] {
		ExtBuilder.build_and_execute(|| {
			pass_hours(42);
			let good = unhashed::get_raw(&key);
			assert_eq!((epoch(), by_time()), (Some(FIRST_EPOCH + 2), Some(FIRST_EPOCH + 2)));
			unhashed::put_raw(&key, &[7]);
			assert_eq!((epoch(), by_time()), (None, Some(FIRST_EPOCH + 2)));
			pass_hours(24);
			assert_eq!((epoch(), by_time()), (None, Some(FIRST_EPOCH + 3)));
			match good {
				Some(good) => unhashed::put_raw(&key, &good),
				None => unhashed::kill(&key),
			}
		});
	}
}

#[test]
fn schedule_does_not_begin_again_when_its_clock_is_gone() {
	ExtBuilder.build().execute_with(|| {
		block_at(START_MS);
		pass_hours(42);
		let before = books();
		Clock::<Test>::kill();
		pass_hours(48);
		assert_eq!((Clock::<Test>::get(), epoch(), books()), (None, None, before));
		System::assert_last_event(Event::<Test>::EpochsStopped.into());
	});
}

#[test]
fn no_epoch_closes_while_the_chain_stands_still() {
	ExtBuilder.build_and_execute(|| {
		block_at(START_MS + 6_000);
		StandsStill::set(&true);
		pass_hours(48);
		assert_eq!((Emission::first_open_epoch(), Closed::get()), (Some(FIRST_EPOCH), vec![]));
		StandsStill::set(&false);
		pass_hours(1);
		assert_eq!(Emission::first_open_epoch(), Some(FIRST_EPOCH + 2));
		assert_eq!(Closed::get(), vec![FIRST_EPOCH]);
	});
}
