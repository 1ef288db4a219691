//! A simulated packet forwarder: a concentrator between the field's air and the client's socket.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use groma_client::shutdown::Shutdown;
use groma_core::{RegionId, region};
use groma_lora::{
	gwmp::{self, Downlink, Received, Request, Start, TransmitRefusal},
	radio::Mac,
};
use tokio::{
	sync::mpsc,
	time::{self, Instant, MissedTickBehavior},
};

use crate::{
	air::{Air, Frame, Heard},
	behaviour::Behaviour,
	testimony,
};

/// How far ahead a transmission may be scheduled, as in the reference forwarder.
const ADVANCE_MAX: Duration = Duration::from_secs(512);
/// How long a concentrator needs to prepare a transmission.
const START_DELAY: Duration = Duration::from_millis(2);

/// What a forwarder needs to know.
#[derive(Clone, Debug)]
pub struct ForwarderSettings {
	/// The client's socket.
	pub server: SocketAddr,
	/// The gateway's identifier.
	pub mac: Mac,
	/// Its radio: an index into the field's stations.
	pub station: usize,
	/// What it does with what it receives.
	pub behaviour: Behaviour,
	/// The time between two keep-alives (PULL_DATA).
	pub keepalive: Duration,
	/// At which powers its radio transmits.
	pub amplifier: Amplifier,
}

/// The amplifier of a concentrator and the antenna behind it.
#[derive(Clone, Debug, Default)]
pub struct Amplifier {
	/// What the antenna adds in dB (`antenna_gain`).
	pub antenna_gain_db: i32,
	/// The powers of the amplifier in dBm (`tx_lut`); it has all if this is empty.
	pub table_dbm: Vec<i32>,
}

impl Amplifier {
	/// The table of the reference forwarder.
	pub const REFERENCE: [i32; 16] = [-6, -3, 0, 3, 6, 10, 11, 12, 13, 14, 16, 20, 23, 25, 26, 27];

	/// Whether a radiated power can be set.
	pub fn has(&self, power_dbm: i32) -> bool {
		let wanted = power_dbm.saturating_sub(self.antenna_gain_db);
		self.table_dbm.is_empty() || self.table_dbm.contains(&wanted)
	}
}

/// A transmission that waits for its moment.
struct Scheduled {
	start: Instant,
	end: Instant,
	frame: Frame,
}

/// A packet forwarder.
pub struct Forwarder {
	settings: ForwarderSettings,
	air: Arc<Air>,
	link: gwmp::Forwarder,
	heard: mpsc::Receiver<Heard>,
	/// When the concentrator's microsecond counter was 0.
	epoch: Instant,
	/// Transmissions whose end is still to come.
	schedule: Vec<Scheduled>,
}

impl Forwarder {
	/// Opens the socket and tunes in.
	pub async fn open(settings: ForwarderSettings, air: Arc<Air>) -> io::Result<Self> {
		let link = gwmp::Forwarder::open(settings.mac, settings.server).await?;
		let heard = air.tune_in(settings.station);
		let epoch = Instant::now();
		Ok(Self { settings, air, link, heard, epoch, schedule: Vec::new() })
	}

	/// Serves until it is to stop. A client that is not there yet, or no
	/// longer, is no reason to stop: a real forwarder goes on calling it as well.
	pub async fn run(mut self, mut shutdown: Shutdown) {
		let mut keepalive = time::interval(self.settings.keepalive);
		keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
		loop {
			let next_end = self.schedule.iter().map(|scheduled| scheduled.end).min();
			tokio::select! {
				() = shutdown.requested() => return,
				_ = keepalive.tick() => note_loss(self.link.pull().await.map(drop)),
				Some(heard) = self.heard.recv() => self.push(heard).await,
				// On loopback the refusal of a datagram comes back as an error of the next call.
				received = self.link.receive() => match received {
					Ok(downlink) => self.on_downlink(downlink).await,
					Err(error) => note_loss(Err(error)),
				},
				() = sleep_until(next_end) => self.finish_transmissions(),
			}
		}
	}

	async fn push(&mut self, heard: Heard) {
		let frame = self.received(&heard);
		note_loss(self.link.push(&frame).await.map(drop));
	}

	/// What the concentrator reports of a frame.
	fn received(&self, heard: &Heard) -> Received {
		let reception = testimony::reported(self.settings.behaviour, heard.reception);
		let frame = &heard.frame;
		Received {
			counter_us: self.counter_at(Instant::now()),
			frequency_hz: frame.frequency_hz,
			data_rate: frame.data_rate,
			rssi_deci_dbm: reception.rssi_deci_dbm,
			snr_deci_db: reception.snr_deci_db,
			has_crc: frame.has_crc,
			payload: frame.payload.clone(),
		}
	}

