//! Ways to escape a slash, none of which helps a validator. Stories of offences, sessions and stake
//! have some more: a lock with a resignation, keys that are changed in both sessions, and what
//! thaws between an election and its era.

use frame_support::{
	assert_ok,
	traits::{LockableCurrency, WithdrawReasons, fungible::Inspect},
};
use groma_core::money::{Balance, GRM};
use groma_runtime::{
	Babe, Balances, Header, Runtime, RuntimeCall, RuntimeGenesisConfig, Session, Stake, Validators,
};
use groma_traits::Eras;
use pallet_stake::{Call as StakeCall, Error, Purpose};
use sp_keyring::{
	Ed25519Keyring,
	Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie},
};
use sp_runtime::DispatchOutcome;

use crate::{
	chain::{Chain, account},
	offences::{slash_of_bob, to_session},
	sessions::{
		config_of_four, new_keys_of_bob, proof_of_author, sealed_by_bob, two_blocks_of_bob,
		validator_of_genesis,
	},
};

/// The own stake of each validator.
pub(crate) const OWN: Balance = 10_000 * GRM;
/// What one account delegates.
pub(crate) const DELEGATED: Balance = 90_000 * GRM;
/// What one offender of five loses of these: 36 %, all of its own and more.
pub(crate) const SLASH: Balance = 36_000 * GRM;
/// The era in which Bob offends.
pub(crate) const ERA: u32 = 1;
/// The last era in which that can be proven.
const LAST_ERA: u32 = ERA + 3;

/// What a chain is founded with whose five validators work in sessions of ten slots. Eras have two
/// sessions, evidence comes for three more eras, a slash waits for one, and stake thaws in five.
pub(crate) fn config_of_five() -> RuntimeGenesisConfig {
	let mut config = config_of_four();
	config.timing.babe_epoch_slots = 10;
	config.session.keys.push(validator_of_genesis((Eve, Ed25519Keyring::Eve)));
	config
}

pub(crate) fn chain_of(config: &RuntimeGenesisConfig) -> Chain {
	Chain::of(serde_json::to_value(config).expect("it is JSON"))
}

pub(crate) fn delegate(operator: Sr25519Keyring) -> RuntimeCall {
	let (operator, amount) = (account(operator), DELEGATED);
	StakeCall::<Runtime>::delegate { operator, amount }.into()
}

pub(crate) fn undelegate_all(operator: Sr25519Keyring) -> RuntimeCall {
	let (operator, amount) = (account(operator), None);
	StakeCall::<Runtime>::undelegate { operator, amount }.into()
}

pub(crate) fn withdraw_delegated(operator: Sr25519Keyring) -> RuntimeCall {
	StakeCall::<Runtime>::withdraw_delegated { operator: account(operator) }.into()
}

pub(crate) fn thaw_own(amount: Balance) -> RuntimeCall {
	StakeCall::<Runtime>::thaw { purpose: Purpose::Validating, amount }.into()
}

pub(crate) fn withdraw_own() -> RuntimeCall {
	StakeCall::<Runtime>::withdraw { purpose: Purpose::Validating }.into()
}

/// Five validators in the first session; Ferdie backs Bob from the next election on.
fn joined() -> Chain {
	let mut chain = chain_of(&config_of_five());
	chain.block(vec![]);
	assert_ok!(chain.submit(Bob, StakeCall::<Runtime>::set_open { is_open: true }));
	assert_ok!(chain.submit(Ferdie, delegate(Bob)));
	chain
}

/// The same at the beginning of the era that counts it.
pub(crate) fn backed() -> Chain {
	let mut chain = joined();
	to_session(&mut chain, 2);
	chain.with(|| {
		let set = Validators::set_of(ERA).expect("it is remembered");
		let of_bob = set.iter().find(|seat| seat.validator == account(Bob)).expect("he is elected");
		assert_eq!((Validators::active(), of_bob.total), (ERA, OWN + DELEGATED));
	});
	chain
}

