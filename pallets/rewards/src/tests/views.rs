//! Answers to the runtime API.

use frame_support::assert_ok;
use groma_core::{
	money::{GRM, MILLI_GRM},
	units::{ONE, Units},
};
use groma_fakes::LeastStake;

use crate::mock::*;

#[test]
fn rewards_info_shows_what_a_claim_will_pay() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		let info = Rewards::rewards_info(0);
		assert_eq!((info.open_units, info.open_epoch), (Units(3 * ONE), Some(FIRST_EPOCH)));
		assert_eq!(info.owed, vec![]);
		assert_eq!(info.epoch_cap, DEVICE_CAP);

		block_at(START_MS + 18 * HOUR_MS);
		earn(0, 2);
		assert_eq!(Rewards::rewards_info(0).open_units, Units(2 * ONE));
		block_at(START_MS + 18 * HOUR_MS + 6_000);
		let info = Rewards::rewards_info(0);
		assert_eq!(info.owed, vec![(10, 30 * MILLI_GRM)]);
		assert_eq!(info.open_epoch, Some(FIRST_EPOCH + 1));

		assert_ok!(Rewards::claim(RuntimeOrigin::signed(1), 0));
		assert_eq!(balance(10), GENESIS + 30 * MILLI_GRM);
		assert_eq!(Rewards::rewards_info(0).owed, vec![]);
	});
}

#[test]
fn network_epoch_shows_how_an_epoch_was_settled() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		assert_eq!(Rewards::open_units(LORAWAN), Units(3 * ONE));
		assert_eq!(Rewards::last_network_epoch(LORAWAN), None);
		pass_hours(18);
		assert_eq!(Rewards::open_units(LORAWAN), Units::ZERO);
		let info = Rewards::network_epoch(LORAWAN, FIRST_EPOCH).expect("had work");
		assert_eq!((info.units, info.per_unit), (Units(3 * ONE), 10 * MILLI_GRM));
		assert_eq!(info.device_cap, DEVICE_CAP);
		assert_eq!(Rewards::last_network_epoch(LORAWAN), Some(info));
	});
}

#[test]
fn cap_of_an_epoch_follows_the_least_stake_that_was_in_force_in_it() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		LeastStake::set(&Some(25 * GRM));
		assert_eq!(Rewards::rewards_info(0).epoch_cap, DEVICE_CAP / 2);
		pass_hours(18);
		let info = Rewards::network_epoch(LORAWAN, FIRST_EPOCH).expect("had work");
		assert_eq!(info.device_cap, DEVICE_CAP / 2);
		LeastStake::set(&None);
		assert_eq!(Rewards::rewards_info(0).epoch_cap, DEVICE_CAP);
		earn(0, 3);
		pass_hours(24);
		let info = Rewards::network_epoch(LORAWAN, FIRST_EPOCH + 1).expect("had work");
		assert_eq!(info.device_cap, DEVICE_CAP);
	});
}

#[test]
fn unknown_device_has_earned_nothing() {
	ExtBuilder.build_and_execute(|| {
		let info = Rewards::rewards_info(4_000);
		assert_eq!((info.owed.len(), info.open_epoch, info.epoch_cap), (0, None, 0));
	});
}
