//! Whose a key was, for as long as that can be reported.

use frame_support::{assert_ok, traits::KeyOwnerProofSystem};
use groma_fakes::StandsStill;
use sp_runtime::{key_types::DUMMY, testing::UintAuthorityId};

use crate::{KeyProof, KeyUses, KeysInUse, RetiredKeys, mock::*};

/// The bytes of the key with this number.
fn key(number: u64) -> Vec<u8> {
	UintAuthorityId(number).as_ref().to_vec()
}

fn checked(number: u64, first: u32, session: u32) -> Option<(AccountId, u32)> {
	Validators::check_proof((DUMMY, key(number)), KeyProof { first, session })
}

/// Calls back in every block until so many eras have begun.
fn in_every_block_of(eras: u32, check: impl Fn()) {
	let last = era() + eras;
	while era() < last {
		make_block(Some(0));
		check();
	}
}

#[test]
fn key_is_proven_in_every_block_of_the_evidence_when_it_was_changed_before_the_offence() {
	run_with(4, || {
		pass_sessions(1);
		set_key(2, 102);
		// It signs in this session and in the next one.
		assert_eq!(signer(2, 1), Some((2, 1)));
		pass_sessions(1);
		assert_eq!(signer(2, 2), Some((2, 2)));
		set_key(2, 103);
		in_every_block_of(EVIDENCE_ERAS, || {
			assert_eq!(signer(2, 1), Some((2, 1)));
			assert_eq!(signer(2, 2), Some((2, 2)));
		});
		assert_eq!((signer(102, 3), signer(103, 4)), (Some((2, 3)), Some((2, 4))));
		pass_eras(1);
		assert_eq!((signer(2, 1), signer(2, 2)), (None, None));
	});
}

#[test]
fn key_is_that_of_its_sessions_alone() {
	run_with(4, || {
		pass_sessions(1);
		set_key(2, 102);
		pass_sessions(2);
		assert_eq!((signer(2, 2), signer(2, 3)), (Some((2, 2)), None));
		assert_eq!((signer(102, 2), signer(102, 3)), (None, Some((2, 3))));
		assert_eq!(signer(102, 4), None);
		assert_eq!(signer(99, 1), None);
	});
}

#[test]
fn proof_is_refused_when_its_sessions_are_others() {
	run_with(4, || {
		pass_sessions(1);
		set_key(2, 102);
		pass_sessions(2);
		assert_eq!(checked(2, 0, 2), Some((2, 2)));
		assert_eq!(checked(102, 3, 3), Some((2, 3)));
		let false_ones = [
			(2, 0, 3),
			(2, 1, 2),
			(2, 0, 4),
			(2, u32::MAX, 0),
			(2, 0, u32::MAX),
			(102, 0, 3),
			(102, 3, 2),
			(102, 3, 4),
			(3, 3, 3),
		];
		for (number, first, session) in false_ones {
			assert_eq!(checked(number, first, session), None, "{number} {first} {session}");
		}
	});
}

#[test]
fn proof_of_a_key_is_of_its_last_session() {
	run_with(4, || {
		pass_sessions(1);
		set_key(2, 102);
		pass_sessions(3);
		let prove = |number| Validators::prove((DUMMY, key(number)));
		assert_eq!(prove(1), Some(KeyProof { first: 0, session: 4 }));
		assert_eq!(prove(2), Some(KeyProof { first: 0, session: 2 }));
		assert_eq!(prove(102), Some(KeyProof { first: 3, session: 4 }));
		assert_eq!(prove(99), None);
	});
}

#[test]
fn no_proof_is_made_of_a_session_that_has_not_begun() {
	run_with(4, || {
		pass_sessions(1);
		let prove = |sessions| Validators::prove_key_in(DUMMY, &key(2), sessions);
		let proof = Some(KeyProof { first: 0, session: 1 });
		assert_eq!((prove(1..=1), prove(2..=2)), (proof, None));
		assert_eq!(prove(0..=9), proof);
	});
}

#[test]
fn key_stays_that_of_who_gave_it_up_when_another_takes_it() {
	run_with(4, || {
		pass_sessions(1);
		set_key(2, 102);
		make_operator(9, PROVISION, 0);
		set_key(9, 2);
		assert_ok!(Validators::declare(RuntimeOrigin::signed(9), None));
		pass_sessions(2);
		assert_eq!(era(), 1);
		assert_eq!((signer(2, 2), signer(2, 3)), (Some((2, 2)), Some((9, 3))));
	});
}

/// The uses of the key with this number: by whom, from when on and until when.
fn uses_of(number: u64) -> Option<Vec<(AccountId, u32, Option<u32>)>> {
	let uses = Validators::key_uses(DUMMY, &key(number))?;
	Some(uses.into_iter().map(|(first, it)| (it.validator, first, it.last)).collect())
}

#[test]
fn uses_of_a_key_are_listed_until_they_are_forgotten() {
	run_with(4, || {
		pass_sessions(1);
		set_key(2, 102);
		assert_eq!(uses_of(2), Some(vec![(2, 0, None)]));
		assert_eq!(uses_of(102), Some(vec![]), "it is not in use yet");
		pass_sessions(2);
		assert_eq!(uses_of(2), Some(vec![(2, 0, Some(2))]));
		set_key(2, 2);
		pass_sessions(2);
		assert_eq!(uses_of(2), Some(vec![(2, 0, Some(2)), (2, 5, None)]));
		assert_eq!(uses_of(102), Some(vec![(2, 3, Some(4))]));
		pass_eras(EVIDENCE_ERAS + 2);
		assert_eq!(uses_of(102), Some(vec![]));
		assert_eq!(uses_of(2), Some(vec![(2, 5, None)]));
	});
}

#[test]
fn no_use_is_listed_when_one_or_what_is_in_use_does_not_decode() {
	use frame_support::storage::unhashed;

	run_with(4, || {
		for damaged in [
			KeyUses::<Test>::hashed_key_for(crate::key_history::key_id(DUMMY, &key(2)), 0u32),
			KeysInUse::<Test>::hashed_key().to_vec(),
		] {
			let good = unhashed::get_raw(&damaged).expect("there is a value");
			unhashed::put_raw(&damaged, &[255; 3]);
			assert_eq!(uses_of(2), None);
			unhashed::put_raw(&damaged, &good);
			assert_eq!(uses_of(2), Some(vec![(2, 0, None)]));
		}
	});
}

#[test]
fn uses_are_forgotten_with_their_eras() {
	run_with(4, || {
		for number in 0..12 {
			set_key(2, 200 + number);
			pass_sessions(1);
		}
		let uses = || KeyUses::<Test>::iter_keys().count();
		let ends = era();
		assert!(uses() > 4);
		pass_eras(EVIDENCE_ERAS + 2);
		assert!(era() > ends);
		assert_eq!((uses(), RetiredKeys::<Test>::iter_keys().count()), (4, 0));
	});
}

#[test]
fn keys_are_noted_while_the_chain_stands_still() {
	run_with(4, || {
		pass_sessions(1);
		StandsStill::set(&true);
		set_key(2, 102);
		pass_sessions(12);
		assert_eq!((signer(2, 2), signer(102, 13)), (Some((2, 2)), Some((2, 13))));
		StandsStill::set(&false);
		pass_sessions(1);
		assert_eq!(signer(2, 2), Some((2, 2)));
	});
}
