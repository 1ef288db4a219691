//! Brings statements and reveals to the chain: to a node's statement pool, to another node's when they do
//! not appear, and at last as a transaction of the device's own. What it carries is in the store until
//! it is settled.

use std::{collections::BTreeMap, sync::Arc};

use groma_core::{
	WindowIndex,
	api::{Refusal, WindowInfo},
};
use tokio::sync::mpsc;
use tracing::{debug, error, info, warn};

use crate::{
	chain::{At, Chain, ChainError},
	clock::Clock,
	follower::{View, ViewReceiver, next_view},
	metrics::Metrics,
	parcel::{Parcel, ParcelKey},
	shutdown::Shutdown,
	store::{ParcelState, Store, StoreError},
};

/// How long answers to challenges are kept at least, by the wall clock: two days.
const ANSWERS_KEPT_MS: u64 = 2 * 86_400_000;
/// Parcels that may wait to be taken up.
const QUEUE_MAX: usize = 256;

enum Message {
	Deliver { parcel: Parcel, delay_blocks: u32 },
}

/// Gives parcels to the delivery.
#[derive(Clone)]
pub struct Sender(mpsc::Sender<Message>);

impl Sender {
	/// Has a parcel delivered, which is in the store already, after so many blocks.
	pub async fn deliver(&self, parcel: Parcel, delay_blocks: u32) {
		// When the process stops, the next one finds the parcel in the store.
		let _ = self.0.send(Message::Deliver { parcel, delay_blocks }).await;
	}
}

/// How the operator wants parcels delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
	/// Whether the device may submit transactions of its own.
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
	requests: mpsc::Receiver<Message>,
	views: ViewReceiver,
	open: BTreeMap<ParcelKey, Item>,
	pruned: Option<WindowIndex>,
}

/// A parcel on its way.
struct Item {
	parcel: Parcel,
	/// How often it was sent.
	attempts: usize,
	/// The best block at which to look at it again.
	next_block: u32,
}

/// What to do with a parcel.
enum Verdict {
	/// Look again after so many blocks.
	Wait(u32),
	/// It is at its end.
	Close(ParcelState),
}

