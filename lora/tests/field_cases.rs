//! Datagrams of real packet forwarders, sent over UDP. `data/README.md` says what the cases are.

use std::{
	collections::BTreeSet,
	future::pending,
	io::{self, Write},
	net::SocketAddr,
	sync::{Arc, Mutex},
	time::Duration,
};

use groma_core::{frame::Beacon, region::DataRate};
use groma_lora::{
	gwmp::{self, Event, Observer},
	radio::{Mac, Radio, RadioError, Reception, Transmission},
};
use serde::Deserialize;
use tokio::{
	net::UdpSocket,
	sync::mpsc,
	time::{Instant, timeout},
};
use tracing::subscriber::DefaultGuard;

const CASES: &str = include_str!("data/gwmp-cases.jsonl");
const GATEWAY: Mac = Mac([0xAA, 0x55, 0x5A, 0, 0, 0, 1, 1]);
const PUSH_DATA: u8 = 0;
const PUSH_ACK: u8 = 1;
const PULL_DATA: u8 = 2;
const PULL_ACK: u8 = 4;
const TX_ACK: u8 = 5;
/// Packet forwarders wait for an acknowledgement no longer.
const ACK_PATIENCE: Duration = Duration::from_millis(100);
/// How long the test waits for anything.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
	id: String,
	#[serde(rename = "source")]
	_source: String,
	direction: String,
	json: Option<String>,
	hex: Option<String>,
	#[serde(default)]
	literal_mac: bool,
	#[serde(default = "once")]
	repeat: u16,
	#[serde(default)]
	new_port: bool,
	alternate_ports: Option<u16>,
	via: Option<String>,
	#[serde(default = "once")]
	copies: u16,
	#[serde(default)]
	silent: bool,
	#[serde(default)]
	lut: Vec<i32>,
	#[serde(default)]
	antenna_gain: i32,
	#[serde(rename = "expect")]
	_expect: String,
	#[serde(default)]
	expect_ack: bool,
	#[serde(default)]
	expect_receptions: usize,
	#[serde(default)]
	expect_beacons: usize,
	#[serde(default)]
	skipped: BTreeSet<String>,
	#[serde(default)]
	causes: BTreeSet<String>,
	verdict: Option<String>,
}

fn once() -> u16 {
	1
}

fn cases(direction: &str) -> Vec<Case> {
	let cases = CASES.lines().map(|line| serde_json::from_str::<Case>(line).expect(line));
	cases.filter(|case| case.direction == direction).collect()
}

impl Case {
	/// The datagram with this token.
	fn datagram(&self, identifier: u8, token: u16) -> Vec<u8> {
		let mut datagram = match &self.hex {
			Some(hex) => hex::decode(hex).expect(hex),
			None => {
				let json = self.json.as_deref().unwrap_or_default();
				[&[2, 0, 0, identifier][..], &GATEWAY.0, json.as_bytes()].concat()
			}
		};
		datagram[1..3].copy_from_slice(&token.to_be_bytes());
		if !self.literal_mac && datagram.len() >= 12 {
			datagram[4..12].copy_from_slice(&GATEWAY.0);
		}
		datagram
	}
}

/// What happened at the server.
#[derive(Default)]
struct Events(Mutex<Vec<Event>>);

impl Observer for Events {
	fn on_event(&self, event: Event) {
		self.0.lock().expect("no test panics here").push(event);
	}

	fn on_connected(&self, _gateways: usize) {}
}

impl Events {
	fn all(&self) -> Vec<Event> {
		self.0.lock().expect("no test panics here").clone()
	}

	fn datagrams(&self) -> usize {
		self.all().iter().filter(|event| **event == Event::Datagram).count()
	}

	fn causes(&self) -> BTreeSet<String> {
		let name = |event| match event {
			Event::Fault(cause) => Some(cause.label().to_owned()),
			_ => None,
		};
		self.all().into_iter().filter_map(name).collect()
	}

	fn skipped(&self) -> BTreeSet<String> {
		let name = |event| match event {
			Event::Skipped(reason) => Some(reason.label().to_owned()),
			_ => None,
		};
		self.all().into_iter().filter_map(name).collect()
	}
}

/// The lines that are logged at `info` on the thread of the test.
struct Log {
	lines: Lines,
	_guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
	fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
		self.0.lock().expect("no test panics here").extend_from_slice(bytes);
		Ok(bytes.len())
	}

	fn flush(&mut self) -> io::Result<()> {
		Ok(())
	}
}

