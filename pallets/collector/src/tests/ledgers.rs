//! Rewards of collectors.

use frame_support::{assert_noop, assert_ok, storage::unhashed};
use groma_core::{CollectorIndex, money::Balance};
use groma_traits::Collectors as _;
use sp_runtime::AccountId32;

use crate::{CollectorEpochs, Collectors, Error, Event, Indices, LastIndex, OpenFifths, mock::*};

fn claim(collector: u8) -> frame_support::dispatch::DispatchResult {
	Collector::claim_collected(RuntimeOrigin::signed(account(1)), account(collector))
}

/// The index of a collector that is registered.
fn index(collector: u8) -> CollectorIndex {
	Collector::index_of(&account(collector))
}

/// Credits a collector, which is registered now if it was not.
fn credit(collector: u8, fifths: u32) {
	let index = match index(collector) {
		0 => register(collector),
		index => index,
	};
	Collector::credit(index, fifths);
}

/// What a collector got in addition to its funds, the deposit included.
fn paid_to(collector: u8) -> Balance {
	let account = account(collector);
	balance(account.clone()) + on_hold(&account) - FUNDS
}

fn owed_to(collector: u8) -> Balance {
	Collector::owed_to(&account(collector))
}

fn execute(test: impl FnOnce()) {
	new_chain().execute_with(|| {
		test();
		check();
	});
}

#[test]
fn fifth_earns_a_fifth_of_the_cap_when_the_pool_is_large() {
	execute(|| {
		credit(10, 3);
		credit(11, 5);
		credit(10, 1);
		next_epoch();
		close_epochs();
		let settled = Event::ReportsSettled { epoch: FIRST_EPOCH, fifths: 9, per_fifth: FIFTH };
		System::assert_last_event(settled.into());
		assert_eq!(owed_to(10), 4 * FIFTH);
		assert_ok!(claim(10));
		assert_ok!(claim(11));
		assert_eq!((paid_to(10), paid_to(11)), (4 * FIFTH, 5 * FIFTH));
		let paid = Event::CollectorPaid { collector: account(11), amount: 5 * FIFTH };
		System::assert_last_event(paid.into());
		assert_eq!(CollectorEpochs::<Test>::iter().count(), 0, "all fifths are credited");
	});
}

#[test]
fn fifths_share_the_pool_when_it_is_small() {
	execute(|| {
		let fifths = 4_000_000_000;
		credit(10, fifths);
		Pool::set(&70_000_000_001);
		next_epoch();
		close_epochs();
		assert_eq!(owed_to(10), 17 * Balance::from(fifths));
	});
}

#[test]
fn more_fifths_than_can_be_counted_credit_no_one() {
	execute(|| {
		credit(10, u32::MAX - 1);
		credit(11, 5);
		assert_eq!(OpenFifths::<Test>::get(FIRST_EPOCH), Some(u32::MAX));
		Pool::set(&(u128::from(u32::MAX) * FIFTH));
		next_epoch();
		close_epochs();
		assert_eq!(owed_to(11), FIFTH);
	});
}

#[test]
fn index_that_no_one_holds_credits_no_one() {
	execute(|| {
		let index = register(10);
		Collector::credit(0, 5);
		Collector::credit(index + 1, 5);
		Collector::credit(CollectorIndex::MAX, 5);
		assert_eq!(OpenFifths::<Test>::iter().count(), 0);
		assert_eq!(Collectors::<Test>::iter().count(), 1);
	});
}

#[test]
fn claim_fails_when_nothing_is_owed() {
	execute(|| {
		assert_noop!(claim(10), Error::<Test>::NothingOwed);
		credit(10, 1);
		assert_noop!(claim(10), Error::<Test>::NothingOwed);
		credit(11, 0);
		assert_eq!(OpenFifths::<Test>::get(FIRST_EPOCH), Some(1));
		let unsigned = Collector::claim_collected(RuntimeOrigin::none(), account(10));
		assert_eq!(unsigned, Err(sp_runtime::DispatchError::BadOrigin));
	});
}

