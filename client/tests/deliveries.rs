//! Bringing statements to the chain.

use std::{
	collections::{HashMap, HashSet},
	sync::{Arc, atomic::Ordering},
	time::Duration,
};

use groma_client::{
	clock::SystemClock,
	delivery::{Delivery, Policy, Sender},
	fakes::{
		BLOCKS, FakeChain, Log, challenge_id, eventually, key, start_delivery, store, view, views,
	},
	follower::View,
	keys::DeviceKey,
	metrics::Metrics,
	registration::Identity,
	report::EncodedReport,
	shutdown::{self, Trigger},
	store::{ReportCounts, Store},
};
use groma_core::{
	CollectorIndex, payload::Observation, protocol::WINDOWS_KEPT, statement::Statement,
	words::Signature,
};
use tokio::sync::watch;

const WINDOW: u32 = 9;

struct Bench {
	chain: Arc<FakeChain>,
	store: Arc<Store>,
	metrics: Arc<Metrics>,
	sender: Sender,
	views: watch::Sender<Option<Arc<View>>>,
	_stop: Trigger,
}

fn statement() -> Statement {
	Statement {
		window: WINDOW,
		beaconer: 1,
		observation: Observation {
			witness: 2,
			collector: 0,
			rssi_deci_dbm: -1_000,
			snr_deci_db: 50,
			commitment: [3; 8],
		},
		signature: Signature([4; 64]),
	}
}

fn bench(store: Arc<Store>, own_transactions: bool) -> Bench {
	let chain = FakeChain::new(&[], WINDOW * BLOCKS);
	let metrics = Arc::<Metrics>::default();
	let (views, receiver) = views(view(WINDOW, 0, &[], Duration::from_secs(60)));
	let (stop, shutdown) = shutdown::channel();
	let sender = start_delivery(&chain, &store, &metrics, own_transactions, receiver, shutdown);
	Bench { chain, store, metrics, sender, views, _stop: stop }
}

impl Bench {
	async fn deliver(&self) {
		self.store.keep_statement(&statement(), &Signature([5; 64])).expect("kept");
		self.sender.deliver(statement().into(), 0).await;
	}

	async fn show(&self, block: u32) {
		self.chain.go_to(WINDOW * BLOCKS + block);
		let (index, offset) = (WINDOW + block / BLOCKS, block % BLOCKS);
		let shown = view(index, offset, &[2], Duration::from_secs(60));
		self.views.send_replace(Some(Arc::new(shown)));
		tokio::time::sleep(Duration::from_millis(10)).await;
	}

	fn handed_in(&self) -> Vec<usize> {
		self.chain.script().handed_in.iter().map(|(endpoint, _)| *endpoint).collect()
	}

	fn own(&self) -> usize {
		self.chain.script().own.len()
	}

	fn collectors(&self, collecting: &[usize], withholding: &[usize]) {
		let mut script = self.chain.script();
		script.collecting = HashSet::from_iter(collecting.iter().copied());
		script.withholding = HashSet::from_iter(withholding.iter().copied());
	}
}

#[tokio::test]
async fn statement_is_settled_when_it_is_on_the_finalized_chain() {
	let bench = bench(store(), true);
	bench.deliver().await;
	eventually("it is handed in", || bench.handed_in() == [0]).await;
	for block in 1..BLOCKS + 12 {
		bench.show(block).await;
	}
	assert_eq!(bench.metrics.reports_settled.get(), 1);
	assert_eq!((bench.handed_in().len(), bench.own()), (1, 0));
	assert_eq!(
		bench.store.summary().expect("readable").reports["statements"],
		ReportCounts { settled: 1, ..ReportCounts::default() }
	);
}

#[tokio::test]
async fn outage_of_reports_is_a_line_when_it_begins_and_one_when_it_ends() {
	let log = Log::start();
	let bench = bench(store(), true);
	bench.chain.script().is_offline = true;
	bench.deliver().await;
	for block in 1..30 {
		bench.show(block).await;
	}
	assert_eq!(log.lines_with("WARN").len(), 1);
	bench.chain.script().is_offline = false;
	for block in 30..34 {
		bench.show(block).await;
	}
	assert_eq!(log.lines_with("reports are put off").len(), 1);
	assert_eq!(log.lines_with("reports are delivered again").len(), 1);
	assert_eq!(bench.handed_in(), [0]);
}

