//! The worker against a node that is a mock: sources, storage, pool and keystore.

use std::sync::Arc;

use codec::{Decode, Encode};
use frame_support::assert_ok;
use groma_core::{
	price::Price,
	price_layout::{
		Source,
		SourceFailure::{self, *},
		WorkerReport, lock_key, report_key, sources_key,
	},
};
use sp_core::offchain::{
	OffchainDbExt, OffchainWorkerExt, StorageKind, Timestamp, TransactionPoolExt,
	testing::{OffchainState, PoolState, TestOffchainExt, TestTransactionPoolExt},
};
use sp_io::TestExternalities;
use sp_keystore::{Keystore, KeystoreExt, testing::MemoryKeystore};
use sp_runtime::{AccountId32, generic::Preamble, offchain::storage::StorageValueRef};

use super::{
	web::{Behaviour, Web, says},
	*,
};
use crate::{
	FEEDER_KEY_TYPE,
	pallet::Call,
	sources::{ANSWER_BYTES_MAX, TOTAL_MS},
	worker::{Idle, SPREAD_BLOCKS, feed, is_block_of, run},
};

/// What a node offers to the worker, as a test looks at it.
struct Node {
	ext: TestExternalities,
	web: Web,
	pool: Arc<parking_lot::RwLock<PoolState>>,
	_offchain: Arc<parking_lot::RwLock<OffchainState>>,
	account: AccountId32,
}

impl Node {
	/// The node of validator 0, whose feeder is funded, in a block in which it asks its sources.
	fn new() -> Self {
		let mut node = Self::with_key(true);
		let account = node.account.clone();
		node.run(|| {
			frame_system::Account::<Test>::mutate(&account, |data| data.providers = 1);
			let validator = RuntimeOrigin::signed(crate::mock::account(0));
			assert_ok!(PriceFeed::set_feeder(validator, Some(account.clone())));
		});
		node.go_to_turn();
		node
	}

	fn with_key(has_key: bool) -> Self {
		let mut ext = chain_of(1);
		let web = Web::default();
		let (offchain, state) = TestOffchainExt::new();
		let (transactions, pool) = TestTransactionPoolExt::new();
		let keystore = MemoryKeystore::new();
		let mut account = AccountId32::new([0; 32]);
		if has_key {
			let key = keystore.sr25519_generate_new(FEEDER_KEY_TYPE, Some("//Feeder"));
			account = AccountId32::new(key.expect("the keystore makes a key").0);
		}
		ext.register_extension(OffchainDbExt::new(offchain));
		ext.register_extension(OffchainWorkerExt::new(web.clone()));
		ext.register_extension(TransactionPoolExt::new(transactions));
		ext.register_extension(KeystoreExt::new(keystore));
		Self { ext, web, pool, _offchain: state, account }
	}

	fn run<R>(&mut self, test: impl FnOnce() -> R) -> R {
		self.ext.execute_with(test)
	}

	/// Makes blocks until one in which this node asks its sources.
	fn go_to_turn(&mut self) {
		let account = self.account.clone();
		self.run(|| {
			next_block(6_000);
			while !is_block_of(&account, System::block_number() as u32) {
				next_block(6_000);
			}
		});
	}

	/// Names sources, which behave like this.
	fn ask(&mut self, behaviours: impl IntoIterator<Item = Behaviour>) {
		let mut sources = Vec::new();
		for (n, behaviour) in behaviours.into_iter().enumerate() {
			let source: Source = format!("http://{n}.example/|price").parse().expect("a source");
			self.web.0.lock().expect("free").sources.insert(source.url.clone(), behaviour);
			sources.push(source);
		}
		self.run(|| StorageValueRef::persistent(&sources_key()).set(&sources));
	}

	/// Runs the worker after the present block. Whatever comes of it, the invariants hold.
	fn feed(&mut self) -> Result<u64, Idle> {
		self.run(|| {
			let fed = feed::<Test>().map(Price::nano_usd);
			check();
			fed
		})
	}

	/// What became of the questions to each source.
	fn answers(&mut self) -> Vec<Result<u64, SourceFailure>> {
		let sources = self.report().sources.into_iter();
		let answer = |answer: Result<Price, _>| answer.map(Price::nano_usd);
		sources.map(|source| answer(source.last.expect("it was asked"))).collect()
	}

	fn report(&mut self) -> WorkerReport {
		self.run(|| StorageValueRef::persistent(&report_key()).get())
			.expect("it is readable")
			.expect("it is there")
	}

	/// Takes what lies in the transaction pool out of it.
	fn submitted(&mut self) -> Vec<Extrinsic> {
		let bytes = core::mem::take(&mut self.pool.write().transactions);
		bytes.iter().map(|bytes| Decode::decode(&mut &bytes[..]).expect("an extrinsic")).collect()
	}
}

fn price_of(extrinsic: &Extrinsic) -> Price {
	match &extrinsic.function {
		RuntimeCall::PriceFeed(Call::feed { price }) => *price,
		other => panic!("no feed: {other:?}"),
	}
}

