//! The packet forwarder of one gateway: its socket, and what it says to a server.

use std::{
	io,
	net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::net::UdpSocket;

use super::{
	downlink::{self, Downlink},
	uplink::{self, Received, TransmitRefusal},
};
use crate::radio::Mac;

/// The largest datagram that a server sends, in bytes.
const DATAGRAM_MAX: usize = 4_096;

/// The packet forwarder of a gateway.
pub struct Forwarder {
	socket: UdpSocket,
	gateway: Mac,
	token: u16,
	buffer: Vec<u8>,
}

impl Forwarder {
	/// A packet forwarder of `gateway` on a free port of loopback, which speaks to `server`.
	pub async fn open(gateway: Mac, server: SocketAddr) -> io::Result<Self> {
		let local: SocketAddr = match server {
			SocketAddr::V4(_) => (Ipv4Addr::LOCALHOST, 0).into(),
			SocketAddr::V6(_) => (Ipv6Addr::LOCALHOST, 0).into(),
		};
		let socket = UdpSocket::bind(local).await?;
		socket.connect(server).await?;
		Ok(Self { socket, gateway, token: 0, buffer: vec![0; DATAGRAM_MAX] })
	}

	/// Says where the gateway can be reached (PULL_DATA); returns the token of its acknowledgement.
	pub async fn pull(&mut self) -> io::Result<u16> {
		let token = self.next_token();
		self.socket.send(&uplink::pull_data(self.gateway, token)).await?;
		Ok(token)
	}

	/// Reports a frame that the gateway received (PUSH_DATA); returns the token of its
	/// acknowledgement.
	pub async fn push(&mut self, frame: &Received) -> io::Result<u16> {
		let token = self.next_token();
		self.socket.send(&uplink::push_data(self.gateway, token, frame)).await?;
		Ok(token)
	}

	/// Says whether the frame that was asked for with this token is transmitted (TX_ACK).
	pub async fn answer(&self, token: u16, answer: Result<(), TransmitRefusal>) -> io::Result<()> {
		self.socket.send(&uplink::tx_ack(self.gateway, token, answer)).await.map(drop)
	}

	/// Waits for what the server says next; `None` for a datagram that is not of the protocol. It
	/// may be dropped and called again.
	pub async fn receive(&mut self) -> io::Result<Option<Downlink>> {
		let length = self.socket.recv(&mut self.buffer).await?;
		Ok(downlink::decode(self.buffer.get(..length).unwrap_or_default()).ok())
	}

	fn next_token(&mut self) -> u16 {
		self.token = self.token.wrapping_add(1);
		self.token
	}
}
