//! The server socket against packet forwarders of the test's own making.

use std::{
	future::pending,
	net::SocketAddr,
	sync::{Arc, Mutex},
	time::Duration,
};

use groma_core::region::DataRate;
use groma_lora::{
	gwmp::{self, Event, Observer},
	radio::{Mac, Radio, RadioError, Reception, Transmission},
};
use tokio::{net::UdpSocket, sync::mpsc, time::timeout};

const PUSH_DATA: u8 = 0;
const PUSH_ACK: u8 = 1;
const PULL_DATA: u8 = 2;
const PULL_RESP: u8 = 3;
const PULL_ACK: u8 = 4;
const TX_ACK: u8 = 5;

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
	let socket = gwmp::Socket::bind(([127, 0, 0, 1], 0).into()).expect("bound");
	let address = socket.local_addr().expect("bound");
	let (heard, receptions) = mpsc::channel(8);
	let counts = Arc::new(Counts::default());
	let macs = gateways.iter().map(|gateway| mac(*gateway));
	let (radio, server) = gwmp::server(socket, macs, heard, counts.clone());
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
async fn frame_is_ignored_when_its_gateway_is_unknown() {
	let mut bench = bench(&[1]).await;
	let stranger = Forwarder::new(2, bench.address).await;
	stranger.send(PUSH_DATA, 1, &push_data("4AEC")).await;
	stranger.send(PULL_DATA, 1, "").await;
	eventually("it is counted", || bench.counts.of(Event::UnknownGateway) == 2).await;
	assert!(bench.receptions.try_recv().is_err());
}

#[tokio::test]
async fn transmission_goes_to_the_gateway_that_it_is_for() {
	let bench = bench(&[1, 2]).await;
	let first = Forwarder::listening(1, bench.address).await;
	let second = Forwarder::listening(2, bench.address).await;
	let (to_first, to_second) = (transmission(1), transmission(2));
	let sent = tokio::join!(
		bench.radio.transmit(mac(2), &to_second),
		bench.radio.transmit(mac(1), &to_first),
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
		let (sent, _) =
			tokio::join!(bench.radio.transmit(mac(1), &frame), forwarder.transmit(answer));
		assert_eq!(sent, Err(expected));
	}
}

#[tokio::test]
async fn transmission_fails_when_no_packet_forwarder_listens() {
	let bench = bench(&[1]).await;
	let sent = bench.radio.transmit(mac(1), &transmission(1)).await;
	assert_eq!(sent, Err(RadioError::NotConnected(mac(1))));
	let sent = bench.radio.transmit(mac(9), &transmission(1)).await;
	assert_eq!(sent, Err(RadioError::NotConnected(mac(9))));
}

#[tokio::test]
async fn transmission_fails_when_it_is_not_acknowledged() {
	let bench = bench(&[1, 2]).await;
	let forwarder = Forwarder::listening(1, bench.address).await;
	let other = Forwarder::listening(2, bench.address).await;
	let frame = transmission(1);
	let (sent, ()) = tokio::join!(bench.radio.transmit(mac(1), &frame), async {
		let (_, token, _) = forwarder.receive().await;
		// Another gateway cannot acknowledge it, nor does another token.
		other.send(TX_ACK, token, "").await;
		forwarder.send(TX_ACK, token.wrapping_add(1), "").await;
	});
	assert_eq!(sent, Err(RadioError::NotAcknowledged(mac(1))));
}

#[tokio::test]
async fn packet_forwarder_is_followed_when_its_address_changes() {
	let bench = bench(&[1]).await;
	let before = Forwarder::listening(1, bench.address).await;
	let after = Forwarder::listening(1, bench.address).await;
	let frame = transmission(3);
	let (sent, _) = tokio::join!(bench.radio.transmit(mac(1), &frame), after.transmit(""));
	assert_eq!(sent, Ok(()));
	drop(before);
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
	assert!(bench.counts.of(Event::Malformed) > 0);
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
	// Nobody reads: the queue holds eight, the others are counted.
	eventually("all are counted", || bench.counts.of(Event::Reception) == count).await;
	assert_eq!(bench.counts.of(Event::ReceptionDropped), count - 8);
	assert!(bench.receptions.recv().await.is_some());
}
