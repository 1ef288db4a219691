//! The mean, and the means of epochs: each price counts by the time that it held.

use groma_traits::Prices;

use super::*;
use crate::pallet::Event;

const BEFORE: u64 = 1_000_000_000;
const AFTER: u64 = 10_000_000_000;

fn mean() -> u64 {
	PriceFeed::price_info().and_then(|info| info.mean).expect("there is a mean").nano_usd()
}

/// Both validators feed this price every four minutes, for so long.
fn feed_for(nano_usd: u64, duration_ms: u64) {
	let until = now() + duration_ms;
	while now() < until {
		let _too_soon_or_taken = [feed(0, nano_usd), feed(1, nano_usd)];
		run_to((now() + 4 * MINUTE_MS).min(until));
	}
}

#[test]
fn true_jump_is_followed_to_within_a_twentieth_in_an_hour() {
	for (before, after) in [(BEFORE, AFTER), (AFTER, BEFORE)] {
		chain_of(2).execute_with(|| {
			feed_for(before, 60 * MINUTE_MS);
			assert_eq!(mean(), before);
			feed_for(after, 60 * MINUTE_MS);
			let (missing, jump) = (mean().abs_diff(after), before.abs_diff(after));
			assert!(missing * 20 <= jump, "{missing} of {jump} are missing");
			assert!(missing * 25 >= jump, "{missing} of {jump} are missing");
			check();
		});
	}
}

#[test]
fn price_is_minted_at_the_lower_of_spot_and_mean() {
	chain_of(2).execute_with(|| {
		feed_for(BEFORE, 10 * MINUTE_MS);
		feed_for(AFTER, MINUTE_MS);
		assert!((1_430_000_000..1_450_000_000).contains(&mean()), "{}", mean());
		assert_eq!(PriceFeed::mint_price(), Some(price(mean())));
		feed_for(BEFORE / 2, MINUTE_MS);
		assert!(mean() > BEFORE);
		assert_eq!(PriceFeed::mint_price(), Some(price(BEFORE / 2)));
		check();
	});
}

#[test]
fn one_liar_after_a_silence_moves_the_mean_by_nothing_but_the_time_that_it_held() {
	chain_of(2).execute_with(|| {
		feed_for(BEFORE, 20 * MINUTE_MS);
		// Both are silent for a day.
		run_to(now() + 24 * 60 * MINUTE_MS);
		assert_eq!(PriceFeed::mint_price(), None);
		fed(1, AFTER);
		assert_eq!(mean(), BEFORE);
		assert_eq!(PriceFeed::mint_price(), Some(price(BEFORE)));
		run_to(now() + MINUTE_MS);
		// 1 + 9 (1 - e^(-1/20))
		assert_eq!(mean(), 1_438_935_179);
		check();
	});
}

#[test]
fn chain_that_stands_still_weighs_no_price_beyond_its_time() {
	chain_of(2).execute_with(|| {
		feed_for(BEFORE, 20 * MINUTE_MS);
		fed(0, AFTER);
		fed(1, AFTER);
		// The next block comes a day later.
		next_block(24 * 60 * MINUTE_MS);
		assert_eq!(PriceFeed::mint_price(), None);
		next_block(6_000);
		// Ten minutes: 1 + 9 (1 - e^(-1/2)).
		assert_eq!(mean(), 4_541_224_062);
		assert_eq!(PriceFeed::last_good(), price(AFTER));
		check();
	});
}

#[test]
fn epoch_has_the_mean_of_its_prices_by_the_time_that_they_held() {
	chain_of(2).execute_with(|| {
		feed_for(BEFORE, 30 * MINUTE_MS);
		feed_for(AFTER, 10 * MINUTE_MS);
		assert_eq!(PriceFeed::closed_epoch_mean(), price(BOOTSTRAP));
		close(7);
		let expected = price((30 * BEFORE + 10 * AFTER) / 40);
		assert_eq!(PriceFeed::closed_epoch_mean(), expected);
		let event = Event::<Test>::EpochPriced { epoch: 7, mean: expected };
		assert!(System::events().iter().any(|record| record.event == event.clone().into()));
		// Nothing of it is left in the next.
		feed_for(AFTER, 20 * MINUTE_MS);
		close(8);
		assert_eq!(PriceFeed::closed_epoch_mean(), price(AFTER));
		check();
	});
}

#[test]
fn epoch_without_a_price_keeps_the_mean_of_the_one_before() {
	chain_of(2).execute_with(|| {
		close(1);
		assert_eq!(PriceFeed::closed_epoch_mean(), price(BOOTSTRAP));
		feed_for(BEFORE, 10 * MINUTE_MS);
		close(2);
		run_to(now() + 60 * MINUTE_MS);
		// The old price held for some minutes of this epoch.
		close(3);
		assert_eq!(PriceFeed::closed_epoch_mean(), price(BEFORE));
		run_to(now() + 60 * MINUTE_MS);
		close(4);
		assert_eq!(PriceFeed::closed_epoch_mean(), price(BEFORE));
		check();
	});
}

#[test]
fn spike_within_an_epoch_is_out_of_reach_of_the_closed_one() {
	chain_of(2).execute_with(|| {
		feed_for(BEFORE, 60 * MINUTE_MS);
		close(1);
		feed_for(100 * BEFORE, 60 * MINUTE_MS);
		assert_eq!(PriceFeed::closed_epoch_mean(), price(BEFORE));
		check();
	});
}
