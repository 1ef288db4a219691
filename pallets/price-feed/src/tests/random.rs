//! Random feeds, blocks, sets and epochs against every invariant, and against a model that forgets
//! nothing and works everything out again.

use groma_core::price::Price;
use groma_traits::Prices;
use proptest::prelude::*;

use super::*;
use crate::pallet::State;

#[derive(Clone, Debug)]
enum Action {
	Feed { validator: u8, nano_usd: u64 },
	Block { after_ms: u64 },
	Set { validators: u8 },
	CloseEpoch,
}

fn action() -> impl Strategy<Value = Action> {
	let nano_usd = (3u32..15, 1u64..10).prop_map(|(tens, digit)| digit * 10u64.pow(tens));
	let after_ms =
		prop_oneof![5 => 1_000u64..10_000, 3 => 30_000u64..300_000, 1 => 0u64..5_000_000];
	prop_oneof![
		6 => (0u8..6, nano_usd).prop_map(|(validator, nano_usd)| Action::Feed { validator, nano_usd }),
		4 => after_ms.prop_map(|after_ms| Action::Block { after_ms }),
		1 => (1u8..6).prop_map(|validators| Action::Set { validators }),
		1 => Just(Action::CloseEpoch),
	]
}

/// The latest feed of each validator that was ever taken, and the set.
struct Model {
	feeds: Vec<(u8, Price, u64)>,
	validators: u8,
}

impl Model {
	/// Whether a feed is to be taken.
	fn admits(&self, validator: u8, price: Price) -> bool {
		let last = self.feeds.iter().find(|(other, ..)| *other == validator);
		let is_due = last.is_none_or(|(_, last, at_ms)| {
			let age_ms = now() - at_ms;
			let distance = last.nano_usd().abs_diff(price.nano_usd());
			age_ms >= 4 * MINUTE_MS || (age_ms > 0 && distance * 100 >= last.nano_usd())
		});
		validator < self.validators && is_due
	}

	fn take(&mut self, validator: u8, price: Price) {
		self.feeds.retain(|(other, ..)| *other != validator);
		self.feeds.push((validator, price, now()));
	}

	/// The spot price of the feeds that are fresh now.
	fn spot(&self) -> Option<Price> {
		let is_fresh = |(_, _, at_ms): &&(u8, Price, u64)| now() - at_ms < 10 * MINUTE_MS;
		let mut prices: Vec<_> =
			self.feeds.iter().filter(is_fresh).map(|(_, price, _)| *price).collect();
		prices.sort();
		let quorum = usize::from(self.validators.div_ceil(2)).max(1);
		(prices.len() >= quorum).then(|| prices[(prices.len() - 1) / 2])
	}
}

/// What a chain says that it knows.
fn info() -> groma_core::api::PriceInfo {
	PriceFeed::price_info().expect("the state is readable")
}

fn perform(action: &Action, model: &mut Model) {
	match *action {
		Action::Feed { validator, nano_usd } => {
			let is_taken = model.admits(validator, price(nano_usd));
			let answer = PriceFeed::check_feed(&feeder(validator), price(nano_usd));
			assert_eq!(answer.is_ok(), is_taken);
			assert_eq!(feed(validator, nano_usd).is_ok(), is_taken);
			if is_taken {
				model.take(validator, price(nano_usd));
				assert_eq!(info().spot, model.spot());
			}
		}
		Action::Block { after_ms } => {
			next_block(after_ms);
			// The next hooks know the time of this block.
			next_block(0);
			assert_eq!(info().spot, model.spot());
		}
		Action::Set { validators } => {
			model.validators = validators;
			model.feeds.retain(|(validator, ..)| *validator < validators);
			set_validators((0..validators).map(account).collect());
			next_block(0);
			assert_eq!(info().spot, model.spot());
		}
		Action::CloseEpoch => close(1),
	}
}

/// No price comes from elsewhere than from feeds and the bootstrap price.
fn check_bounds(seen: &[u64]) {
	let within = |price: Option<Price>| {
		let nano_usd = price.map_or(seen[0], Price::nano_usd);
		seen.iter().any(|low| *low <= nano_usd) && seen.iter().any(|high| *high >= nano_usd)
	};
	let known = info();
	let all = [known.spot, known.mean, known.mint, Some(known.epoch_mean), Some(known.last_good)];
	assert!(all.into_iter().all(within), "{known:?} of {seen:?}");
	assert!(known.mint.is_none() || known.bootstrap.is_some() || known.mint <= known.spot);
	assert!(known.mint.is_none() || known.bootstrap.is_some() || known.mint <= known.mean);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(200))]

	#[test]
	fn prices_follow_from_the_feeds(actions in proptest::collection::vec(action(), 1..120)) {
		chain_of(6).execute_with(|| {
			let mut model = Model { feeds: Vec::new(), validators: 6 };
			let mut seen = vec![BOOTSTRAP];
			for action in &actions {
				if let Action::Feed { nano_usd, .. } = action {
					seen.push(*nano_usd);
				}
				perform(action, &mut model);
				check();
				check_bounds(&seen);
			}
			assert_eq!(PriceFeed::mint_price(), info().mint);
		});
	}

	#[test]
	fn mean_is_that_of_the_integral(
		feeds in proptest::collection::vec((1_000_000u64..1_000_000_000, 1u64..600_000), 1..60),
	) {
		chain_of(1).execute_with(|| {
			let mut expected = feeds[0].0 as f64;
			for (nano_usd, held_ms) in feeds {
				// Each holds less than it takes to be stale, and is taken if it differs by enough.
				let is_taken = feed(0, nano_usd).is_ok();
				let spot = info().spot.expect("it is fresh").nano_usd() as f64;
				assert!(!is_taken || spot == nano_usd as f64);
				let market = State::<Test>::get().and_then(|state| state.market).expect("fed");
				let fresh_ms = (market.stale_at_ms - FIRST_MS - now()).min(held_ms);
				next_block(held_ms);
				expected = spot + (expected - spot) * (-(fresh_ms as f64) / 1_200_000.0).exp();
				let mean = info().mean.expect("there is one").nano_usd() as f64;
				assert!((mean - expected).abs() <= 2.0 + expected * 1e-9, "{mean} {expected}");
			}
		});
	}
}
