//! Where a gateway's packet forwarder listens. The protocol knows no passwords, so the first
//! address that asks for a gateway's frames keeps them until it is silent.

use std::{
	net::{IpAddr, SocketAddr},
	time::Duration,
};

use tokio::time::Instant;

/// After this silence another address may take a gateway over. Packet forwarders ask every 10 s or
/// so.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(60);
/// After this silence nothing is sent to a packet forwarder.
pub(super) const GONE_AFTER: Duration = Duration::from_secs(600);

/// Where the packet forwarder of a gateway listens, and which host may speak for it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GatewayAddress {
	/// The only host that may speak for the gateway, if the settings name one.
	fixed: Option<IpAddr>,
	pinned: Option<Pinned>,
	/// Whether it has left, as [`Self::leaves`] said.
	has_left: bool,
}

/// Who gets the gateway's frames.
#[derive(Clone, Copy, Debug)]
struct Pinned {
	address: SocketAddr,
	version: u8,
	asked_at: Instant,
	/// Whether it had been silent when it asked.
	was_silent: bool,
}

/// What a request for frames means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
	/// It comes from the address that asked before.
	Again,
	/// So it does, but twice in a row after a silence of a minute or more.
	Rarely,
	/// It is the first.
	First,
	/// It is the first since it had left.
	Back,
	/// It comes from another host than before, which has been silent.
	TakenOver,
	/// So it does, and this host may have been silent only because both ask rarely.
	Alternately,
	/// Another address keeps the gateway.
	Elsewhere,
}

impl GatewayAddress {
	/// A packet forwarder that has not asked yet.
	pub(super) fn new(fixed: Option<IpAddr>) -> Self {
		let fixed = fixed.map(|address| address.to_canonical());
		Self { fixed, pinned: None, has_left: false }
	}

	/// Whether a host may speak for the gateway.
	pub(super) fn admits(&self, from: SocketAddr) -> bool {
		self.fixed.is_none_or(|fixed| fixed == from.ip().to_canonical())
	}

	/// Records a request for frames from `address`.
	pub(super) fn ask(&mut self, address: SocketAddr, version: u8, now: Instant) -> Asked {
		let was_silent = self.pinned.is_some_and(|pinned| !pinned.asked_within(SILENCE_MAX, now));
		let had_left = std::mem::take(&mut self.has_left);
		let asked = match self.pinned {
			None => Asked::First,
			Some(pinned) if pinned.address != address && !was_silent => return Asked::Elsewhere,
			Some(pinned) if !is_same_host(pinned.address, address) => match pinned.was_silent {
				true => Asked::Alternately,
				false => Asked::TakenOver,
			},
			Some(pinned) if pinned.was_silent && was_silent => Asked::Rarely,
			Some(_) if had_left => Asked::Back,
			Some(_) => Asked::Again,
		};
		self.pinned = Some(Pinned { address, version, asked_at: now, was_silent });
		asked
	}

	/// Where frames go, and in which version of the protocol; `None` if no one is there.
	pub(super) fn address(&self, now: Instant) -> Option<(SocketAddr, u8)> {
		let pinned = self.pinned.filter(|pinned| pinned.asked_within(GONE_AFTER, now))?;
		Some((pinned.address, pinned.version))
	}

	/// Whether it has just been silent for so long that nothing is sent to it any more. One that
	/// asks rarely leaves only once.
	pub(super) fn leaves(&mut self, now: Instant) -> bool {
		let pinned = self.pinned.filter(|pinned| !pinned.was_silent);
		let is_gone = pinned.is_some_and(|pinned| !pinned.asked_within(GONE_AFTER, now));
		is_gone && !std::mem::replace(&mut self.has_left, true)
	}

	/// Whether it asked within a minute.
	pub(super) fn is_connected(&self, now: Instant) -> bool {
		self.pinned.is_some_and(|pinned| pinned.asked_within(SILENCE_MAX, now))
	}
}

impl Pinned {
	fn asked_within(&self, silence: Duration, now: Instant) -> bool {
		now.saturating_duration_since(self.asked_at) < silence
	}
}

