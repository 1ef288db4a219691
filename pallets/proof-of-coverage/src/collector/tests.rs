//! The collector against a node that is a mock: storage, pool and keystore.

use codec::{Decode, Encode};
use frame_support::assert_ok;
use groma_core::{
	DeviceId, WindowIndex,
	pool_layout::{RevealChunk, StatementChunk, chunk_key},
	statement::{REVEALS, Reveal, STATEMENTS, StatementGroup},
};
use sp_core::offchain::{
	OffchainDbExt, OffchainWorkerExt, Timestamp, TransactionPoolExt,
	testing::{TestOffchainExt, TestTransactionPoolExt},
};
use sp_io::TestExternalities;
use sp_keystore::{Keystore, KeystoreExt, testing::MemoryKeystore};
use sp_runtime::{
	AccountId32, generic::Preamble, offchain::storage::StorageValueRef, traits::Dispatchable,
};
use std::sync::Arc;

use super::{
	COLLECTOR_KEY_TYPE, Idle, LOCK_KEY, collect,
	logbook::{INCLUSION_BLOCKS, OpenLogbook},
};
use crate::{Call, mock::*};

/// What a node offers to the worker, as a test looks at it.
struct Node {
	ext: TestExternalities,
	pool: Arc<parking_lot::RwLock<sp_core::offchain::testing::PoolState>>,
	offchain: Arc<parking_lot::RwLock<sp_core::offchain::testing::OffchainState>>,
	account: AccountId32,
}

impl Node {
	fn new(devices: u32) -> Self {
		let node = Self::without_funds(devices);
		let account = node.account.clone();
		let mut node = node;
		node.run(|| {
			frame_system::Account::<Test>::mutate(&account, |data| data.providers = 1);
		});
		node
	}

	fn without_funds(devices: u32) -> Self {
		let keystore = MemoryKeystore::new();
		let key = keystore
			.sr25519_generate_new(COLLECTOR_KEY_TYPE, Some("//Collector"))
			.expect("the keystore makes a key");
		let mut node = Self::without_key(devices);
		node.account = AccountId32::new(key.0);
		node.ext.register_extension(KeystoreExt::new(keystore));
		node
	}

	fn without_key(devices: u32) -> Self {
		let mut ext = ExtBuilder::default().devices(devices).build();
		let (offchain, state) = TestOffchainExt::new();
		let (transactions, pool) = TestTransactionPoolExt::new();
		ext.register_extension(OffchainDbExt::new(offchain.clone()));
		ext.register_extension(OffchainWorkerExt::new(offchain));
		ext.register_extension(TransactionPoolExt::new(transactions));
		ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
		Self { ext, pool, offchain: state, account: account(0) }
	}

	fn run<R>(&mut self, test: impl FnOnce() -> R) -> R {
		self.ext.execute_with(test)
	}

	/// Runs the collector after the present block.
	fn collect(&mut self) -> Result<u32, Idle> {
		self.run(collect::<Test>)
	}

	/// Takes what lies in the transaction pool out of it.
	fn submitted(&mut self) -> Vec<Submitted> {
		let bytes = core::mem::take(&mut self.pool.write().transactions);
		bytes.iter().map(|bytes| Submitted::decode(bytes)).collect()
	}

	/// Puts an extrinsic into the present block.
	fn include(&mut self, submitted: &Submitted) {
		let account = self.account.clone();
		assert_eq!(submitted.signer, account);
		let call = RuntimeCall::Coverage(submitted.call.clone());
		self.run(|| {
			let nonce = frame_system::Account::<Test>::get(&account).nonce;
			assert_eq!(nonce, submitted.nonce);
			frame_system::Pallet::<Test>::inc_account_nonce(&account);
			assert_ok!(call.dispatch(RuntimeOrigin::signed(account)));
		});
	}

	/// Hands statements about a beacon to the node.
	fn pool_statements(
		&mut self,
		window: WindowIndex,
		beaconer: DeviceId,
		witnesses: impl IntoIterator<Item = DeviceId>,
	) {
		self.run(|| {
			let key = chunk_key(STATEMENTS, window, 0);
			let value = StorageValueRef::persistent(&key);
			let mut chunk = value.get::<StatementChunk>().expect("readable").unwrap_or_default();
			for witness in witnesses {
				let statement = statement(window, beaconer, witness);
				chunk.try_push(statement).expect("the chunk has room");
			}
			value.set(&chunk);
		});
	}

