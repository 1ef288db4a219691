//! The collector against a node that is a mock: storage, pool and keystore.

use codec::{Decode, Encode};
use groma_core::{
	DeviceId, WindowIndex,
	pool_layout::chunk_key,
	statement::{Report, ReportKey},
};
use sp_core::offchain::{
	OffchainDbExt, OffchainWorkerExt, Timestamp, TransactionPoolExt,
	testing::{TestOffchainExt, TestTransactionPoolExt},
};
use sp_io::TestExternalities;
use sp_keystore::{Keystore, KeystoreExt, testing::MemoryKeystore};
use sp_runtime::{AccountId32, generic::Preamble, offchain::storage::StorageValueRef};
use std::sync::Arc;

use crate::{
	COLLECTOR_KEY_TYPE,
	logbook::{INCLUSION_BLOCKS, OpenLogbook, Overtaken, SignedFor, Submission},
	mock::*,
	worker::{Idle, LOCK_KEY, collect, run},
};

/// What a node offers to the worker, as a test looks at it.
struct Node {
	ext: TestExternalities,
	pool: Arc<parking_lot::RwLock<sp_core::offchain::testing::PoolState>>,
	offchain: Arc<parking_lot::RwLock<sp_core::offchain::testing::OffchainState>>,
	account: AccountId32,
}

impl Node {
	fn new() -> Self {
		let mut node = Self::without_funds();
		let account = node.account.clone();
		node.run(|| {
			frame_system::Account::<Test>::mutate(&account, |data| data.providers = 1);
		});
		node
	}

	fn without_funds() -> Self {
		let keystore = MemoryKeystore::new();
		let key = keystore
			.sr25519_generate_new(COLLECTOR_KEY_TYPE, Some("//Collector"))
			.expect("the keystore makes a key");
		let mut node = Self::without_key();
		node.account = AccountId32::new(key.0);
		node.ext.register_extension(KeystoreExt::new(keystore));
		node
	}

	fn without_key() -> Self {
		let mut ext = new_chain();
		let (offchain, state) = TestOffchainExt::new();
		let (transactions, pool) = TestTransactionPoolExt::new();
		ext.register_extension(OffchainDbExt::new(offchain.clone()));
		ext.register_extension(OffchainWorkerExt::new(offchain));
		ext.register_extension(TransactionPoolExt::new(transactions));
		ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
		Self { ext, pool, offchain: state, account: AccountId32::new([0; 32]) }
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
		self.run(|| {
			let nonce = frame_system::Account::<Test>::get(&account).nonce;
			assert_eq!(nonce, submitted.nonce);
			frame_system::Pallet::<Test>::inc_account_nonce(&account);
			let noted = Noted::get().into_iter().chain(submitted.notes.iter().copied());
			Noted::set(&noted.collect());
		});
	}

	/// Hands notes about a subject to the node.
	fn pool<const SERIES: u8>(
		&mut self,
		window: WindowIndex,
		subject: DeviceId,
		authors: impl IntoIterator<Item = DeviceId>,
	) {
		self.run(|| {
			let key = chunk_key(SERIES, window, 0);
			let value = StorageValueRef::persistent(&key);
			let mut chunk = value.get::<Vec<Note<SERIES>>>().expect("readable").unwrap_or_default();
			chunk.extend(authors.into_iter().map(|author| Note { window, subject, author }));
			value.set(&chunk);
		});
	}

	/// Makes so many blocks.
	fn blocks(&mut self, count: u32) {
		self.run(|| (0..count).for_each(|_| next_block()));
	}
}

/// An extrinsic in the pool.
#[derive(Debug)]
struct Submitted {
	signer: AccountId32,
	nonce: u64,
	notes: Vec<ReportKey>,
}

impl Submitted {
	fn decode(bytes: &[u8]) -> Self {
		let extrinsic = Extrinsic::decode(&mut &bytes[..]).expect("an extrinsic");
		let Preamble::Signed(signer, _, extensions) = extrinsic.preamble else {
			panic!("not signed")
		};
		Self { signer, nonce: extensions.0.0, notes: notes_of(&extrinsic.function) }
	}

	fn authors(&self) -> Vec<DeviceId> {
		self.notes.iter().map(|key| key.author).collect()
	}
}

