//! Stories of who is to blame, and of what it does not help to do.

use frame_support::{
	assert_ok,
	traits::{LockableCurrency, WithdrawReasons, fungible::Inspect},
};
use groma_core::money::{Balance, GRM};
use groma_runtime::{AccountId, Balances, Runtime, RuntimeEvent, Session, Stake, Validators};
use groma_traits::{Backing, Eras};
use pallet_babe::EquivocationOffence;
use pallet_stake::{Call as StakeCall, Error, Event::OperatorSlashed, Purpose};
use pallet_validators::Signer;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};
use sp_runtime::Perbill;
use sp_staking::offence::{OffenceError, ReportOffence};

use crate::{
	chain::{Chain, account},
	sessions::four_validators,
};

const EPOCH_SLOTS: u32 = 120;
/// What is delegated at once.
const DELEGATED: Balance = 100 * GRM;
/// What one offender of four loses.
const ONE_OF_FOUR: Perbill = Perbill::from_parts(562_500_000);

/// Reports that Bob made two blocks in a slot of a session, as BABE does once that is proven.
pub(crate) fn report_bob(session: u32) -> Result<(), OffenceError> {
	let offence = EquivocationOffence::<Signer<Runtime>> {
		slot: 0.into(),
		session_index: session,
		validator_set_count: 0,
		offender: (account(Bob), session),
	};
	Validators::report_offence(vec![account(Alice)], offence)
}

fn own_of_bob() -> Balance {
	<Stake as Backing<AccountId>>::of(&account(Bob)).own
}

fn delegate(operator: AccountId) -> StakeCall<Runtime> {
	StakeCall::delegate { operator, amount: DELEGATED }
}

/// Makes blocks until this session.
pub(crate) fn to_session(chain: &mut Chain, session: u32) {
	while chain.with(Session::current_index) < session {
		chain.block(vec![]);
	}
	chain.block(vec![]);
}

/// Makes blocks until Bob is slashed, at most for two eras. What was taken: of his own stake, and
/// of what is delegated to him.
fn slash_of_bob(chain: &mut Chain) -> Option<(Balance, Balance)> {
	for _ in 0..4 * EPOCH_SLOTS {
		chain.block(vec![]);
		for event in chain.events() {
			if let RuntimeEvent::Stake(OperatorSlashed { operator, own, delegated, .. }) = event {
				assert_eq!(operator, account(Bob));
				return Some((own, delegated));
			}
		}
	}
	None
}

#[test]
fn slash_lands_in_full_when_all_stake_thaws_between_an_election_and_its_era() {
	let mut chain = four_validators();
	// The last session of the first era: the set of the next one is elected.
	to_session(&mut chain, 1);
	let own = chain.with(|| {
		assert_eq!((Validators::active(), Validators::counted()), (0, Some(1)));
		own_of_bob()
	});
	let (purpose, amount) = (Purpose::Validating, own);
	assert_ok!(chain.submit(Bob, StakeCall::thaw { purpose, amount }));
	to_session(&mut chain, 2);
	chain.with(|| {
		assert_eq!(own_of_bob(), 0);
		assert!(Session::validators().contains(&account(Bob)));
		assert_ok!(report_bob(2));
	});
	assert_eq!(slash_of_bob(&mut chain), Some((ONE_OF_FOUR.mul_ceil(own), 0)));
	chain.check();
}

#[test]
fn slash_lands_in_full_when_a_lock_is_on_the_whole_balance_and_the_candidate_resigned() {
	let mut chain = four_validators();
	to_session(&mut chain, 0);
	assert_ok!(chain.submit(Bob, pallet_validators::Call::<Runtime>::resign {}));
	let own = chain.with(|| {
		let all = Balances::total_balance(&account(Bob));
		Balances::set_lock(*b"a story!", &account(Bob), all, WithdrawReasons::all());
		assert_ok!(report_bob(0));
		own_of_bob()
	});
	assert_eq!(slash_of_bob(&mut chain), Some((ONE_OF_FOUR.mul_ceil(own), 0)));
	chain.check();
}

#[test]
fn slash_lands_in_full_when_it_is_reported_in_the_last_session_of_the_evidence() {
	let mut chain = four_validators();
	to_session(&mut chain, 0);
	let amount = chain.with(own_of_bob);
	let purpose = Purpose::Validating;
	assert_ok!(chain.submit(Bob, StakeCall::thaw { purpose, amount }));
	// Eras have two sessions, evidence comes for three more of them.
	let last = 2 * (chain.with(pallet_timing::EvidenceEras::get) + 1) - 1;
	to_session(&mut chain, last);
	let report = chain.with(|| {
		assert_eq!(report_bob(last + 1), Err(OffenceError::Other(1)));
		report_bob(0)
	});
	assert_ok!(report);
	assert_eq!(slash_of_bob(&mut chain), Some((ONE_OF_FOUR.mul_ceil(amount), 0)));
	// A session later it would have been forgotten.
	chain.with(|| assert_eq!(report_bob(0), Err(OffenceError::Other(1))));
	chain.check();
}

#[test]
fn no_one_joins_while_a_slash_waits_and_who_backs_another_pays_nothing() {
	let mut chain = four_validators();
	to_session(&mut chain, 0);
	for operator in [Bob, Charlie] {
		assert_ok!(chain.submit(operator, StakeCall::set_open { is_open: true }));
		assert_ok!(chain.submit(Eve, delegate(account(operator))));
	}
	// What was delegated in the first era backs the second one.
	to_session(&mut chain, 2);
	let of_charlie = || <Stake as Backing<AccountId>>::of(&account(Charlie));
	let backed = chain.with(|| {
		assert_ok!(report_bob(2));
		of_charlie()
	});
	let refused = Error::<Runtime>::SlashPending.into();
	assert_eq!(chain.submit(Dave, delegate(account(Bob))), Err(refused));
	assert_ok!(chain.submit(Dave, delegate(account(Charlie))));
	let (own, delegated) = slash_of_bob(&mut chain).expect("it was due");
	// His own stake pays first.
	let base = chain.with(own_of_bob) + own + DELEGATED;
	assert_eq!((own, delegated), (ONE_OF_FOUR.mul_ceil(base), 0));
	chain.with(|| assert_eq!(of_charlie().total, backed.total + DELEGATED));
	assert_ok!(chain.submit(Dave, delegate(account(Bob))));
	chain.check();
}
