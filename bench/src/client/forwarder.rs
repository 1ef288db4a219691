//! A packet forwarder that hears data frames at a steady pace, and counts what is acknowledged.

use std::{collections::HashSet, net::SocketAddr, time::Duration};

use anyhow::Context;
use semtech_udp::{
	Bandwidth, CodingRate, DataRate, Modulation, SerializablePacket, SpreadingFactor, pull_data,
	push_data::{self, CRC, RxPk, RxPkV1},
	tx_ack,
};
use tokio::{
	net::UdpSocket,
	time::{self, Instant, MissedTickBehavior},
};

const PUSH_ACK: u8 = 1;
const PULL_RESP: u8 = 3;
const PULL_ACK: u8 = 4;
/// Version, token and identifier.
const DOWN_HEADER: usize = 4;
const DATAGRAM_MAX: usize = 2_048;
/// How often a packet forwarder asks for frames.
const KEEPALIVE: Duration = Duration::from_secs(5);
/// How long after the last frame an acknowledgement may come.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a frame: a reading of some sensor.
const FRAME_BYTES: u32 = 32;

/// A packet forwarder.
pub(crate) struct Forwarder {
	socket: UdpSocket,
	gateway: [u8; 8],
	keepalive: time::Interval,
	/// Tokens of frames that were acknowledged.
	acknowledged: HashSet<u16>,
	is_connected: bool,
}

impl Forwarder {
	/// The packet forwarder of a gateway, with the client at an address.
	pub(crate) async fn open(gateway: [u8; 8], client: SocketAddr) -> anyhow::Result<Self> {
		let socket = UdpSocket::bind("127.0.0.1:0").await?;
		socket.connect(client).await?;
		let mut keepalive = time::interval(KEEPALIVE);
		keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
		Ok(Self { socket, gateway, keepalive, acknowledged: HashSet::new(), is_connected: false })
	}

	/// Whether the client ever answered a request for frames.
	pub(crate) fn is_connected(&self) -> bool {
		self.is_connected
	}

	/// Frames that were acknowledged.
	pub(crate) fn acknowledged(&self) -> usize {
		self.acknowledged.len()
	}

	/// Hears nothing for a while.
	pub(crate) async fn idle(&mut self, duration: Duration) -> anyhow::Result<()> {
		let end = Instant::now() + duration;
		let mut buffer = [0; DATAGRAM_MAX];
		loop {
			tokio::select! {
				() = time::sleep_until(end) => return Ok(()),
				_ = self.keepalive.tick() => self.pull().await?,
				received = self.socket.recv(&mut buffer) => {
					self.on_datagram(buffer.get(..received?).unwrap_or_default()).await?;
				}
			}
		}
	}

	/// Hears so many frames, one datagram each, at a steady pace, and waits for the last acknowledgements.
	pub(crate) async fn hear(&mut self, frames: u16, per_second: u32) -> anyhow::Result<()> {
		let mut pace = time::interval(Duration::from_secs(1) / per_second.max(1));
		pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
		let mut buffer = [0; DATAGRAM_MAX];
		let mut next = 0;
		while next < frames {
			tokio::select! {
				_ = pace.tick() => {
					self.push(next).await?;
					next += 1;
				}
				_ = self.keepalive.tick() => self.pull().await?,
				received = self.socket.recv(&mut buffer) => {
					self.on_datagram(buffer.get(..received?).unwrap_or_default()).await?;
				}
			}
		}
		let end = Instant::now() + PATIENCE;
		while self.acknowledged.len() < usize::from(frames) && Instant::now() < end {
			self.idle(Duration::from_millis(20)).await?;
		}
		Ok(())
	}

	async fn push(&self, number: u16) -> anyhow::Result<()> {
		let mut packet = push_data::Packet::from_rxpk(self.gateway.into(), reception(number));
		packet.random_token = number;
		self.send(&packet).await
	}

	async fn pull(&self) -> anyhow::Result<()> {
		let gateway_mac = self.gateway.into();
		self.send(&pull_data::Packet { random_token: 0, gateway_mac }).await
	}

