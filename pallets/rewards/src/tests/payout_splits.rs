//! Payout splits.

use frame_support::{assert_noop, assert_ok};
use groma_core::{money::MILLI_GRM, units::Scale};
use groma_traits::DeviceFollowers;
use proptest::prelude::*;

use crate::{
	Error, Owed, PAYEES_PER_CLAIM, PAYOUT_SHARES_MAX, Payees, PayoutShare, PayoutShares,
	PayoutSplit, Splits, mock::*,
};

fn shares(parts: &[(AccountId, u32)]) -> PayoutShares<AccountId> {
	let parts: Vec<_> = parts
		.iter()
		.map(|(account, percent)| PayoutShare {
			account: *account,
			share: Scale::from_percent(*percent),
		})
		.collect();
	PayoutShares::try_from(parts).expect("few shares")
}

fn set(
	who: AccountId,
	device: u32,
	parts: &[(AccountId, u32)],
) -> Result<(), sp_runtime::DispatchError> {
	Rewards::set_payout_split(RuntimeOrigin::signed(who), device, shares(parts))
}

fn claim(device: u32) -> bool {
	Rewards::claim(RuntimeOrigin::signed(1), device).is_ok()
}

#[test]
fn claim_pays_by_the_split_of_the_payee() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set(10, 0, &[(11, 30), (12, 70)]));
		earn(0, 10);
		pass_hours(18);
		assert!(claim(0));
		assert_eq!(balance(10), GENESIS);
		assert_eq!(balance(11), GENESIS + 30 * MILLI_GRM);
		assert_eq!(balance(12), GENESIS + 70 * MILLI_GRM);
	});
}

#[test]
fn split_is_removed_when_no_shares_are_given() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set(10, 0, &[(11, 100)]));
		set_owner(0, 15);
		assert_ok!(set(10, 0, &[]));
		assert_eq!(Splits::<Test>::get(0, 10), None);
	});
}

#[test]
fn nothing_is_said_about_a_device_by_who_never_was_its_payee() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(set(11, 0, &[]), Error::<Test>::NotPayee);
		assert_noop!(set(10, 99, &[]), Error::<Test>::NotPayee);
		// The owner may, though there is no split to remove.
		assert_ok!(set(10, 0, &[]));
	});
}

#[test]
fn split_is_refused_when_it_is_invalid() {
	ExtBuilder.build_and_execute(|| {
		let bad: [&[(AccountId, u32)]; 5] = [
			&[(11, 99)],
			&[(11, 50), (12, 51)],
			&[(11, 100), (12, 0)],
			&[(11, 50), (11, 50)],
			&[(11, 100), (12, 100)],
		];
		for parts in bad {
			assert_noop!(set(10, 0, parts), Error::<Test>::InvalidPayoutSplit);
		}
	});
}

#[test]
fn split_is_refused_when_the_caller_is_no_payee() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(set(11, 0, &[(11, 100)]), Error::<Test>::NotPayee);
		assert_noop!(set(10, 99, &[(11, 100)]), Error::<Test>::NotPayee);
	});
}

#[test]
fn all_waits_when_one_account_of_the_split_cannot_receive() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set(10, 0, &[(11, 95), (777, 5)]));
		earn(0, 10);
		pass_hours(18);
		assert!(!claim(0));
		assert_eq!(balance(11), GENESIS);
		earn(0, 10);
		pass_hours(24);
		assert!(claim(0));
		assert_eq!(balance(777), EXISTENTIAL_DEPOSIT);
	});
}

#[test]
fn split_of_a_former_owner_lasts_until_all_is_paid() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set(10, 0, &[(11, 100)]));
		earn(0, 1);
		pass_hours(18);
		earn(0, 2);
		set_owner(0, 15);
		assert!(claim(0));
		assert!(Splits::<Test>::contains_key(0, 10), "the open epoch is still the former owner's");
		pass_hours(24);
		assert!(claim(0));
		assert!(!Splits::<Test>::contains_key(0, 10));
		assert_eq!(balance(11), GENESIS + 30 * MILLI_GRM);
	});
}

