//! Upgrades with migrations that run over several blocks, good and broken ones: run by the blob
//! that tests upgrade to, since a failure in the native runtime of tests panics (see `blob.rs`).

use std::{cell::Cell, ops::Range};

use codec::Decode;
use frame_support::{
	assert_ok,
	migrations::{MultiStepMigrator, SteppedMigration},
	storage::{storage_prefix, unhashed},
	traits::schedule::Priority,
	weights::Weight,
};
use frame_system::{LastRuntimeUpgrade, RawOrigin};
use groma_core::money::GRM;
use groma_runtime::{
	Balances, BlockNumber, Challenges, DeviceRegistry, MultiBlockMigrations, OriginCaller, Rewards,
	Runtime, RuntimeCall, RuntimeEvent, SafeMode, System, UncheckedExtrinsic,
	configs::standstill::Standing,
	governance::upgrades::{MIGRATION_BLOCKS_MAX, MigrationWeight, blocks_max},
	migrations::variant::{CHOICE_KEY, Choice, Chosen, FAILS_AT, NOTES_PER_STEP, Notes},
	weights,
};
use groma_traits::Standstill;
use pallet_device_registry::{WeightInfo, migrations::v1::MAX_STEPS};
use pallet_safe_mode::EnteredUntil;
use sp_core::traits::Externalities;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Ferdie};
use sp_runtime::{ExtrinsicInclusionMode, transaction_validity::InvalidTransaction};

use crate::{
	blob::{Blob, chain_on_a_node},
	chain::{Chain, account, as_root},
	coverage::{EPOCH_BLOCKS, live_window},
	field::{Device, four_devices, next_window},
	referenda::propose,
	upgrades::{apply, authorize, code_of, code_with},
};

/// The notes that a test writes, more than half of which are widened before the one that fails.
const NOTES: u32 = 2_600;

/// The notes that a test writes for a migration that gets to none of them.
const FEW_NOTES: u32 = 100;

/// A chain whose devices have worked and have not been paid.
fn worked() -> (Chain, Vec<Device>) {
	let mut chain = chain_on_a_node();
	let devices = four_devices(&mut chain);
	let challenged: usize = (0..8).map(|_| live_window(&mut chain, &devices)).sum();
	assert!(challenged > 0);
	(chain, devices)
}

fn note_key(note: u32) -> Vec<u8> {
	Notes::hashed_key_for(note.to_be_bytes())
}

/// Writes notes as they are before the upgrade, and says what it brings.
fn prepare(chain: &mut Chain, notes: u32, choice: Choice) {
	chain.with(|| {
		(0..notes).for_each(|note| unhashed::put(&note_key(note), &note));
		unhashed::put(CHOICE_KEY, &choice);
	});
}

/// Makes one block of the upgraded runtime. A migration runs in it, so nothing else does: it takes
/// no transaction, no window begins, and nothing that was scheduled is dispatched.
fn migrating_block(chain: &mut Chain) {
	let window = chain.with(|| Challenges::window_info().index);
	let mode = Cell::new(None);
	let execute = |state: &mut dyn Externalities,
	               function: &str,
	               arguments: &[u8]|
	 -> Result<Vec<u8>, String> {
		let answer = Blob::variant().call(state, function, arguments)?;
		if function == "Core_initialize_block" {
			mode.set(ExtrinsicInclusionMode::decode(&mut &answer[..]).ok());
		}
		Ok(answer)
	};
	assert_eq!(chain.block_by(&execute, vec![]), Ok(vec![]));
	assert_eq!(mode.get(), Some(ExtrinsicInclusionMode::OnlyInherents));
	assert_eq!(chain.with(|| Challenges::window_info().index), window);
	assert!(!has_event(chain, is_dispatched), "the scheduler does not stand still");
}

fn migrates(chain: &mut Chain) -> bool {
	chain.with(MultiBlockMigrations::ongoing)
}

/// Upgrades the runtime, and makes blocks until no migration runs: how many.
fn upgrade(chain: &mut Chain) -> u32 {
	let mut blocks = 0;
	loop {
		migrating_block(chain);
		blocks += 1;
		if !migrates(chain) {
			return blocks;
		}
		assert!(blocks < MIGRATION_BLOCKS_MAX, "the migration never ends");
	}
}