#[tokio::test]
async fn statement_goes_to_another_node_when_the_first_refuses() {
	let bench = bench(store(), true);
	bench.collectors(&[1], &[]);
	bench.deliver().await;
	eventually("it is handed in", || bench.handed_in() == [1]).await;
}

#[tokio::test]
async fn statement_goes_to_another_node_when_it_does_not_appear() {
	let bench = bench(store(), true);
	bench.collectors(&[1], &[0]);
	bench.deliver().await;
	eventually("it is handed in", || bench.handed_in() == [0]).await;
	// Collectors begin with the statements of a window until it ends.
	for block in 1..BLOCKS + 8 {
		bench.show(block).await;
	}
	assert_eq!(bench.handed_in(), [0]);
	for block in BLOCKS + 8..BLOCKS + 20 {
		bench.show(block).await;
	}
	assert_eq!(bench.handed_in(), [0, 1]);
	assert_eq!((bench.own(), bench.metrics.reports_settled.get()), (0, 1));
}

#[tokio::test]
async fn statement_is_submitted_by_the_device_when_no_node_delivers_it() {
	let bench = bench(store(), true);
	bench.collectors(&[], &[0, 1]);
	bench.deliver().await;
	for block in 1..80 {
		bench.show(block).await;
	}
	assert_eq!(bench.handed_in(), [0, 1]);
	assert_eq!((bench.own(), bench.metrics.reports_settled.get()), (1, 1));
}

#[tokio::test]
async fn statement_is_submitted_by_the_device_when_time_runs_out() {
	let bench = bench(store(), true);
	bench.collectors(&[], &[0, 1]);
	bench.show(85).await;
	bench.deliver().await;
	for block in 86..99 {
		bench.show(block).await;
	}
	assert_eq!(bench.handed_in(), [0]);
	assert_eq!((bench.own(), bench.metrics.reports_settled.get()), (1, 1));
}

#[tokio::test]
async fn statement_is_never_submitted_by_the_device_when_the_operator_forbids_it() {
	let bench = bench(store(), false);
	bench.collectors(&[], &[0, 1]);
	bench.deliver().await;
	for block in 1..100 {
		bench.show(block).await;
	}
	assert_eq!(bench.own(), 0);
	assert!(bench.handed_in().len() > 4);
}

/// A bench whose delivery holds the key of the witness, and its statement, signed.
fn signing_bench(store: Arc<Store>) -> (Bench, Statement) {
	let chain = FakeChain::new(&[2], WINDOW * BLOCKS);
	let metrics = Arc::<Metrics>::default();
	let (views, receiver) = views(view(WINDOW, 0, &[2], Duration::from_secs(60)));
	let (stop, shutdown) = shutdown::channel();
	let (sender, delivery) = Delivery::new(
		chain.clone(),
		store.clone(),
		Arc::new(SystemClock::new()),
		metrics.clone(),
		Policy { own_transactions: true, history_windows: WINDOWS_KEPT },
		receiver,
	)
	.expect("a delivery");
	let identity = Identity { label: "witness".to_owned(), key: Arc::new(key(2)) };
	tokio::spawn(delivery.signing_for(Arc::new([identity])).run(shutdown));
	(Bench { chain, store, metrics, sender, views, _stop: stop }, signed(0))
}

/// The statement, signed by its witness, naming a collector.
fn signed(collector: CollectorIndex) -> Statement {
	let observation = Observation { collector, ..statement().observation };
	let signature = key(2).sign(&observation.to_signed_bytes(&challenge_id(1, WINDOW)));
	Statement { observation, signature, ..statement() }
}

impl Bench {
	async fn keep_and_deliver(&self, statement: Statement) {
		self.store.keep_statement(&statement, &Signature([5; 64])).expect("kept");
		self.chain.watch_store(&self.store);
		self.sender.deliver(statement.into(), 0).await;
	}

	/// What was handed in, and where.
	fn statements(&self) -> Vec<(usize, Statement)> {
		let script = self.chain.script();
		let statement = |report: &EncodedReport| report.decode().expect("it is a statement");
		script.handed_in.iter().map(|(endpoint, it)| (*endpoint, statement(it))).collect()
	}
}

