//! Brings statements and reveals to the chain: to a node's report pool, to another node's when
//! they do not appear, and at last as a transaction of the device's own. What it carries is in the
//! store until it is settled.

use std::{collections::BTreeMap, sync::Arc};

use groma_core::{
	CollectorIndex, WindowIndex,
	api::{Code, Refusal, WindowInfo},
	payload::{self, Observation},
	statement::{ReportKey, Statement},
	words::Hash,
};
use tokio::sync::mpsc;
use tracing::{debug, error, info, warn};

use crate::{
	chain::{At, Chain, ChainError},
	clock::Clock,
	follower::{View, ViewReceiver, next_view},
	keys::DeviceKey,
	metrics::Metrics,
	outage::Outage,
	registration::{Identity, Registration},
	report::EncodedReport,
	shutdown::Shutdown,
	store::{ReportState, Store, StoreError},
};

/// Reports that may wait to be taken up.
const QUEUE_MAX: usize = 256;

/// A report to deliver.
struct Order {
	report: EncodedReport,
	/// How many blocks it waits.
	delay_blocks: u32,
}

/// Gives reports to the delivery.
#[derive(Clone)]
pub struct Sender(mpsc::Sender<Order>);

impl Sender {
	/// Has a report delivered, which is in the store already, after so many blocks.
	pub async fn deliver(&self, report: EncodedReport, delay_blocks: u32) {
		// When the process stops, the next one finds the report in the store.
		let _ = self.0.send(Order { report, delay_blocks }).await;
	}
}

/// How the operator wants reports delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
	/// Whether the device may submit its own transactions.
	pub own_transactions: bool,
	/// How many windows what is settled stays in the store, for people to look at.
	pub history_windows: u32,
}

/// The delivery of the process.
pub struct Delivery {
	chain: Arc<dyn Chain>,
	store: Arc<Store>,
	clock: Arc<dyn Clock>,
	metrics: Arc<Metrics>,
	policy: Policy,
	/// The devices whose statements can be signed again, in the order of their registrations.
	devices: Arc<[Identity]>,
	orders: mpsc::Receiver<Order>,
	views: ViewReceiver,
	open: BTreeMap<ReportKey, Item>,
	pruned: Option<WindowIndex>,
	/// Why a report was put off last, until the log says so.
	failure: Option<DeliveryError>,
	/// Since when reports are put off.
	outage: Outage,
}

/// A report on its way.
struct Item {
	report: EncodedReport,
	/// How often it was sent.
	attempts: usize,
	/// The best block at which to look at it again.
	next_block: u32,
	/// Whether the last look at it failed.
	is_put_off: bool,
}

impl Item {
	fn new(report: EncodedReport, next_block: u32) -> Self {
		Self { report, attempts: 0, next_block, is_put_off: false }
	}
}

/// What to do with a report.
enum Verdict {
	/// Look again after so many blocks.
	Wait(u32),
	/// It is at its end.
	Close(ReportState),
}

