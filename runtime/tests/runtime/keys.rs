//! No hidden key: which origin passes which call of a chain that was founded on the preset
//! `production`.
//!
//! What is asked is the check of the origin alone: a call passes if it is neither filtered nor
//! refused with `BadOrigin`, whatever its arguments are worth. Root is not asked, since it passes
//! everything but what asks for an account.

use frame_support::{
	assert_ok,
	storage::{TransactionOutcome, with_transaction_unchecked},
};
use groma_runtime::{
	Proxy, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System,
	configs::tools::ProxyType,
	genesis::Founders,
	governance::{origins::Origin, ranks::RANK_MAX},
};
use sp_keyring::Sr25519Keyring::{Alice, BobStash, CharlieStash, DaveStash, Eve, Ferdie, One};
use sp_runtime::{DispatchError, DispatchResult, traits::Dispatchable};

use crate::{
	chain::{Chain, account},
	founders::{founded_by, founders},
	referenda::ORIGINS,
	surface::calls,
};

/// Calls that accounts pass and tracks pass, too. Of these, nothing is asked of an origin (remarks,
/// batches, code that was authorized), or a curator and a track may do the same, or what was
/// approved before waits to be dispatched.
const OPEN_TO_BOTH: [&str; 11] = [
	"System.remark",
	"System.apply_authorized_upgrade",
	"Utility.batch",
	"Utility.batch_all",
	"Utility.force_batch",
	"Utility.if_else",
	"Whitelist.dispatch_whitelisted_call",
	"Whitelist.dispatch_whitelisted_call_with_preimage",
	"Bounties.unassign_curator",
	"ChildBounties.unassign_curator",
	"ChildBounties.close_child_bounty",
];

/// A way to act for an account.
type Account = (&'static str, fn(RuntimeCall) -> DispatchResult);

/// Accounts: one without anything; one that founded the chain and validates; a fellow of the
/// highest rank; a proxy for everything; a multisig of one signature.
const ACCOUNTS: [Account; 5] = [
	("account", |call| dispatch(call, RuntimeOrigin::signed(account(BobStash)))),
	("validator", |call| dispatch(call, RuntimeOrigin::signed(account(Alice)))),
	("fellow", |call| dispatch(call, RuntimeOrigin::signed(account(Eve)))),
	("proxy", as_proxy),
	("multisig", as_multisig),
];

fn dispatch(call: RuntimeCall, origin: RuntimeOrigin) -> DispatchResult {
	call.dispatch(origin).map(drop).map_err(|error| error.error)
}

/// What becomes of a call that another account makes for Alice.
fn as_proxy(call: RuntimeCall) -> DispatchResult {
	let (real, call) = (account(Alice).into(), Box::new(call));
	assert_ok!(Proxy::proxy(RuntimeOrigin::signed(account(CharlieStash)), real, None, call));
	let executed = System::events().into_iter().rev().find_map(|record| match record.event {
		RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(result),
		_ => None,
	});
	executed.expect("the proxy executed it")
}

/// What becomes of a call that is made for a multisig of which one signature is enough.
fn as_multisig(call: RuntimeCall) -> DispatchResult {
	let (other_signatories, call) = (vec![account(DaveStash)], Box::new(call));
	let call = pallet_multisig::Call::as_multi_threshold_1 { other_signatories, call };
	dispatch(RuntimeCall::Multisig(call), RuntimeOrigin::signed(account(BobStash)))
}

/// Whether a call passes; what it does is taken back.
fn passes(act: impl FnOnce() -> DispatchResult) -> bool {
	let outcome = with_transaction_unchecked(|| TransactionOutcome::Rollback(act()));
	let filtered = frame_system::Error::<Runtime>::CallFiltered.into();
	outcome != Err(DispatchError::BadOrigin) && outcome != Err(filtered)
}

/// What the preset `production` and its founders make, with fellows of the highest rank, and with a
/// proxy of Alice.
fn chain() -> Chain {
	let fellows = [Eve, Ferdie, One].map(|fellow| (account(fellow), RANK_MAX)).to_vec();
	let mut chain = founded_by(Founders { fellows, ..founders() });
	chain.blocks(2);
	chain.with(|| {
		let alice = RuntimeOrigin::signed(account(Alice));
		assert_ok!(Proxy::add_proxy(alice, account(CharlieStash).into(), ProxyType::Any, 0));
	});
	chain
}

/// The accounts and the tracks that pass a call.
fn passing(call: &RuntimeCall) -> (Vec<&'static str>, Vec<String>) {
	let accounts = ACCOUNTS.iter().filter(|(_, act)| passes(|| act(call.clone())));
	let tracks = ORIGINS.into_iter().chain([Origin::Fellows]);
	let tracks = tracks.filter(|origin| passes(|| dispatch(call.clone(), (*origin).into())));
	(
		accounts.map(|(name, _)| *name).collect(),
		tracks.map(|origin| format!("{origin:?}")).collect(),
	)
}

/// A line of the table. `signed` stands for all accounts.
fn line(name: &str, accounts: &[&str], tracks: &[String]) -> String {
	let signed = if accounts.len() == ACCOUNTS.len() { vec!["signed"] } else { accounts.to_vec() };
	let all = signed.into_iter().chain(tracks.iter().map(String::as_str));
	all.fold(format!("{name}:"), |line, origin| format!("{line} {origin}")) + "\n"
}

#[test]
fn every_call_is_listed_with_the_origins_that_pass_it() {
	let mut chain = chain();
	let (mut table, mut open) = (String::new(), Vec::new());
	for entry in calls() {
		let (name, call) = (entry.name(), entry.some_call().expect("the surface knows it"));
		let (accounts, tracks) = chain.with(|| passing(&call));
		table += &line(&name, &accounts, &tracks);
		if !accounts.is_empty() && !tracks.is_empty() {
			open.push(name);
		}
	}
	let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/runtime/keys.txt");
	if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
		std::fs::write(path, &table).expect("the table can be written");
	}
	let known = std::fs::read_to_string(path).expect("the table exists");
	assert!(
		known == table,
		"decide who may make each call, then run the test with UPDATE_SNAPSHOTS=1\n{table}"
	);
	open.sort();
	let mut expected = OPEN_TO_BOTH.to_vec();
	expected.sort();
	assert_eq!(open, expected, "an account passes a call of a track, or the reverse");
}

