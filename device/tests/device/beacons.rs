//! Answering challenges.

use std::{sync::Arc, time::Duration};

use groma_client::{
	clock::{Clock, SystemClock},
	follower::Follower,
	keys::DeviceKey,
	shutdown::{self, Trigger},
	store::{BeaconState, Store},
};
use groma_core::{
	frame::{BEACON_LENGTH, Beacon},
	payload,
	statement::Reveal,
	words::Signature,
};
use groma_device::actors::beaconer::{Beaconer, Tools};
use groma_lora::radio::RadioError;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::fakes::{
	BLOCKS, FakeChain, FakeRadio, Log, Sent, SkewedClock, beacon, challenge, challenge_id,
	client_metrics, gateways, identities, key, mac, metrics, moment, registration, store, view,
	views,
};

const DEVICE: u32 = 3;
const WINDOW: u32 = 9;

/// A beaconer at the start of a window in which [`DEVICE`] is challenged.
struct Bench {
	sent: UnboundedReceiver<Sent>,
	store: Arc<Store>,
	clock: Arc<dyn Clock>,
	chain: Arc<FakeChain>,
	metrics: Arc<groma_device::metrics::Metrics>,
	_stop: Trigger,
	views: tokio::sync::watch::Sender<Option<Arc<groma_client::follower::View>>>,
}

fn bench(store: Arc<Store>, outcomes: Vec<RadioError>, lies: bool) -> Bench {
	bench_in(WINDOW, store, outcomes, lies)
}

fn bench_in(window: u32, store: Arc<Store>, outcomes: Vec<RadioError>, lies: bool) -> Bench {
	let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
	let (radio, sent) = FakeRadio::new(clock.clone(), outcomes);
	let chain = FakeChain::new(&[DEVICE], window * BLOCKS);
	chain.script().lies = lies;
	chain.script().challenged.insert((DEVICE, window));
	let (sender, receiver) = views(view(window, 0, &[DEVICE], clock.now()));
	let metrics = metrics();
	let tools = Tools {
		chain: chain.clone(),
		clock: clock.clone(),
		radio,
		store: store.clone(),
		metrics: metrics.clone(),
	};
	let (stop, shutdown) = shutdown::channel();
	tokio::spawn(Beaconer::new(tools, gateways(&[DEVICE]), receiver).run(shutdown));
	Bench { sent, store, clock, chain, metrics, _stop: stop, views: sender }
}

/// Whether nothing is transmitted within two windows.
async fn is_silent(bench: &mut Bench) -> bool {
	tokio::time::timeout(Duration::from_secs(600), bench.sent.recv()).await.is_err()
}

#[tokio::test(start_paused = true)]
async fn beacon_goes_out_at_its_moment_when_the_wall_clock_is_wrong() {
	// In 1970, and it does not even move.
	let clock: Arc<dyn Clock> = SkewedClock::new(5);
	let (radio, mut sent) = FakeRadio::new(clock.clone(), []);
	// The process starts when the second block of the window is the best: 12 s of the window have
	// passed.
	let chain = FakeChain::new(&[DEVICE], WINDOW * BLOCKS + 1);
	chain.script().challenged.insert((DEVICE, WINDOW));
	let gateways = gateways(&[DEVICE]);
	let store = store();
	let identities = identities(&[DEVICE]);
	let (follower, views) =
		Follower::new(chain.clone(), clock.clone(), store.clone(), identities, client_metrics())
			.expect("a follower");
	let tools = Tools { chain, clock, radio, store, metrics: metrics() };
	let (_stop, shutdown) = shutdown::channel();
	let started = tokio::time::Instant::now();
	tokio::spawn(follower.run(shutdown.clone()));
	tokio::spawn(Beaconer::new(tools, gateways, views).run(shutdown));

	let (_, gateway, transmission) = sent.recv().await.expect("transmitted");
	let (waited, passed) = (started.elapsed(), Duration::from_secs(12));
	let late = (waited + passed).checked_sub(moment(DEVICE, WINDOW));
	assert!(late.is_some_and(|late| late < Duration::from_millis(100)), "{waited:?}");
	assert_eq!(gateway, mac(DEVICE));
	assert_eq!(transmission.payload, beacon(DEVICE, WINDOW).to_bytes());
	assert_eq!(transmission.power_dbm, 16);
}