#[tokio::test]
async fn statement_names_the_collector_of_the_node_that_it_is_handed_to() {
	let (bench, unnamed) = signing_bench(store());
	bench.chain.script().collectors = HashMap::from([(0, 7), (1, 8)]);
	bench.collectors(&[1], &[0]);
	bench.keep_and_deliver(unnamed).await;
	eventually("it is handed in", || bench.statements() == [(0, signed(7))]).await;
	for block in 1..BLOCKS + 20 {
		bench.show(block).await;
	}
	assert_eq!(bench.statements(), [(0, signed(7)), (1, signed(8))]);
	assert!(bench.chain.kept_first.load(Ordering::Relaxed), "each is in the store first");
	assert_eq!(bench.store.statements_about(WINDOW).expect("readable"), [signed(8)]);
	assert_eq!(bench.metrics.reports_settled.get(), 1);
}

#[tokio::test]
async fn statement_names_no_collector_when_the_node_has_none() {
	let (bench, unnamed) = signing_bench(store());
	bench.keep_and_deliver(unnamed).await;
	eventually("it is handed in", || bench.statements() == [(0, unnamed)]).await;
	let (bench, _) = signing_bench(store());
	bench.keep_and_deliver(signed(7)).await;
	eventually("it is handed in", || bench.statements() == [(0, unnamed)]).await;
}

#[tokio::test]
async fn statement_that_its_device_submits_names_the_node_that_had_it_last() {
	let (bench, unnamed) = signing_bench(store());
	bench.chain.script().collectors = HashMap::from([(0, 7), (1, 8)]);
	bench.collectors(&[], &[0, 1]);
	bench.keep_and_deliver(unnamed).await;
	for block in 1..80 {
		bench.show(block).await;
	}
	assert_eq!(bench.chain.script().own, [EncodedReport::from(signed(8))]);
}

#[tokio::test]
async fn statement_of_another_key_is_handed_on_as_it_is() {
	let (bench, _) = signing_bench(store());
	bench.chain.script().collectors = HashMap::from([(0, 7)]);
	bench.keep_and_deliver(statement()).await;
	eventually("it is handed in", || bench.statements() == [(0, statement())]).await;
}

#[tokio::test]
async fn statement_expires_when_no_one_takes_it_in_time() {
	let bench = bench(store(), true);
	bench.collectors(&[], &[]);
	bench.chain.script().takes_own = false;
	bench.deliver().await;
	for block in 1..=110 {
		bench.show(block).await;
	}
	assert!(bench.own() > 3);
	assert_eq!(bench.metrics.reports_expired.get(), 1);
	assert_eq!(
		bench.store.summary().expect("readable").reports["statements"],
		ReportCounts { expired: 1, ..ReportCounts::default() }
	);
}

#[tokio::test]
async fn statement_is_delivered_when_the_chain_answers_again() {
	let bench = bench(store(), true);
	bench.chain.script().is_offline = true;
	bench.deliver().await;
	bench.show(1).await;
	bench.show(2).await;
	assert!(bench.handed_in().is_empty());
	bench.chain.script().is_offline = false;
	bench.show(3).await;
	eventually("it is handed in", || bench.handed_in() == [0]).await;
}

#[tokio::test]
async fn statement_is_delivered_by_the_next_process_when_the_first_is_killed() {
	let store = store();
	store.keep_statement(&statement(), &Signature([5; 64])).expect("kept");
	let bench = bench(store, true);
	eventually("it is handed in", || bench.handed_in() == [0]).await;
}

#[tokio::test]
async fn what_is_settled_is_forgotten_after_its_history() {
	let bench = bench(store(), true);
	bench.deliver().await;
	eventually("it is handed in", || bench.handed_in() == [0]).await;
	bench.show(BLOCKS + 9).await;
	bench.show(BLOCKS * WINDOWS_KEPT).await;
	assert_eq!(
		bench.store.summary().expect("readable").reports["statements"],
		ReportCounts { settled: 1, ..ReportCounts::default() }
	);
	bench.show(BLOCKS * (WINDOWS_KEPT + 1)).await;
	assert_eq!(
		bench.store.summary().expect("readable").reports["statements"],
		ReportCounts::default()
	);
}
