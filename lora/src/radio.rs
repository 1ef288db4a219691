//! What a radio is to the client: something that transmits a frame and tells whether it will, and
//! something from which frames come.

use std::{fmt, str::FromStr};

use async_trait::async_trait;
use groma_core::region::DataRate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

/// A text that is not a gateway id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
	"a gateway id is 16 hexadecimal digits, as `gateway_ID` in the packet forwarder's settings"
)]
pub struct NotAMac;

impl FromStr for Mac {
	type Err = NotAMac;

	fn from_str(text: &str) -> Result<Self, NotAMac> {
		let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-')).collect();
		let mut bytes = [0; 8];
		hex::decode_to_slice(digits, &mut bytes).map_err(|_| NotAMac)?;
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
		String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
	}
}

/// A frame to send at once: LoRa, CRC on, IQ not inverted, coding rate 4/5, preamble of eight symbols.
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
	/// Channel centre in Hz.
	pub frequency_hz: u32,
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
	#[error("the packet forwarder of gateway {0} did not acknowledge the frame")]
	NotAcknowledged(Mac),
	/// The packet forwarder is transmitting or planned something else.
	#[error("the packet forwarder of gateway {0} is busy: {1}")]
	Busy(Mac, String),
	/// The packet forwarder cannot transmit at this power.
	#[error(
		"the packet forwarder of gateway {0} refuses {1} dBm: set `power_dbm_max` of the gateway"
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
	/// Transmits at once and returns when the gateway has acknowledged.
	async fn transmit(&self, gateway: Mac, transmission: &Transmission) -> Result<(), RadioError>;
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn mac_is_read_in_the_spellings_of_packet_forwarders() {
		let mac = Mac([0xAA, 0x55, 0x5A, 0, 0, 0, 1, 0x01]);
		for text in ["AA555A0000000101", "aa555a0000000101", "AA:55:5A:00:00:00:01:01"] {
			assert_eq!(text.parse(), Ok(mac));
		}
		assert_eq!(mac.to_string(), "AA555A0000000101");
	}

	#[test]
	fn mac_is_refused_when_its_length_is_wrong() {
		assert_eq!("AA555A00000001".parse::<Mac>(), Err(NotAMac));
		assert_eq!("".parse::<Mac>(), Err(NotAMac));
		assert_eq!("AA555A000000010G".parse::<Mac>(), Err(NotAMac));
	}
}