fn keys<const SERIES: u8>(
	window: WindowIndex,
	subject: DeviceId,
	authors: impl IntoIterator<Item = DeviceId>,
) -> Vec<ReportKey> {
	let note = |author| Note::<SERIES> { window, subject, author }.key();
	authors.into_iter().map(note).collect()
}

#[test]
fn pooled_reports_come_on_chain() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, 1..4);
	node.pool::<1>(START, 1, [2, 3]);
	assert_eq!(node.collect(), Ok(1));
	let bundle = node.submitted().remove(0);
	assert_eq!(bundle.notes.len(), 5);
	node.include(&bundle);
	node.pool::<2>(START, 0, [0]);
	assert_eq!(node.collect(), Ok(1));
	let bundle = node.submitted().remove(0);
	assert_eq!((bundle.nonce, bundle.notes.clone()), (1, keys::<2>(START, 0, [0])));
	node.include(&bundle);
	node.blocks(20);
	assert_eq!(node.collect(), Ok(0));
}

#[test]
fn series_that_is_due_soonest_is_bundled_first() {
	let mut node = Node::new();
	// Of both series the oldest notes are due in the present window: the first in the tuple goes
	// first.
	node.pool::<2>(START, 0, [1]);
	node.pool::<1>(START, 0, [1]);
	assert_eq!(node.collect(), Ok(2));
	let bundles = node.submitted();
	let series: Vec<_> = bundles.iter().map(|bundle| bundle.notes[0].series).collect();
	assert_eq!(series, [1, 2]);
	assert_eq!(bundles.iter().map(|bundle| bundle.nonce).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn reports_of_other_windows_are_left_out() {
	let mut node = Node::new();
	node.pool::<1>(START - 2, 0, [1]);
	node.pool::<1>(START - 1, 0, [2]);
	node.pool::<1>(START + 1, 0, [3]);
	node.run(|| {
		// A chunk of one window that holds a note of another.
		let misplaced = vec![Note::<1> { window: START - 5, subject: 0, author: 4 }];
		StorageValueRef::persistent(&chunk_key(1, START, 0)).set(&misplaced);
	});
	assert_eq!(node.collect(), Ok(1));
	assert_eq!(node.submitted().remove(0).authors(), [2]);
}

#[test]
fn what_does_not_fit_one_bundle_goes_into_the_next() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, 0..10);
	assert_eq!(node.collect(), Ok(2));
	let bundles = node.submitted();
	assert_eq!((bundles[0].notes.len(), bundles[1].notes.len()), (8, 2));
	assert_eq!((bundles[0].nonce, bundles[1].nonce), (0, 1));
	bundles.iter().for_each(|bundle| node.include(bundle));
	assert_eq!(node.run(Noted::get), keys::<1>(START, 0, 0..10));
}

#[test]
fn nothing_is_submitted_twice_across_blocks() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, 1..4);
	assert_eq!(node.collect(), Ok(1));
	for _ in 0..3 {
		node.run(next_block);
		assert_eq!(node.collect(), Ok(0));
	}
	// What comes in later goes into a separate extrinsic, behind the first.
	node.pool::<1>(START, 0, [4]);
	assert_eq!(node.collect(), Ok(1));
	let bundles = node.submitted();
	assert_eq!(bundles.iter().map(|bundle| bundle.nonce).collect::<Vec<_>>(), vec![0, 1]);
	assert_eq!(bundles[1].authors(), [4]);
}

#[test]
fn nothing_is_submitted_twice_when_the_node_restarts_before_inclusion() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, 1..4);
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
fn dropped_extrinsic_is_submitted_again_when_its_time_is_over() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, 1..4);
	assert_eq!(node.collect(), Ok(1));
	let lost = node.submitted().remove(0);
	for _ in 1..INCLUSION_BLOCKS {
		node.run(next_block);
		assert_eq!(node.collect(), Ok(0));
	}
	node.run(next_block);
	assert_eq!(node.collect(), Ok(1));
	let again = node.submitted().remove(0);
	assert_eq!((again.nonce, again.notes), (lost.nonce, lost.notes));
}

