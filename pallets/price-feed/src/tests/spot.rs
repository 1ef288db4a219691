//! The spot price, its quorum and its end, and the price before there is any.

use frame_support::{assert_noop, traits::Hooks};
use groma_traits::Prices;
use sp_runtime::Perbill;

use super::*;
use crate::pallet::{Error, FeePrice, State};

fn spot() -> Option<u64> {
	PriceFeed::price_info().and_then(|info| info.spot).map(|price| price.nano_usd())
}

#[test]
fn spot_is_the_lower_median_when_half_of_the_set_is_fresh() {
	chain_of(4).execute_with(|| {
		fed(3, 900_000_000);
		assert_eq!(spot(), None);
		fed(0, 100_000_000);
		assert_eq!(spot(), Some(100_000_000));
		fed(1, 200_000_000);
		assert_eq!(spot(), Some(200_000_000));
		fed(2, 300_000_000);
		assert_eq!(spot(), Some(200_000_000));
		check();
	});
}

#[test]
fn half_of_the_set_cannot_raise_the_price() {
	chain_of(4).execute_with(|| {
		[100_000_000, 101_000_000, 10u64.pow(15), 10u64.pow(15)]
			.into_iter()
			.enumerate()
			.for_each(|(n, nano_usd)| fed(n as u8, nano_usd));
		assert_eq!(spot(), Some(101_000_000));
		check();
	});
}

#[test]
fn price_is_stale_when_the_quorum_is_ten_minutes_old() {
	chain_of(4).execute_with(|| {
		fed(0, 100_000_000);
		run_to(MINUTE_MS);
		fed(1, 110_000_000);
		run_to(3 * MINUTE_MS);
		fed(2, 120_000_000);
		// Without the first feed there are two left, which is a quorum; without the second one.
		run_to(11 * MINUTE_MS - 1);
		assert!(PriceFeed::mint_price().is_some());
		next_block(1);
		assert_eq!((PriceFeed::mint_price(), spot()), (None, None));
		// Fees and claims go on with what was known last.
		assert_eq!(PriceFeed::last_good(), price(110_000_000));
		assert_eq!(PriceFeed::closed_epoch_mean(), price(BOOTSTRAP));
		let info = PriceFeed::price_info().expect("the state is readable");
		assert_eq!((info.fresh_feeders, info.quorum, info.validators), (1, 2, 4));
		assert_eq!(info.age_ms, Some(8 * MINUTE_MS));
		check();
	});
}

#[test]
fn feed_that_is_too_old_no_longer_counts_in_the_median() {
	chain_of(2).execute_with(|| {
		fed(0, 100_000_000);
		run_to(5 * MINUTE_MS);
		fed(1, 200_000_000);
		assert_eq!(spot(), Some(100_000_000));
		// The hooks of a block know the time of the one before.
		run_to(10 * MINUTE_MS);
		next_block(6_000);
		assert_eq!(spot(), Some(200_000_000));
		check();
	});
}

#[test]
fn price_is_stale_when_the_set_grows_beyond_its_quorum() {
	chain_of(2).execute_with(|| {
		fed(0, 100_000_000);
		fed(1, 100_000_000);
		set_validators((0..5).map(account).collect());
		next_block(6_000);
		assert_eq!(PriceFeed::mint_price(), None);
		set_validators((0..4).map(account).collect());
		next_block(6_000);
		assert_eq!(PriceFeed::mint_price(), Some(price(100_000_000)));
		check();
	});
}

#[test]
fn quorum_is_governed_and_rounds_up() {
	chain_of(5).execute_with(|| {
		for (percent, validators, quorum) in
			[(50, 5, 3), (50, 4, 2), (34, 3, 2), (66, 3, 2), (66, 300, 198), (50, 1, 1), (50, 0, 1)]
		{
			Quorum::set(&Perbill::from_percent(percent));
			assert_eq!(PriceFeed::quorum(validators), quorum, "{percent} % of {validators}");
		}
		check();
	});
}

#[test]
fn quorum_outside_of_its_bounds_is_refused() {
	for (percent, is_fine) in [(33, false), (34, true), (66, true), (67, false)] {
		let outcome = std::panic::catch_unwind(|| {
			chain_of(1).execute_with(|| {
				Quorum::set(&Perbill::from_percent(percent));
				<PriceFeed as Hooks<u64>>::integrity_test();
			});
		});
		assert_eq!(outcome.is_ok(), is_fine, "{percent} %");
	}
}