/// Whether an answer may come from this address to a frame that went to the other: some packet
/// forwarders answer from their second socket, so the port may differ.
pub(super) fn is_same_host(one: SocketAddr, other: SocketAddr) -> bool {
	one.ip().to_canonical() == other.ip().to_canonical()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn address(host: u8, port: u16) -> SocketAddr {
		SocketAddr::from(([127, 0, 0, host], port))
	}

	#[test]
	fn address_keeps_a_gateway_until_it_is_silent_for_a_minute() {
		let mut forwarder = GatewayAddress::new(None);
		let start = Instant::now();
		let after = |seconds| start + Duration::from_secs(seconds);
		assert_eq!(forwarder.address(start), None);
		assert_eq!(forwarder.ask(address(1, 1), 2, start), Asked::First);
		assert_eq!(forwarder.ask(address(1, 2), 2, after(10)), Asked::Elsewhere);
		assert_eq!(forwarder.address(after(11)), Some((address(1, 1), 2)));
		assert_eq!(forwarder.ask(address(1, 1), 2, after(20)), Asked::Again);
		assert_eq!(forwarder.ask(address(2, 2), 2, after(79)), Asked::Elsewhere);
		assert_eq!(forwarder.ask(address(2, 2), 1, after(80)), Asked::TakenOver);
		assert_eq!(forwarder.address(after(81)), Some((address(2, 2), 1)));
	}

	#[test]
	fn rare_requests_are_noticed_when_they_stay_rare() {
		let mut forwarder = GatewayAddress::new(None);
		let start = Instant::now();
		let mut ask =
			|seconds| forwarder.ask(address(1, 1), 2, start + Duration::from_secs(seconds));
		assert_eq!([0, 120, 130].map(&mut ask), [Asked::First, Asked::Again, Asked::Again]);
		assert_eq!([250, 370].map(&mut ask), [Asked::Again, Asked::Rarely]);
	}

	#[test]
	fn address_alternates_when_two_hosts_ask_rarely() {
		let mut forwarder = GatewayAddress::new(None);
		let start = Instant::now();
		let mut ask = |(host, seconds)| {
			forwarder.ask(address(host, 1), 2, start + Duration::from_secs(seconds))
		};
		assert_eq!([(1, 0), (2, 61)].map(&mut ask), [Asked::First, Asked::TakenOver]);
		assert_eq!([(1, 122), (2, 183)].map(&mut ask), [Asked::Alternately; 2]);
	}

	#[test]
	fn forwarder_leaves_once_and_is_back_once() {
		let mut forwarder = GatewayAddress::new(None);
		let start = Instant::now();
		let after = |seconds| start + Duration::from_secs(seconds);
		assert!(!forwarder.leaves(start));
		forwarder.ask(address(1, 1), 2, start);
		let lines = (0..5_000).filter(|second| forwarder.leaves(after(*second))).count();
		assert_eq!(lines, 1);
		assert_eq!(forwarder.ask(address(1, 2), 2, after(5_000)), Asked::Back);
		assert_eq!(forwarder.ask(address(1, 2), 2, after(5_010)), Asked::Again);
		assert!(!forwarder.leaves(after(5_609)) && forwarder.leaves(after(5_610)));
	}

	#[test]
	fn forwarder_that_asks_every_quarter_of_an_hour_does_not_leave_each_time() {
		let mut forwarder = GatewayAddress::new(None);
		let start = Instant::now();
		let mut seen = Vec::new();
		let mut departures = 0;
		for second in 0..9_000 {
			let now = start + Duration::from_secs(second);
			departures += usize::from(forwarder.leaves(now));
			if second % 900 == 0 {
				seen.push(forwarder.ask(address(1, 1), 2, now));
			}
		}
		assert_eq!(departures, 1);
		assert_eq!(seen[..3], [Asked::First, Asked::Back, Asked::Rarely]);
		assert!(seen[3..].iter().all(|asked| *asked == Asked::Rarely));
	}

	#[test]
	fn frames_go_to_the_last_known_address_for_ten_minutes() {
		let mut forwarder = GatewayAddress::new(None);
		let start = Instant::now();
		forwarder.ask(address(1, 1), 2, start);
		let after = |seconds| start + Duration::from_secs(seconds);
		assert!(forwarder.is_connected(after(59)) && !forwarder.is_connected(after(60)));
		assert_eq!(forwarder.address(after(599)), Some((address(1, 1), 2)));
		assert_eq!(forwarder.address(after(600)), None);
	}

	#[test]
	fn only_the_host_of_the_settings_is_admitted() {
		let forwarder = GatewayAddress::new(Some(IpAddr::from([127, 0, 0, 1])));
		assert!(forwarder.admits(address(1, 7)) && !forwarder.admits(address(2, 7)));
		assert!(forwarder.admits("[::ffff:127.0.0.1]:7".parse().expect("an address")));
		assert!(GatewayAddress::new(None).admits(address(2, 7)));
	}

	#[test]
	fn answers_come_from_any_port_of_the_same_host() {
		assert!(is_same_host(address(1, 1), address(1, 2)));
		assert!(!is_same_host(address(1, 1), address(2, 1)));
	}
}
