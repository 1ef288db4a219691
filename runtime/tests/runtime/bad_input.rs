//! What stake, offences and votes about validators do with numbers, names and reports that are
//! wrong: a clear error or a stated effect, no state lost, and the chain goes on.

use codec::{DecodeAll, Encode};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		Get,
		fungible::{Inspect, InspectHold},
	},
};
use groma_core::{
	EraIndex, NetworkId,
	money::{Balance, GRM},
	terms::NetworkTerms,
};
use groma_runtime::{
	AccountId, Balances, Networks, Runtime, RuntimeCall, RuntimeOrigin, Session, Stake, Validators,
	configs::parameters::{RuntimeParameters, dynamic_params::validators},
};
use groma_traits::{Backing, Eras, Networks as _, Provisions};
use pallet_governed_parameters::{Error as ParameterError, Pallet as GovernedParameters};
use pallet_stake::{Error, HoldReason, Purpose};
use pallet_timing::{EvidenceEras, SessionsPerEra};
use pallet_validators::{Error as ValidatorError, KeyProof};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Eve, Ferdie};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

use crate::{
	chain::{Chain, account, as_root},
	escape::{
		DELEGATED, ERA, Evidence, OWN, SLASH, backed, chain_of, config_of_five, delegate, offend,
		report, thaw_own, to_era, undelegate_all, withdraw_delegated, withdraw_own,
	},
	field::{LORAWAN, to_window},
	offences::slash_of_bob,
	sessions::{proof_of_author, proof_of_voter, two_blocks_of_bob, two_votes_of_bob_in},
	the_set::{expect_set_of, pass_eras, vote_for_seats},
};

/// There is no such network.
const UNKNOWN: NetworkId = 77;
/// More than anyone has.
const TOO_MUCH: [Balance; 2] = [2_000_000 * GRM, Balance::MAX];

fn origin(who: Sr25519Keyring) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(who))
}

#[test]
fn provisions_of_no_amount_a_planck_too_much_and_for_no_network_are_refused() {
	let mut chain = backed();
	chain.with(|| {
		let stranger = RuntimeOrigin::signed(AccountId::new([9; 32]));
		for purpose in [Purpose::Devices(LORAWAN), Purpose::Validating] {
			let provision = |by, amount| Stake::provision(by, purpose, amount);
			assert_noop!(provision(origin(Bob), 0), Error::<Runtime>::BelowMinimum);
			for amount in TOO_MUCH {
				assert_noop!(provision(origin(Bob), amount), TokenError::FundsUnavailable);
			}
			assert_noop!(provision(stranger.clone(), 1), Error::<Runtime>::BelowMinimum);
			assert_noop!(provision(stranger.clone(), GRM), TokenError::FundsUnavailable);
		}
		let (bob, purpose) = (|| origin(Bob), Purpose::Devices(UNKNOWN));
		let too_much = Error::<Runtime>::NotEnoughActive;
		assert_noop!(Stake::provision(bob(), purpose, GRM), Error::<Runtime>::NetworkUnknown);
		assert_noop!(Stake::thaw(bob(), purpose, GRM), too_much);
		assert_noop!(Stake::withdraw(bob(), purpose), Error::<Runtime>::NothingDue);
	});
	chain.check();
}

#[test]
fn stake_that_goes_is_refused_when_it_is_too_little_or_too_much() {
	let mut chain = backed();
	let below: DispatchError = Error::<Runtime>::BelowMinimum.into();
	let too_much: DispatchError = Error::<Runtime>::NotEnoughActive.into();
	chain.with(|| {
		let thaw = |amount| Stake::thaw(origin(Bob), Purpose::Validating, amount);
		let undelegate = |amount| Stake::undelegate(origin(Ferdie), account(Bob), Some(amount));
		for amount in [0, 1] {
			assert_noop!(thaw(amount), below);
			assert_noop!(undelegate(amount), below);
		}
		assert_noop!(thaw(OWN - 1), below);
		assert_noop!(undelegate(DELEGATED - 1), below);
		for amount in [DELEGATED + 1, Balance::MAX] {
			assert_noop!(thaw(amount), too_much);
			assert_noop!(undelegate(amount), too_much);
		}
	});
	chain.check();
}