#[test]
fn reports_come_on_chain_when_a_fork_drops_their_extrinsic() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, 1..4);
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
	assert_eq!(node.run(Noted::get), []);
	// The pool has the extrinsic again, so nothing is submitted next to it.
	assert_eq!(node.collect(), Ok(0));
	node.blocks(INCLUSION_BLOCKS);
	assert_eq!(node.collect(), Ok(1));
	let again = node.submitted().remove(0);
	assert_eq!((again.nonce, &again.notes), (bundle.nonce, &bundle.notes));
	node.include(&again);
	assert_eq!(node.run(Noted::get), keys::<1>(START, 0, 1..4));
}

#[test]
fn later_extrinsics_are_not_stuck_behind_a_dropped_one() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, [1]);
	assert_eq!(node.collect(), Ok(1));
	node.blocks(INCLUSION_BLOCKS / 2);
	node.pool::<1>(START, 0, [2]);
	assert_eq!(node.collect(), Ok(1));
	node.submitted();
	node.blocks(INCLUSION_BLOCKS / 2);
	assert_eq!(node.collect(), Ok(1));
	let again = node.submitted().remove(0);
	assert_eq!((again.nonce, again.authors()), (0, vec![1]));
}

#[test]
fn one_run_works_at_a_time() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, 1..4);
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
	let mut node = Node::new();
	let account = node.account.clone();
	node.run(|| {
		let mut slow = OpenLogbook::open(&account);
		let mut fast = OpenLogbook::open(&account);
		fast.book.submissions.push(Submission {
			nonce: 0,
			hash: [0; 32],
			submitted_at: 1,
			signed_for: SignedFor { spec: 1, transaction: 0 },
			reports: vec![],
		});
		assert_eq!(fast.save(), Ok(()));
		slow.book.submissions.clear();
		assert_eq!(slow.save(), Err(Overtaken));
		assert_eq!(OpenLogbook::open(&account).book.submissions.len(), 1);
	});
}

#[test]
fn node_without_a_key_does_not_collect() {
	let mut node = Node::without_key();
	node.pool::<1>(START, 0, 1..4);
	assert_eq!(node.collect(), Err(Idle::NoKey));
	assert!(node.submitted().is_empty());
}

#[test]
fn account_without_funds_submits_nothing() {
	let mut node = Node::without_funds();
	node.pool::<1>(START, 0, 1..4);
	assert_eq!(node.collect(), Err(Idle::Unfunded));
	node.run(|| run::<Test>(System::block_number()));
	assert!(node.submitted().is_empty());
}

#[test]
fn what_the_chain_would_refuse_is_left_out() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, [1, 2, 1]);
	node.pool::<1>(START, NO_SUBJECT, [3]);
	assert_eq!(node.collect(), Ok(1));
	assert_eq!(node.submitted().remove(0).authors(), [1, 2]);
}

#[test]
fn unreadable_chunks_and_logbooks_stop_nothing() {
	let mut node = Node::new();
	let account = node.account.clone();
	node.pool::<1>(START, 0, 1..4);
	node.run(|| {
		let good = StorageValueRef::persistent(&chunk_key(1, START, 0))
			.get::<Vec<Note<1>>>()
			.expect("readable")
			.expect("present");
		let set = |key: &[u8], bytes: &[u8]| {
			sp_io::offchain::local_storage_set(
				sp_core::offchain::StorageKind::PERSISTENT,
				key,
				bytes,
			);
		};
		set(&chunk_key(1, START, 0), &[255; 40]);
		set(&chunk_key(1, START, 1), &good.encode());
		let mut key = b"groma/collector/3/logbook/".to_vec();
		account.encode_to(&mut key);
		set(&key, &[255; 9]);
	});
	assert_eq!(node.collect(), Ok(1));
	assert_eq!(node.submitted().remove(0).authors(), [1, 2, 3]);
}

#[test]
fn too_many_waiting_extrinsics_hold_the_next_back() {
	let mut node = Node::new();
	for author in 1..5 {
		node.pool::<1>(START, 0, [author]);
		assert_eq!(node.collect(), Ok(1));
	}
	node.pool::<1>(START, 0, [5]);
	assert_eq!(node.collect(), Ok(0));
	let bundles = node.submitted();
	node.include(&bundles[0]);
	assert_eq!(node.collect(), Ok(1));
	assert_eq!(node.submitted().remove(0).nonce, 4);
}

