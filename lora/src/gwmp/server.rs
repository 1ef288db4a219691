//! The server: one socket, to which the packet forwarders of many gateways speak.

use std::{collections::HashMap, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::{
	sync::{mpsc, oneshot},
	time::Instant,
};
use tracing::{debug, info, trace, warn};

use super::{
	downlink,
	socket::Socket,
	uplink::{self, Uplink, Verdict},
};
use crate::radio::{Mac, Radio, RadioError, Reception, Transmission};

/// The largest datagram of UDP.
const DATAGRAM_MAX: usize = 65_536;
/// How long a packet forwarder may take to acknowledge a frame.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// Packet forwarders ask for frames every 10 s or so; one that is silent for longer is gone.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// Requests to transmit that may wait for the socket.
const REQUESTS_MAX: usize = 256;
/// Gateways that are not in the settings are named in the log up to this number.
const STRANGERS_LOGGED: usize = 16;

/// What happens at the socket, one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
	/// A datagram came in.
	Datagram,
	/// It is not of the protocol.
	Malformed,
	/// It is of a gateway that is not served.
	UnknownGateway,
	/// A gateway received a frame.
	Reception,
	/// A received frame was dropped because too many waited.
	ReceptionDropped,
}

/// Counts what happens at the socket.
pub trait Observer: Send + Sync {
	/// Something happened.
	fn on_event(&self, event: Event);
	/// How many gateways have a packet forwarder that asked for frames within a minute.
	fn on_connected(&self, gateways: usize);
}

enum Message {
	Transmit {
		gateway: Mac,
		transmission: Transmission,
		reply: oneshot::Sender<Result<(), RadioError>>,
	},
}

/// Asks the server to transmit.
#[derive(Clone)]
pub struct Sender(mpsc::Sender<Message>);

#[async_trait]
impl Radio for Sender {
	async fn transmit(&self, gateway: Mac, transmission: &Transmission) -> Result<(), RadioError> {
		let (reply, answer) = oneshot::channel();
		let message = Message::Transmit { gateway, transmission: transmission.clone(), reply };
		self.0.send(message).await.map_err(|_| RadioError::Stopped)?;
		answer.await.map_err(|_| RadioError::Stopped)?
	}
}

/// The server.
pub struct Server {
	socket: Socket,
	requests: mpsc::Receiver<Message>,
	/// Where received frames go. When it is full, frames are dropped and counted.
	receptions: mpsc::Sender<Reception>,
	gateways: HashMap<Mac, Option<Forwarder>>,
	awaited: HashMap<u16, Awaited>,
	strangers: Vec<Mac>,
	next_token: u16,
	observer: Arc<dyn Observer>,
}

/// Where a gateway's packet forwarder listens.
#[derive(Clone, Copy)]
struct Forwarder {
	address: SocketAddr,
	asked_at: Instant,
}

/// A frame whose acknowledgement is awaited.
struct Awaited {
	gateway: Mac,
	transmission: Transmission,
	reply: oneshot::Sender<Result<(), RadioError>>,
	deadline: Instant,
}

/// A server on `socket` for `gateways`.
pub fn server(
	socket: Socket,
	gateways: impl IntoIterator<Item = Mac>,
	receptions: mpsc::Sender<Reception>,
	observer: Arc<dyn Observer>,
) -> (Sender, Server) {
	let (sender, requests) = mpsc::channel(REQUESTS_MAX);
	let server = Server {
		socket,
		requests,
		receptions,
		gateways: gateways.into_iter().map(|gateway| (gateway, None)).collect(),
		awaited: HashMap::new(),
		strangers: Vec::new(),
		next_token: rand::random(),
		observer,
	};
	(Sender(sender), server)
}

