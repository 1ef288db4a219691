//! What a packet forwarder sends: frames that its gateway received, requests for frames, and
//! answers.

use groma_core::region::DataRate;
use serde::Serialize;

use super::{
	answers,
	cause::Cause,
	datagram::{self, Header, Identifier, VERSION},
	frames::{Frames, LeftOut, Skipped},
};
use crate::radio::{Mac, Reception};

/// The CRC status of a frame that was received as it was sent.
const CRC_OK: i8 = 1;
/// The CRC status of a frame that carries none.
const CRC_ABSENT: i8 = 0;
/// Bytes of a gateway's identifier.
const MAC_BYTES: usize = 8;

/// What a packet forwarder sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Uplink<'a> {
	/// Frames that it received, unread.
	Push { gateway: Mac, body: &'a [u8] },
	/// It listens for frames to transmit.
	Pull { gateway: Mac },
	/// Its answer to a frame to transmit, unread. Some send it as a datagram of another kind.
	Answer { is_tx_ack: bool, body: &'a [u8] },
}

/// Reads as much of a datagram as has to be known to acknowledge it.
pub(super) fn decode(datagram: &[u8]) -> Result<(Header, Uplink<'_>), Cause> {
	let (header, body) = datagram::split(datagram)?;
	let with_gateway = || body.split_first_chunk::<MAC_BYTES>().map(|(id, body)| (Mac(*id), body));
	let uplink = match header.identifier {
		Identifier::PushData => {
			let (gateway, body) = with_gateway().ok_or(Cause::NotGwmp)?;
			Uplink::Push { gateway, body }
		}
		Identifier::PullData => {
			let (gateway, _) = with_gateway().ok_or(Cause::NotGwmp)?;
			Uplink::Pull { gateway }
		}
		identifier => Uplink::Answer { is_tx_ack: identifier == Identifier::TxAck, body },
	};
	Ok((header, uplink))
}

/// What can be read of a datagram of a packet forwarder, and what cannot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
	/// Frames that the gateway received.
	pub receptions: Vec<Reception>,
	/// Frames that are no receptions.
	pub skipped: Vec<Skipped>,
	/// What is wrong with it.
	pub causes: Vec<Cause>,
}

/// Reads a whole datagram of a packet forwarder, as a [`Server`](super::Server) does.
pub fn read(datagram: &[u8]) -> Contents {
	let mut contents = Contents::default();
	match decode(datagram) {
		Ok((_, Uplink::Push { gateway, body })) => {
			for frame in Frames::new(gateway, body) {
				match frame {
					Ok(reception) => contents.receptions.push(reception),
					Err(LeftOut::Skipped(reason)) => contents.skipped.push(reason),
					Err(LeftOut::Unreadable(cause)) => contents.causes.push(cause),
				}
			}
		}
		Ok((_, Uplink::Pull { .. })) => {}
		Ok((_, Uplink::Answer { body, .. })) => {
			let gateway = Mac(body.first_chunk().copied().unwrap_or_default());
			let json = answers::json_of(body, gateway).unwrap_or_default();
			contents.causes.extend(answers::verdict(json).1);
		}
		Err(cause) => contents.causes.push(cause),
	}
	contents
}

/// A frame as a concentrator received it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
	/// The concentrator's counter of microseconds.
	pub counter_us: u32,
	/// Channel centre in Hz.
	pub frequency_hz: u32,
	/// Modulation.
	pub data_rate: DataRate,
	/// Channel power in tenths of a dBm; concentrators report whole ones.
	pub rssi_deci_dbm: i16,
	/// Signal-to-noise ratio in tenths of a dB.
	pub snr_deci_db: i16,
	/// Whether it carries a CRC, which is right.
	pub has_crc: bool,
	/// Its bytes.
	pub payload: Vec<u8>,
}

/// Why a packet forwarder does not transmit a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransmitRefusal {
	/// Its moment has passed, or is too near.
	TooLate,
	/// Its moment is too far ahead.
	TooEarly,
	/// Another frame is transmitted at that moment.
	Collision,
	/// The radio cannot transmit on this channel.
	Channel,
	/// The radio cannot transmit at this power.
	Power,
	/// The gateway has no GPS time.
	NoGpsTime,
	/// The radio cannot send it.
	SendFailed,
}

impl TransmitRefusal {
	fn name(self) -> &'static str {
		match self {
			Self::TooLate => "TOO_LATE",
			Self::TooEarly => "TOO_EARLY",
			Self::Collision => "COLLISION_PACKET",
			Self::Channel => "TX_FREQ",
			Self::Power => "TX_POWER",
			Self::NoGpsTime => "GPS_UNLOCKED",
			Self::SendFailed => "SEND_FAIL",
		}
	}
}

/// The JSON of a PUSH_DATA with one frame.
#[derive(Serialize)]
struct Report<'a> {
	rxpk: [ReportedFrame<'a>; 1],
}

#[derive(Serialize)]
struct ReportedFrame<'a> {
	tmst: u32,
	chan: u8,
	rfch: u8,
	freq: f64,
	stat: i8,
	modu: &'a str,
	datr: String,
	codr: &'a str,
	lsnr: f64,
	rssi: i16,
	size: usize,
	data: String,
}

