//! Upgrades that strike at every kind of moment of a window, a session and an epoch, while a real
//! collector brings what devices hand to its node: no report that was valid is lost.
//!
//! Each story happens twice: once with the upgrade, and once without it. A migration makes the
//! chain stand still, so that its windows begin later: then the other story stands still as long,
//! in safe mode. What devices and collector have in the end is the same.

use std::mem;

use frame_support::assert_ok;
use groma_core::{
	WindowIndex,
	api::{ActivityInfo, CollectorInfo, RewardsInfo},
	pool_layout::chunk_key,
	protocol::REVEAL_DELAY,
	statement::{Report, ReportKey, Reveal, Statement},
};
use groma_traits::Standstill;
use pallet_collector::Call as CollectorCall;
use pallet_migrations::mock_helpers::{MockedMigrationKind::SucceedAfter, MockedMigrations};
use pallet_safe_mode::Call as SafeModeCall;
use serde_json::json;
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::{
	offchain::storage::StorageValueRef,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
};

use crate::{
	AccountId, Challenges, Collector, ProofOfCoverage, Rewards, Runtime, Session, SpecVersion,
	System, UncheckedExtrinsic,
	chain::{Chain, account, as_root, genesis_config},
	configs::standstill::Standing,
	field::{
		Device, LORAWAN, WINDOW_BLOCKS, four_devices, present_epoch, reveals, statements, to_window,
	},
	house::{run_collector, run_on_a_node},
};

/// The window *w* that upgrades strike. Of window *w+2* the first block is the last of a session
/// and the first of a reward epoch.
const WATCHED: WindowIndex = 18;
/// The last window of which devices report.
const LAST_REPORTED: WindowIndex = WATCHED + 2;
/// After which block, counted from the first of its window, each statement about a window is handed
/// to the node: the last of them in the last block but one in which statements are taken.
const STATEMENT_MOMENTS: [u32; 12] = [2, 3, 4, 5, 6, 8, 9, 11, 12, 17, 21, 22];
/// The same of reveals: from when the node takes them to the last block but one.
const REVEAL_MOMENTS: [u32; 4] = [23, 28, 33, 34];

/// Upgrades, as a story has them.
struct Strike {
	/// When they come.
	when: &'static str,
	/// The last block of each old code, counted from the first block of window *w*.
	after: &'static [u32],
	/// What the first of them migrates: the chain stands still for these steps and one block more.
	/// 0 if there is no migration.
	steps: u32,
	/// Whether bundles wait over the upgrades: the last block of the old code leaves them out.
	is_over_bundles: bool,
}

const fn strike(when: &'static str, after: &'static [u32]) -> Strike {
	Strike { when, after, steps: 0, is_over_bundles: false }
}

impl Strike {
	/// The same with a migration.
	const fn migrating(self, steps: u32) -> Self {
		Self { steps, ..self }
	}

	/// The same while bundles wait.
	const fn over_bundles(self) -> Self {
		Self { is_over_bundles: true, ..self }
	}

	/// Whether this block is the last one of an old code.
	fn ends_with(&self, block: Option<u32>) -> bool {
		block.is_some_and(|block| self.after.contains(&block))
	}

	/// The last block of the migration; that of the old code if there is none.
	fn standstill_end(&self) -> u32 {
		self.after[0] + if self.steps > 0 { self.steps + 1 } else { 0 }
	}

	/// Whether the chain stands still in this block.
	fn stands_still_in(&self, block: Option<u32>) -> bool {
		block.is_some_and(|block| self.after[0] < block && block <= self.standstill_end())
	}
}

