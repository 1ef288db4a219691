//! What a server sends: acknowledgements, and frames to transmit.

use groma_core::region::DataRate;
use serde::{Deserialize, Serialize};

use super::datagram::{self, Header, Identifier, Text};
use crate::radio::Transmission;

/// LoRaWAN's preamble in symbols.
const PREAMBLE_SYMBOLS: u16 = 8;

/// What is sent to a packet forwarder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Downlink {
	/// The frames with this token arrived.
	PushAck(u16),
	/// The request for frames with this token arrived.
	PullAck(u16),
	/// A frame is to be transmitted.
	Transmit {
		/// By which the answer names it.
		token: u16,
		/// The frame.
		request: Request,
	},
}

/// A frame to transmit, as the protocol describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
	/// When.
	pub start: Start,
	/// Channel centre in Hz.
	pub frequency_hz: u32,
	/// Modulation.
	pub data_rate: DataRate,
	/// Power into the antenna in dBm.
	pub power_dbm: i32,
	/// Whether the polarity is inverted, so that no gateway hears it.
	pub is_inverted: bool,
	/// Whether it carries a CRC.
	pub has_crc: bool,
	/// Its bytes.
	pub payload: Vec<u8>,
}

/// When a frame is to be transmitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
	/// At once.
	Immediately,
	/// When the concentrator's counter of microseconds shows this.
	AtCounter(u32),
	/// At a GPS time.
	AtGpsTime,
}

/// The JSON of a PULL_RESP.
#[derive(Serialize, Deserialize)]
struct Body<'a> {
	#[serde(borrow)]
	txpk: Frame<'a>,
}

#[derive(Serialize, Deserialize)]
struct Frame<'a> {
	#[serde(default)]
	imme: bool,
	#[serde(default, skip_serializing_if = "Option::is_none")]
	tmst: Option<u32>,
	freq: f64,
	#[serde(default)]
	rfch: u8,
	powe: i32,
	#[serde(borrow)]
	modu: Text<'a>,
	#[serde(borrow)]
	datr: Text<'a>,
	#[serde(borrow)]
	codr: Text<'a>,
	#[serde(default)]
	ipol: bool,
	#[serde(default)]
	prea: Option<u16>,
	size: usize,
	#[serde(borrow)]
	data: Text<'a>,
	#[serde(default)]
	ncrc: bool,
}

/// A datagram that a packet forwarder cannot read.
#[derive(Debug, thiserror::Error)]
#[error("not a datagram of a server")]
pub(super) struct Malformed;

/// The acknowledgement of a PUSH_DATA, in its version of the protocol.
pub(super) fn push_ack(request: Header) -> Vec<u8> {
	datagram::join(Header { identifier: Identifier::PushAck, ..request }, &[])
}

/// The acknowledgement of a PULL_DATA, in its version of the protocol.
pub(super) fn pull_ack(request: Header) -> Vec<u8> {
	datagram::join(Header { identifier: Identifier::PullAck, ..request }, &[])
}

/// The request to transmit a frame at once.
pub(super) fn pull_resp(version: u8, token: u16, transmission: &Transmission) -> Vec<u8> {
	let txpk = Frame {
		imme: true,
		tmst: None,
		freq: datagram::megahertz(transmission.frequency_hz),
		rfch: 0,
		powe: transmission.power_dbm.into(),
		modu: datagram::LORA.into(),
		datr: datagram::data_rate_name(transmission.data_rate).into(),
		codr: datagram::CODING_RATE.into(),
		ipol: false,
		prea: Some(PREAMBLE_SYMBOLS),
		size: transmission.payload.len(),
		data: datagram::to_base64(&transmission.payload).into(),
		ncrc: false,
	};
	// Numbers and texts are always written; an empty datagram would be ignored by the other side.
	let json = serde_json::to_vec(&Body { txpk }).unwrap_or_default();
	datagram::join(Header { version, token, identifier: Identifier::PullResp }, &[&json])
}