	fn pool_reveal(&mut self, window: WindowIndex, beaconer: DeviceId) {
		self.run(|| {
			let key = chunk_key(REVEALS, window, 0);
			let value = StorageValueRef::persistent(&key);
			let mut chunk = value.get::<RevealChunk>().expect("readable").unwrap_or_default();
			let signature = beacon(window, beaconer);
			chunk.try_push(Reveal { window, beaconer, signature }).expect("the chunk has room");
			value.set(&chunk);
		});
	}

	/// Ends the running window's time for beacons.
	fn ripen(&mut self) {
		self.run(|| (0..7).for_each(|_| next_block()));
	}
}

/// An extrinsic in the pool.
#[derive(Debug)]
struct Submitted {
	signer: AccountId32,
	nonce: u64,
	call: Call<Test>,
}

impl Submitted {
	fn decode(bytes: &[u8]) -> Self {
		let extrinsic = Extrinsic::decode(&mut &bytes[..]).expect("an extrinsic");
		let Preamble::Signed(signer, _, extensions) = extrinsic.preamble else {
			panic!("not signed")
		};
		let RuntimeCall::Coverage(call) = extrinsic.function else { panic!("not coverage") };
		Self { signer, nonce: extensions.1.0, call }
	}

	fn groups(&self) -> &[StatementGroup] {
		match &self.call {
			Call::submit_statements { groups } => groups,
			other => panic!("not statements: {other:?}"),
		}
	}

	fn reveals(&self) -> &[Reveal] {
		match &self.call {
			Call::submit_reveals { reveals } => reveals,
			other => panic!("not reveals: {other:?}"),
		}
	}
}

#[test]
fn pooled_statements_and_reveals_come_on_chain() {
	let mut node = Node::new(6);
	node.pool_statements(START, 0, 1..4);
	node.pool_statements(START, 1, [2, 3]);
	node.ripen();
	assert_eq!(node.collect(), Ok(1));
	let bundle = node.submitted().remove(0);
	assert_eq!(bundle.groups().len(), 2);
	node.include(&bundle);
	assert_eq!(node.run(|| Coverage::witnesses(START, 0)), vec![1, 2, 3]);
	node.run(|| go_to(START + 2));
	node.pool_reveal(START, 0);
	node.pool_reveal(START, 1);
	assert_eq!(node.collect(), Ok(1));
	let bundle = node.submitted().remove(0);
	assert_eq!((bundle.nonce, bundle.reveals().len()), (1, 2));
	node.include(&bundle);
	assert_eq!(node.run(|| activity(0).last_heard), Some(START));
	node.run(|| (0..20).for_each(|_| next_block()));
	assert_eq!(node.collect(), Ok(0));
}

#[test]
fn statements_wait_for_others_until_no_more_beacons_are_sent() {
	let mut node = Node::new(6);
	node.pool_statements(START, 0, 1..4);
	assert_eq!(node.collect(), Ok(0));
	node.ripen();
	assert_eq!(node.collect(), Ok(1));
}

#[test]
fn what_does_not_fit_one_bundle_goes_into_the_next() {
	let mut node = Node::new(12);
	(0..10).for_each(|beaconer| node.pool_statements(START, beaconer, [11]));
	node.ripen();
	assert_eq!(node.collect(), Ok(2));
	let bundles = node.submitted();
	assert_eq!((bundles[0].groups().len(), bundles[1].groups().len()), (8, 2));
	assert_eq!((bundles[0].nonce, bundles[1].nonce), (0, 1));
	bundles.iter().for_each(|bundle| node.include(bundle));
	assert!(node.run(|| (0..10).all(|device| Coverage::witnesses(START, device) == vec![11])));
}

#[test]
fn nothing_is_submitted_twice_across_blocks() {
	let mut node = Node::new(6);
	node.pool_statements(START, 0, 1..4);
	node.ripen();
	assert_eq!(node.collect(), Ok(1));
	for _ in 0..3 {
		node.run(next_block);
		assert_eq!(node.collect(), Ok(0));
	}
	// What comes in later goes into an extrinsic of its own, behind the first.
	node.pool_statements(START, 0, [4]);
	assert_eq!(node.collect(), Ok(1));
	let bundles = node.submitted();
	assert_eq!(bundles.iter().map(|bundle| bundle.nonce).collect::<Vec<_>>(), vec![0, 1]);
	assert_eq!(bundles[1].groups()[0].statements.len(), 1);
}