/// The report of a frame.
pub(super) fn push_data(gateway: Mac, token: u16, frame: &Received) -> Vec<u8> {
	let rxpk = ReportedFrame {
		tmst: frame.counter_us,
		chan: 0,
		rfch: 0,
		freq: datagram::megahertz(frame.frequency_hz),
		stat: if frame.has_crc { CRC_OK } else { CRC_ABSENT },
		modu: datagram::LORA,
		datr: datagram::data_rate_name(frame.data_rate),
		codr: datagram::CODING_RATE,
		lsnr: f64::from(frame.snr_deci_db) / 10.0,
		rssi: frame.rssi_deci_dbm / 10,
		size: frame.payload.len(),
		data: datagram::to_base64(&frame.payload),
	};
	// Numbers and texts are always written; an empty report is one without frames.
	let json = serde_json::to_vec(&Report { rxpk: [rxpk] }).unwrap_or_default();
	join(Identifier::PushData, token, &[&gateway.0, &json])
}

/// The request for frames to transmit.
pub(super) fn pull_data(gateway: Mac, token: u16) -> Vec<u8> {
	join(Identifier::PullData, token, &[&gateway.0])
}

/// The JSON of a TX_ACK.
#[derive(Serialize)]
struct Answer {
	txpk_ack: Remark,
}

#[derive(Serialize)]
struct Remark {
	error: &'static str,
}

/// The answer to a frame to transmit.
pub(super) fn tx_ack(gateway: Mac, token: u16, answer: Result<(), TransmitRefusal>) -> Vec<u8> {
	let json = answer.err().and_then(|refusal| {
		serde_json::to_vec(&Answer { txpk_ack: Remark { error: refusal.name() } }).ok()
	});
	join(Identifier::TxAck, token, &[&gateway.0, &json.unwrap_or_default()])
}

fn join(identifier: Identifier, token: u16, body: &[&[u8]]) -> Vec<u8> {
	datagram::join(Header { version: VERSION, token, identifier }, body)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::gwmp::answers::Verdict;
	use proptest::prelude::*;

	const GATEWAY: Mac = Mac([1, 2, 3, 4, 5, 6, 7, 8]);

	#[test]
	fn datagram_is_refused_when_it_ends_within_the_gateway_id() {
		for identifier in [0, 2] {
			let datagram = [2, 0, 0, identifier, 1, 2, 3, 4, 5, 6, 7, 8];
			assert_eq!(decode(&datagram[..11]), Err(Cause::NotGwmp));
			assert!(decode(&datagram).is_ok());
		}
	}

	#[test]
	fn uplinks_are_read_as_they_are_written() {
		let frame = Received {
			counter_us: 5,
			frequency_hz: 868_300_000,
			data_rate: DataRate { spreading_factor: 8, bandwidth_khz: 125 },
			rssi_deci_dbm: -1_030,
			snr_deci_db: -25,
			has_crc: true,
			payload: vec![0xE0; 72],
		};
		let reception = Reception {
			gateway: GATEWAY,
			payload: frame.payload.clone(),
			frequency_hz: Some(frame.frequency_hz),
			rssi_deci_dbm: frame.rssi_deci_dbm,
			snr_deci_db: frame.snr_deci_db,
		};
		let contents = read(&push_data(GATEWAY, 7, &frame));
		assert_eq!(contents, Contents { receptions: vec![reception], ..Contents::default() });
		let without_crc = Received { has_crc: false, ..frame };
		let contents = read(&push_data(GATEWAY, 7, &without_crc));
		let skipped = vec![Skipped::BadCrc];
		assert_eq!(contents, Contents { skipped, ..Contents::default() });
		let header = Header { version: 2, token: 8, identifier: Identifier::PullData };
		let pull = pull_data(GATEWAY, 8);
		assert_eq!(decode(&pull), Ok((header, Uplink::Pull { gateway: GATEWAY })));
	}

	#[test]
	fn answers_are_read_as_they_are_written() {
		for (answer, expected) in [
			(Ok(()), Verdict::Accepted),
			(Err(TransmitRefusal::Channel), Verdict::ChannelRefused),
			(Err(TransmitRefusal::Power), Verdict::PowerRefused),
			(Err(TransmitRefusal::TooLate), Verdict::Busy("TOO_LATE".into())),
			(Err(TransmitRefusal::TooEarly), Verdict::Busy("TOO_EARLY".into())),
			(Err(TransmitRefusal::Collision), Verdict::Busy("COLLISION_PACKET".into())),
			(Err(TransmitRefusal::NoGpsTime), Verdict::Busy("GPS_UNLOCKED".into())),
			(Err(TransmitRefusal::SendFailed), Verdict::Busy("SEND_FAIL".into())),
		] {
			let datagram = tx_ack(GATEWAY, 9, answer);
			let Ok((Header { token: 9, .. }, Uplink::Answer { is_tx_ack: true, body })) =
				decode(&datagram)
			else {
				panic!("{:?}", decode(&datagram));
			};
			let json = answers::json_of(body, GATEWAY).expect("of the gateway");
			assert_eq!(answers::verdict(json), (expected, None));
		}
	}

	proptest! {
		#[test]
		fn random_bytes_never_panic(bytes: Vec<u8>) {
			let _ = read(&bytes);
		}

		#[test]
		fn random_bytes_behind_a_header_never_panic(
			version in 0u8..4, identifier in 0u8..8, bytes: Vec<u8>,
		) {
			let _ = read(&[&[version, 0, 0, identifier][..], &bytes].concat());
		}
	}
}
