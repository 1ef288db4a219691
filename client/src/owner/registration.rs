//! The arguments of the chain's call that registers a device.

use codec::Encode;
use groma_core::{
	NetworkId, RegionId,
	place::Cell,
	words::{SessionKey, Signature},
};

/// Where a device stands, as its owner asserts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
pub struct LocationClaim {
	/// H3 cell of resolution 12.
	pub cell: Cell,
	/// Region of the network, for example a radio region.
	pub region: RegionId,
	/// Antenna gain in tenths of a dBi, for information.
	pub gain_deci_dbi: i16,
	/// Height above ground in metres, for information.
	pub elevation_m: i16,
}

/// `DeviceRegistry.register_device`.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
pub struct RegisterDevice {
	/// The network that the device serves.
	pub network: NetworkId,
	/// Its session key.
	pub session_key: SessionKey,
	/// The session key's signature over `payload::onboarding`.
	pub proof: Signature,
	/// Where it stands.
	pub location: Option<LocationClaim>,
	/// Makers attest with their own tools, so that there is none here.
	pub attestation: Option<()>,
}

#[cfg(test)]
mod tests {
	use super::*;
	use groma_core::{place::LOCATION_RESOLUTION, region};

	#[test]
	fn registration_encodes_as_the_call_takes_it() {
		let cell = Cell::from_degrees(48.1, 11.5, LOCATION_RESOLUTION).expect("a place");
		let location =
			LocationClaim { cell, region: region::US915, gain_deci_dbi: 25, elevation_m: -4 };
		let arguments = RegisterDevice {
			network: 1,
			session_key: SessionKey([2; 32]),
			proof: Signature([3; 64]),
			location: Some(location),
			attestation: None,
		};
		let expected = [
			&[1, 0][..],
			&[2; 32],
			&[3; 64],
			&[1],
			&cell.index().to_le_bytes(),
			&[1, 25, 0, 0xFC, 0xFF],
			&[0],
		]
		.concat();
		assert_eq!(arguments.encode(), expected);
	}
}
