//! Safe mode and paused calls: what they stop, however it is wrapped, and what leads out again.

use frame_support::{
	assert_ok,
	migrations::{FailedMigrationHandler, FailedMigrationHandling::ForceUnstuck},
	traits::{
		OriginTrait, StorePreimage,
		schedule::{DispatchTime, v3::Anon},
	},
};
use frame_system::RawOrigin;
use groma_core::{
	money::GRM,
	terms::{PlaceTerms, Proof},
};
use groma_runtime::{
	Balances, BlockNumber, Challenges, FellowshipCollective, Hash, Multisig, OriginCaller,
	Preimage, Referenda, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, SafeMode, Scheduler,
	TxPause, Whitelist,
	configs::{standstill::Standing, tools::ProxyType},
	governance::{
		origins::Origin,
		ranks::{FELLOWS_MIN, FellowshipCollectiveInstance, RANK_TO_VOTE},
		safety::SafeModeBlocks,
		upgrades::SafeModeWithoutCursor,
	},
};
use groma_traits::Standstill;
use pallet_migrations::{Cursor, MigrationCursor};
use pallet_safe_mode::EnteredUntil;
use pallet_scheduler::Event::Dispatched;
use pallet_tx_pause::RuntimeCallNameOf;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Ferdie};
use sp_runtime::{
	DispatchError, DispatchResult,
	traits::{BlakeTwo256, Hash as _},
	transaction_validity::InvalidTransaction,
};

use crate::{
	chain::{Chain, account, as_root, authorized},
	field::{four_devices, next_heard},
	networks::terms,
	offences::{report_bob, to_session},
	referenda::{ORIGINS, passed, propose, window_blocks, window_of_20},
	sessions::four_validators,
	surface::calls,
};

/// What neither safe mode nor a pause stops, by pallet: these calls, or all if none is named.
const LEADS_OUT: [(&str, &[&str]); 25] = [
	("System", &["remark", "apply_authorized_upgrade"]),
	("Timestamp", &["set"]),
	("Babe", &["report_equivocation", "report_equivocation_unsigned"]),
	("Grandpa", &["report_equivocation", "report_equivocation_unsigned"]),
	("Validators", &["cancel_slash"]),
	("Routes", &["force_release_join_eui", "allot_addresses", "take_back_addresses"]),
	("Utility", &[]),
	("Multisig", &[]),
	("Proxy", &[]),
	("Preimage", &[]),
	("Scheduler", &[]),
	("Parameters", &[]),
	("GovernedParameters", &[]),
	("Referenda", &[]),
	("ConvictionVoting", &[]),
	("FellowshipCollective", &[]),
	("FellowshipReferenda", &[]),
	("Whitelist", &[]),
	("Treasury", &["spend", "void_spend"]),
	("SafeMode", &[]),
	("TxPause", &[]),
	("Upgrades", &["authorize"]),
	(
		"Networks",
		&["create_network", "update_terms", "close_network", "open_network", "halt_network"],
	),
	("DeviceRegistry", &["register_maker", "set_maker_keys", "revoke_maker"]),
	("ProofOfCoverage", &["set_region_plan", "retire_region_plan"]),
];

/// What no one but Root calls, at any time.
const ALWAYS_REFUSED: [&str; 4] =
	["Balances.burn", "Vesting.vested_transfer", "Session.purge_keys", "Treasury.spend_local"];

fn leads_out(name: &str) -> bool {
	let (pallet, call) = name.split_once('.').expect("it is a pallet and a call");
	let listed = LEADS_OUT.iter().find(|(listed, _)| *listed == pallet);
	listed.is_some_and(|(_, calls)| calls.is_empty() || calls.contains(&call))
}

/// The name of a call as the pallet of pauses has it.
pub(crate) fn full_name(name: &str) -> RuntimeCallNameOf<Runtime> {
	let (pallet, call) = name.split_once('.').expect("it is a pallet and a call");
	let bytes = |text: &str| text.as_bytes().to_vec().try_into().expect("it is short");
	(bytes(pallet), bytes(call))
}