/// Bundles that were signed before the long migrations wait longer than they are valid.
static STRIKES: [Strike; 18] = [
	strike("the first block of w", &[0]),
	strike("the middle of w", &[5]),
	strike("the middle of w, with a migration", &[5]).migrating(3),
	strike("the block after which collectors may bundle w", &[8]),
	strike("the last block of w", &[11]),
	strike("the first block of w+1", &[12]),
	strike("the middle of w+1, over bundles", &[18]).over_bundles(),
	strike("two upgrades in w+1, over bundles", &[13, 18]).over_bundles(),
	strike("the last block but one for statements, over bundles", &[22]).over_bundles(),
	strike("the same with a long migration", &[22]).over_bundles().migrating(6),
	strike("the last block of w+1 and of an epoch", &[23]),
	strike("the last block of w+1 and of an epoch, with a migration", &[23]).migrating(3),
	strike("the first block of w+2, the last of a session", &[24]),
	strike("the first block of a session that takes calls", &[26]),
	strike("the middle of w+2", &[30]),
	strike("the last block but one for reveals, over bundles", &[34]).over_bundles(),
	strike("the same with a long migration", &[34]).over_bundles().migrating(6),
	strike("the last block of w+2, with a migration", &[35]).migrating(3),
];

/// What is left when the story is over.
#[derive(Debug, PartialEq)]
struct Outcome {
	activities: Vec<Option<ActivityInfo>>,
	rewards: Vec<RewardsInfo<AccountId>>,
	collector: CollectorInfo<AccountId>,
}

struct Story {
	strike: &'static Strike,
	/// Whether the runtime is upgraded, or only stands still as long as if it were.
	is_upgraded: bool,
	chain: Chain,
	devices: Vec<Device>,
	/// Takes what the worker submitted.
	take_submitted: Box<dyn Fn() -> Vec<UncheckedExtrinsic>>,
	/// Bundles in the transaction pool.
	waiting: Vec<UncheckedExtrinsic>,
	/// How many bundles the pool dropped since they were signed for another version.
	outdated: u32,
	/// The present window, and how many blocks it had before the present one in which the chain did
	/// not stand still.
	window: WindowIndex,
	moment: u32,
	first_window: WindowIndex,
	/// How many reports were handed in.
	reported: usize,
	/// Those that are not on chain yet.
	open_statements: Vec<Statement>,
	open_reveals: Vec<Reveal>,
}

impl Story {
	/// Four devices that are challenged in every window, from the first block of one on.
	fn begin(strike: &'static Strike, is_upgraded: bool) -> Self {
		SpecVersion::set(1);
		let mut config = genesis_config(Some("development"));
		let lorawan = &mut config["networks"]["networks"][usize::from(LORAWAN)]["terms"];
		lorawan["lottery"]["intervalWindows"] = json!(1);
		let mut chain = Chain::of(config);
		chain.block(vec![]);
		assert_ok!(chain.submit(Alice, CollectorCall::<Runtime>::register_collector {}));
		let devices = four_devices(&mut chain);
		let take_submitted = Box::new(run_on_a_node(&mut chain, Alice));
		let window = chain.with(|| Challenges::window_info().index);
		assert!(window + REVEAL_DELAY < WATCHED, "devices work before the upgrade");
		Self {
			strike,
			is_upgraded,
			chain,
			devices,
			take_submitted,
			waiting: Vec::new(),
			outdated: 0,
			window,
			moment: 0,
			first_window: window,
			reported: 0,
			open_statements: Vec::new(),
			open_reveals: Vec::new(),
		}
	}

	/// Lives until the last report had its time.
	fn live(mut self) -> Outcome {
		while self.window <= LAST_REPORTED + REVEAL_DELAY {
			self.step();
		}
		let Self { strike, is_upgraded, chain, devices, .. } = &mut self;
		let version =
			chain.with(frame_system::Pallet::<Runtime>::last_runtime_upgrade_spec_version);
		let upgrades = if *is_upgraded { strike.after.len() as u32 } else { 0 };
		assert_eq!(version, 1 + upgrades, "{}: the hooks of an upgrade run", strike.when);
		let ids: Vec<_> = devices.iter().map(|device| device.id).collect();
		let outcome = chain.with(|| Outcome {
			activities: ids.iter().map(|id| ProofOfCoverage::activity_info(*id)).collect(),
			rewards: ids.iter().map(|id| Rewards::rewards_info(*id)).collect(),
			collector: Collector::collector_info(&account(Alice)),
		});
		chain.check();
		self.expect_nothing_lost();
		outcome
	}

