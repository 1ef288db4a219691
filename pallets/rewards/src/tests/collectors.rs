//! Rewards of collectors.

use frame_support::{assert_noop, assert_ok};
use groma_core::{emission, money::MILLI_GRM};
use groma_traits::Collectors as _;

use crate::{CollectorEpochs, Collectors, Error, OpenStatements, mock::*};

const CAP: u128 = MILLI_GRM;

fn claim(collector: AccountId) -> frame_support::dispatch::DispatchResult {
	Rewards::claim_collected(RuntimeOrigin::signed(1), collector)
}

#[test]
fn statement_earns_its_cap_when_the_pool_is_large() {
	ExtBuilder::default().build_and_execute(|| {
		Rewards::note(&10, 3);
		Rewards::note(&11, 2);
		Rewards::note(&10, 1);
		pass_hours(18);
		assert_eq!(Rewards::collector_owed(&10), 4 * CAP);
		assert_ok!(claim(10));
		assert_ok!(claim(11));
		assert_eq!(balance(10), GENESIS + 4 * CAP);
		assert_eq!(balance(11), GENESIS + 2 * CAP);
		assert_eq!(CollectorEpochs::<Test>::iter().count(), 0, "all statements are credited");
		assert!(!Collectors::<Test>::contains_key(10));
	});
}

#[test]
fn statements_share_the_pool_when_it_is_small() {
	ExtBuilder::default().build_and_execute(|| {
		let statements = 4_000_000_000;
		Rewards::note(&10, statements);
		pass_hours(18);
		let pool = COLLECTORS_SHARE.of(emission::cumulative(18 * HOUR_MS));
		let per_statement = pool / u128::from(statements);
		assert!(per_statement < CAP);
		assert_eq!(Rewards::collector_owed(&10), per_statement * u128::from(statements));
	});
}

#[test]
fn claim_fails_when_nothing_is_owed() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(claim(10), Error::<Test>::NothingOwed);
		Rewards::note(&10, 1);
		assert_noop!(claim(10), Error::<Test>::NothingOwed);
		Rewards::note(&11, 0);
		assert!(!Collectors::<Test>::contains_key(11));
	});
}

#[test]
fn amount_stays_owed_when_the_collector_cannot_receive() {
	ExtBuilder::default().build_and_execute(|| {
		Rewards::note(&777, 1);
		pass_hours(18);
		assert_noop!(claim(777), Error::<Test>::PayeeCannotReceive);
		Rewards::note(&777, 9);
		pass_hours(24);
		assert_ok!(claim(777));
		assert_eq!(balance(777), 10 * CAP);
	});
}

#[test]
fn statements_of_two_open_epochs_are_counted_apart() {
	ExtBuilder::default().build_and_execute(|| {
		Rewards::note(&10, 2);
		block_at(START_MS + 18 * HOUR_MS);
		Rewards::note(&10, 5);
		check();
		assert_eq!(OpenStatements::<Test>::get(FIRST_EPOCH), 2);
		assert_eq!(OpenStatements::<Test>::get(FIRST_EPOCH + 1), 5);

		block_at(START_MS + 18 * HOUR_MS + 6_000);
		assert_ok!(claim(10));
		assert_eq!(balance(10), GENESIS + 2 * CAP);
		pass_hours(24);
		Rewards::note(&10, 1);
		assert_eq!(Rewards::collector_owed(&10), 5 * CAP);
	});
}