#[test]
fn nothing_is_submitted_twice_when_the_node_restarts_before_inclusion() {
	let mut node = Node::new(6);
	node.pool_statements(START, 0, 1..4);
	node.ripen();
	assert_eq!(node.collect(), Ok(1));
	// Only the storage outlives a restart; the pool's content comes back from the network.
	let storage = node.offchain.read().persistent_storage.clone();
	let bundle = node.submitted().remove(0);
	let (offchain, state) = TestOffchainExt::new();
	state.write().persistent_storage = storage;
	node.ext.register_extension(OffchainDbExt::new(offchain.clone()));
	node.ext.register_extension(OffchainWorkerExt::new(offchain));
	node.offchain = state;
	assert_eq!(node.collect(), Ok(0));
	node.include(&bundle);
	assert_eq!(node.collect(), Ok(0));
}

#[test]
fn dropped_extrinsic_is_submitted_anew_when_its_time_is_over() {
	let mut node = Node::new(6);
	node.run(|| {
		WindowBlocks::set(&100);
		go_to(START + 1);
	});
	node.pool_statements(START + 1, 0, 1..4);
	node.run(|| (0..70).for_each(|_| next_block()));
	assert_eq!(node.collect(), Ok(1));
	let lost = node.submitted().remove(0);
	for _ in 0..INCLUSION_BLOCKS {
		node.run(next_block);
		assert_eq!(node.collect(), Ok(0));
	}
	node.run(next_block);
	assert_eq!(node.collect(), Ok(1));
	let again = node.submitted().remove(0);
	assert_eq!((again.nonce, again.groups()), (lost.nonce, lost.groups()));
}

#[test]
fn items_come_on_chain_when_a_fork_drops_their_extrinsic() {
	let mut node = Node::new(6);
	node.run(|| {
		WindowBlocks::set(&100);
		go_to(START + 1);
	});
	node.pool_statements(START + 1, 0, 1..4);
	node.run(|| (0..70).for_each(|_| next_block()));
	assert_eq!(node.collect(), Ok(1));
	let bundle = node.submitted().remove(0);
	// One branch includes the extrinsic.
	node.ext.commit_all().expect("the state is committed");
	let before = node.ext.as_backend();
	node.run(next_block);
	node.include(&bundle);
	assert_eq!(node.collect(), Ok(0));
	// The other, which wins, does not: the state is that of before.
	node.ext.commit_all().expect("the state is committed");
	node.ext.backend = before;
	node.run(next_block);
	assert_eq!(node.run(|| Coverage::witnesses(START + 1, 0)), Vec::<DeviceId>::new());
	// The pool has the extrinsic again, so nothing is submitted beside it.
	assert_eq!(node.collect(), Ok(0));
	node.run(|| (0..INCLUSION_BLOCKS).for_each(|_| next_block()));
	assert_eq!(node.collect(), Ok(1));
	let again = node.submitted().remove(0);
	assert_eq!((again.nonce, again.groups()), (bundle.nonce, bundle.groups()));
	node.include(&again);
	assert_eq!(node.run(|| Coverage::witnesses(START + 1, 0)), vec![1, 2, 3]);
}

#[test]
fn later_extrinsics_are_not_stuck_behind_a_dropped_one() {
	let mut node = Node::new(6);
	node.run(|| {
		WindowBlocks::set(&100);
		go_to(START + 1);
	});
	node.pool_statements(START + 1, 0, [1]);
	node.run(|| (0..70).for_each(|_| next_block()));
	assert_eq!(node.collect(), Ok(1));
	node.run(|| (0..5).for_each(|_| next_block()));
	node.pool_statements(START + 1, 0, [2]);
	assert_eq!(node.collect(), Ok(1));
	node.submitted();
	node.run(|| (0..6).for_each(|_| next_block()));
	assert_eq!(node.collect(), Ok(1));
	let again = node.submitted().remove(0);
	assert_eq!(again.nonce, 0);
	assert_eq!(again.groups()[0].statements[0].observation.witness, 1);
}

