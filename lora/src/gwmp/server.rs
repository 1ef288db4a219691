//! The server: one socket, to which the packet forwarders of many gateways speak.

use std::{
	collections::{HashMap, HashSet},
	io,
	net::{IpAddr, SocketAddr},
	pin::pin,
	sync::Arc,
	time::Duration,
};

use async_trait::async_trait;
use tokio::{
	sync::{mpsc, oneshot},
	time::Instant,
};
use tracing::{debug, info, warn};

use super::{
	addresses::{Asked, GatewayAddress},
	answers,
	cause::Cause,
	datagram::{Header, VERSION_ONE},
	downlink,
	frames::{Frames, LeftOut, Skipped},
	sent::SentFrames,
	socket::Socket,
	uplink::{self, Uplink},
};
use crate::radio::{Mac, Radio, RadioError, Reception, Transmission};

/// The largest datagram of UDP.
const DATAGRAM_MAX: usize = 65_536;
/// How often it is counted which packet forwarders are there.
const COUNT_EVERY: Duration = Duration::from_secs(1);
/// Requests to transmit that may wait for the socket.
const REQUESTS_MAX: usize = 256;
/// Gateways that are not in the settings are named in the log up to this number.
const STRANGERS_LOGGED: usize = 16;
/// Bytes of a datagram that the log shows.
const EXCERPT_LENGTH: usize = 512;

/// What happens at the socket, one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
	/// A datagram came in.
	Datagram,
	/// A gateway received a frame.
	Reception,
	/// A received frame was dropped because too many waited.
	ReceptionDropped,
	/// A frame is no reception, although nothing is wrong with it.
	Skipped(Skipped),
	/// Something is wrong with a datagram.
	Fault(Cause),
}

/// Counts what happens at the socket.
pub trait Observer: Send + Sync {
	/// Something happened.
	fn on_event(&self, event: Event);
	/// How many gateways have a packet forwarder that asked for frames within a minute.
	fn on_connected(&self, gateways: usize);
}

/// A gateway that a server serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
	/// By which its packet forwarder names it.
	pub gateway: Mac,
	/// The only host that may speak for it; any may without one.
	pub address: Option<IpAddr>,
}

impl From<Mac> for Served {
	fn from(gateway: Mac) -> Self {
		Self { gateway, address: None }
	}
}

/// A frame to transmit, and where the outcome is awaited.
struct TransmitRequest {
	gateway: Mac,
	transmission: Transmission,
	patience: Duration,
	reply: oneshot::Sender<Result<(), RadioError>>,
}

/// Asks the server to transmit.
#[derive(Clone)]
pub struct Sender(mpsc::Sender<TransmitRequest>);

#[async_trait]
impl Radio for Sender {
	async fn transmit(
		&self,
		gateway: Mac,
		transmission: &Transmission,
		patience: Duration,
	) -> Result<(), RadioError> {
		let (reply, answer) = oneshot::channel();
		let transmission = transmission.clone();
		let request = TransmitRequest { gateway, transmission, patience, reply };
		self.0.send(request).await.map_err(|_| RadioError::Stopped)?;
		answer.await.map_err(|_| RadioError::Stopped)?
	}
}

/// The server.
pub struct Server {
	socket: Socket,
	requests: mpsc::Receiver<TransmitRequest>,
	/// Where received frames go. When it is full, frames are dropped and counted.
	receptions: mpsc::Sender<Reception>,
	gateways: HashMap<Mac, GatewayAddress>,
	sent: SentFrames,
	/// What was said of which gateway, or of no gateway that is served.
	said: HashSet<(Option<Mac>, Cause)>,
	strangers: Vec<Mac>,
	observer: Arc<dyn Observer>,
}

/// A server on `socket` for `gateways`.
pub fn server(
	socket: Socket,
	gateways: impl IntoIterator<Item = impl Into<Served>>,
	receptions: mpsc::Sender<Reception>,
	observer: Arc<dyn Observer>,
) -> (Sender, Server) {
	let (sender, requests) = mpsc::channel(REQUESTS_MAX);
	let gateways = gateways.into_iter().map(|served| {
		let Served { gateway, address } = served.into();
		(gateway, GatewayAddress::new(address))
	});
	let server = Server {
		socket,
		requests,
		receptions,
		gateways: gateways.collect(),
		sent: SentFrames::default(),
		said: HashSet::new(),
		strangers: Vec::new(),
		observer,
	};
	(Sender(sender), server)
}