	fn expect_nothing_lost(&self) {
		let Self { strike, is_upgraded, .. } = self;
		let windows = (self.first_window..=LAST_REPORTED).count();
		let expected = windows * (STATEMENT_MOMENTS.len() + REVEAL_MOMENTS.len());
		assert_eq!(self.reported, expected, "{}: devices reported", strike.when);
		let statements = self.open_statements.iter().map(Report::key);
		let lost: Vec<ReportKey> =
			statements.chain(self.open_reveals.iter().map(Report::key)).collect();
		assert!(lost.is_empty(), "{}, upgraded: {is_upgraded}: {lost:?}", strike.when);
		let has_outdated = *is_upgraded && strike.is_over_bundles;
		assert_eq!(self.outdated > 0, has_outdated, "{}: {}", strike.when, self.outdated);
	}

	/// Makes a block, and lets devices and collector do what they do after it.
	fn step(&mut self) {
		let strike = self.strike;
		let next = self.chain.with(System::block_number) + 1;
		let block = next.checked_sub(WATCHED * WINDOW_BLOCKS);
		let (is_last, stands_still) = (strike.ends_with(block), strike.stands_still_in(block));
		let is_left_out = is_last && strike.is_over_bundles;
		assert!(!is_left_out || !self.waiting.is_empty(), "{}: nothing waits", strike.when);
		self.block(!stands_still && !is_left_out);
		if is_last && self.is_upgraded {
			self.upgrade();
		}
		if stands_still && block == Some(strike.standstill_end()) && !self.is_upgraded {
			self.chain.act(|| as_root(SafeModeCall::<Runtime>::force_exit {}));
		}
		let goes_on = stands_still && block < Some(strike.standstill_end());
		assert_eq!(self.chain.with(<Standing as Standstill>::now), goes_on, "{}", strike.when);
		if !stands_still {
			self.tick();
			self.hand_in();
		}
		self.work();
		if is_last && strike.steps > 0 && !self.is_upgraded {
			self.chain.act(|| as_root(SafeModeCall::<Runtime>::force_enter {}));
		}
	}

	/// From now on there is other code.
	fn upgrade(&mut self) {
		SpecVersion::set(SpecVersion::get() + 1);
		let steps = self.strike.steps;
		if steps > 0 {
			self.chain.with(|| MockedMigrations::set(vec![(SucceedAfter, steps)]));
		}
	}

	/// Makes a block that takes what waits, or nothing, and sees which reports it brought.
	fn block(&mut self, takes_bundles: bool) {
		let bundles = if takes_bundles { mem::take(&mut self.waiting) } else { vec![] };
		let outcomes = self.chain.block(bundles.clone());
		for (bundle, outcome) in bundles.into_iter().zip(outcomes) {
			match outcome {
				// A block in which the session changes takes none.
				Err(error) if error.exhausted_resources() => self.waiting.push(bundle),
				outcome => assert_eq!(outcome, Ok(Ok(())), "{}", self.strike.when),
			}
		}
		let Self { chain, open_statements, open_reveals, .. } = self;
		chain.with(|| {
			let now = Challenges::window_info().index;
			let witnesses = ProofOfCoverage::witnesses;
			open_statements
				.retain(|it| !witnesses(it.window, it.beaconer).contains(&it.observation.witness));
			// Later, a challenge that was not revealed is removed.
			open_reveals.retain(|it| {
				now > it.window + REVEAL_DELAY || !witnesses(it.window, it.beaconer).is_empty()
			});
		});
	}

	/// Counts the blocks of the window.
	fn tick(&mut self) {
		let window = self.chain.with(|| Challenges::window_info().index);
		self.moment = if window == self.window { self.moment + 1 } else { 0 };
		self.window = window;
	}

