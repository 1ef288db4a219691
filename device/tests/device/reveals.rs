//! Revealing.

use std::{sync::Arc, time::Duration};

use groma_client::{
	follower::View,
	metrics::Metrics,
	shutdown::{self, Trigger},
	store::Store,
};
use groma_core::statement::Reveal;
use groma_device::actors::revealer::Revealer;
use tokio::sync::watch;

use crate::fakes::{
	BLOCKS, FakeChain, beacon, client_metrics, eventually, start_delivery, store, view, views,
};

const DEVICE: u32 = 1;
const WINDOW: u32 = 9;

/// A revealer and a delivery in [`WINDOW`], in which [`DEVICE`] has beaconed.
struct Bench {
	chain: Arc<FakeChain>,
	store: Arc<Store>,
	metrics: Arc<Metrics>,
	views: watch::Sender<Option<Arc<View>>>,
	_stop: Trigger,
}

fn reveal() -> Reveal {
	Reveal { window: WINDOW, beaconer: DEVICE, signature: beacon(DEVICE, WINDOW).signature }
}

fn bench() -> Bench {
	let chain = FakeChain::new(&[DEVICE], WINDOW * BLOCKS);
	let (store, metrics) = (store(), client_metrics());
	store.commit_beacon(&reveal(), 0).expect("kept");
	let (views, receiver) = views(view(WINDOW, 0, &[DEVICE], Duration::from_secs(60)));
	let (stop, shutdown) = shutdown::channel();
	let sender = start_delivery(&chain, &store, &metrics, true, receiver.clone(), shutdown.clone());
	let revealer = Revealer::new(store.clone(), metrics.clone(), sender, receiver);
	tokio::spawn(revealer.run(shutdown));
	Bench { chain, store, metrics, views, _stop: stop }
}

impl Bench {
	async fn show(&self, index: u32, offset: u32) {
		self.chain.go_to(index * BLOCKS + offset);
		let shown = view(index, offset, &[DEVICE], Duration::from_secs(60));
		self.views.send_replace(Some(Arc::new(shown)));
		// The actors have looked at the view by then.
		tokio::time::sleep(Duration::from_millis(30)).await;
	}

	fn is_revealed(&self) -> bool {
		let script = self.chain.script();
		script.handed_in.iter().any(|(_, report)| report.decode() == Some(reveal()))
	}
}

#[tokio::test]
async fn beacon_is_revealed_when_the_window_after_is_finalized() {
	let bench = bench();
	bench.show(WINDOW, 49).await;
	bench.show(WINDOW + 1, 0).await;
	bench.show(WINDOW + 1, 49).await;
	assert!(!bench.is_revealed());
	bench.show(WINDOW + 2, 0).await;
	eventually("it is revealed", || bench.is_revealed()).await;
	bench.show(WINDOW + 2, 20).await;
	eventually("it is settled", || bench.metrics.reports_settled.get() == 1).await;
	assert!(bench.store.open_reports().expect("readable").is_empty());
}

#[tokio::test]
async fn beacon_is_given_up_when_its_time_has_passed() {
	let bench = bench();
	bench.show(WINDOW + 3, 0).await;
	eventually("it is given up", || bench.metrics.reports_expired.get() == 1).await;
	assert!(!bench.is_revealed());
	assert!(bench.store.waiting_reveals().expect("readable").is_empty());
}
