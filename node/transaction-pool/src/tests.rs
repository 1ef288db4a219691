//! The handle on two fake pools, which hold transactions by priority.

use std::{
	collections::HashMap,
	pin::Pin,
	sync::Arc,
	time::{Duration, Instant},
};

use async_trait::async_trait;
use futures::{StreamExt, channel::mpsc, executor::block_on, stream};
use groma_core::api::TransactionTrack;
use parking_lot::Mutex;
use sc_transaction_pool_api::{
	ChainEvent, ImportNotificationStream, InPoolTransaction, LocalTransactionPool,
	MaintainedTransactionPool, PoolStatus, ReadyTransactions, TransactionFor, TransactionPool,
	TransactionPriority, TransactionSource, TransactionStatus, TransactionStatusStreamFor,
	TransactionTag, TxHash, TxInvalidityReportMap,
	error::{Error, IntoPoolError},
};
use sp_core::testing::TaskExecutor;
use sp_runtime::OpaqueExtrinsic;

use crate::{Tracks, TwoPools};

type BlockHash = sp_core::H256;
type Header = sp_runtime::generic::Header<u32, sp_runtime::traits::BlakeTwo256>;
type Block = sp_runtime::generic::Block<Header, OpaqueExtrinsic>;

/// A transaction: its bytes are its track, its priority and a number.
type Fake = [u8; 3];

#[derive(Debug)]
struct Waiting {
	hash: BlockHash,
	data: Arc<OpaqueExtrinsic>,
	priority: TransactionPriority,
}

impl InPoolTransaction for Waiting {
	type Transaction = Arc<OpaqueExtrinsic>;
	type Hash = BlockHash;

	fn data(&self) -> &Self::Transaction {
		&self.data
	}

	fn hash(&self) -> &BlockHash {
		&self.hash
	}

	fn priority(&self) -> &TransactionPriority {
		&self.priority
	}

	fn longevity(&self) -> &u64 {
		&u64::MAX
	}

	fn requires(&self) -> &[TransactionTag] {
		&[]
	}

	fn provides(&self) -> &[TransactionTag] {
		&[]
	}

	fn is_propagable(&self) -> bool {
		true
	}
}

/// An error of a pool.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Fault(#[from] Error);

impl IntoPoolError for Fault {
	fn into_pool_error(self) -> Result<Error, Self> {
		Ok(self.0)
	}
}

/// A pool of at most `max` transactions, of which the one with the lowest priority gives way.
struct FakePool {
	max: usize,
	waiting: Mutex<Vec<Arc<Waiting>>>,
	listeners: Mutex<Vec<mpsc::Sender<BlockHash>>>,
	events: Mutex<Vec<BlockHash>>,
}

fn parts(transaction: &OpaqueExtrinsic) -> Fake {
	transaction.inner().try_into().expect("it has three bytes")
}

fn transaction(parts: Fake) -> OpaqueExtrinsic {
	OpaqueExtrinsic::from_blob(parts.to_vec())
}

fn hash(parts: Fake) -> BlockHash {
	BlockHash::from_slice(&[[0; 29].as_slice(), &parts].concat())
}

impl FakePool {
	fn new(max: usize) -> Self {
		Self {
			max,
			waiting: Mutex::default(),
			listeners: Mutex::default(),
			events: Mutex::default(),
		}
	}

	fn add(&self, data: OpaqueExtrinsic) -> Result<BlockHash, Fault> {
		let parts = parts(&data);
		let priority = parts[1].into();
		let mut waiting = self.waiting.lock();
		if waiting.len() >= self.max {
			let last = waiting.last().is_some_and(|last| last.priority < priority);
			if !last {
				return Err(Error::ImmediatelyDropped.into());
			}
			waiting.pop();
		}
		let hash = hash(parts);
		waiting.push(Arc::new(Waiting { hash, data: Arc::new(data), priority }));
		waiting.sort_by_key(|it| std::cmp::Reverse(it.priority));
		for listener in self.listeners.lock().iter_mut() {
			listener.try_send(hash).expect("there is room");
		}
		Ok(hash)
	}

