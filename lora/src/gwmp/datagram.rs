//! What all datagrams of the protocol have in common.

use std::borrow::Cow;

use base64::{
	Engine, alphabet,
	engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use groma_core::region::DataRate;

/// The version of the protocol.
const VERSION: u8 = 2;
/// Bytes of version, token and identifier.
const HEADER: usize = 4;
/// LoRa's modulation, as both directions name it.
pub(super) const LORA: &str = "LORA";
/// The coding rate of all frames.
pub(super) const CODING_RATE: &str = "4/5";

/// Payloads are written with padding; the protocol leaves it to the sender.
const BASE64: GeneralPurpose = GeneralPurpose::new(
	&alphabet::STANDARD,
	GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
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

/// A datagram that is not of the protocol.
#[derive(Debug, thiserror::Error)]
#[error("not a datagram of the Semtech UDP protocol")]
pub(super) struct Malformed;

impl Identifier {
	fn of(byte: u8) -> Result<Self, Malformed> {
		Ok(match byte {
			0 => Self::PushData,
			1 => Self::PushAck,
			2 => Self::PullData,
			3 => Self::PullResp,
			4 => Self::PullAck,
			5 => Self::TxAck,
			_ => return Err(Malformed),
		})
	}
}

/// The identifier, the token and the body of a datagram.
pub(super) fn split(datagram: &[u8]) -> Result<(Identifier, u16, &[u8]), Malformed> {
	let (header, body) = datagram.split_first_chunk::<HEADER>().ok_or(Malformed)?;
	let [VERSION, high, low, identifier] = *header else { return Err(Malformed) };
	Ok((Identifier::of(identifier)?, u16::from_be_bytes([high, low]), body))
}

/// A datagram.
pub(super) fn join(identifier: Identifier, token: u16, body: &[&[u8]]) -> Vec<u8> {
	let [high, low] = token.to_be_bytes();
	[&[VERSION, high, low, identifier as u8][..], &body.concat()].concat()
}

/// The JSON of a datagram. Some packet forwarders send the zero that ends their texts.
pub(super) fn json(body: &[u8]) -> &[u8] {
	body.strip_suffix(&[0]).unwrap_or(body)
}

/// A payload as text.
pub(super) fn to_base64(payload: &[u8]) -> String {
	BASE64.encode(payload)
}

/// A payload.
pub(super) fn from_base64(text: &str) -> Result<Vec<u8>, Malformed> {
	BASE64.decode(text).map_err(|_| Malformed)
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
	fn payload_is_read_with_and_without_padding() {
		assert_eq!(from_base64("4AE=").ok(), Some(vec![0xE0, 1]));
		assert_eq!(from_base64("4AE").ok(), Some(vec![0xE0, 1]));
		assert!(from_base64("4A!").is_err());
	}
}
