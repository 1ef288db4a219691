//! Holds beacon signatures back until no statement can be added any more: a beacon of window *w* is
//! revealed once the end of *w+1* is finalized, as nodes agree.

use std::sync::Arc;

use groma_client::{
	delivery,
	follower::{View, ViewReceiver, next_view_unless_stopped},
	metrics::Metrics,
	shutdown::Shutdown,
	store::{ReportState, Store, StoreError},
};
use groma_core::{
	WindowIndex,
	protocol::REVEAL_DELAY,
	statement::{Report, Reveal},
};
use tracing::warn;

/// The revealer of the process.
pub struct Revealer {
	store: Arc<Store>,
	metrics: Arc<Metrics>,
	delivery: delivery::Sender,
	views: ViewReceiver,
	/// The last window whose reveals were released.
	released: Option<WindowIndex>,
}

impl Revealer {
	/// A revealer.
	pub fn new(
		store: Arc<Store>,
		metrics: Arc<Metrics>,
		delivery: delivery::Sender,
		views: ViewReceiver,
	) -> Self {
		Self { store, metrics, delivery, views, released: None }
	}

	/// Reveals until the process is to stop.
	pub async fn run(mut self, mut shutdown: Shutdown) {
		while let Some(view) = next_view_unless_stopped(&mut self.views, &mut shutdown).await {
			if self.released == Some(view.window.index) {
				continue;
			}
			match self.release(&view).await {
				Ok(()) => self.released = Some(view.window.index),
				Err(error) => warn!(target: "device::reveal", %error, "reveals are put off"),
			}
		}
	}

	/// Releases the reveals of the present window, which as many nodes as are required have each
	/// finalized: on none of their forks anything can be added.
	async fn release(&self, view: &View) -> Result<(), StoreError> {
		let mut due = Vec::new();
		for (reveal, is_own) in self.store.waiting_reveals()? {
			match reveal.window.saturating_add(REVEAL_DELAY) {
				window if window > view.window.index => {}
				window if window == view.window.index => due.push((reveal, is_own)),
				_ => self.expire(&reveal)?,
			}
		}
		for (reveal, is_own) in due {
			self.store.set_state(reveal.key(), ReportState::Open)?;
			self.delivery.deliver(reveal.into(), delay_blocks(view, is_own)).await;
		}
		Ok(())
	}

	fn expire(&self, reveal: &Reveal) -> Result<(), StoreError> {
		let Reveal { window, beaconer, .. } = *reveal;
		warn!(
			target: "device::reveal", beaconer, window,
			"its time passed while no node answered: this process did not reveal the beacon"
		);
		self.metrics.reports_expired.increment();
		self.store.set_state(reveal.key(), ReportState::Expired)
	}
}

/// How many blocks a reveal waits. The beaconer reveals at once; hearers give it a twelfth to a
/// quarter of the window, at random, so that one of them does what all would.
fn delay_blocks(view: &View, is_own: bool) -> u32 {
	if is_own {
		return 0;
	}
	let blocks = view.window.blocks;
	blocks / 12 + rand::random::<u32>() % (blocks / 6).max(1)
}
