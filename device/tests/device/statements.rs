//! Witnessing.

use std::{
	sync::{Arc, atomic::Ordering},
	time::Duration,
};

use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use groma_client::{
	follower::View,
	keys::DeviceKey,
	metrics::Metrics as ClientMetrics,
	shutdown::{self, Trigger},
	store::{RefusalCount, Store},
};
use groma_core::{
	CoverageReason,
	api::{Code, Refusal},
	frame::Beacon,
	payload,
	statement::Statement,
};
use groma_device::metrics::Metrics;
use groma_lora::radio::Reception;
use tokio::sync::{mpsc, watch};

use crate::fakes::{
	BLOCKS, FakeChain, GATHERED, beacon, challenge, challenge_id, client_metrics, eventually, key,
	metrics, reception, start_witness, store, view, views,
};

const BEACONER: u32 = 1;
const WITNESS: u32 = 2;
const OTHER: u32 = 4;
const WINDOW: u32 = 9;

/// Two witnesses in [`WINDOW`], and their delivery.
struct Bench {
	chain: Arc<FakeChain>,
	store: Arc<Store>,
	metrics: Arc<Metrics>,
	client_metrics: Arc<ClientMetrics>,
	receptions: mpsc::Sender<Reception>,
	views: watch::Sender<Option<Arc<View>>>,
	_stop: Trigger,
}

fn bench() -> Bench {
	let chain = FakeChain::new(&[BEACONER, WITNESS, OTHER], WINDOW * BLOCKS + 5);
	let (store, metrics, client_metrics) = (store(), metrics(), client_metrics());
	chain.watch_store(&store);
	let devices = [WITNESS, OTHER];
	let (views, receiver) = views(view(WINDOW, 5, &devices, Duration::from_secs(60)));
	let (stop, shutdown) = shutdown::channel();
	let receptions =
		start_witness(&chain, &store, &metrics, &client_metrics, &devices, receiver, shutdown);
	Bench { chain, store, metrics, client_metrics, receptions, views, _stop: stop }
}

impl Bench {
	async fn hear(&self, gateway: u32, beacon: &Beacon) {
		self.receptions.send(reception(gateway, beacon)).await.expect("the witness runs");
	}

	/// Hears something that is surely stated, and waits for it: what came before has been dealt
	/// with.
	async fn settle(&self) {
		let before = self.metrics.statements.get();
		self.hear(OTHER, &beacon(BEACONER, WINDOW)).await;
		eventually("the last beacon is stated", || self.metrics.statements.get() > before).await;
	}

	fn statements_of(&self, witness: u32) -> Vec<Statement> {
		let script = self.chain.script();
		let handed_in =
			script.handed_in.iter().filter_map(|(_, report)| report.decode::<Statement>());
		handed_in.filter(|statement| statement.observation.witness == witness).collect()
	}

	async fn stated_once(&self) -> Statement {
		eventually("a statement is handed in", || self.statements_of(WITNESS).len() == 1).await;
		self.statements_of(WITNESS)[0]
	}

	fn show(&self, index: u32, offset: u32) {
		let shown = view(index, offset, &[WITNESS, OTHER], Duration::from_secs(60));
		self.chain.go_to(index * BLOCKS + offset);
		self.views.send_replace(Some(Arc::new(shown)));
	}
}

#[tokio::test]
async fn statement_is_what_the_protocol_asks_for() {
	let bench = bench();
	let heard = beacon(BEACONER, WINDOW);
	bench.hear(WITNESS, &heard).await;
	let statement = bench.stated_once().await;
	assert_eq!((statement.window, statement.beaconer), (WINDOW, BEACONER));
	let observation = statement.observation;
	assert_eq!((observation.rssi_deci_dbm, observation.snr_deci_db), (-1_030, -25));
	assert_eq!(observation.commitment, payload::commitment(&heard.signature, WITNESS));
	let message = observation.to_signed_bytes(&challenge_id(BEACONER, WINDOW));
	let public = VerifyingKey::from_bytes(&key(WITNESS).public().0).expect("a key");
	assert!(public.verify(&message, &Signature::from_bytes(&statement.signature.0)).is_ok());
}

#[tokio::test]
async fn statement_is_on_disk_before_it_is_handed_in() {
	let bench = bench();
	bench.hear(WITNESS, &beacon(BEACONER, WINDOW)).await;
	bench.stated_once().await;
	assert!(bench.chain.kept_first.load(Ordering::Relaxed));
	let reveals = bench.store.waiting_reveals().expect("readable");
	assert_eq!(reveals.len(), 1);
	assert_eq!(reveals[0].0.signature, beacon(BEACONER, WINDOW).signature);
	assert!(!reveals[0].1);
}

#[tokio::test]
async fn beacon_is_stated_once_when_it_is_received_several_times() {
	let bench = bench();
	for _ in 0..5 {
		bench.hear(WITNESS, &beacon(BEACONER, WINDOW)).await;
	}
	bench.settle().await;
	assert_eq!(bench.statements_of(WITNESS).len(), 1);
}

#[tokio::test]
async fn reception_on_the_channel_is_stated_when_there_are_several() {
	let bench = bench();
	bench.chain.script().challenged.insert((BEACONER, WINDOW));
	let channel = challenge(BEACONER, WINDOW).frequency_hz;
	// The frame leaks into a neighbouring channel, where the receiver is more sensitive.
	for (frequency_hz, rssi_deci_dbm) in
		[(channel + 200_000, -900), (channel, -1_010), (channel, -1_000), (channel - 200_000, -950)]
	{
		let frequency_hz = Some(frequency_hz);
		let heard = reception(WITNESS, &beacon(BEACONER, WINDOW));
		let heard = Reception { frequency_hz, rssi_deci_dbm, ..heard };
		bench.receptions.send(heard).await.expect("the witness runs");
	}
	assert_eq!(bench.stated_once().await.observation.rssi_deci_dbm, -1_000);
}

