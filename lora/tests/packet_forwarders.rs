//! The server socket against packet forwarders of the test's own making.

use std::{
	future::pending,
	net::SocketAddr,
	sync::{Arc, Mutex},
	time::Duration,
};

use groma_core::region::DataRate;
use groma_lora::{
	gwmp::{self, Cause, Event, Observer, Served},
	radio::{Mac, Radio, RadioError, Reception, Transmission},
};
use tokio::{net::UdpSocket, sync::mpsc, time::timeout};

const PUSH_DATA: u8 = 0;
const PUSH_ACK: u8 = 1;
const PULL_DATA: u8 = 2;
const PULL_RESP: u8 = 3;
const PULL_ACK: u8 = 4;
const TX_ACK: u8 = 5;

/// How long an acknowledgement may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often each event happened.
#[derive(Default)]
struct Counts(Mutex<Vec<Event>>);

impl Counts {
	fn of(&self, event: Event) -> usize {
		let events = self.0.lock().expect("no test panics here");
		events.iter().filter(|other| **other == event).count()
	}
}

impl Observer for Counts {
	fn on_event(&self, event: Event) {
		self.0.lock().expect("no test panics here").push(event);
	}

	fn on_connected(&self, _gateways: usize) {}
}

struct Bench {
	radio: gwmp::Sender,
	receptions: mpsc::Receiver<Reception>,
	address: SocketAddr,
	counts: Arc<Counts>,
}

async fn bench(gateways: &[u32]) -> Bench {
	bench_of(gateways.iter().map(|gateway| mac(*gateway)))
}

fn bench_of(gateways: impl IntoIterator<Item = impl Into<Served>>) -> Bench {
	let socket = gwmp::Socket::bind(([127, 0, 0, 1], 0).into()).expect("bound");
	let address = socket.local_addr().expect("bound");
	let (heard, receptions) = mpsc::channel(8);
	let counts = Arc::new(Counts::default());
	let (radio, server) = gwmp::server(socket, gateways, heard, counts.clone());
	tokio::spawn(server.run(pending()));
	Bench { radio, receptions, address, counts }
}

/// A packet forwarder.
struct Forwarder {
	socket: UdpSocket,
	mac: Mac,
}

impl Forwarder {
	async fn new(gateway: u32, server: SocketAddr) -> Self {
		let socket = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
		socket.connect(server).await.expect("connected");
		Self { socket, mac: mac(gateway) }
	}

	/// A forwarder whose PULL_DATA was acknowledged.
	async fn listening(gateway: u32, server: SocketAddr) -> Self {
		let forwarder = Self::new(gateway, server).await;
		forwarder.send(PULL_DATA, 0x0102, "").await;
		assert_eq!(forwarder.receive().await, (PULL_ACK, 0x0102, String::new()));
		forwarder
	}

	async fn push(&self, json: &str) {
		self.send(PUSH_DATA, 0xBEEF, json).await;
		assert_eq!(self.receive().await, (PUSH_ACK, 0xBEEF, String::new()));
	}

	async fn send(&self, identifier: u8, token: u16, json: &str) {
		let [high, low] = token.to_be_bytes();
		let datagram = [&[2, high, low, identifier][..], &self.mac.0, json.as_bytes()].concat();
		self.socket.send(&datagram).await.expect("sent");
	}

	async fn receive(&self) -> (u8, u16, String) {
		let mut buffer = [0; 2_048];
		let length = timeout(Duration::from_secs(5), self.socket.recv(&mut buffer))
			.await
			.expect("an answer")
			.expect("received");
		let json = String::from_utf8(buffer[4..length].to_vec()).expect("text");
		(buffer[3], u16::from_be_bytes([buffer[1], buffer[2]]), json)
	}

	/// Takes the next frame to transmit and answers it; returns its payload in base64.
	async fn transmit(&self, answer: &str) -> String {
		let (identifier, token, json) = self.receive().await;
		assert_eq!(identifier, PULL_RESP);
		self.send(TX_ACK, token, answer).await;
		let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
		json["txpk"]["data"].as_str().expect("a payload").to_owned()
	}
}

/// A PUSH_DATA with one frame.
fn push_data(payload: &str) -> String {
	format!(
		r#"{{"rxpk":[{{"tmst":1,"chan":2,"rfch":0,"freq":868.1,"stat":1,"modu":"LORA","datr":"SF9BW125",
		"codr":"4/5","lsnr":-2.5,"rssi":-103,"size":72,"data":"{payload}"}}]}}"#
	)
}