#[test]
fn median_of_the_sources_is_fed() {
	let mut node = Node::new();
	node.ask([says(r#"{"price":0.3}"#), says(r#"{"price":"0.1"}"#), says(r#"{"price":2e-1}"#)]);
	assert_eq!(node.feed(), Ok(200_000_000));
	assert_eq!(node.answers(), [Ok(300_000_000), Ok(100_000_000), Ok(200_000_000)]);
	let submitted = node.submitted();
	assert_eq!(submitted.iter().map(price_of).collect::<Vec<_>>(), [price(200_000_000)]);
	let Preamble::Signed(signer, _, extensions) = &submitted[0].preamble else {
		panic!("not signed")
	};
	assert_eq!((signer, extensions.0.0), (&node.account, 0));
	let report = node.report();
	assert_eq!((report.price, report.feeds, report.refused), (Some(price(200_000_000)), 1, 0));
}

#[test]
fn hostile_sources_lose_their_voice_and_nothing_else() {
	let good = says(r#"{"price":0.1}"#);
	let long = format!(r#"{{"price":0.1,"x":"{}"}}"#, "a".repeat(ANSWER_BYTES_MAX));
	let digits = format!(r#"{{"price":0.{}}}"#, "1".repeat(400));
	let cases = [
		(Behaviour::Hangs, TimedOut),
		(Behaviour::Trickles(vec![b' '; 10_000], 50), TimedOut),
		(Behaviour::Floods, TooLong),
		(Behaviour::Refuses, Unreachable),
		(Behaviour::Breaks, Unreachable),
		(Behaviour::Answers(301, Vec::new()), Status),
		(Behaviour::Answers(404, br#"{"price":0.1}"#.to_vec()), Status),
		(Behaviour::Answers(204, br#"{"price":0.1}"#.to_vec()), Status),
		(says("<!DOCTYPE html><html>rate limit</html>"), NotJson),
		(says(r#"{"price":0.1"#), NotJson),
		(says(""), NotJson),
		(says(r#"{"price":NaN}"#), NotJson),
		(says(r#"{"price":null}"#), NoNumber),
		(says(r#"{"other":1}"#), NoNumber),
		(says(r#"{"price":"NaN"}"#), NoNumber),
		(says(r#"{"price":-1}"#), NoPrice),
		(says(r#"{"price":0}"#), NoPrice),
		(says(r#"{"price":1e400}"#), NoPrice),
		(says(&long), TooLong),
		(says(&digits), NoPrice),
	];
	for (behaviour, failure) in cases {
		let mut node = Node::new();
		let shown = format!("{behaviour:.40?}");
		node.ask([behaviour, good.clone(), good.clone()]);
		assert_eq!(node.feed(), Ok(100_000_000), "{shown}");
		let answers = node.answers();
		assert_eq!(answers, [Err(failure), Ok(100_000_000), Ok(100_000_000)], "{shown}");
		let web = node.web.0.lock().expect("free");
		assert!(web.now_ms <= TOTAL_MS, "{shown} took {} ms", web.now_ms);
		assert!(web.bytes <= ANSWER_BYTES_MAX + 8_192, "{shown}: {} bytes were read", web.bytes);
	}
}

#[test]
fn slow_source_is_read_to_its_end_when_there_is_time() {
	let mut node = Node::new();
	let slow = Behaviour::Trickles(br#"{"price":0.1}"#.to_vec(), 150);
	node.ask([slow, says(r#"{"price":0.2}"#)]);
	// A byte takes longer than a look, so that none ever comes.
	assert_eq!(node.feed(), Err(Idle::TooFewAnswers));
	let slow = Behaviour::Trickles(br#"{"price":0.1}"#.to_vec(), 90);
	node.ask([slow, says(r#"{"price":0.2}"#)]);
	assert_eq!(node.feed(), Ok(100_000_000));
}

#[test]
fn liar_among_three_sources_changes_nothing() {
	let mut node = Node::new();
	node.ask([says(r#"{"price":1000}"#), says(r#"{"price":0.1}"#), says(r#"{"price":0.1}"#)]);
	assert_eq!(node.feed(), Ok(100_000_000));
}

#[test]
fn price_takes_two_answers_and_half_of_the_sources() {
	let good = || says(r#"{"price":0.1}"#);
	let bad = || Behaviour::Refuses;
	let cases = [
		(vec![good()], Err(Idle::TooFewAnswers)),
		(vec![good(), bad()], Err(Idle::TooFewAnswers)),
		(vec![good(), good()], Ok(100_000_000)),
		(vec![good(), good(), bad(), bad()], Ok(100_000_000)),
		(vec![good(), good(), bad(), bad(), bad()], Err(Idle::TooFewAnswers)),
	];
	for (behaviours, outcome) in cases {
		let mut node = Node::new();
		node.ask(behaviours);
		assert_eq!(node.feed(), outcome);
	}
}

#[test]
fn price_is_fed_again_when_it_moved_or_it_is_time() {
	let mut node = Node::new();
	let ask = |node: &mut Node, usd: &str| {
		let text = format!(r#"{{"price":{usd}}}"#);
		node.ask([says(&text), says(&text)]);
		node.feed()
	};
	assert_eq!(ask(&mut node, "0.1"), Ok(100_000_000));
	let account = node.account.clone();
	let take = |node: &mut Node| {
		let price = price_of(&node.submitted()[0]);
		let origin = RuntimeOrigin::signed(account.clone());
		node.run(|| {
			assert_ok!(PriceFeed::feed(origin, price));
		});
	};
	take(&mut node);
	node.go_to_turn();
	assert_eq!(ask(&mut node, "0.1009"), Err(Idle::NotDue));
	assert_eq!(ask(&mut node, "0.101"), Ok(101_000_000));
	take(&mut node);
	// Every tenth block of six seconds is this node's.
	for _ in 0..3 {
		node.go_to_turn();
		assert_eq!(ask(&mut node, "0.101"), Err(Idle::NotDue));
	}
	node.go_to_turn();
	assert_eq!(ask(&mut node, "0.101"), Ok(101_000_000));
	assert_eq!(node.report().feeds, 3);
}

#[test]
fn feeders_ask_in_one_block_of_ten_and_not_all_in_the_same() {
	let turns: std::collections::BTreeSet<_> = (0..50u8)
		.map(|n| {
			let blocks =
				(100..100 + SPREAD_BLOCKS).filter(|block| is_block_of(&account(n), *block));
			let blocks: Vec<_> = blocks.collect();
			assert_eq!(blocks.len(), 1);
			blocks[0]
		})
		.collect();
	assert!(turns.len() >= 8, "{turns:?}");
	let mut node = Node::new();
	node.ask([says(r#"{"price":0.1}"#), says(r#"{"price":0.1}"#)]);
	node.run(|| next_block(6_000));
	assert_eq!(node.feed(), Err(Idle::OthersBlock));
	assert!(node.web.0.lock().expect("free").asked.is_empty());
}

#[test]
fn node_without_key_name_funds_or_sources_feeds_nothing() {
	assert_eq!(Node::with_key(false).feed(), Err(Idle::NoKey));
	assert_eq!(Node::with_key(true).feed(), Err(Idle::NotNamed));
	let mut node = Node::new();
	assert_eq!(node.feed(), Err(Idle::NoSources));
	node.ask([says(r#"{"price":0.1}"#), says(r#"{"price":0.1}"#)]);
	let account = node.account.clone();
	node.run(|| frame_system::Account::<Test>::remove(&account));
	assert_eq!(node.feed(), Err(Idle::Unfunded));
	node.run(|| run::<Test>(System::block_number()));
	node.run(|| StandsStill::set(&true));
	assert_eq!(node.feed(), Err(Idle::Standstill));
	// Who left the set is not asked for.
	node.run(|| set_validators(vec![crate::mock::account(7)]));
	assert_eq!(node.feed(), Err(Idle::NotNamed));
	assert!(node.submitted().is_empty());
}

#[test]
fn one_run_works_at_a_time() {
	let mut node = Node::new();
	node.ask([says(r#"{"price":0.1}"#), says(r#"{"price":0.1}"#)]);
	node.run(|| {
		StorageValueRef::persistent(&lock_key()).set(&Timestamp::from_unix_millis(2 * TOTAL_MS));
	});
	assert_eq!(node.feed(), Err(Idle::Locked));
	assert!(node.web.0.lock().expect("free").asked.is_empty());
	// The lock of a run that died is void after its deadline.
	node.web.0.lock().expect("free").now_ms = 2 * TOTAL_MS + 1;
	assert_eq!(node.feed(), Ok(100_000_000));
}

#[test]
fn unreadable_values_of_the_node_stop_nothing() {
	let mut node = Node::new();
	node.run(|| {
		for key in [sources_key(), report_key()] {
			sp_io::offchain::local_storage_set(StorageKind::PERSISTENT, &key, &[255; 9]);
		}
	});
	assert_eq!(node.feed(), Err(Idle::NoSources));
	node.ask([says(r#"{"price":0.1}"#), says(r#"{"price":0.1}"#)]);
	assert_eq!(node.feed(), Ok(100_000_000));
	assert_eq!(node.report().feeds, 1);
}

#[test]
fn sources_beyond_the_most_are_not_asked() {
	let mut node = Node::new();
	node.ask((0..40).map(|_| says(r#"{"price":0.1}"#)));
	assert_eq!(node.feed(), Ok(100_000_000));
	let asked = node.web.0.lock().expect("free").asked.len();
	assert_eq!(asked, groma_core::protocol::PRICE_SOURCES_MAX);
}

#[test]
fn failures_are_counted_over_runs() {
	let mut node = Node::new();
	node.ask([Behaviour::Hangs, Behaviour::Refuses]);
	assert_eq!(node.feed(), Err(Idle::TooFewAnswers));
	assert_eq!(node.feed(), Err(Idle::TooFewAnswers));
	let report = node.report();
	let failures: Vec<_> = report.sources.iter().map(|source| source.failures).collect();
	assert_eq!(failures, [[0, 2, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0, 0]]);
	assert_eq!((report.price, report.feeds), (None, 0));
	assert!(report.encode().len() < 200);
}
