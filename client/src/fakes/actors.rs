//! Actors of the library among fakes.

use std::sync::Arc;

use groma_core::protocol::WINDOWS_KEPT;

use super::chain::FakeChain;
use crate::{
	clock::SystemClock,
	delivery::{Delivery, Policy, Sender},
	follower::ViewReceiver,
	metrics::Metrics,
	shutdown::Shutdown,
	store::Store,
};

/// Starts a delivery; returns where it takes reports.
pub fn start_delivery(
	chain: &Arc<FakeChain>,
	store: &Arc<Store>,
	metrics: &Arc<Metrics>,
	own_transactions: bool,
	views: ViewReceiver,
	shutdown: Shutdown,
) -> Sender {
	let (sender, delivery) = Delivery::new(
		chain.clone(),
		store.clone(),
		Arc::new(SystemClock::new()),
		metrics.clone(),
		Policy { own_transactions, history_windows: WINDOWS_KEPT },
		views,
	)
	.expect("a delivery");
	tokio::spawn(delivery.run(shutdown));
	sender
}
