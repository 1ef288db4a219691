//! Who may feed, how often, and what that costs.

use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo, Pays},
	storage::unhashed,
};
use groma_fakes::FedMs;
use sp_runtime::AccountId32;

use super::*;
use crate::{
	FeedRefusal,
	pallet::{Call, Error, Event, FeederOf, Feeders},
};

fn set_feeder(validator: u8, feeder: Option<AccountId32>) -> sp_runtime::DispatchResult {
	PriceFeed::set_feeder(RuntimeOrigin::signed(account(validator)), feeder)
}

/// Whose feeds are kept.
fn validators() -> Vec<AccountId32> {
	PriceFeed::feeds().expect("they are readable").into_iter().map(|feed| feed.validator).collect()
}

#[test]
fn feed_is_free_when_it_is_taken_and_pays_when_it_is_refused() {
	chain_of(2).execute_with(|| {
		let taken = feed(0, 100_000_000).expect("it is taken");
		assert_eq!(taken.pays_fee, Pays::No);
		let event = Event::<Test>::PriceFed { validator: account(0), price: price(100_000_000) };
		assert!(System::events().iter().any(|record| record.event == event.clone().into()));
		let refused = feed(0, 100_000_000).expect_err("it is too soon");
		assert_eq!(refused.error, Error::<Test>::TooSoon.into());
		assert_eq!(refused.post_info.pays_fee, Pays::Yes);
		check();
	});
}

#[test]
fn feed_is_operational() {
	chain_of(1).execute_with(|| {
		let info = Call::<Test>::feed { price: price(1_000) }.get_dispatch_info();
		assert_eq!((info.class, info.pays_fee), (DispatchClass::Operational, Pays::Yes));
	});
}

#[test]
fn weight_of_a_feed_is_that_of_the_set() {
	chain_of(3).execute_with(|| {
		let declared = Call::<Test>::feed { price: price(1_000) }.get_dispatch_info().call_weight;
		let taken = feed(0, 100_000_000).expect("it is taken").actual_weight;
		assert!(taken.is_some_and(|weight| weight.all_lt(declared)));
		check();
	});
}

#[test]
fn validator_feeds_again_when_the_price_moved_or_after_four_minutes() {
	chain_of(1).execute_with(|| {
		fed(0, 100_000_000);
		// Not even a move is a second feed of the same block.
		assert_noop!(feed(0, 200_000_000), Error::<Test>::TooSoon);
		next_block(6_000);
		assert_noop!(feed(0, 100_999_999), Error::<Test>::TooSoon);
		fed(0, 101_000_000);
		let last = now();
		run_to(last + 4 * MINUTE_MS - 1);
		assert_noop!(feed(0, 101_000_000), Error::<Test>::TooSoon);
		next_block(1);
		fed(0, 101_000_000);
		check();
	});
}

#[test]
fn stranger_cannot_feed() {
	chain_of(2).execute_with(|| {
		for stranger in [account(0), account(77)] {
			let call = PriceFeed::feed(RuntimeOrigin::signed(stranger), price(1_000));
			assert_noop!(call, Error::<Test>::NotFeeder);
		}
		let call = PriceFeed::feed(RuntimeOrigin::root(), price(1_000));
		assert_noop!(call, sp_runtime::DispatchError::BadOrigin);
		check();
	});
}

#[test]
fn feeder_is_named_changed_and_taken_back() {
	chain_of(2).execute_with(|| {
		assert_ok!(set_feeder(0, Some(account(50))));
		assert_noop!(feed(0, 100_000_000), Error::<Test>::NotFeeder);
		let origin = RuntimeOrigin::signed(account(50));
		assert_ok!(PriceFeed::feed(origin, price(100_000_000)));
		assert_eq!(validators(), [account(0)]);
		// The same name again changes nothing.
		assert_ok!(set_feeder(0, Some(account(50))));
		assert_ok!(set_feeder(0, None));
		assert!(!Feeders::<Test>::contains_key(account(50)));
		assert!(!FeederOf::<Test>::contains_key(account(0)));
		assert_ok!(set_feeder(0, None));
		check();
	});
}

#[test]
fn feeder_of_another_validator_is_refused() {
	chain_of(2).execute_with(|| {
		assert_noop!(set_feeder(0, Some(feeder(1))), Error::<Test>::FeederOfAnother);
		assert_ok!(set_feeder(1, None));
		assert_ok!(set_feeder(0, Some(feeder(1))));
		check();
	});
}

#[test]
fn only_validators_of_the_present_set_name_feeders() {
	chain_of(2).execute_with(|| {
		assert_noop!(set_feeder(9, Some(account(50))), Error::<Test>::NotValidator);
		// Who left can still take the name back.
		set_validators(vec![account(1)]);
		assert_noop!(set_feeder(0, Some(account(50))), Error::<Test>::NotValidator);
		assert_ok!(set_feeder(0, None));
		check();
	});
}

#[test]
fn who_leaves_the_set_leaves_the_feeds() {
	chain_of(3).execute_with(|| {
		(0..3).for_each(|n| fed(n, 100_000_000));
		set_validators(vec![account(2), account(0), account(7)]);
		next_block(6_000);
		assert_eq!(validators(), [account(0), account(2)]);
		assert_noop!(feed(1, 100_000_000), Error::<Test>::NotValidator);
		// Who comes back feeds at once.
		set_validators(vec![account(0), account(1)]);
		fed(1, 100_000_000);
		assert_eq!(validators(), [account(0), account(1)]);
		check();
	});
}

