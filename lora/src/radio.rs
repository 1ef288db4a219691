//! What a radio is to the client: something that transmits a frame and answers whether it will,
//! and something from which frames come.

use std::{fmt, str::FromStr, time::Duration};

use async_trait::async_trait;
use groma_core::region::DataRate;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The 64-bit identifier by which a packet forwarder names its gateway (its "gateway ID" or "EUI").
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 8]);

impl fmt::Display for Mac {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&hex::encode_upper(self.0))
	}
}

impl fmt::Debug for Mac {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{self}")
	}
}

/// Why a text is not a gateway id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAMac {
	/// It has the length of a network card's address.
	#[error(
		"this has six bytes, as the address of a network card; a gateway id has eight: the packet \
		 forwarder's log names it, and so does `gateway_ID` in its settings"
	)]
	NetworkCard,
	/// It is something else.
	#[error(
		"a gateway id is 16 hexadecimal digits in quotes, as `gateway_ID` in the packet forwarder's \
		 settings"
	)]
	Digits,
}

impl FromStr for Mac {
	type Err = NotAMac;

	fn from_str(text: &str) -> Result<Self, NotAMac> {
		let text = text.trim().to_ascii_lowercase();
		let id = text.strip_prefix("eui").or(text.strip_prefix("0x")).unwrap_or(&text);
		let digits: String = id.chars().filter(|c| !matches!(c, ':' | '-' | '.' | ' ')).collect();
		if digits.len() == 12 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
			return Err(NotAMac::NetworkCard);
		}
		let mut bytes = [0; 8];
		hex::decode_to_slice(digits, &mut bytes).map_err(|_| NotAMac::Digits)?;
		Ok(Self(bytes))
	}
}

impl Serialize for Mac {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(self)
	}
}

impl<'de> Deserialize<'de> for Mac {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		/// An id without quotes is a number, or looks like one.
		struct InQuotes;

		impl de::Visitor<'_> for InQuotes {
			type Value = Mac;

			fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				f.write_str("a gateway id in quotes, such as \"AA555A0000000101\"")
			}

			fn visit_str<E: de::Error>(self, text: &str) -> Result<Mac, E> {
				text.parse().map_err(E::custom)
			}
		}

		deserializer.deserialize_str(InQuotes)
	}
}

/// A frame to send at once: LoRa, CRC on, IQ not inverted, coding rate 4/5, preamble of eight
/// symbols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmission {
	/// Channel centre in Hz.
	pub frequency_hz: u32,
	/// Modulation.
	pub data_rate: DataRate,
	/// Power into the antenna in dBm.
	pub power_dbm: u8,
	/// The frame.
	pub payload: Vec<u8>,
}

/// A frame that a gateway received.
#[derive(Clone, Debug, PartialEq)]
pub struct Reception {
	/// Who received it.
	pub gateway: Mac,
	/// The frame.
	pub payload: Vec<u8>,
	/// Channel centre in Hz, if the packet forwarder names it.
	pub frequency_hz: Option<u32>,
	/// Channel power in tenths of a dBm.
	pub rssi_deci_dbm: i16,
	/// Signal-to-noise ratio in tenths of a dB.
	pub snr_deci_db: i16,
}

/// Why a frame was not transmitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RadioError {
	/// No packet forwarder speaks for the gateway.
	#[error(
		"no packet forwarder has asked for frames of gateway {0}: check that it runs and that its \
		 `server_address` and `serv_port_down` are those of `radio.listen`"
	)]
	NotConnected(Mac),
	/// The packet forwarder did not answer; whether it transmitted is unknown.
	#[error(
		"the packet forwarder of gateway {0} did not acknowledge the frame: look in its log for \
		 PULL_RESP, or update it"
	)]
	NotAcknowledged(Mac),
	/// The packet forwarder is transmitting or planned something else.
	#[error("the packet forwarder of gateway {0} is busy: {1}")]
	Busy(Mac, String),
	/// The packet forwarder cannot transmit at this power.
	#[error(
		"the packet forwarder of gateway {0} refuses {1} dBm: no entry of its `tx_lut` plus its \
		 `antenna_gain` gives this power"
	)]
	PowerRefused(Mac, u8),
	/// The packet forwarder cannot transmit on this channel.
	#[error(
		"the packet forwarder of gateway {0} refuses {1} Hz: its `tx_freq_min`, `tx_freq_max` or region \
		 are not those of the location that the owner asserted"
	)]
	ChannelRefused(Mac, u32),
	/// The radio is gone because the process stops.
	#[error("the radio has stopped")]
	Stopped,
}

impl RadioError {
	/// Whether the same frame may be accepted if it is tried again within the window.
	pub fn is_retryable(&self) -> bool {
		!matches!(self, Self::ChannelRefused(..) | Self::Stopped)
	}
}

/// Transmits frames.
#[async_trait]
pub trait Radio: Send + Sync {
	/// Transmits at once and returns when the gateway has acknowledged, or when it has not within
	/// `patience`. A late answer to an earlier copy of the frame counts as well.
	async fn transmit(
		&self,
		gateway: Mac,
		transmission: &Transmission,
		patience: Duration,
	) -> Result<(), RadioError>;
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn mac_without_quotes_is_refused_with_what_to_write() {
		let error = serde_json::from_str::<Mac>("3338333041005200").expect_err("a number");
		assert!(error.to_string().contains("a gateway id in quotes"), "{error}");
	}

	#[test]
	fn mac_is_read_in_the_spellings_of_packet_forwarders() {
		let mac = Mac([0xAA, 0x55, 0x5A, 0, 0, 0, 1, 0x01]);
		for text in [
			"AA555A0000000101",
			"aa555a0000000101",
			"AA:55:5A:00:00:00:01:01",
			"AA-55-5A-00-00-00-01-01",
			"AA 55 5A 00 00 00 01 01",
			"eui-aa555a0000000101",
			"0xAA555A0000000101",
		] {
			assert_eq!(text.parse(), Ok(mac), "{text}");
		}
		assert_eq!(mac.to_string(), "AA555A0000000101");
	}

	#[test]
	fn mac_is_refused_when_it_is_no_gateway_id() {
		for text in ["", "AA555A00000001", "AA555A000000010G", "AA555A000000010101", "eui-"] {
			assert_eq!(text.parse::<Mac>(), Err(NotAMac::Digits), "{text}");
		}
		assert_eq!("b8:27:eb:00:00:01".parse::<Mac>(), Err(NotAMac::NetworkCard));
	}
}