#[test]
fn stake_goes_once_and_is_not_withdrawn_early_or_twice() {
	let mut chain = backed();
	let early: DispatchResult = Err(Error::<Runtime>::NothingDue.into());
	for (who, go, leave, twice) in [
		(Bob, thaw_own(OWN), withdraw_own(), Error::<Runtime>::NotEnoughActive),
		(Ferdie, undelegate_all(Bob), withdraw_delegated(Bob), Error::<Runtime>::NoDelegation),
	] {
		assert_ok!(chain.submit(who, go.clone()));
		assert_eq!(chain.submit(who, go), Err(twice.into()));
		assert_eq!(chain.submit(who, leave), early);
	}
	to_era(&mut chain, ERA + 5);
	assert_ok!(chain.submit(Bob, withdraw_own()));
	assert_eq!(chain.submit(Bob, withdraw_own()), early);
	assert_ok!(chain.submit(Ferdie, withdraw_delegated(Bob)));
	let gone = Err(Error::<Runtime>::NoDelegation.into());
	assert_eq!(chain.submit(Ferdie, withdraw_delegated(Bob)), gone);
	chain.check();
}

#[test]
fn delegations_of_too_little_and_too_much_are_refused() {
	let mut chain = backed();
	chain.with(|| {
		let stranger = RuntimeOrigin::signed(AccountId::new([9; 32]));
		let to_bob = |by, amount| Stake::delegate(by, account(Bob), amount);
		let of_eve = |operator| Stake::delegate(origin(Eve), account(operator), DELEGATED);
		for amount in [0, 1, 10 * GRM - 1] {
			assert_noop!(to_bob(origin(Eve), amount), Error::<Runtime>::BelowMinimum);
		}
		for amount in TOO_MUCH {
			assert_noop!(to_bob(origin(Eve), amount), TokenError::FundsUnavailable);
		}
		assert_noop!(to_bob(stranger, 10 * GRM), TokenError::FundsUnavailable);
		assert_noop!(of_eve(Alice), Error::<Runtime>::PoolClosed);
		assert_noop!(of_eve(Ferdie), Error::<Runtime>::UnknownOperator);
	});
	chain.check();
}

#[test]
fn old_generation_leaves_with_nothing_and_the_next_is_not_touched() {
	let mut chain = backed();
	chain.act(|| {
		let all = OWN + DELEGATED;
		let slashed = <Stake as Backing<AccountId>>::slash(&account(Bob), ERA, all, None);
		assert_eq!((slashed.own, slashed.delegated), (OWN, DELEGATED));
	});
	assert_ok!(chain.submit(Eve, delegate(Bob)));
	for (call, error) in [
		(undelegate_all(Bob), Error::<Runtime>::NoDelegation),
		(withdraw_delegated(Bob), Error::<Runtime>::NothingDue),
	] {
		assert_eq!(chain.submit(Ferdie, call), Err(error.into()));
	}
	assert_eq!(chain.submit(Bob, withdraw_own()), Err(Error::<Runtime>::NothingDue.into()));
	let accounts = vec![account(Ferdie), account(Eve)].try_into().expect("they are two");
	let operator = account(Bob);
	assert_ok!(chain.submit(Alice, pallet_stake::Call::<Runtime>::settle { operator, accounts }));
	let reason = HoldReason::Delegated.into();
	let held = |who| Balances::balance_on_hold(&reason, &account(who));
	assert_eq!(chain.with(|| (held(Ferdie), held(Eve))), (0, DELEGATED));
	chain.check();
}

#[test]
fn share_of_a_reporter_below_the_existential_deposit_is_burned_and_counted() {
	let mut chain = backed();
	let stranger = AccountId::new([9; 32]);
	let slashed = chain.act(|| {
		let (bob, little) = (account(Bob), GRM / 10);
		<Stake as Backing<AccountId>>::slash(&bob, ERA, little, Some(&stranger))
	});
	assert_eq!((slashed.own, slashed.rewarded), (GRM / 10, 0));
	assert_eq!(chain.with(|| Balances::total_balance(&stranger)), 0);
	chain.check();
}

/// No offence of someone in an era is known.
fn expect_unknown(chain: &mut Chain, era: EraIndex, who: Sr25519Keyring) {
	chain.with(|| {
		let apply = || Validators::apply_slash(origin(Alice), era, account(who));
		let cancel = || Validators::cancel_slash(RuntimeOrigin::root(), era, account(who));
		assert_noop!(apply(), ValidatorError::<Runtime>::OffenceUnknown);
		assert_noop!(cancel(), ValidatorError::<Runtime>::OffenceUnknown);
	});
}