fn mac(gateway: u32) -> Mac {
	Mac([0, 0, 0, 0, 0, 0, 0, gateway as u8])
}

/// Waits until a condition holds; panics after ten seconds.
async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
	let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
	while !condition() {
		assert!(tokio::time::Instant::now() < deadline, "never: {what}");
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
}

fn transmission(byte: u8) -> Transmission {
	Transmission {
		frequency_hz: 868_100_000,
		data_rate: DataRate { spreading_factor: 9, bandwidth_khz: 125 },
		power_dbm: 14,
		payload: vec![byte; 3],
	}
}

#[tokio::test]
async fn frame_is_acknowledged_and_passed_on() {
	let mut bench = bench(&[1]).await;
	let forwarder = Forwarder::new(1, bench.address).await;
	forwarder.push(&push_data("4AEC")).await;
	let reception = bench.receptions.recv().await.expect("passed on");
	assert_eq!((reception.gateway, reception.payload), (mac(1), vec![0xE0, 1, 2]));
	assert_eq!((reception.rssi_deci_dbm, reception.snr_deci_db), (-1_030, -25));
}

#[tokio::test]
async fn frame_that_is_not_wanted_is_counted_and_not_passed_on() {
	let socket = gwmp::Socket::bind(([127, 0, 0, 1], 0).into()).expect("bound");
	let address = socket.local_addr().expect("bound");
	let (heard, mut receptions) = mpsc::channel(8);
	let counts = Arc::new(Counts::default());
	let (_radio, server) = gwmp::server(socket, [mac(1)], heard, counts.clone());
	tokio::spawn(server.passing_on(|reception| reception.payload.len() == 3).run(pending()));
	let forwarder = Forwarder::new(1, address).await;
	forwarder.push(&push_data("4AECAw==")).await;
	forwarder.push(&push_data("4AEC")).await;
	let passed_on = receptions.recv().await.expect("one is wanted");
	assert_eq!(passed_on.payload, [0xE0, 1, 2]);
	assert!(receptions.try_recv().is_err());
	assert_eq!(counts.of(Event::Reception), 2);
	assert_eq!(counts.of(Event::ReceptionDropped), 0);
}

#[tokio::test]
async fn frame_is_ignored_when_its_gateway_is_unknown() {
	let mut bench = bench(&[1]).await;
	let stranger = Forwarder::new(2, bench.address).await;
	stranger.send(PUSH_DATA, 1, &push_data("4AEC")).await;
	stranger.send(PULL_DATA, 1, "").await;
	eventually("it is counted", || bench.counts.of(Event::Fault(Cause::UnknownGateway)) == 2).await;
	assert!(bench.receptions.try_recv().is_err());
}

#[tokio::test]
async fn transmission_goes_to_the_gateway_that_it_is_for() {
	let bench = bench(&[1, 2]).await;
	let first = Forwarder::listening(1, bench.address).await;
	let second = Forwarder::listening(2, bench.address).await;
	let (to_first, to_second) = (transmission(1), transmission(2));
	let sent = tokio::join!(
		bench.radio.transmit(mac(2), &to_second, PATIENCE),
		bench.radio.transmit(mac(1), &to_first, PATIENCE),
		async { assert_eq!(first.transmit("").await, "AQEB") },
		async { assert_eq!(second.transmit("").await, "AgIC") },
	);
	assert_eq!((sent.0, sent.1), (Ok(()), Ok(())));
}

