//! Catching devices that sign two beacons for one challenge, and reporting them.

use std::{
	collections::VecDeque,
	path::Path,
	sync::{
		Arc, Mutex,
		atomic::{AtomicBool, Ordering},
	},
	time::Duration,
};

use async_trait::async_trait;
use groma_client::{
	evidence::DoubleBeacon,
	follower::View,
	owner::OwnerError,
	shutdown::{self, Trigger},
	store::Store,
};
use groma_core::{frame::Beacon, protocol::WINDOWS_KEPT};
use groma_device::{
	actors::reporter::{Account, Reporter},
	metrics::Metrics,
};
use groma_lora::radio::Reception;
use tokio::sync::{mpsc, watch};

use crate::fakes::{
	BLOCKS, FakeChain, GATHERED, Log, beacon, client_metrics, eventually, metrics, reception,
	second_beacon, start_witness, store, view, views,
};

const CHEAT: u32 = 1;
const WITNESS: u32 = 2;
const OTHER: u32 = 4;
/// A device of the owner of [`WITNESS`].
const SISTER: u32 = 256 + WITNESS;
const WINDOW: u32 = 9;

/// An account whose reports ban at once, after as many as fail. Or others are faster, and no one
/// says what became of its report.
struct FakeAccount {
	chain: Arc<FakeChain>,
	failures: Mutex<VecDeque<OwnerError>>,
	reports: Mutex<Vec<DoubleBeacon>>,
	is_slower: AtomicBool,
}

#[async_trait]
impl Account for FakeAccount {
	async fn report(&self, evidence: &DoubleBeacon) -> Result<(), OwnerError> {
		self.reports.lock().expect("no test panics here").push(*evidence);
		if let Some(error) = self.failures.lock().expect("no test panics here").pop_front() {
			return Err(error);
		}
		self.chain.script().banned.insert(evidence.device);
		if self.is_slower.load(Ordering::Relaxed) {
			std::future::pending::<()>().await;
		}
		Ok(())
	}
}

/// Two witnesses in [`WINDOW`], and a reporter.
struct Bench {
	chain: Arc<FakeChain>,
	store: Arc<Store>,
	metrics: Arc<Metrics>,
	account: Arc<FakeAccount>,
	receptions: mpsc::Sender<Reception>,
	views: watch::Sender<Option<Arc<View>>>,
	_stop: Trigger,
}

fn bench(store: Arc<Store>, has_account: bool) -> Bench {
	let chain = FakeChain::new(&[CHEAT, WITNESS, OTHER, SISTER], WINDOW * BLOCKS + 5);
	let metrics = metrics();
	let account = Arc::new(FakeAccount {
		chain: chain.clone(),
		failures: Mutex::default(),
		reports: Mutex::default(),
		is_slower: AtomicBool::new(false),
	});
	let devices = [WITNESS, OTHER];
	let (views, receiver) = views(view(WINDOW, 5, &devices, Duration::from_secs(60)));
	let (stop, shutdown) = shutdown::channel();
	let receptions = start_witness(
		&chain,
		&store,
		&metrics,
		&client_metrics(),
		&devices,
		receiver.clone(),
		shutdown.clone(),
	);
	let signer = has_account.then(|| account.clone() as Arc<dyn Account>);
	let reporter = Reporter::new(chain.clone(), store.clone(), metrics.clone(), signer, receiver);
	tokio::spawn(reporter.run(shutdown));
	Bench { chain, store, metrics, account, receptions, views, _stop: stop }
}

impl Bench {
	async fn hear(&self, gateway: u32, beacon: &Beacon) {
		let before = self.metrics.beacons_heard.get();
		self.receptions.send(reception(gateway, beacon)).await.expect("the witness runs");
		eventually("it is heard", || self.metrics.beacons_heard.get() > before).await;
		tokio::time::sleep(GATHERED).await;
	}

	/// Shows a view and gives everyone time to look.
	async fn show(&self, index: u32, offset: u32) {
		self.chain.go_to(index * BLOCKS + offset);
		let shown = view(index, offset, &[WITNESS, OTHER], Duration::from_secs(60));
		self.views.send_replace(Some(Arc::new(shown)));
		tokio::time::sleep(Duration::from_millis(30)).await;
	}

	async fn catch(&self) {
		self.hear(WITNESS, &beacon(CHEAT, WINDOW)).await;
		self.hear(WITNESS, &second_beacon(CHEAT, WINDOW)).await;
		eventually("it is caught", || self.metrics.evidence_found.get() == 1).await;
	}

	fn reports(&self) -> Vec<DoubleBeacon> {
		self.account.reports.lock().expect("no test panics here").clone()
	}

