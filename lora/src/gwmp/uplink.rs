//! What a packet forwarder sends: frames that its gateway received, and its answers.
//!
//! Frames are read one by one, so that one of an unknown kind does not spoil the others of its
//! datagram.

use groma_core::region::DataRate;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::datagram::{self, Identifier, Malformed, Text};
use crate::radio::{Mac, Reception};

/// The CRC status of a frame that was received as it was sent.
const CRC_OK: i8 = 1;
/// The CRC status of a frame that carries none.
const CRC_ABSENT: i8 = 0;
/// Bytes of a gateway's identifier.
const MAC_BYTES: usize = 8;

/// What a packet forwarder sends.
#[derive(Debug, PartialEq)]
pub(super) enum Uplink {
	/// Frames that it received.
	Push { gateway: Mac, token: u16, receptions: Vec<Reception> },
	/// It listens for frames to transmit.
	Pull { gateway: Mac, token: u16 },
	/// Its answer to a frame to transmit.
	TransmitAnswer { gateway: Mac, token: u16, verdict: Verdict },
}

/// Whether a packet forwarder transmits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
	Accepted,
	Busy(String),
	PowerRefused,
	ChannelRefused,
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
pub enum Refusal {
	/// Its moment has passed, or is too near.
	TooLate,
	/// Its moment is too far ahead.
	TooEarly,
	/// Another frame is transmitted at that moment.
	Collision,
	/// The radio cannot transmit on this channel.
	Channel,
	/// The gateway has no GPS time.
	NoGpsTime,
	/// The radio cannot send it.
	SendFailed,
}

impl Refusal {
	fn name(self) -> &'static str {
		match self {
			Self::TooLate => "TOO_LATE",
			Self::TooEarly => "TOO_EARLY",
			Self::Collision => "COLLISION_PACKET",
			Self::Channel => "TX_FREQ",
			Self::NoGpsTime => "GPS_UNLOCKED",
			Self::SendFailed => "SEND_FAIL",
		}
	}
}

/// Reads a datagram of a packet forwarder.
pub(super) fn decode(datagram: &[u8]) -> Result<Uplink, Malformed> {
	let (identifier, token, body) = datagram::split(datagram)?;
	let (id, body) = body.split_first_chunk::<MAC_BYTES>().ok_or(Malformed)?;
	let (gateway, json) = (Mac(*id), datagram::json(body));
	match identifier {
		Identifier::PushData => {
			Ok(Uplink::Push { gateway, token, receptions: receptions(gateway, json)? })
		}
		Identifier::PullData => Ok(Uplink::Pull { gateway, token }),
		Identifier::TxAck => Ok(Uplink::TransmitAnswer { gateway, token, verdict: verdict(json)? }),
		_ => Err(Malformed),
	}
}

/// The JSON of a PUSH_DATA with its frames unread.
#[derive(Deserialize)]
struct Frames<'a> {
	#[serde(borrow, default)]
	rxpk: Vec<&'a RawValue>,
}

/// What is read of a frame, in the spelling of either version of the protocol's JSON.
#[derive(Deserialize)]
struct Frame<'a> {
	stat: i8,
	/// Channel centre in MHz.
	freq: f64,
	/// Channel power in dBm, where there is one antenna.
	rssi: Option<f64>,
	/// Signal-to-noise ratio in dB, where there is one antenna.
	lsnr: Option<f64>,
	/// What each of several antennas received.
	#[serde(default)]
	rsig: Vec<Signal>,
	#[serde(borrow)]
	data: Text<'a>,
}

#[derive(Clone, Copy, Deserialize)]
struct Signal {
	rssic: f64,
	lsnr: f64,
}

/// The LoRa frames with a valid CRC. Those of another kind, such as FSK, are left out.
fn receptions(gateway: Mac, json: &[u8]) -> Result<Vec<Reception>, Malformed> {
	let frames: Frames<'_> = serde_json::from_slice(json).map_err(|_| Malformed)?;
	Ok(frames.rxpk.into_iter().filter_map(|frame| reception(gateway, frame.get())).collect())
}

