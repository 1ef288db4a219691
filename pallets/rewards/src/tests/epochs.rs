//! Settling the work of an epoch.

use groma_core::{
	emission,
	money::{GRM, MILLI_GRM},
	units::{ONE, Scale, Units},
};

use crate::{LastEpochs, NetworkEpochs, OpenUnits, mock::*};

#[test]
fn networks_share_the_pool_by_weight_and_never_exceed_it() {
	ExtBuilder.build_and_execute(|| {
		set_other_weight(50);
		set_unit_cap(1_000_000 * GRM);
		earn(0, 1);
		earn_in(OTHER, 1, Units(ONE));
		pass_hours(18);
		let pool = SUPPLY_SHARE.of(emission::cumulative(18 * HOUR_MS));
		let lorawan = NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("had work");
		assert_eq!(lorawan.pool, pool);
		let other = NetworkEpochs::<Test>::get(OTHER, FIRST_EPOCH).expect("had work");
		assert_eq!((other.pool, other.unfolded), (0, 0), "the first network took the whole");
	});
}

#[test]
fn record_is_kept_only_for_networks_with_work() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		pass_hours(18);
		assert_eq!(NetworkEpochs::<Test>::iter().count(), 1);
		assert_eq!(LastEpochs::<Test>::get(LORAWAN), Some(FIRST_EPOCH));
		assert_eq!(LastEpochs::<Test>::get(OTHER), None);
		assert_eq!(OpenUnits::<Test>::iter().count(), 0);
	});
}

#[test]
fn unit_earns_its_cap_when_the_pool_is_large() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		pass_hours(18);
		let settled = NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("had work");
		assert_eq!(settled.per_unit, 10 * MILLI_GRM);
		assert_eq!(settled.unfolded, 30 * MILLI_GRM);
	});
}

#[test]
fn units_share_the_pool_when_it_is_small() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 1_000_000_000);
		pass_hours(18);
		let settled = NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("had work");
		assert_eq!(settled.per_unit, settled.pool / 1_000_000_000);
		assert!(settled.unfolded <= settled.pool);
	});
}

#[test]
fn units_earn_nothing_when_the_pool_is_empty() {
	ExtBuilder.build_and_execute(|| {
		SupplyShare::set(&Scale::ZERO);
		earn(0, 1);
		pass_hours(18);
		assert_eq!(NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("kept").per_unit, 0);
		assert_eq!(Minted::get(), 0);
	});
}

#[test]
fn pool_halves_every_365_days() {
	let pool_after = |days: u64| groma_core::settlement::halved(1_000, days * DAY_MS);
	assert_eq!([0, 364, 365, 729, 730].map(pool_after), [1_000, 1_000, 500, 500, 250]);
	assert_eq!(groma_core::settlement::halved(u128::MAX, u64::MAX), 0);
}

/// Lets both networks work in the epoch that begins this many days after the first, and returns
/// what the schedule kept for supply in it, and the pools of both.
fn pools_of(day: u32) -> [u128; 3] {
	let epoch = FIRST_EPOCH + day;
	block_at(u64::from(epoch) * DAY_MS);
	block_at(u64::from(epoch) * DAY_MS + 6_000);
	earn(0, 1);
	earn_in(OTHER, 1, Units(ONE));
	pass_hours(24);
	let pool = |network| NetworkEpochs::<Test>::get(network, epoch).expect("had work").pool;
	[SUPPLY_SHARE.of(emitted(epoch)), pool(LORAWAN), pool(OTHER)]
}

#[test]
fn pool_of_a_network_of_genesis_halves_by_the_age_of_the_chain() {
	ExtBuilder.build_and_execute(|| {
		for (day, halvings) in [(1, 0), (364, 0), (365, 0), (366, 1), (730, 1), (731, 2)] {
			let [supply, lorawan, _] = pools_of(day);
			assert_eq!(lorawan, supply >> halvings, "day {day}");
		}
	});
}

#[test]
fn network_founded_later_begins_with_an_unhalved_pool() {
	ExtBuilder.build_and_execute(|| {
		set_other_weight(50);
		let founded_ms = u64::from(FIRST_EPOCH + 400) * DAY_MS;
		alter_network(OTHER, |network| network.founded_ms = founded_ms);
		for (day, of_lorawan, of_other) in
			[(400, 1, 0), (764, 2, 0), (765, 2, 1), (1_129, 3, 1), (1_130, 3, 2)]
		{
			let [supply, lorawan, other] = pools_of(day);
			assert_eq!(lorawan, supply >> of_lorawan, "day {day}");
			assert_eq!(other, Scale::from_percent(50).of(supply >> of_other), "day {day}");
		}
	});
}

#[test]
fn units_of_a_network_wait_while_its_terms_cannot_be_read() {
	ExtBuilder.build_and_execute(|| {
		let read = |is_unreadable| {
			alter_network(LORAWAN, |network| network.is_unreadable = is_unreadable);
		};
		earn(0, 3);
		read(true);
		pass_hours(18);
		hand_over(0);
		assert_eq!(NetworkEpochs::<Test>::iter().count(), 0);
		assert_eq!(OpenUnits::<Test>::get(FIRST_EPOCH, LORAWAN), Some(Units(3 * ONE)));
		let claim = || Rewards::claim(RuntimeOrigin::signed(1), 0);
		assert!(claim().is_err(), "nothing is owed yet");
		pass_hours(48);
		assert_eq!(OpenUnits::<Test>::get(FIRST_EPOCH, LORAWAN), Some(Units(3 * ONE)));

		read(false);
		earn(0, 1);
		earn(1, 2);
		pass_hours(24);
		let settled = |epoch| NetworkEpochs::<Test>::get(LORAWAN, epoch).expect("had work");
		assert_eq!(settled(FIRST_EPOCH).units, Units(3 * ONE));
		assert_eq!(settled(FIRST_EPOCH + 3).units, Units(3 * ONE));
		assert_eq!(settled(FIRST_EPOCH).pool, settled(FIRST_EPOCH + 3).pool);
		assert_eq!(OpenUnits::<Test>::iter().count(), 0);
		assert!(claim().is_ok());
	});
}