	fn numbers(&self) -> Vec<u8> {
		self.waiting.lock().iter().map(|it| parts(&it.data)[2]).collect()
	}
}

struct FakeReady(std::vec::IntoIter<Arc<Waiting>>);

impl Iterator for FakeReady {
	type Item = Arc<Waiting>;

	fn next(&mut self) -> Option<Arc<Waiting>> {
		self.0.next()
	}
}

impl ReadyTransactions for FakeReady {
	fn report_invalid(&mut self, _: &Arc<Waiting>) {}
}

#[async_trait]
impl TransactionPool for FakePool {
	type Block = Block;
	type Hash = BlockHash;
	type InPoolTransaction = Waiting;
	type Error = Fault;

	async fn submit_at(
		&self,
		_: BlockHash,
		_: TransactionSource,
		transactions: Vec<TransactionFor<Self>>,
	) -> Result<Vec<Result<TxHash<Self>, Fault>>, Fault> {
		Ok(transactions.into_iter().map(|it| self.add(it)).collect())
	}

	async fn submit_one(
		&self,
		_: BlockHash,
		_: TransactionSource,
		transaction: TransactionFor<Self>,
	) -> Result<TxHash<Self>, Fault> {
		self.add(transaction)
	}

	async fn submit_and_watch(
		&self,
		_: BlockHash,
		_: TransactionSource,
		transaction: TransactionFor<Self>,
	) -> Result<Pin<Box<TransactionStatusStreamFor<Self>>>, Fault> {
		self.add(transaction)?;
		Ok(Box::pin(stream::iter([TransactionStatus::Ready])))
	}

	async fn ready_at(
		&self,
		_: BlockHash,
	) -> Box<dyn ReadyTransactions<Item = Arc<Waiting>> + Send> {
		self.ready()
	}

	fn ready(&self) -> Box<dyn ReadyTransactions<Item = Arc<Waiting>> + Send> {
		Box::new(FakeReady(self.waiting.lock().clone().into_iter()))
	}

	async fn report_invalid(
		&self,
		_: Option<BlockHash>,
		invalid: TxInvalidityReportMap<BlockHash>,
	) -> Vec<Arc<Waiting>> {
		let mut waiting = self.waiting.lock();
		let (removed, kept) = waiting.drain(..).partition(|it| invalid.contains_key(&it.hash));
		*waiting = kept;
		removed
	}

	fn futures(&self) -> Vec<Waiting> {
		Vec::new()
	}

	fn status(&self) -> PoolStatus {
		let ready = self.waiting.lock().len();
		PoolStatus { ready, ready_bytes: 3 * ready, future: 0, future_bytes: 0 }
	}

	fn import_notification_stream(&self) -> ImportNotificationStream<BlockHash> {
		let (sender, receiver) = mpsc::channel(16);
		self.listeners.lock().push(sender);
		receiver
	}

	fn on_broadcasted(&self, _: HashMap<BlockHash, Vec<String>>) {}

	fn hash_of(&self, transaction: &TransactionFor<Self>) -> BlockHash {
		hash(parts(transaction))
	}

	fn ready_transaction(&self, hash: &BlockHash) -> Option<Arc<Waiting>> {
		self.waiting.lock().iter().find(|it| it.hash == *hash).cloned()
	}

	async fn ready_at_with_timeout(
		&self,
		_: BlockHash,
		_: Duration,
	) -> Box<dyn ReadyTransactions<Item = Arc<Waiting>> + Send> {
		self.ready()
	}
}

#[async_trait]
impl MaintainedTransactionPool for FakePool {
	async fn maintain(&self, event: ChainEvent<Block>) {
		self.events.lock().push(event.hash());
	}
}

impl LocalTransactionPool for FakePool {
	type Block = Block;
	type Hash = BlockHash;
	type Error = Fault;

	fn submit_local(&self, _: BlockHash, data: OpaqueExtrinsic) -> Result<BlockHash, Fault> {
		self.add(data)
	}
}

/// The first byte says the track.
struct FirstByte;

