//! What gateways hear of a beacon. One beacon may be received several times: on neighbouring
//! channels into which a near transmitter leaks, or in copies. All receptions within a moment are
//! gathered, so that the right one is stated.

use std::{collections::VecDeque, time::Duration};

use groma_core::frame::Beacon;
use groma_lora::radio::Reception;
use tokio::time::Instant;

/// How long further receptions of a beacon are awaited. Concentrators report them together.
pub(super) const GATHER_FOR: Duration = Duration::from_millis(500);
/// Beacons that are gathered at a time.
const GATHERED_MAX: usize = 512;
/// Receptions of one beacon that are kept: more channels than concentrators have.
const SIGNALS_MAX: usize = 16;
/// Frequencies that differ by less name one channel: channels are 200 kHz apart, and some packet
/// forwarders report what their crystal is off.
const CHANNEL_TOLERANCE_HZ: u32 = 50_000;

/// How a beacon was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signal {
	pub(super) frequency_hz: Option<u32>,
	pub(super) rssi_deci_dbm: i16,
	pub(super) snr_deci_db: i16,
}

impl Signal {
	pub(super) fn of(reception: &Reception) -> Self {
		let Reception { frequency_hz, rssi_deci_dbm, snr_deci_db, .. } = *reception;
		Self { frequency_hz, rssi_deci_dbm, snr_deci_db }
	}

	/// Whether it was received on a channel; `false` where the frequency is not known.
	fn is_on(&self, channel_hz: u32) -> bool {
		self.frequency_hz.is_some_and(|hz| hz.abs_diff(channel_hz) < CHANNEL_TOLERANCE_HZ)
	}

	fn strength(&self) -> (i16, i16) {
		(self.rssi_deci_dbm, self.snr_deci_db)
	}
}

/// A beacon as one gateway heard it, once or more often.
#[derive(Clone, Debug)]
pub(super) struct Heard {
	pub(super) gateway: usize,
	pub(super) beacon: Beacon,
	/// The strongest, and others of other frequencies.
	strongest: Signal,
	others: Vec<Signal>,
}

impl Heard {
	pub(super) fn new(gateway: usize, beacon: Beacon, signal: Signal) -> Self {
		Self { gateway, beacon, strongest: signal, others: Vec::new() }
	}

	/// Whether it is another reception of the same beacon.
	pub(super) fn is_same(&self, other: &Self) -> bool {
		self.gateway == other.gateway && self.beacon == other.beacon
	}

	/// Adds another reception of the same beacon.
	pub(super) fn merge(&mut self, other: Self) {
		for mut signal in std::iter::once(other.strongest).chain(other.others) {
			if signal.strength() > self.strongest.strength() {
				std::mem::swap(&mut signal, &mut self.strongest);
			}
			if signal.frequency_hz == self.strongest.frequency_hz {
				continue;
			}
			let known = self.others.iter().position(|it| it.frequency_hz == signal.frequency_hz);
			match known {
				Some(index) => {
					let known = &mut self.others[index];
					if known.strength() < signal.strength() {
						*known = signal;
					}
				}
				None if self.others.len() < SIGNALS_MAX => self.others.push(signal),
				None => {}
			}
		}
	}

	/// Whether it was received on several channels.
	pub(super) fn is_ambiguous(&self) -> bool {
		!self.others.is_empty()
	}

	/// The strongest reception on the beacon's channel; the strongest of all if there is none.
	pub(super) fn best(&self, channel_hz: Option<u32>) -> Signal {
		let all = std::iter::once(&self.strongest).chain(&self.others);
		channel_hz
			.and_then(|hz| all.filter(|signal| signal.is_on(hz)).max_by_key(|it| it.strength()))
			.copied()
			.unwrap_or(self.strongest)
	}
}

/// Beacons whose further receptions are awaited.
#[derive(Default)]
pub(super) struct Gathering(VecDeque<(Instant, Heard)>);