#[tokio::test(start_paused = true)]
async fn beacon_is_signed_by_the_session_key() {
	let mut bench = bench(store(), vec![], false);
	let (_, _, transmission) = bench.sent.recv().await.expect("transmitted");
	let heard = Beacon::from_bytes(&transmission.payload).expect("a beacon");
	assert_eq!((heard.device, heard.window(WINDOW)), (DEVICE, WINDOW));
	let message = payload::beacon(&challenge_id(DEVICE, WINDOW));
	assert_eq!(heard.signature, key(DEVICE).sign(&message));
}

#[tokio::test(start_paused = true)]
async fn beacon_is_tried_again_when_the_packet_forwarder_is_busy() {
	let busy = || RadioError::Busy(mac(DEVICE), "COLLISION_PACKET".to_owned());
	let mut bench = bench(store(), vec![busy(), busy()], false);
	let mut frames = Vec::new();
	for _ in 0..3 {
		frames.push(bench.sent.recv().await.expect("transmitted"));
	}
	assert!(is_silent(&mut bench).await);
	assert!(frames.iter().all(|(_, _, frame)| *frame == frames[0].2));
	assert!(frames[0].0 < frames[1].0 && frames[1].0 < frames[2].0);
	assert_eq!(bench.store.summary().expect("readable").beacons.transmitted, 1);
	assert_eq!(bench.metrics.transmit_retries.get(), 2);
}

#[tokio::test(start_paused = true)]
async fn beacon_is_sent_with_less_power_when_the_packet_forwarder_refuses_more() {
	let refused = |power| RadioError::PowerRefused(mac(DEVICE), power);
	let mut bench = bench(store(), vec![refused(16), refused(15)], false);
	let mut frames = Vec::new();
	for _ in 0..3 {
		frames.push(bench.sent.recv().await.expect("transmitted"));
	}
	assert_eq!(frames.iter().map(|(_, _, it)| it.power_dbm).collect::<Vec<_>>(), [16, 15, 14]);
	assert!(frames.iter().all(|(_, _, frame)| frame.payload == frames[0].2.payload));
	assert!(frames[2].0 - frames[0].0 < Duration::from_secs(1));

	// The next challenge begins with what worked.
	bench.chain.script().challenged.insert((DEVICE, WINDOW + 1));
	let next = view(WINDOW + 1, 0, &[DEVICE], bench.clock.now());
	bench.views.send_replace(Some(Arc::new(next)));
	let (_, _, frame) = bench.sent.recv().await.expect("transmitted");
	assert_eq!(frame.power_dbm, 14);
	assert!(is_silent(&mut bench).await);
}