fn has_event(chain: &mut Chain, event: impl Fn(&RuntimeEvent) -> bool) -> bool {
	chain.events().iter().any(event)
}

fn is_dispatched(event: &RuntimeEvent) -> bool {
	matches!(event, RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { .. }))
}

fn has_failed(chain: &mut Chain) -> bool {
	has_event(chain, |event| {
		matches!(event, RuntimeEvent::MultiBlockMigrations(pallet_migrations::Event::UpgradeFailed))
	})
}

/// How many bytes each of the notes has.
fn note_bytes(chain: &mut Chain, notes: impl Iterator<Item = u32>) -> Vec<usize> {
	let bytes = |note| unhashed::get_raw(&note_key(note)).expect("the note is there").len();
	chain.with(|| notes.map(bytes).collect())
}

/// Checks that the chain is in safe mode permanently, has no migration, and takes code.
fn expect_safe_mode(chain: &mut Chain) {
	assert!(has_failed(chain), "no migration failed in the latest block");
	chain.with(|| {
		assert_eq!(EnteredUntil::<Runtime>::get(), Some(BlockNumber::MAX));
		assert!(Standing::now() && !MultiBlockMigrations::ongoing());
		assert!(System::can_set_code(&[], false).is_ok());
	});
	let dest = account(Bob).into();
	let transfer = pallet_balances::Call::transfer_keep_alive { dest, value: GRM };
	let refused = frame_system::Error::<Runtime>::CallFiltered.into();
	assert_eq!(chain.submit(Alice, transfer), Err(refused));
}

/// Lets devices work until they have earned, and claims for each: it is paid once.
fn expect_earnings(chain: &mut Chain, devices: &[Device]) {
	let challenged: usize = (0..12).map(|_| live_window(chain, devices)).sum();
	assert!(challenged > 0, "no device is challenged");
	chain.blocks(EPOCH_BLOCKS + 1);
	for device in devices {
		let owed = chain.with(|| Rewards::rewards_info(device.id).owed);
		assert_eq!(owed.len(), 1, "device {}", device.id);
		let (payee, amount) = owed[0].clone();
		let balance = |chain: &mut Chain| chain.with(|| Balances::free_balance(&payee));
		let before = balance(chain);
		let claim = || pallet_rewards::Call::claim { device: device.id };
		assert_ok!(chain.submit(Ferdie, claim()));
		assert_eq!(balance(chain), before + amount);
		// Whatever it answers, it pays nothing.
		let _ = chain.submit(Ferdie, claim());
		assert_eq!(balance(chain), before + amount, "device {} was paid twice", device.id);
	}
	chain.check();
}

/// Checks that a migration failed in the latest block and has left these notes as they were, after
/// those before them were widened. A referendum mends that and ends safe mode, and devices earn
/// again.
fn expect_mending(chain: &mut Chain, devices: &[Device], narrow: Range<u32>) {
	assert!(note_bytes(chain, 0..narrow.start).iter().all(|bytes| *bytes == 8));
	assert!(note_bytes(chain, narrow.clone()).iter().all(|bytes| *bytes == 4));
	expect_safe_mode(chain);

	let items = narrow
		.clone()
		.map(|note| (note_key(note), u64::from(note).to_le_bytes().to_vec()))
		.collect();
	let calls: Vec<RuntimeCall> = vec![
		frame_system::Call::set_storage { items }.into(),
		pallet_safe_mode::Call::force_exit {}.into(),
	];
	let mend = pallet_utility::Call::batch_all { calls };
	propose(chain, OriginCaller::system(RawOrigin::Root), mend.into());
	let mut left = 100;
	while chain.with(SafeMode::is_entered) {
		left -= 1;
		assert!(left > 0, "the referendum takes too long");
		chain.block(vec![]);
	}
	assert!(note_bytes(chain, 0..narrow.end).iter().all(|bytes| *bytes == 8));
	chain.with(|| assert!(!Standing::now()));
	next_window(chain);
	expect_earnings(chain, devices);
}

