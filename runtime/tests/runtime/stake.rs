//! Stories of stake behind devices, and behind those who validate.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::{
	assert_ok,
	storage::{storage_prefix, unhashed},
	traits::fungible::{Inspect, InspectHold},
};
use groma_core::{
	CoverageReason, DeviceId, EpochIndex,
	api::Refusal,
	money::{Balance, GRM},
	protocol::{EFFECT_DELAY_WINDOWS, MEMORY_WINDOWS},
	terms::NetworkTerms,
	units::{Scale, Units},
};
use groma_runtime::{
	AccountId, Balances, Block, Challenges, DeviceRegistry, Networks, ProofOfCoverage, Rewards,
	Runtime, RuntimeCall, Stake, Validators,
};
use groma_runtime_api::{
	runtime_decl_for_rewards_api::RewardsApi, runtime_decl_for_stake_api::StakeApi,
	runtime_decl_for_validators_api::ValidatorsApi,
};
use groma_traits::{Backing, Devices as _, Eras, Networks as _, Provisions, Slashed};
use pallet_stake::{Call as StakeCall, Error, HoldReason, Purpose};
use serde_json::json;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Dave, Ferdie};

use crate::{
	chain::{Chain, account, as_root, genesis_config},
	coverage::{reveals_with_statements, second_beacon},
	field::{
		Device, LORAWAN, cell, four_devices, next_challenged, next_epoch, next_heard, next_window,
		present_epoch, reveal_bundle, statement_bundle, statements, to_window,
	},
	services::EPOCH_BLOCKS,
};

const DEVICES: Purpose = Purpose::Devices(LORAWAN);

fn active(chain: &mut Chain, owner: Sr25519Keyring) -> Balance {
	chain.with(|| Stake::provision_of(&account(owner), LORAWAN)).expect("it decodes").active
}

/// How many devices of network 0 an owner's stake covers.
fn covered_slots(owner: &AccountId) -> u32 {
	let stake = Networks::terms(LORAWAN).map_or(0, |terms| terms.stake_per_device);
	Stake::covered_slots(owner, LORAWAN, stake)
}

