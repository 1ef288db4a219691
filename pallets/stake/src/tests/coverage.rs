//! Which devices stake covers.

use frame_support::assert_ok;
use groma_core::money::GRM;
use groma_fakes::NetworkMap;
use groma_traits::Provisions;

use crate::mock::*;

fn slots(owner: AccountId) -> u32 {
	let slots = covered_slots(owner, LORAWAN);
	let stake = stake_per_device(LORAWAN);
	assert!(!Stake::covers(&owner, LORAWAN, slots, stake));
	assert!(slots == 0 || Stake::covers(&owner, LORAWAN, slots - 1, stake));
	slots
}

#[test]
fn full_stakes_cover_devices_in_order() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(slots(10), 0);
		for (amount, covered) in
			[(PER_DEVICE - 1, 0), (1, 1), (PER_DEVICE - 1, 1), (1, 2), (3 * PER_DEVICE, 5)]
		{
			assert_ok!(provision(10, LORAWAN, amount));
			assert_eq!(slots(10), covered);
		}
		assert_eq!(covered_slots(10, SENSORS), 0, "each network has its own");
		assert_eq!(slots(11), 0);
	});
}

#[test]
fn thawing_stake_covers_nothing() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 3 * PER_DEVICE)]).build_and_execute(|| {
		assert_ok!(thaw(10, LORAWAN, GRM));
		assert_eq!(slots(10), 2);
		assert_ok!(thaw(10, LORAWAN, 3 * PER_DEVICE - GRM));
		assert_eq!(slots(10), 0);
	});
}

#[test]
fn devices_of_a_network_count_by_the_sum_of_provisions() {
	let provisions = [(10, LORAWAN, 75 * GRM), (11, LORAWAN, 75 * GRM), (11, SENSORS, 60 * GRM)];
	ExtBuilder::default().provisions(&provisions).build_and_execute(|| {
		assert_eq!(Stake::total(LORAWAN), Some(150 * GRM));
		assert_eq!(Stake::covered_devices(LORAWAN), 3);
		assert_eq!(Stake::covered_devices(SENSORS), 1);
		assert_ok!(thaw(10, LORAWAN, 75 * GRM));
		assert_eq!(Stake::covered_devices(LORAWAN), 1);
		assert_eq!((Stake::total(GONE), Stake::covered_devices(GONE)), (Some(0), 0));
	});
}

#[test]
fn terms_of_the_moment_decide() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 100 * GRM)]).build_and_execute(|| {
		alter_network(LORAWAN, |network| network.terms.stake_per_device = 30 * GRM);
		assert_eq!((slots(10), Stake::covered_devices(LORAWAN)), (3, 3));
		alter_network(LORAWAN, |network| network.terms.stake_per_device = 101 * GRM);
		assert_eq!((slots(10), Stake::covered_devices(LORAWAN)), (0, 0));
		// What no terms have: nothing is divided by it.
		alter_network(LORAWAN, |network| network.terms.stake_per_device = 0);
		assert_eq!((slots(10), Stake::covered_devices(LORAWAN)), (0, 0));
	});
}

#[test]
fn network_that_is_gone_covers_nothing() {
	ExtBuilder::default().provisions(&[(10, LORAWAN, 100 * GRM)]).build_and_execute(|| {
		alter_network(LORAWAN, |network| network.is_unreadable = true);
		assert_eq!(Stake::covered_devices(LORAWAN), 0);
		NetworkMap::mutate(|networks| networks.remove(&LORAWAN));
		assert_eq!(Stake::covered_devices(LORAWAN), 0);
	});
}