#[test]
fn migration_goes_on_over_blocks_and_devices_earn_afterwards() {
	let (mut chain, devices) = worked();
	let notes = 4 * NOTES_PER_STEP + 500;
	prepare(&mut chain, notes, Choice::Notes);
	let when = chain.with(System::block_number) + 2;
	let call: RuntimeCall =
		frame_system::Call::remark_with_event { remark: b"waits".to_vec() }.into();
	let priority: Priority = 63;
	chain.act(|| {
		as_root(pallet_scheduler::Call::schedule {
			when,
			maybe_periodic: None,
			priority,
			call: Box::new(call),
		});
	});
	assert_eq!(upgrade(&mut chain), 5);
	assert!(!has_failed(&mut chain));
	assert!(note_bytes(&mut chain, 0..notes).iter().all(|bytes| *bytes == 8));
	chain.with(|| {
		assert!((0..notes).all(|note| Notes::get(note.to_be_bytes()) == Some(note.into())));
		assert!(!Standing::now());
	});
	chain.block(vec![]);
	assert!(has_event(&mut chain, is_dispatched), "what was due is dispatched afterwards");
	next_window(&mut chain);
	expect_earnings(&mut chain, &devices);
}

#[test]
fn referendum_mends_what_a_failed_migration_left_and_devices_earn_again() {
	let (mut chain, devices) = worked();
	prepare(&mut chain, NOTES, Choice::FailsHalfWay);
	let steps = FAILS_AT / NOTES_PER_STEP;
	assert_eq!(upgrade(&mut chain), steps + 1);
	// Whole steps are kept, and of the one that failed nothing is.
	expect_mending(&mut chain, &devices, steps * NOTES_PER_STEP..NOTES);
}

#[test]
fn migration_that_never_ends_is_ended_by_its_bound() {
	let (mut chain, devices) = worked();
	prepare(&mut chain, FEW_NOTES, Choice::NeverEnds);
	let most = chain.with(Chosen::max_steps).expect("it has a bound");
	let blocks = upgrade(&mut chain);
	assert!((most..=most + 2).contains(&blocks), "{blocks} blocks of {most}");
	expect_mending(&mut chain, &devices, 0..FEW_NOTES);
}

#[test]
fn migration_that_asks_for_too_much_fails_at_once() {
	let (mut chain, devices) = worked();
	prepare(&mut chain, FEW_NOTES, Choice::TakesTooMuch);
	assert_eq!(upgrade(&mut chain), 1);
	expect_mending(&mut chain, &devices, 0..FEW_NOTES);
}

#[test]
fn failed_migration_prolongs_a_safe_mode_that_was_on_before() {
	let mut chain = Chain::development();
	chain.blocks(2);
	chain.act(|| as_root(pallet_safe_mode::Call::force_enter {}));
	assert!(chain.with(EnteredUntil::<Runtime>::get).is_some_and(|until| until < 1_000));
	prepare(&mut chain, 0, Choice::TakesTooMuch);
	assert_eq!(upgrade(&mut chain), 1);
	expect_safe_mode(&mut chain);
}

#[test]
fn failed_migration_lets_go_when_safe_mode_cannot_be_entered() {
	let mut chain = Chain::development();
	chain.blocks(2);
	prepare(&mut chain, 0, Choice::TakesTooMuch);
	// It reads as entered, and can neither be prolonged nor entered.
	let key = storage_prefix(b"SafeMode", b"EnteredUntil");
	chain.with(|| unhashed::put_raw(&key, &[7]));
	assert_eq!(upgrade(&mut chain), 1);
	assert!(has_failed(&mut chain));
	assert_eq!(chain.with(|| unhashed::get_raw(&key)), Some(vec![7]));
	assert!(!migrates(&mut chain));
	chain.with(|| assert!(System::can_set_code(&[], false).is_ok()));
}

#[test]
fn no_code_is_applied_while_a_migration_runs_and_the_authorization_outlives_it() {
	let (mut chain, devices) = worked();
	prepare(&mut chain, 2 * NOTES_PER_STEP + 1, Choice::Notes);
	migrating_block(&mut chain);
	let code = code_with("groma", groma_runtime::VERSION.spec_version + 1);
	authorize(&mut chain, &code);
	let call = frame_system::Call::apply_authorized_upgrade { code: code.clone() };
	let bare = UncheckedExtrinsic::new_bare(call.into());
	assert_eq!(chain.validate(bare).map(drop), Err(InvalidTransaction::Call.into()));
	assert_eq!(code_of(&mut chain), Some(vec![]));
	while migrates(&mut chain) {
		migrating_block(&mut chain);
	}
	assert_eq!(apply(&mut chain, code.clone()), Ok(Ok(())));
	assert_eq!(code_of(&mut chain), Some(code));
	chain.with(|| assert!(!Standing::now()));
	next_window(&mut chain);
	expect_earnings(&mut chain, &devices);
}

