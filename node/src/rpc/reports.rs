//! `groma_submit*`, `groma_check*`, `groma_subscribeReports`: how devices reach the report pool.

use std::sync::Arc;

use futures::{Stream, stream};
use groma_core::{
	api::{Code, Refusal},
	statement::{REVEALS, STATEMENTS},
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
use crate::report_pool::{Arrival, Outcome, Rejection, ReportPool, Verdict, Verdicts};

/// How many arrivals wait for a subscriber that reads slowly; it misses the older ones.
const ARRIVALS_QUEUED: usize = 256;

/// Whether the chain would take a report, and if not, why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Check {
	/// Whether it would.
	pub(crate) is_valid: bool,
	/// The reason, if it would not.
	pub(crate) refusal: Option<Code<Refusal>>,
	/// The reason in a sentence.
	pub(crate) explanation: Option<&'static str>,
}

/// The methods. `bytes` is the SCALE encoding of one report.
#[rpc(server, namespace = "groma")]
pub(crate) trait ReportsApi {
	/// Takes a report of a series into the pool. Answers `accepted`, or `known` if it is there
	/// already.
	#[method(name = "submitReport", blocking)]
	fn submit_report(&self, series: u32, bytes: Bytes) -> RpcResult<Outcome>;

	/// [`Self::submit_report`] of a statement.
	#[method(name = "submitStatement", blocking)]
	fn submit_statement(&self, bytes: Bytes) -> RpcResult<Outcome>;

	/// [`Self::submit_report`] of a reveal.
	#[method(name = "submitReveal", blocking)]
	fn submit_reveal(&self, bytes: Bytes) -> RpcResult<Outcome>;

	/// Answers whether the chain would take a report, which does not get into the pool.
	#[method(name = "checkReport", blocking)]
	fn check_report(&self, series: u32, bytes: Bytes) -> RpcResult<Check>;

	/// [`Self::check_report`] of a statement.
	#[method(name = "checkStatement", blocking)]
	fn check_statement(&self, bytes: Bytes) -> RpcResult<Check>;

	/// [`Self::check_report`] of a reveal.
	#[method(name = "checkReveal", blocking)]
	fn check_reveal(&self, bytes: Bytes) -> RpcResult<Check>;

	/// Sends every report that comes into the pool of this node.
	#[subscription(
		name = "subscribeReports" => "report",
		unsubscribe = "unsubscribeReports",
		item = Arrival
	)]
	fn subscribe_reports(&self);
}

/// The methods on a pool.
pub(crate) struct Reports<V, S: OffchainStorage> {
	/// The pool.
	pub(super) pool: Arc<ReportPool<V, S>>,
	/// Runs subscriptions.
	pub(super) executor: SubscriptionTaskExecutor,
}

#[async_trait]
impl<V, S> ReportsApiServer for Reports<V, S>
where
	V: Verdicts + 'static,
	S: OffchainStorage + 'static,
{
	fn submit_report(&self, series: u32, bytes: Bytes) -> RpcResult<Outcome> {
		self.pool.submit(series, &bytes).map_err(failure::rejected)
	}

	fn submit_statement(&self, bytes: Bytes) -> RpcResult<Outcome> {
		self.submit_report(STATEMENTS.into(), bytes)
	}

	fn submit_reveal(&self, bytes: Bytes) -> RpcResult<Outcome> {
		self.submit_report(REVEALS.into(), bytes)
	}

	fn check_report(&self, series: u32, bytes: Bytes) -> RpcResult<Check> {
		match self.pool.check(series, &bytes) {
			Ok(verdict) => Ok(Check::from(verdict)),
			Err(Rejection::NotChecked(error)) => Err(failure::not_answered(error)),
			Err(rejection) => Err(failure::rejected(rejection)),
		}
	}

	fn check_statement(&self, bytes: Bytes) -> RpcResult<Check> {
		self.check_report(STATEMENTS.into(), bytes)
	}

	fn check_reveal(&self, bytes: Bytes) -> RpcResult<Check> {
		self.check_report(REVEALS.into(), bytes)
	}

	fn subscribe_reports(&self, pending: PendingSubscriptionSink) {
		let arrivals = Box::pin(stream_of(self.pool.arrivals()));
		let piped = PendingSubscription::from(pending)
			.pipe_from_stream(arrivals, RingBuffer::new(ARRIVALS_QUEUED));
		self.executor.spawn("groma-reports", Some("rpc"), Box::pin(piped));
	}
}

impl From<Verdict> for Check {
	fn from(verdict: Verdict) -> Self {
		let refusal = verdict.err();
		Self {
			is_valid: refusal.is_none(),
			refusal,
			explanation: refusal.map(Code::<Refusal>::explanation),
		}
	}
}

/// The arrivals. A subscriber that is too slow misses some and goes on.
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
