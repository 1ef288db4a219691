//! Stories of stake behind devices, and behind those who validate.

use frame_support::{
	assert_ok,
	traits::fungible::{Inspect, InspectHold},
};
use groma_core::{
	CoverageReason,
	api::Refusal,
	money::{Balance, GRM},
	protocol::{EFFECT_DELAY_WINDOWS, MEMORY_WINDOWS},
	terms::NetworkTerms,
};
use groma_runtime::{
	AccountId, Balances, Block, Challenges, Networks, ProofOfCoverage, Runtime, RuntimeCall, Stake,
	Validators,
};
use groma_runtime_api::runtime_decl_for_rewards_api::RewardsApi;
use groma_traits::{Backing, Eras, Networks as _, Provisions, Slashed};
use pallet_stake::{Call as StakeCall, Error, HoldReason, Purpose};
use serde_json::json;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Dave, Ferdie};

use crate::{
	chain::{Chain, account, as_root, genesis_config},
	coverage::second_beacon,
	field::{LORAWAN, four_devices, next_challenged, next_heard, to_window},
	services::EPOCH_BLOCKS,
};

const DEVICES: Purpose = Purpose::Devices(LORAWAN);

fn active(chain: &mut Chain, owner: Sr25519Keyring) -> Balance {
	chain.with(|| Stake::provision_of(&account(owner), LORAWAN)).expect("it decodes").active
}

#[test]
fn presets_put_stake_behind_a_thousand_devices_of_each_account() {
	for preset in ["development", "local_testnet"] {
		let mut chain = Chain::of(genesis_config(Some(preset)));
		chain.with(|| {
			for owner in Sr25519Keyring::well_known().map(account) {
				assert_eq!(Stake::covered_slots(&owner, LORAWAN), 1_000, "{preset}");
			}
		});
	}
}

#[test]
fn device_is_refused_when_no_stake_covers_it() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (_, groups) = next_heard(&mut chain, &devices);
	let statement = groups[0].statement(&groups[0].statements[0]);
	let check = |chain: &mut Chain| chain.with(|| ProofOfCoverage::check_statement(&statement));
	assert!(check(&mut chain).is_ok());

	let beaconer = devices.iter().find(|device| device.id == groups[0].beaconer);
	let owner = beaconer.expect("it is one of them").owner;
	let amount = active(&mut chain, owner);
	assert_ok!(chain.submit(owner, StakeCall::<Runtime>::thaw { purpose: DEVICES, amount }));
	let refusal = Refusal::BeaconerNotEligible(CoverageReason::BeaconerNotCovered);
	assert_eq!(check(&mut chain).map(drop), Err(refusal));

	let provision = StakeCall::<Runtime>::provision { purpose: DEVICES, amount: 50 * GRM };
	assert_ok!(chain.submit(owner, provision));
	assert!(check(&mut chain).is_ok());
	chain.check();
}

#[test]
fn stake_that_thaws_pays_for_what_was_signed_before() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (window, cheat, challenge) = next_challenged(&mut chain, &devices);
	let signature_a = chain.with(|| cheat.beacon(window)).expect("it is challenged");
	let signature_b = second_beacon(&cheat.seed, &challenge);
	let (owner, device) = (cheat.owner, cheat.id);

	// The owner leaves in every way there is.
	let amount = active(&mut chain, owner);
	assert_ok!(chain.submit(owner, StakeCall::<Runtime>::thaw { purpose: DEVICES, amount }));
	assert_ok!(chain.submit(owner, pallet_device_registry::Call::retire { device }));
	let early = chain.submit(owner, StakeCall::<Runtime>::withdraw { purpose: DEVICES });
	assert_eq!(early, Err(Error::<Runtime>::NothingDue.into()));
	to_window(&mut chain, window + EFFECT_DELAY_WINDOWS + MEMORY_WINDOWS + 1);

	let before = chain.with(|| Balances::free_balance(account(Ferdie)));
	let report = pallet_proof_of_coverage::Call::report_double_beacon {
		window,
		device,
		signature_a,
		signature_b,
	};
	assert_ok!(chain.submit(Ferdie, report));
	chain.with(|| {
		let on_hold = Balances::balance_on_hold(&HoldReason::Devices.into(), &account(owner));
		assert_eq!(on_hold, amount - 50 * GRM);
		assert_eq!(Balances::free_balance(account(Ferdie)), before + 5 * GRM / 2);
	});
	chain.check();
}

#[test]
fn raise_of_the_stake_per_device_uncovers_no_one_before_it_holds() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let terms = chain.with(|| Networks::terms(LORAWAN)).expect("it exists");
	let update = |stake_per_device| pallet_networks::Call::update_terms {
		network: LORAWAN,
		terms: NetworkTerms { stake_per_device, ..terms.clone() },
	};
	let slots = || Stake::covered_slots(&account(Bob), LORAWAN);
	chain.with(|| {
		as_root(update(100 * GRM));
		assert_eq!(slots(), 1_000);
		let announced = Networks::raise_of(LORAWAN).expect("it is announced");
		let now = Challenges::window_info().index;
		assert_eq!((announced.stake_per_device, announced.window), (100 * GRM, now + 300));
		as_root(update(25 * GRM));
		assert_eq!((slots(), Networks::raise_of(LORAWAN)), (2_000, None));
	});
	chain.blocks(2);
	chain.check();
}