#[test]
fn look_goes_on_in_the_next_run_when_there_is_much() {
	let mut node = Node::new();
	node.run(|| {
		for chunk in 0..10 {
			// The bundle does not get full.
			let subject = if chunk == 0 { NO_SUBJECT } else { 0 };
			let note = Note::<1> { window: START - 1, subject, author: chunk };
			StorageValueRef::persistent(&chunk_key(1, START - 1, chunk)).set(&vec![note]);
		}
	});
	assert_eq!(node.collect(), Ok(1));
	assert_eq!(node.submitted().remove(0).authors(), (1..8).collect::<Vec<_>>());
	node.run(next_block);
	assert_eq!(node.collect(), Ok(1));
	assert_eq!(node.submitted().remove(0).authors(), [8, 9]);
}

/// Says that these notes are on chain, brought by another collector.
fn brought_by_another(node: &mut Node, notes: &[ReportKey]) {
	node.run(|| {
		let noted = Noted::get().into_iter().chain(notes.iter().copied());
		Noted::set(&noted.collect());
	});
}

#[test]
fn nonce_of_a_stale_bundle_is_signed_again_at_once() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, 0..10);
	assert_eq!(node.collect(), Ok(2));
	let bundles = node.submitted();
	// Authors leave the first out now, and the second waits behind it.
	brought_by_another(&mut node, &bundles[0].notes);
	node.run(next_block);
	assert_eq!(node.collect(), Ok(1));
	let again = node.submitted().remove(0);
	assert_eq!((again.nonce, &again.notes), (0, &bundles[1].notes));
	node.include(&again);
	node.run(next_block);
	assert_eq!(node.collect(), Ok(0));
	assert_eq!(node.run(Noted::get).len(), 10);
}

#[test]
fn bundle_of_which_half_is_new_yet_stays_in_flight() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, 1..5);
	assert_eq!(node.collect(), Ok(1));
	let bundle = node.submitted().remove(0);
	brought_by_another(&mut node, &bundle.notes[2..]);
	node.run(next_block);
	assert_eq!(node.collect(), Ok(0));
}

#[test]
fn what_a_partial_copy_left_out_is_signed_again_alone() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, 1..6);
	assert_eq!(node.collect(), Ok(1));
	let bundle = node.submitted().remove(0);
	brought_by_another(&mut node, &bundle.notes[..4]);
	node.run(next_block);
	assert_eq!(node.collect(), Ok(1));
	let again = node.submitted().remove(0);
	assert_eq!((again.nonce, &again.notes[..]), (bundle.nonce, &bundle.notes[4..]));
}

#[test]
fn bundle_of_a_window_that_is_over_blocks_no_nonce() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, [1]);
	assert_eq!(node.collect(), Ok(1));
	node.submitted();
	node.run(|| NextWindow::set(&(START + 2)));
	node.pool::<1>(START + 2, 0, [2]);
	assert_eq!(node.collect(), Ok(1));
	let next = node.submitted().remove(0);
	assert_eq!((next.nonce, next.authors()), (0, vec![2]));
}

#[test]
fn bundles_are_signed_again_at_once_after_an_upgrade() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, 0..10);
	assert_eq!(node.collect(), Ok(2));
	let before = node.submitted();
	node.run(next_block);
	assert_eq!(node.collect(), Ok(0));
	node.run(|| SpecVersion::set(&2));
	assert_eq!(node.collect(), Ok(2));
	let again = node.submitted();
	let carried = |bundles: &[Submitted]| -> Vec<_> {
		bundles.iter().map(|bundle| (bundle.nonce, bundle.notes.clone())).collect()
	};
	assert_eq!(carried(&again), carried(&before));
	node.run(next_block);
	assert_eq!(node.collect(), Ok(0), "once is enough");
}

#[test]
fn nothing_is_submitted_while_the_chain_stands_still() {
	let mut node = Node::new();
	node.pool::<1>(START, 0, [1]);
	node.run(|| StandsStill::set(&true));
	for _ in 0..30 {
		node.blocks(1);
		assert_eq!(node.collect(), Err(Idle::StandsStill));
	}
	assert!(node.submitted().is_empty());
}
