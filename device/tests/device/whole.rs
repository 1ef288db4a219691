//! The whole client: two gateways, their packet forwarders, and a chain.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use groma_client::{
	clock::SystemClock,
	delivery::Policy,
	metrics::Metrics as ClientMetrics,
	shutdown::{self, Trigger},
	store::Store,
};
use groma_core::{
	protocol::WINDOWS_KEPT,
	region::DataRate,
	statement::{Report, Reveal, Statement},
};
use groma_device::{
	metrics::Metrics,
	server::{Server, ServerError},
};
use groma_lora::gwmp::{self, Downlink, Forwarder, Received};
use tokio::task::JoinHandle;

use crate::fakes::{
	BLOCKS, FakeChain, beacon, client_metrics, eventually, gateways, mac, metrics, store,
};

const BEACONER: u32 = 1;
const WITNESS: u32 = 2;
const WINDOW: u32 = 9;
/// A block of the window after which all of its beacons were sent.
const LATE: u32 = 35;

struct Bench {
	chain: Arc<FakeChain>,
	address: SocketAddr,
	metrics: Arc<Metrics>,
	client_metrics: Arc<ClientMetrics>,
	stop: Trigger,
	server: JoinHandle<Result<(), ServerError>>,
}

async fn start(chain: &Arc<FakeChain>, store: &Arc<Store>) -> Bench {
	let socket = gwmp::Socket::bind(([127, 0, 0, 1], 0).into()).expect("bound");
	let address = socket.local_addr().expect("bound");
	let (metrics, client_metrics) = (metrics(), client_metrics());
	let server = Server {
		chain: chain.clone(),
		clock: Arc::new(SystemClock::new()),
		store: store.clone(),
		gateways: gateways(&[BEACONER, WITNESS]),
		socket,
		policy: Policy { own_transactions: true, history_windows: WINDOWS_KEPT },
		account: None,
		client_metrics: client_metrics.clone(),
		metrics: metrics.clone(),
		exporter: None,
	};
	let (stop, shutdown) = shutdown::channel();
	let server = tokio::spawn(server.run(shutdown));
	Bench { chain: chain.clone(), address, metrics, client_metrics, stop, server }
}

impl Bench {
	async fn stop(self) {
		self.stop.fire();
		self.server.await.expect("no panic").expect("stopped");
	}

	fn has_reached_the_chain<R: Report>(&self, wanted: impl Fn(&R) -> bool) -> bool {
		let script = self.chain.script();
		script.handed_in.iter().filter_map(|(_, report)| report.decode()).any(|it| wanted(&it))
	}
}

#[tokio::test]
async fn challenge_is_beaconed_heard_stated_and_revealed() {
	// The moment has passed when the client starts: the beacon goes out at once.
	let chain = FakeChain::new(&[BEACONER, WITNESS], WINDOW * BLOCKS + LATE);
	chain.script().challenged.insert((BEACONER, WINDOW));
	let store = store();
	let bench = start(&chain, &store).await;
	let mut beaconer = listening(BEACONER, bench.address).await;
	let mut witness = listening(WITNESS, bench.address).await;

	let payload = transmit(&mut beaconer).await;
	witness.push(&received(payload)).await.expect("sent");
	eventually("the statement is on chain", || {
		bench.has_reached_the_chain(|it: &Statement| {
			(it.observation.witness, it.beaconer, it.window) == (WITNESS, BEACONER, WINDOW)
		})
	})
	.await;

	chain.go_to((WINDOW + 1) * BLOCKS);
	tokio::time::sleep(Duration::from_millis(50)).await;
	assert!(!bench.has_reached_the_chain(|_: &Reveal| true));
	chain.go_to((WINDOW + 2) * BLOCKS);
	let signature = beacon(BEACONER, WINDOW).signature;
	eventually("the beacon is revealed", || {
		bench.has_reached_the_chain(|it: &Reveal| it.signature == signature)
	})
	.await;
	bench.stop().await;
}