	/// Schedules a transmission that is asked for, and says whether it was accepted.
	async fn on_downlink(&mut self, downlink: Option<Downlink>) {
		match downlink {
			Some(Downlink::Transmit { token, request }) => {
				let answer = self.schedule(request);
				note_loss(self.link.answer(token, answer).await);
			}
			// An acknowledgement only shows that the client is there.
			Some(Downlink::PushAck(_) | Downlink::PullAck(_)) => {}
			None => tracing::warn!(target: "simulator::forwarder", "not a datagram of a server"),
		}
	}

	fn schedule(&mut self, request: Request) -> Result<(), TransmitRefusal> {
		let start = self.start_of(request.start, Instant::now())?;
		let region = self.air.field().stations().get(self.settings.station).map(|s| s.region);
		if !band(region.unwrap_or(region::EU868)).contains(&request.frequency_hz) {
			return Err(TransmitRefusal::Channel);
		}
		if !self.settings.amplifier.has(request.power_dbm) {
			return Err(TransmitRefusal::Power);
		}
		let bytes = request.payload.len() as u32;
		let airtime = request.data_rate.airtime_us(bytes).ok_or(TransmitRefusal::SendFailed)?;
		let end = start + Duration::from_micros(airtime);
		if self.schedule.iter().any(|other| start < other.end && other.start < end) {
			return Err(TransmitRefusal::Collision);
		}
		let frame = Frame {
			payload: request.payload,
			frequency_hz: request.frequency_hz,
			data_rate: request.data_rate,
			// Packet forwarders are asked for what is radiated.
			eirp: request.power_dbm.saturating_mul(100),
			is_inverted: request.is_inverted,
			has_crc: request.has_crc,
		};
		self.schedule.push(Scheduled { start, end, frame });
		Ok(())
	}

	/// When a requested transmission starts.
	fn start_of(&self, start: Start, now: Instant) -> Result<Instant, TransmitRefusal> {
		let counter = match start {
			Start::Immediately => return Ok(now + START_DELAY),
			Start::AtCounter(counter) => counter,
			// Without a position a gateway has no GPS time either.
			Start::AtGpsTime => return Err(TransmitRefusal::NoGpsTime),
		};
		// The counter wraps: what lies less than half of its range back is past.
		let ahead = counter.wrapping_sub(self.counter_at(now)) as i32;
		let ahead = u64::try_from(ahead).map_err(|_| TransmitRefusal::TooLate)?;
		match Duration::from_micros(ahead) {
			ahead if ahead < START_DELAY => Err(TransmitRefusal::TooLate),
			ahead if ahead > ADVANCE_MAX => Err(TransmitRefusal::TooEarly),
			ahead => Ok(now + ahead),
		}
	}

	/// Hands the frames whose transmission is over to the air.
	fn finish_transmissions(&mut self) {
		let now = Instant::now();
		for done in self.schedule.extract_if(.., |scheduled| scheduled.end <= now) {
			self.air.deliver(self.settings.station, done.frame);
		}
	}

	/// The concentrator's counter: microseconds in 32 bits.
	fn counter_at(&self, instant: Instant) -> u32 {
		instant.saturating_duration_since(self.epoch).as_micros() as u32
	}
}

/// A datagram that is lost is repeated, or another one comes.
fn note_loss(sent: io::Result<()>) {
	if let Err(error) = sent {
		tracing::trace!(target: "simulator::forwarder", %error, "lost");
	}
}

async fn sleep_until(instant: Option<Instant>) {
	match instant {
		Some(instant) => time::sleep_until(instant).await,
		None => std::future::pending().await,
	}
}

/// The frequencies in Hz at which a region's gateways transmit.
fn band(region: RegionId) -> std::ops::RangeInclusive<u32> {
	match region {
		region::US915 => 902_000_000..=928_000_000,
		_ => 863_000_000..=870_000_000,
	}
}

#[cfg(test)]
mod tests {
	use std::collections::BTreeSet;

	use groma_client::shutdown;
	use groma_core::region::DataRate;
	use groma_device::metrics::Metrics;
	use groma_lora::radio::{Radio, RadioError, Transmission};
	use tokio::net::UdpSocket;

	use super::*;
	use crate::field::{Field, FieldSpec};

	const STATIONS: usize = 12;
	/// The identifier of a PULL_DATA.
	const PULL_DATA: u8 = 2;

	fn mac(station: usize) -> Mac {
		Mac([0, 0, 0, 0, 0, 0, 0, station as u8])
	}

