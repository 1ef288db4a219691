//! Nodes that are gone or restart, a chain that halts, clocks that are wrong: nothing is lost that
//! could still count, nothing is answered twice, and the log says what happened.

use std::{
	sync::{Arc, atomic::Ordering},
	time::{Duration, SystemTime, UNIX_EPOCH},
};

use groma_client::{
	chain::Chain,
	clock::{Clock, SystemClock},
	delivery::{Delivery, Policy},
	follower::Follower,
	metrics::Metrics,
	shutdown::{self, Trigger},
	store::Store,
};
use groma_core::{
	frame::Beacon,
	payload::commitment,
	protocol::WINDOWS_KEPT,
	statement::{REVEALS, ReportKey, STATEMENTS},
};
use groma_device::{
	actors::beaconer::{Beaconer, Tools},
	actors::revealer::Revealer,
	actors::witness::Witness,
};
use groma_lora::radio::Reception;
use tokio::{
	sync::mpsc::{self, UnboundedReceiver},
	time::{Instant, sleep, timeout},
};

use crate::fakes::{
	BLOCKS, FakeChain, FakeRadio, GATHERED, Log, Sent, SkewedClock, beacon, client_metrics,
	gateways, identities, metrics, moment, reception, store, window_where,
};

/// The gateway.
pub(crate) const DEVICE: u32 = 2;
/// Someone else, whom it hears.
pub(crate) const NEIGHBOUR: u32 = 5;
pub(crate) const WINDOW: u32 = 9;
pub(crate) const BLOCK_TIME: Duration = Duration::from_secs(6);

/// The client but for its sockets.
pub(crate) struct Client {
	chain: Arc<FakeChain>,
	store: Arc<Store>,
	pub(crate) metrics: Arc<Metrics>,
	sent: UnboundedReceiver<Sent>,
	receptions: mpsc::Sender<Reception>,
	_stop: Trigger,
}

pub(crate) fn chain_at(block: u32) -> Arc<FakeChain> {
	FakeChain::new(&[DEVICE, NEIGHBOUR], block)
}

async fn start(chain: &Arc<FakeChain>, store: &Arc<Store>, clock: Arc<dyn Clock>) -> Client {
	chain.reconnect().await;
	assemble(chain.clone(), chain, store, clock)
}

/// A client that asks `chain` about the chain of the test.
pub(crate) fn assemble(
	chain: Arc<dyn Chain>,
	truth: &Arc<FakeChain>,
	store: &Arc<Store>,
	clock: Arc<dyn Clock>,
) -> Client {
	let client_metrics = client_metrics();
	let gateways = gateways(&[DEVICE]);
	let (radio, sent) = FakeRadio::new(clock.clone(), []);
	let (follower, views) = Follower::new(
		chain.clone(),
		clock.clone(),
		store.clone(),
		identities(&[DEVICE]),
		client_metrics.clone(),
	)
	.expect("a follower");
	let policy = Policy { own_transactions: true, history_windows: WINDOWS_KEPT };
	let (sender, delivery) = Delivery::new(
		chain.clone(),
		store.clone(),
		clock.clone(),
		client_metrics.clone(),
		policy,
		views.clone(),
	)
	.expect("a delivery");
	let (receptions, heard) = mpsc::channel(64);
	let tools =
		Tools { chain: chain.clone(), clock, radio, store: store.clone(), metrics: metrics() };
	let beaconer = Beaconer::new(tools, gateways.clone(), views.clone());
	let witness = Witness::new(
		chain.clone(),
		store.clone(),
		metrics(),
		sender.clone(),
		heard,
		gateways,
		views.clone(),
	);
	let revealer = Revealer::new(store.clone(), client_metrics.clone(), sender, views);
	let (stop, shutdown) = shutdown::channel();
	tokio::spawn(follower.run(shutdown.clone()));
	tokio::spawn(beaconer.run(shutdown.clone()));
	tokio::spawn(witness.run(shutdown.clone()));
	tokio::spawn(revealer.run(shutdown.clone()));
	tokio::spawn(delivery.run(shutdown));
	Client {
		chain: truth.clone(),
		store: store.clone(),
		metrics: client_metrics,
		sent,
		receptions,
		_stop: stop,
	}
}

