//! A packet forwarder that transmits what it is asked to, by GWMP over real sockets.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::{
	net::UdpSocket,
	time::{interval, timeout},
};

use crate::client::{Gateway, MAC};

/// The version of the protocol, and its messages.
const VERSION: u8 = 2;
const PULL_DATA: u8 = 2;
const PULL_RESP: u8 = 3;
const TX_ACK: u8 = 5;
/// Version, token and message.
const HEADER_BYTES: usize = 4;
/// How often a packet forwarder asks for frames.
const KEEPALIVE: Duration = Duration::from_secs(1);

/// A packet forwarder.
pub struct PacketForwarder {
	socket: UdpSocket,
}

impl PacketForwarder {
	/// The one of a gateway.
	///
	/// # Errors
	///
	/// If no socket can be opened.
	pub async fn open(gateway: &Gateway) -> Result<Self> {
		let socket = UdpSocket::bind("127.0.0.1:0").await?;
		socket.connect(gateway.radio()).await?;
		Ok(Self { socket })
	}

	/// The payload of the next frame that it is asked to transmit, in base 64. It says that it did
	/// only if `acknowledges`.
	///
	/// # Errors
	///
	/// If none comes within `patience`, or it cannot be read.
	pub async fn next_frame(&self, acknowledges: bool, patience: Duration) -> Result<String> {
		let frame = async {
			let mut keepalive = interval(KEEPALIVE);
			let mut datagram = [0; 2_048];
			loop {
				tokio::select! {
					// While the client is down, no one listens.
					_ = keepalive.tick() => drop(self.send(PULL_DATA, [0, 0]).await),
					received = self.socket.recv(&mut datagram) => {
						let Ok(length) = received else { continue };
						let datagram = datagram.get(..length).unwrap_or_default();
						if let Some((token, frame)) = frame_of(datagram)? {
							if acknowledges {
								self.send(TX_ACK, token).await?;
							}
							return Ok(frame);
						}
					}
				}
			}
		};
		timeout(patience, frame).await.context("nothing was to be transmitted")?
	}

	async fn send(&self, message: u8, [high, low]: [u8; 2]) -> std::io::Result<()> {
		let header = [VERSION, high, low, message];
		self.socket.send(&[&header[..], &MAC].concat()).await.map(drop)
	}
}

/// The token of a request to transmit, and the payload that it asks for.
fn frame_of(datagram: &[u8]) -> Result<Option<([u8; 2], String)>> {
	let Some(([_, high, low, PULL_RESP], json)) = datagram.split_first_chunk::<HEADER_BYTES>()
	else {
		return Ok(None);
	};
	let request: Value = serde_json::from_slice(json)?;
	let data = request["txpk"]["data"].as_str().context("a frame has a payload")?;
	Ok(Some(([*high, *low], data.to_owned())))
}
