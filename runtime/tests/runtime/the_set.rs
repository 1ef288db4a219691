//! Who validates, whatever all of them do: finality needs voters, and a set never falls below its
//! floor.

use frame_support::assert_ok;
use groma_core::money::{Balance, GRM};
use groma_runtime::{
	AccountId, Babe, Grandpa, Runtime, RuntimeGenesisConfig, Session, SessionKeys, Stake,
	Validators,
	configs::parameters::{RuntimeParameters, dynamic_params::validators},
	constants::{CANDIDATES_MAX, VALIDATOR_SEATS_MAX},
	genesis::treasury_account,
};
use groma_traits::{Backing, Eras};
use pallet_session::NextKeys;
use pallet_stake::{Call as StakeCall, Purpose};
use pallet_validators::{Error, SET_FLOOR};
use sp_core::{ed25519, sr25519};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve};
use sp_runtime::{DispatchOutcome, DispatchResult};

use crate::{
	chain::{Chain, account, as_root},
	escape::{OWN, chain_of, config_of_five, thaw_own, to_era},
	sessions::{config_of_four, new_keys_of},
};

const FOUR: [Sr25519Keyring; 4] = [Alice, Bob, Charlie, Dave];

/// Sets how many seats there are, as a vote does.
pub(crate) fn vote_for_seats(chain: &mut Chain, seats: u32) {
	let seats = validators::Parameters::Seats(validators::Seats, Some(seats));
	let parameter = RuntimeParameters::Validators(seats);
	let call = pallet_governed_parameters::Call::set_parameter { parameter };
	chain.with(|| as_root(call));
}

/// So many validate, author and vote, each with keys that are registered.
pub(crate) fn expect_set_of(chain: &mut Chain, count: usize) {
	chain.with(|| {
		let set = Session::validators();
		assert_eq!((set.len(), Session::queued_keys().len()), (count, count));
		assert_eq!(Babe::authorities().len(), count);
		assert_eq!(Grandpa::grandpa_authorities().len(), count);
		assert!(set.iter().all(|member| Session::load_keys(member).is_some()));
	});
}

/// Lets a number of eras pass, so that what changed is elected, and begins.
pub(crate) fn pass_eras(chain: &mut Chain, eras: u32) {
	let active = chain.with(Validators::active);
	to_era(chain, active + eras);
	chain.block(vec![]);
}

fn chain_of_four() -> Chain {
	let mut config = config_of_four();
	config.timing.babe_epoch_slots = 10;
	let mut chain = chain_of(&config);
	chain.block(vec![]);
	chain
}

#[test]
fn finality_goes_on_when_all_purge_resign_idle_and_thaw_in_one_era() {
	let mut chain = chain_of_four();
	let filtered: DispatchResult = Err(frame_system::Error::<Runtime>::CallFiltered.into());
	let is_member: DispatchResult = Err(Error::<Runtime>::IsValidator.into());
	for member in FOUR {
		assert_eq!(chain.submit(member, pallet_session::Call::purge_keys {}), filtered);
		assert_eq!(chain.submit(member, pallet_validators::Call::leave {}), is_member);
		assert_ok!(chain.submit(member, pallet_validators::Call::resign {}));
		assert_ok!(chain.submit(member, thaw_own(OWN)));
	}
	// Here Alice alone makes blocks.
	for _ in 0..4 {
		pass_eras(&mut chain, 1);
		expect_set_of(&mut chain, SET_FLOOR);
	}
	chain.with(|| {
		let active = Validators::active();
		let set = Validators::set_of(active).expect("it is remembered");
		assert!(set.iter().all(|seat| seat.total == 0), "nothing is left to count");
		assert_eq!(Validators::candidates().expect("it decodes").len(), 0);
	});
	chain.check();
}

#[test]
fn finality_goes_on_when_the_keys_of_all_are_gone_in_one_era() {
	let mut chain = chain_of_four();
	chain.with(|| {
		for member in FOUR {
			NextKeys::<Runtime>::remove(account(member));
		}
	});
	pass_eras(&mut chain, 2);
	expect_set_of(&mut chain, SET_FLOOR);
	chain.check();
}

/// A validator of genesis of this number, and what it has.
fn numbered(number: u32) -> ((AccountId, AccountId, SessionKeys), (AccountId, Balance)) {
	let mut raw = [1; 32];
	raw[..4].copy_from_slice(&number.to_be_bytes());
	let account = AccountId::new(raw);
	// No one signs with them.
	let of_blocks = sr25519::Public::from_raw(raw);
	let keys = SessionKeys {
		grandpa: ed25519::Public::from_raw(raw).into(),
		babe: of_blocks.into(),
		authority_discovery: of_blocks.into(),
	};
	((account.clone(), account.clone(), keys), (account, OWN + 10 * GRM))
}

