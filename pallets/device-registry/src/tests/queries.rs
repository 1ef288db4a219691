//! What clients are answered.

use frame_support::assert_ok;
use groma_core::{EvidenceClass, api::DeviceStatus, protocol::LIST_LENGTH_MAX};
#[cfg(feature = "runtime-benchmarks")]
use groma_traits::{ActiveDevices as _, Devices as _};

use crate::{mock::*, roster::Members};

#[test]
fn device_info_says_what_is_true_in_the_current_window() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Registry::set_status(signed(1), 0, DeviceStatus::Maintenance));
		let info = Registry::device_info(0).expect("it exists");
		assert_eq!((info.id, info.network, info.slot), (0, LORAWAN, 0));
		assert_eq!((info.owner, info.session_key), (account(1), key(0)));
		assert_eq!((info.class, info.maker), (EvidenceClass::SelfMade.into(), None));
		assert_eq!(info.status, DeviceStatus::Active);
		assert_eq!(info.change_effective_at, Some(START + 4));
		let location = info.location.expect("it has one");
		assert_eq!((location.cell, location.since), (cell(0), START + 4));
		assert_eq!(location.eligible_from, START + 4 + 576);
		assert_eq!((location.gain_deci_dbi, location.elevation_m), (30, 12));
		run_to(START + 4);
		let info = Registry::device_info(0).expect("it exists");
		assert_eq!(info.status, DeviceStatus::Maintenance);
	});
}

#[test]
fn retired_device_is_shown_as_such_until_it_is_removed() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Registry::retire(signed(1), 0));
		run_to(START + 4);
		let status = Registry::device_info(0).and_then(|info| info.status.known());
		assert_eq!(status, Some(DeviceStatus::Retired));
		run_to(START + FORGOTTEN - 1);
		assert_eq!(Registry::device_info(0).and_then(|info| info.status.known()), status);
		run_to(START + FORGOTTEN);
		assert_eq!(Registry::device_info(0), None);
	});
}

#[test]
fn device_is_found_by_its_session_key_and_by_the_next_one() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(rotate(1, 1, 9));
		assert_eq!(Registry::device_by_key(key(1)), Some(1));
		assert_eq!(Registry::device_by_key(key(9)), Some(1));
		assert_eq!(Registry::device_by_key(key(8)), None);
		run_to(START + 7);
		assert_eq!(Registry::device_by_key(key(1)), None);
		assert_eq!(Registry::device_by_key(key(9)), Some(1));
	});
}

#[test]
fn device_is_not_found_by_its_hardware_key() {
	ExtBuilder::default().build_and_execute(|| {
		let (maker, hardware) = (Signatory::ed25519(50), Signatory::ed25519(51));
		let keys = vec![maker.public()].try_into().expect("it is one");
		let name = b"Example".to_vec().try_into().expect("it is short");
		assert_ok!(Registry::register_maker(RuntimeOrigin::root(), name, keys));
		let attested = Some(attestation(0, &maker, &hardware, &key(1)));
		let proof = onboarding(&account(1), LORAWAN, &session(1));
		assert_ok!(Registry::register_device(signed(1), LORAWAN, key(1), proof, None, attested));
		assert_eq!(Registry::device_by_key(key(51)), None);
		assert_eq!(Registry::device_info(0).and_then(|info| info.maker), Some(0));
	});
}

#[test]
fn lists_are_paged_and_capped() {
	ExtBuilder::default().build().execute_with(|| {
		let of_owner = Members::<Test>::of_owner(account(3), LORAWAN);
		(0..300).for_each(|device| {
			of_owner.push(device).expect("its pages decode");
		});
		let page = |from, limit| Registry::devices_of(account(3), LORAWAN, from, limit);
		assert_eq!(page(0, u32::MAX).len() as u32, LIST_LENGTH_MAX);
		assert_eq!(page(290, 100), (290..300).collect::<Vec<_>>());
		assert_eq!(page(10, 2), vec![10, 11]);
		assert!(page(300, 1).is_empty());
		assert!(page(u32::MAX, u32::MAX).is_empty());
		assert!(page(0, 0).is_empty());
	});
}

#[cfg(feature = "runtime-benchmarks")]
#[test]
fn populated_device_is_active_and_mature() {
	use groma_core::region::EU868;
	use groma_traits::DevicesBenchmarkHelper;

	ExtBuilder::default().build_and_execute(|| {
		let device = Registry::add_device(account(1), LORAWAN, key(1), cell(1), EU868);
		let view = Registry::at(device, START).expect("it exists");
		assert!(view.is_active);
		assert_eq!((view.place.map(|place| place.cell), view.since), (Some(cell(1)), 0));
		assert_eq!(Registry::active_count(LORAWAN), 1);
	});
}
