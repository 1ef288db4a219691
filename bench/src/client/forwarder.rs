//! A packet forwarder that hears data frames at a steady pace, and counts what is acknowledged.

use std::{collections::HashSet, net::SocketAddr, time::Duration};

use groma_core::region::DataRate;
use groma_lora::{
	gwmp::{Downlink, Forwarder as Link, Received},
	radio::Mac,
};
use tokio::time::{self, Instant, MissedTickBehavior};

/// The address of the gateway.
pub(crate) const MAC: [u8; 8] = [0xAA, 0x55, 0x5A, 0, 0, 0, 1, 1];
/// How often a packet forwarder asks for frames.
const KEEPALIVE: Duration = Duration::from_secs(5);
/// How long after the last frame an acknowledgement may come.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a frame: a reading of some sensor.
const FRAME_BYTES: u32 = 32;

/// A packet forwarder.
pub(crate) struct Forwarder {
	link: Link,
	keepalive: time::Interval,
	/// Tokens of frames that were acknowledged.
	acknowledged: HashSet<u16>,
	is_connected: bool,
}

impl Forwarder {
	/// The packet forwarder of a gateway, with the client at an address.
	pub(crate) async fn open(gateway: [u8; 8], client: SocketAddr) -> anyhow::Result<Self> {
		let link = Link::open(Mac(gateway), client).await?;
		let mut keepalive = time::interval(KEEPALIVE);
		keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
		Ok(Self { link, keepalive, acknowledged: HashSet::new(), is_connected: false })
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
		loop {
			tokio::select! {
				() = time::sleep_until(end) => return Ok(()),
				_ = self.keepalive.tick() => drop(self.link.pull().await?),
				received = self.link.receive() => self.on_downlink(received?).await?,
			}
		}
	}

	/// Hears so many frames, one datagram each, at a steady pace, and waits for the last
	/// acknowledgements.
	pub(crate) async fn hear(&mut self, frames: u16, per_second: u32) -> anyhow::Result<()> {
		let mut pace = time::interval(Duration::from_secs(1) / per_second.max(1));
		pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
		let mut next = 0;
		while next < frames {
			tokio::select! {
				_ = pace.tick() => {
					self.link.push(&reception(next)).await?;
					next += 1;
				}
				_ = self.keepalive.tick() => drop(self.link.pull().await?),
				received = self.link.receive() => self.on_downlink(received?).await?,
			}
		}
		let end = Instant::now() + PATIENCE;
		while self.acknowledged.len() < usize::from(frames) && Instant::now() < end {
			self.idle(Duration::from_millis(20)).await?;
		}
		Ok(())
	}

	async fn on_downlink(&mut self, downlink: Option<Downlink>) -> anyhow::Result<()> {
		match downlink {
			Some(Downlink::PushAck(token)) => drop(self.acknowledged.insert(token)),
			Some(Downlink::PullAck(_)) => self.is_connected = true,
			Some(Downlink::Transmit { token, .. }) => self.link.answer(token, Ok(())).await?,
			None => {}
		}
		Ok(())
	}
}

/// What a concentrator reports of the frame with this number: an uplink of one of many LoRaWAN
/// devices.
fn reception(number: u16) -> Received {
	let step = number as i16;
	Received {
		counter_us: u32::from(number).wrapping_mul(3_333),
		frequency_hz: 868_100_000,
		data_rate: DataRate { spreading_factor: 7 + (number % 6) as u8, bandwidth_khz: 125 },
		rssi_deci_dbm: -1_200 + 10 * step.rem_euclid(60),
		snr_deci_db: -100 + 10 * step.rem_euclid(20),
		has_crc: true,
		payload: frame(number),
	}
}

/// An unconfirmed LoRaWAN uplink with this number: address, control, counter, port, and what only
/// its network can read.
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
	use tokio::net::UdpSocket;

	use super::*;

	const PUSH_ACK: u8 = 1;
	const PULL_ACK: u8 = 4;

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
			let mut buffer = [0; 2_048];
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
