//! The price of GRM on the whole runtime: a feeder of the genesis feeds it.

use codec::{Decode, Encode};
use frame_support::assert_ok;
use groma_core::{api::PriceInfo, money::GRM, price::Price};
use groma_runtime::{
	Balances, Emission, PriceFeed, Runtime, RuntimeCall, RuntimeOrigin,
	configs::parameters::{RuntimeParameters, dynamic_params::price_feed},
	senders::CheckSender,
};
use groma_traits::Prices;
use pallet_price_feed::Call;
use scale_info::MetaType;
use sp_keyring::Sr25519Keyring::{self, Alice, AliceStash, Bob};
use sp_runtime::{
	traits::{BlakeTwo256, Hash, TransactionExtension},
	transaction_validity::{InvalidTransaction, TransactionValidityError},
};

use crate::chain::{Chain, account, as_root, signed};

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
	// Too soon: it is in no block.
	let again = Call::feed { price: price(250_000_000) };
	assert_eq!(refusal(&mut chain, AliceStash, again), Some(InvalidTransaction::Future));
	assert_eq!(balance(&mut chain), held);
	chain.check();
}

/// Why a call is refused in the pool, which is why no block takes it either.
fn refusal(
	chain: &mut Chain,
	signer: Sr25519Keyring,
	call: impl Into<RuntimeCall>,
) -> Option<InvalidTransaction> {
	let transaction = chain.with(|| signed(signer, call, 0, 0));
	let in_pool = chain.validate(transaction.clone()).map(drop);
	let in_block = chain.block(vec![transaction]).remove(0).map(drop);
	assert_eq!(in_pool, in_block);
	match in_pool {
		Ok(()) => None,
		Err(TransactionValidityError::Invalid(reason)) => Some(reason),
		Err(unknown) => panic!("{unknown:?}"),
	}
}

#[test]
fn feed_of_a_stranger_is_in_no_pool_and_no_block_however_it_is_wrapped() {
	let mut chain = Chain::development();
	chain.blocks(1);
	let feed = || -> RuntimeCall { Call::feed { price: price(1_000_000) }.into() };
	let held = chain.with(|| Balances::free_balance(account(Bob)));
	// A validator feeds by its feeder alone.
	for stranger in [Bob, Alice] {
		assert_eq!(refusal(&mut chain, stranger, feed()), Some(InvalidTransaction::BadSigner));
	}
	let batch = pallet_utility::Call::batch { calls: vec![feed(), feed()] };
	let derived = pallet_utility::Call::as_derivative { index: 0, call: Box::new(feed()) };
	let proxied = pallet_proxy::Call::proxy {
		real: account(AliceStash).into(),
		force_proxy_type: None,
		call: Box::new(feed()),
	};
	let wrapped: [RuntimeCall; 3] = [batch.into(), derived.into(), proxied.into()];
	for call in wrapped {
		assert_eq!(refusal(&mut chain, Bob, call), Some(InvalidTransaction::Call));
	}
	assert_eq!(chain.with(|| Balances::free_balance(account(Bob))), held);
	assert_eq!(info(&mut chain).spot, None);
	// A batch that holds anything else is ordinary, and pays as all do.
	let remark: RuntimeCall = frame_system::Call::remark { remark: vec![] }.into();
	let mixed = pallet_utility::Call::batch { calls: vec![feed(), remark] };
	assert_eq!(refusal(&mut chain, Bob, mixed), None);
	assert_eq!(info(&mut chain).spot, None);
	chain.check();
}

#[test]
fn feed_gets_through_when_tipped_transactions_fill_the_block() {
	let mut chain = Chain::development();
	chain.blocks(1);
	let mut transactions = chain.with(|| {
		let megabyte: RuntimeCall = frame_system::Call::remark { remark: vec![1; 1 << 20] }.into();
		let tipped = |ahead| signed(Bob, megabyte.clone(), ahead, 10 * GRM);
		(0..6).map(tipped).collect::<Vec<_>>()
	});
	let feed = || Call::feed { price: price(250_000_000) };
	let validity = |chain: &mut Chain, ahead| {
		let feed = chain.with(|| signed(AliceStash, feed(), ahead, 0));
		chain.validate(feed).expect("it is due")
	};
	let (first, second) = (validity(&mut chain, 0), validity(&mut chain, 1));
	let tipped = chain.validate(transactions[0].clone()).expect("it is valid");
	assert!(first.priority > tipped.priority, "{first:?} {tipped:?}");
	// A pool takes one feed of a feeder at a time.
	assert!(first.provides.iter().any(|tag| second.provides.contains(tag)), "{second:?}");
	transactions.push(chain.with(|| signed(AliceStash, feed(), 0, 0)));
	let outcomes = chain.block(transactions);
	let (feed, crowd) = outcomes.split_last().expect("there are outcomes");
	assert!(crowd[0].is_ok() && crowd[5].is_err(), "transactions fill their share and no more");
	assert_eq!(*feed, Ok(Ok(())));
	assert_eq!(info(&mut chain).mint, Some(price(250_000_000)));
	chain.check();
}

#[test]
fn other_operational_calls_are_in_no_pool_and_no_block() {
	let mut chain = Chain::development();
	chain.blocks(1);
	let heap = frame_system::Call::set_heap_pages { pages: 8 };
	assert_eq!(refusal(&mut chain, Bob, heap), Some(InvalidTransaction::Call));
	let heap = RuntimeCall::from(frame_system::Call::set_heap_pages { pages: 8 });
	let batch = pallet_utility::Call::batch { calls: vec![heap] };
	assert_eq!(refusal(&mut chain, Bob, batch), Some(InvalidTransaction::Call));
	let code = || frame_system::Call::apply_authorized_upgrade { code: vec![1, 2, 3] };
	assert_eq!(refusal(&mut chain, Bob, code()), Some(InvalidTransaction::Call));
	let authorize = |code: &[u8]| {
		let code_hash = BlakeTwo256::hash(code);
		as_root(frame_system::Call::authorize_upgrade { code_hash });
	};
	chain.with(|| authorize(&[1]));
	assert_eq!(refusal(&mut chain, Bob, code()), Some(InvalidTransaction::Call));
	chain.with(|| authorize(&[1, 2, 3]));
	let transaction = chain.with(|| signed(Bob, code(), 0, 0));
	assert!(chain.validate(transaction).is_ok());
}

#[test]
fn extension_that_checks_senders_has_the_bytes_name_and_type_of_the_sdk() {
	type Theirs = frame_system::CheckNonZeroSender<Runtime>;
	assert_eq!(CheckSender::new().encode(), Theirs::new().encode());
	assert_eq!(
		<CheckSender as TransactionExtension<RuntimeCall>>::IDENTIFIER,
		<Theirs as TransactionExtension<RuntimeCall>>::IDENTIFIER,
	);
	assert_eq!(MetaType::new::<CheckSender>(), MetaType::new::<Theirs>());
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
