//! The server: one socket, to which the packet forwarders of many gateways speak.

use std::{
	collections::HashMap,
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
	said::Said,
	sent::SentFrames,
	socket::Socket,
	uplink::{self, Uplink},
};
use crate::radio::{Mac, Radio, RadioError, Reception, Transmission};

/// The largest datagram of UDP.
const DATAGRAM_MAX: usize = 65_536;
/// How often it is looked which packet forwarders are there, and what has ended.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The socket works again when it has reported no error for so long.
const SOCKET_WORKS_AFTER: Duration = Duration::from_secs(60);
/// Requests to transmit that may wait for the socket.
const REQUESTS_MAX: usize = 256;
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
	/// Which of them go there.
	is_wanted: fn(&Reception) -> bool,
	gateways: HashMap<Mac, GatewayAddress>,
	sent: SentFrames,
	said: Said,
	/// When the socket reported an error last, while it does not work again.
	socket_failed_at: Option<Instant>,
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
		is_wanted: |_| true,
		gateways: gateways.collect(),
		sent: SentFrames::default(),
		said: Said::default(),
		socket_failed_at: None,
		observer,
	};
	(Sender(sender), server)
}

impl Server {
	/// The same, which passes on only what is wanted. All frames are counted and acknowledged, but
	/// one that is not wanted wakes no one.
	pub fn passing_on(self, is_wanted: fn(&Reception) -> bool) -> Self {
		Self { is_wanted, ..self }
	}

	/// Serves until `shutdown` is there.
	pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
		let mut shutdown = pin!(shutdown);
		let mut buffer = vec![0; DATAGRAM_MAX];
		let mut look = tokio::time::interval(LOOK_EVERY);
		look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
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
				_ = look.tick() => self.look(Instant::now()),
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
			self.note(Cause::UnknownGateway, Some(gateway), from);
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
				info!(target: "lora::gwmp", %gateway, address = %from, "packet forwarder connected");
			}
			Asked::Back => {
				info!(
					target: "lora::gwmp", %gateway, address = %from,
					"packet forwarder connected again"
				);
			}
			Asked::TakenOver => {
				info!(target: "lora::gwmp", %gateway, address = %from, "packet forwarder moved");
			}
			Asked::Rarely => self.note(Cause::RareKeepAlive, Some(gateway), from),
			Asked::Alternately | Asked::Elsewhere => {
				self.note(Cause::SecondAddress, Some(gateway), from);
			}
			Asked::Again => {}
		}
	}

	fn pass_on(&self, reception: Reception) {
		self.observer.on_event(Event::Reception);
		if (self.is_wanted)(&reception) && self.receptions.try_send(reception).is_err() {
			self.observer.on_event(Event::ReceptionDropped);
		}
	}

	fn on_request(&mut self, request: TransmitRequest) {
		let TransmitRequest { gateway, transmission, patience, reply } = request;
		let now = Instant::now();
		let address = self.gateways.get(&gateway).and_then(|forwarder| forwarder.address(now));
		let Some((to, version)) = address else {
			// The one who asked may have given up in the meantime.
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
		debug!(target: "lora::gwmp", %gateway, token, ?verdict, "answer");
		self.sent.answer(token, verdict);
	}

	/// The gateway of a datagram that cannot be served, if it is in the settings.
	fn gateway_in(&self, datagram: &[u8]) -> Option<Mac> {
		let id = datagram.get(4..)?.first_chunk().map(|id| Mac(*id))?;
		self.gateways.contains_key(&id).then_some(id)
	}

	/// Counts what is wrong, and says it when it begins.
	fn note(&mut self, cause: Cause, gateway: Option<Mac>, from: SocketAddr) {
		self.observer.on_event(Event::Fault(cause));
		if self.said.begins((gateway, cause), Instant::now()) {
			warn!(
				target: "lora::gwmp", gateway = gateway.map(tracing::field::display), %from,
				cause = cause.label(), "{}", cause.advice()
			);
		}
	}

	/// Counts which packet forwarders are there, and says what has ended.
	fn look(&mut self, now: Instant) {
		self.sent.forget(now);
		let connected = self.gateways.values().filter(|it| it.is_connected(now)).count();
		self.observer.on_connected(connected);
		for (gateway, forwarder) in &mut self.gateways {
			if forwarder.leaves(now) {
				warn!(
					target: "lora::gwmp", %gateway,
					"packet forwarder silent for ten minutes: check that it runs, and its network"
				);
			}
		}
		for (gateway, cause) in self.said.ended(now) {
			info!(
				target: "lora::gwmp", gateway = gateway.map(tracing::field::display),
				cause = cause.label(), "this has not happened for an hour"
			);
		}
		let works_again = |failed_at: &mut Instant| {
			now.saturating_duration_since(*failed_at) >= SOCKET_WORKS_AFTER
		};
		if self.socket_failed_at.take_if(works_again).is_some() {
			info!(target: "lora::gwmp", "the socket works again");
		}
	}

	fn send(&self, datagram: &[u8], to: SocketAddr) {
		// A lost datagram is repeated by its sender, or the frame is tried again.
		if let Err(error) = self.socket.send(datagram, to) {
			debug!(target: "lora::gwmp", %to, %error, "not sent");
		}
	}

	async fn on_socket_error(&mut self, error: io::Error) {
		if self.socket_failed_at.replace(Instant::now()).is_none() {
			warn!(target: "lora::gwmp", %error, "the socket reports an error");
		}
		// An error that lasts must not keep the processor busy.
		tokio::time::sleep(Duration::from_millis(50)).await;
	}
}

/// Shows what cannot be read to those who look for the reason.
fn show(bytes: &[u8], from: SocketAddr) {
	let excerpt = bytes.get(..EXCERPT_LENGTH).unwrap_or(bytes);
	debug!(target: "lora::gwmp", %from, length = bytes.len(), begin = %excerpt.escape_ascii());
}

async fn sleep_until(moment: Option<Instant>) {
	match moment {
		Some(moment) => tokio::time::sleep_until(moment).await,
		None => std::future::pending().await,
	}
}
