//! JoinEUIs that payers share, and squatters.

use frame_support::{assert_noop, assert_ok};
use groma_core::{
	money::Balance,
	protocol::{JOIN_EUIS_PER_PAYER_MAX, PAYERS_PER_JOIN_EUI_MAX},
};
use proptest::prelude::*;
use sp_runtime::{DispatchError, TokenError};

use crate::{Error, Event, JoinEuis, mock::*};

#[test]
fn payer_claims_and_releases_a_join_eui() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(claim(PAYER, 7));
		let (payer, join_eui, deposit) = (PAYER, join_eui(7), JOIN_EUI_DEPOSIT);
		let claimed = Event::JoinEuiClaimed { payer, join_eui, deposit, version: 1 };
		System::assert_last_event(claimed.into());
		assert_noop!(claim(PAYER, 7), Error::<Test>::AlreadyClaimed);
		assert_noop!(release(STRANGER, 7), Error::<Test>::NotClaimed);
		assert_ok!(release(PAYER, 7));
		let released = Event::JoinEuiReleased { payer, join_eui, version: 2 };
		System::assert_last_event(released.into());
		assert_eq!(free(PAYER), GENESIS);
		assert!(!JoinEuis::<Test>::contains_key(join_eui));
		assert_noop!(release(PAYER, 7), Error::<Test>::NotClaimed);
	});
}

#[test]
fn deposit_doubles_with_each_payer_and_comes_back_as_it_was_paid() {
	ExtBuilder::default().build_and_execute(|| {
		let payers: Vec<AccountId> = ACCOUNTS.take(PAYERS_PER_JOIN_EUI_MAX as usize).collect();
		for (n, payer) in payers.iter().enumerate() {
			assert_ok!(claim(*payer, 0));
			assert_eq!(free(*payer), GENESIS - JOIN_EUI_DEPOSIT * (1 << n));
		}
		// The first goes; who comes then is the eighth again.
		assert_ok!(release(payers[0], 0));
		assert_ok!(claim(payers[0], 0));
		assert_eq!(free(payers[0]), GENESIS - JOIN_EUI_DEPOSIT * 128);
		for payer in payers {
			assert_ok!(release(payer, 0));
			assert_eq!(free(payer), GENESIS);
		}
	});
}

#[test]
fn join_eui_full_of_squatters_is_cleared_by_governance() {
	ExtBuilder::default().build_and_execute(|| {
		let squatters: Vec<AccountId> = (20..28).collect();
		for squatter in &squatters {
			assert_ok!(claim(*squatter, 0));
		}
		let paid: Balance = squatters.iter().map(|squatter| GENESIS - free(*squatter)).sum();
		assert_eq!(paid, 255 * JOIN_EUI_DEPOSIT, "to keep others out has a price");
		assert_noop!(claim(PAYER, 0), Error::<Test>::JoinEuiFull);
		assert_eq!(free(PAYER), GENESIS);

		let force = |origin| Routes::force_release_join_eui(origin, 27, join_eui(0));
		assert_noop!(force(RuntimeOrigin::signed(PAYER)), DispatchError::BadOrigin);
		assert_ok!(force(RuntimeOrigin::root()));
		assert_noop!(force(RuntimeOrigin::root()), Error::<Test>::NotClaimed);
		assert_eq!(free(27), GENESIS, "its deposit is back");
		assert_ok!(claim(PAYER, 0));
		// Others are not touched, and another JoinEUI is not more expensive by it.
		assert_eq!(free(26), GENESIS - 64 * JOIN_EUI_DEPOSIT);
		assert_ok!(claim(STRANGER, 1));
		assert_eq!(free(STRANGER), GENESIS - JOIN_EUI_DEPOSIT);
	});
}

#[test]
fn join_euis_of_a_payer_are_bounded() {
	ExtBuilder::default().build_and_execute(|| {
		for number in 0..u64::from(JOIN_EUIS_PER_PAYER_MAX) {
			assert_ok!(claim(PAYER, number));
		}
		assert_noop!(claim(PAYER, 1_000), Error::<Test>::TooManyJoinEuis);
		assert_ok!(release(PAYER, 5));
		assert_ok!(claim(PAYER, 1_000));
	});
}

#[test]
fn payer_without_the_deposit_claims_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(claim(99, 0), TokenError::FundsUnavailable);
		assert!(!JoinEuis::<Test>::contains_key(join_eui(0)));
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(128))]

	/// Claims and releases in any order: what is on hold is what was paid, and all comes back.
	#[test]
	fn deposits_are_conserved(
		actions in proptest::collection::vec((0u8..4, ACCOUNTS, 0u64..3), 1..150),
	) {
		ExtBuilder::default().build().execute_with(|| {
			for (action, payer, number) in actions {
				// Most releases fail, and some claims, which changes nothing.
				let _ = match action {
					0 => release(payer, number),
					1 => {
						let root = RuntimeOrigin::root();
						Routes::force_release_join_eui(root, payer, join_eui(number))
					}
					_ => claim(payer, number),
				};
				check();
			}
			for payer in ACCOUNTS {
				for number in 0..3 {
					let _ = release(payer, number);
				}
				assert_eq!(free(payer), GENESIS);
			}
		});
	}
}