fn pause(name: &str) {
	as_root(pallet_tx_pause::Call::pause { full_name: full_name(name) });
}

/// Safe mode for as long as no one ends it, as after a failed migration.
fn enter_for_good() {
	SafeModeWithoutCursor::failed(Some(0));
}

fn filtered() -> DispatchError {
	frame_system::Error::<Runtime>::CallFiltered.into()
}

/// The calls that the filter takes of an account.
fn passing(chain: &mut Chain) -> Vec<String> {
	let origin = RuntimeOrigin::signed(account(Alice));
	let calls = calls().into_iter().filter(|entry| {
		let call = entry.some_call().expect("`named_call` of the surface knows it");
		chain.with(|| origin.filter_call(&call))
	});
	calls.map(|entry| entry.name()).collect()
}

#[test]
fn safe_mode_stops_every_call_but_those_that_lead_out_of_it() {
	let mut chain = Chain::development();
	let all: Vec<String> = calls().iter().map(|entry| entry.name()).collect();
	let but = |keep: fn(&str) -> bool| -> Vec<String> {
		let kept = all.iter().filter(|name| keep(name) && !ALWAYS_REFUSED.contains(&name.as_str()));
		kept.cloned().collect()
	};
	assert_eq!(passing(&mut chain), but(|_| true));
	chain.with(enter_for_good);
	assert_eq!(passing(&mut chain), but(leads_out));
	// A name that is mistyped would stop what it should not.
	for (pallet, names) in LEADS_OUT {
		assert!(all.iter().any(|name| name.starts_with(&format!("{pallet}."))), "{pallet}");
		for call in names {
			assert!(all.contains(&format!("{pallet}.{call}")), "{pallet}.{call}");
		}
	}
}

#[test]
fn what_leads_out_cannot_be_paused_and_everything_else_can() {
	let calls = calls();
	Chain::development().with(|| {
		for name in calls.iter().map(|entry| entry.name()) {
			let paused = TxPause::pause(RuntimeOrigin::root(), full_name(&name));
			let refused: DispatchResult = Err(pallet_tx_pause::Error::<Runtime>::Unpausable.into());
			assert_eq!(paused, if leads_out(&name) { refused } else { Ok(()) }, "{name}");
		}
	});
}

fn payment() -> RuntimeCall {
	pallet_balances::Call::transfer_keep_alive { dest: account(Ferdie).into(), value: GRM }.into()
}

/// Ways to wrap a call, and who signs them.
fn wrapped(call: RuntimeCall) -> Vec<(Sr25519Keyring, RuntimeCall)> {
	let (calls, boxed) = (vec![call.clone()], Box::new(call));
	let (real, force_proxy_type) = (account(Alice).into(), None);
	let other_signatories = vec![account(Bob)];
	vec![
		(Alice, pallet_utility::Call::batch { calls: calls.clone() }.into()),
		(Alice, pallet_utility::Call::batch_all { calls: calls.clone() }.into()),
		(Alice, pallet_utility::Call::force_batch { calls }.into()),
		(Bob, pallet_proxy::Call::proxy { real, force_proxy_type, call: boxed.clone() }.into()),
		(
			Alice,
			pallet_multisig::Call::as_multi_threshold_1 { other_signatories, call: boxed }.into(),
		),
	]
}

/// Has the scheduler dispatch a call in the next block, as it does with what a vote approved.
fn schedule(origin: OriginCaller, call: RuntimeCall) -> (BlockNumber, u32) {
	let call = Preimage::bound(call).expect("it can be stored");
	<Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::schedule(
		DispatchTime::After(0),
		None,
		63,
		origin,
		call,
	)
	.expect("the agenda has room")
}