fn reception(gateway: Mac, json: &str) -> Option<Reception> {
	let frame: Frame<'_> = serde_json::from_str(json).ok()?;
	let one_antenna = frame.rssi.zip(frame.lsnr).map(|(rssic, lsnr)| Signal { rssic, lsnr });
	let best = frame.rsig.into_iter().max_by(|a, b| a.lsnr.total_cmp(&b.lsnr));
	let signal = one_antenna.or(best).filter(|_| frame.stat == CRC_OK)?;
	Some(Reception {
		gateway,
		payload: datagram::from_base64(&frame.data).ok()?,
		frequency_hz: datagram::hertz(frame.freq),
		rssi_deci_dbm: tenths(signal.rssic),
		snr_deci_db: tenths(signal.lsnr),
	})
}

/// A level in tenths; what does not fit is clipped.
fn tenths(level: f64) -> i16 {
	(level * 10.0).round() as i16
}

/// The JSON of a TX_ACK.
#[derive(Default, Serialize, Deserialize)]
struct Answer {
	txpk_ack: Remark,
}

#[derive(Default, Serialize, Deserialize)]
struct Remark {
	error: Option<String>,
}

/// Whether a frame is transmitted. A warning, such as of a lower power, means that it is.
fn verdict(json: &[u8]) -> Result<Verdict, Malformed> {
	if json.is_empty() {
		return Ok(Verdict::Accepted);
	}
	let answer: Answer = serde_json::from_slice(json).map_err(|_| Malformed)?;
	Ok(match answer.txpk_ack.error.as_deref() {
		None | Some("" | "NONE") => Verdict::Accepted,
		Some("TX_POWER") => Verdict::PowerRefused,
		Some("TX_FREQ") => Verdict::ChannelRefused,
		Some(reason) => Verdict::Busy(reason.to_owned()),
	})
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
	datagram::join(Identifier::PushData, token, &[&gateway.0, &json])
}

/// The request for frames to transmit.
pub(super) fn pull_data(gateway: Mac, token: u16) -> Vec<u8> {
	datagram::join(Identifier::PullData, token, &[&gateway.0])
}