impl Tracks<Block> for FirstByte {
	fn track(&self, _: BlockHash, transaction: &OpaqueExtrinsic) -> TransactionTrack {
		match parts(transaction)[0] {
			BUNDLE => TransactionTrack::Bundle,
			OWN => TransactionTrack::OwnCall,
			_ => TransactionTrack::Ordinary,
		}
	}
}

const ORDINARY: u8 = 0;
const BUNDLE: u8 = 1;
const OWN: u8 = 2;

/// Two pools of four, with at most two own calls.
fn pools() -> TwoPools<FakePool, FirstByte> {
	TwoPools::new(FakePool::new(4), FakePool::new(4), FirstByte, 2, TaskExecutor::new())
}

fn submit(pools: &TwoPools<FakePool, FirstByte>, parts: Fake) -> bool {
	let submission =
		pools.submit_one(BlockHash::zero(), TransactionSource::External, transaction(parts));
	block_on(submission).is_ok()
}

/// The numbers of what is ready, in order.
fn ready(pools: &TwoPools<FakePool, FirstByte>) -> Vec<u8> {
	pools.ready().map(|it| parts(it.data())[2]).collect()
}

#[test]
fn neither_track_evicts_the_other() {
	let pools = pools();
	for number in 0..4 {
		assert!(submit(&pools, [ORDINARY, 1, number]));
	}
	for number in 10..14 {
		assert!(submit(&pools, [BUNDLE, 200, number]));
	}
	assert_eq!(pools.ordinary.numbers(), [0, 1, 2, 3]);
	assert_eq!(pools.evidence.numbers(), [10, 11, 12, 13]);
	// Rank decides within a track.
	assert!(!submit(&pools, [BUNDLE, 200, 20]));
	assert!(submit(&pools, [ORDINARY, 2, 21]));
	assert_eq!(pools.ordinary.numbers(), [21, 0, 1, 2]);
	assert!(submit(&pools, [BUNDLE, 201, 22]));
	assert_eq!(pools.evidence.numbers(), [22, 10, 11, 12]);
	let status = pools.status();
	assert_eq!((status.ready, status.ready_bytes, status.future), (8, 24, 0));
}

#[test]
fn what_is_ready_comes_from_both_in_turn() {
	let pools = pools();
	for parts in
		[[ORDINARY, 9, 1], [ORDINARY, 8, 2], [ORDINARY, 7, 3], [BUNDLE, 3, 11], [BUNDLE, 2, 12]]
	{
		assert!(submit(&pools, parts));
	}
	assert_eq!(ready(&pools), [11, 1, 12, 2, 3]);
	let at = block_on(pools.ready_at(BlockHash::zero())).count();
	let in_time = block_on(pools.ready_at_with_timeout(BlockHash::zero(), Duration::ZERO)).count();
	assert_eq!((at, in_time), (5, 5));
}

#[test]
fn pool_of_which_nothing_fits_lets_the_other_go_first() {
	let mut pools = pools();
	pools.evidence.max = 16;
	pools.ordinary.max = 16;
	for number in 0..8 {
		assert!(submit(&pools, [BUNDLE, 200, 100 + number]));
		assert!(submit(&pools, [ORDINARY, 100, number]));
	}
	let mut ready = pools.ready();
	let mut refused_before_the_last_ordinary = 0;
	let mut ordinary = 0;
	while let Some(next) = ready.next() {
		if parts(next.data())[0] == BUNDLE {
			ready.report_invalid(&next);
			refused_before_the_last_ordinary += u32::from(ordinary < 8);
		} else {
			ordinary += 1;
		}
	}
	assert_eq!((ordinary, refused_before_the_last_ordinary), (8, 4));
}

#[test]
fn transaction_that_is_in_both_pools_comes_once() {
	let pools = pools();
	assert!(submit(&pools, [BUNDLE, 5, 1]));
	pools.ordinary.add(transaction([BUNDLE, 5, 1])).expect("there is room");
	assert!(submit(&pools, [ORDINARY, 4, 2]));
	assert_eq!(ready(&pools), [1, 2]);
	let mut invalid = TxInvalidityReportMap::default();
	invalid.insert(hash([BUNDLE, 5, 1]), None);
	let removed = block_on(pools.report_invalid(None, invalid));
	assert_eq!(removed.len(), 2);
	assert_eq!(ready(&pools), [2]);
}