/// Whether each way to make a payment makes it: by itself, wrapped, scheduled.
fn ways_that_pay(chain: &mut Chain) -> Vec<bool> {
	let held = |chain: &mut Chain| chain.with(|| Balances::free_balance(account(Ferdie)));
	let mut pay = Vec::new();
	let mut ways = wrapped(payment());
	ways.push((Alice, payment()));
	for (signer, call) in ways {
		let before = held(chain);
		// A batch that is interrupted succeeds: what counts is what was paid.
		let _ = chain.submit(signer, call);
		pay.push(held(chain) == before + GRM);
	}
	let before = held(chain);
	chain.with(|| schedule(RawOrigin::Signed(account(Alice)).into(), payment()));
	// If the session changes in the next block, it is the one after that.
	chain.blocks(2);
	pay.push(held(chain) == before + GRM);
	pay
}

/// A chain where all of [`wrapped`] works: Bob is Alice's proxy, and their multisig has money.
fn chain_with_wrappers() -> Chain {
	let mut chain = Chain::development();
	chain.blocks(2);
	let (delegate, proxy_type) = (account(Bob).into(), ProxyType::Any);
	let call = pallet_proxy::Call::add_proxy { delegate, proxy_type, delay: 0 };
	assert_ok!(chain.submit(Alice, call));
	let mut signatories = [account(Alice), account(Bob)];
	signatories.sort();
	let dest = Multisig::multi_account_id(&signatories, 1).into();
	let call = pallet_balances::Call::transfer_keep_alive { dest, value: 100 * GRM };
	assert_ok!(chain.submit(Alice, call));
	chain
}

#[test]
fn what_is_stopped_is_stopped_within_every_wrapper_and_when_it_is_scheduled() {
	let mut chain = chain_with_wrappers();
	assert_eq!(ways_that_pay(&mut chain), [true; 7]);
	chain.with(enter_for_good);
	assert_eq!(ways_that_pay(&mut chain), [false; 7]);
	assert_eq!(chain.submit(Alice, payment()), Err(filtered()));
	chain.with(|| as_root(pallet_safe_mode::Call::force_exit {}));
	assert_eq!(ways_that_pay(&mut chain), [true; 7]);
	chain.with(|| pause("Balances.transfer_keep_alive"));
	assert_eq!(ways_that_pay(&mut chain), [false; 7]);
	assert_eq!(chain.submit(Alice, payment()), Err(filtered()));
	let full_name = full_name("Balances.transfer_keep_alive");
	chain.with(|| as_root(pallet_tx_pause::Call::unpause { ident: full_name }));
	assert_eq!(ways_that_pay(&mut chain), [true; 7]);
	chain.check();
}

#[test]
fn free_report_that_is_stopped_is_refused_by_the_pool() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (_, groups) = next_heard(&mut chain, &devices);
	let statement = groups[0].statement(&groups[0].statements[0]);
	let call = pallet_proof_of_coverage::Call::submit_own_statement { statement };
	let report = authorized(call);
	let refused = || Err(InvalidTransaction::Call.into());
	assert_ok!(chain.validate(report.clone()));
	chain.with(|| as_root(pallet_safe_mode::Call::force_enter {}));
	assert_eq!(chain.validate(report.clone()).map(drop), refused());
	chain.with(|| as_root(pallet_safe_mode::Call::force_exit {}));
	assert_ok!(chain.validate(report.clone()));
	chain.with(|| pause("ProofOfCoverage.submit_own_statement"));
	assert_eq!(chain.validate(report).map(drop), refused());
}

