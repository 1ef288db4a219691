//! Folding work and paying devices.

use frame_support::{assert_noop, assert_ok};
use groma_core::{
	money::MILLI_GRM,
	units::{ONE, Units},
};
use groma_traits::{OpenWork, SupplyRewards};

use crate::{Error, Event, NetworkEpochs, Owed, PAYEES_PER_CLAIM, Waiting, mock::*};

fn anyone() -> RuntimeOrigin {
	RuntimeOrigin::signed(1)
}

#[test]
fn claim_pays_the_owner_when_anyone_triggers_it() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		pass_hours(18);
		assert_ok!(Rewards::claim(anyone(), 0));
		assert_eq!(balance(10), GENESIS + 30 * MILLI_GRM);
		System::assert_last_event(
			Event::Paid { device: 0, payee: 10, amount: 30 * MILLI_GRM }.into(),
		);
		assert_eq!(Works::get(0), None, "the work is folded");
	});
}

#[test]
fn claim_fails_when_the_epoch_is_not_closed() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		assert_noop!(Rewards::claim(anyone(), 0), Error::<Test>::NothingOwed);
		block_at(START_MS + 18 * HOUR_MS);
		assert_noop!(Rewards::claim(anyone(), 0), Error::<Test>::NothingOwed);
		block_at(START_MS + 18 * HOUR_MS + 6_000);
		assert_ok!(Rewards::claim(anyone(), 0));
		assert_noop!(Rewards::claim(anyone(), 0), Error::<Test>::NothingOwed);
	});
}

#[test]
fn claim_fails_when_no_one_signed_it() {
	ExtBuilder.build_and_execute(|| {
		let error = sp_runtime::DispatchError::BadOrigin;
		assert_noop!(Rewards::claim(RuntimeOrigin::none(), 0), error);
		assert_noop!(Rewards::claim_payee(RuntimeOrigin::none(), 0, 10), error);
		assert_noop!(
			Rewards::set_payout_split(RuntimeOrigin::none(), 0, Default::default()),
			error
		);
	});
}

#[test]
fn device_earns_its_cap_and_the_excess_is_burned() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 100);
		pass_hours(18);
		assert_ok!(Rewards::claim(anyone(), 0));
		assert_eq!(balance(10), GENESIS + DEVICE_CAP);
		assert_eq!(Forgone::get(), 1_000 * MILLI_GRM - DEVICE_CAP);
		assert_eq!(balance(pot()), EXISTENTIAL_DEPOSIT);
	});
}

#[test]
fn work_waits_when_it_is_folded_before_its_epoch_is_closed() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		block_at(START_MS + 18 * HOUR_MS);
		earn(0, 1);
		assert!(Waiting::<Test>::contains_key(0));
		assert_noop!(Rewards::claim(anyone(), 0), Error::<Test>::NothingOwed);

		block_at(START_MS + 18 * HOUR_MS + 6_000);
		check();
		pass_hours(24);
		earn(0, 1);
		assert!(!Waiting::<Test>::contains_key(0), "the next fold credits what waited");
		assert_eq!(Owed::<Test>::get(0, 10), Some(40 * MILLI_GRM));
	});
}

#[test]
fn late_work_is_paid_at_the_rate_of_its_own_epoch() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		earn(1, 1);
		pass_hours(18);
		set_unit_cap(MILLI_GRM);
		earn(1, 5);
		pass_hours(24);
		assert_ok!(Rewards::claim(anyone(), 0));
		assert_ok!(Rewards::claim(anyone(), 1));
		assert_eq!(balance(10), GENESIS + 30 * MILLI_GRM);
		assert_eq!(balance(11), GENESIS + 15 * MILLI_GRM);
	});
}

#[test]
fn former_owner_is_paid_for_the_epoch_of_the_transfer() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 2);
		set_owner(0, 15);
		earn(0, 1);
		pass_hours(18);
		earn(0, 1);
		pass_hours(24);
		assert_ok!(Rewards::claim(anyone(), 0));
		assert_eq!(balance(10), GENESIS + 30 * MILLI_GRM);
		assert_eq!(balance(15), GENESIS + 10 * MILLI_GRM);
	});
}