#[test]
fn full_set_feeds() {
	chain_of(1).execute_with(|| {
		let count = VALIDATORS_MAX;
		let of = |n: u32, kind: u8| {
			let mut bytes = [kind; 32];
			bytes[..4].copy_from_slice(&n.to_le_bytes());
			AccountId32::new(bytes)
		};
		set_validators((0..count).map(|n| of(n, 1)).collect());
		for n in 0..count {
			let validator = RuntimeOrigin::signed(of(n, 1));
			assert_ok!(PriceFeed::set_feeder(validator, Some(of(n, 2))));
			let feeder = RuntimeOrigin::signed(of(n, 2));
			assert_ok!(PriceFeed::feed(feeder, price(100_000_000 + u64::from(n))));
		}
		let info = PriceFeed::price_info().expect("the state is readable");
		assert_eq!((info.fresh_feeders, info.quorum), (count, count / 2));
		assert_eq!(info.spot, Some(price(100_000_000 + u64::from(count / 2) - 1)));
		check();
	});
}

#[test]
fn check_says_what_the_call_would_say() {
	chain_of(2).execute_with(|| {
		let check = |n: u8, nano_usd| PriceFeed::check_feed(&feeder(n), price(nano_usd));
		assert_eq!(check(0, 100_000_000), Ok(()));
		assert_eq!(check(9, 100_000_000), Err(FeedRefusal::NotFeeder));
		assert_eq!(
			PriceFeed::check_feed(&account(0), price(100_000_000)),
			Err(FeedRefusal::NotFeeder)
		);
		fed(0, 100_000_000);
		assert_eq!(check(0, 200_000_000), Err(FeedRefusal::TooSoon));
		next_block(6_000);
		assert_eq!(check(0, 100_999_999), Err(FeedRefusal::TooSoon));
		assert_eq!(check(0, 101_000_000), Ok(()));
		run_to(4 * MINUTE_MS);
		assert_eq!(check(0, 100_000_000), Ok(()));
		// Who left the set is no feeder, also before the first block of the session.
		set_validators(vec![account(1)]);
		assert_eq!(check(0, 100_000_000), Err(FeedRefusal::NotFeeder));
		check_nothing_changed();
	});
}

/// What only looks at the state leaves it as it was.
fn check_nothing_changed() {
	assert_eq!(validators(), [account(0)]);
	check();
}

#[test]
fn nothing_is_fed_while_the_feeds_are_unreadable_and_they_stay() {
	chain_of(2).execute_with(|| {
		fed(0, 100_000_000);
		let key = crate::pallet::Feeds::<Test>::hashed_key();
		let good = unhashed::get_raw(&key).expect("there is one");
		unhashed::put_raw(&key, &[7]);
		assert_noop!(feed(1, 200_000_000), Error::<Test>::Unreadable);
		assert_eq!(
			PriceFeed::check_feed(&feeder(1), price(200_000_000)),
			Err(FeedRefusal::Unreadable)
		);
		assert_eq!(PriceFeed::price_info(), None);
		// The price becomes stale, and what was known last stays.
		run_to(11 * MINUTE_MS);
		assert_eq!(<PriceFeed as groma_traits::Prices>::mint_price(), None);
		assert_eq!(unhashed::get_raw(&key), Some(vec![7]));
		unhashed::put_raw(&key, &good);
		fed(1, 200_000_000);
		check();
	});
}

/// Damages what lies under a key, lets `test` try something, and mends it.
fn while_damaged(key: &[u8], test: impl FnOnce()) {
	let good = unhashed::get_raw(key).expect("there is one");
	unhashed::put_raw(key, &[7]);
	test();
	assert!(PriceFeed::do_try_state().is_err());
	assert_eq!(unhashed::get_raw(key), Some(vec![7]), "it was overwritten");
	unhashed::put_raw(key, &good);
}

#[test]
fn feeder_that_does_not_decode_is_neither_absent_nor_overwritten() {
	chain_of(2).execute_with(|| {
		while_damaged(&Feeders::<Test>::hashed_key_for(feeder(0)), || {
			assert_noop!(feed(0, 100_000_000), Error::<Test>::Unreadable);
			let refused = PriceFeed::check_feed(&feeder(0), price(100_000_000));
			assert_eq!(refused, Err(FeedRefusal::Unreadable));
			assert_noop!(set_feeder(1, Some(feeder(0))), Error::<Test>::Unreadable);
			fed(1, 100_000_000);
		});
		while_damaged(&FeederOf::<Test>::hashed_key_for(account(0)), || {
			assert_noop!(set_feeder(0, Some(account(50))), Error::<Test>::Unreadable);
			assert_noop!(set_feeder(0, None), Error::<Test>::Unreadable);
		});
		fed(0, 100_000_000);
		check();
	});
}

#[test]
fn time_counts_for_which_a_feed_was_fresh_until_the_next_one() {
	chain_of(2).execute_with(|| {
		let fed_ms = |n: u8| FedMs::<AccountId32>::get().get(&account(n)).copied();
		fed(0, 100_000_000);
		assert_eq!(fed_ms(0), None);
		run_to(MINUTE_MS);
		// The price moved: feeding more often does not count more.
		fed(0, 200_000_000);
		assert_eq!(fed_ms(0), Some(MINUTE_MS));
		run_to(5 * MINUTE_MS);
		fed(0, 200_000_000);
		assert_eq!(fed_ms(0), Some(5 * MINUTE_MS));
		// A feed is fresh for ten minutes.
		run_to(60 * MINUTE_MS);
		fed(0, 200_000_000);
		assert_eq!(fed_ms(0), Some(15 * MINUTE_MS));
		assert_eq!(fed_ms(1), None);
		check();
	});
}