impl Log {
	fn start() -> Self {
		let lines = Lines::default();
		let writer = lines.clone();
		let subscriber = tracing_subscriber::fmt()
			.with_max_level(tracing::Level::INFO)
			.with_ansi(false)
			.with_writer(move || writer.clone())
			.finish();
		Self { lines, _guard: tracing::subscriber::set_default(subscriber) }
	}

	fn count(&self, text: &str) -> usize {
		let bytes = self.lines.0.lock().expect("no test panics here");
		String::from_utf8_lossy(&bytes).lines().filter(|line| line.contains(text)).count()
	}
}

struct Bench {
	radio: gwmp::Sender,
	receptions: mpsc::Receiver<Reception>,
	server: SocketAddr,
	/// The socket of the packet forwarder.
	socket: UdpSocket,
	events: Arc<Events>,
	log: Log,
}

/// A server, and a packet forwarder that asked for frames.
async fn bench() -> Bench {
	let log = Log::start();
	let socket = gwmp::Socket::bind(([127, 0, 0, 1], 0).into()).expect("bound");
	let address = socket.local_addr().expect("bound");
	let (heard, receptions) = mpsc::channel(8_192);
	let events = Arc::new(Events::default());
	let (radio, server) = gwmp::server(socket, [GATEWAY], heard, events.clone());
	tokio::spawn(server.run(pending()));
	let socket = open(address).await;
	socket.send(&[&[2, 7, 7, PULL_DATA][..], &GATEWAY.0].concat()).await.expect("sent");
	assert_eq!(receive(&socket, PATIENCE).await.as_deref(), Some(&[2, 7, 7, PULL_ACK][..]));
	Bench { radio, receptions, server: address, socket, events, log }
}

async fn open(server: SocketAddr) -> UdpSocket {
	let socket = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
	socket.connect(server).await.expect("connected");
	socket
}

async fn receive(socket: &UdpSocket, patience: Duration) -> Option<Vec<u8>> {
	let mut buffer = [0; 2_048];
	let length = timeout(patience, socket.recv(&mut buffer)).await.ok()?.expect("received");
	Some(buffer[..length].to_vec())
}

impl Bench {
	/// Sends a case so often as it says; how many of the datagrams were acknowledged in time.
	async fn send(&self, case: &Case, identifier: u8) -> (u16, u16) {
		let count = case.alternate_ports.unwrap_or(case.repeat);
		let others = match (case.new_port, case.alternate_ports) {
			(true, _) => vec![open(self.server).await],
			(_, Some(_)) => vec![open(self.server).await, open(self.server).await],
			_ => vec![],
		};
		let mut acknowledged = 0;
		for number in 0..count {
			let socket = others.get(usize::from(number) % others.len().max(1));
			let socket = socket.unwrap_or(&self.socket);
			let datagram = case.datagram(identifier, number);
			let version = datagram[0];
			let acknowledgement = if identifier == PUSH_DATA { PUSH_ACK } else { PULL_ACK };
			let sent_at = Instant::now();
			socket.send(&datagram).await.expect("sent");
			let patience = if case.expect_ack { PATIENCE } else { ACK_PATIENCE };
			let answer = receive(socket, patience).await;
			let [high, low] = number.to_be_bytes();
			if answer.is_some_and(|answer| answer[..] == [version, high, low, acknowledgement]) {
				acknowledged += 1;
				assert!(sent_at.elapsed() < ACK_PATIENCE, "{}: {:?}", case.id, sent_at.elapsed());
			}
		}
		(acknowledged, count)
	}

	/// Every cause was said once, however often it came.
	fn assert_said(&self, case: &Case) {
		for cause in &case.causes {
			let said = self.log.count(&format!("cause=\"{cause}\""));
			assert_eq!(said, 1, "{}: {cause}", case.id);
		}
	}
}

#[tokio::test]
async fn what_can_be_read_is_read_and_the_rest_has_its_cause() {
	for case in cases("push") {
		let mut bench = bench().await;
		for round in 1..=2 {
			let (acknowledged, count) = bench.send(&case, PUSH_DATA).await;
			assert_eq!(acknowledged, if case.expect_ack { count } else { 0 }, "{}", case.id);
			// What is acknowledged is read before the next datagram.
			let datagrams = 1 + round * usize::from(count);
			let begin = Instant::now();
			while bench.events.datagrams() < datagrams && begin.elapsed() < PATIENCE {
				tokio::task::yield_now().await;
			}
			tokio::task::yield_now().await;
			let mut heard = Vec::new();
			while let Ok(reception) = bench.receptions.try_recv() {
				heard.push(reception);
			}
			let beacons = heard.iter().filter(|it| Beacon::from_bytes(&it.payload).is_some());
			let seen = (heard.len(), beacons.count());
			let count = usize::from(count);
			let expected = (count * case.expect_receptions, count * case.expect_beacons);
			assert_eq!(seen, expected, "{}, receptions and beacons", case.id);
		}
		assert_eq!(bench.events.causes(), case.causes, "{}", case.id);
		assert_eq!(bench.events.skipped(), case.skipped, "{}", case.id);
		bench.assert_said(&case);
	}
}

