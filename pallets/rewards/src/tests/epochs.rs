//! The clock, and closing epochs.

use frame_support::traits::Hooks;
use groma_core::{
	emission,
	money::{GRM, MILLI_GRM},
	units::{ONE, Scale, Units},
};
use groma_traits::CoverageRewards;

use crate::{
	Clock, EmissionSplit, Event, LastEpochs, Minted, NetworkEpochs, OpenUnits, RewardClock, Shares,
	Unminted, mock::*,
};

fn epoch() -> Option<u32> {
	<Rewards as CoverageRewards<AccountId>>::epoch()
}

#[test]
fn clock_starts_with_the_first_timestamp() {
	ExtBuilder::default().build().execute_with(|| {
		Rewards::on_initialize(1);
		assert_eq!(epoch(), None);
		assert_eq!(Clock::<Test>::get(), None);

		block_at(START_MS);
		assert_eq!(epoch(), Some(FIRST_EPOCH));
		block_at(START_MS + 6_000);
		let clock = Clock::<Test>::get().expect("started");
		assert_eq!((clock.started_ms, clock.open), (START_MS, FIRST_EPOCH));
	});
}

#[test]
fn first_epoch_counts_by_its_share() {
	ExtBuilder::default().build_and_execute(|| {
		pass_hours(17);
		assert_eq!(Unminted::<Test>::get() + Minted::<Test>::get(), 0);
		pass_hours(1);
		let emitted = emission::cumulative(18 * HOUR_MS);
		assert_eq!(Unminted::<Test>::get() + Minted::<Test>::get(), emitted);
		assert_eq!(emitted, 800_000_000 * GRM * 18 / (1_460 * 24));
	});
}

#[test]
fn epoch_is_closed_in_the_second_block_of_the_next() {
	ExtBuilder::default().build_and_execute(|| {
		block_at(START_MS + 18 * HOUR_MS);
		assert_eq!(epoch(), Some(FIRST_EPOCH + 1));
		assert!(!Clock::<Test>::get().expect("started").is_closed(FIRST_EPOCH));
		block_at(START_MS + 18 * HOUR_MS + 6_000);
		assert!(Clock::<Test>::get().expect("started").is_closed(FIRST_EPOCH));
	});
}

#[test]
fn only_the_treasury_is_paid_when_nobody_works() {
	ExtBuilder::default().build_and_execute(|| {
		pass_hours(18);
		let emitted = emission::cumulative(18 * HOUR_MS);
		let treasury = Scale::from_percent(8).of(emitted);
		assert_eq!(balance(TREASURY), treasury - EXISTENTIAL_DEPOSIT);
		assert_eq!(balance(Rewards::pot()), EXISTENTIAL_DEPOSIT);
		assert_eq!(Unminted::<Test>::get(), emitted - treasury);

		pass_hours(24);
		assert_eq!(balance(Rewards::pot()), EXISTENTIAL_DEPOSIT, "the pot is endowed once");
	});
}

#[test]
fn silent_epochs_go_to_unminted_in_one_step() {
	ExtBuilder::default().build_and_execute(|| {
		earn(0, 1);
		pass_hours(30 * 24);
		let clock = Clock::<Test>::get().expect("started");
		assert_eq!(clock.open, FIRST_EPOCH + 30);
		let unminted = emission::between(18 * HOUR_MS, (29 * 24 + 18) * HOUR_MS);
		let silence =
			Event::SilencePassed { from: FIRST_EPOCH + 1, until: FIRST_EPOCH + 30, unminted };
		System::assert_has_event(silence.into());
		assert!(NetworkEpochs::<Test>::contains_key(LORAWAN, FIRST_EPOCH));
	});
}

#[test]
fn nothing_is_minted_for_anyone_when_the_treasury_cannot_endow_the_pot() {
	ExtBuilder::default().build_and_execute(|| {
		let shares = Shares {
			validators: Scale::ZERO,
			treasury: Scale::ZERO,
			collectors: Scale::ZERO,
			coverage: Scale::ONE,
			demand: Scale::ZERO,
		};
		Split::set(&EmissionSplit::new(shares).expect("the sum is 100 %"));
		earn(0, 1);
		pass_hours(18);
		assert_eq!(Minted::<Test>::get(), 0);
		assert_eq!(NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("kept").per_unit, 0);
	});
}

#[test]
fn networks_share_the_pool_by_weight_and_never_exceed_it() {
	ExtBuilder::default().build_and_execute(|| {
		OtherWeight::set(&Scale::from_percent(50));
		UnitCap::set(&(1_000_000 * GRM));
		earn(0, 1);
		earn_in(OTHER, 1, Units(ONE));
		pass_hours(18);
		let pool = Scale::from_percent(25).of(emission::cumulative(18 * HOUR_MS));
		let lorawan = NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("had work");
		assert_eq!(lorawan.pool, pool);
		let other = NetworkEpochs::<Test>::get(OTHER, FIRST_EPOCH).expect("had work");
		assert_eq!((other.pool, other.unfolded), (0, 0), "the first network took the whole");
	});
}

#[test]
fn record_is_kept_only_for_networks_with_work() {
	ExtBuilder::default().build_and_execute(|| {
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
	ExtBuilder::default().build_and_execute(|| {
		earn(0, 3);
		pass_hours(18);
		let settled = NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("had work");
		assert_eq!(settled.per_unit, 10 * MILLI_GRM);
		assert_eq!(settled.unfolded, 30 * MILLI_GRM);
	});
}

#[test]
fn units_share_the_pool_when_it_is_small() {
	ExtBuilder::default().build_and_execute(|| {
		earn(0, 1_000_000_000);
		pass_hours(18);
		let settled = NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("had work");
		assert_eq!(settled.per_unit, settled.pool / 1_000_000_000);
		assert!(settled.unfolded <= settled.pool);
	});
}

#[test]
fn coverage_pool_halves_every_365_days() {
	let clock = RewardClock::start(START_MS, DAY_MS);
	let day = |days: u32| clock.coverage_halvings(FIRST_EPOCH + days);
	assert_eq!((day(0), day(365), day(366), day(730), day(731)), (0, 0, 1, 1, 2));
}

#[test]
fn epoch_length_stays_what_it_was_when_the_parameter_changes() {
	ExtBuilder::default().build_and_execute(|| {
		block_at(START_MS + 6_000);
		EpochLengthMs::set(&HOUR_MS);
		assert_eq!(epoch(), Some(FIRST_EPOCH));
		pass_hours(18);
		assert_eq!(epoch(), Some(FIRST_EPOCH + 1));
	});
}

#[test]
fn closing_weighs_more_than_an_idle_block() {
	ExtBuilder::default().build_and_execute(|| {
		block_at(START_MS + 6_000);
		let idle = block_at(START_MS + 18 * HOUR_MS);
		let closing = block_at(START_MS + 18 * HOUR_MS + 6_000);
		assert!(closing.all_gt(idle), "{closing} {idle}");
	});
}

#[test]
fn split_is_refused_when_it_does_not_sum_to_the_whole() {
	use codec::{Decode, Encode};
	let mut shares = EmissionSplit::default().shares();
	assert!(EmissionSplit::decode(&mut &shares.encode()[..]).is_ok());
	shares.demand = Scale::from_billionths(499_999_999);
	assert_eq!(EmissionSplit::new(shares), None);
	assert!(EmissionSplit::decode(&mut &shares.encode()[..]).is_err());
	let json = serde_json::to_string(&shares).expect("shares are serializable");
	assert!(serde_json::from_str::<EmissionSplit>(&json).is_err());
}