#[derive(Debug, thiserror::Error)]
enum DeliveryError {
	#[error(transparent)]
	Chain(#[from] ChainError),
	#[error(transparent)]
	Store(#[from] StoreError),
}

impl Delivery {
	/// A delivery that takes up what the store holds, and where it takes reports.
	pub fn new(
		chain: Arc<dyn Chain>,
		store: Arc<Store>,
		clock: Arc<dyn Clock>,
		metrics: Arc<Metrics>,
		policy: Policy,
		views: ViewReceiver,
	) -> Result<(Sender, Self), StoreError> {
		let (sender, orders) = mpsc::channel(QUEUE_MAX);
		let open = store
			.open_reports()?
			.into_iter()
			.map(|report| (report.key, Item::new(report, 0)))
			.collect();
		let delivery = Self {
			chain,
			store,
			clock,
			metrics,
			policy,
			devices: Arc::new([]),
			orders,
			views,
			open,
			pruned: None,
			failure: None,
			outage: Outage::default(),
		};
		Ok((Sender(sender), delivery))
	}

	/// The same, with the keys of these devices, which are those of the views in their order. Their
	/// statements are signed again before they are handed to a node that has another collector than
	/// they name, so that the node is paid for them. One that the device submits itself names the
	/// node that had it last, which may still bring it.
	pub fn signing_for(self, devices: Arc<[Identity]>) -> Self {
		Self { devices, ..self }
	}

	/// Delivers until the process is to stop.
	pub async fn run(mut self, mut shutdown: Shutdown) {
		loop {
			tokio::select! {
				() = shutdown.requested() => return,
				Some(order) = self.orders.recv() => self.on_order(order).await,
				view = next_view(&mut self.views) => match view {
					Some(view) => self.on_view(&view).await,
					None => return,
				},
			}
			self.metrics.reports_open.set(self.open.len() as u64);
		}
	}

	async fn on_order(&mut self, order: Order) {
		let Order { report, delay_blocks } = order;
		let view = self.views.borrow().clone();
		let best = view.as_ref().map_or(0, |view| view.heads.best);
		let next_block = best.saturating_add(delay_blocks);
		let key = report.key;
		self.open.insert(key, Item::new(report, next_block));
		if let Some(view) = view.filter(|_| delay_blocks == 0) {
			self.try_advance(key, &view).await;
			self.report_outage();
		}
	}

	async fn on_view(&mut self, view: &View) {
		if let Err(error) = self.prune(view.window.index) {
			warn!(target: "client::delivery", %error, "the store was not pruned");
		}
		let due: Vec<ReportKey> = self
			.open
			.iter()
			.filter(|(_, item)| item.next_block <= view.heads.best)
			.map(|(key, _)| *key)
			.collect();
		for key in &due {
			if !self.try_advance(*key, view).await {
				// No endpoint answers: the rest would fare no better.
				break;
			}
		}
		if !due.is_empty() {
			self.report_outage();
		}
	}

	/// Says when reports begin to be put off, and when they no longer are.
	fn report_outage(&mut self) {
		let now = self.clock.now();
		match self.failure.take() {
			Some(error) => {
				if let Some(lasting) = self.outage.goes_on(now) {
					warn!(
						target: "client::delivery", %error, lasting_s = lasting.as_secs(),
						"reports are put off; they are in the store"
					);
				}
			}
			// One that the chain answers for is no sign that it does for the others.
			None if self.open.values().any(|item| item.is_put_off) => {}
			None => {
				if let Some(lasted) = self.outage.ends(now) {
					info!(
						target: "client::delivery", lasted_s = lasted.as_secs(),
						"reports are delivered again"
					);
				}
			}
		}
	}

	fn prune(&mut self, current: WindowIndex) -> Result<(), StoreError> {
		if self.pruned.replace(current) != Some(current) {
			let window = current.saturating_sub(self.policy.history_windows);
			self.store.prune(window, self.clock.unix_ms())?;
		}
		Ok(())
	}

	/// Brings a report one step further; `false` if the chain does not answer.
	async fn try_advance(&mut self, key: ReportKey, view: &View) -> bool {
		let Some(mut item) = self.open.remove(&key) else { return true };
		let result = self.advance(&mut item, view).await;
		item.is_put_off = result.is_err();
		let verdict = match result {
			Ok(verdict) => verdict,
			Err(error) => {
				debug!(target: "client::delivery", ?key, %error, "put off");
				item.next_block = view.heads.best.saturating_add(1);
				self.open.insert(key, item);
				let is_any_left =
					!matches!(error, DeliveryError::Chain(ChainError::Unreachable { .. }));
				self.failure = Some(error);
				return is_any_left;
			}
		};
		match verdict {
			Verdict::Wait(blocks) => {
				item.next_block = view.heads.best.saturating_add(blocks);
				self.open.insert(key, item);
			}
			Verdict::Close(state) => self.close(key, &item, state),
		}
		true
	}

	fn close(&self, key: ReportKey, item: &Item, state: ReportState) {
		let series = item.report.series.name;
		match state {
			ReportState::Settled => {
				self.metrics.reports_settled.increment();
				info!(target: "client::delivery", series, ?key, "settled");
			}
			ReportState::Refused(refusal) => {
				self.metrics.reports_refused.increment();
				info!(
					target: "client::delivery", series, ?key, %refusal,
					"the chain refuses it. {}", refusal.explanation()
				);
			}
			_ => {
				self.metrics.reports_expired.increment();
				warn!(target: "client::delivery", series, ?key, "did not reach the chain in time");
			}
		}
		if let Err(error) = self.store.set_state(key, state) {
			// The next start looks at the report again, which does no harm.
			error!(target: "client::delivery", ?key, %error);
		}
	}

	async fn advance(&self, item: &mut Item, view: &View) -> Result<Verdict, DeliveryError> {
		let report = &item.report;
		if view.window.index > report.last_window() {
			return Ok(Verdict::Close(ReportState::Expired));
		}
		match self.chain.check(report, At::Best).await? {
			Ok(()) => Ok(Verdict::Wait(self.send(item, view).await)),
			// Its window has not begun on this fork, or has just ended.
			Err(best) if best == Refusal::WindowClosed => Ok(Verdict::Wait(1)),
			Err(best) => {
				let finalized = match self.chain.check(report, view.finalized()).await {
					// The others do not have the block that one endpoint calls finalized.
					Err(ChainError::TooFew { .. }) => {
						self.chain.check(report, view.agreed()).await?
					}
					answered => answered?,
				};
				Ok(match finalized {
					Err(refusal) if refusal == best => Verdict::Close(end_state(refusal)),
					_ => Verdict::Wait(1),
				})
			}
		}
	}

	/// Hands a report to an endpoint, after it was signed for the collector there.
	async fn hand_in(
		&self,
		item: &mut Item,
		endpoint: usize,
		view: &View,
	) -> Result<(), DeliveryError> {
		if let Some(signable) = self.signable(&item.report, view) {
			let collector = self.chain.collector(endpoint).await?;
			let statement = signable.naming(collector);
			if statement != signable.statement && self.store.name_collector(&statement)? {
				item.report = statement.into();
			}
		}
		Ok(self.chain.hand_in(&item.report, endpoint).await?)
	}

	/// A report that can be signed again: a statement of a device of this process, signed by the
	/// key that the device has, about a window whose seed is known.
	fn signable(&self, report: &EncodedReport, view: &View) -> Option<Signable<'_>> {
		let statement = report.decode::<Statement>()?;
		let Statement { window, beaconer, observation, signature } = statement;
		let is_witness = |it: &Option<Registration>| {
			it.as_ref().is_some_and(|it| it.device == observation.witness)
		};
		let place = view.registrations.iter().position(is_witness)?;
		let key = &*self.devices.get(place)?.key;
		let challenge = payload::challenge_id(&view.genesis, &view.seed(window)?, beaconer);
		let is_own = key.sign(&observation.to_signed_bytes(&challenge)) == signature;
		is_own.then_some(Signable { statement, challenge, key })
	}

	/// Sends a report in the way that its attempts so far and the time left suggest; returns how
	/// many blocks to wait for it to appear.
	async fn send(&self, item: &mut Item, view: &View) -> u32 {
		let patience = (view.window.blocks / 6).clamp(3, 16);
		let left = view.end_of(item.report.last_window()).saturating_sub(view.heads.best);
		let (series, key) = (item.report.series.name, item.report.key);
		let endpoints = self.chain.endpoints();
		// Near the end there must be time to see that it arrived, or to act.
		let wait = patience.min(left / 2).max(1);
		let is_urgent = item.attempts > 0 && left <= 2 * patience;
		while item.attempts < endpoints && !is_urgent {
			let endpoint = item.attempts;
			item.attempts += 1;
			match self.hand_in(item, endpoint, view).await {
				Ok(()) => {
					self.metrics.reports_handed_in.increment();
					debug!(target: "client::delivery", series, ?key, endpoint, "handed in");
					return match bundled_in(&item.report, view) {
						0 => wait,
						blocks => wait.max(blocks.saturating_add(patience)),
					};
				}
				Err(error) => {
					debug!(target: "client::delivery", series, ?key, %error, "not handed in");
				}
			}
		}
		if !self.policy.own_transactions {
			// Begin again with the first endpoint.
			item.attempts = 0;
			return wait;
		}
		item.attempts += 1;
		match self.chain.submit_own(&item.report).await {
			Ok(()) => {
				self.metrics.reports_submitted.increment();
				info!(target: "client::delivery", series, ?key, "submitted as an own transaction");
			}
			Err(error) => warn!(target: "client::delivery", series, ?key, %error, "not submitted"),
		}
		wait
	}
}

/// A statement that can be signed again.
struct Signable<'a> {
	statement: Statement,
	challenge: Hash,
	key: &'a dyn DeviceKey,
}