#[test]
fn no_one_but_root_stops_anything_and_no_deposit_buys_it() {
	let origins = || {
		let tracks = ORIGINS.into_iter().chain([Origin::Fellows]).map(RuntimeOrigin::from);
		tracks.chain([RuntimeOrigin::signed(account(Alice)), RuntimeOrigin::none()])
	};
	let refused = Err(DispatchError::BadOrigin);
	let not_for_sale: DispatchResult =
		Err(pallet_safe_mode::Error::<Runtime>::NotConfigured.into());
	Chain::development().with(|| {
		let signed = || RuntimeOrigin::signed(account(Alice));
		for origin in origins() {
			assert_eq!(SafeMode::force_enter(origin.clone()), refused);
			let name = full_name("Balances.transfer_keep_alive");
			assert_eq!(TxPause::pause(origin, name), refused);
		}
		assert_eq!(SafeMode::enter(signed()), not_for_sale);
		assert!(!SafeMode::is_entered());
		enter_for_good();
		assert_eq!(SafeMode::extend(signed()), not_for_sale);
		for origin in origins() {
			assert_eq!(SafeMode::force_extend(origin.clone()), refused);
			assert_eq!(SafeMode::force_exit(origin), refused);
		}
		assert!(SafeMode::is_entered());
	});
}

#[test]
fn chain_stands_still_in_safe_mode_and_while_a_migration_runs() {
	let mut chain = Chain::development();
	chain.blocks(2);
	let window = |chain: &mut Chain| chain.with(|| Challenges::window_info().index);
	let before = window(&mut chain);
	assert!(!chain.with(Standing::now));
	chain.with(|| as_root(pallet_safe_mode::Call::force_enter {}));
	assert!(chain.with(Standing::now));
	chain.blocks(14);
	assert_eq!(window(&mut chain), before, "windows have 12 blocks");
	chain.with(|| as_root(pallet_safe_mode::Call::force_exit {}));
	assert!(!chain.with(Standing::now));
	chain.with(|| Cursor::<Runtime>::set(Some(MigrationCursor::Stuck)));
	assert!(chain.with(Standing::now));
	chain.blocks(14);
	assert_eq!(window(&mut chain), before);
	chain.with(Cursor::<Runtime>::kill);
	assert!(!chain.with(Standing::now));
	chain.blocks(14);
	assert!(window(&mut chain) > before);
}

#[test]
fn safe_mode_ends_by_itself_unless_a_migration_failed() {
	let mut chain = Chain::development();
	chain.blocks(1);
	chain.with(|| as_root(pallet_safe_mode::Call::force_enter {}));
	let blocks = chain.with(SafeModeBlocks::get);
	chain.blocks(blocks);
	assert!(chain.with(SafeMode::is_entered));
	chain.blocks(1);
	assert!(!chain.with(SafeMode::is_entered));
	chain.with(|| {
		// Also if it is on already.
		for _ in 0..2 {
			assert_eq!(SafeModeWithoutCursor::failed(Some(0)), ForceUnstuck);
			assert_eq!(EnteredUntil::<Runtime>::get(), Some(BlockNumber::MAX));
		}
	});
}

/// Enacts a call with the origin of a track, as is done when it is approved.
fn enact(
	chain: &mut Chain,
	origin: impl Into<OriginCaller>,
	call: impl Into<RuntimeCall>,
) -> DispatchResult {
	let (origin, call) = (origin.into(), call.into());
	let address = chain.with(|| schedule(origin, call));
	let result_of = |event: RuntimeEvent| match event {
		RuntimeEvent::Scheduler(Dispatched { task, result, .. }) if task == address => Some(result),
		_ => None,
	};
	// If the session changes in the next block, it is the one after that.
	let mut next = || {
		chain.blocks(1);
		chain.events().into_iter().find_map(result_of)
	};
	next().or_else(&mut next).expect("the scheduler dispatched it")
}