#[test]
fn amount_stays_owed_when_the_collector_cannot_receive() {
	execute(|| {
		credit(10, 1);
		next_epoch();
		close_epochs();
		let origin = RuntimeOrigin::signed(account(10));
		assert_ok!(Collector::deregister_collector(origin.clone()));
		let everything = balance(account(10));
		assert_ok!(Balances::transfer_allow_death(origin, account(1), everything));
		assert_noop!(claim(10), Error::<Test>::CollectorCannotReceive);
		assert_eq!(owed_to(10), FIFTH);
		credit(10, 49);
		next_epoch();
		close_epochs();
		assert_ok!(claim(10));
		assert_eq!(paid_to(10), 50 * FIFTH);
	});
}

#[test]
fn fifths_of_two_open_epochs_are_counted_apart() {
	execute(|| {
		credit(10, 2);
		next_epoch();
		credit(10, 5);
		check();
		assert_eq!(OpenFifths::<Test>::get(FIRST_EPOCH), Some(2));
		assert_eq!(OpenFifths::<Test>::get(FIRST_EPOCH + 1), Some(5));
		close_epochs();
		assert_ok!(claim(10));
		assert_eq!(paid_to(10), 2 * FIFTH);
		next_epoch();
		close_epochs();
		credit(10, 1);
		assert_eq!(owed_to(10), 5 * FIFTH);
	});
}

#[test]
fn stranger_is_owed_nothing() {
	execute(|| assert_eq!(Collector::owed_to(&AccountId32::new([99; 32])), 0));
}

/// Writes a byte under a key, and says what was there.
fn damage(key: &[u8]) -> Vec<u8> {
	let good = unhashed::get_raw(key).expect("it is there");
	unhashed::put_raw(key, &[7]);
	good
}

#[test]
fn epoch_earns_nothing_and_its_count_stays_when_that_does_not_decode() {
	new_chain().execute_with(|| {
		credit(10, 3);
		let key = OpenFifths::<Test>::hashed_key_for(FIRST_EPOCH);
		damage(&key);
		credit(10, 2);
		next_epoch();
		close_epochs();
		let event = Event::ReportsUnreadable { epoch: FIRST_EPOCH };
		System::assert_has_event(event.into());
		assert_eq!(unhashed::get_raw(&key), Some(vec![7]));
		assert_eq!(owed_to(10), 0);
		assert!(Collector::do_try_state().is_err());
		// The next epoch is as every other.
		credit(10, 1);
		next_epoch();
		close_epochs();
		assert_eq!(owed_to(10), FIFTH);
	});
}

#[test]
fn fifths_wait_when_what_their_epoch_earned_does_not_decode() {
	execute(|| {
		credit(10, 3);
		next_epoch();
		close_epochs();
		let key = CollectorEpochs::<Test>::hashed_key_for(FIRST_EPOCH);
		let good = damage(&key);
		assert_noop!(claim(10), Error::<Test>::NothingOwed);
		credit(10, 1);
		assert_eq!(unhashed::get_raw(&key), Some(vec![7]));
		unhashed::put_raw(&key, &good);
		assert_eq!(owed_to(10), 3 * FIFTH);
		assert_ok!(claim(10));
	});
}

#[test]
fn collector_waits_when_its_record_or_its_index_does_not_decode() {
	execute(|| {
		credit(10, 3);
		next_epoch();
		close_epochs();
		const UNREADABLE: Error<Test> = Error::StateUnreadable;
		let keys = [
			Collectors::<Test>::hashed_key_for(index(10)),
			Indices::<Test>::hashed_key_for(account(10)),
		];
		for key in keys {
			let good = damage(&key);
			assert_noop!(claim(10), UNREADABLE);
			let origin = || RuntimeOrigin::signed(account(10));
			assert_noop!(Collector::register_collector(origin()), UNREADABLE);
			assert_noop!(Collector::deregister_collector(origin()), UNREADABLE);
			unhashed::put_raw(&key, &good);
		}
		assert_eq!(owed_to(10), 3 * FIFTH);
	});
}

#[test]
fn no_index_is_given_when_the_last_one_does_not_decode() {
	execute(|| {
		register(10);
		let key = LastIndex::<Test>::hashed_key();
		let good = damage(&key);
		let register_other = Collector::register_collector(RuntimeOrigin::signed(account(11)));
		assert_eq!(register_other, Err(Error::<Test>::StateUnreadable.into()));
		assert_eq!(unhashed::get_raw(&key), Some(vec![7]));
		unhashed::put_raw(&key, &good);
		assert_eq!(register(11), 2);
	});
}