/// Reads a datagram of a server.
pub(super) fn decode(datagram: &[u8]) -> Result<Downlink, Malformed> {
	let (Header { identifier, token, .. }, body) =
		datagram::split(datagram).map_err(|_| Malformed)?;
	match identifier {
		Identifier::PushAck => Ok(Downlink::PushAck(token)),
		Identifier::PullAck => Ok(Downlink::PullAck(token)),
		Identifier::PullResp => {
			let body: Body<'_> = serde_json::from_slice(body).map_err(|_| Malformed)?;
			Ok(Downlink::Transmit { token, request: request(&body.txpk)? })
		}
		_ => Err(Malformed),
	}
}

fn request(frame: &Frame<'_>) -> Result<Request, Malformed> {
	let start = match frame.tmst {
		_ if frame.imme => Start::Immediately,
		Some(counter) => Start::AtCounter(counter),
		None => Start::AtGpsTime,
	};
	Ok(Request {
		start,
		frequency_hz: datagram::hertz(frame.freq),
		data_rate: datagram::data_rate(&frame.datr).ok_or(Malformed)?,
		power_dbm: frame.powe,
		is_inverted: frame.ipol,
		has_crc: !frame.ncrc,
		payload: datagram::from_base64(&frame.data).map_err(|_| Malformed)?,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use semtech_udp::{
		Bandwidth, CodingRate, SerializablePacket, SpreadingFactor, pull_resp as peer,
	};

	fn transmission() -> Transmission {
		Transmission {
			frequency_hz: 867_100_000,
			data_rate: DataRate { spreading_factor: 9, bandwidth_khz: 125 },
			power_dbm: 14,
			payload: vec![0xE0; 72],
		}
	}

	#[test]
	fn transmission_is_a_plain_uplink_at_once() {
		let datagram = pull_resp(1, 0x0102, &transmission());
		assert_eq!(datagram[..4], [1, 1, 2, 3]);
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

	#[test]
	fn downlinks_are_read_as_they_are_written() {
		let asked = |token| Header { version: 2, token, identifier: Identifier::PullData };
		assert_eq!(decode(&push_ack(asked(7))).ok(), Some(Downlink::PushAck(7)));
		assert_eq!(decode(&pull_ack(asked(8))).ok(), Some(Downlink::PullAck(8)));
		let Transmission { frequency_hz, data_rate, payload, .. } = transmission();
		let request = Request {
			start: Start::Immediately,
			frequency_hz,
			data_rate,
			power_dbm: 14,
			is_inverted: false,
			has_crc: true,
			payload,
		};
		let read = decode(&pull_resp(2, 9, &transmission())).ok();
		assert_eq!(read, Some(Downlink::Transmit { token: 9, request }));
	}

	#[test]
	fn request_of_another_implementation_is_read() {
		let request = |time| {
			let txpk = peer::TxPk {
				time,
				freq: 868.3,
				rfch: 0,
				powe: 16,
				modu: semtech_udp::Modulation::LORA,
				datr: semtech_udp::DataRate::new(SpreadingFactor::_8, Bandwidth::_125KHz),
				codr: Some(CodingRate::_4_5),
				fdev: None,
				ipol: true,
				prea: Some(8),
				data: peer::PhyData::new(vec![0xE0; 5]),
				ncrc: None,
			};
			let packet = peer::Packet { random_token: 77, data: peer::Data::from_txpk(txpk) };
			let mut buffer = [0; 1_024];
			let length = packet.serialize(&mut buffer).expect("it fits") as usize;
			match decode(&buffer[..length]) {
				Ok(Downlink::Transmit { token: 77, request }) => request,
				other => panic!("{other:?}"),
			}
		};
		let at_once = request(peer::Time::immediate());
		assert_eq!((at_once.start, at_once.frequency_hz), (Start::Immediately, 868_300_000));
		assert!(at_once.is_inverted && at_once.has_crc);
		assert_eq!((at_once.power_dbm, at_once.payload.len()), (16, 5));
		assert_eq!(request(peer::Time::by_tmst(1_000)).start, Start::AtCounter(1_000));
		assert_eq!(request(peer::Time::by_tmms(1)).start, Start::AtGpsTime);
	}

	proptest! {
		#[test]
		fn random_bytes_never_panic(identifier in 0u8..8, bytes: Vec<u8>) {
			let _ = decode(&bytes);
			let _ = decode(&[&[2, 0, 0, identifier][..], &bytes].concat());
		}
	}
}