#[tokio::test]
async fn strongest_reception_is_stated_when_the_channel_is_not_known() {
	let bench = bench();
	for rssi_deci_dbm in [-1_010, -900, -950] {
		let heard = reception(WITNESS, &beacon(BEACONER, WINDOW));
		let heard = Reception { frequency_hz: None, rssi_deci_dbm, ..heard };
		bench.receptions.send(heard).await.expect("the witness runs");
	}
	assert_eq!(bench.stated_once().await.observation.rssi_deci_dbm, -900);
}

#[tokio::test]
async fn ratio_above_what_the_chain_takes_is_stated_as_the_highest() {
	let bench = bench();
	let heard = reception(WITNESS, &beacon(BEACONER, WINDOW));
	let heard = Reception { rssi_deci_dbm: -510, snr_deci_db: 210, ..heard };
	bench.receptions.send(heard).await.expect("the witness runs");
	assert_eq!(bench.stated_once().await.observation.snr_deci_db, 200);
}

#[tokio::test]
async fn beacon_is_stated_by_every_gateway_that_hears_it() {
	let bench = bench();
	bench.hear(WITNESS, &beacon(BEACONER, WINDOW)).await;
	bench.hear(OTHER, &beacon(BEACONER, WINDOW)).await;
	eventually("both state", || bench.chain.script().handed_in.len() == 2).await;
	assert_eq!(bench.statements_of(WITNESS).len(), 1);
	assert_eq!(bench.statements_of(OTHER).len(), 1);
}

#[tokio::test]
async fn beacon_is_ignored_when_it_is_forged() {
	let bench = bench();
	let mut forged = beacon(BEACONER, WINDOW);
	forged.signature.0[5] ^= 1;
	bench.hear(WITNESS, &forged).await;
	// Signed by another device's key, and of a device that does not exist.
	let stranger = beacon(OTHER, WINDOW).signature;
	bench.hear(WITNESS, &Beacon::new(BEACONER, WINDOW, stranger)).await;
	bench.hear(WITNESS, &beacon(77, WINDOW)).await;
	bench.settle().await;
	assert!(bench.statements_of(WITNESS).is_empty());
	assert_eq!(bench.metrics.beacons_forged.get(), 2);
}

#[tokio::test]
async fn genuine_beacon_is_stated_after_a_forged_one() {
	let bench = bench();
	let mut forged = beacon(BEACONER, WINDOW);
	forged.signature.0[5] ^= 1;
	bench.hear(WITNESS, &forged).await;
	bench.hear(WITNESS, &beacon(BEACONER, WINDOW)).await;
	bench.stated_once().await;
}

#[tokio::test]
async fn beacon_is_ignored_when_it_is_its_own_or_of_another_window() {
	let bench = bench();
	bench.hear(WITNESS, &beacon(WITNESS, WINDOW)).await;
	bench.hear(WITNESS, &beacon(BEACONER, WINDOW - 2)).await;
	bench.hear(WITNESS, &beacon(BEACONER, WINDOW + 2)).await;
	bench.settle().await;
	assert!(bench.statements_of(WITNESS).is_empty());
}

#[tokio::test]
async fn nothing_is_stated_when_the_witness_is_not_drawn() {
	let bench = bench();
	bench.chain.script().draws = false;
	bench.hear(WITNESS, &beacon(BEACONER, WINDOW)).await;
	bench.hear(WITNESS, &beacon(OTHER, WINDOW)).await;
	eventually("both are heard", || bench.metrics.beacons_heard.get() == 2).await;
	tokio::time::sleep(GATHERED).await;
	bench.chain.script().draws = true;
	// How many devices there are around a beaconer is asked for once in a window.
	bench.show(WINDOW + 1, 0);
	bench.settle().await;
	assert!(bench.statements_of(WITNESS).is_empty());
}

#[tokio::test]
async fn beacon_waits_when_its_window_is_not_finalized() {
	let bench = bench();
	bench.hear(WITNESS, &beacon(BEACONER, WINDOW + 1)).await;
	bench.settle().await;
	assert!(bench.statements_of(WITNESS).is_empty());
	bench.show(WINDOW + 1, 0);
	assert_eq!(bench.stated_once().await.window, WINDOW + 1);
}

#[tokio::test]
async fn beacon_is_stated_later_when_the_chain_does_not_answer() {
	let bench = bench();
	bench.chain.script().is_offline = true;
	bench.hear(WITNESS, &beacon(BEACONER, WINDOW)).await;
	tokio::time::sleep(GATHERED).await;
	bench.show(WINDOW, 6);
	bench.chain.script().is_offline = false;
	bench.show(WINDOW, 7);
	bench.stated_once().await;
}

#[tokio::test]
async fn statement_is_closed_when_the_chain_refuses_it_for_good() {
	let known = [Refusal::Full, Refusal::NotEligible(CoverageReason::TooFar)].map(Code::Known);
	// One that a later runtime has is as final as the others, and shown by its number.
	for refusal in known.into_iter().chain([Code::Unknown(77)]) {
		let bench = bench();
		bench.chain.script().refusal = Some(refusal);
		bench.hear(WITNESS, &beacon(BEACONER, WINDOW)).await;
		eventually("it is refused", || bench.client_metrics.reports_refused.get() == 1).await;
		assert!(bench.store.open_reports().expect("readable").is_empty());
		let refusals = bench.store.summary().expect("readable").refusals;
		assert_eq!(refusals, [RefusalCount { reason: refusal.to_string(), count: 1 }]);
	}
}