	/// A forwarder for each station of a small field.
	async fn forwarders(server: SocketAddr) -> Vec<Forwarder> {
		let spec = FieldSpec { devices: STATIONS, seed: 5, ..FieldSpec::default() };
		let air = Air::new(Arc::new(Field::new(&spec).expect("a field")));
		let mut forwarders = Vec::new();
		for station in 0..STATIONS {
			let settings = ForwarderSettings {
				server,
				mac: mac(station),
				station,
				behaviour: Behaviour::Honest,
				keepalive: Duration::from_secs(60),
				amplifier: Amplifier::default(),
			};
			forwarders.push(Forwarder::open(settings, air.clone()).await.expect("a forwarder"));
		}
		forwarders
	}

	fn request(start: Start) -> Request {
		Request {
			start,
			frequency_hz: 868_300_000,
			data_rate: DataRate { spreading_factor: 8, bandwidth_khz: 125 },
			power_dbm: 16,
			is_inverted: false,
			has_crc: true,
			payload: vec![0xE0; 72],
		}
	}

	#[test]
	fn amplifier_has_the_powers_of_its_table_plus_the_gain() {
		assert!(Amplifier::default().has(17));
		let table_dbm = Amplifier::REFERENCE.to_vec();
		let amplifier = Amplifier { antenna_gain_db: 8, table_dbm };
		let powers: Vec<i32> = (0..=20).filter(|power| amplifier.has(*power)).collect();
		assert_eq!(powers, [2, 5, 8, 11, 14, 18, 19, 20]);
	}

	#[tokio::test]
	async fn forwarders_announce_themselves() {
		let server = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
		let (_stop, shutdown) = shutdown::channel();
		for forwarder in forwarders(server.local_addr().expect("bound")).await {
			tokio::spawn(forwarder.run(shutdown.clone()));
		}
		let mut macs = BTreeSet::new();
		for _ in 0..STATIONS {
			let mut datagram = [0; 64];
			let length = server.recv(&mut datagram).await.expect("a datagram");
			assert_eq!((length, datagram[3]), (12, PULL_DATA));
			macs.insert(datagram[11]);
		}
		assert_eq!(macs.len(), STATIONS);
	}

	#[tokio::test]
	async fn requested_frame_is_acknowledged_and_heard_by_others() {
		let socket = gwmp::Socket::bind(([127, 0, 0, 1], 0).into()).expect("bound");
		let address = socket.local_addr().expect("bound");
		let (heard, mut receptions) = mpsc::channel(64);
		let observer = Arc::new(Metrics::default());
		let (radio, server) = gwmp::server(socket, (0..STATIONS).map(mac), heard, observer);
		let (_stop, mut shutdown) = shutdown::channel();
		for forwarder in forwarders(address).await {
			tokio::spawn(forwarder.run(shutdown.clone()));
		}
		tokio::spawn(async move { server.run(shutdown.requested()).await });
		let Request { frequency_hz, data_rate, payload, .. } = request(Start::Immediately);
		let frame = Transmission { frequency_hz, data_rate, power_dbm: 16, payload };
		// The server has to hear of the forwarder first.
		while let Err(error) = radio.transmit(mac(0), &frame, Duration::from_secs(2)).await {
			assert_eq!(error, RadioError::NotConnected(mac(0)));
			time::sleep(Duration::from_millis(5)).await;
		}
		let reception = time::timeout(Duration::from_secs(5), receptions.recv()).await;
		let reception = reception.expect("in time").expect("a reception");
		assert_ne!(reception.gateway, mac(0));
		assert_eq!(reception.payload, frame.payload);
		assert_eq!(reception.frequency_hz, Some(frequency_hz));
	}

	#[tokio::test]
	async fn frame_waits_for_its_moment() {
		let server = SocketAddr::from(([127, 0, 0, 1], 9));
		let mut forwarder = forwarders(server).await.remove(0);
		assert_eq!(forwarder.schedule(request(Start::AtCounter(1_000_000))), Ok(()));
		let start = forwarder.schedule[0].start - forwarder.epoch;
		assert!(start.abs_diff(Duration::from_secs(1)) < Duration::from_millis(1), "{start:?}");
	}

	#[tokio::test]
	async fn request_is_refused_when_too_late_too_early_off_band_or_colliding() {
		let server = SocketAddr::from(([127, 0, 0, 1], 9));
		let mut forwarder = forwarders(server).await.remove(0);
		for (request, refusal) in [
			(request(Start::AtCounter(u32::MAX)), TransmitRefusal::TooLate),
			(request(Start::AtCounter(900_000_000)), TransmitRefusal::TooEarly),
			(request(Start::AtGpsTime), TransmitRefusal::NoGpsTime),
			(
				Request { frequency_hz: 915_000_000, ..request(Start::Immediately) },
				TransmitRefusal::Channel,
			),
		] {
			assert_eq!(forwarder.schedule(request), Err(refusal));
		}
		assert_eq!(forwarder.schedule(request(Start::Immediately)), Ok(()));
		assert_eq!(
			forwarder.schedule(request(Start::Immediately)),
			Err(TransmitRefusal::Collision)
		);
	}
}