/// The answer to a frame to transmit.
pub(super) fn tx_ack(gateway: Mac, token: u16, answer: Result<(), Refusal>) -> Vec<u8> {
	let json = answer.err().and_then(|refusal| {
		let txpk_ack = Remark { error: Some(refusal.name().to_owned()) };
		serde_json::to_vec(&Answer { txpk_ack }).ok()
	});
	datagram::join(Identifier::TxAck, token, &[&gateway.0, &json.unwrap_or_default()])
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use semtech_udp::{SerializablePacket, push_data as peer};

	const GATEWAY: Mac = Mac([1, 2, 3, 4, 5, 6, 7, 8]);
	const LORA: &str = r#"{"tmst":1,"chan":2,"rfch":0,"freq":868.1,"stat":1,"modu":"LORA","datr":"SF7BW125",
		"codr":"4/5","lsnr":-7.25,"rssi":-103,"size":3,"data":"4AEC"}"#;
	const BAD_CRC: &str = r#"{"tmst":1,"chan":2,"rfch":0,"freq":868.1,"stat":-1,"modu":"LORA",
		"datr":"SF7BW125","codr":"4/5","lsnr":1.0,"rssi":-103,"size":3,"data":"4AEC"}"#;
	const FSK: &str = r#"{"tmst":1,"chan":8,"rfch":0,"freq":868.8,"stat":1,"modu":"FSK","datr":50000,
		"rssi":-75,"size":3,"data":"4AEC"}"#;

	fn push(json: &str) -> Vec<u8> {
		[&[2, 0xAB, 0xCD, 0][..], &GATEWAY.0, json.as_bytes()].concat()
	}

	fn receptions(json: &str) -> Vec<Reception> {
		match decode(&push(json)) {
			Ok(Uplink::Push { gateway: GATEWAY, token: 0xABCD, receptions }) => receptions,
			other => panic!("{other:?}"),
		}
	}

	#[test]
	fn frame_keeps_tenths_of_a_decibel() {
		let heard = receptions(&format!(r#"{{"rxpk":[{LORA}]}}"#));
		assert_eq!(heard.len(), 1);
		assert_eq!((heard[0].rssi_deci_dbm, heard[0].snr_deci_db), (-1_030, -73));
		assert_eq!(heard[0].payload, [0xE0, 1, 2]);
		assert_eq!(heard[0].frequency_hz, 868_100_000);
	}

	#[test]
	fn frame_is_left_out_when_its_crc_is_wrong() {
		assert_eq!(receptions(&format!(r#"{{"rxpk":[{BAD_CRC},{LORA}]}}"#)).len(), 1);
	}

	#[test]
	fn other_frames_are_read_when_one_is_not_lora() {
		assert_eq!(receptions(&format!(r#"{{"rxpk":[{FSK},{LORA},{{}}]}}"#)).len(), 1);
	}

	#[test]
	fn datagram_of_64_kib_is_read() {
		let count = 65_000 / (LORA.len() + 1);
		let json = format!(r#"{{"rxpk":[{}]}}"#, vec![LORA; count].join(","));
		assert!(json.len() > 64_000);
		assert_eq!(receptions(&json).len(), count);
	}

	#[test]
	fn datagram_is_refused_when_it_ends_within_the_gateway_id() {
		assert!(decode(&[2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 0]).is_err());
		assert!(decode(&[2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]).is_err());
	}

	#[test]
	fn datagram_is_read_when_a_data_rate_is_not_ascii() {
		let cut = LORA.replace("SF7BW125", "SF\u{e9}BW12");
		assert_ne!(cut, LORA);
		assert!(!receptions(&format!(r#"{{"rxpk":[{cut},{LORA}]}}"#)).is_empty());
		let escaped = LORA.replace("SF7BW125", r"SF\u00e9BW12");
		assert!(!receptions(&format!(r#"{{"rxpk":[{escaped},{LORA}]}}"#)).is_empty());
	}

	#[test]
	fn frame_of_several_antennas_is_taken_from_the_best() {
		let several = r#"{"jver":2,"brd":1,"aesk":0,"tmst":1,"freq":868.5,"stat":1,"modu":"LORA",
			"datr":"SF12BW125","codr":"4/5","size":3,"data":"4AEC",
			"rsig":[{"ant":0,"chan":7,"lsnr":-3.5,"rssic":-120},{"ant":1,"chan":7,"lsnr":7.8,"rssic":-103}]}"#;
		let heard = receptions(&format!(r#"{{"rxpk":[{several}]}}"#));
		assert_eq!((heard[0].rssi_deci_dbm, heard[0].snr_deci_db), (-1_030, 78));
	}

	#[test]
	fn frame_is_read_when_numbers_are_kept_as_they_are_written() {
		// The build of the whole workspace turns that on; this holds in either build.
		let spaced = LORA.replace(':', " : ").replace("-103", "-103.0");
		assert_eq!(receptions(&format!(r#"{{"rxpk" : [{spaced}]}}"#)).len(), 1);
	}

	#[test]
	fn frame_is_read_when_a_remark_is_not_ascii() {
		let json = format!(r#"{{"rxpk":[{LORA}],"desc":"München"}}"#);
		assert_eq!(receptions(&json).len(), 1);
	}

	#[test]
	fn status_alone_is_a_push_without_frames() {
		assert_eq!(receptions(r#"{"stat":{"time":"2026-01-01 00:00:00 GMT","rxnb":1}}"#), []);
	}

	#[test]
	fn answers_to_a_transmission_are_told_apart() {
		let answer =
			|json: &str| match decode(&[&[2, 0, 9, 5][..], &GATEWAY.0, json.as_bytes()].concat()) {
				Ok(Uplink::TransmitAnswer { gateway: GATEWAY, token: 9, verdict }) => verdict,
				other => panic!("{other:?}"),
			};
		assert_eq!(answer(""), Verdict::Accepted);
		assert_eq!(answer(r#"{"txpk_ack":{"error":"NONE"}}"#), Verdict::Accepted);
		assert_eq!(answer(r#"{"txpk_ack":{"warn":"TX_POWER","value":14}}"#), Verdict::Accepted);
		assert_eq!(answer(r#"{"txpk_ack":{"error":"TX_POWER"}}"#), Verdict::PowerRefused);
		assert_eq!(answer(r#"{"txpk_ack":{"error":"TX_FREQ"}}"#), Verdict::ChannelRefused);
		let collision = answer(r#"{"txpk_ack":{"error":"COLLISION_PACKET"}}"#);
		assert!(matches!(collision, Verdict::Busy(_)));
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
			frequency_hz: frame.frequency_hz,
			rssi_deci_dbm: frame.rssi_deci_dbm,
			snr_deci_db: frame.snr_deci_db,
		};
		let push = |receptions| Uplink::Push { gateway: GATEWAY, token: 7, receptions };
		assert_eq!(decode(&push_data(GATEWAY, 7, &frame)).ok(), Some(push(vec![reception])));
		let without_crc = Received { has_crc: false, ..frame };
		assert_eq!(decode(&push_data(GATEWAY, 7, &without_crc)).ok(), Some(push(vec![])));
		let pull = Uplink::Pull { gateway: GATEWAY, token: 8 };
		assert_eq!(decode(&pull_data(GATEWAY, 8)).ok(), Some(pull));
		for (answer, verdict) in [
			(Ok(()), Verdict::Accepted),
			(Err(Refusal::Channel), Verdict::ChannelRefused),
			(Err(Refusal::TooLate), Verdict::Busy("TOO_LATE".into())),
			(Err(Refusal::TooEarly), Verdict::Busy("TOO_EARLY".into())),
			(Err(Refusal::Collision), Verdict::Busy("COLLISION_PACKET".into())),
			(Err(Refusal::NoGpsTime), Verdict::Busy("GPS_UNLOCKED".into())),
			(Err(Refusal::SendFailed), Verdict::Busy("SEND_FAIL".into())),
		] {
			let expected = Uplink::TransmitAnswer { gateway: GATEWAY, token: 9, verdict };
			assert_eq!(decode(&tx_ack(GATEWAY, 9, answer)).ok(), Some(expected));
		}
	}

	#[test]
	fn frame_of_another_implementation_is_read() {
		let rxpk = peer::RxPk::V1(peer::RxPkV1 {
			chan: 0,
			codr: Some(semtech_udp::CodingRate::_4_5),
			data: vec![0xE0, 1, 2],
			datr: semtech_udp::DataRate::new(
				semtech_udp::SpreadingFactor::_9,
				semtech_udp::Bandwidth::_125KHz,
			),
			freq: 868.1,
			lsnr: -2.5,
			modu: semtech_udp::Modulation::LORA,
			rfch: 0,
			rssi: -103,
			rssis: None,
			size: 3,
			stat: peer::CRC::OK,
			tmst: 1,
			time: None,
		});
		let mut buffer = [0; 1_024];
		let packet = peer::Packet::from_rxpk(GATEWAY.0.into(), rxpk);
		let length = packet.serialize(&mut buffer).expect("it fits") as usize;
		let Ok(Uplink::Push { gateway: GATEWAY, receptions, .. }) = decode(&buffer[..length])
		else {
			panic!("{:?}", decode(&buffer[..length]));
		};
		assert_eq!(receptions.len(), 1);
		assert_eq!((receptions[0].rssi_deci_dbm, receptions[0].snr_deci_db), (-1_030, -25));
		assert_eq!(receptions[0].payload, [0xE0, 1, 2]);
	}

	proptest! {
		#[test]
		fn random_bytes_never_panic(bytes: Vec<u8>) {
			let _ = decode(&bytes);
		}

		#[test]
		fn random_bytes_behind_a_header_never_panic(identifier in 0u8..8, bytes: Vec<u8>) {
			let _ = decode(&[&[2, 0, 0, identifier][..], &bytes].concat());
		}

		#[test]
		fn random_text_in_a_frame_never_panics(text in "\\PC{0,12}") {
			let frame = LORA.replace("SF7BW125", &text).replace("4/5", &text);
			let _ = decode(&push(&format!(r#"{{"rxpk":[{frame}]}}"#)));
		}

		#[test]
		fn truncated_datagram_is_refused_or_read(length in 0usize..400) {
			let whole = push(&format!(r#"{{"rxpk":[{LORA},{FSK}]}}"#));
			let part = &whole[..length.min(whole.len() - 1)];
			prop_assert!(decode(part).is_err());
		}
	}
}
