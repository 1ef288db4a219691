//! What does not decode stays as it is, and no set is lost.

use frame_support::{assert_noop, assert_ok, storage::unhashed};
use groma_fakes::{FIRST_EPOCH, Pending, Rewarded, SlashCalls, UnreadableOperators};
use groma_traits::Eras;
use pallet_session::NextKeys;
use sp_runtime::{Perbill, testing::UintAuthorityId};
use sp_staking::offence::OffenceError;

use crate::{
	Barred, Candidates, Clock, Elected, EraStarts, Error, Event, KeysInUse, Offences,
	OffenderCounts, SlashesEnds, Works, mock::*,
};

/// No value of the pallet.
const DAMAGE: [u8; 3] = [255; 3];

/// Runs a test on a chain of four after this item was damaged, and checks that it stays.
fn with_damaged(key: impl Fn() -> Vec<u8>, test: impl FnOnce()) {
	chain_of(4).execute_with(|| {
		System::set_block_number(1);
		let key = key();
		unhashed::put_raw(&key, &DAMAGE);
		assert!(Validators::do_try_state().is_err());
		test();
		assert_eq!(unhashed::get_raw(&key), Some(DAMAGE.to_vec()));
		assert_eq!(Session::validators(), [1, 2, 3, 4]);
	});
}

#[test]
fn set_stays_when_the_clock_does_not_decode() {
	with_damaged(
		|| Clock::<Test>::hashed_key().to_vec(),
		|| {
			make_candidate(9, PROVISION);
			pass_sessions(10);
			assert_eq!(era(), 0);
			assert_eq!((Validators::active(), Validators::counted()), (0, None));
		},
	);
}

#[test]
fn set_stays_when_the_candidates_do_not_decode() {
	with_damaged(
		|| Candidates::<Test>::hashed_key().to_vec(),
		|| {
			make_operator(9, PROVISION, 0);
			let origin = RuntimeOrigin::signed;
			assert_noop!(Validators::declare(origin(9), None), Error::<Test>::Unreadable);
			assert_noop!(Validators::resign(origin(1)), Error::<Test>::Unreadable);
			Idle::set(&vec![1]);
			pass_eras(2);
			assert!(has_happened(Event::SetKept { era: 2, eligible: 0 }));
		},
	);
}

#[test]
fn operator_leaves_when_the_candidates_do_not_decode() {
	with_damaged(
		|| Candidates::<Test>::hashed_key().to_vec(),
		|| {
			let origin = || RuntimeOrigin::signed(9);
			assert_ok!(Session::set_keys(origin(), UintAuthorityId(9), Vec::new()));
			assert_ok!(Validators::leave(origin()));
			assert_eq!(NextKeys::<Test>::get(9), None);
		},
	);
}

#[test]
fn work_that_does_not_decode_earns_nothing_and_that_of_others_does() {
	with_damaged(
		|| Works::<Test>::hashed_key_for(FIRST_EPOCH, 1u64),
		|| {
			make_block(Some(0));
			make_block(Some(1));
			close_epoch(100);
			let epoch = FIRST_EPOCH;
			assert!(has_happened(Event::WorkUnreadable { epoch, validator: 1 }));
			let rewarded: Vec<_> = Rewarded::<AccountId>::get().into_iter().collect();
			assert_eq!(rewarded, [(2, 100)]);
		},
	);
}

#[test]
fn offence_that_does_not_decode_is_known_and_stays() {
	with_damaged(
		|| Offences::<Test>::hashed_key_for(0u32, 2u64),
		|| {
			assert!(is_known((2, 0)));
			assert_eq!(report((2, 0)), Err(OffenceError::DuplicateReport));
			let apply = Validators::apply_slash(RuntimeOrigin::signed(9), 0, 2);
			assert_eq!(apply, Err(Error::<Test>::Unreadable.into()));
			let cancel = Validators::cancel_slash(RuntimeOrigin::root(), 0, 2);
			assert_eq!(cancel, Err(Error::<Test>::Unreadable.into()));
			assert_ok!(report((3, 0)));
			pass_eras(EVIDENCE_ERAS + DEFERRAL_ERAS + 2);
			assert_eq!(SlashCalls::<AccountId>::get().len(), 1);
		},
	);
}

#[test]
fn slashes_apply_by_call_and_at_last_when_their_queue_does_not_decode() {
	with_damaged(
		|| SlashesEnds::<Test>::hashed_key().to_vec(),
		|| {
			assert_ok!(report((2, 0)));
			assert_ok!(report((3, 0)));
			pass_eras(DEFERRAL_ERAS);
			assert!(SlashCalls::<AccountId>::get().is_empty());
			assert_ok!(Validators::apply_slash(RuntimeOrigin::signed(9), 0, 2));
			pass_eras(EVIDENCE_ERAS + 1);
			let slashed: Vec<_> =
				SlashCalls::<AccountId>::get().into_iter().map(|it| it.0).collect();
			assert_eq!(slashed, [2, 3]);
		},
	);
}

