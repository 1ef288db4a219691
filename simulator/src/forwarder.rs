//! A simulated packet forwarder: the concentrator's side of the Semtech UDP protocol, version 2
//! (`PROTOCOL.TXT` of Lora-net/packet_forwarder), on a socket of its own.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use groma_client::shutdown::Shutdown;
use groma_core::{
	RegionId,
	region::{self, DataRate},
};
use semtech_udp::{
	Bandwidth, CodingRate, DataRate as GwmpDataRate, Down, MacAddress, Modulation, Packet,
	SerializablePacket, SpreadingFactor, pull_data, pull_resp,
	push_data::{self, CRC, RxPk, RxPkV1},
	tx_ack,
};
use tokio::{
	net::UdpSocket,
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
/// The largest datagram in bytes.
const DATAGRAM_MAX: usize = 4_096;

/// What a forwarder needs to know.
#[derive(Clone, Debug)]
pub struct ForwarderSettings {
	/// The client's socket.
	pub server: SocketAddr,
	/// The gateway's identifier.
	pub mac: [u8; 8],
	/// Its radio: an index into the field's stations.
	pub station: usize,
	/// What it does with what it receives.
	pub behaviour: Behaviour,
	/// The time between two keep-alives (PULL_DATA).
	pub keepalive: Duration,
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
	socket: UdpSocket,
	heard: mpsc::Receiver<Heard>,
	/// When the concentrator's microsecond counter was 0.
	epoch: Instant,
	/// Transmissions whose end is still to come.
	schedule: Vec<Scheduled>,
	token: u16,
}

impl Forwarder {
	/// Opens the socket and tunes in.
	pub async fn open(settings: ForwarderSettings, air: Arc<Air>) -> io::Result<Self> {
		let local: SocketAddr = if settings.server.is_ipv4() {
			([127, 0, 0, 1], 0).into()
		} else {
			(std::net::Ipv6Addr::LOCALHOST, 0).into()
		};
		let socket = UdpSocket::bind(local).await?;
		socket.connect(settings.server).await?;
		let heard = air.tune_in(settings.station);
		let token = settings.station as u16;
		Ok(Self {
			settings,
			air,
			socket,
			heard,
			epoch: Instant::now(),
			schedule: Vec::new(),
			token,
		})
	}

	/// Serves until it is to stop. A client that is not there yet, or no
	/// longer, is no reason to stop: a real forwarder goes on calling it as well.
	pub async fn run(mut self, mut shutdown: Shutdown) {
		let mut keepalive = time::interval(self.settings.keepalive);
		keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
		let mut buffer = vec![0; DATAGRAM_MAX];
		loop {
			let next_end = self.schedule.iter().map(|scheduled| scheduled.end).min();
			tokio::select! {
				() = shutdown.requested() => return,
				_ = keepalive.tick() => self.pull().await,
				Some(heard) = self.heard.recv() => self.push(heard).await,
				received = self.socket.recv(&mut buffer) => match received {
					Ok(length) => self.on_datagram(buffer.get(..length).unwrap_or_default()).await,
					// On loopback the refusal of a datagram comes back as an error of the next call.
					Err(error) => tracing::trace!(target: "simulator::forwarder", %error, "receive"),
				},
				() = sleep_until(next_end) => self.finish_transmissions(),
			}
		}
	}

	async fn pull(&mut self) {
		let packet = pull_data::Packet { random_token: self.next_token(), gateway_mac: self.mac() };
		self.send(&packet).await;
	}

	async fn push(&mut self, heard: Heard) {
		let Some(rxpk) = self.rxpk(&heard) else { return };
		let mut packet = push_data::Packet::from_rxpk(self.mac(), rxpk);
		packet.random_token = self.next_token();
		self.send(&packet).await;
	}

	/// What the concentrator reports of a frame.
	fn rxpk(&self, heard: &Heard) -> Option<RxPk> {
		let reception = testimony::reported(self.settings.behaviour, heard.reception);
		let frame = &heard.frame;
		Some(RxPk::V1(RxPkV1 {
			chan: 0,
			codr: Some(CodingRate::_4_5),
			data: frame.payload.clone(),
			datr: to_gwmp(frame.data_rate)?,
			freq: f64::from(frame.frequency_hz) / 1e6,
			lsnr: f32::from(reception.snr_deci_db) / 10.0,
			modu: Modulation::LORA,
			rfch: 0,
			rssi: i32::from(reception.rssi_deci_dbm) / 10,
			rssis: None,
			size: frame.payload.len() as u64,
			stat: if frame.has_crc { CRC::OK } else { CRC::Disabled },
			tmst: self.counter_at(Instant::now()),
			time: None,
		}))
	}

	async fn on_datagram(&mut self, datagram: &[u8]) {
		match Packet::parse_downlink(datagram) {
			Ok(Down::PullResp(request)) => self.on_request(*request).await,
			// Acknowledgements only tell that the client is there.
			Ok(Down::PushAck(_) | Down::PullAck(_)) => {}
			Err(error) => {
				tracing::warn!(target: "simulator::forwarder", %error, "not a downlink datagram");
			}
		}
	}

	/// Schedules a transmission and says whether it was accepted.
	async fn on_request(&mut self, request: pull_resp::Packet) {
		let data = match self.schedule(&request.data.txpk) {
			Ok(()) => tx_ack::Data::default(),
			Err(error) => tx_ack::Data::new_with_error(error),
		};
		let gateway_mac = self.mac();
		self.send(&tx_ack::Packet { gateway_mac, random_token: request.random_token, data }).await;
	}

	fn schedule(&mut self, txpk: &pull_resp::TxPk) -> Result<(), tx_ack::Error> {
		let now = Instant::now();
		let start = self.start_of(txpk, now)?;
		let region = self.air.field().stations().get(self.settings.station).map(|s| s.region);
		let frequency_hz = (txpk.freq * 1e6).round() as u32;
		if !band(region.unwrap_or(region::EU868)).contains(&frequency_hz) {
			return Err(tx_ack::Error::InvalidTransmitFrequency);
		}
		let data_rate = from_gwmp(txpk.datr).ok_or(tx_ack::Error::SendFail)?;
		let payload = txpk.data.data().to_vec();
		let airtime = data_rate.airtime_us(payload.len() as u32).ok_or(tx_ack::Error::SendFail)?;
		let end = start + Duration::from_micros(airtime);
		if self.schedule.iter().any(|other| start < other.end && other.start < end) {
			return Err(tx_ack::Error::CollisionPacket);
		}
		let frame = Frame {
			payload,
			frequency_hz,
			data_rate,
			// The antenna of a simulated gateway has no gain: what it is fed it radiates.
			eirp: i32::try_from(txpk.powe).unwrap_or(i32::MAX / 100).saturating_mul(100),
			is_inverted: txpk.ipol,
			has_crc: !txpk.ncrc.unwrap_or(false),
		};
		self.schedule.push(Scheduled { start, end, frame });
		Ok(())
	}

	/// When a requested transmission starts.
	fn start_of(&self, txpk: &pull_resp::TxPk, now: Instant) -> Result<Instant, tx_ack::Error> {
		if txpk.is_immediate() {
			return Ok(now + START_DELAY);
		}
		// Without a position a gateway has no GPS time either.
		let tmst = txpk.get_tmst().ok_or(tx_ack::Error::GpsUnlocked)?;
		// The counter wraps: what lies less than half of its range back is past.
		let ahead = tmst.wrapping_sub(self.counter_at(now)) as i32;
		let ahead = u64::try_from(ahead).map_err(|_| tx_ack::Error::TooLate)?;
		match Duration::from_micros(ahead) {
			ahead if ahead < START_DELAY => Err(tx_ack::Error::TooLate),
			ahead if ahead > ADVANCE_MAX => Err(tx_ack::Error::TooEarly),
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

	async fn send(&self, packet: &impl SerializablePacket) {
		let mut buffer = [0; DATAGRAM_MAX];
		let length = match packet.serialize(&mut buffer) {
			Ok(length) => length as usize,
			Err(error) => {
				tracing::warn!(target: "simulator::forwarder", %error, "datagram too long");
				return;
			}
		};
		if let Err(error) = self.socket.send(buffer.get(..length).unwrap_or_default()).await {
			tracing::trace!(target: "simulator::forwarder", %error, "send");
		}
	}

	fn mac(&self) -> MacAddress {
		self.settings.mac.into()
	}

	fn next_token(&mut self) -> u16 {
		self.token = self.token.wrapping_add(1);
		self.token
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

fn to_gwmp(rate: DataRate) -> Option<GwmpDataRate> {
	let factor = match rate.spreading_factor {
		7 => SpreadingFactor::_7,
		8 => SpreadingFactor::_8,
		9 => SpreadingFactor::_9,
		10 => SpreadingFactor::_10,
		11 => SpreadingFactor::_11,
		12 => SpreadingFactor::_12,
		_ => return None,
	};
	let bandwidth = match rate.bandwidth_khz {
		125 => Bandwidth::_125KHz,
		250 => Bandwidth::_250KHz,
		500 => Bandwidth::_500KHz,
		_ => return None,
	};
	Some(GwmpDataRate::new(factor, bandwidth))
}

fn from_gwmp(rate: GwmpDataRate) -> Option<DataRate> {
	let spreading_factor = match rate.spreading_factor() {
		SpreadingFactor::_7 => 7,
		SpreadingFactor::_8 => 8,
		SpreadingFactor::_9 => 9,
		SpreadingFactor::_10 => 10,
		SpreadingFactor::_11 => 11,
		SpreadingFactor::_12 => 12,
		_ => return None,
	};
	let bandwidth_khz = match rate.bandwidth() {
		Bandwidth::_125KHz => 125,
		Bandwidth::_250KHz => 250,
		Bandwidth::_500KHz => 500,
		_ => return None,
	};
	Some(DataRate { spreading_factor, bandwidth_khz })
}

#[cfg(test)]
mod tests {
	use groma_client::shutdown::{self, Trigger};
	use semtech_udp::{Up, pull_resp::PhyData};

	use super::*;
	use crate::field::{Field, FieldSpec};

	/// The identifier of a PUSH_DATA.
	const PUSH_DATA: u8 = 0;

	/// What a forwarder sends.
	enum Sent {
		/// So many frames that it received.
		Frames(usize),
		/// Anything else.
		Packet(Up),
	}

	/// A client's socket, a forwarder per station of a small field, and the switch that stops them.
	struct Bench {
		server: UdpSocket,
		forwarders: Vec<SocketAddr>,
		_stop: Trigger,
	}

	async fn bench() -> Bench {
		let spec = FieldSpec { devices: 12, seed: 5, ..FieldSpec::default() };
		let air = Air::new(Arc::new(Field::new(&spec).expect("a field")));
		let server = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
		let (stop, shutdown) = shutdown::channel();
		let mut forwarders = Vec::new();
		for station in 0..12 {
			let settings = ForwarderSettings {
				server: server.local_addr().expect("bound"),
				mac: [0, 0, 0, 0, 0, 0, 0, station as u8],
				station,
				behaviour: Behaviour::Honest,
				keepalive: Duration::from_secs(60),
			};
			let forwarder = Forwarder::open(settings, air.clone()).await.expect("a forwarder");
			forwarders.push(forwarder.socket.local_addr().expect("bound"));
			tokio::spawn(forwarder.run(shutdown.clone()));
		}
		Bench { server, forwarders, _stop: stop }
	}

	impl Bench {
		async fn next(&self) -> Sent {
			let mut buffer = [0; DATAGRAM_MAX];
			let receive = time::timeout(Duration::from_secs(5), self.server.recv(&mut buffer));
			let length = receive.await.expect("in time").expect("a datagram");
			let datagram = &buffer[..length];
			if datagram[3] != PUSH_DATA {
				return Sent::Packet(Packet::parse_uplink(datagram).expect("an uplink"));
			}
			// The codec cannot read frames where a crate of the build has JSON keep numbers as text.
			let json: serde_json::Value =
				serde_json::from_slice(&datagram[12..]).expect("JSON behind the header");
			Sent::Frames(json["rxpk"].as_array().map_or(0, Vec::len))
		}

		/// The answer to a request, and all frames received within two seconds after it.
		async fn request(
			&self,
			txpk: pull_resp::TxPk,
		) -> (Result<Option<u32>, tx_ack::Error>, usize) {
			let packet =
				pull_resp::Packet { random_token: 77, data: pull_resp::Data::from_txpk(txpk) };
			let mut buffer = [0; DATAGRAM_MAX];
			let length = packet.serialize(&mut buffer).expect("it fits") as usize;
			self.server.send_to(&buffer[..length], self.forwarders[0]).await.expect("sent");
			let mut answer = None;
			let mut frames = 0;
			let until = Instant::now() + Duration::from_secs(2);
			while let Ok(sent) = time::timeout_at(until, self.next()).await {
				match sent {
					Sent::Packet(Up::TxAck(ack)) if ack.random_token == 77 => {
						answer = Some(ack.get_result());
					}
					Sent::Frames(count) => frames += count,
					Sent::Packet(_) => {}
				}
			}
			(answer.expect("an acknowledgement"), frames)
		}
	}

	fn txpk(time: pull_resp::Time) -> pull_resp::TxPk {
		pull_resp::TxPk {
			time,
			freq: 868.3,
			rfch: 0,
			powe: 16,
			modu: Modulation::LORA,
			datr: GwmpDataRate::new(SpreadingFactor::_8, Bandwidth::_125KHz),
			codr: Some(CodingRate::_4_5),
			fdev: None,
			ipol: false,
			prea: Some(8),
			data: PhyData::new(vec![0xE0; 72]),
			ncrc: None,
		}
	}

	#[tokio::test]
	async fn forwarders_announce_themselves() {
		let bench = bench().await;
		let mut macs = std::collections::BTreeSet::new();
		for _ in 0..12 {
			if let Sent::Packet(Up::PullData(pull)) = bench.next().await {
				macs.insert(pull.gateway_mac.into_array());
			}
		}
		assert_eq!(macs.len(), 12);
	}

	#[tokio::test]
	async fn requested_frame_is_acknowledged_and_heard_by_others() {
		let bench = bench().await;
		let (answer, frames) = bench.request(txpk(pull_resp::Time::immediate())).await;
		assert!(answer.is_ok());
		assert!(frames >= 1);
	}

	#[tokio::test]
	async fn frame_waits_for_its_timestamp() {
		let bench = bench().await;
		let (answer, frames) = bench.request(txpk(pull_resp::Time::by_tmst(1_000_000))).await;
		assert!(answer.is_ok());
		assert!(frames >= 1);
	}

	#[tokio::test]
	async fn request_is_refused_when_too_late_too_early_or_off_band() {
		let bench = bench().await;
		for (request, error) in [
			(txpk(pull_resp::Time::by_tmst(u32::MAX)), tx_ack::Error::TooLate),
			(txpk(pull_resp::Time::by_tmst(900_000_000)), tx_ack::Error::TooEarly),
			(txpk(pull_resp::Time::by_tmms(1)), tx_ack::Error::GpsUnlocked),
			(
				pull_resp::TxPk { freq: 915.0, ..txpk(pull_resp::Time::immediate()) },
				tx_ack::Error::InvalidTransmitFrequency,
			),
		] {
			assert_eq!(bench.request(request).await, (Err(error), 0));
		}
	}
}
