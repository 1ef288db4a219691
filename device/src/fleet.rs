//! The gateways of this process, and what the chain knows about each.

use std::sync::Arc;

use groma_core::{DeviceId, NetworkId, WindowIndex, api::DeviceStatus, words::Hash};

use crate::{chain::AccountId, keys::SessionKey, radio::Mac};

/// A gateway as the operator set it up.
#[derive(Clone)]
pub struct Gateway {
	/// By which its packet forwarder names it.
	pub mac: Mac,
	/// Its session key.
	pub key: Arc<dyn SessionKey>,
	/// What its antenna adds to the power of the radio, less what the cable takes, in tenths of a dB.
	pub antenna_gain_deci_db: i16,
	/// The most that its radio can transmit, in dBm.
	pub power_dbm_max: u8,
}

impl Gateway {
	/// The power into the antenna that radiates at most `eirp_centi_dbm`, rounded down to what packet
	/// forwarders can be told.
	pub fn power_dbm(&self, eirp_centi_dbm: i16) -> u8 {
		let power = i32::from(eirp_centi_dbm) - 10 * i32::from(self.antenna_gain_deci_db);
		power.div_euclid(100).clamp(0, i32::from(self.power_dbm_max)) as u8
	}
}

/// A gateway as the chain knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
	/// Its name on chain.
	pub device: DeviceId,
	/// The network it serves.
	pub network: NetworkId,
	/// Who owns it.
	pub owner: AccountId,
	/// Its session key of this window.
	pub session_key: Hash,
	/// Whether it takes part.
	pub status: DeviceStatus,
	/// The first window in which it may take part; `None` without a location.
	pub eligible_from: Option<WindowIndex>,
	/// The share of time that its region lets it transmit, in parts per million.
	pub duty_cycle_ppm: u32,
}

impl Registration {
	/// Whether what the device does in a window can earn anything. The honest spare the air and the chain
	/// what cannot.
	pub fn takes_part_in(&self, window: WindowIndex) -> bool {
		self.status == DeviceStatus::Active && self.eligible_from.is_some_and(|from| from <= window)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::keys::SoftKey;

	fn gateway(antenna_gain_deci_db: i16) -> Gateway {
		Gateway {
			mac: Mac([0; 8]),
			key: Arc::new(SoftKey::from_secret(&[1; 32])),
			antenna_gain_deci_db,
			power_dbm_max: 27,
		}
	}

	#[test]
	fn device_takes_part_when_it_is_active_and_its_location_is_old_enough() {
		let registration = Registration {
			device: 1,
			network: 0,
			owner: [1; 32],
			session_key: [2; 32],
			status: DeviceStatus::Active,
			eligible_from: Some(10),
			duty_cycle_ppm: 10_000,
		};
		assert!(registration.takes_part_in(10));
		assert!(!registration.takes_part_in(9));
		let paused = Registration { status: DeviceStatus::Paused, ..registration.clone() };
		assert!(!paused.takes_part_in(10));
		let nowhere = Registration { eligible_from: None, ..registration };
		assert!(!nowhere.takes_part_in(10));
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
}
