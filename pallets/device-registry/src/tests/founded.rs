//! Devices of networks that someone founded.

use frame_support::{
	assert_noop, assert_ok,
	storage::{unhashed, with_storage_layer},
	traits::fungible::InspectHold,
};
use groma_core::terms::NetworkStatus;
use groma_fakes::alter_network;
use groma_traits::{ActiveDevices as _, NetworkDevices as _};
use sp_runtime::DispatchError;

use crate::{ActiveCounts, Error, HoldReason, Populations, mock::*};

#[test]
fn device_of_a_market_needs_a_deposit_and_no_place() {
	ExtBuilder::default().build_and_execute(|| {
		let placed = register(account(1), MARKET, session(1), Some(claim(1)));
		assert_eq!(placed, Err(Error::<Test>::NetworkHasNoPlaces.into()));
		assert_ok!(register(account(1), MARKET, session(1), None));
		let on_hold = Balances::balance_on_hold(&HoldReason::Registration.into(), &account(1));
		assert_eq!(on_hold, Deposit::get());
		assert_eq!(Registry::active_count(MARKET), 1);
		assert_noop!(
			Registry::assert_location(signed(1), 0, claim(1)),
			Error::<Test>::NetworkHasNoPlaces
		);
		alter_network(MARKET, |network| network.status = NetworkStatus::Closed);
		let late = register(account(1), MARKET, session(2), None);
		assert_eq!(late, Err(Error::<Test>::NetworkNotOpen.into()));
	});
}

#[test]
fn market_has_devices_until_the_last_one_is_removed() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(!Registry::has_devices(MARKET));
		assert_ok!(register(account(1), MARKET, session(1), None));
		assert_ok!(register(account(2), MARKET, session(2), None));
		assert_eq!(Populations::<Test>::get(MARKET), Some(2));
		assert_ok!(Registry::retire(signed(1), 0));
		run_to(START + FOLDED);
		// It is retired and not active, but evidence about its key is still taken.
		assert_eq!((Registry::active_count(MARKET), Registry::has_devices(MARKET)), (1, true));
		run_to(START + FORGOTTEN);
		assert_eq!(Populations::<Test>::get(MARKET), Some(1));
		assert_ok!(Registry::retire(signed(2), 1));
		run_to(START + 2 * FORGOTTEN);
		assert!(!Registry::has_devices(MARKET));
		assert!(!ActiveCounts::<Test>::contains_key(MARKET), "nothing is left of it");
	});
}

#[test]
fn devices_of_other_networks_are_not_counted() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert!(!Registry::has_devices(LORAWAN));
		assert_eq!(Populations::<Test>::iter().count(), 0);
	});
}

#[test]
fn market_has_devices_while_no_one_knows_how_many() {
	ExtBuilder::default().build().execute_with(|| {
		assert_ok!(register(account(1), MARKET, session(1), None));
		assert_ok!(register(account(2), MARKET, session(2), None));
		let key = Populations::<Test>::hashed_key_for(MARKET);
		let good = unhashed::get_raw(&key).expect("there are two devices");
		unhashed::put_raw(&key, &[7]);
		let late = with_storage_layer::<_, DispatchError, _>(|| {
			register(account(3), MARKET, session(3), None)
		});
		assert_eq!(late, Err(Error::<Test>::StateUnreadable.into()));
		assert_ok!(Registry::retire(signed(1), 0));
		run_to(START + FORGOTTEN);
		assert_eq!(unhashed::get_raw(&key), Some(vec![7]), "it was overwritten");
		assert!(Registry::has_devices(MARKET));
		assert!(Registry::do_try_state().is_err());
		// Mended as it was: one is counted that is gone, and none is missing.
		unhashed::put_raw(&key, &good);
		assert_ok!(Registry::retire(signed(2), 1));
		run_to(START + 2 * FORGOTTEN);
		assert!(Registry::has_devices(MARKET), "the count is not mended by itself");
	});
}