impl Signable<'_> {
	/// The statement as it is when it names this collector.
	fn naming(&self, collector: CollectorIndex) -> Statement {
		let observation = Observation { collector, ..self.statement.observation };
		let signature = self.key.sign(&observation.to_signed_bytes(&self.challenge));
		Statement { observation, signature, ..self.statement }
	}
}

/// In how many blocks all collectors have begun to bundle a report that they have. They wait for
/// most of a window before they bundle its statements, since a bundle costs little more than a
/// statement, and the last begins when the window ends.
fn bundled_in(report: &EncodedReport, view: &View) -> u32 {
	match report.series.is_bundled_late && report.key.window == view.window.index {
		true => {
			let WindowInfo { first_block, blocks, .. } = view.window;
			first_block.saturating_add(blocks).saturating_sub(view.heads.best)
		}
		false => 0,
	}
}

/// What a refusal that is final means for a report.
fn end_state(refusal: Code<Refusal>) -> ReportState {
	match refusal.known() {
		Some(Refusal::AlreadyKnown) => ReportState::Settled,
		// The beacon is revealed, by this device or another, and the chain has removed the
		// challenge; or there was no statement about it.
		Some(Refusal::NothingToReveal) => ReportState::Settled,
		_ => ReportState::Refused(refusal),
	}
}