impl Client {
	/// Has the chain make blocks from `first` to before `end`, at its pace.
	async fn blocks(&self, first: u32, end: u32) {
		for block in first..end {
			self.chain.go_to(block);
			sleep(BLOCK_TIME).await;
		}
	}

	pub(crate) async fn hear(&self, beacon: &Beacon) {
		self.receptions.send(reception(DEVICE, beacon)).await.expect("the witness runs");
		sleep(GATHERED).await;
	}

	/// The frames that were transmitted until now, and when.
	pub(crate) fn transmitted(&mut self) -> Vec<Sent> {
		std::iter::from_fn(|| self.sent.try_recv().ok()).collect()
	}

	pub(crate) fn is_on_chain(&self, key: ReportKey) -> bool {
		self.chain.script().on_chain.contains(&key)
	}
}

pub(crate) fn block(window: u32, offset: u32) -> u32 {
	window * BLOCKS + offset
}

pub(crate) fn statement(beaconer: u32, window: u32) -> ReportKey {
	ReportKey { series: STATEMENTS, window, subject: beaconer, author: DEVICE }
}

pub(crate) fn reveal(beaconer: u32, window: u32) -> ReportKey {
	ReportKey { series: REVEALS, window, subject: beaconer, author: beaconer }
}

pub(crate) fn system_clock() -> Arc<dyn Clock> {
	Arc::new(SystemClock::new())
}

#[tokio::test(start_paused = true)]
async fn beacon_counts_when_it_is_heard_while_no_node_answers() {
	let chain = chain_at(block(WINDOW, 0));
	let client = start(&chain, &store(), system_clock()).await;
	client.blocks(block(WINDOW, 1), block(WINDOW, 10)).await;
	chain.script().is_offline = true;
	client.hear(&beacon(NEIGHBOUR, WINDOW)).await;
	client.blocks(block(WINDOW, 10), block(WINDOW + 1, 30)).await;
	assert!(!client.is_on_chain(statement(NEIGHBOUR, WINDOW)));
	chain.script().is_offline = false;
	client.blocks(block(WINDOW + 1, 30), block(WINDOW + 2, 30)).await;
	assert!(client.is_on_chain(statement(NEIGHBOUR, WINDOW)));
	assert!(client.is_on_chain(reveal(NEIGHBOUR, WINDOW)));
}