#[test]
fn former_owner_may_set_a_split_while_it_is_owed() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 1);
		pass_hours(18);
		set_owner(0, 15);
		earn(0, 1);
		assert!(Owed::<Test>::contains_key(0, 10));
		assert_ok!(set(10, 0, &[(11, 100)]));
		assert!(claim(0));
		assert_noop!(set(10, 0, &[(11, 100)]), Error::<Test>::NotPayee);
	});
}

#[test]
fn splits_of_who_is_owed_nothing_go_with_the_device() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set(10, 0, &[(11, 100)]));
		set_owner(0, 15);
		assert_ok!(set(15, 0, &[(12, 100)]));
		earn(0, 1);
		pass_hours(18);
		earn(0, 1);
		pass_hours(24);
		hand_over(0);
		DeviceViews::remove(0);
		assert!(Rewards::let_go(0));
		assert!(!Payees::<Test>::contains_key(0));
		assert_eq!(Splits::<Test>::iter_key_prefix(0).collect::<Vec<_>>(), vec![15]);
		// What is owed is paid as its payee wanted it, and the last split goes with it.
		assert!(claim(0));
		assert_eq!(balance(12), GENESIS + 20 * MILLI_GRM);
		assert_eq!(Splits::<Test>::iter().count(), 0);
	});
}

#[test]
fn device_is_not_let_go_while_work_waits_for_its_epoch_to_close() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(set(10, 0, &[(11, 100)]));
		earn(0, 1);
		block_at(START_MS + 18 * HOUR_MS);
		earn(0, 1);
		assert!(!Rewards::let_go(0));
		block_at(START_MS + 18 * HOUR_MS + 6_000);
		assert!(Rewards::let_go(0));
		assert_eq!(Owed::<Test>::get(0, 10), Some(10 * MILLI_GRM));
	});
}

#[test]
fn device_is_let_go_in_steps_when_it_has_many_splits() {
	ExtBuilder.build_and_execute(|| {
		for owner in 100..100 + u64::from(PAYEES_PER_CLAIM) + 1 {
			set_owner(0, owner);
			assert_ok!(set(owner, 0, &[(11, 100)]));
		}
		assert!(!Rewards::let_go(0));
		assert_eq!(Splits::<Test>::iter().count(), 1);
		assert!(Rewards::let_go(0));
		assert_eq!(Splits::<Test>::iter().count(), 0);
		assert!(Rewards::let_go(0));
	});
}

proptest! {
	#[test]
	fn parts_sum_to_the_amount_and_round_down(
		amount in 0u128..=1_000_000_000_000_000_000_000,
		cuts in proptest::collection::btree_set(1u32..1_000_000_000, 0..PAYOUT_SHARES_MAX as usize),
	) {
		let ends = cuts.iter().copied().chain([1_000_000_000]);
		let starts = [0].into_iter().chain(cuts.iter().copied());
		let parts: Vec<_> = starts
			.zip(ends)
			.zip(0u64..)
			.map(|((start, end), account)| PayoutShare {
				account,
				share: Scale::from_billionths(end - start),
			})
			.collect();
		let split = PayoutSplit::new(PayoutShares::try_from(parts.clone()).expect("few"))
			.expect("the shares sum to the whole");
		let divided = split.divide(amount);
		prop_assert_eq!(divided.iter().map(|(_, part)| part).sum::<u128>(), amount);
		for (part, (_, paid)) in parts.iter().zip(&divided).skip(1) {
			prop_assert_eq!(part.share.of(amount), *paid);
		}
		let first = parts[0].share.of(amount);
		prop_assert!(divided[0].1 - first < u128::from(PAYOUT_SHARES_MAX));
	}
}