/// What a chain is founded with that has this many validators, in eras of one session.
fn config_of(count: u32) -> RuntimeGenesisConfig {
	let mut config = config_of_four();
	config.timing.babe_epoch_slots = 10;
	config.timing.sessions_per_era = 1;
	config.session.keys.truncate(1);
	let more: Vec<_> = (1..count).map(numbered).collect();
	let given: Balance = more.iter().map(|(_, (_, balance))| balance).sum();
	let treasury = treasury_account();
	for (holder, balance) in &mut config.balances.balances {
		if *holder == treasury {
			*balance -= given;
		}
	}
	for (keys, balance) in more {
		config.session.keys.push(keys);
		config.balances.balances.push(balance);
	}
	config
}

#[test]
fn set_follows_votes_for_seats_from_one_to_the_most_and_never_falls_below_the_floor() {
	let mut chain = chain_of(&config_of(VALIDATOR_SEATS_MAX));
	chain.block(vec![]);
	// Who makes the blocks here is elected in any case.
	let (purpose, amount) = (Purpose::Validating, GRM);
	assert_ok!(chain.submit(Alice, StakeCall::<Runtime>::provision { purpose, amount }));
	let most = VALIDATOR_SEATS_MAX as usize;
	expect_set_of(&mut chain, most);
	for (seats, expected) in
		[(1, SET_FLOOR), (150, 150), (3, SET_FLOOR), (VALIDATOR_SEATS_MAX, most)]
	{
		vote_for_seats(&mut chain, seats);
		pass_eras(&mut chain, 3);
		expect_set_of(&mut chain, expected);
		let set = chain.with(|| Validators::set_of(Validators::active())).expect("it is there");
		assert!(set.iter().any(|seat| seat.own == OWN + GRM), "Alice has most");
	}
	chain.check();
}

#[test]
fn all_candidates_are_elected_and_the_floor_holds_when_they_are_fewer_than_seats() {
	let mut chain = chain_of(&config_of_five());
	chain.block(vec![]);
	vote_for_seats(&mut chain, VALIDATOR_SEATS_MAX);
	pass_eras(&mut chain, 2);
	expect_set_of(&mut chain, 5);
	assert_ok!(chain.submit(Eve, pallet_validators::Call::resign {}));
	pass_eras(&mut chain, 2);
	expect_set_of(&mut chain, 4);
	// One more, and too few are left: the set stays.
	assert_ok!(chain.submit(Dave, pallet_validators::Call::resign {}));
	pass_eras(&mut chain, 2);
	expect_set_of(&mut chain, 4);
	let backed = chain.with(|| <Stake as Backing<AccountId>>::of(&account(Dave)));
	assert_eq!(backed.own, OWN);
	assert_ok!(chain.submit(Eve, pallet_validators::Call::declare { displaces: None }));
	pass_eras(&mut chain, 2);
	let set = chain.with(Session::validators);
	assert!(set.contains(&account(Eve)) && !set.contains(&account(Dave)));
	chain.check();
}

/// Eve asks to become a candidate, in the place of someone if there is no room.
fn declare_eve(chain: &mut Chain, displaces: Option<AccountId>) -> DispatchOutcome {
	chain.submit(Eve, pallet_validators::Call::declare { displaces })
}

#[test]
fn candidate_beyond_the_most_takes_the_place_of_one_with_less() {
	let mut chain = chain_of(&config_of(CANDIDATES_MAX));
	chain.block(vec![]);
	let (call, _) = new_keys_of(&mut chain, Eve);
	assert_ok!(chain.submit(Eve, call));
	let provision = |amount| {
		let purpose = Purpose::Validating;
		StakeCall::<Runtime>::provision { purpose, amount }
	};
	assert_ok!(chain.submit(Eve, provision(OWN)));
	let (_, (other, _)) = numbered(1);
	let refusals = [
		(None, Error::<Runtime>::CandidatesFull),
		(Some(account(Bob)), Error::<Runtime>::NotCandidate),
		(Some(other.clone()), Error::<Runtime>::NotLess),
	];
	for (displaces, error) in refusals {
		assert_eq!(declare_eve(&mut chain, displaces), Err(error.into()));
	}
	assert_ok!(chain.submit(Eve, provision(GRM)));
	assert_ok!(declare_eve(&mut chain, Some(other.clone())));
	chain.with(|| {
		let candidates = Validators::candidates().expect("it decodes");
		assert_eq!(candidates.len(), CANDIDATES_MAX as usize);
		assert!(candidates.contains(&account(Eve)) && !candidates.contains(&other));
		assert_eq!(<Stake as Backing<AccountId>>::of(&other).own, OWN);
	});
	chain.check();
}