	async fn on_datagram(&mut self, datagram: &[u8]) -> anyhow::Result<()> {
		let Some([_, high, low, identifier]) = datagram.first_chunk::<DOWN_HEADER>() else {
			return Ok(());
		};
		let token = u16::from_be_bytes([*high, *low]);
		match *identifier {
			PUSH_ACK => {
				self.acknowledged.insert(token);
			}
			PULL_ACK => self.is_connected = true,
			PULL_RESP => {
				let (gateway_mac, data) = (self.gateway.into(), tx_ack::Data::default());
				self.send(&tx_ack::Packet { gateway_mac, random_token: token, data }).await?;
			}
			_ => {}
		}
		Ok(())
	}

	async fn send(&self, packet: &impl SerializablePacket) -> anyhow::Result<()> {
		let mut buffer = [0; DATAGRAM_MAX];
		let length = packet.serialize(&mut buffer).context("a datagram that is too long")?;
		let datagram = buffer.get(..length as usize).unwrap_or_default();
		self.socket.send(datagram).await.context("the client does not listen")?;
		Ok(())
	}
}

/// What a concentrator reports of the frame with this number: an uplink of one of many LoRaWAN devices.
fn reception(number: u16) -> RxPk {
	const FACTORS: [SpreadingFactor; 6] = [
		SpreadingFactor::_7,
		SpreadingFactor::_8,
		SpreadingFactor::_9,
		SpreadingFactor::_10,
		SpreadingFactor::_11,
		SpreadingFactor::_12,
	];
	let step = usize::from(number);
	let factor = FACTORS.iter().cycle().nth(step % FACTORS.len());
	RxPk::V1(RxPkV1 {
		chan: 0,
		codr: Some(CodingRate::_4_5),
		data: frame(number),
		datr: DataRate::new(factor.copied().unwrap_or(SpreadingFactor::_7), Bandwidth::_125KHz),
		freq: 868.1,
		lsnr: (step % 20) as f32 - 10.0,
		modu: Modulation::LORA,
		rfch: 0,
		rssi: -120 + (step % 60) as i32,
		rssis: None,
		size: FRAME_BYTES.into(),
		stat: CRC::OK,
		tmst: u32::from(number).wrapping_mul(3_333),
		time: None,
	})
}

/// An unconfirmed LoRaWAN uplink with this number: address, control, counter, port, and what only its
/// network can read.
fn frame(number: u16) -> Vec<u8> {
	const UNCONFIRMED_UPLINK: u8 = 0x40;
	let mut frame = vec![UNCONFIRMED_UPLINK];
	frame.extend(u32::from(number % 64).to_le_bytes());
	frame.push(0);
	frame.extend(number.to_le_bytes());
	frame.push(1);
	let sealed = (frame.len() as u32..FRAME_BYTES).map(|place| (place as u8).wrapping_mul(37));
	frame.extend(sealed.map(|byte| byte ^ number as u8));
	frame
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn frames_are_uplinks_of_equal_length_that_differ() {
		let frames: HashSet<_> = (0..3_000).map(frame).collect();
		assert_eq!(frames.len(), 3_000);
		assert!(frames.iter().all(|it| it.len() == FRAME_BYTES as usize && it[0] == 0x40));
	}

	#[tokio::test]
	async fn every_frame_is_acknowledged_once() {
		let client = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
		let address = client.local_addr().expect("bound");
		let answering = tokio::spawn(async move {
			let mut buffer = [0; DATAGRAM_MAX];
			loop {
				let (length, from) = client.recv_from(&mut buffer).await.expect("received");
				let answer = match buffer[3] {
					0 => PUSH_ACK,
					_ => PULL_ACK,
				};
				assert!(length >= 12);
				let datagram = [2, buffer[1], buffer[2], answer];
				// One that comes twice counts once.
				client.send_to(&datagram, from).await.expect("sent");
				client.send_to(&datagram, from).await.expect("sent");
			}
		});
		let mut forwarder = Forwarder::open([7; 8], address).await.expect("opened");
		forwarder.hear(50, 5_000).await.expect("heard");
		assert_eq!(forwarder.acknowledged(), 50);
		assert!(forwarder.is_connected());
		answering.abort();
	}
}
