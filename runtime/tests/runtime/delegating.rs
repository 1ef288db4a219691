//! What docs/guide/delegating.md says works.

use std::collections::BTreeSet;

use frame_support::{
	assert_ok,
	traits::{
		Get,
		fungible::{Inspect, InspectHold},
	},
};
use groma_core::{
	money::{Balance, DELEGATION_MIN, GRM},
	protocol::{COMMISSION_NOTICE_ERAS, COMMISSION_RISE_PERCENT, SETTLED_MAX, THAW_ERAS},
};
use groma_runtime::{
	AccountId, Balances, Block, Runtime, Validators, configs::parameters::dynamic_params::stake,
};
use groma_runtime_api::{
	DelegationInfo, EraSetInfo, ValidatorInfo, runtime_decl_for_stake_api::StakeApi,
	runtime_decl_for_validators_api::ValidatorsApi,
};
use groma_traits::Eras;
use pallet_stake::{Call as StakeCall, Error, HoldReason};
use pallet_timing::ThawEras;
use serde_json::Value;
use sp_keyring::Sr25519Keyring::{Alice, Dave, Ferdie};

use crate::{
	chain::{Chain, account},
	escape::{OWN, chain_of, config_of_five, to_era, undelegate_all, withdraw_delegated},
	guides::{Pallets, calls_in},
	the_set::pass_eras,
};

const GUIDE: &str = include_str!("../../../docs/guide/delegating.md");
/// Errors of calls that the guide does not name.
const OF_OTHERS: [&str; 2] = ["NetworkUnknown", "CommissionRise"];
/// What Ferdie delegates.
const AMOUNT: Balance = 1_000 * GRM;
/// Blocks of an epoch of 20 s.
const EPOCH_BLOCKS: u32 = 20;

#[test]
fn calls_of_the_guide_have_the_arguments_that_it_says() {
	let written = calls_in(GUIDE);
	let names: BTreeSet<_> = written.iter().map(|call| call.name.as_str()).collect();
	let expected =
		["Stake.claim", "Stake.delegate", "Stake.undelegate", "Stake.withdraw_delegated"];
	assert_eq!(names, BTreeSet::from(expected));
	let pallets = Pallets::of_the_runtime();
	written.iter().for_each(|call| pallets.expect_arguments(call));
}

/// The names in the first cells of a table of the guide, which begins with this line.
fn first_cells(begin: &str) -> BTreeSet<&'static str> {
	let (_, table) = GUIDE.split_once(begin).expect("the guide has the table");
	let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
	let cells = rows.filter_map(|row| row.split('|').nth(1));
	cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn errors_of_the_guide_are_those_of_its_calls() {
	let pallets = Pallets::of_the_runtime();
	let mut expected: BTreeSet<_> = pallets.errors_of("Stake").into_iter().collect();
	assert!(OF_OTHERS.iter().all(|error| expected.remove(error)));
	assert_eq!(first_cells("| error of `Stake` | what to do |"), expected);
}

#[test]
fn numbers_of_the_guide_are_those_of_the_runtime() {
	let words = GUIDE.split_whitespace().collect::<Vec<_>>().join(" ");
	let commission_max = Chain::development().with(stake::CommissionPercentMax::get);
	for sentence in [
		format!("At least {} GRM stand behind the operator afterwards.", DELEGATION_MIN / GRM),
		format!("It thaws for {THAW_ERAS} eras after the last era whose election counted it"),
		format!(
			"It rises by at most {COMMISSION_RISE_PERCENT} points at a time, \
			 {COMMISSION_NOTICE_ERAS} eras after the announcement, and never above a governed bound \
			 of {commission_max} %."
		),
		format!("of at most {SETTLED_MAX} accounts"),
	] {
		assert!(words.contains(&sentence), "the guide does not say: {sentence}");
	}
}

/// Five validators, of whom Alice makes all blocks and has opened her pool.
fn founded() -> Chain {
	let mut config = config_of_five();
	config.timing.reward_epoch_ms = 20_000;
	let mut chain = chain_of(&config);
	chain.block(vec![]);
	assert_ok!(chain.submit(Alice, StakeCall::<Runtime>::set_open { is_open: true }));
	chain
}

/// What a node answers about the set.
fn set(chain: &mut Chain) -> EraSetInfo<AccountId> {
	let ask = <Runtime as ValidatorsApi<Block, AccountId>>::validators;
	chain.with(|| ask(None, 0, 10)).expect("it is readable")
}

/// What a node answers about Alice.
fn alice(chain: &mut Chain) -> ValidatorInfo<AccountId> {
	let ask = <Runtime as ValidatorsApi<Block, AccountId>>::validator;
	chain.with(|| ask(account(Alice)))
}

