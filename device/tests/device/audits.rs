//! Comparing what was heard with what was revealed.

use std::{sync::Arc, time::Duration};

use codec::Encode;
use groma_client::{
	evidence::DoubleBeacon,
	follower::View,
	shutdown::{self, Trigger},
	store::Store,
};
use groma_core::{
	payload::Observation,
	statement::{Reveal, Statement},
	words::Signature,
};
use groma_device::{actors::auditor::Auditor, metrics::Metrics};
use tokio::sync::watch;

use crate::fakes::{
	BLOCKS, FakeChain, Log, beacon, eventually, metrics, second_beacon, store, view, views,
};

const CHEAT: u32 = 1;
const WITNESS: u32 = 2;
const HONEST: u32 = 3;
const WINDOW: u32 = 9;
/// The block in which the beacons were revealed.
const REVEALED_IN: u32 = (WINDOW + 2) * BLOCKS + 17;

/// An auditor in [`WINDOW`] whose store has statements of [`WITNESS`] about [`CHEAT`] and
/// [`HONEST`].
struct Bench {
	chain: Arc<FakeChain>,
	store: Arc<Store>,
	metrics: Arc<Metrics>,
	views: watch::Sender<Option<Arc<View>>>,
	_stop: Trigger,
}

fn bench() -> Bench {
	let chain = FakeChain::new(&[CHEAT, WITNESS, HONEST], WINDOW * BLOCKS);
	let (store, metrics) = (store(), metrics());
	for device in [CHEAT, HONEST] {
		let observation = Observation {
			witness: WITNESS,
			collector: 0,
			rssi_deci_dbm: -1_000,
			snr_deci_db: 50,
			commitment: [3; 8],
		};
		let statement = Statement {
			window: WINDOW,
			beaconer: device,
			observation,
			signature: Signature([4; 64]),
		};
		let heard = beacon(device, WINDOW).signature;
		assert!(store.keep_statement(&statement, &heard).expect("kept"));
		chain.script().settled.insert((WINDOW, device), REVEALED_IN);
	}
	let (views, receiver) = views(view(WINDOW, 0, &[WITNESS], Duration::from_secs(60)));
	let auditor = Auditor::new(chain.clone(), store.clone(), metrics.clone(), receiver);
	let (stop, shutdown) = shutdown::channel();
	tokio::spawn(auditor.run(shutdown));
	Bench { chain, store, metrics, views, _stop: stop }
}

impl Bench {
	/// Has the chain settle both challenges with these signatures.
	fn reveal(&self, cheat: Signature, honest: Signature) {
		let reveal = |beaconer, signature| Reveal { window: WINDOW, beaconer, signature };
		let bundle = vec![reveal(HONEST, honest), reveal(CHEAT, cheat)].encode();
		let mut script = self.chain.script();
		script.extrinsics.insert(REVEALED_IN, vec![vec![4, 5, 1, 0], bundle]);
		if (cheat, honest) != (beacon(CHEAT, WINDOW).signature, beacon(HONEST, WINDOW).signature) {
			script.mismatched.insert(WITNESS, REVEALED_IN);
		}
	}

	async fn show(&self, index: u32) {
		self.chain.go_to(index * BLOCKS + 1);
		let shown = view(index, 1, &[WITNESS], Duration::from_secs(60));
		self.views.send_replace(Some(Arc::new(shown)));
		tokio::time::sleep(Duration::from_millis(30)).await;
	}

	fn evidence(&self) -> Vec<DoubleBeacon> {
		self.store.open_evidence().expect("readable")
	}

	fn blocks_read(&self) -> Vec<u32> {
		self.chain.script().read.clone()
	}
}

fn double_beacon() -> DoubleBeacon {
	let signatures = [beacon(CHEAT, WINDOW).signature, second_beacon(CHEAT, WINDOW).signature];
	DoubleBeacon { window: WINDOW, device: CHEAT, signatures }
}

#[tokio::test]
async fn device_is_caught_when_it_reveals_another_beacon_than_was_heard() {
	let bench = bench();
	bench.reveal(second_beacon(CHEAT, WINDOW).signature, beacon(HONEST, WINDOW).signature);
	bench.show(WINDOW + 2).await;
	assert!(bench.blocks_read().is_empty());
	bench.show(WINDOW + 3).await;
	assert_eq!(bench.evidence(), [double_beacon()]);
	// Once for each of the two: the counter does not say which of them did not open.
	assert_eq!(bench.blocks_read(), [REVEALED_IN; 2]);
}

#[tokio::test]
async fn no_block_is_read_when_every_commitment_opened() {
	let bench = bench();
	bench.reveal(beacon(CHEAT, WINDOW).signature, beacon(HONEST, WINDOW).signature);
	for index in WINDOW + 2..WINDOW + 9 {
		bench.show(index).await;
	}
	assert_eq!((bench.blocks_read(), bench.evidence()), (vec![], vec![]));
}

#[tokio::test]
async fn no_one_is_accused_when_what_was_revealed_is_not_genuine() {
	let bench = bench();
	let stranger = beacon(HONEST, WINDOW).signature;
	bench.reveal(stranger, stranger);
	bench.show(WINDOW + 3).await;
	assert_eq!((bench.blocks_read().len(), bench.evidence()), (2, vec![]));
}

#[tokio::test]
async fn device_is_caught_later_when_no_node_answers_at_first() {
	let bench = bench();
	bench.reveal(second_beacon(CHEAT, WINDOW).signature, beacon(HONEST, WINDOW).signature);
	bench.show(WINDOW + 2).await;
	bench.chain.script().is_offline = true;
	bench.show(WINDOW + 3).await;
	bench.show(WINDOW + 5).await;
	assert!(bench.evidence().is_empty());
	bench.chain.script().is_offline = false;
	bench.show(WINDOW + 6).await;
	eventually("it is caught", || bench.evidence() == [double_beacon()]).await;
}

#[tokio::test]
async fn log_says_so_when_no_node_answers_in_time() {
	let log = Log::start();
	let bench = bench();
	bench.show(WINDOW + 2).await;
	bench.chain.script().is_offline = true;
	bench.show(WINDOW + 3).await;
	bench.show(WINDOW + 8).await;
	eventually("it is counted", || bench.metrics.audits_skipped.get() == 1).await;
	assert_eq!(log.lines_with("was not compared with what was heard").len(), 1);
}
