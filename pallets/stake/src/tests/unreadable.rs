//! State that does not decode: it stays as it is, and passes for nothing else.

use frame_support::{assert_noop, assert_ok, storage::unhashed, traits::fungible::Inspect};
use groma_core::{money::GRM, protocol::DEVICE_THAW_WINDOWS};
use groma_traits::{DeviceOffences, Offence, Provisions as _};

use crate::{Error, Provisions, Totals, mock::*};

/// Damages the value under a key while a test looks at it, and checks that it stays as it is.
fn while_damaged(key: &[u8], test: impl FnOnce()) {
	let good = unhashed::get_raw(key).expect("there is a value");
	unhashed::put_raw(key, &[7]);
	test();
	assert!(Stake::do_try_state().is_err(), "the damage is not noticed");
	assert_eq!(unhashed::get_raw(key), Some(vec![7]), "it was overwritten");
	unhashed::put_raw(key, &good);
}

#[test]
fn provision_that_does_not_decode_is_neither_lost_nor_used() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 100 * GRM)]).build_and_execute(|| {
		assert_ok!(thaw(10, LORAWAN, 50 * GRM));
		pass(DEVICE_THAW_WINDOWS);
		while_damaged(&Provisions::<Test>::hashed_key_for((10, LORAWAN)), || {
			let unreadable = Error::<Test>::Unreadable;
			assert_noop!(provision(10, LORAWAN, 50 * GRM), unreadable);
			assert_noop!(thaw(10, LORAWAN, GRM), Error::<Test>::Unreadable);
			assert_noop!(withdraw(10, LORAWAN), Error::<Test>::Unreadable);
			assert_eq!(covered_slots(10, LORAWAN), 0);
			Stake::on_offence(0, LORAWAN, &10, &11, Offence::DoubleBeacon);
			assert_eq!(Balances::total_balance(&10), GENESIS);
		});
		assert_ok!(withdraw(10, LORAWAN));
	});
}

#[test]
fn sum_that_does_not_decode_stops_no_withdrawal_and_no_slash() {
	let provisions = [(10, LORAWAN, 100 * GRM), (11, LORAWAN, 100 * GRM)];
	ExtBuilder::default().provisions(&provisions).build().execute_with(|| {
		assert_ok!(thaw(10, LORAWAN, 50 * GRM));
		pass(DEVICE_THAW_WINDOWS);
		while_damaged(&Totals::<Test>::hashed_key_for(LORAWAN), || {
			assert_noop!(provision(10, LORAWAN, 50 * GRM), Error::<Test>::Unreadable);
			assert_noop!(thaw(10, LORAWAN, GRM), Error::<Test>::Unreadable);
			assert_ok!(withdraw(10, LORAWAN));
			assert_eq!(Stake::total(LORAWAN), None);
			assert_eq!(Stake::covered_devices(LORAWAN), u32::MAX);
			assert_eq!(covered_slots(11, LORAWAN), 2);
			Stake::on_offence(0, LORAWAN, &11, &12, Offence::DoubleBeacon);
			assert_eq!(stake_of(11, LORAWAN), (50 * GRM, 0));
		});
		// The upgrade that mends the sum counts again.
		Totals::<Test>::insert(LORAWAN, 100 * GRM);
		check();
	});
}
