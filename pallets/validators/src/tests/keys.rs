//! What stays true of the set when keys change.

use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use pallet_session::{HoldReason, KeyOwner, NextKeys};
use sp_runtime::{key_types::DUMMY, testing::UintAuthorityId};

use crate::{Error, mock::*};

const MEMBERS: [AccountId; 4] = [1, 2, 3, 4];

/// A chain of four validators, between two changes of the session.
fn run(test: impl FnOnce()) {
	run_with(4, || {
		pass_sessions(1);
		test();
		assert_eq!(Session::validators(), MEMBERS);
	});
}

fn offend(validator: AccountId) {
	assert_ok!(report((validator, Session::current_index())));
}

fn deposit_of(account: AccountId) -> u128 {
	Balances::balance_on_hold(&HoldReason::Keys.into(), &account)
}

#[test]
fn set_is_that_of_genesis_as_long_as_there_are_no_other_candidates() {
	run(|| {
		pass_eras(3);
		assert_eq!(Session::validators(), MEMBERS);
	});
}

#[test]
fn disabled_validator_stays_disabled_when_it_changes_its_keys() {
	run(|| {
		offend(2);
		assert_eq!(disabled(), [2]);
		set_key(2, 102);
		pass_sessions(1);
		assert_eq!(disabled(), [2]);
		pass_sessions(3);
		assert_eq!(Session::queued_keys()[1], (2, UintAuthorityId(102)));
		assert_eq!(disabled(), [2]);
	});
}

#[test]
fn disabled_validator_stays_disabled_when_others_change_their_keys() {
	run(|| {
		offend(4);
		set_key(1, 101);
		pass_sessions(1);
		set_key(3, 103);
		pass_sessions(4);
		assert_eq!(disabled(), [4]);
	});
}

#[test]
fn keys_are_not_purged_when_their_account_is_a_member() {
	run(|| {
		for member in MEMBERS {
			let origin = RuntimeOrigin::signed(member);
			assert_noop!(Validators::leave(origin), Error::<Test>::IsValidator);
		}
	});
}

#[test]
fn keys_are_purged_when_their_account_is_no_member() {
	run(|| {
		set_key(9, 109);
		assert_eq!(deposit_of(9), DEPOSIT);
		pass_sessions(2);
		assert_ok!(Validators::leave(RuntimeOrigin::signed(9)));
		assert_eq!((NextKeys::<Test>::get(9), deposit_of(9)), (None, 0));
		assert_noop!(
			Validators::leave(RuntimeOrigin::signed(9)),
			pallet_session::Error::<Test>::NoKeys
		);
		assert_noop!(
			Validators::leave(RuntimeOrigin::root()),
			sp_runtime::DispatchError::BadOrigin
		);
	});
}

#[test]
fn set_is_whole_when_the_keys_of_every_member_are_gone() {
	run(|| {
		for member in MEMBERS {
			assert_ok!(Session::purge_keys(RuntimeOrigin::signed(member)));
		}
		pass_sessions(1);
		for member in MEMBERS {
			assert_eq!(NextKeys::<Test>::get(member), Some(UintAuthorityId(member)));
			let key = UintAuthorityId(member);
			assert_eq!(KeyOwner::<Test>::get((DUMMY, key.as_ref().to_vec())), Some(member));
		}
		pass_sessions(3);
		assert_eq!(Session::queued_keys().len(), MEMBERS.len());
	});
}

#[test]
fn constants_are_within_their_bounds() {
	chain_of(1).execute_with(|| {
		<Validators as frame_support::traits::Hooks<u64>>::integrity_test();
	});
}
