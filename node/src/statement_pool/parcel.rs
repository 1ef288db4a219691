//! What devices hand in: bytes from anybody, until they are decoded and checked.

use codec::{Decode, DecodeAll, Encode};
use groma_core::{
	DeviceId, WindowIndex,
	payload::Observation,
	pool_layout::{PooledReveal, PooledStatement},
	words::Signature,
};

/// A witness's statement about a beacon of a window, as a device hands it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Statement {
	/// The window of the beacon.
	pub(crate) window: WindowIndex,
	/// Who beaconed.
	pub(crate) beaconer: DeviceId,
	/// What the witness observed.
	pub(crate) observation: Observation,
	/// The witness's signature.
	pub(crate) signature: Signature,
}

/// A beacon signature of a window, as a device hands it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Reveal {
	/// The window of the beacon.
	pub(crate) window: WindowIndex,
	/// Who beaconed.
	pub(crate) beaconer: DeviceId,
	/// The beacon signature.
	pub(crate) signature: Signature,
}

/// Decodes exactly one value; `None` for too few bytes, too many, or others.
pub(crate) fn decode<Parcel: Decode>(bytes: &[u8]) -> Option<Parcel> {
	Parcel::decode_all(&mut &bytes[..]).ok()
}

impl Statement {
	/// As it lies in a chunk of its window.
	pub(super) fn pooled(&self) -> PooledStatement {
		PooledStatement {
			beaconer: self.beaconer,
			observation: self.observation,
			signature: self.signature,
		}
	}
}

impl Reveal {
	/// As it lies in a chunk of its window.
	pub(super) fn pooled(&self) -> PooledReveal {
		PooledReveal { beaconer: self.beaconer, signature: self.signature }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn statement() -> Statement {
		Statement {
			window: 7,
			beaconer: 3,
			observation: Observation {
				witness: 4,
				rssi_deci_dbm: -1_100,
				snr_deci_db: 55,
				commitment: [9; 8],
			},
			signature: [1; 64],
		}
	}

	#[test]
	fn statement_is_the_plain_encoding_of_its_fields() {
		let statement = statement();
		let fields =
			(statement.window, statement.beaconer, statement.observation, statement.signature);
		assert_eq!(decode(&fields.encode()), Some(statement));
	}

	#[test]
	fn parcel_is_refused_when_truncated_or_too_long() {
		let bytes = statement().encode();
		for length in 0..bytes.len() {
			assert_eq!(decode::<Statement>(&bytes[..length]), None, "{length}");
		}
		let longer = [bytes.as_slice(), &[0]].concat();
		assert_eq!(decode::<Statement>(&longer), None);
		assert_eq!(decode::<Reveal>(&bytes), None);
	}

	proptest! {
		#[test]
		fn random_bytes_are_a_parcel_only_when_they_are_its_encoding(bytes: Vec<u8>) {
			if let Some(statement) = decode::<Statement>(&bytes) {
				prop_assert_eq!(statement.encode(), bytes.clone());
			}
			if let Some(reveal) = decode::<Reveal>(&bytes) {
				prop_assert_eq!(reveal.encode(), bytes);
			}
		}
	}
}
