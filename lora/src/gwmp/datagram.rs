//! What all datagrams of the protocol have in common.

use std::borrow::Cow;

use base64::{
	DecodeError, Engine, alphabet,
	engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use groma_core::region::DataRate;

use super::cause::Cause;

/// The version of the protocol. The one before differs only in that no answer says whether a frame
/// is transmitted.
pub(super) const VERSION: u8 = 2;
/// The first version, which is served as well.
pub(super) const VERSION_ONE: u8 = 1;
/// What is above this is no version that may ever come.
const VERSION_LAST: u8 = 9;
/// Bytes of version, token and identifier.
const HEADER: usize = 4;
/// LoRa's modulation, as both directions name it.
pub(super) const LORA: &str = "LORA";
/// The coding rate of all frames.
pub(super) const CODING_RATE: &str = "4/5";

/// Payloads are written with padding; the protocol leaves it to the sender.
const BASE64: GeneralPurpose = GeneralPurpose::new(
	&alphabet::STANDARD,
	GeneralPurposeConfig::new()
		.with_decode_padding_mode(DecodePaddingMode::Indifferent)
		.with_decode_allow_trailing_bits(true),
);

/// What a datagram is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Identifier {
	PushData = 0,
	PushAck = 1,
	PullData = 2,
	PullResp = 3,
	PullAck = 4,
	TxAck = 5,
}

/// What every datagram begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
	pub(super) version: u8,
	pub(super) token: u16,
	pub(super) identifier: Identifier,
}

impl Identifier {
	fn of(byte: u8) -> Option<Self> {
		Some(match byte {
			0 => Self::PushData,
			1 => Self::PushAck,
			2 => Self::PullData,
			3 => Self::PullResp,
			4 => Self::PullAck,
			5 => Self::TxAck,
			_ => return None,
		})
	}
}

/// The header and the body of a datagram.
pub(super) fn split(datagram: &[u8]) -> Result<(Header, &[u8]), Cause> {
	let (header, body) = datagram.split_first_chunk::<HEADER>().ok_or(Cause::NotGwmp)?;
	let [version, high, low, identifier] = *header;
	let identifier = Identifier::of(identifier).ok_or(Cause::NotGwmp)?;
	match version {
		VERSION | VERSION_ONE => {
			Ok((Header { version, token: u16::from_be_bytes([high, low]), identifier }, body))
		}
		0..=VERSION_LAST => Err(Cause::OtherVersion),
		_ => Err(Cause::NotGwmp),
	}
}

/// A datagram.
pub(super) fn join(header: Header, body: &[&[u8]]) -> Vec<u8> {
	let [high, low] = header.token.to_be_bytes();
	[&[header.version, high, low, header.identifier as u8][..], &body.concat()].concat()
}

/// A payload as text.
pub(super) fn to_base64(payload: &[u8]) -> String {
	BASE64.encode(payload)
}

/// A payload, in either alphabet of base64, with or without padding.
pub(super) fn from_base64(text: &str) -> Result<Vec<u8>, DecodeError> {
	if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)) {
		return BASE64.decode(text);
	}
	let standard = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).map(|byte| match byte {
		b'-' => b'+',
		b'_' => b'/',
		other => other,
	});
	BASE64.decode(standard.collect::<Vec<u8>>())
}

/// The name of a data rate, such as `SF9BW125`.
pub(super) fn data_rate_name(rate: DataRate) -> String {
	format!("SF{}BW{}", rate.spreading_factor, rate.bandwidth_khz)
}

/// The data rate of a name; `None` unless it is one of LoRa's.
pub(super) fn data_rate(name: &str) -> Option<DataRate> {
	let (factor, bandwidth) = name.strip_prefix("SF")?.split_once("BW")?;
	let (spreading_factor, bandwidth_khz) = (factor.parse().ok()?, bandwidth.parse().ok()?);
	Some(DataRate { spreading_factor, bandwidth_khz }).filter(DataRate::is_lora)
}

/// A frequency in MHz, as both directions write it.
pub(super) fn megahertz(frequency_hz: u32) -> f64 {
	f64::from(frequency_hz) / 1e6
}

/// A frequency in Hz; what does not fit is clipped.
pub(super) fn hertz(megahertz: f64) -> u32 {
	(megahertz * 1e6).round() as u32
}

/// A text that is borrowed where it holds no escapes.
pub(super) type Text<'a> = Cow<'a, str>;

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn data_rates_are_read_as_they_are_written() {
		for (name, spreading_factor, bandwidth_khz) in
			[("SF7BW125", 7, 125), ("SF12BW500", 12, 500)]
		{
			let rate = DataRate { spreading_factor, bandwidth_khz };
			assert_eq!(data_rate_name(rate), name);
			assert_eq!(data_rate(name), Some(rate));
		}
		for name in ["", "SF7", "BW125", "SF99BW125", "SF7BW7", "7BW125", "SFxBW125"] {
			assert_eq!(data_rate(name), None, "{name}");
		}
	}

	#[test]
	fn payload_is_read_in_every_base64() {
		for text in ["4AE=", "4AE", "4AF=", " 4AE\n", "4A\r\nE="] {
			assert_eq!(from_base64(text).ok(), Some(vec![0xE0, 1]), "{text}");
		}
		assert_eq!(from_base64("+/+/").ok(), from_base64("-_-_").ok());
		assert_eq!(from_base64("").ok(), Some(vec![]));
		for text in ["4A!", "4", "4AE=4", "E0 01 0"] {
			assert!(from_base64(text).is_err(), "{text}");
		}
	}

	#[test]
	fn header_is_read_in_both_versions() {
		let read = |datagram: &[u8]| split(datagram).map(|(header, body)| (header, body.len()));
		for version in [1, 2] {
			let header = Header { version, token: 0x0102, identifier: Identifier::TxAck };
			assert_eq!(read(&join(header, &[&[7], &[8]])), Ok((header, 2)));
		}
		assert_eq!(read(&[2, 0, 0]), Err(Cause::NotGwmp));
		assert_eq!(read(&[2, 0, 0, 6]), Err(Cause::NotGwmp));
		assert_eq!(read(&[3, 0, 0, 0]), Err(Cause::OtherVersion));
		assert_eq!(read(b"GET / HTTP"), Err(Cause::NotGwmp));
	}
}