	/// Devices hand to the node what is due after the present block. All of it is valid.
	fn hand_in(&mut self) {
		let Self { chain, devices, .. } = self;
		let mut due = (Vec::new(), Vec::new());
		for age in 0..=REVEAL_DELAY {
			let window = self.window - age;
			if (self.first_window..=LAST_REPORTED).contains(&window) {
				let moment = age * WINDOW_BLOCKS + self.moment;
				chain.with(|| {
					due.0.extend(statements_due(devices, window, moment));
					due.1.extend(reveals_due(devices, window, moment));
				});
			}
		}
		let (statements, reveals) = due;
		chain.with(|| {
			for statement in &statements {
				let check = ProofOfCoverage::check_statement(statement).map(drop);
				assert_eq!(check, Ok(()), "{:?}", statement.key());
				pool(*statement);
			}
			for reveal in &reveals {
				assert_eq!(ProofOfCoverage::check_reveal(reveal), Ok(()), "{:?}", reveal.key());
				pool(*reveal);
			}
		});
		self.reported += statements.len() + reveals.len();
		self.open_statements.extend(statements);
		self.open_reveals.extend(reveals);
	}

	/// The transaction pool drops what is no longer valid, and the collector's worker runs.
	fn work(&mut self) {
		let outdated = TransactionValidityError::from(InvalidTransaction::BadProof);
		for bundle in mem::take(&mut self.waiting) {
			match self.chain.validate(bundle.clone()) {
				Ok(_) => self.waiting.push(bundle),
				Err(error) => self.outdated += u32::from(error == outdated),
			}
		}
		run_collector(&mut self.chain);
		for bundle in (self.take_submitted)() {
			let validity = self.chain.validate(bundle.clone()).map(drop);
			assert_eq!(validity, Ok(()), "{}", self.strike.when);
			self.waiting.push(bundle);
		}
	}
}

/// What devices state about a window after this block, counted from its first one.
fn statements_due(devices: &[Device], window: WindowIndex, moment: u32) -> Vec<Statement> {
	let groups = statements(devices, window);
	let statements = groups
		.iter()
		.flat_map(|group| group.statements.iter().map(move |entry| group.statement(entry)));
	let timed = statements.zip(STATEMENT_MOMENTS);
	timed.filter(|(_, due)| *due == moment).map(|(statement, _)| statement).collect()
}

/// The same of what they reveal.
fn reveals_due(devices: &[Device], window: WindowIndex, moment: u32) -> Vec<Reveal> {
	let timed = reveals(devices, window).into_iter().zip(REVEAL_MOMENTS);
	timed.filter(|(_, due)| *due == moment).map(|(reveal, _)| reveal).collect()
}

/// Puts a report into the report pool of the node.
fn pool<R: Report>(report: R) {
	let key = chunk_key(R::SERIES, report.key().window, 0);
	let value = StorageValueRef::persistent(&key);
	let mut chunk = value.get::<Vec<R>>().expect("it is readable").unwrap_or_default();
	chunk.push(report);
	value.set(&chunk);
}

#[test]
fn watched_windows_hold_the_ends_of_an_epoch_and_of_a_session() {
	let mut chain = Chain::development();
	to_window(&mut chain, WATCHED);
	assert_eq!(chain.with(System::block_number), WATCHED * WINDOW_BLOCKS);
	chain.blocks(2 * WINDOW_BLOCKS - 1);
	let epoch = present_epoch(&mut chain);
	chain.block(vec![]);
	assert_eq!(present_epoch(&mut chain), epoch + 1);
	let session = chain.with(Session::current_index);
	chain.block(vec![]);
	assert_eq!(chain.with(Session::current_index), session + 1);
}

#[test]
fn no_report_is_lost_whenever_an_upgrade_strikes() {
	for strike in &STRIKES {
		let upgraded = Story::begin(strike, true).live();
		let unchanged = Story::begin(strike, false).live();
		assert_eq!(upgraded, unchanged, "{}", strike.when);
		assert!(upgraded.rewards.iter().all(|it| !it.owed.is_empty()), "{}", strike.when);
	}
}