#[derive(Debug, thiserror::Error)]
enum DeliveryError {
	#[error(transparent)]
	Chain(#[from] ChainError),
	#[error(transparent)]
	Store(#[from] StoreError),
}

impl Delivery {
	/// A delivery that takes up what the store holds, and where it takes parcels.
	pub fn new(
		chain: Arc<dyn Chain>,
		store: Arc<Store>,
		clock: Arc<dyn Clock>,
		metrics: Arc<Metrics>,
		policy: Policy,
		views: ViewReceiver,
	) -> Result<(Sender, Self), StoreError> {
		let (sender, requests) = mpsc::channel(QUEUE_MAX);
		let open = store
			.open_parcels()?
			.into_iter()
			.map(|parcel| (parcel.key(), Item { parcel, attempts: 0, next_block: 0 }))
			.collect();
		let delivery =
			Self { chain, store, clock, metrics, policy, requests, views, open, pruned: None };
		Ok((Sender(sender), delivery))
	}

	/// Delivers until the process is to stop.
	pub async fn run(mut self, mut shutdown: Shutdown) {
		loop {
			tokio::select! {
				() = shutdown.requested() => return,
				Some(message) = self.requests.recv() => self.on_message(message).await,
				view = next_view(&mut self.views) => match view {
					Some(view) => self.on_view(&view).await,
					None => return,
				},
			}
			self.metrics.parcels_open.set(self.open.len() as u64);
		}
	}

	async fn on_message(&mut self, message: Message) {
		let Message::Deliver { parcel, delay_blocks } = message;
		let view = self.views.borrow().clone();
		let best = view.as_ref().map_or(0, |view| view.heads.best);
		let next_block = best.saturating_add(delay_blocks);
		self.open.insert(parcel.key(), Item { parcel, attempts: 0, next_block });
		if let Some(view) = view.filter(|_| delay_blocks == 0) {
			self.try_advance(parcel.key(), &view).await;
		}
	}

	async fn on_view(&mut self, view: &View) {
		if let Err(error) = self.prune(view.window.index) {
			warn!(target: "device::delivery", %error, "the store was not pruned");
		}
		let due: Vec<ParcelKey> = self
			.open
			.iter()
			.filter(|(_, item)| item.next_block <= view.heads.best)
			.map(|(key, _)| *key)
			.collect();
		for key in due {
			if !self.try_advance(key, view).await {
				// No endpoint answers: the rest would fare no better.
				return;
			}
		}
	}

	fn prune(&mut self, current: WindowIndex) -> Result<(), StoreError> {
		if self.pruned != Some(current) {
			let window = current.saturating_sub(self.policy.history_windows);
			self.store.prune(window, self.clock.unix_ms().saturating_sub(ANSWERS_KEPT_MS))?;
			self.pruned = Some(current);
		}
		Ok(())
	}

	/// Brings a parcel one step further; `false` if the chain does not answer.
	async fn try_advance(&mut self, key: ParcelKey, view: &View) -> bool {
		let Some(mut item) = self.open.remove(&key) else { return true };
		let result = self.advance(&mut item, view).await;
		let verdict = match result {
			Ok(verdict) => verdict,
			Err(error) => {
				warn!(target: "device::delivery", ?key, %error, "put off");
				item.next_block = view.heads.best.saturating_add(1);
				self.open.insert(key, item);
				return !matches!(error, DeliveryError::Chain(ChainError::Unreachable { .. }));
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

	fn close(&self, key: ParcelKey, item: &Item, state: ParcelState) {
		let kind = item.parcel.kind();
		match state {
			ParcelState::Settled => {
				self.metrics.parcels_settled.increment();
				info!(target: "device::delivery", kind, ?key, "settled");
			}
			ParcelState::Refused(refusal) => {
				self.metrics.parcels_refused.increment();
				info!(
					target: "device::delivery", kind, ?key, ?refusal,
					"the chain refuses it. {}", refusal.explanation()
				);
			}
			_ => {
				self.metrics.parcels_expired.increment();
				warn!(target: "device::delivery", kind, ?key, "did not reach the chain in time");
			}
		}
		if let Err(error) = self.store.set_state(key, state) {
			// The next start looks at the parcel again, which does no harm.
			error!(target: "device::delivery", ?key, %error);
		}
	}

	async fn advance(&self, item: &mut Item, view: &View) -> Result<Verdict, DeliveryError> {
		let parcel = item.parcel;
		if view.window.index > parcel.last_window() {
			return Ok(Verdict::Close(ParcelState::Expired));
		}
		match self.chain.check(&parcel, At::Best).await? {
			Ok(()) => Ok(Verdict::Wait(self.send(item, view).await)),
			// Its window has not begun on this fork, or has just ended.
			Err(Refusal::WindowClosed) => Ok(Verdict::Wait(1)),
			Err(best) => {
				let finalized = self.chain.check(&parcel, view.finalized()).await?;
				Ok(match finalized {
					Err(refusal) if refusal == best => Verdict::Close(end_state(refusal)),
					_ => Verdict::Wait(1),
				})
			}
		}
	}

	/// Sends a parcel in the way that its attempts so far and the time left suggest; returns how many
	/// blocks to wait for it to appear.
	async fn send(&self, item: &mut Item, view: &View) -> u32 {
		let patience = (view.window.blocks / 6).clamp(3, 16);
		let left = view.end_of(item.parcel.last_window()).saturating_sub(view.heads.best);
		let (kind, key) = (item.parcel.kind(), item.parcel.key());
		let endpoints = self.chain.endpoints();
		// Near the end there must be time to see that it arrived, or to act.
		let wait = patience.min(left / 2).max(1);
		let is_urgent = item.attempts > 0 && left <= 2 * patience;
		while item.attempts < endpoints && !is_urgent {
			let endpoint = item.attempts;
			item.attempts += 1;
			match self.chain.hand_in(&item.parcel, endpoint).await {
				Ok(()) => {
					self.metrics.parcels_handed_in.increment();
					debug!(target: "device::delivery", kind, ?key, endpoint, "handed in");
					return match bundled_in(&item.parcel, view) {
						0 => wait,
						blocks => wait.max(blocks.saturating_add(patience)),
					};
				}
				Err(error) => {
					debug!(target: "device::delivery", kind, ?key, %error, "not handed in");
				}
			}
		}
		if !self.policy.own_transactions {
			// Begin again with the first endpoint.
			item.attempts = 0;
			return wait;
		}
		item.attempts += 1;
		match self.chain.submit_own(&item.parcel).await {
			Ok(()) => {
				self.metrics.parcels_submitted.increment();
				info!(target: "device::delivery", kind, ?key, "submitted as an own transaction");
			}
			Err(error) => warn!(target: "device::delivery", kind, ?key, %error, "not submitted"),
		}
		wait
	}
}

/// In how many blocks collectors begin to bundle a parcel that they have. They wait for most of a window
/// before they bundle its statements, since a bundle costs little more than a statement.
fn bundled_in(parcel: &Parcel, view: &View) -> u32 {
	match parcel {
		Parcel::Statement(statement) if statement.window == view.window.index => {
			let WindowInfo { first_block, blocks, .. } = view.window;
			let beginning = first_block.saturating_add(blocks.saturating_mul(7) / 10);
			beginning.saturating_sub(view.heads.best)
		}
		_ => 0,
	}
}

/// What a refusal that is final means for a parcel.
fn end_state(refusal: Refusal) -> ParcelState {
	match refusal {
		Refusal::AlreadyKnown => ParcelState::Settled,
		// Whoever revealed it first, the chain has removed the challenge; or nobody had stated anything.
		Refusal::NothingToReveal => ParcelState::Settled,
		refusal => ParcelState::Refused(refusal),
	}
}