	/// Open, banned, void.
	fn evidence(&self) -> [u32; 3] {
		let counts = self.store.summary().expect("readable").evidence;
		[counts.open, counts.banned, counts.void]
	}
}

fn double_beacon() -> DoubleBeacon {
	let signatures = [beacon(CHEAT, WINDOW).signature, second_beacon(CHEAT, WINDOW).signature];
	DoubleBeacon { window: WINDOW, device: CHEAT, signatures }
}

/// Opens a store that an ended process may be about to close.
async fn reopen(path: &Path) -> Arc<Store> {
	let mut opened = None;
	eventually("the store is free", || {
		opened = Store::open(path).ok();
		opened.is_some()
	})
	.await;
	Arc::new(opened.expect("opened"))
}

#[tokio::test]
async fn device_is_reported_when_a_gateway_hears_both_of_its_beacons() {
	let bench = bench(store(), true);
	bench.catch().await;
	bench.show(WINDOW, 6).await;
	assert_eq!(bench.reports(), [double_beacon()]);
	bench.show(WINDOW, 7).await;
	assert_eq!((bench.evidence(), bench.metrics.evidence_reported.get()), ([0, 1, 0], 1));
}

#[tokio::test]
async fn device_is_reported_when_two_gateways_hear_one_beacon_each() {
	let bench = bench(store(), true);
	bench.hear(WITNESS, &beacon(CHEAT, WINDOW)).await;
	bench.hear(OTHER, &second_beacon(CHEAT, WINDOW)).await;
	// Either states what it heard: it knows no better, and its statement counts if that is
	// revealed.
	eventually("both state", || bench.metrics.statements.get() == 2).await;
	bench.show(WINDOW, 6).await;
	assert_eq!(bench.reports(), [double_beacon()]);
}

#[tokio::test]
async fn device_is_reported_once_however_often_it_is_heard() {
	let bench = bench(store(), true);
	for _ in 0..4 {
		for gateway in [WITNESS, OTHER] {
			bench.hear(gateway, &beacon(CHEAT, WINDOW)).await;
			bench.hear(gateway, &second_beacon(CHEAT, WINDOW)).await;
		}
	}
	for block in 6..20 {
		bench.show(WINDOW, block).await;
	}
	assert_eq!((bench.reports().len(), bench.metrics.evidence_found.get()), (1, 1));
}

#[tokio::test]
async fn report_is_made_by_the_next_process_when_the_first_is_killed() {
	let directory = tempfile::tempdir().expect("a directory");
	let path = directory.path().join("store.db");
	let first = bench(reopen(&path).await, false);
	first.catch().await;
	drop(first);

	let second = bench(reopen(&path).await, true);
	second.show(WINDOW, 6).await;
	assert_eq!(second.reports(), [double_beacon()]);
}

#[tokio::test]
async fn device_is_caught_when_the_process_restarts_between_its_beacons() {
	let directory = tempfile::tempdir().expect("a directory");
	let path = directory.path().join("store.db");
	let first = bench(reopen(&path).await, false);
	first.hear(WITNESS, &beacon(CHEAT, WINDOW)).await;
	eventually("it is stated", || first.metrics.statements.get() == 1).await;
	drop(first);

	let second = bench(reopen(&path).await, false);
	second.hear(WITNESS, &second_beacon(CHEAT, WINDOW)).await;
	eventually("it is caught", || second.metrics.evidence_found.get() == 1).await;
	assert_eq!(second.store.open_evidence().expect("readable"), [double_beacon()]);
}

#[tokio::test]
async fn device_is_caught_when_its_second_beacon_comes_in_the_next_window() {
	let bench = bench(store(), true);
	// Who is not drawn states nothing, and still knows what it heard.
	bench.chain.script().draws = false;
	bench.show(WINDOW, 6).await;
	bench.hear(WITNESS, &beacon(CHEAT, WINDOW)).await;
	bench.show(WINDOW + 1, 0).await;
	bench.hear(WITNESS, &second_beacon(CHEAT, WINDOW)).await;
	eventually("it is caught", || bench.metrics.evidence_found.get() == 1).await;
	assert_eq!(bench.metrics.statements.get(), 0);
}

