//! The beacon on the air: a LoRaWAN *proprietary* frame of 72 bytes.
//!
//! | bytes | field |
//! |---|---|
//! | 0 | MHDR `0xE0`: message type proprietary, major version 0 |
//! | 1..5 | device id, little endian |
//! | 5..8 | the low 24 bits of the window index, little endian |
//! | 8..72 | the beacon signature |

use crate::words::{DeviceId, Signature, WindowIndex};

/// Length of a beacon in bytes.
pub const BEACON_LENGTH: usize = 72;
/// LoRaWAN's MHDR of a proprietary frame.
pub const PROPRIETARY_MHDR: u8 = 0xE0;

const WINDOW_MASK: u32 = 0x00FF_FFFF;

/// What a beacon carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beacon {
	/// Who beacons.
	pub device: DeviceId,
	/// The low 24 bits of the window.
	pub window_low: u32,
	/// The session key's signature over the challenge id.
	pub signature: Signature,
}

impl Beacon {
	/// The beacon of `device` for `window`.
	pub fn new(device: DeviceId, window: WindowIndex, signature: Signature) -> Self {
		Self { device, window_low: window & WINDOW_MASK, signature }
	}

	/// The bytes to transmit.
	pub fn to_bytes(&self) -> [u8; BEACON_LENGTH] {
		let mut bytes = [0; BEACON_LENGTH];
		bytes[0] = PROPRIETARY_MHDR;
		bytes[1..5].copy_from_slice(&self.device.to_le_bytes());
		bytes[5..8].copy_from_slice(&self.window_low.to_le_bytes()[..3]);
		bytes[8..].copy_from_slice(&self.signature.0);
		bytes
	}

	/// Reads what was received; `None` for any frame that is not a beacon.
	pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
		let bytes: &[u8; BEACON_LENGTH] = bytes.try_into().ok()?;
		if bytes[0] != PROPRIETARY_MHDR {
			return None;
		}
		let mut signature = [0; 64];
		signature.copy_from_slice(&bytes[8..]);
		Some(Self {
			device: u32::from_le_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]),
			window_low: u32::from_le_bytes([bytes[5], bytes[6], bytes[7], 0]),
			signature: Signature(signature),
		})
	}

	/// The whole window index: the one nearest to `now` whose low 24 bits are the beacon's.
	pub fn window(&self, now: WindowIndex) -> WindowIndex {
		let offset = self.window_low.wrapping_sub(now) & WINDOW_MASK;
		if offset <= WINDOW_MASK / 2 || now < WINDOW_MASK + 1 - offset {
			now.wrapping_add(offset)
		} else {
			now - (WINDOW_MASK + 1 - offset)
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn other_frames_are_refused() {
		assert_eq!(Beacon::from_bytes(&[]), None);
		assert_eq!(Beacon::from_bytes(&[PROPRIETARY_MHDR; 71]), None);
		assert_eq!(Beacon::from_bytes(&[PROPRIETARY_MHDR; 73]), None);
		assert_eq!(Beacon::from_bytes(&[0x40; BEACON_LENGTH]), None);
	}

	proptest! {
		#[test]
		fn beacon_survives_the_air(device: u32, window: u32, byte: u8) {
			let beacon = Beacon::new(device, window, Signature([byte; 64]));
			prop_assert_eq!(Beacon::from_bytes(&beacon.to_bytes()), Some(beacon));
		}

		#[test]
		fn window_is_recovered_when_the_clock_is_off(window in 10u32..u32::MAX - 10, off in -9i64..=9) {
			let now = (i64::from(window) + off) as u32;
			prop_assert_eq!(Beacon::new(0, window, Signature([0; 64])).window(now), window);
		}

		#[test]
		fn random_bytes_never_panic(bytes: Vec<u8>, now: u32) {
			if let Some(beacon) = Beacon::from_bytes(&bytes) {
				beacon.window(now);
			}
		}
	}
}
