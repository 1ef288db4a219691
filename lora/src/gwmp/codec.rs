//! Between the datagrams of packet forwarders and the client's own words. What goes down is built by the
//! codec of `semtech-udp`. What comes up is read here, frame by frame, because that codec gives up a
//! datagram for one frame that it does not know, cuts texts within a character, and loses every number
//! when another crate of the build turns on `serde_json`'s `arbitrary_precision`.

use groma_core::region::DataRate;
use semtech_udp::{
	Bandwidth, CodingRate, Down, Packet, SerializablePacket, SpreadingFactor, pull_ack,
	pull_resp::{self, PhyData},
	push_ack,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::radio::{Mac, Reception, Transmission};

/// The version of the protocol.
const VERSION: u8 = 2;
const PUSH_DATA: u8 = 0;
const PULL_DATA: u8 = 2;
const TX_ACK: u8 = 5;
/// Bytes before the JSON: version, token, identifier, gateway id.
const HEADER: usize = 12;
/// The CRC status of a frame that was received as it was sent.
const CRC_OK: i8 = 1;
/// LoRaWAN's preamble in symbols.
const PREAMBLE_SYMBOLS: u64 = 8;
/// A down packet is far below this: a frame has at most 255 bytes.
const DOWN_LENGTH_MAX: usize = 1_024;

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

/// A datagram that is not of the protocol.
#[derive(Debug, thiserror::Error)]
#[error("not a datagram of a packet forwarder")]
pub(super) struct Malformed;

/// Reads a datagram.
pub(super) fn decode(datagram: &[u8]) -> Result<Uplink, Malformed> {
	let (header, json) = datagram.split_at_checked(HEADER).ok_or(Malformed)?;
	let [VERSION, token_high, token_low, identifier, id @ ..] = header else {
		return Err(Malformed);
	};
	let gateway = Mac(id.try_into().map_err(|_| Malformed)?);
	let token = u16::from_be_bytes([*token_high, *token_low]);
	// Some packet forwarders send the zero that ends their texts.
	let json = json.strip_suffix(&[0]).unwrap_or(json);
	match *identifier {
		PUSH_DATA => Ok(Uplink::Push { gateway, token, receptions: receptions(gateway, json)? }),
		PULL_DATA => Ok(Uplink::Pull { gateway, token }),
		TX_ACK => Ok(Uplink::TransmitAnswer { gateway, token, verdict: verdict(json)? }),
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
struct Frame {
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
	let frame: Frame = serde_json::from_str(json).ok()?;
	let one_antenna = frame.rssi.zip(frame.lsnr).map(|(rssic, lsnr)| Signal { rssic, lsnr });
	let best = frame.rsig.into_iter().max_by(|a, b| a.lsnr.total_cmp(&b.lsnr));
	let signal = one_antenna.or(best).filter(|_| frame.stat == CRC_OK)?;
	let payload: PhyData = serde_json::from_str(json).ok()?;
	Some(Reception {
		gateway,
		payload: payload.data().to_vec(),
		frequency_hz: (frame.freq * 1e6).round() as u32,
		rssi_deci_dbm: tenths(signal.rssic),
		snr_deci_db: tenths(signal.lsnr),
	})
}

/// A level in tenths; what does not fit is clipped.
fn tenths(level: f64) -> i16 {
	(level * 10.0).round() as i16
}

/// The JSON of a TX_ACK.
#[derive(Default, Deserialize)]
struct Answer {
	txpk_ack: Remark,
}

#[derive(Default, Deserialize)]
struct Remark {
	error: Option<String>,
}

/// Whether a frame is transmitted. A mere warning, such as of a lower power, means that it is.
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

/// The acknowledgement of a PUSH_DATA.
pub(super) fn push_ack(token: u16) -> Vec<u8> {
	encode(Down::PushAck(push_ack::Packet { random_token: token }))
}

/// The acknowledgement of a PULL_DATA.
pub(super) fn pull_ack(token: u16) -> Vec<u8> {
	encode(Down::PullAck(pull_ack::Packet { random_token: token }))
}

/// The request to transmit a frame at once.
pub(super) fn pull_resp(token: u16, transmission: &Transmission) -> Vec<u8> {
	let txpk = pull_resp::TxPk {
		time: pull_resp::Time::immediate(),
		freq: f64::from(transmission.frequency_hz) / 1e6,
		rfch: 0,
		powe: u64::from(transmission.power_dbm),
		modu: semtech_udp::Modulation::LORA,
		datr: data_rate(transmission.data_rate),
		codr: Some(CodingRate::_4_5),
		fdev: None,
		ipol: false,
		prea: Some(PREAMBLE_SYMBOLS),
		data: pull_resp::PhyData::new(transmission.payload.clone()),
		ncrc: Some(false),
	};
	let data = pull_resp::Data::from_txpk(txpk);
	encode(Down::PullResp(Box::new(pull_resp::Packet { random_token: token, data })))
}

fn encode(packet: Down) -> Vec<u8> {
	let mut buffer = vec![0; DOWN_LENGTH_MAX];
	// The buffer holds every down packet; an empty datagram would be ignored by the other side.
	let length = Packet::Down(packet).serialize(&mut buffer).unwrap_or(0);
	buffer.truncate(length as usize);
	buffer
}

fn data_rate(rate: DataRate) -> semtech_udp::DataRate {
	let factor = match rate.spreading_factor {
		..=7 => SpreadingFactor::_7,
		8 => SpreadingFactor::_8,
		9 => SpreadingFactor::_9,
		10 => SpreadingFactor::_10,
		11 => SpreadingFactor::_11,
		12.. => SpreadingFactor::_12,
	};
	let bandwidth = match rate.bandwidth_khz {
		250 => Bandwidth::_250KHz,
		500 => Bandwidth::_500KHz,
		_ => Bandwidth::_125KHz,
	};
	semtech_udp::DataRate::new(factor, bandwidth)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

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
	fn transmission_is_a_plain_uplink_at_once() {
		let transmission = Transmission {
			frequency_hz: 867_100_000,
			data_rate: DataRate { spreading_factor: 9, bandwidth_khz: 125 },
			power_dbm: 14,
			payload: vec![0xE0; 72],
		};
		let datagram = pull_resp(0x0102, &transmission);
		assert_eq!(datagram[..4], [2, 1, 2, 3]);
		let json: serde_json::Value = serde_json::from_slice(&datagram[4..]).expect("JSON");
		let frame = &json["txpk"];
		assert_eq!(frame["imme"], true);
		assert_eq!(frame["ipol"], false);
		assert_eq!(frame["ncrc"], false);
		assert_eq!(frame["freq"], 867.1);
		assert_eq!(frame["datr"], "SF9BW125");
		assert_eq!(frame["codr"], "4/5");
		assert_eq!((&frame["powe"], &frame["size"]), (&14.into(), &72.into()));
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
