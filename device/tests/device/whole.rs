//! The whole client: two gateways, their packet forwarders, and a chain.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use groma_client::{
	clock::SystemClock,
	delivery::Policy,
	metrics::Metrics as ClientMetrics,
	parcel::Parcel,
	shutdown::{self, Trigger},
	store::Store,
};
use groma_device::{
	metrics::Metrics,
	server::{Server, ServerError},
};
use groma_lora::gwmp;
use tokio::task::JoinHandle;

use crate::{
	fakes::{BLOCKS, FakeChain, beacon, client_metrics, eventually, gateways, metrics, store},
	packet_forwarders::{Forwarder, push_data},
};

const BEACONER: u32 = 1;
const WITNESS: u32 = 2;
const WINDOW: u32 = 9;

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
		policy: Policy { own_transactions: true, history_windows: 288 },
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

	fn has_reached_the_chain(&self, wanted: impl Fn(&Parcel) -> bool) -> bool {
		self.chain.script().handed_in.iter().any(|(_, parcel)| wanted(parcel))
	}
}

#[tokio::test]
async fn challenge_is_beaconed_heard_stated_and_revealed() {
	let chain = FakeChain::new(&[BEACONER, WITNESS], WINDOW * BLOCKS);
	// The moment has passed when the client starts: the beacon goes out at once.
	chain.script().challenged.insert((BEACONER, WINDOW), 1);
	let store = store();
	let bench = start(&chain, &store).await;
	let beaconer = Forwarder::listening(BEACONER, bench.address).await;
	let witness = Forwarder::listening(WITNESS, bench.address).await;

	let payload = beaconer.transmit("").await;
	witness.push(&push_data(&payload)).await;
	eventually("the statement is on chain", || {
		bench.has_reached_the_chain(|parcel| {
			matches!(parcel, Parcel::Statement(s) if s.observation.witness == WITNESS
				&& s.beaconer == BEACONER && s.window == WINDOW)
		})
	})
	.await;

	chain.go_to((WINDOW + 1) * BLOCKS);
	tokio::time::sleep(Duration::from_millis(50)).await;
	assert!(!bench.has_reached_the_chain(|parcel| matches!(parcel, Parcel::Reveal(_))));
	chain.go_to((WINDOW + 2) * BLOCKS);
	let signature = beacon(BEACONER, WINDOW).signature;
	eventually("the beacon is revealed", || {
		bench.has_reached_the_chain(
			|parcel| matches!(parcel, Parcel::Reveal(r) if r.signature == signature),
		)
	})
	.await;
	bench.stop().await;
}

#[tokio::test]
async fn challenge_is_not_beaconed_again_when_the_client_restarts() {
	let chain = FakeChain::new(&[BEACONER, WITNESS], WINDOW * BLOCKS);
	chain.script().challenged.insert((BEACONER, WINDOW), 1);
	let store = store();
	let first = start(&chain, &store).await;
	Forwarder::listening(BEACONER, first.address).await.transmit("").await;
	eventually("it is on the air", || first.metrics.beacons_transmitted.get() == 1).await;
	first.stop().await;

	chain.go_to(WINDOW * BLOCKS + 1);
	let second = start(&chain, &store).await;
	Forwarder::listening(BEACONER, second.address).await;
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
	let witness = Forwarder::listening(WITNESS, bench.address).await;
	chain.go_to(WINDOW * BLOCKS + 1);
	eventually("the window is seen", || bench.client_metrics.window.get() == u64::from(WINDOW))
		.await;
	chain.script().is_offline = true;
	chain.go_to(WINDOW * BLOCKS + 2);
	let heard = beacon(BEACONER, WINDOW);
	witness.push(&push_data(&base64(&heard.to_bytes()))).await;
	eventually("it is heard", || bench.metrics.beacons_heard.get() == 1).await;
	chain.script().is_offline = false;
	chain.go_to(WINDOW * BLOCKS + 3);
	tokio::time::sleep(Duration::from_millis(1_200)).await;
	chain.go_to(WINDOW * BLOCKS + 4);
	eventually("it is stated", || {
		bench.has_reached_the_chain(|parcel| matches!(parcel, Parcel::Statement(_)))
	})
	.await;
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

fn base64(bytes: &[u8]) -> String {
	const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	// 72 bytes are a multiple of three.
	let groups = bytes.chunks_exact(3).flat_map(|group| {
		let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
		[18, 12, 6, 0].map(|shift| char::from(DIGITS[(bits >> shift) as usize & 63]))
	});
	groups.collect()
}