#[tokio::test]
async fn requests_for_frames_are_acknowledged() {
	for case in cases("pull") {
		let bench = bench().await;
		for _ in 0..2 {
			let (acknowledged, count) = bench.send(&case, PULL_DATA).await;
			assert_eq!(acknowledged, if case.expect_ack { count } else { 0 }, "{}", case.id);
		}
		assert_eq!(bench.events.causes(), case.causes, "{}", case.id);
		bench.assert_said(&case);
		assert_eq!(bench.log.count("packet forwarder connected"), 1, "{}", case.id);
	}
}

fn transmission(power_dbm: u8) -> Transmission {
	Transmission {
		frequency_hz: 868_500_000,
		data_rate: DataRate { spreading_factor: 9, bandwidth_khz: 125 },
		power_dbm,
		payload: vec![0xE0; 72],
	}
}

fn verdict(sent: Result<(), RadioError>) -> &'static str {
	match sent {
		Ok(()) => "accepted",
		Err(RadioError::Busy(..)) => "busy",
		Err(RadioError::PowerRefused(..)) => "power_refused",
		Err(RadioError::ChannelRefused(..)) => "channel_refused",
		Err(RadioError::NotAcknowledged(_)) => "not_acknowledged",
		Err(RadioError::NotConnected(_)) => "not_connected",
		Err(RadioError::Stopped) => "stopped",
	}
}

#[tokio::test]
async fn answers_count_as_answers() {
	for case in cases("txack").into_iter().filter(|case| case.lut.is_empty()) {
		let bench = bench().await;
		let expected = case.verdict.as_deref().expect("a verdict");
		let is_waited_for = expected == "not_acknowledged";
		let patience = if is_waited_for { Duration::from_millis(200) } else { PATIENCE };
		let other = open(bench.server).await;
		let socket = if case.via.is_some() { &other } else { &bench.socket };
		for _ in 0..2 {
			let frame = transmission(14);
			let (sent, ()) = tokio::join!(bench.radio.transmit(GATEWAY, &frame, patience), async {
				let asked = receive(&bench.socket, PATIENCE).await.expect("asked");
				let token = u16::from_be_bytes([asked[1], asked[2]]);
				for _ in 0..if case.silent { 0 } else { case.copies } {
					socket.send(&case.datagram(TX_ACK, token)).await.expect("sent");
				}
			});
			assert_eq!(verdict(sent), expected, "{}", case.id);
		}
		assert_eq!(bench.events.causes(), case.causes, "{}", case.id);
		bench.assert_said(&case);
	}
}

#[tokio::test]
async fn power_of_the_table_is_taken() {
	for case in cases("txack").into_iter().filter(|case| !case.lut.is_empty()) {
		let bench = bench().await;
		let mut power = 16;
		loop {
			let frame = transmission(power);
			let (sent, ()) = tokio::join!(bench.radio.transmit(GATEWAY, &frame, PATIENCE), async {
				let asked = receive(&bench.socket, PATIENCE).await.expect("asked");
				let json: serde_json::Value = serde_json::from_slice(&asked[4..]).expect("JSON");
				let asked_for = json["txpk"]["powe"].as_i64().expect("a power") as i32;
				let is_taken = case.lut.contains(&(asked_for - case.antenna_gain));
				let error = r#"{"txpk_ack":{"error":"TX_POWER"}}"#;
				let json = if is_taken { "" } else { error };
				let header = [2, asked[1], asked[2], TX_ACK];
				let answer = [&header[..], &GATEWAY.0, json.as_bytes()].concat();
				bench.socket.send(&answer).await.expect("sent");
			});
			match sent {
				Ok(()) => break,
				refused => assert_eq!(refused, Err(RadioError::PowerRefused(GATEWAY, power))),
			}
			power -= 1;
		}
		assert_eq!(power, 14, "{}", case.id);
	}
}