impl Server {
	/// Serves until `shutdown` is there.
	pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
		let mut shutdown = pin!(shutdown);
		let mut buffer = vec![0; DATAGRAM_MAX];
		let mut count = tokio::time::interval(COUNT_EVERY);
		count.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
		loop {
			let deadline = self.sent.next_deadline();
			tokio::select! {
				() = &mut shutdown => return,
				received = self.socket.receive(&mut buffer) => match received {
					Ok((length, from)) => self.on_datagram(&buffer[..length], from),
					Err(error) => self.on_socket_error(error).await,
				},
				Some(request) = self.requests.recv() => self.on_request(request),
				() = sleep_until(deadline) => self.sent.give_up(Instant::now()),
				_ = count.tick() => self.count_connected(),
			}
		}
	}

	fn on_datagram(&mut self, datagram: &[u8], from: SocketAddr) {
		self.observer.on_event(Event::Datagram);
		match uplink::decode(datagram) {
			Ok((header, Uplink::Push { gateway, body })) => {
				self.on_push(header, gateway, body, from);
			}
			Ok((header, Uplink::Pull { gateway })) => self.on_pull(header, gateway, from),
			Ok((header, Uplink::Answer { is_tx_ack, body })) => {
				self.on_answer(header.token, is_tx_ack, body, from);
			}
			Err(cause) => {
				self.note(cause, self.gateway_in(datagram), from);
				show(datagram, from);
			}
		}
	}

	/// Whether a datagram that names this gateway is served.
	fn admits(&mut self, header: Header, gateway: Mac, from: SocketAddr) -> bool {
		let Some(forwarder) = self.gateways.get(&gateway) else {
			self.on_stranger(gateway, from);
			return false;
		};
		if !forwarder.admits(from) {
			self.note(Cause::ForeignAddress, Some(gateway), from);
			return false;
		}
		if header.version == VERSION_ONE {
			self.note(Cause::VersionOne, Some(gateway), from);
		}
		true
	}

	/// Every PUSH_DATA is acknowledged before it is read: packet forwarders do not wait long.
	fn on_push(&mut self, header: Header, gateway: Mac, body: &[u8], from: SocketAddr) {
		if !self.admits(header, gateway, from) {
			return;
		}
		self.send(&downlink::push_ack(header), from);
		let mut is_faulty = false;
		for frame in Frames::new(gateway, body) {
			match frame {
				Ok(reception) => self.pass_on(reception),
				Err(LeftOut::Skipped(reason)) => self.observer.on_event(Event::Skipped(reason)),
				Err(LeftOut::Unreadable(cause)) => {
					is_faulty = true;
					self.note(cause, Some(gateway), from);
				}
			}
		}
		if is_faulty {
			show(body, from);
		}
	}

	fn on_pull(&mut self, header: Header, gateway: Mac, from: SocketAddr) {
		if !self.admits(header, gateway, from) {
			return;
		}
		self.send(&downlink::pull_ack(header), from);
		let Some(forwarder) = self.gateways.get_mut(&gateway) else { return };
		match forwarder.ask(from, header.version, Instant::now()) {
			Asked::First => {
				info!(target: "device::gwmp", %gateway, address = %from, "packet forwarder connected");
			}
			Asked::TakenOver { is_same_host: false } => {
				info!(target: "device::gwmp", %gateway, address = %from, "packet forwarder moved");
			}
			Asked::Rarely => self.note(Cause::RareKeepAlive, Some(gateway), from),
			Asked::Elsewhere => self.note(Cause::SecondAddress, Some(gateway), from),
			Asked::Again | Asked::TakenOver { .. } => {}
		}
	}

	fn pass_on(&self, reception: Reception) {
		self.observer.on_event(Event::Reception);
		if self.receptions.try_send(reception).is_err() {
			self.observer.on_event(Event::ReceptionDropped);
		}
	}

	fn on_request(&mut self, request: TransmitRequest) {
		let TransmitRequest { gateway, transmission, patience, reply } = request;
		let now = Instant::now();
		let address = self.gateways.get(&gateway).and_then(|forwarder| forwarder.address(now));
		let Some((to, version)) = address else {
			// Whoever asked may have given up in the meantime.
			let _ = reply.send(Err(RadioError::NotConnected(gateway)));
			return;
		};
		let token = self.sent.free_token();
		self.send(&downlink::pull_resp(version, token, &transmission), to);
		self.sent.insert(token, gateway, transmission, to, now + patience, reply);
	}

	/// An answer counts only from the host to which the frame went, and only for its gateway.
	fn on_answer(&mut self, token: u16, is_tx_ack: bool, body: &[u8], from: SocketAddr) {
		let Some((gateway, json)) = self.sent.expects(token, body, from) else {
			let cause = if is_tx_ack { Cause::UnexpectedAnswer } else { Cause::NotGwmp };
			let named = body.first_chunk().map(|id| Mac(*id));
			self.note(cause, named.filter(|id| self.gateways.contains_key(id)), from);
			return;
		};
		let (verdict, fault) = answers::verdict(json);
		if let Some(cause) = fault {
			show(json, from);
			self.note(cause, Some(gateway), from);
		}
		if !is_tx_ack {
			self.note(Cause::AnswerKind, Some(gateway), from);
		}
		debug!(target: "device::gwmp", %gateway, token, ?verdict, "answer");
		self.sent.answer(token, verdict);
	}

	/// The gateway of a datagram that cannot be served, if it is in the settings.
	fn gateway_in(&self, datagram: &[u8]) -> Option<Mac> {
		let id = datagram.get(4..)?.first_chunk().map(|id| Mac(*id))?;
		self.gateways.contains_key(&id).then_some(id)
	}

	/// Counts what is wrong, and says it once for each gateway.
	fn note(&mut self, cause: Cause, gateway: Option<Mac>, from: SocketAddr) {
		self.observer.on_event(Event::Fault(cause));
		if self.said.insert((gateway, cause)) {
			warn!(
				target: "device::gwmp", gateway = gateway.map(tracing::field::display), %from,
				cause = cause.label(), "{}", cause.advice()
			);
		}
	}

	fn on_stranger(&mut self, gateway: Mac, from: SocketAddr) {
		let cause = Cause::UnknownGateway;
		self.observer.on_event(Event::Fault(cause));
		if self.strangers.len() < STRANGERS_LOGGED && !self.strangers.contains(&gateway) {
			self.strangers.push(gateway);
			warn!(
				target: "device::gwmp", %gateway, %from, cause = cause.label(), "{}", cause.advice()
			);
		}
	}

	fn count_connected(&mut self) {
		let now = Instant::now();
		self.sent.forget(now);
		let connected = self.gateways.values().filter(|it| it.is_connected(now)).count();
		self.observer.on_connected(connected);
	}

	fn send(&self, datagram: &[u8], to: SocketAddr) {
		// A lost datagram is repeated by its sender, or the frame is tried again.
		if let Err(error) = self.socket.send(datagram, to) {
			debug!(target: "device::gwmp", %to, %error, "not sent");
		}
	}

	async fn on_socket_error(&self, error: io::Error) {
		warn!(target: "device::gwmp", %error, "the socket reports an error");
		// An error that lasts must not keep the processor busy.
		tokio::time::sleep(Duration::from_millis(50)).await;
	}
}

/// Shows what cannot be read to whoever looks for the reason.
fn show(bytes: &[u8], from: SocketAddr) {
	let excerpt = bytes.get(..EXCERPT_LENGTH).unwrap_or(bytes);
	debug!(target: "device::gwmp", %from, length = bytes.len(), begin = %excerpt.escape_ascii());
}

async fn sleep_until(moment: Option<Instant>) {
	match moment {
		Some(moment) => tokio::time::sleep_until(moment).await,
		None => std::future::pending().await,
	}
}