/// The call that each track is there for, but for those that need a slash or a referendum.
fn main_calls() -> Vec<(OriginCaller, RuntimeCall)> {
	let remark = RuntimeCall::System(frame_system::Call::remark { remark: vec![1] });
	let call = Box::new(remark.clone());
	let whitelisted =
		RuntimeCall::Whitelist(pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage {
			call,
		});
	let create = pallet_networks::Call::create_network {
		name: b"another".to_vec().try_into().expect("it is short"),
		terms: terms(PlaceTerms::Anywhere, Proof::Unproven),
	};
	let add = pallet_ranked_collective::Call::<Runtime, FellowshipCollectiveInstance>::add_member {
		who: account(Dave).into(),
	};
	let spend = |amount| {
		let (asset_kind, beneficiary) = (Box::new(()), Box::new(account(Bob)));
		RuntimeCall::Treasury(pallet_treasury::Call::spend {
			asset_kind,
			amount,
			beneficiary,
			valid_from: None,
		})
	};
	vec![
		(RawOrigin::Root.into(), pallet_safe_mode::Call::force_extend {}.into()),
		(Origin::WhitelistedCaller.into(), whitelisted),
		(
			Origin::Upgrade.into(),
			pallet_upgrades::Call::authorize { code_hash: Hash::repeat_byte(1) }.into(),
		),
		(Origin::Signal.into(), remark),
		(Origin::Parameters.into(), window_of_20()),
		(Origin::Networks.into(), create.into()),
		(Origin::FellowshipAdmin.into(), add.into()),
		(Origin::TreasurySmall.into(), spend(10_000 * GRM)),
		(Origin::TreasuryMedium.into(), spend(100_000 * GRM)),
		(Origin::TreasuryBig.into(), spend(1_000_000 * GRM)),
	]
}

#[test]
fn main_call_of_each_track_is_enacted_in_safe_mode() {
	let mut chain = Chain::development();
	chain.blocks(2);
	chain.with(|| {
		enter_for_good();
		let fellows = [Alice, Bob, Charlie];
		assert_eq!(fellows.len(), FELLOWS_MIN as usize);
		for fellow in fellows {
			let added =
				FellowshipCollective::do_add_member_to_rank(account(fellow), RANK_TO_VOTE, true);
			assert_ok!(added);
		}
		let remark = RuntimeCall::System(frame_system::Call::remark { remark: vec![1] });
		let hash = BlakeTwo256::hash_of(&remark);
		assert_ok!(Whitelist::whitelist_call(Origin::Fellows.into(), hash));
	});
	for (origin, call) in main_calls() {
		assert_eq!(enact(&mut chain, origin.clone(), call), Ok(()), "{origin:?}");
	}
	for (index, origin) in (0..).zip([Origin::Canceller, Origin::Killer]) {
		chain.with(submit_remark);
		let call = match origin {
			Origin::Canceller => pallet_referenda::Call::cancel { index },
			_ => pallet_referenda::Call::kill { index },
		};
		assert_eq!(enact(&mut chain, origin, RuntimeCall::Referenda(call)), Ok(()), "{origin:?}");
	}
}

/// Submits a referendum of Alice.
fn submit_remark() {
	let remark = RuntimeCall::System(frame_system::Call::remark { remark: vec![2] });
	assert_ok!(Referenda::submit(
		RuntimeOrigin::signed(account(Alice)),
		Box::new(Origin::Signal.into()),
		Preimage::bound(remark).expect("it can be stored"),
		DispatchTime::After(0),
	));
}

#[test]
fn slash_is_cancelled_in_safe_mode() {
	let mut chain = four_validators();
	to_session(&mut chain, 0);
	chain.with(|| {
		assert_ok!(report_bob(0));
		enter_for_good();
	});
	let call = pallet_validators::Call::cancel_slash { era: 0, validator: account(Bob) };
	assert_eq!(enact(&mut chain, Origin::SlashCancel, call), Ok(()));
}

#[test]
fn referendum_is_submitted_voted_on_and_enacted_in_safe_mode() {
	let mut chain = Chain::development();
	chain.blocks(2);
	chain.with(enter_for_good);
	let index = propose(&mut chain, Origin::Parameters, window_of_20());
	chain.blocks(40);
	assert!(passed(&mut chain, index));
	assert_eq!(chain.with(window_blocks), 20);
	chain.check();
}