#[test]
fn slash_waits_again_when_the_operator_does_not_decode() {
	run_with(4, || {
		assert_ok!(report((2, 0)));
		UnreadableOperators::<AccountId>::set(vec![2]);
		pass_eras(DEFERRAL_ERAS - 1);
		HasSpare::set(&false);
		pass_eras(1);
		let apply = || Validators::apply_slash(RuntimeOrigin::signed(9), 0, 2);
		assert_noop!(apply(), Error::<Test>::Unreadable);
		HasSpare::set(&true);
		pass_sessions(1);
		assert!(SlashCalls::<AccountId>::get().is_empty());
		let offence = Validators::offence_of(0, &2).expect("it is known");
		assert_eq!((offence.due, offence.paid), (Some(2 * DEFERRAL_ERAS), Perbill::zero()));
		assert_eq!(Pending::<AccountId>::get(), [(2, 0)]);
		Validators::do_try_state().expect("it waits in the queue");

		UnreadableOperators::<AccountId>::kill();
		pass_eras(DEFERRAL_ERAS);
		assert_eq!(SlashCalls::<AccountId>::get().len(), 1);
		assert!(Pending::<AccountId>::get().is_empty());
	});
}

#[test]
fn offence_is_kept_as_long_as_the_operator_does_not_decode() {
	run_with(4, || {
		assert_ok!(report((2, 0)));
		UnreadableOperators::<AccountId>::set(vec![2]);
		pass_eras(EVIDENCE_ERAS + DEFERRAL_ERAS + 1);
		let cancel = || Validators::cancel_slash(RuntimeOrigin::root(), 0, 2);
		assert_noop!(cancel(), Error::<Test>::Unreadable);
		assert!(SlashCalls::<AccountId>::get().is_empty());
		assert_eq!(Pending::<AccountId>::get(), [(2, 0)]);
		Validators::do_try_state().expect("the offence is kept");

		UnreadableOperators::<AccountId>::kill();
		pass_sessions(1);
		assert_eq!(SlashCalls::<AccountId>::get().len(), 1);
		assert!(Pending::<AccountId>::get().is_empty());
		assert_eq!(Validators::offence_of(0, &2), None);
	});
}

#[test]
fn count_of_offenders_that_does_not_decode_costs_the_least() {
	with_damaged(
		|| OffenderCounts::<Test>::hashed_key_for(0u32),
		|| {
			assert_ok!(report((2, 0)));
			pass_eras(DEFERRAL_ERAS);
			let slashed: Vec<_> =
				SlashCalls::<AccountId>::get().into_iter().map(|it| it.2).collect();
			assert_eq!(slashed, [PROVISION / 100]);
		},
	);
}

#[test]
fn keys_stay_provable_when_those_in_use_do_not_decode() {
	with_damaged(
		|| KeysInUse::<Test>::hashed_key().to_vec(),
		|| {
			pass_sessions(1);
			set_key(2, 102);
			pass_sessions(3);
			assert_eq!(signer(2, 1), Some((2, 1)));
			assert_eq!(signer(102, 4), None);
		},
	);
}

#[test]
fn no_one_is_barred_when_that_does_not_decode() {
	with_damaged(
		|| Barred::<Test>::hashed_key().to_vec(),
		|| {
			assert_ok!(report((2, 0)));
			assert_eq!(disabled(), [2]);
			assert!(Validators::is_candidate(&2));
			pass_eras(2);
		},
	);
}

#[test]
fn session_is_of_no_era_when_the_start_of_one_does_not_decode() {
	with_damaged(
		|| EraStarts::<Test>::hashed_key_for(0u32),
		|| {
			assert_eq!(signer(2, 0), None);
			assert!(report((2, 0)).is_err());
		},
	);
}

#[test]
fn eras_pass_when_the_set_of_one_does_not_decode() {
	chain_of(4).execute_with(|| {
		System::set_block_number(1);
		unhashed::put_raw(&Elected::<Test>::hashed_key_for(0), &DAMAGE);
		assert_eq!(Validators::set_of(0), None);
		back_operator(1, 2 * PROVISION, 0);
		pass_eras(EVIDENCE_ERAS + 2);
		Validators::do_try_state().expect("the damage is forgotten with its era");
	});
}

/// Damages the keys that an account registered.
fn damage_keys(account: AccountId) {
	unhashed::put_raw(&NextKeys::<Test>::hashed_key_for(account), &DAMAGE);
}

#[test]
fn set_is_whole_when_the_keys_of_every_member_do_not_decode() {
	run_with(4, || {
		(1..=4).for_each(damage_keys);
		pass_sessions(1);
		for member in 1..=4 {
			assert_eq!(NextKeys::<Test>::get(member), Some(UintAuthorityId(member)));
		}
		pass_eras(2);
		assert_eq!(Session::validators(), [1, 2, 3, 4]);
	});
}

#[test]
fn candidate_is_not_elected_when_its_keys_do_not_decode() {
	run_with(4, || {
		make_candidate(9, PROVISION);
		make_operator(10, PROVISION, 0);
		[9, 10].into_iter().for_each(damage_keys);
		let declared = Validators::declare(RuntimeOrigin::signed(10), None);
		assert_eq!(declared, Err(Error::<Test>::NoKeys.into()));
		pass_eras(1);
		assert_eq!(Session::validators(), [1, 2, 3, 4]);
	});
}