#[tokio::test]
async fn no_one_is_accused_when_a_second_beacon_is_forged() {
	let bench = bench(store(), true);
	bench.hear(WITNESS, &beacon(CHEAT, WINDOW)).await;
	let mut forged = second_beacon(CHEAT, WINDOW);
	forged.signature.0[50] ^= 1;
	bench.hear(WITNESS, &forged).await;
	// Valid, but of another key or for another challenge.
	let signature = beacon(OTHER, WINDOW).signature;
	bench.hear(WITNESS, &Beacon::new(CHEAT, WINDOW, signature)).await;
	let signature = second_beacon(CHEAT, WINDOW - 1).signature;
	bench.hear(WITNESS, &Beacon::new(CHEAT, WINDOW, signature)).await;
	eventually("they are judged", || bench.metrics.beacons_forged.get() == 3).await;
	assert_eq!((bench.evidence(), bench.reports()), ([0; 3], vec![]));
}

#[tokio::test]
async fn owner_is_warned_and_not_reported_when_a_device_of_its_own_signs_twice() {
	let log = Log::start();
	let bench = bench(store(), true);
	bench.hear(WITNESS, &beacon(SISTER, WINDOW)).await;
	bench.hear(WITNESS, &second_beacon(SISTER, WINDOW)).await;
	eventually("it is logged", || log.lines_with("a device of yours signed two").len() == 1).await;
	bench.show(WINDOW, 6).await;
	assert_eq!((bench.evidence(), bench.reports()), ([0; 3], vec![]));
}

#[tokio::test]
async fn nothing_is_reported_when_the_device_is_banned_already() {
	let bench = bench(store(), true);
	bench.catch().await;
	bench.chain.script().banned.insert(CHEAT);
	bench.show(WINDOW, 6).await;
	assert_eq!((bench.evidence(), bench.reports()), ([0, 1, 0], vec![]));
}

#[tokio::test]
async fn nothing_is_reported_when_the_chain_would_not_take_it() {
	let bench = bench(store(), true);
	bench.catch().await;
	bench.chain.script().forgotten.insert(WINDOW);
	bench.show(WINDOW, 6).await;
	assert_eq!((bench.evidence(), bench.reports()), ([0, 0, 1], vec![]));
	assert_eq!(bench.metrics.evidence_void.get(), 1);
}

#[tokio::test]
async fn log_says_once_what_to_do_without_an_account() {
	let log = Log::start();
	let bench = bench(store(), false);
	bench.catch().await;
	for block in 6..12 {
		bench.show(WINDOW, block).await;
	}
	assert_eq!(log.lines_with("groma-device report").len(), 1);
	assert_eq!((bench.evidence(), bench.metrics.evidence_open.get()), ([1, 0, 0], 1));
	// It is given up when the chain has forgotten the window, and not before.
	bench.show(WINDOW + WINDOWS_KEPT - 1, 0).await;
	assert_eq!(bench.evidence(), [1, 0, 0]);
	bench.show(WINDOW + WINDOWS_KEPT, 0).await;
	assert_eq!(bench.evidence(), [0, 0, 1]);
}

#[tokio::test]
async fn report_that_fails_is_tried_again_in_later_windows() {
	let bench = bench(store(), true);
	let failures = [
		OwnerError::Unreachable("test".to_owned()),
		OwnerError::Refused("no funds for the fee".to_owned()),
	];
	bench.account.failures.lock().expect("no test panics here").extend(failures);
	bench.catch().await;
	for (index, reports) in [(0, 1), (0, 1), (1, 2), (2, 2), (3, 3), (4, 3)] {
		for block in [6, 7] {
			bench.show(WINDOW + index, block).await;
		}
		assert_eq!(bench.reports().len(), reports, "in window {}", WINDOW + index);
	}
	assert_eq!(bench.evidence(), [0, 1, 0]);
}

#[tokio::test]
async fn report_is_not_waited_for_when_others_were_faster() {
	let bench = bench(store(), true);
	bench.account.is_slower.store(true, Ordering::Relaxed);
	bench.catch().await;
	bench.show(WINDOW, 6).await;
	assert_eq!((bench.reports().len(), bench.evidence()), (1, [1, 0, 0]));
	tokio::time::pause();
	tokio::time::sleep(Duration::from_secs(70)).await;
	bench.show(WINDOW, 7).await;
	assert_eq!((bench.reports().len(), bench.evidence()), (1, [0, 1, 0]));
	assert_eq!(bench.metrics.evidence_reported.get(), 0);
}

#[tokio::test]
async fn report_waits_when_the_chain_does_not_answer() {
	let bench = bench(store(), true);
	bench.catch().await;
	bench.chain.script().is_offline = true;
	bench.show(WINDOW, 6).await;
	assert_eq!((bench.evidence(), bench.reports()), ([1, 0, 0], vec![]));
	bench.chain.script().is_offline = false;
	bench.show(WINDOW, 7).await;
	assert_eq!(bench.reports().len(), 1);
}