/// What a node answers about what Ferdie delegated.
fn delegations(chain: &mut Chain) -> Vec<DelegationInfo<AccountId>> {
	let ask = <Runtime as StakeApi<Block, AccountId>>::delegations;
	chain.with(|| ask(account(Ferdie), None)).delegations
}

fn delegation(chain: &mut Chain) -> DelegationInfo<AccountId> {
	let mut found = delegations(chain);
	assert_eq!(found.len(), 1);
	found.remove(0)
}

/// The names of all fields of a document, and of those within.
fn add_names(value: &Value, names: &mut BTreeSet<String>) {
	match value {
		Value::Object(fields) => fields.iter().for_each(|(name, value)| {
			names.insert(name.clone());
			add_names(value, names);
		}),
		Value::Array(values) => values.iter().for_each(|value| add_names(value, names)),
		_ => {}
	}
}

#[test]
fn fields_by_which_the_guide_chooses_are_answered() {
	let mut chain = founded();
	let mut names = BTreeSet::new();
	let (set, alice) = (set(&mut chain), alice(&mut chain));
	for answer in [serde_json::to_value(set), serde_json::to_value(alice)] {
		add_names(&answer.expect("it is JSON"), &mut names);
	}
	let fields = first_cells("| field | what it says |");
	assert!(fields.len() > 5, "{fields:?}");
	for field in fields {
		assert!(names.contains(field), "no answer has {field}");
	}
}

/// Chooses the only operator whose pool is open, and puts stake behind it, which the next election
/// counts.
fn choose_and_delegate(chain: &mut Chain) {
	let open: Vec<_> = set(chain).validators.into_iter().filter(|member| member.is_open).collect();
	let [member] = &open[..] else { panic!("{open:?}") };
	assert_eq!((&member.account, member.own, member.is_disabled), (&account(Alice), OWN, false));
	assert!(alice(chain).backing.expect("it is readable").pending.is_empty());
	let operator = member.account.clone();
	assert_ok!(chain.submit(Ferdie, StakeCall::<Runtime>::delegate { operator, amount: AMOUNT }));
	let of_ferdie = delegation(chain);
	assert_eq!((of_ferdie.active, of_ferdie.owed), (AMOUNT, 0));
	pass_eras(chain, 1);
	let members = set(chain).validators;
	let total = members.iter().find(|it| it.account == account(Alice)).map(|it| it.total);
	assert_eq!(total, Some(OWN + AMOUNT));
}

/// Waits until an epoch is closed, and has someone else claim what it brought.
fn earn_and_claim(chain: &mut Chain) {
	for _ in 0..2 * EPOCH_BLOCKS {
		if delegation(chain).owed == 0 {
			chain.block(vec![]);
		}
	}
	let DelegationInfo { owed, recent_yield, .. } = delegation(chain);
	let expected = AMOUNT / 1_000_000_000 * Balance::from(recent_yield);
	assert!(recent_yield > 0 && owed.abs_diff(expected) <= AMOUNT / 1_000_000_000, "{owed}");
	let balance = || Balances::total_balance(&account(Ferdie));
	let before = chain.with(balance);
	let (operator, account) = (account(Alice), account(Ferdie));
	assert_ok!(chain.submit(Dave, StakeCall::<Runtime>::claim { operator, account }));
	assert_eq!((chain.with(balance) - before, delegation(chain).owed), (owed, 0));
}

/// Takes all of it back.
fn leave(chain: &mut Chain) {
	assert_ok!(chain.submit(Ferdie, undelegate_all(Alice)));
	let last_backed = chain.with(Validators::counted).expect("the clock runs");
	let DelegationInfo { active, thawing, withdrawable, .. } = delegation(chain);
	let [part] = &thawing[..] else { panic!("{thawing:?}") };
	let due = last_backed + chain.with(ThawEras::get);
	assert_eq!((active, part.amount, part.due, withdrawable), (0, AMOUNT, due, 0));
	let early = chain.submit(Ferdie, withdraw_delegated(Alice));
	assert_eq!(early, Err(Error::<Runtime>::NothingDue.into()));
	to_era(chain, due);
	let DelegationInfo { withdrawable, owed, .. } = delegation(chain);
	assert_eq!((withdrawable, owed), (AMOUNT, 0), "what thaws earns nothing");
	assert_ok!(chain.submit(Ferdie, withdraw_delegated(Alice)));
	assert_eq!(delegations(chain), vec![]);
	let reason = HoldReason::Delegated.into();
	assert_eq!(chain.with(|| Balances::balance_on_hold(&reason, &account(Ferdie))), 0);
}

#[test]
fn owner_who_follows_the_guide_is_paid_and_has_the_stake_back() {
	let mut chain = founded();
	choose_and_delegate(&mut chain);
	earn_and_claim(&mut chain);
	leave(&mut chain);
	chain.check();
}
