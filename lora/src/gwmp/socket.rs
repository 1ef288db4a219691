//! The socket to which packet forwarders speak.

use std::{
	io,
	net::{SocketAddr, UdpSocket},
};

use tokio::io::{Interest, unix::AsyncFd};

/// A UDP socket that wakes its task only for what comes in. Tokio's own also wakes it when there is
/// room to send again, which on loopback is after each datagram that it sent: one acknowledgement
/// per packet.
#[derive(Debug)]
pub struct Socket(AsyncFd<UdpSocket>);

impl Socket {
	/// A socket that is bound to an address.
	pub fn bind(address: SocketAddr) -> io::Result<Self> {
		let socket = UdpSocket::bind(address)?;
		socket.set_nonblocking(true)?;
		// SAFETY: a socket of the standard library owns its descriptor, and it is the same until it
		// is dropped.
		let registered = unsafe { AsyncFd::register_with_interest(socket, Interest::READABLE) };
		Ok(Self(registered?))
	}

	/// The address to which it is bound.
	pub fn local_addr(&self) -> io::Result<SocketAddr> {
		self.0.get_ref().local_addr()
	}

	/// Waits for a datagram; its length and its sender.
	pub(super) async fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
		self.0.async_io(Interest::READABLE, |socket| socket.recv_from(buffer)).await
	}

	/// Sends a datagram. If there is no room for it now, that is an error, and the datagram is lost
	/// like others.
	pub(super) fn send(&self, datagram: &[u8], to: SocketAddr) -> io::Result<()> {
		self.0.get_ref().send_to(datagram, to).map(drop)
	}
}