#[tokio::test]
async fn transmission_fails_when_the_packet_forwarder_says_so() {
	let bench = bench(&[1]).await;
	let forwarder = Forwarder::listening(1, bench.address).await;
	for (answer, expected) in [
		(r#"{"txpk_ack":{"error":"TX_FREQ"}}"#, RadioError::ChannelRefused(mac(1), 868_100_000)),
		(r#"{"txpk_ack":{"error":"TX_POWER"}}"#, RadioError::PowerRefused(mac(1), 14)),
	] {
		let frame = transmission(1);
		let (sent, _) = tokio::join!(
			bench.radio.transmit(mac(1), &frame, PATIENCE),
			forwarder.transmit(answer)
		);
		assert_eq!(sent, Err(expected));
	}
}

#[tokio::test]
async fn transmission_fails_when_no_packet_forwarder_listens() {
	let bench = bench(&[1]).await;
	let sent = bench.radio.transmit(mac(1), &transmission(1), PATIENCE).await;
	assert_eq!(sent, Err(RadioError::NotConnected(mac(1))));
	let sent = bench.radio.transmit(mac(9), &transmission(1), PATIENCE).await;
	assert_eq!(sent, Err(RadioError::NotConnected(mac(9))));
}

#[tokio::test]
async fn transmission_fails_when_it_is_not_acknowledged() {
	let bench = bench(&[1, 2]).await;
	let forwarder = Forwarder::listening(1, bench.address).await;
	let other = Forwarder::listening(2, bench.address).await;
	let frame = transmission(1);
	let (sent, ()) = tokio::join!(bench.radio.transmit(mac(1), &frame, PATIENCE), async {
		let (_, token, _) = forwarder.receive().await;
		// Another gateway cannot acknowledge it, nor does another token.
		other.send(TX_ACK, token, "").await;
		forwarder.send(TX_ACK, token.wrapping_add(1), "").await;
	});
	assert_eq!(sent, Err(RadioError::NotAcknowledged(mac(1))));
}

#[tokio::test]
async fn first_address_keeps_the_gateway_when_another_asks() {
	let bench = bench(&[1]).await;
	let first = Forwarder::listening(1, bench.address).await;
	let second = Forwarder::listening(1, bench.address).await;
	let frame = transmission(3);
	let sending = bench.radio.transmit(mac(1), &frame, PATIENCE);
	let (sent, _) = tokio::join!(sending, first.transmit(""));
	assert_eq!(sent, Ok(()));
	assert_eq!(bench.counts.of(Event::Fault(Cause::SecondAddress)), 1);
	// It is served all the same.
	second.push(&push_data("4AEC")).await;
}

#[tokio::test]
async fn only_the_address_of_the_settings_is_served() {
	let address = Some([127, 0, 0, 2].into());
	let mut bench = bench_of([Served { gateway: mac(1), address }]);
	let stranger = Forwarder::new(1, bench.address).await;
	stranger.send(PUSH_DATA, 1, &push_data("4AEC")).await;
	stranger.send(PULL_DATA, 1, "").await;
	let ignored = Event::Fault(Cause::ForeignAddress);
	eventually("it is counted", || bench.counts.of(ignored) == 2).await;
	assert!(bench.receptions.try_recv().is_err());
	let socket = UdpSocket::bind("127.0.0.2:0").await.expect("bound");
	socket.connect(bench.address).await.expect("connected");
	Forwarder { socket, mac: mac(1) }.push(&push_data("4AEC")).await;
	assert!(bench.receptions.recv().await.is_some());
}

#[tokio::test]
async fn answer_counts_only_from_where_the_frame_went() {
	let bench = bench(&[1]).await;
	let forwarder = Forwarder::listening(1, bench.address).await;
	let liar = UdpSocket::bind("127.0.0.2:0").await.expect("bound");
	liar.connect(bench.address).await.expect("connected");
	let liar = Forwarder { socket: liar, mac: mac(1) };
	let frame = transmission(1);
	let patience = Duration::from_millis(300);
	let sending = bench.radio.transmit(mac(1), &frame, patience);
	let (sent, ()) = tokio::join!(sending, async {
		let (_, token, _) = forwarder.receive().await;
		liar.send(TX_ACK, token, "").await;
	});
	assert_eq!(sent, Err(RadioError::NotAcknowledged(mac(1))));
	assert_eq!(bench.counts.of(Event::Fault(Cause::UnexpectedAnswer)), 1);
	// The second socket of the packet forwarder may answer.
	let other = Forwarder::new(1, bench.address).await;
	let sending = bench.radio.transmit(mac(1), &frame, PATIENCE);
	let (sent, ()) = tokio::join!(sending, async {
		let (_, token, _) = forwarder.receive().await;
		other.send(TX_ACK, token, "").await;
	});
	assert_eq!(sent, Ok(()));
}

#[tokio::test]
async fn late_answer_counts_for_the_next_copy() {
	let bench = bench(&[1]).await;
	let forwarder = Forwarder::listening(1, bench.address).await;
	let frame = transmission(1);
	let patience = Duration::from_millis(50);
	let sending = bench.radio.transmit(mac(1), &frame, patience);
	let (sent, (_, first, _)) = tokio::join!(sending, forwarder.receive());
	assert_eq!(sent, Err(RadioError::NotAcknowledged(mac(1))));
	let sending = bench.radio.transmit(mac(1), &frame, PATIENCE);
	let (sent, ()) = tokio::join!(sending, async {
		let (_, second, _) = forwarder.receive().await;
		assert_ne!(first, second);
		forwarder.send(TX_ACK, first, "").await;
	});
	assert_eq!(sent, Ok(()));
}

#[tokio::test]
async fn tokens_cannot_be_guessed() {
	let bench = bench(&[1]).await;
	let forwarder = Forwarder::listening(1, bench.address).await;
	let frame = transmission(1);
	let mut tokens = Vec::new();
	for _ in 0..8 {
		let sending = bench.radio.transmit(mac(1), &frame, PATIENCE);
		let (sent, ()) = tokio::join!(sending, async {
			let (_, token, _) = forwarder.receive().await;
			tokens.push(token);
			forwarder.send(TX_ACK, token, "").await;
		});
		assert_eq!(sent, Ok(()));
	}
	let steps = tokens.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
	assert!(steps.filter(|step| *step == 1).count() < 3, "{tokens:?}");
}

#[tokio::test]
async fn version_one_is_answered_in_version_one() {
	let mut bench = bench(&[1]).await;
	let forwarder = Forwarder::new(1, bench.address).await;
	let ask = async |identifier: u8, json: &str| {
		let datagram = [&[1, 0xBE, 0xEF, identifier][..], &mac(1).0, json.as_bytes()].concat();
		forwarder.socket.send(&datagram).await.expect("sent");
		let mut answer = [0; 64];
		let length = forwarder.socket.recv(&mut answer).await.expect("received");
		answer[..length].to_vec()
	};
	assert_eq!(ask(PUSH_DATA, &push_data("4AEC")).await, [1, 0xBE, 0xEF, PUSH_ACK]);
	assert!(bench.receptions.recv().await.is_some());
	assert_eq!(ask(PULL_DATA, "").await, [1, 0xBE, 0xEF, PULL_ACK]);
	let frame = transmission(1);
	let sending = bench.radio.transmit(mac(1), &frame, Duration::from_millis(50));
	let mut asked = [0; 1_024];
	let (_, received) = tokio::join!(sending, forwarder.socket.recv(&mut asked));
	assert!(received.is_ok() && asked[0] == 1 && asked[3] == PULL_RESP);
	assert_eq!(bench.counts.of(Event::Fault(Cause::VersionOne)), 2);
}

#[tokio::test]
async fn server_survives_noise() {
	let mut bench = bench(&[1]).await;
	let forwarder = Forwarder::listening(1, bench.address).await;
	for round in 0..400_usize {
		let length = (round * 37) % 600;
		let mut noise: Vec<u8> = (0..length).map(|_| rand::random()).collect();
		// Half of it has the look of the protocol.
		if round % 2 == 0 && length > 12 {
			noise[..4].copy_from_slice(&[2, 0, 0, (round % 7) as u8]);
			noise[4..12].copy_from_slice(&mac(1).0);
		}
		forwarder.socket.send(&noise).await.expect("sent");
		if round % 16 == 0 {
			tokio::task::yield_now().await;
		}
	}
	forwarder.socket.send(&vec![0xFF; 65_000]).await.expect("sent");
	let listener = Forwarder::listening(1, bench.address).await;
	listener.push(&push_data("4AEC")).await;
	assert_eq!(bench.receptions.recv().await.expect("passed on").payload, [0xE0, 1, 2]);
	assert!(bench.counts.of(Event::Fault(Cause::NotGwmp)) > 0);
}

#[tokio::test]
async fn datagram_of_64_kib_is_taken_and_the_queue_stays_bounded() {
	let mut bench = bench(&[1]).await;
	let forwarder = Forwarder::new(1, bench.address).await;
	let frame = push_data("4AEC");
	let one = frame.trim_start_matches(r#"{"rxpk":["#).trim_end_matches("]}").to_owned();
	let count = 65_000 / (one.len() + 1);
	let json = format!(r#"{{"rxpk":[{}]}}"#, vec![one; count].join(","));
	assert!(json.len() > 64_000);
	forwarder.push(&json).await;
	// No one reads: the queue holds eight, the others are counted.
	eventually("all are counted", || bench.counts.of(Event::Reception) == count).await;
	assert_eq!(bench.counts.of(Event::ReceptionDropped), count - 8);
	assert!(bench.receptions.recv().await.is_some());
}
