//! The price of GRM on the whole runtime: a feeder of the genesis feeds it.

use codec::{Decode, Encode};
use frame_support::assert_ok;
use groma_core::{api::PriceInfo, price::Price};
use groma_runtime::{
	Balances, Emission, PriceFeed, Runtime, RuntimeOrigin,
	configs::parameters::{RuntimeParameters, dynamic_params::price_feed},
};
use groma_traits::Prices;
use pallet_price_feed::Call;
use sp_keyring::Sr25519Keyring::{AliceStash, Bob};

use crate::chain::{Chain, account, as_root};

/// The bootstrap price of test chains.
const BOOTSTRAP: Price = Price::clamp(100_000_000);

fn price(nano_usd: u64) -> Price {
	Price::new(nano_usd).expect("a price")
}

fn info(chain: &mut Chain) -> PriceInfo {
	chain.with(PriceFeed::price_info).expect("the price is readable")
}

#[test]
fn feeder_of_the_genesis_feeds_free_of_charge() {
	let mut chain = Chain::development();
	chain.blocks(1);
	let before = info(&mut chain);
	assert_eq!((before.bootstrap, before.mint), (Some(BOOTSTRAP), Some(BOOTSTRAP)));
	assert_eq!((before.validators, before.quorum, before.fresh_feeders), (1, 1, 0));
	let balance = |chain: &mut Chain| chain.with(|| Balances::free_balance(account(AliceStash)));
	let held = balance(&mut chain);
	assert_ok!(chain.submit(AliceStash, Call::feed { price: price(250_000_000) }));
	assert_eq!(balance(&mut chain), held);
	let after = info(&mut chain);
	assert_eq!((after.spot, after.bootstrap), (Some(price(250_000_000)), None));
	// Too soon: that costs a fee.
	assert!(chain.submit(AliceStash, Call::feed { price: price(250_000_000) }).is_err());
	assert!(balance(&mut chain) < held);
	assert!(chain.submit(Bob, Call::feed { price: price(1_000_000) }).is_err());
	assert_eq!(info(&mut chain).spot, Some(price(250_000_000)));
	chain.check();
}

#[test]
fn epoch_has_the_mean_of_its_prices_when_it_is_closed() {
	let mut chain = Chain::development();
	chain.blocks(1);
	assert_ok!(chain.submit(AliceStash, Call::feed { price: price(250_000_000) }));
	assert_eq!(chain.with(PriceFeed::closed_epoch_mean), BOOTSTRAP);
	let open = chain.with(Emission::epoch_info).expect("the clock runs").current;
	while chain.with(Emission::epoch_info).expect("the clock runs").last_closed != Some(open) {
		chain.blocks(1);
	}
	assert_eq!(chain.with(PriceFeed::closed_epoch_mean), price(250_000_000));
	// No one feeds for ten minutes of slots of a second: what is known last goes on.
	chain.blocks(600);
	assert_eq!(chain.with(PriceFeed::mint_price), None);
	assert_eq!(chain.with(PriceFeed::last_good), price(250_000_000));
	chain.check();
}

#[test]
fn bootstrap_price_is_governed_until_the_first_quorum() {
	let parameter = RuntimeParameters::PriceFeed(price_feed::Parameters::BootstrapPrice(
		price_feed::BootstrapPrice,
		Some(price(300_000_000)),
	));
	let set = || {
		as_root(pallet_governed_parameters::Call::set_parameter { parameter: parameter.clone() })
	};
	let mut chain = Chain::development();
	chain.blocks(1);
	chain.with(set);
	assert_eq!(chain.with(PriceFeed::mint_price), Some(price(300_000_000)));
	assert_ok!(chain.submit(AliceStash, Call::feed { price: price(250_000_000) }));
	assert_eq!(chain.with(PriceFeed::mint_price), Some(price(250_000_000)));
	chain.check();
}

#[test]
fn quorum_is_refused_when_it_is_out_of_its_range() {
	Chain::development().with(|| {
		for (percent, is_taken) in [(33, false), (34, true), (66, true), (67, false)] {
			let parameter = RuntimeParameters::PriceFeed(price_feed::Parameters::QuorumPercent(
				price_feed::QuorumPercent,
				Some(percent),
			));
			let set = pallet_governed_parameters::Pallet::<Runtime>::set_parameter;
			assert_eq!(set(RuntimeOrigin::root(), parameter).is_ok(), is_taken, "{percent} %");
		}
	});
}

#[test]
fn bootstrap_price_does_not_decode_when_it_is_out_of_its_range() {
	let parameter = RuntimeParameters::PriceFeed(price_feed::Parameters::BootstrapPrice(
		price_feed::BootstrapPrice,
		Some(Price::MAX),
	));
	let mut bytes = parameter.encode();
	assert_eq!(RuntimeParameters::decode(&mut &bytes[..]), Ok(parameter));
	let end = bytes.len() - 8;
	bytes[end..].copy_from_slice(&999u64.to_le_bytes());
	assert!(RuntimeParameters::decode(&mut &bytes[..]).is_err());
}