#[test]
fn slash_of_an_era_that_is_forgotten_unknown_or_to_come_changes_nothing() {
	let mut chain = backed();
	let evidence = offend(&mut chain);
	assert_ok!(report(&mut chain, &evidence));
	assert!(slash_of_bob(&mut chain).is_some());
	let others = [(ERA, Eve), (ERA, Ferdie), (0, Bob), (ERA + 1, Bob), (EraIndex::MAX, Bob)];
	for (era, who) in others {
		expect_unknown(&mut chain, era, who);
	}
	to_era(&mut chain, ERA + 8);
	chain.blocks(5);
	expect_unknown(&mut chain, ERA, Bob);
	chain.act(|| {
		let to_come = Validators::counted().expect("it decodes") + 1;
		let slash = <Stake as Backing<AccountId>>::slash(&account(Eve), to_come, OWN, None);
		assert_eq!((slash.own, slash.delegated), (0, 0));
	});
	chain.check();
}

/// A report about Bob by someone who pays for it, and is refused.
fn expect_paid_refusal(
	chain: &mut Chain,
	call: impl Into<RuntimeCall>,
	error: impl Into<DispatchError>,
) {
	let balance = || Balances::free_balance(account(Eve));
	let before = chain.with(balance);
	assert_eq!(chain.submit(Eve, call), Err(error.into()));
	assert!(chain.with(balance) < before, "it cost nothing");
}

#[test]
fn report_of_blocks_is_refused_and_paid_when_its_headers_or_slot_are_others() {
	let mut chain = backed();
	let evidence = offend(&mut chain);
	let slot = evidence.slot;
	let proof = chain.with(|| proof_of_author(slot)).expect("the key is in use");
	let [first, second] = evidence.headers.clone();
	let mut unsealed = second.clone();
	unsealed.digest.logs.pop();
	let both = [first.clone(), second];
	for (headers, slot) in [
		(both.clone(), slot + 1),
		(both.clone(), 0),
		(both, u64::MAX),
		([first.clone(), first.clone()], slot),
		([first, unsealed], slot),
	] {
		let call = two_blocks_of_bob(headers, slot, proof);
		let wrong = pallet_babe::Error::<Runtime>::InvalidEquivocationProof;
		expect_paid_refusal(&mut chain, call, wrong);
	}
	assert!(chain.with(|| Validators::offence_of(ERA, &account(Bob))).is_none());
	assert_ok!(report(&mut chain, &evidence));
	chain.check();
}

#[test]
fn report_of_blocks_is_refused_and_paid_when_its_session_or_use_of_the_key_is_another() {
	let mut chain = backed();
	let evidence = offend(&mut chain);
	let Evidence { slot, headers } = &evidence;
	let session = chain.with(Session::current_index);
	let others = [(0, session + 1), (0, session - 1), (0, 0), (1, session), (0, u32::MAX)];
	for (first, session) in others {
		let proof = KeyProof { first, session };
		let call = two_blocks_of_bob(headers.clone(), *slot, proof);
		let wrong = pallet_babe::Error::<Runtime>::InvalidKeyOwnershipProof;
		expect_paid_refusal(&mut chain, call, wrong);
	}
	assert!(chain.with(|| Validators::offence_of(ERA, &account(Bob))).is_none());
	assert_ok!(report(&mut chain, &evidence));
	chain.check();
}

#[test]
fn report_of_votes_is_refused_and_paid_when_its_round_or_set_is_another() {
	let mut chain = backed();
	let proof = chain.with(|| proof_of_voter(0)).expect("the key is in use");
	for (round, set) in [(2, 0), (0, 0), (u64::MAX, 0), (1, 1), (1, 9), (1, u64::MAX)] {
		let call = two_votes_of_bob_in(round, set, proof);
		let wrong = pallet_grandpa::Error::<Runtime>::InvalidEquivocationProof;
		expect_paid_refusal(&mut chain, call, wrong);
	}
	assert!(chain.with(|| Validators::offence_of(0, &account(Bob))).is_none());
	let call = two_votes_of_bob_in(1, 0, proof);
	assert_ok!(chain.submit(Eve, call.clone()));
	let duplicate = pallet_grandpa::Error::<Runtime>::DuplicateOffenceReport;
	expect_paid_refusal(&mut chain, call, duplicate);
	chain.check();
}

#[test]
fn report_that_is_truncated_decodes_to_nothing() {
	let mut chain = backed();
	let Evidence { slot, headers } = offend(&mut chain);
	let blocks: RuntimeCall = chain
		.with(|| two_blocks_of_bob(headers, slot, proof_of_author(slot).expect("it is in use")))
		.into();
	let votes: RuntimeCall =
		chain.with(|| two_votes_of_bob_in(1, 0, proof_of_voter(0).expect("it is in use"))).into();
	for call in [blocks, votes] {
		let bytes = call.encode();
		assert_eq!(RuntimeCall::decode_all(&mut &bytes[..]), Ok(call));
		for length in 0..bytes.len() {
			let cut = RuntimeCall::decode_all(&mut &bytes[..length]);
			assert!(cut.is_err(), "the first {length} bytes are a call");
		}
	}
}