#[test]
fn own_calls_take_at_most_half_of_the_evidence() {
	let pools = pools();
	assert!(submit(&pools, [OWN, 10, 1]));
	assert!(submit(&pools, [OWN, 12, 2]));
	assert!(!submit(&pools, [OWN, 9, 3]), "two of a higher rank wait");
	assert!(!submit(&pools, [OWN, 10, 4]), "of equals the first stays");
	assert!(submit(&pools, [OWN, 11, 5]));
	assert_eq!(pools.evidence.numbers(), [2, 5]);
	assert!(submit(&pools, [BUNDLE, 1, 6]) && submit(&pools, [BUNDLE, 1, 7]));
	assert_eq!(pools.evidence.numbers(), [2, 5, 6, 7]);
}

#[test]
fn own_call_that_left_the_pool_is_no_longer_counted() {
	let pools = pools();
	assert!(submit(&pools, [OWN, 10, 1]) && submit(&pools, [OWN, 10, 2]));
	assert!(pools.submit_local(BlockHash::zero(), transaction([OWN, 99, 3])).is_err());
	let mut included = TxInvalidityReportMap::default();
	included.insert(hash([OWN, 10, 1]), None);
	block_on(pools.evidence.report_invalid(None, included));
	let block = BlockHash::repeat_byte(3);
	block_on(pools.maintain(ChainEvent::NewBlock { hash: block }));
	assert_eq!(*pools.evidence.events.lock(), [block]);
	assert_eq!(*pools.ordinary.events.lock(), [block]);
	assert!(pools.submit_local(BlockHash::zero(), transaction([OWN, 1, 3])).is_ok());
	assert!(!submit(&pools, [OWN, 1, 4]));
}

#[test]
fn both_pools_notify_of_what_comes_in() {
	let pools = pools();
	let notified = pools.import_notification_stream();
	assert!(submit(&pools, [BUNDLE, 1, 1]));
	assert!(submit(&pools, [ORDINARY, 1, 2]));
	let mut found: Vec<_> = block_on(notified.take(2).collect());
	found.sort_unstable();
	assert_eq!(found, [hash([ORDINARY, 1, 2]), hash([BUNDLE, 1, 1])]);
}

#[test]
fn notifications_wait_for_a_listener_that_reads_late() {
	const COUNT: usize = 5_000;
	let pools = pools();
	let notified = pools.import_notification_stream();
	let deadline = Instant::now() + Duration::from_secs(10);
	for number in 0..COUNT as u64 {
		let hash = BlockHash::from_low_u64_be(number);
		while pools.evidence.listeners.lock()[0].try_send(hash).is_err() {
			assert!(Instant::now() < deadline, "no one takes what the pool says");
			std::thread::yield_now();
		}
	}
	let found: Vec<_> = block_on(notified.take(COUNT).collect());
	assert_eq!(found.len(), COUNT);
}

#[test]
fn submissions_are_answered_in_their_order() {
	let pools = pools();
	let batch = [[ORDINARY, 1, 1], [BUNDLE, 1, 2], [OWN, 1, 3], [ORDINARY, 1, 4]];
	let submissions = pools.submit_at(
		BlockHash::zero(),
		TransactionSource::External,
		batch.map(transaction).to_vec(),
	);
	let hashes: Vec<_> =
		block_on(submissions).expect("they are taken").into_iter().map(Result::unwrap).collect();
	assert_eq!(hashes, batch.map(hash));
	assert_eq!(pools.ordinary.numbers(), [1, 4]);
	assert_eq!(pools.evidence.numbers(), [2, 3]);
	let watched = pools.submit_and_watch(
		BlockHash::zero(),
		TransactionSource::External,
		transaction([BUNDLE, 1, 5]),
	);
	assert!(block_on(watched).is_ok());
	assert!(pools.ready_transaction(&hash([BUNDLE, 1, 5])).is_some());
	assert!(pools.ready_transaction(&hash([BUNDLE, 1, 6])).is_none());
}