impl Server {
	/// Serves until `shutdown` is there.
	pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
		let mut shutdown = pin!(shutdown);
		let mut buffer = vec![0; DATAGRAM_MAX];
		let mut tick = tokio::time::interval(ANSWER_TIMEOUT / 4);
		tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
		loop {
			tokio::select! {
				() = &mut shutdown => return,
				received = self.socket.receive(&mut buffer) => match received {
					Ok((length, from)) => self.on_datagram(&buffer[..length], from).await,
					Err(error) => self.on_socket_error(error).await,
				},
				Some(message) = self.requests.recv() => self.on_message(message).await,
				_ = tick.tick() => self.on_tick(),
			}
		}
	}

	async fn on_datagram(&mut self, datagram: &[u8], from: SocketAddr) {
		self.observer.on_event(Event::Datagram);
		let Ok(uplink) = uplink::decode(datagram) else {
			self.observer.on_event(Event::Malformed);
			trace!(target: "device::gwmp", %from, length = datagram.len(), "malformed datagram");
			return;
		};
		match uplink {
			Uplink::Push { gateway, token, receptions } => {
				if self.knows(gateway, from) {
					self.send(&downlink::push_ack(token), from);
					receptions.into_iter().for_each(|reception| self.pass_on(reception));
				}
			}
			Uplink::Pull { gateway, token } => {
				if self.knows(gateway, from) {
					self.send(&downlink::pull_ack(token), from);
					self.on_pull(gateway, from);
				}
			}
			Uplink::TransmitAnswer { gateway, token, verdict } => {
				self.on_answer(gateway, token, verdict);
			}
		}
	}

	fn knows(&mut self, gateway: Mac, from: SocketAddr) -> bool {
		if self.gateways.contains_key(&gateway) {
			return true;
		}
		self.observer.on_event(Event::UnknownGateway);
		if self.strangers.len() < STRANGERS_LOGGED && !self.strangers.contains(&gateway) {
			self.strangers.push(gateway);
			warn!(
				target: "device::gwmp", %gateway, %from,
				"a packet forwarder speaks for a gateway that is not in the settings: add a `[[gateway]]`"
			);
		}
		false
	}

	fn on_pull(&mut self, gateway: Mac, address: SocketAddr) {
		let forwarder = Forwarder { address, asked_at: Instant::now() };
		let before = self.gateways.insert(gateway, Some(forwarder)).flatten();
		if before.is_none_or(|before| before.address != address) {
			info!(target: "device::gwmp", %gateway, %address, "packet forwarder connected");
		}
	}

	fn pass_on(&self, reception: Reception) {
		self.observer.on_event(Event::Reception);
		if self.receptions.try_send(reception).is_err() {
			self.observer.on_event(Event::ReceptionDropped);
		}
	}

	async fn on_message(&mut self, message: Message) {
		let Message::Transmit { gateway, transmission, reply } = message;
		let forwarder = self.gateways.get(&gateway).copied().flatten();
		let Some(forwarder) = forwarder.filter(|it| it.asked_at.elapsed() < SILENCE_MAX) else {
			// Whoever asked may have given up in the meantime.
			let _ = reply.send(Err(RadioError::NotConnected(gateway)));
			return;
		};
		let token = self.free_token();
		self.send(&downlink::pull_resp(token, &transmission), forwarder.address);
		let deadline = Instant::now() + ANSWER_TIMEOUT;
		self.awaited.insert(token, Awaited { gateway, transmission, reply, deadline });
	}

	/// A token that no awaited answer has. Fewer are awaited than there are tokens.
	fn free_token(&mut self) -> u16 {
		loop {
			self.next_token = self.next_token.wrapping_add(1);
			if !self.awaited.contains_key(&self.next_token) {
				return self.next_token;
			}
		}
	}

	fn on_answer(&mut self, gateway: Mac, token: u16, verdict: Verdict) {
		if self.awaited.get(&token).is_none_or(|awaited| awaited.gateway != gateway) {
			debug!(target: "device::gwmp", %gateway, token, "an answer that nobody awaits");
			return;
		}
		let Some(awaited) = self.awaited.remove(&token) else { return };
		let _ = awaited.reply.send(match verdict {
			Verdict::Accepted => Ok(()),
			Verdict::Busy(reason) => Err(RadioError::Busy(gateway, reason)),
			Verdict::PowerRefused => {
				Err(RadioError::PowerRefused(gateway, awaited.transmission.power_dbm))
			}
			Verdict::ChannelRefused => {
				Err(RadioError::ChannelRefused(gateway, awaited.transmission.frequency_hz))
			}
		});
	}

	fn on_tick(&mut self) {
		let now = Instant::now();
		let late: Vec<u16> = self
			.awaited
			.iter()
			.filter(|(_, awaited)| awaited.deadline <= now)
			.map(|(token, _)| *token)
			.collect();
		for awaited in late.iter().filter_map(|token| self.awaited.remove(token)) {
			let _ = awaited.reply.send(Err(RadioError::NotAcknowledged(awaited.gateway)));
		}
		let connected = self
			.gateways
			.values()
			.flatten()
			.filter(|forwarder| forwarder.asked_at.elapsed() < SILENCE_MAX)
			.count();
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
