//! The devices of a process, and what the chain knows about each.

use std::sync::Arc;

use groma_core::{
	DeviceId, NetworkId, WindowIndex,
	api::{Code, DeviceStatus},
	region::RegionPlan,
	words::SessionKey,
};

use crate::{chain::AccountId, keys::DeviceKey};

/// A device of this process.
#[derive(Clone)]
pub struct Identity {
	/// What logs call it, such as the identifier of a gateway.
	pub label: String,
	/// Its session key.
	pub key: Arc<dyn DeviceKey>,
}

/// A device as the chain knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
	/// Its name on chain.
	pub device: DeviceId,
	/// The network it serves.
	pub network: NetworkId,
	/// Who owns it.
	pub owner: AccountId,
	/// Its session key of this window.
	pub session_key: SessionKey,
	/// Whether it takes part. In a state that is not known here it does not.
	pub status: Code<DeviceStatus>,
	/// The first window in which it may take part; `None` without a location.
	pub eligible_from: Option<WindowIndex>,
	/// How its region lets it transmit; `None` without a location.
	pub plan: Option<RegionPlan>,
}

impl Registration {
	/// Whether what the device does in a window can earn anything. The honest spare the air and the
	/// chain what cannot.
	pub fn takes_part_in(&self, window: WindowIndex) -> bool {
		self.status == DeviceStatus::Active && self.eligible_from.is_some_and(|from| from <= window)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn device_takes_part_when_it_is_active_and_its_location_is_old_enough() {
		let registration = Registration {
			device: 1,
			network: 0,
			owner: AccountId::from([1; 32]),
			session_key: SessionKey([2; 32]),
			status: DeviceStatus::Active.into(),
			eligible_from: Some(10),
			plan: None,
		};
		assert!(registration.takes_part_in(10));
		assert!(!registration.takes_part_in(9));
		for status in [DeviceStatus::Paused.into(), Code::Unknown(77)] {
			let idle = Registration { status, ..registration.clone() };
			assert!(!idle.takes_part_in(10));
		}
		let nowhere = Registration { eligible_from: None, ..registration };
		assert!(!nowhere.takes_part_in(10));
	}
}