/// Two blocks that Bob made in one slot.
pub(crate) struct Evidence {
	pub(crate) slot: u64,
	pub(crate) headers: [Header; 2],
}

/// Lets Bob make two blocks in the present slot, with his first key.
pub(crate) fn offend(chain: &mut Chain) -> Evidence {
	let slot = chain.now_ms() / 1_000;
	let headers = chain.with(|| [sealed_by_bob(slot, 2), sealed_by_bob(slot, 3)]);
	Evidence { slot, headers }
}

/// Reports it, with a proof from the present state.
pub(crate) fn report(chain: &mut Chain, evidence: &Evidence) -> DispatchOutcome {
	let Evidence { slot, headers } = evidence;
	let call = chain.with(|| {
		let proof = proof_of_author(*slot).expect("the key was in use");
		two_blocks_of_bob(headers.clone(), *slot, proof)
	});
	chain.submit(Alice, call)
}

/// Makes blocks until this era.
pub(crate) fn to_era(chain: &mut Chain, era: u32) {
	while chain.with(Validators::active) < era {
		chain.block(vec![]);
	}
}

/// Reports the offence in the last era of the evidence: it costs what it would have cost at once.
fn expect_full_slash(chain: &mut Chain, evidence: &Evidence) {
	to_era(chain, LAST_ERA);
	assert_ok!(report(chain, evidence));
	assert_eq!(slash_of_bob(chain), Some((OWN, SLASH - OWN)));
	chain.check();
}

#[test]
fn full_slash_lands_when_bob_thaws_all_and_withdraws_in_every_era() {
	let mut chain = backed();
	let evidence = offend(&mut chain);
	assert_ok!(chain.submit(Bob, thaw_own(OWN)));
	for era in ERA..=LAST_ERA {
		to_era(&mut chain, era);
		let refused: DispatchOutcome = Err(Error::<Runtime>::NothingDue.into());
		assert_eq!(chain.submit(Bob, withdraw_own()), refused, "in era {era}");
	}
	expect_full_slash(&mut chain, &evidence);
	// Nothing of it is left to withdraw.
	to_era(&mut chain, ERA + 6);
	assert_eq!(chain.submit(Bob, withdraw_own()), Err(Error::<Runtime>::NothingDue.into()));
}

#[test]
fn full_slash_lands_when_those_who_delegate_leave_after_the_offence() {
	let mut chain = backed();
	let evidence = offend(&mut chain);
	assert_ok!(chain.submit(Ferdie, undelegate_all(Bob)));
	expect_full_slash(&mut chain, &evidence);
	to_era(&mut chain, ERA + 5);
	assert_ok!(chain.submit(Ferdie, withdraw_delegated(Bob)));
	chain.with(|| {
		let left = Stake::delegation_of(&account(Ferdie), &account(Bob)).expect("it decodes");
		assert_eq!((left.on_hold(), Stake::unsettled()), (0, Some(0)));
	});
	chain.check();
}

#[test]
fn full_slash_lands_when_everyone_leaves_between_the_election_and_its_era() {
	let mut chain = joined();
	to_session(&mut chain, 1);
	chain.with(|| assert_eq!((Validators::active(), Validators::counted()), (0, Some(ERA))));
	assert_ok!(chain.submit(Bob, thaw_own(OWN)));
	assert_ok!(chain.submit(Ferdie, undelegate_all(Bob)));
	to_session(&mut chain, 2);
	let evidence = offend(&mut chain);
	expect_full_slash(&mut chain, &evidence);
}

#[test]
fn full_slash_lands_when_all_that_can_move_is_sent_away() {
	let mut chain = backed();
	let evidence = offend(&mut chain);
	for owner in [Bob, Ferdie] {
		let dest = account(Charlie).into();
		let away: RuntimeCall =
			pallet_balances::Call::transfer_all { dest, keep_alive: false }.into();
		assert_ok!(chain.submit(owner, away));
		let left = chain.with(|| Balances::free_balance(account(owner)));
		assert!(left < GRM, "{left} plancks were left");
	}
	expect_full_slash(&mut chain, &evidence);
}