#[test]
fn code_that_is_replaced_during_a_migration_ends_it_and_a_referendum_mends_what_it_left() {
	let (mut chain, devices) = worked();
	let notes = NOTES_PER_STEP + FEW_NOTES;
	prepare(&mut chain, notes, Choice::Notes);
	migrating_block(&mut chain);
	assert!(migrates(&mut chain));
	// No call replaces it, so the state forgets which code ran.
	chain.with(LastRuntimeUpgrade::<Runtime>::kill);
	assert_eq!(Blob::variant().block(&mut chain, vec![]), Ok(vec![]));
	expect_mending(&mut chain, &devices, NOTES_PER_STEP..notes);
}

#[test]
fn runtime_that_panics_makes_no_block_and_another_goes_on_from_the_same_state() {
	let (mut chain, devices) = worked();
	prepare(&mut chain, 0, Choice::Panics);
	let before = (chain.head(), chain.with(System::block_number));
	for _ in 0..3 {
		assert!(Blob::variant().block(&mut chain, vec![]).is_err());
	}
	assert_eq!((chain.head(), chain.with(System::block_number)), before);
	assert_eq!(Blob::shipped().block(&mut chain, vec![]), Ok(vec![]));
	expect_earnings(&mut chain, &devices);
}

/// Takes the version from every page of devices, and says how many there are.
fn strip_pages() -> u32 {
	let prefix = storage_prefix(b"DeviceRegistry", b"DevicePages").to_vec();
	let (mut key, mut pages) = (prefix.clone(), 0);
	while let Some(next) = sp_io::storage::next_key(&key).filter(|key| key.starts_with(&prefix)) {
		let page = unhashed::get_raw(&next).expect("there is a page");
		unhashed::put_raw(&next, &page[1..]);
		(key, pages) = (next, pages + 1);
	}
	pages
}

#[test]
fn devices_go_on_after_their_pages_got_a_version() {
	let (mut chain, devices) = worked();
	prepare(&mut chain, 0, Choice::Pages);
	let known = |chain: &mut Chain| {
		devices
			.iter()
			.filter(|it| chain.with(|| DeviceRegistry::device_info(it.id)).is_some())
			.count()
	};
	assert_eq!(known(&mut chain), devices.len());
	assert!(chain.with(strip_pages) > 0);
	assert_eq!(known(&mut chain), 0);
	assert_eq!(upgrade(&mut chain), 1);
	assert_eq!(known(&mut chain), devices.len());
	expect_earnings(&mut chain, &devices);
}

#[test]
fn list_of_the_blob_of_tests_has_a_bound() {
	let bounded = |blocks: Option<u32>| blocks.is_some_and(|it| it <= MIGRATION_BLOCKS_MAX);
	Chain::development().with(|| {
		for choice in [Choice::Nothing, Choice::Notes, Choice::Pages, Choice::NeverEnds] {
			unhashed::put(CHOICE_KEY, &choice);
			let blocks = blocks_max::<Chosen>();
			assert!(bounded(blocks) && blocks > Some(0), "{choice:?}: {blocks:?}");
		}
		// Six times the same list is beyond it, so the sum is one.
		type Six = (Chosen, Chosen, Chosen, Chosen, Chosen, Chosen);
		unhashed::put(CHOICE_KEY, &Choice::Notes);
		assert!(blocks_max::<Six>().is_some_and(|blocks| blocks > MIGRATION_BLOCKS_MAX));
	});
}

#[test]
fn pages_of_a_million_devices_get_their_version_within_the_bound() {
	let page = <weights::DeviceRegistry as WeightInfo>::migrate_page();
	let pages: u64 = 1_000_000 / 16;
	let room: Weight = MigrationWeight::get().saturating_mul(MAX_STEPS.into());
	assert!(page.saturating_mul(pages).all_lte(room), "{page:?} a page");
}