#[test]
fn amount_below_the_existential_deposit_stays_owed_when_the_account_is_missing() {
	ExtBuilder.build_and_execute(|| {
		set_owner(0, 777);
		set_unit_cap(MILLI_GRM);
		earn(0, 6);
		pass_hours(18);
		assert_noop!(Rewards::claim(anyone(), 0), Error::<Test>::PayeeCannotReceive);
		earn(0, 6);
		pass_hours(24);
		assert_ok!(Rewards::claim(anyone(), 0));
		assert_eq!(balance(777), 12 * MILLI_GRM);
	});
}

#[test]
fn claim_passes_over_a_payee_who_cannot_receive() {
	ExtBuilder.build_and_execute(|| {
		set_unit_cap(MILLI_GRM);
		set_owner(0, 777);
		earn(0, 2);
		pass_hours(18);
		set_owner(0, 10);
		earn(0, 2);
		pass_hours(24);
		assert_ok!(Rewards::claim(anyone(), 0));
		assert_eq!(balance(10), GENESIS + 2 * MILLI_GRM);
		assert_eq!(Owed::<Test>::get(0, 777), Some(2 * MILLI_GRM));
	});
}

#[test]
fn every_payee_can_be_paid_when_more_are_owed_than_one_claim_serves() {
	ExtBuilder.build_and_execute(|| {
		set_unit_cap(MILLI_GRM);
		let missing = 5_000..5_000 + AccountId::from(PAYEES_PER_CLAIM);
		for owner in missing.chain([10]) {
			set_owner(0, owner);
			earn(0, 1);
			pass_hours(24);
		}
		let _ = Rewards::claim(anyone(), 0);
		assert_noop!(Rewards::claim_payee(anyone(), 0, 5_000), Error::<Test>::PayeeCannotReceive);
		assert_noop!(Rewards::claim_payee(anyone(), 0, 11), Error::<Test>::NothingOwed);
		if Owed::<Test>::contains_key(0, 10) {
			assert_ok!(Rewards::claim_payee(anyone(), 0, 10));
		}
		assert_eq!(balance(10), GENESIS + MILLI_GRM);
	});
}

#[test]
fn claim_is_charged_for_the_payees_it_served() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 1);
		pass_hours(18);
		let post = Rewards::claim(anyone(), 0).expect("owed");
		let one = <() as crate::WeightInfo>::claim(1);
		assert!(post.actual_weight.is_some_and(|weight| weight.all_gte(one)));
		let all = <() as crate::WeightInfo>::claim(PAYEES_PER_CLAIM);
		assert!(post.actual_weight.is_some_and(|weight| weight.all_lt(all)));
	});
}

#[test]
fn last_fold_leaves_no_dust() {
	ExtBuilder.build_and_execute(|| {
		set_unit_cap(7);
		for device in 0..3 {
			earn_in(LORAWAN, device, Units(ONE / 3));
		}
		pass_hours(18);
		assert_eq!(NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("kept").unfolded, 6);
		for device in 0..3 {
			assert_ok!(Rewards::claim(anyone(), device));
			assert_eq!(balance(10 + u64::from(device)), GENESIS + 2);
		}
		assert_eq!(NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("kept").unfolded, 0);
	});
}

#[test]
fn work_without_units_is_owed_nothing() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 0);
		block_at(START_MS + 18 * HOUR_MS);
		earn(0, 0);
		assert!(!Waiting::<Test>::contains_key(0));
		block_at(START_MS + 18 * HOUR_MS + 6_000);
		pass_hours(24);
		assert_noop!(Rewards::claim(anyone(), 0), Error::<Test>::NothingOwed);
		assert_eq!(NetworkEpochs::<Test>::iter().count(), 0);
	});
}

#[test]
fn work_is_owed_no_more_than_its_epoch_had() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 1);
		pass_hours(18);
		Rewards::begin(5, LORAWAN, &10);
		Rewards::fold(5, OpenWork::new(FIRST_EPOCH, Units(u64::MAX)));
		assert_eq!(Owed::<Test>::get(5, 10), Some(10 * MILLI_GRM));
		assert_ok!(Rewards::claim_payee(anyone(), 5, 10));
	});
}