#[test]
fn one_run_works_at_a_time() {
	let mut node = Node::new(6);
	node.pool_statements(START, 0, 1..4);
	node.ripen();
	node.run(|| {
		let deadline = Timestamp::from_unix_millis(30_000);
		StorageValueRef::persistent(LOCK_KEY).set(&deadline);
	});
	assert_eq!(node.collect(), Err(Idle::Locked));
	// The lock of a run that died is void after its deadline.
	node.offchain.write().timestamp = Timestamp::from_unix_millis(30_001);
	assert_eq!(node.collect(), Ok(1));
}

#[test]
fn run_gives_up_when_another_wrote_the_logbook() {
	let mut node = Node::new(6);
	let account = node.account.clone();
	node.run(|| {
		let mut slow = OpenLogbook::open(&account);
		let mut fast = OpenLogbook::open(&account);
		fast.book.next_reveals = None;
		fast.book.flights.push(super::logbook::Flight {
			nonce: 0,
			hash: [0; 32],
			submitted_at: 1,
			reports: vec![],
		});
		assert_eq!(fast.save(), Ok(()));
		slow.book.flights.clear();
		assert_eq!(slow.save(), Err(Idle::Overtaken));
		assert_eq!(OpenLogbook::open(&account).book.flights.len(), 1);
	});
}

#[test]
fn node_without_a_key_does_not_collect() {
	let mut node = Node::without_key(6);
	node.pool_statements(START, 0, 1..4);
	node.ripen();
	assert_eq!(node.collect(), Err(Idle::NoKey));
	assert!(node.submitted().is_empty());
}

#[test]
fn account_without_funds_submits_nothing() {
	let mut node = Node::without_funds(6);
	node.pool_statements(START, 0, 1..4);
	node.ripen();
	assert_eq!(node.collect(), Err(Idle::Unfunded));
	node.run(|| super::run::<Test>(System::block_number()));
	assert!(node.submitted().is_empty());
}

#[test]
fn what_the_chain_would_refuse_is_left_out() {
	let mut node = Node::new(6);
	node.pool_statements(START, 0, [1, 2, 1]);
	node.run(|| {
		let key = chunk_key(STATEMENTS, START, 0);
		let value = StorageValueRef::persistent(&key);
		let mut chunk = value.get::<StatementChunk>().expect("readable").expect("present");
		let mut forged = chunk[0];
		forged.observation.witness = 3;
		chunk.try_push(forged).expect("room");
		forged.beaconer = 77;
		chunk.try_push(forged).expect("room");
		value.set(&chunk);
	});
	node.ripen();
	assert_eq!(node.collect(), Ok(1));
	let bundle = node.submitted().remove(0);
	assert_eq!(bundle.groups().len(), 1);
	assert_eq!(bundle.groups()[0].statements.len(), 2);
}

#[test]
fn unreadable_chunks_and_logbooks_stop_nothing() {
	let mut node = Node::new(6);
	let account = node.account.clone();
	node.pool_statements(START, 0, 1..4);
	node.run(|| {
		let good: StatementChunk = StorageValueRef::persistent(&chunk_key(STATEMENTS, START, 0))
			.get()
			.expect("readable")
			.expect("present");
		let set = |key: &[u8], bytes: &[u8]| {
			sp_io::offchain::local_storage_set(
				sp_core::offchain::StorageKind::PERSISTENT,
				key,
				bytes,
			);
		};
		set(&chunk_key(STATEMENTS, START, 0), &[255; 40]);
		set(&chunk_key(STATEMENTS, START, 1), &good.encode());
		let mut key = b"groma/collector/2/logbook/".to_vec();
		account.encode_to(&mut key);
		set(&key, &[255; 9]);
	});
	node.ripen();
	assert_eq!(node.collect(), Ok(1));
	assert_eq!(node.submitted().remove(0).groups()[0].statements.len(), 3);
}

#[test]
fn too_many_waiting_extrinsics_hold_the_next_back() {
	let mut node = Node::new(12);
	node.run(|| {
		WindowBlocks::set(&100);
		go_to(START + 1);
		(0..70).for_each(|_| next_block());
	});
	for witness in 1..5 {
		node.pool_statements(START + 1, 0, [witness]);
		assert_eq!(node.collect(), Ok(1));
	}
	node.pool_statements(START + 1, 0, [5]);
	assert_eq!(node.collect(), Ok(0));
	let bundles = node.submitted();
	node.include(&bundles[0]);
	assert_eq!(node.collect(), Ok(1));
	assert_eq!(node.submitted().remove(0).nonce, 4);
}
