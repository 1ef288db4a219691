//! Actors of the client among fakes, for tests of what comes of them together.

use std::sync::Arc;

use groma_core::DeviceId;
use groma_device::{
	clock::SystemClock,
	delivery::{Delivery, Policy, Sender},
	follower::ViewReceiver,
	metrics::Metrics,
	radio::Reception,
	shutdown::Shutdown,
	store::Store,
	witness::Witness,
};
use tokio::sync::mpsc;

use super::{FakeChain, gateways};

/// Starts a delivery; returns where it takes parcels.
pub(crate) fn start_delivery(
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
		Policy { own_transactions, history_windows: 288 },
		views,
	)
	.expect("a delivery");
	tokio::spawn(delivery.run(shutdown));
	sender
}

/// Starts the witness of these devices, and a delivery; returns where it takes what the devices hear.
pub(crate) fn start_witness(
	chain: &Arc<FakeChain>,
	store: &Arc<Store>,
	metrics: &Arc<Metrics>,
	devices: &[DeviceId],
	views: ViewReceiver,
	shutdown: Shutdown,
) -> mpsc::Sender<Reception> {
	let sender = start_delivery(chain, store, metrics, true, views.clone(), shutdown.clone());
	let (receptions, heard) = mpsc::channel(64);
	let witness = Witness::new(
		chain.clone(),
		store.clone(),
		metrics.clone(),
		sender,
		heard,
		gateways(devices),
		views,
	);
	tokio::spawn(witness.run(shutdown));
	receptions
}