#[test]
fn presets_put_stake_behind_a_thousand_devices_of_each_account() {
	for preset in ["development", "local_testnet"] {
		let mut chain = Chain::of(genesis_config(Some(preset)));
		chain.with(|| {
			for owner in Sr25519Keyring::well_known().map(account) {
				assert_eq!(covered_slots(&owner), 1_000, "{preset}");
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
	let slots = || covered_slots(&account(Bob));
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

/// Slots that the owner's stake covers in the story of turns.
const COVERED: u32 = 2;

/// A device of the owner that takes turns stands in a covered slot, or it is another's.
fn is_covered(device: &Device) -> bool {
	let info = DeviceRegistry::device_info(device.id);
	device.owner != Bob || info.is_some_and(|info| info.slot < COVERED)
}

/// Lives through a window of devices that stake covers, and returns the epoch in which it ended and
/// which devices have earned in it.
fn live_covered_window(chain: &mut Chain, devices: &[Device]) -> (EpochIndex, Vec<DeviceId>) {
	let window = next_window(chain);
	let (groups, due) = chain.with(|| {
		let able: Vec<_> = devices.iter().filter(|device| is_covered(device)).cloned().collect();
		(statements(&able, window), reveals_with_statements(devices, window - 2))
	});
	let heard = (!groups.is_empty()).then(|| statement_bundle(groups));
	let revealed = (!due.is_empty()).then(|| reveal_bundle(due));
	for call in heard.into_iter().chain(revealed) {
		assert_ok!(chain.submit(Alice, call));
	}
	let epoch = present_epoch(chain);
	let has_earned = |device: &&Device| {
		let activity = ProofOfCoverage::activity_info(device.id);
		activity.is_some_and(|it| it.epoch == epoch && it.units > Units::ZERO)
	};
	let earners = chain.with(|| devices.iter().filter(has_earned).map(|it| it.id).collect());
	(epoch, earners)
}

/// Retires the owner's devices in covered slots, so that others move in.
fn rotate(chain: &mut Chain, devices: &[Device]) {
	for device in devices.iter().filter(|device| device.owner == Bob) {
		let info = chain.with(|| DeviceRegistry::device_info(device.id)).expect("it is known");
		if info.slot < COVERED && info.change_effective_at.is_none() {
			let call = pallet_device_registry::Call::retire { device: device.id };
			assert_ok!(chain.submit(device.owner, call));
		}
	}
}

/// How often a device earned nothing since it, or its slot, was new.
fn new_in_slot(device: &Device) -> u16 {
	let code = CoverageReason::NewInSlot.number();
	let reasons = ProofOfCoverage::activity_info(device.id).map(|it| it.reasons);
	let found = reasons.into_iter().flatten().find(|reason| reason.code == code);
	found.map_or(0, |reason| reason.count)
}

#[test]
fn owner_earns_no_more_than_its_stake_allows_when_its_devices_take_turns() {
	let mut chain = Chain::development();
	let mut devices = four_devices(&mut chain);
	for n in 0..9 {
		let place = cell(4_000.0 + 600.0 * f64::from(n), 1_000.0);
		devices.push(Device::onboard(&mut chain, Bob, 10 + n, place));
	}
	let amount = active(&mut chain, Bob) - Balance::from(COVERED) * 50 * GRM;
	assert_ok!(chain.submit(Bob, StakeCall::<Runtime>::thaw { purpose: DEVICES, amount }));
	next_epoch(&mut chain);

	let of_bob: BTreeSet<_> = devices.iter().filter(|it| it.owner == Bob).map(|it| it.id).collect();
	let mut earners = BTreeMap::<EpochIndex, BTreeSet<DeviceId>>::new();
	let mut refused = 0;
	for turn in 0..40 {
		let (epoch, earned) = live_covered_window(&mut chain, &devices);
		// Devices that retire are forgotten, with what was counted of them.
		let counts: u16 = chain.with(|| devices.iter().map(new_in_slot).sum());
		refused = refused.max(counts);
		let of_epoch = earners.entry(epoch).or_default();
		of_epoch.extend(earned.into_iter().filter(|device| of_bob.contains(device)));
		if turn < 24 {
			rotate(&mut chain, &devices);
		}
	}
	for (epoch, earned) in &earners {
		assert!(earned.len() as u32 <= COVERED, "{earned:?} earned in epoch {epoch}");
	}
	let in_all: BTreeSet<_> = earners.values().flatten().collect();
	assert!(in_all.len() as u32 > COVERED, "no device that moved in earned: {earners:?}");
	assert!(refused > 0, "no device that moved in was refused");

	chain.blocks(2 * EPOCH_BLOCKS);
	chain.with(|| {
		let owed = |device: &DeviceId| Rewards::rewards_info(*device).owed;
		let paid: Balance = of_bob.iter().flat_map(owed).map(|(_, amount)| amount).sum();
		let device_cap = Networks::terms(LORAWAN).expect("it exists").device_cap();
		let epochs = earners.len() as Balance;
		assert!(paid > 0 && paid <= epochs * Balance::from(COVERED) * device_cap, "{paid}");
	});
	chain.check();
}

#[test]
fn slot_has_one_earner_when_epochs_stop_and_go_on_within_one() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let first = devices.iter().find(|device| device.owner == Bob).expect("he has one").id;
	let second = Device::onboard(&mut chain, Bob, 10, cell(4_000.0, 1_000.0)).id;
	next_epoch(&mut chain);

	let key = storage_prefix(b"Emission", b"Clock");
	let good = chain.with(|| unhashed::get_raw(&key)).expect("it runs");
	chain.with(|| unhashed::put_raw(&key, &[7]));
	let retire = pallet_device_registry::Call::retire { device: first };
	assert_ok!(chain.submit(Bob, retire));
	let slot = || DeviceRegistry::device_info(second).expect("it is known").slot;
	for _ in 0..EPOCH_BLOCKS {
		if chain.with(slot) == 0 {
			break;
		}
		chain.block(vec![]);
	}
	chain.with(|| unhashed::put_raw(&key, &good));
	let epoch = present_epoch(&mut chain);
	chain.with(|| {
		let now = Challenges::window_info().index;
		let view = DeviceRegistry::at(second, now).expect("it takes part");
		assert_eq!((view.slot, view.slot_at_start(epoch)), (0, Some(1)));
	});
	chain.blocks(2);
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
fn stake_of_a_network_that_is_gone_is_shown() {
	let mut chain = Chain::development();
	chain.with(|| {
		let networks = storage_prefix(b"Networks", b"Networks");
		let _removed = unhashed::clear_prefix(&networks, None, None);
		let provision = <Runtime as StakeApi<Block, AccountId>>::provision;
		let left = provision(account(Bob), LORAWAN).expect("its stake is left");
		assert_eq!(left.active, 1_000 * 50 * GRM);
		assert_eq!((left.stake_per_device, left.covered_slots, left.raise), (0, 0, None));
		assert_eq!(provision(account(Bob), LORAWAN + 1), None);
	});
}

#[test]
fn answers_about_validators_join_what_the_pallets_know() {
	let mut chain = backed();
	chain.with(|| {
		let era = <Runtime as ValidatorsApi<Block, AccountId>>::era().expect("it is readable");
		assert_eq!((era.validators, era.candidates, era.unsettled), (1, Some(1), Some(0)));
		assert_eq!((era.stake, era.own_stake_min), (Some(10_000 * GRM), 10_000 * GRM));
		let validators = <Runtime as ValidatorsApi<Block, AccountId>>::validators;
		let set = validators(None, 0, 10).expect("it is readable");
		let [member] = &set.validators[..] else { panic!("{set:?}") };
		assert_eq!((set.count, &member.account), (1, &account(Alice)));
		assert_eq!((member.commission, member.is_open), (Some(Scale::ZERO), true));
		assert!(member.points > 0, "she made blocks");
		assert_eq!(validators(Some(era.active + 2), 0, 10), None);
		let alice = <Runtime as ValidatorsApi<Block, AccountId>>::validator(account(Alice));
		assert!(alice.has_keys && alice.is_active && !alice.is_disabled);
		let backing = alice.backing.expect("it is readable");
		assert_eq!((backing.own, backing.delegated), (10_000 * GRM, 1_000 * GRM));
		let delegations = <Runtime as StakeApi<Block, AccountId>>::delegations;
		let of_bob = delegations(account(Bob), None).delegations;
		let [delegation] = &of_bob[..] else { panic!("{of_bob:?}") };
		assert_eq!(delegation.operator, account(Alice));
		assert_eq!((delegation.active, delegation.unsettled), (1_000 * GRM, 0));
		assert!(delegations(account(Dave), None).delegations.is_empty());
	});
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