#[test]
fn bootstrap_price_stands_for_every_price_until_the_first_quorum() {
	chain_of(2).execute_with(|| {
		let all =
			|| (PriceFeed::mint_price(), PriceFeed::closed_epoch_mean(), PriceFeed::last_good());
		let bootstrap = price(BOOTSTRAP);
		assert_eq!(all(), (Some(bootstrap), bootstrap, bootstrap));
		run_to(60 * MINUTE_MS);
		BootstrapPrice::set(&price(20_000_000));
		assert_eq!(PriceFeed::mint_price(), Some(price(20_000_000)));
		fed(0, 100_000_000);
		assert_eq!(all(), (Some(price(100_000_000)), price(20_000_000), price(100_000_000)));
		// It ended permanently, whatever becomes of the parameter and of the feeds.
		BootstrapPrice::set(&bootstrap);
		run_to(now() + 20 * MINUTE_MS);
		assert_eq!(all(), (None, price(20_000_000), price(100_000_000)));
		let info = PriceFeed::price_info().expect("the state is readable");
		assert_eq!(info.bootstrap, None);
		check();
	});
}

#[test]
fn bootstrap_price_ends_in_its_window_without_a_quorum() {
	chain_of(2).execute_with(|| {
		BootstrapWindows::set(&(START + 2));
		CurrentWindow::set(&(START + 1));
		next_block(6_000);
		assert_eq!(PriceFeed::mint_price(), Some(price(BOOTSTRAP)));
		CurrentWindow::set(&(START + 2));
		next_block(6_000);
		assert_eq!(PriceFeed::mint_price(), None);
		assert_eq!(PriceFeed::last_good(), price(BOOTSTRAP));
		assert_eq!(PriceFeed::closed_epoch_mean(), price(BOOTSTRAP));
		// A longer time does not bring it back.
		BootstrapWindows::set(&(START + 10));
		next_block(6_000);
		assert_eq!(PriceFeed::mint_price(), None);
		check();
	});
}

#[test]
fn nothing_is_worked_out_while_the_chain_stands_still() {
	chain_of(2).execute_with(|| {
		fed(0, 100_000_000);
		let before = State::<Test>::get();
		StandsStill::set(&true);
		run_to(11 * MINUTE_MS);
		assert_eq!(State::<Test>::get(), before);
		// What is stale is stale all the same.
		assert_eq!(PriceFeed::mint_price(), None);
		StandsStill::set(&false);
		next_block(6_000);
		assert_ne!(State::<Test>::get(), before);
		check();
	});
}

#[test]
fn nothing_is_minted_or_fed_while_the_state_is_unreadable() {
	chain_of(1).execute_with(|| {
		fed(0, 100_000_000);
		frame_support::storage::unhashed::put_raw(&State::<Test>::hashed_key(), &[255; 9]);
		next_block(6_000);
		assert_noop!(feed(0, 200_000_000), Error::<Test>::Unreadable);
		assert_eq!(PriceFeed::mint_price(), None);
		assert_eq!(PriceFeed::last_good(), price(BOOTSTRAP));
		assert_eq!(PriceFeed::price_info(), None);
		close(1);
		assert!(PriceFeed::do_try_state().is_err());
	});
}

#[test]
fn fees_go_by_the_price_with_which_the_block_began() {
	chain_of(1).execute_with(|| {
		assert_eq!(PriceFeed::fee_price(), price(BOOTSTRAP));
		PriceFeed::on_initialize(2);
		fed(0, 200_000_000);
		assert_eq!(PriceFeed::last_good(), price(200_000_000));
		assert_eq!(PriceFeed::fee_price(), price(BOOTSTRAP), "the block began before the feed");
		PriceFeed::on_finalize(2);
		assert_eq!(PriceFeed::fee_price(), price(200_000_000), "what the next block begins with");
		assert!(!FeePrice::<Test>::exists(), "it is never part of the state");
		check();
	});
}

#[test]
fn fees_go_by_the_last_good_price_when_it_is_stale() {
	chain_of(1).execute_with(|| {
		fed(0, 200_000_000);
		run_to(60 * MINUTE_MS);
		assert_eq!(spot(), None);
		PriceFeed::on_initialize(System::block_number());
		assert_eq!(PriceFeed::fee_price(), price(200_000_000));
		PriceFeed::on_finalize(System::block_number());
		check();
	});
}