impl Gathering {
	/// Takes a reception. If there is no room, the oldest beacon has to be dealt with now.
	pub(super) fn add(&mut self, heard: Heard, now: Instant) -> Option<Heard> {
		if let Some((_, known)) = self.0.iter_mut().find(|(_, known)| known.is_same(&heard)) {
			known.merge(heard);
			return None;
		}
		let oldest = if self.0.len() < GATHERED_MAX { None } else { self.0.pop_front() };
		self.0.push_back((now + GATHER_FOR, heard));
		oldest.map(|(_, heard)| heard)
	}

	/// When the next beacon is to be dealt with.
	pub(super) fn next_due(&self) -> Option<Instant> {
		self.0.front().map(|(due, _)| *due)
	}

	/// A beacon whose moment has come.
	pub(super) fn take_due(&mut self, now: Instant) -> Option<Heard> {
		let (_, heard) = self.0.pop_front_if(|(due, _)| *due <= now)?;
		Some(heard)
	}

	/// Any beacon.
	pub(super) fn take(&mut self) -> Option<Heard> {
		self.0.pop_front().map(|(_, heard)| heard)
	}
}

#[cfg(test)]
mod tests {
	use groma_core::words::Signature;

	use super::*;

	fn signal(frequency_hz: u32, rssi_deci_dbm: i16, snr_deci_db: i16) -> Signal {
		Signal { frequency_hz: Some(frequency_hz), rssi_deci_dbm, snr_deci_db }
	}

	fn heard(signals: &[Signal]) -> Heard {
		let beacon = Beacon::new(1, 2, Signature([0; 64]));
		let mut all = signals.iter().map(|signal| Heard::new(0, beacon, *signal));
		let mut first = all.next().expect("a signal");
		all.for_each(|other| first.merge(other));
		first
	}

	#[test]
	fn reception_on_the_channel_counts_and_then_the_strongest() {
		let (right, leaked) = (signal(868_300_012, -600, 90), signal(868_500_000, -500, 20));
		let weaker = signal(868_300_000, -700, 95);
		for signals in [[right, leaked, weaker], [weaker, leaked, right], [leaked, right, weaker]] {
			let heard = heard(&signals);
			assert!(heard.is_ambiguous());
			assert_eq!(heard.best(Some(868_300_000)), right);
			assert_eq!(heard.best(Some(867_100_000)), leaked);
			assert_eq!(heard.best(None), leaked);
		}
	}

	#[test]
	fn copies_on_one_channel_leave_no_doubt() {
		let heard = heard(&[signal(1, -900, 10), signal(1, -800, 5), signal(1, -800, 3)]);
		assert!(!heard.is_ambiguous());
		assert_eq!(heard.best(Some(868_300_000)), signal(1, -800, 5));
	}

	#[test]
	fn receptions_of_one_beacon_are_bounded() {
		let signals: Vec<Signal> =
			(0..100).map(|number| signal(number * 100_000, number as i16, 0)).collect();
		assert_eq!(heard(&signals).others.len(), SIGNALS_MAX);
	}

	#[test]
	fn beacons_are_gathered_for_a_moment_and_in_bounded_number() {
		let now = Instant::now();
		let mut gathering = Gathering::default();
		let of = |device: u32| {
			Heard::new(0, Beacon::new(device, 2, Signature([0; 64])), signal(1, -900, 10))
		};
		for device in 0..GATHERED_MAX as u32 {
			assert!(gathering.add(of(device), now).is_none());
			assert!(gathering.add(of(device), now).is_none());
		}
		assert!(gathering.take_due(now).is_none());
		let early = gathering.add(of(9_999), now).expect("the oldest");
		assert_eq!(early.beacon.device, 0);
		assert_eq!(gathering.next_due(), Some(now + GATHER_FOR));
		assert!(gathering.take_due(now + GATHER_FOR).is_some() && gathering.take().is_some());
		let due = std::iter::from_fn(|| gathering.take_due(now + GATHER_FOR));
		assert_eq!(due.count(), GATHERED_MAX - 2);
	}
}