#[test]
fn no_account_passes_what_changes_the_chain_for_others() {
	let mut chain = chain();
	for entry in calls().iter().filter(|entry| PRIVILEGED.contains(&entry.name().as_str())) {
		let call = entry.some_call().expect("the surface knows it");
		let (accounts, _) = chain.with(|| passing(&call));
		assert!(accounts.is_empty(), "{}: {accounts:?}", entry.name());
	}
	let names: Vec<String> = calls().iter().map(|entry| entry.name()).collect();
	assert!(PRIVILEGED.iter().all(|name| names.contains(&(*name).into())), "a name is mistyped");
}

/// What accounts must never be able to do, whatever the table says.
const PRIVILEGED: [&str; 34] = [
	"System.set_code",
	"System.set_code_without_checks",
	"System.set_storage",
	"System.kill_storage",
	"System.kill_prefix",
	"System.authorize_upgrade",
	"System.authorize_upgrade_without_checks",
	"Babe.plan_config_change",
	"Grandpa.note_stalled",
	"Balances.force_transfer",
	"Balances.force_set_balance",
	"Balances.force_adjust_total_issuance",
	"Vesting.vested_transfer",
	"Vesting.force_vested_transfer",
	"Vesting.force_remove_vesting_schedule",
	"Utility.dispatch_as",
	"Scheduler.schedule",
	"Parameters.set_parameter",
	"GovernedParameters.set_parameter",
	"Referenda.cancel",
	"Referenda.kill",
	"FellowshipCollective.add_member",
	"FellowshipCollective.promote_member",
	"Whitelist.whitelist_call",
	"Treasury.spend",
	"Treasury.spend_local",
	"Bounties.approve_bounty",
	"SafeMode.force_enter",
	"SafeMode.force_exit",
	"TxPause.pause",
	"MultiBlockMigrations.force_set_cursor",
	"Upgrades.authorize",
	"Networks.create_network",
	"Validators.cancel_slash",
];
