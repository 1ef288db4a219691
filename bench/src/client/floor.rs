//! What the machine itself takes of a packet: the processor time of a thread that acknowledges
//! packets and does nothing else.

use std::{
	net::{SocketAddr, UdpSocket},
	thread,
	time::Duration,
};

use anyhow::{anyhow, ensure};
use cpu_time::ThreadTime;

use super::forwarder::{Forwarder, MAC};

/// How long the thread waits for a packet.
const PATIENCE: Duration = Duration::from_secs(10);
/// Version of the protocol, and what follows the token of each kind of datagram.
const VERSION: u8 = 2;
const PUSH_DATA: u8 = 0;
const PUSH_ACK: u8 = 1;
const PULL_ACK: u8 = 4;

/// Processor time per packet, of so many at this pace.
pub(super) async fn per_packet(packets: u16, per_second: u32) -> anyhow::Result<Duration> {
	let socket = UdpSocket::bind("127.0.0.1:0")?;
	socket.set_read_timeout(Some(PATIENCE))?;
	let address = socket.local_addr()?;
	// A separate socket: this one stays open while the forwarder still asks for frames.
	let answers = socket.try_clone()?;
	let answering = thread::spawn(move || acknowledge(&answers, packets));
	let mut forwarder = Forwarder::open(MAC, address).await?;
	forwarder.hear(packets, per_second).await?;
	let acknowledged = forwarder.acknowledged();
	ensure!(acknowledged == usize::from(packets), "only {acknowledged} packets came back");
	let taken = answering.join().map_err(|_| anyhow!("the thread that answers panicked"))??;
	Ok(taken / u32::from(packets.max(1)))
}

/// Acknowledges so many packets, and says what processor time that took from the first one on.
fn acknowledge(socket: &UdpSocket, packets: u16) -> std::io::Result<Duration> {
	let mut buffer = [0; 2_048];
	let mut started = None;
	let mut seen = 0;
	while seen < packets {
		let (_, from): (usize, SocketAddr) = socket.recv_from(&mut buffer)?;
		let [_, high, low, kind, ..] = buffer;
		started.get_or_insert_with(ThreadTime::now);
		let answer = if kind == PUSH_DATA { PUSH_ACK } else { PULL_ACK };
		seen += u16::from(kind == PUSH_DATA);
		socket.send_to(&[VERSION, high, low, answer], from)?;
	}
	Ok(started.map(|started| started.elapsed()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[tokio::test]
	async fn packet_takes_some_time_and_no_millisecond() {
		let taken = per_packet(200, 2_000).await.expect("all are acknowledged");
		assert!(!taken.is_zero() && taken < Duration::from_millis(1), "{taken:?}");
	}
}
