//! The gateways of this process.

use std::{net::IpAddr, sync::Arc};

use groma_client::{keys::DeviceKey, registration::Identity};
use groma_lora::{gwmp::Served, radio::Mac};

/// A gateway as the operator set it up.
#[derive(Clone)]
pub struct Gateway {
	/// By which its packet forwarder names it.
	pub mac: Mac,
	/// The only host that may speak for it; any may without one.
	pub address: Option<IpAddr>,
	/// Its session key.
	pub key: Arc<dyn DeviceKey>,
	/// What its antenna adds to the power of the radio, less what the cable takes, in tenths of a
	/// dB.
	pub antenna_gain_deci_db: i16,
	/// The most that its radio can transmit, in dBm.
	pub power_dbm_max: u8,
}

impl Gateway {
	/// What the server of packet forwarders needs of it.
	pub(crate) fn served(&self) -> Served {
		Served { gateway: self.mac, address: self.address }
	}

	/// What the chain's follower needs of it.
	pub(crate) fn identity(&self) -> Identity {
		Identity { label: self.mac.to_string(), key: self.key.clone() }
	}

	/// Whether so much is not exceeded at the lowest power that packet forwarders are asked for.
	pub(crate) fn keeps_within(&self, eirp_centi_dbm: i16) -> bool {
		i32::from(eirp_centi_dbm) >= 10 * i32::from(self.antenna_gain_deci_db)
	}

	/// The power into the antenna that radiates at most `eirp_centi_dbm`, rounded down to what
	/// packet forwarders take.
	pub fn power_dbm(&self, eirp_centi_dbm: i16) -> u8 {
		let power = i32::from(eirp_centi_dbm) - 10 * i32::from(self.antenna_gain_deci_db);
		power.div_euclid(100).clamp(0, i32::from(self.power_dbm_max)) as u8
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use groma_client::keys::SoftKey;

	fn gateway(antenna_gain_deci_db: i16) -> Gateway {
		Gateway {
			mac: Mac([0; 8]),
			address: None,
			key: Arc::new(SoftKey::from_secret(&[1; 32])),
			antenna_gain_deci_db,
			power_dbm_max: 27,
		}
	}

	#[test]
	fn power_is_what_the_region_allows_less_the_antenna() {
		assert_eq!(gateway(0).power_dbm(1_615), 16);
		assert_eq!(gateway(25).power_dbm(1_615), 13);
		assert_eq!(gateway(-10).power_dbm(1_615), 17);
	}

	#[test]
	fn power_stays_within_what_the_radio_can_do() {
		assert_eq!(gateway(0).power_dbm(3_600), 27);
		assert_eq!(gateway(200).power_dbm(1_615), 0);
	}

	#[test]
	fn antenna_alone_radiates_too_much_when_its_gain_is_above_what_is_allowed() {
		for (gain, keeps_within) in
			[(-10, true), (0, true), (161, true), (162, false), (200, false)]
		{
			assert_eq!(gateway(gain).keeps_within(1_615), keeps_within, "{gain}");
		}
	}
}
