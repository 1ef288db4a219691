//! The handle: one pool to the rest of the node, two behind it.

use std::{collections::HashMap, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{
	FutureExt, SinkExt, StreamExt,
	channel::mpsc,
	future::{self, BoxFuture},
	stream,
};
use groma_core::api::TransactionTrack;
use sc_transaction_pool_api::{
	ChainEvent, ImportNotificationStream, InPoolTransaction, LocalTransactionFor,
	LocalTransactionPool, MaintainedTransactionPool, PoolStatus, ReadyTransactions, TransactionFor,
	TransactionPool, TransactionSource, TransactionStatusStreamFor, TxHash, TxInvalidityReportMap,
	error::Error,
};
use sp_core::traits::SpawnNamed;
use sp_runtime::traits::Block as BlockT;

use super::{in_turn::InTurn, own_calls::OwnCalls, tracks::Tracks};

/// How many notifications wait for one that reads slowly. A pool of the SDK keeps 1,024, and drops
/// a listener that has not read these: it would never again hear of that pool, and of the other as
/// before. So what both pools hold waits here, and takes memory only then.
const NOTIFICATIONS_QUEUED: usize = 65_536;

/// A pool for evidence and one for everything else.
pub struct TwoPools<P: TransactionPool, T> {
	/// Bundles, and devices' own calls.
	pub(super) evidence: P,
	/// Everything else: operational calls and reports of equivocations as well.
	pub(super) ordinary: P,
	/// What knows which of the two.
	pub(super) tracks: T,
	/// The own calls among the evidence.
	pub(super) own_calls: OwnCalls<P::Hash>,
	/// Runs what joins the notifications of both.
	pub(super) spawner: Box<dyn SpawnNamed>,
}

impl<P, T> TwoPools<P, T>
where
	P: TransactionPool,
	P::Hash: Copy,
	T: Tracks<P::Block>,
{
	/// The handle of two pools. At most `own_calls_max` own calls of devices wait in that for
	/// evidence.
	pub fn new(
		evidence: P,
		ordinary: P,
		tracks: T,
		own_calls_max: usize,
		spawner: impl SpawnNamed + 'static,
	) -> Self {
		let own_calls = OwnCalls::new(own_calls_max);
		Self { evidence, ordinary, tracks, own_calls, spawner: Box::new(spawner) }
	}

	/// The pool of a track.
	fn pool(&self, track: TransactionTrack) -> &P {
		match track {
			TransactionTrack::Bundle | TransactionTrack::OwnCall => &self.evidence,
			TransactionTrack::Ordinary => &self.ordinary,
		}
	}

	/// Takes one transaction into its pool.
	async fn submit(
		&self,
		at: <P::Block as BlockT>::Hash,
		source: TransactionSource,
		transaction: TransactionFor<P>,
	) -> Result<P::Hash, P::Error> {
		let track = self.tracks.track(at, &transaction);
		let hash = self.pool(track).submit_one(at, source, transaction).await?;
		if track == TransactionTrack::OwnCall {
			self.make_room_for(hash).await?;
		}
		Ok(hash)
	}

	/// Counts an own call that came into the pool. If it is one too many, the one with the lowest
	/// priority is removed.
	async fn make_room_for(&self, hash: P::Hash) -> Result<(), P::Error> {
		// What is not ready was dropped at once.
		let Some(call) = self.evidence.ready_transaction(&hash) else { return Ok(()) };
		let Some(last) = self.own_calls.count(hash, *call.priority()) else { return Ok(()) };
		let mut removed = TxInvalidityReportMap::default();
		removed.insert(last, None);
		self.evidence.report_invalid(None, removed).await;
		if last == hash { Err(Error::ImmediatelyDropped.into()) } else { Ok(()) }
	}

	/// What is ready in both pools, one of each in turn.
	fn in_turn(
		evidence: Box<dyn ReadyTransactions<Item = Arc<P::InPoolTransaction>> + Send>,
		ordinary: Box<dyn ReadyTransactions<Item = Arc<P::InPoolTransaction>> + Send>,
	) -> Box<dyn ReadyTransactions<Item = Arc<P::InPoolTransaction>> + Send>
	where
		P::InPoolTransaction: Send + Sync + 'static,
	{
		Box::new(InTurn::new(evidence, ordinary))
	}
}

#[async_trait]
impl<P, T> TransactionPool for TwoPools<P, T>
where
	P: TransactionPool,
	P::Hash: Copy,
	P::Error: Send,
	P::InPoolTransaction: Send + Sync + 'static,
	T: Tracks<P::Block>,
{
	type Block = P::Block;
	type Hash = P::Hash;
	type InPoolTransaction = P::InPoolTransaction;
	type Error = P::Error;

	/// Each pool gets its transactions in their order: one that came before an earlier one of the
	/// same account would wait in the queue for the future, which is short.
	async fn submit_at(
		&self,
		at: <Self::Block as BlockT>::Hash,
		source: TransactionSource,
		transactions: Vec<TransactionFor<Self>>,
	) -> Result<Vec<Result<TxHash<Self>, Self::Error>>, Self::Error> {
		let tracks: Vec<TransactionTrack> =
			transactions.iter().map(|transaction| self.tracks.track(at, transaction)).collect();
		let (mut evidence, mut ordinary) = (Vec::new(), Vec::new());
		for (track, transaction) in tracks.iter().zip(transactions) {
			match track {
				TransactionTrack::Bundle | TransactionTrack::OwnCall => evidence.push(transaction),
				TransactionTrack::Ordinary => ordinary.push(transaction),
			}
		}
		let (evidence, ordinary) = future::try_join(
			self.evidence.submit_at(at, source, evidence),
			self.ordinary.submit_at(at, source, ordinary),
		)
		.await?;
		let (mut evidence, mut ordinary) = (evidence.into_iter(), ordinary.into_iter());
		let mut outcomes = Vec::with_capacity(tracks.len());
		for track in tracks {
			let outcome = match track {
				TransactionTrack::Bundle | TransactionTrack::OwnCall => evidence.next(),
				TransactionTrack::Ordinary => ordinary.next(),
			};
			let outcome = outcome.unwrap_or_else(|| Err(Error::ImmediatelyDropped.into()));
			outcomes.push(match (track, outcome) {
				(TransactionTrack::OwnCall, Ok(hash)) => {
					self.make_room_for(hash).await.map(|()| hash)
				}
				(_, outcome) => outcome,
			});
		}
		Ok(outcomes)
	}

	async fn submit_one(
		&self,
		at: <Self::Block as BlockT>::Hash,
		source: TransactionSource,
		transaction: TransactionFor<Self>,
	) -> Result<TxHash<Self>, Self::Error> {
		self.submit(at, source, transaction).await
	}

	async fn submit_and_watch(
		&self,
		at: <Self::Block as BlockT>::Hash,
		source: TransactionSource,
		transaction: TransactionFor<Self>,
	) -> Result<Pin<Box<TransactionStatusStreamFor<Self>>>, Self::Error> {
		let track = self.tracks.track(at, &transaction);
		let hash = self.hash_of(&transaction);
		let watcher = self.pool(track).submit_and_watch(at, source, transaction).await?;
		if track == TransactionTrack::OwnCall {
			self.make_room_for(hash).await?;
		}
		Ok(watcher)
	}

	async fn ready_at(
		&self,
		at: <Self::Block as BlockT>::Hash,
	) -> Box<dyn ReadyTransactions<Item = Arc<Self::InPoolTransaction>> + Send> {
		let (evidence, ordinary) =
			future::join(self.evidence.ready_at(at), self.ordinary.ready_at(at)).await;
		Self::in_turn(evidence, ordinary)
	}

	fn ready(&self) -> Box<dyn ReadyTransactions<Item = Arc<Self::InPoolTransaction>> + Send> {
		Self::in_turn(self.evidence.ready(), self.ordinary.ready())
	}

	async fn ready_at_with_timeout(
		&self,
		at: <Self::Block as BlockT>::Hash,
		timeout: Duration,
	) -> Box<dyn ReadyTransactions<Item = Arc<Self::InPoolTransaction>> + Send> {
		let (evidence, ordinary) = future::join(
			self.evidence.ready_at_with_timeout(at, timeout),
			self.ordinary.ready_at_with_timeout(at, timeout),
		)
		.await;
		Self::in_turn(evidence, ordinary)
	}

	/// Each pool is notified of its own transactions, and both of those that neither knows.
	async fn report_invalid(
		&self,
		at: Option<<Self::Block as BlockT>::Hash>,
		invalid: TxInvalidityReportMap<TxHash<Self>>,
	) -> Vec<Arc<Self::InPoolTransaction>> {
		let mut of_evidence = TxInvalidityReportMap::default();
		let mut of_ordinary = TxInvalidityReportMap::default();
		for (hash, error) in invalid {
			let in_evidence = self.evidence.ready_transaction(&hash).is_some();
			let in_ordinary = self.ordinary.ready_transaction(&hash).is_some();
			if in_evidence || !in_ordinary {
				of_evidence.insert(hash, error);
			}
			if in_ordinary || !in_evidence {
				of_ordinary.insert(hash, error);
			}
		}
		let (mut removed, others) = future::join(
			self.evidence.report_invalid(at, of_evidence),
			self.ordinary.report_invalid(at, of_ordinary),
		)
		.await;
		removed.extend(others);
		removed
	}

	fn futures(&self) -> Vec<Self::InPoolTransaction> {
		let mut waiting = self.evidence.futures();
		waiting.extend(self.ordinary.futures());
		waiting
	}

	fn status(&self) -> PoolStatus {
		let (evidence, ordinary) = (self.evidence.status(), self.ordinary.status());
		PoolStatus {
			ready: evidence.ready.saturating_add(ordinary.ready),
			ready_bytes: evidence.ready_bytes.saturating_add(ordinary.ready_bytes),
			future: evidence.future.saturating_add(ordinary.future),
			future_bytes: evidence.future_bytes.saturating_add(ordinary.future_bytes),
		}
	}

	fn import_notification_stream(&self) -> ImportNotificationStream<TxHash<Self>> {
		let (sender, receiver) = mpsc::channel(NOTIFICATIONS_QUEUED);
		let both = stream::select(
			self.evidence.import_notification_stream(),
			self.ordinary.import_notification_stream(),
		);
		// It ends with the pools, or when no one listens any more.
		let forwarded: BoxFuture<'static, ()> =
			both.map(Ok).forward(sender.sink_map_err(drop)).map(|_| ()).boxed();
		self.spawner.spawn("transaction-notifications", Some("transaction-pool"), forwarded);
		receiver
	}

	fn on_broadcasted(&self, propagations: HashMap<TxHash<Self>, Vec<String>>) {
		self.evidence.on_broadcasted(propagations.clone());
		self.ordinary.on_broadcasted(propagations);
	}

	fn hash_of(&self, transaction: &TransactionFor<Self>) -> TxHash<Self> {
		self.ordinary.hash_of(transaction)
	}

	fn ready_transaction(&self, hash: &TxHash<Self>) -> Option<Arc<Self::InPoolTransaction>> {
		self.evidence.ready_transaction(hash).or_else(|| self.ordinary.ready_transaction(hash))
	}
}

#[async_trait]
impl<P, T> MaintainedTransactionPool for TwoPools<P, T>
where
	P: MaintainedTransactionPool,
	P::Hash: Copy,
	P::Error: Send,
	P::InPoolTransaction: Send + Sync + 'static,
	T: Tracks<P::Block>,
{
	async fn maintain(&self, event: ChainEvent<Self::Block>) {
		let copy = copy_of(&event);
		future::join(self.evidence.maintain(copy), self.ordinary.maintain(event)).await;
		self.own_calls.retain(|hash| self.evidence.ready_transaction(hash).is_some());
	}
}

impl<P, T> LocalTransactionPool for TwoPools<P, T>
where
	P: TransactionPool
		+ LocalTransactionPool<
			Block = <P as TransactionPool>::Block,
			Hash = <P as TransactionPool>::Hash,
			Error = <P as TransactionPool>::Error,
		>,
	<P as TransactionPool>::Hash: Copy,
	T: Tracks<<P as TransactionPool>::Block>,
{
	type Block = <P as TransactionPool>::Block;
	type Hash = <P as TransactionPool>::Hash;
	type Error = <P as TransactionPool>::Error;

	/// The workers of this node submit bundles and reports of equivocations. An own call is taken
	/// only if none has to give way to it, since that takes longer than a caller may be held up.
	fn submit_local(
		&self,
		at: <Self::Block as BlockT>::Hash,
		transaction: LocalTransactionFor<Self>,
	) -> Result<Self::Hash, Self::Error> {
		let track = self.tracks.track(at, &transaction);
		if track == TransactionTrack::OwnCall && self.own_calls.is_full() {
			return Err(Error::ImmediatelyDropped.into());
		}
		let hash = self.pool(track).submit_local(at, transaction)?;
		if track == TransactionTrack::OwnCall
			&& let Some(call) = self.evidence.ready_transaction(&hash)
		{
			self.own_calls.count(hash, *call.priority());
		}
		Ok(hash)
	}
}

/// Events are not `Clone`.
fn copy_of<B: BlockT>(event: &ChainEvent<B>) -> ChainEvent<B> {
	match event {
		ChainEvent::NewBlock { hash } => ChainEvent::NewBlock { hash: *hash },
		ChainEvent::NewBestBlock { hash, tree_route } => {
			ChainEvent::NewBestBlock { hash: *hash, tree_route: tree_route.clone() }
		}
		ChainEvent::Finalized { hash, tree_route } => {
			ChainEvent::Finalized { hash: *hash, tree_route: tree_route.clone() }
		}
	}
}
