//! `groma_submit*`, `groma_check*`, `groma_subscribeStatements`: how devices reach the statement pool.

use std::sync::Arc;

use codec::DecodeAll;
use futures::{Stream, stream};
use groma_core::{
	api::Refusal,
	statement::{Reveal, Statement},
};
use jsonrpsee::{
	PendingSubscriptionSink,
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};
use sc_rpc::{
	SubscriptionTaskExecutor,
	utils::{PendingSubscription, RingBuffer},
};
use serde::Serialize;
use sp_core::{Bytes, offchain::OffchainStorage};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::failure;
use crate::statement_pool::{Arrival, Outcome, Rejection, StatementPool, Verdicts};

/// How many arrivals wait for a subscriber that is slow to read; it misses the older ones.
const ARRIVALS_QUEUED: usize = 256;

/// Whether the chain would take something, and if not, why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Check {
	/// Whether it would.
	pub(crate) is_valid: bool,
	/// Why not.
	pub(crate) refusal: Option<Refusal>,
	/// Why not, in a sentence.
	pub(crate) explanation: Option<&'static str>,
}

/// The methods.
#[rpc(server, namespace = "groma")]
pub(crate) trait StatementsApi {
	/// Takes in the SCALE encoding of a [`Statement`]. Answers `accepted`, or `known` if the same is in the pool already.
	#[method(name = "submitStatement", blocking)]
	fn submit_statement(&self, statement: Bytes) -> RpcResult<Outcome>;

	/// Takes in the SCALE encoding of a [`Reveal`].
	#[method(name = "submitReveal", blocking)]
	fn submit_reveal(&self, reveal: Bytes) -> RpcResult<Outcome>;

	/// Says whether the chain would take a statement, without taking it in.
	#[method(name = "checkStatement", blocking)]
	fn check_statement(&self, statement: Bytes) -> RpcResult<Check>;

	/// Says whether the chain would take a reveal, without taking it in.
	#[method(name = "checkReveal", blocking)]
	fn check_reveal(&self, reveal: Bytes) -> RpcResult<Check>;

	/// Tells of every statement and reveal that comes into the pool of this node.
	#[subscription(
		name = "subscribeStatements" => "statement",
		unsubscribe = "unsubscribeStatements",
		item = Arrival
	)]
	fn subscribe_statements(&self);
}

/// The methods on a pool.
pub(crate) struct Statements<V, S: OffchainStorage> {
	/// The pool.
	pub(super) pool: Arc<StatementPool<V, S>>,
	/// Runs subscriptions.
	pub(super) executor: SubscriptionTaskExecutor,
}

#[async_trait]
impl<V, S> StatementsApiServer for Statements<V, S>
where
	V: Verdicts + 'static,
	S: OffchainStorage + 'static,
{
	fn submit_statement(&self, statement: Bytes) -> RpcResult<Outcome> {
		self.pool.submit_statement(&statement).map_err(failure::rejected)
	}

	fn submit_reveal(&self, reveal: Bytes) -> RpcResult<Outcome> {
		self.pool.submit_reveal(&reveal).map_err(failure::rejected)
	}

	fn check_statement(&self, statement: Bytes) -> RpcResult<Check> {
		let statement = Statement::decode_all(&mut &statement[..])
			.map_err(|_| failure::rejected(Rejection::Malformed("statement")))?;
		let verdict = self.pool.ask(|chain| chain.statement(&statement));
		verdict.map(Check::from).map_err(failure::not_answered)
	}

	fn check_reveal(&self, reveal: Bytes) -> RpcResult<Check> {
		let reveal = Reveal::decode_all(&mut &reveal[..])
			.map_err(|_| failure::rejected(Rejection::Malformed("reveal")))?;
		let verdict = self.pool.ask(|chain| chain.reveal(&reveal));
		verdict.map(Check::from).map_err(failure::not_answered)
	}

	fn subscribe_statements(&self, pending: PendingSubscriptionSink) {
		let arrivals = Box::pin(stream_of(self.pool.arrivals()));
		let piped = PendingSubscription::from(pending)
			.pipe_from_stream(arrivals, RingBuffer::new(ARRIVALS_QUEUED));
		self.executor.spawn("groma-statements", Some("rpc"), Box::pin(piped));
	}
}

impl From<Result<(), Refusal>> for Check {
	fn from(verdict: Result<(), Refusal>) -> Self {
		let refusal = verdict.err();
		Self {
			is_valid: refusal.is_none(),
			refusal,
			explanation: refusal.map(Refusal::explanation),
		}
	}
}

/// The arrivals. Whoever is too slow misses some and goes on.
fn stream_of(arrivals: Receiver<Arrival>) -> impl Stream<Item = Arrival> {
	stream::unfold(arrivals, |mut arrivals| async move {
		loop {
			match arrivals.recv().await {
				Ok(arrival) => return Some((arrival, arrivals)),
				Err(RecvError::Lagged(_)) => continue,
				Err(RecvError::Closed) => return None,
			}
		}
	})
}