#[tokio::test]
async fn challenge_is_not_beaconed_again_when_the_client_restarts() {
	let chain = FakeChain::new(&[BEACONER, WITNESS], WINDOW * BLOCKS + LATE);
	chain.script().challenged.insert((BEACONER, WINDOW));
	let store = store();
	let first = start(&chain, &store).await;
	transmit(&mut listening(BEACONER, first.address).await).await;
	eventually("it is on the air", || first.metrics.beacons_transmitted.get() == 1).await;
	first.stop().await;

	chain.go_to(WINDOW * BLOCKS + LATE + 1);
	let second = start(&chain, &store).await;
	let _forwarder = listening(BEACONER, second.address).await;
	eventually("the window is seen", || second.client_metrics.window.get() == u64::from(WINDOW))
		.await;
	tokio::time::sleep(Duration::from_millis(100)).await;
	assert_eq!(second.metrics.challenges.get(), 0);
	second.stop().await;
}

#[tokio::test]
async fn client_goes_on_when_the_chain_is_gone_and_back() {
	let chain = FakeChain::new(&[BEACONER, WITNESS], WINDOW * BLOCKS);
	chain.script().is_offline = true;
	let store = store();
	let bench = start(&chain, &store).await;
	tokio::time::sleep(Duration::from_millis(50)).await;
	chain.script().is_offline = false;
	let mut witness = listening(WITNESS, bench.address).await;
	chain.go_to(WINDOW * BLOCKS + 1);
	eventually("the window is seen", || bench.client_metrics.window.get() == u64::from(WINDOW))
		.await;
	chain.script().is_offline = true;
	chain.go_to(WINDOW * BLOCKS + 2);
	let heard = beacon(BEACONER, WINDOW);
	witness.push(&received(heard.to_bytes().to_vec())).await.expect("sent");
	eventually("it is heard", || bench.metrics.beacons_heard.get() == 1).await;
	chain.script().is_offline = false;
	chain.go_to(WINDOW * BLOCKS + 3);
	tokio::time::sleep(Duration::from_millis(1_200)).await;
	chain.go_to(WINDOW * BLOCKS + 4);
	eventually("it is stated", || bench.has_reached_the_chain(|_: &Statement| true)).await;
	bench.stop().await;
}

#[tokio::test]
async fn client_does_not_start_when_its_store_is_of_another_chain() {
	let chain = FakeChain::new(&[BEACONER], WINDOW * BLOCKS);
	let store = store();
	store.bind(&[0xEE; 32]).expect("bound");
	let bench = start(&chain, &store).await;
	let ended = bench.server.await.expect("no panic");
	assert!(matches!(ended, Err(ServerError::Store(_))));
}

/// A packet forwarder whose request for frames was acknowledged.
async fn listening(device: u32, server: SocketAddr) -> Forwarder {
	let mut forwarder = Forwarder::open(mac(device), server).await.expect("opened");
	let token = forwarder.pull().await.expect("sent");
	let answer = forwarder.receive().await.expect("received");
	assert_eq!(answer, Some(Downlink::PullAck(token)));
	forwarder
}

/// Accepts the next frame to transmit; returns its payload.
async fn transmit(forwarder: &mut Forwarder) -> Vec<u8> {
	match forwarder.receive().await.expect("received") {
		Some(Downlink::Transmit { token, request }) => {
			forwarder.answer(token, Ok(())).await.expect("sent");
			request.payload
		}
		other => panic!("{other:?}"),
	}
}

/// A frame as a concentrator reports it.
fn received(payload: Vec<u8>) -> Received {
	Received {
		counter_us: 1,
		frequency_hz: 868_100_000,
		data_rate: DataRate { spreading_factor: 9, bandwidth_khz: 125 },
		rssi_deci_dbm: -1_030,
		snr_deci_db: -25,
		has_crc: true,
		payload,
	}
}