fn own_stake_min(amount: Balance) -> RuntimeParameters {
	let least = validators::Parameters::OwnStakeMin(validators::OwnStakeMin, Some(amount));
	RuntimeParameters::Validators(least)
}

#[test]
fn set_shrinks_to_the_floor_in_the_next_eras_when_a_vote_lowers_seats_below_it() {
	let mut chain = chain_of(&config_of_five());
	chain.block(vec![]);
	chain.act(|| {
		// Who makes the blocks here is elected in any case.
		assert_ok!(<Stake as Backing<AccountId>>::provision(&account(Alice), GRM));
	});
	vote_for_seats(&mut chain, 1);
	expect_set_of(&mut chain, 5);
	pass_eras(&mut chain, 2);
	expect_set_of(&mut chain, 4);
	chain.check();
}

#[test]
fn era_ends_as_it_was_to_end_when_a_vote_shortens_it_in_its_middle() {
	let mut config = config_of_five();
	config.timing.sessions_per_era = 4;
	let mut chain = chain_of(&config);
	chain.blocks(15);
	let key = SessionsPerEra::key().to_vec();
	let shorter = frame_system::Call::<Runtime>::set_storage { items: vec![(key, 1u32.encode())] };
	chain.with(|| {
		assert_eq!((Session::current_index(), Validators::active()), (1, 0));
		as_root(shorter);
		let length: u32 = SessionsPerEra::get();
		assert_eq!(length, 1);
	});
	for session in 2..8 {
		while chain.with(Session::current_index) < session {
			chain.block(vec![]);
		}
		// Four sessions, then one after the other.
		let era = session.saturating_sub(3);
		assert_eq!(chain.with(Validators::active), era, "in session {session}");
	}
	expect_set_of(&mut chain, 5);
	chain.check();
}

#[test]
fn sets_of_voters_are_remembered_as_long_as_before_when_a_vote_shortens_eras() {
	sp_io::TestExternalities::default().execute_with(|| {
		let sets = || <Runtime as pallet_grandpa::Config>::MaxSetIdSessionEntries::get();
		let eras = u64::from(EvidenceEras::get()) + 1;
		let before = sets();
		assert!(before > eras * u64::from(SessionsPerEra::get()), "{before} sets are too few");
		SessionsPerEra::set(&1);
		assert_eq!(sets(), before);
		SessionsPerEra::set(&48);
		assert!(sets() > eras * 48);
	});
}

#[test]
fn set_stays_when_a_vote_raises_the_least_stake_as_far_as_it_can() {
	let mut chain = backed();
	let evidence = offend(&mut chain);
	chain.with(|| {
		let set = GovernedParameters::<Runtime>::set_parameter;
		let raise = |times| set(RuntimeOrigin::root(), own_stake_min(times * OWN));
		assert_noop!(raise(1_000), ParameterError::<Runtime>::OutOfBounds);
		assert_ok!(raise(100));
	});
	pass_eras(&mut chain, 3);
	expect_set_of(&mut chain, 5);
	// What stands behind it can still be taken.
	assert_ok!(report(&mut chain, &evidence));
	assert_eq!(slash_of_bob(&mut chain), Some((OWN, SLASH - OWN)));
	pass_eras(&mut chain, 2);
	expect_set_of(&mut chain, 5);
	chain.check();
}

#[test]
fn devices_keep_their_cover_until_it_holds_when_a_vote_raises_their_stake_a_thousandfold() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let terms = chain.with(|| Networks::terms(LORAWAN)).expect("it exists");
	let stake_per_device = 1_000 * terms.stake_per_device;
	let terms = NetworkTerms { stake_per_device, ..terms };
	chain.with(|| as_root(pallet_networks::Call::update_terms { network: LORAWAN, terms }));
	let cover = || {
		let present = Networks::terms(LORAWAN).map_or(0, |terms| terms.stake_per_device);
		<Stake as Provisions<AccountId>>::covered_slots(&account(Bob), LORAWAN, present)
	};
	assert_eq!(chain.with(cover), 1_000);
	let raise = chain.with(|| Networks::raise_of(LORAWAN)).expect("it is announced");
	to_window(&mut chain, raise.window);
	chain.block(vec![]);
	assert_eq!(chain.with(cover), 1);
	chain.blocks(20);
	chain.check();
}