#[test]
fn cap_of_a_device_follows_the_least_stake_of_the_epoch() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let before = chain.with(|| Networks::terms(LORAWAN)).expect("it exists");
	let after = NetworkTerms { stake_per_device: 100 * GRM, ..before.clone() };
	let raise = chain.with(|| {
		let terms = after.clone();
		as_root(pallet_networks::Call::update_terms { network: LORAWAN, terms });
		Networks::raise_of(LORAWAN).expect("it is announced")
	});
	to_window(&mut chain, raise.window);
	// A block sees at its beginning in which window the one before it was.
	chain.block(vec![]);
	let caps = |chain: &mut Chain| {
		chain.with(|| {
			let in_force = Networks::terms(LORAWAN).expect("it exists").device_cap();
			let told = <Runtime as RewardsApi<Block, AccountId>>::payout_terms(LORAWAN);
			(in_force, told.expect("it can be read").device_cap)
		})
	};
	assert_eq!(caps(&mut chain), (after.device_cap(), before.device_cap()));
	chain.blocks(2 * EPOCH_BLOCKS);
	assert_eq!(caps(&mut chain), (after.device_cap(), after.device_cap()));
	chain.check();
}

/// A chain whose eras are sessions of ten slots. Alice validates with the 10,000 GRM of her own
/// that genesis provisions, and Bob delegates 1,000 GRM to her.
fn backed() -> Chain {
	let mut config = genesis_config(Some("development"));
	let times = [("babeEpochSlots", 10), ("sessionsPerEra", 1), ("evidenceEras", 1)];
	for (field, value) in times.into_iter().chain([("deferEras", 1), ("thawEras", 3)]) {
		config["timing"][field] = json!(value);
	}
	let mut chain = Chain::of(config);
	chain.block(vec![]);
	assert_ok!(chain.submit(Alice, StakeCall::<Runtime>::set_open { is_open: true }));
	assert_ok!(chain.submit(Bob, delegate(Alice)));
	chain
}

fn delegate(operator: Sr25519Keyring) -> RuntimeCall {
	let (operator, amount) = (account(operator), 1_000 * GRM);
	StakeCall::<Runtime>::delegate { operator, amount }.into()
}

/// Makes blocks until this era is active.
fn to_era(chain: &mut Chain, era: u32) {
	while chain.with(<Validators as Eras>::active) < era {
		chain.block(vec![]);
	}
}

#[test]
fn delegated_stake_that_leaves_pays_for_the_era_that_it_backed() {
	let mut chain = backed();
	let (alice, bob) = (account(Alice), account(Bob));
	let operator = alice.clone();
	let all = StakeCall::<Runtime>::undelegate { operator, amount: None };
	assert_ok!(chain.submit(Bob, all));
	let era = chain.with(|| Stake::delegation_of(&bob, &alice)).expect("it decodes").thawing[0].era;

	// The latest moment at which a slash can come.
	to_era(&mut chain, era + 2);
	let before = chain.with(|| Balances::free_balance(account(Ferdie)));
	let slashed = chain.act(|| {
		let reporter = account(Ferdie);
		<Stake as Backing<AccountId>>::slash(&alice, era, 10_500 * GRM, Some(&reporter))
	});
	let (own, delegated, rewarded) = (10_000 * GRM, 500 * GRM, 500 * GRM);
	assert_eq!(slashed, Slashed { own, delegated, rewarded });
	chain.with(|| {
		assert_eq!(Stake::unsettled(), Some(500 * GRM));
		assert_eq!(Balances::free_balance(account(Ferdie)), before + 500 * GRM);
	});

	let withdraw = || StakeCall::<Runtime>::withdraw_delegated { operator: account(Alice) };
	assert_eq!(chain.submit(Bob, withdraw()), Err(Error::<Runtime>::NothingDue.into()));
	to_era(&mut chain, era + 3);
	let before = chain.with(|| Balances::total_balance(&bob));
	assert_ok!(chain.submit(Bob, withdraw()));
	chain.with(|| {
		assert!(
			Balances::total_balance(&bob) <= before - 500 * GRM,
			"what the slash took is burned"
		);
		assert_eq!(Balances::balance_on_hold(&HoldReason::Delegated.into(), &bob), 0);
		assert_eq!(Stake::unsettled(), Some(0));
	});
	chain.check();
}

#[test]
fn stake_is_delegated_only_to_who_has_session_keys() {
	let mut chain = backed();
	let (purpose, amount) = (Purpose::Validating, 10_000 * GRM);
	assert_ok!(chain.submit(Dave, StakeCall::<Runtime>::provision { purpose, amount }));
	assert_ok!(chain.submit(Dave, StakeCall::<Runtime>::set_open { is_open: true }));
	let refused = chain.submit(Bob, delegate(Dave));
	assert_eq!(refused, Err(Error::<Runtime>::UnknownOperator.into()));
	chain.check();
}