#[tokio::test(start_paused = true)]
async fn hour_without_nodes_costs_what_came_too_late_and_no_more() {
	let log = Log::start();
	let chain = chain_at(block(WINDOW, 0));
	// The node takes what it is given, and keeps it back until it is gone.
	chain.script().collecting.clear();
	chain.script().withholding.insert(0);
	let back = WINDOW + 12;
	chain.script().challenged.extend([(DEVICE, WINDOW + 4), (DEVICE, back)]);
	let mut client = start(&chain, &store(), system_clock()).await;
	client.blocks(block(WINDOW, 1), block(WINDOW, 10)).await;
	client.hear(&beacon(NEIGHBOUR, WINDOW)).await;
	chain.script().is_offline = true;
	client.blocks(block(WINDOW, 10), block(back, 10)).await;

	chain.script().is_offline = false;
	chain.script().collecting.insert(0);
	client.blocks(block(back, 10), block(back, 20)).await;
	client.hear(&beacon(NEIGHBOUR, back)).await;
	client.blocks(block(back, 20), block(back + 2, 30)).await;

	let frames = client.transmitted();
	assert_eq!(frames.len(), 1, "of the two challenges one was heard of in time");
	assert_eq!(frames[0].2.payload, beacon(DEVICE, back).to_bytes());
	for key in [statement(NEIGHBOUR, back), reveal(NEIGHBOUR, back), reveal(DEVICE, back)] {
		assert!(client.is_on_chain(key), "{key:?}");
	}
	assert_eq!(client.metrics.reports_expired.get(), 2, "the statement, and its reveal");
	assert_eq!(log.lines_with("did not reach the chain in time").len(), 1);
	assert_eq!(log.lines_with("its time passed").len(), 1);
	// Once when it begins and every ten minutes while it lasts.
	let lines = log.lines_with("no news of the chain");
	assert!((6..=7).contains(&lines.len()), "{lines:#?}");
	assert!(lines.iter().all(|line| line.contains("check `chain.endpoints`")), "{lines:#?}");
	assert_eq!(log.lines_with("the chain goes on").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn statement_is_handed_in_again_when_a_node_lost_it_over_a_restart() {
	let chain = chain_at(block(WINDOW, 0));
	chain.script().collecting.clear();
	chain.script().withholding.insert(0);
	let client = start(&chain, &store(), system_clock()).await;
	client.blocks(block(WINDOW, 1), block(WINDOW, 10)).await;
	client.hear(&beacon(NEIGHBOUR, WINDOW)).await;
	assert_eq!(chain.script().handed_in.len(), 1);
	client.blocks(block(WINDOW, 10), block(WINDOW, 20)).await;
	// What it had taken is gone with it.
	chain.script().is_offline = true;
	client.blocks(block(WINDOW, 20), block(WINDOW, 25)).await;
	chain.script().is_offline = false;
	chain.script().withholding.clear();
	chain.script().collecting.extend([0, 1]);
	client.blocks(block(WINDOW, 25), block(WINDOW + 2, 30)).await;
	assert!(client.is_on_chain(statement(NEIGHBOUR, WINDOW)));
	assert!(client.is_on_chain(reveal(NEIGHBOUR, WINDOW)));
	assert_eq!(client.metrics.reports_expired.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn device_works_and_answers_once_whatever_its_clock_shows() {
	let truth = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
	let index = window_where(DEVICE, WINDOW, |second| second < 40);
	let minutes = |count: i64| (truth as i64 + count * 60_000) as u64;
	let (right, in_1970, in_2100) = (minutes(0), 120_000, 4_102_444_800_000);
	for (before, after) in [
		(minutes(10), minutes(10)),
		(minutes(10), minutes(-10)),
		(minutes(-10), minutes(10)),
		(minutes(60), right),
		(minutes(-60), right),
		(in_1970, right),
		(right, in_1970),
		(in_2100, right),
		(right, in_2100),
	] {
		let chain = chain_at(block(index, 0));
		chain.script().challenged.insert((DEVICE, index));
		let (store, clock) = (store(), SkewedClock::new(before));
		let mut client = start(&chain, &store, clock.clone()).await;
		client.blocks(block(index, 1), block(index, 10)).await;
		client.hear(&beacon(NEIGHBOUR, index)).await;
		assert_eq!(client.transmitted().len(), 1, "{before} {after}");
		drop(client);

		// The clock is set, or jumps, while the client restarts.
		clock.unix_ms.store(after, Ordering::Relaxed);
		let mut client = start(&chain, &store, clock).await;
		client.blocks(block(index, 10), block(index + 2, 30)).await;
		assert_eq!(client.transmitted().len(), 0, "{before} {after}");
		for key in [statement(NEIGHBOUR, index), reveal(NEIGHBOUR, index), reveal(DEVICE, index)] {
			assert!(client.is_on_chain(key), "{before} {after} {key:?}");
		}
		let spent = store.airtime_since(DEVICE, 0, 0).expect("readable");
		assert_eq!(spent.len(), 1, "{before} {after}");
	}
}

#[tokio::test(start_paused = true)]
async fn halt_of_a_day_costs_nothing() {
	let log = Log::start();
	let index = window_where(DEVICE, WINDOW, |second| second > 150);
	let (chain, store) = (chain_at(block(index, 0)), store());
	chain.script().challenged.extend([(DEVICE, index), (DEVICE, index + 1)]);
	let mut client = start(&chain, &store, system_clock()).await;
	client.blocks(block(index, 1), block(index, 20)).await;
	assert_eq!(client.transmitted().len(), 0);
	chain.script().is_halted = true;
	sleep(Duration::from_secs(6 * 3_600)).await;
	let frames = client.transmitted();
	assert_eq!(frames.len(), 1, "the moment of a beacon does not wait for blocks");
	assert_eq!(frames[0].2.payload, beacon(DEVICE, index).to_bytes());
	drop(client);

	// A restart in the middle of the halt, and a neighbour that beacons late.
	let mut client = start(&chain, &store, system_clock()).await;
	sleep(Duration::from_secs(12 * 3_600)).await;
	client.hear(&beacon(NEIGHBOUR, index)).await;
	sleep(Duration::from_secs(6 * 3_600)).await;
	assert_eq!(client.transmitted().len(), 0, "it was answered before the restart");

	chain.script().is_halted = false;
	client.blocks(block(index, 20), block(index + 1, 0)).await;
	let began = Instant::now();
	client.blocks(block(index + 1, 0), block(index + 3, 30)).await;
	let frames = client.transmitted();
	assert_eq!(frames.len(), 1);
	assert_eq!(frames[0].2.payload, beacon(DEVICE, index + 1).to_bytes());
	assert!(began.elapsed() > Duration::from_secs(600));
	for key in [
		statement(NEIGHBOUR, index),
		reveal(NEIGHBOUR, index),
		reveal(DEVICE, index),
		reveal(DEVICE, index + 1),
	] {
		assert!(client.is_on_chain(key), "{key:?}");
	}
	assert_eq!(client.metrics.reports_expired.get(), 0);
	// Two processes, a day, and a line every ten minutes at most.
	let lines = log.lines_with("no news of the chain").len();
	assert!((2..=146).contains(&lines), "{lines}");
	assert_eq!(log.lines_with("the chain goes on").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn beacon_keeps_its_moment_after_a_halt() {
	let chain = chain_at(block(WINDOW, 0));
	chain.script().challenged.insert((DEVICE, WINDOW + 1));
	let mut client = start(&chain, &store(), system_clock()).await;
	client.blocks(block(WINDOW, 1), block(WINDOW, 20)).await;
	chain.script().is_halted = true;
	sleep(Duration::from_secs(86_400)).await;
	chain.script().is_halted = false;
	client.blocks(block(WINDOW, 20), block(WINDOW + 1, 0)).await;
	let began = Instant::now();
	chain.go_to(block(WINDOW + 1, 0));
	let sent = timeout(Duration::from_secs(300), client.sent.recv()).await;
	let (_, _, frame) = sent.expect("in time").expect("transmitted");
	assert_eq!(frame.payload, beacon(DEVICE, WINDOW + 1).to_bytes());
	// The first block is seen one block time after the window began.
	let waited = began.elapsed() + BLOCK_TIME;
	let off = waited.abs_diff(moment(DEVICE, WINDOW + 1));
	assert!(off < Duration::from_millis(100), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn statement_commits_to_what_was_heard_before_the_outage() {
	let chain = chain_at(block(WINDOW, 0));
	let store = store();
	let client = start(&chain, &store, system_clock()).await;
	client.blocks(block(WINDOW, 1), block(WINDOW, 5)).await;
	let heard = beacon(NEIGHBOUR, WINDOW);
	chain.script().is_offline = true;
	client.hear(&heard).await;
	client.blocks(block(WINDOW, 5), block(WINDOW, 15)).await;
	chain.script().is_offline = false;
	client.blocks(block(WINDOW, 15), block(WINDOW, 25)).await;
	let stated = client.store.statements_about(WINDOW).expect("readable");
	assert_eq!(stated.len(), 1);
	assert_eq!(stated[0].observation.commitment, commitment(&heard.signature, DEVICE));
}