#[tokio::test(start_paused = true)]
async fn beacon_is_given_up_when_no_power_is_taken() {
	let log = Log::start();
	let refusals = (0..=16).rev().map(|power| RadioError::PowerRefused(mac(DEVICE), power));
	let mut bench = bench(store(), refusals.collect(), false);
	for power in (0..=16).rev() {
		let (_, _, frame) = bench.sent.recv().await.expect("asked for");
		assert_eq!(frame.power_dbm, power);
	}
	assert!(is_silent(&mut bench).await);
	assert_eq!(bench.store.summary().expect("readable").beacons.failed, 1);
	let lines = log.lines_with("device::beacon");
	assert_eq!(lines.iter().filter(|line| line.contains("WARN")).count(), 2, "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn forwarder_that_never_answers_gets_three_copies_and_one_line() {
	let log = Log::start();
	let silence = std::iter::repeat_n(RadioError::NotAcknowledged(mac(DEVICE)), 1_000).collect();
	let mut bench = bench(store(), silence, false);
	for _ in 0..3 {
		bench.sent.recv().await.expect("transmitted");
	}
	assert!(is_silent(&mut bench).await);
	// Whether it went out is unknown, and it is revealed.
	assert_eq!(bench.store.summary().expect("readable").beacons.committed, 1);
	assert_eq!(bench.store.waiting_reveals().expect("readable").len(), 1);
	assert_eq!(bench.metrics.beacons_unacknowledged.get(), 1);
	let lines = log.lines_with("WARN");
	assert!(lines.len() == 1 && lines[0].contains("copies=3"), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn beacon_is_given_up_when_the_window_ends() {
	let failures = std::iter::repeat_n(RadioError::NotConnected(mac(DEVICE)), 1_000).collect();
	let mut bench = bench(store(), failures, false);
	let started = bench.clock.now();
	let mut last = started;
	while let Ok(Some((moment, ..))) =
		tokio::time::timeout(Duration::from_secs(600), bench.sent.recv()).await
	{
		last = moment;
	}
	assert!(last - started < Duration::from_secs(300));
	assert!(last - started > Duration::from_secs(280));
	assert_eq!(bench.store.summary().expect("readable").beacons.failed, 1);
	assert_eq!(bench.metrics.beacons_failed.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn beacon_is_given_up_when_the_channel_is_refused() {
	let refusal = RadioError::ChannelRefused(mac(DEVICE), 868_100_000);
	let mut bench = bench(store(), vec![refusal], false);
	bench.sent.recv().await.expect("tried");
	assert!(is_silent(&mut bench).await);
	assert_eq!(bench.store.summary().expect("readable").beacons.failed, 1);
}

#[tokio::test(start_paused = true)]
async fn decision_is_on_disk_before_anything_is_transmitted() {
	let mut bench = bench(store(), vec![], false);
	bench.sent.recv().await.expect("transmitted");
	// The radio reports before the beaconer can write anything else.
	assert!(bench.store.has_answered(DEVICE, WINDOW).expect("readable"));
	let reveal = bench.store.waiting_reveals().expect("readable");
	assert_eq!(reveal.len(), 1);
	assert_eq!(reveal[0].0.signature, beacon(DEVICE, WINDOW).signature);
	assert!(reveal[0].1);
}

#[tokio::test(start_paused = true)]
async fn challenge_is_not_answered_again_when_the_process_restarts() {
	let store = store();
	let signature = beacon(DEVICE, WINDOW).signature;
	// Killed between the decision and the transmission: whether it went out is unknown.
	store.commit_beacon(&Reveal { window: WINDOW, beaconer: DEVICE, signature }, 0).expect("kept");
	let mut bench = bench(store, vec![], false);
	assert!(is_silent(&mut bench).await);
}

#[tokio::test(start_paused = true)]
async fn duty_cycle_is_kept_over_a_restart() {
	let store = store();
	let clock = SystemClock::new();
	let signature = beacon(DEVICE, WINDOW - 1).signature;
	let past = Reveal { window: WINDOW - 1, beaconer: DEVICE, signature };
	store.commit_beacon(&past, clock.unix_ms() - 60_000).expect("kept");
	// 1 % of an hour is 36 s.
	store.spend_airtime(DEVICE, WINDOW - 1, 35_900_000).expect("kept");
	let mut bench = bench(store, vec![], false);
	assert!(is_silent(&mut bench).await);
	assert!(!bench.store.has_answered(DEVICE, WINDOW).expect("readable"));
}

/// A store in which [`DEVICE`] used up the airtime of an hour in a window.
fn exhausted_store(window: u32, committed_at_ms: u64) -> Arc<Store> {
	let store = store();
	let reveal = Reveal { window, beaconer: DEVICE, signature: beacon(DEVICE, window).signature };
	store.commit_beacon(&reveal, committed_at_ms).expect("kept");
	store.spend_airtime(DEVICE, window, 36_000_000).expect("kept");
	store
}

#[tokio::test(start_paused = true)]
async fn duty_cycle_is_kept_over_a_restart_whatever_the_clock_showed() {
	let hour_ms = 3_600_000;
	let now = SystemClock::new().unix_ms();
	for committed_at_ms in [120_000, now - hour_ms, now, now + hour_ms, 4_102_444_800_000] {
		let mut bench = bench(exhausted_store(WINDOW - 1, committed_at_ms), vec![], false);
		assert!(is_silent(&mut bench).await, "{committed_at_ms}");
		assert!(!bench.store.has_answered(DEVICE, WINDOW).expect("readable"), "{committed_at_ms}");
	}
}

#[tokio::test(start_paused = true)]
async fn device_beacons_when_its_past_lies_in_the_future() {
	let hours_ms = 2 * 3_600_000;
	let now = SystemClock::new().unix_ms();
	for committed_at_ms in [120_000, now - hours_ms, now + hours_ms, 4_102_444_800_000] {
		let store = exhausted_store(100 - 13, committed_at_ms);
		let mut bench = bench_in(100, store, vec![], false);
		bench.sent.recv().await.expect("transmitted");
		assert!(bench.store.has_answered(DEVICE, 100).expect("readable"), "{committed_at_ms}");
	}
}

#[tokio::test(start_paused = true)]
async fn airtime_is_counted_when_an_acknowledgement_is_missing() {
	let mut bench = bench(store(), vec![RadioError::NotAcknowledged(mac(DEVICE))], false);
	bench.sent.recv().await.expect("transmitted");
	bench.sent.recv().await.expect("transmitted again");
	assert!(is_silent(&mut bench).await);
	let spent = bench.store.airtime_since(DEVICE, 0, 0).expect("readable");
	let airtime_us = challenge(DEVICE, WINDOW).data_rate.airtime_us(BEACON_LENGTH as u32);
	let total = spent.iter().map(|it| it.airtime_us).sum::<u64>();
	assert_eq!(Some(total), airtime_us.map(|airtime| 2 * airtime));
}

#[tokio::test(start_paused = true)]
async fn challenge_of_the_seed_is_answered_when_an_endpoint_names_another() {
	let mut bench = bench(store(), vec![], true);
	let (_, _, frame) = bench.sent.recv().await.expect("transmitted");
	assert_eq!(frame.payload, beacon(DEVICE, WINDOW).to_bytes());
	let truth = challenge(DEVICE, WINDOW);
	assert_eq!((frame.frequency_hz, frame.data_rate), (truth.frequency_hz, truth.data_rate));
}

#[tokio::test(start_paused = true)]
async fn challenge_is_answered_when_the_node_is_gone_once_the_window_is_known() {
	let mut bench = bench(store(), vec![], false);
	bench.chain.script().is_offline = true;
	let (_, _, frame) = bench.sent.recv().await.expect("transmitted");
	assert_eq!(frame.payload, beacon(DEVICE, WINDOW).to_bytes());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_transmitted_when_the_threshold_challenges_no_device() {
	let mut bench = bench(store(), vec![], false);
	let mut shown = view(WINDOW, 0, &[DEVICE], bench.clock.now());
	shown.window.thresholds.clear();
	bench.views.send_replace(Some(Arc::new(shown)));
	assert!(is_silent(&mut bench).await);
	assert_eq!(bench.metrics.challenges.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_transmitted_when_the_device_cannot_take_part() {
	let mut bench = bench(store(), vec![], false);
	bench.chain.script().challenged.clear();
	assert!(is_silent(&mut bench).await);
}

#[tokio::test(start_paused = true)]
async fn every_gateway_answers_its_own_challenge() {
	let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
	let (radio, mut sent) = FakeRadio::new(clock.clone(), []);
	let chain = FakeChain::new(&[1, 2], WINDOW * BLOCKS);
	chain.script().challenged.extend([(1, WINDOW), (2, WINDOW)]);
	assert!(moment(2, WINDOW) < moment(1, WINDOW));
	let (_sender, receiver) = views(view(WINDOW, 0, &[1, 2], clock.now()));
	let tools = Tools { chain, clock, radio, store: store(), metrics: metrics() };
	let (_stop, shutdown) = shutdown::channel();
	tokio::spawn(Beaconer::new(tools, gateways(&[1, 2]), receiver).run(shutdown));
	for device in [2, 1] {
		let (_, gateway, frame) = sent.recv().await.expect("transmitted");
		assert_eq!(gateway, mac(device));
		assert_eq!(frame.payload, beacon(device, WINDOW).to_bytes());
	}
}

#[test]
fn state_of_an_answer_is_kept() {
	let store = store();
	let reveal = Reveal { window: 1, beaconer: 2, signature: Signature([3; 64]) };
	assert!(store.commit_beacon(&reveal, 0).expect("kept"));
	assert!(!store.commit_beacon(&reveal, 0).expect("known"));
	store.set_beacon_state(2, 1, BeaconState::Transmitted).expect("kept");
	assert_eq!(store.summary().expect("readable").beacons.transmitted, 1);
}

#[tokio::test(start_paused = true)]
async fn challenge_that_cannot_be_answered_is_a_line_when_that_begins_and_one_when_it_ends() {
	let log = Log::start();
	let bench = bench(store(), vec![], false);
	bench.chain.script().challenged.insert((DEVICE, WINDOW + 1));
	tokio::time::sleep(Duration::from_secs(1)).await;
	for block in 0..20 {
		let mut shown = view(WINDOW + 1, block, &[DEVICE], bench.clock.now());
		if block < 10 {
			// A plan that this build does not know how to follow.
			let mut known = registration(DEVICE);
			let rates = known.plan.iter_mut().flat_map(|plan| plan.data_rates.iter_mut());
			rates.for_each(|rate| rate.spreading_factor = 99);
			shown.registrations = Arc::new([Some(known)]);
		}
		bench.views.send_replace(Some(Arc::new(shown)));
		tokio::time::sleep(Duration::from_secs(6)).await;
	}
	let lines = log.lines_with("WARN");
	assert!(lines.len() == 1 && lines[0].contains("to answer a challenge is unknown"), "{lines:?}");
	assert_eq!(log.lines_with("it is known again which challenges to answer").len(), 1);
	assert_eq!(bench.metrics.challenges.get(), 2);
}