#[test]
fn full_slash_lands_when_locks_are_on_whole_balances() {
	let mut chain = backed();
	let evidence = offend(&mut chain);
	chain.with(|| {
		for owner in [Bob, Ferdie].map(account) {
			let all = Balances::total_balance(&owner);
			Balances::set_lock(*b"a story!", &owner, all, WithdrawReasons::all());
		}
	});
	expect_full_slash(&mut chain, &evidence);
	// What is delegated is burned when the record is settled.
	let (operator, accounts) = (account(Bob), vec![account(Ferdie)]);
	let accounts = accounts.try_into().expect("it is one");
	assert_ok!(chain.submit(Dave, StakeCall::<Runtime>::settle { operator, accounts }));
	chain.with(|| assert_eq!(Stake::unsettled(), Some(0)));
	chain.check();
}

#[test]
fn full_slash_lands_after_one_and_two_rotations_of_the_keys() {
	for rotations in [1, 2] {
		let mut chain = backed();
		let evidence = offend(&mut chain);
		for rotation in 1..=rotations {
			let (call, _) = new_keys_of_bob(&mut chain);
			assert_ok!(chain.submit(Bob, call));
			to_session(&mut chain, 2 + 2 * rotation);
			chain.with(|| {
				let old = Bob.public().into();
				assert!(!Babe::authorities().iter().any(|(key, _)| *key == old));
			});
		}
		expect_full_slash(&mut chain, &evidence);
	}
}

#[test]
fn full_slash_lands_when_new_keys_were_set_before_the_offence() {
	let mut chain = joined();
	to_session(&mut chain, 1);
	let (call, _) = new_keys_of_bob(&mut chain);
	assert_ok!(chain.submit(Bob, call));
	// The old key signs in this session, too.
	to_session(&mut chain, 2);
	let evidence = offend(&mut chain);
	expect_full_slash(&mut chain, &evidence);
}

#[test]
fn full_slash_lands_when_bob_resigned_and_left_with_his_keys() {
	let mut chain = backed();
	let evidence = offend(&mut chain);
	assert_ok!(chain.submit(Bob, pallet_validators::Call::<Runtime>::resign {}));
	to_era(&mut chain, ERA + 1);
	assert_ok!(chain.submit(Bob, pallet_validators::Call::<Runtime>::leave {}));
	chain.with(|| {
		assert!(!Session::validators().contains(&account(Bob)));
		assert_eq!(Session::load_keys(&account(Bob)), None);
	});
	expect_full_slash(&mut chain, &evidence);
}

/// Makes blocks until the next one is the last of a session.
fn to_the_end_of(chain: &mut Chain, session: u32) {
	to_session(chain, session);
	let epoch = chain.with(Babe::current_epoch);
	let end = *epoch.start_slot + epoch.duration;
	while chain.now_ms() / 1_000 + 2 < end {
		chain.block(vec![]);
	}
}

#[test]
fn full_slash_lands_when_it_is_reported_in_the_last_block_of_the_evidence() {
	let mut chain = backed();
	let evidence = offend(&mut chain);
	assert_ok!(chain.submit(Bob, thaw_own(OWN)));
	assert_ok!(chain.submit(Ferdie, undelegate_all(Bob)));
	let last_session = 2 * LAST_ERA + 1;
	to_the_end_of(&mut chain, last_session);
	assert_ok!(report(&mut chain, &evidence));
	chain.with(|| {
		assert_eq!((Session::current_index(), Validators::active()), (last_session, LAST_ERA));
		assert!(proof_of_author(evidence.slot).is_some());
	});
	assert_eq!(slash_of_bob(&mut chain), Some((OWN, SLASH - OWN)));
	chain.with(|| {
		assert_eq!(Validators::active(), LAST_ERA + 1, "it was due in the next era");
		assert_eq!(Validators::set_of(ERA), None, "it is forgotten by then");
	});
	chain.check();
}
