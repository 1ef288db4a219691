//! The pool on a fake chain.

use std::sync::{
	Arc,
	atomic::{AtomicU32, AtomicUsize, Ordering},
};

use codec::{Decode, Encode};
use groma_core::{
	api::{Refusal, StatementRank},
	payload::Observation,
	pool_layout::chunk_key,
	protocol::{STATEMENTS_PER_BEACON_MAX, STATEMENTS_PER_WITNESS_MAX},
	statement::{BeaconPair, PAIRS, REVEALS, Report, Reveal, STATEMENTS, Statement},
	words::Signature,
};
use parking_lot::Mutex;
use proptest::prelude::*;
use sc_client_api::Backend as _;
use sc_client_db::{BlocksPruning, DatabaseSettings, DatabaseSource};
use serde_json::json;
use sp_api::ApiError;
use sp_core::offchain::{OffchainStorage, STORAGE_PREFIX, storage::InMemOffchainStorage};
use substrate_prometheus_endpoint::Registry;

use super::{series::Entry, *};
use crate::types::{FullBackend, OffchainStorage as NodeStorage};

/// The signature that the fake chain takes as genuine.
const GENUINE: Signature = Signature([7; 64]);
const FORGED: Signature = Signature([8; 64]);
/// Another one, which only a device that signs twice has.
const ALSO_GENUINE: Signature = Signature([9; 64]);

/// A chain that takes everything with a genuine signature in the right window.
#[derive(Default)]
struct FakeChain {
	window: AtomicU32,
	asked: AtomicUsize,
	/// It answers while no test holds this.
	gate: Arc<Mutex<()>>,
}

impl Verdicts for FakeChain {
	fn window(&self) -> Result<u32, ApiError> {
		Ok(self.window.load(Ordering::Relaxed))
	}

	fn verdict(&self, report: &Entry) -> Result<Verdict, ApiError> {
		let _open = self.gate.lock();
		self.asked.fetch_add(1, Ordering::Relaxed);
		let age = self.window()?.checked_sub(report.key.window);
		let is_open = match report.key.series {
			STATEMENTS => matches!(age, Some(0 | 1)),
			REVEALS | PAIRS => age == Some(2),
			_ => false,
		};
		Ok(if !is_open {
			Err(Refusal::WindowClosed.into())
		} else if ![GENUINE, ALSO_GENUINE].iter().any(|it| report.bytes.ends_with(&it.0)) {
			Err(Refusal::BadSignature.into())
		} else {
			// Witnesses below 1,000 were heard, and a lower number is a better draw.
			let author = report.key.author;
			let is_unheard = author >= 1_000;
			let rank = StatementRank { is_unheard, draw: author.into() };
			Ok((report.key.series == STATEMENTS).then_some(rank))
		})
	}
}

type Pool = ReportPool<FakeChain, InMemOffchainStorage>;

fn pool_at(window: u32) -> Pool {
	let chain = FakeChain { window: window.into(), ..Default::default() };
	ReportPool::open(chain, InMemOffchainStorage::default(), None).expect("no registry")
}

fn statement(window: u32, beaconer: u32, witness: u32) -> Statement {
	let observation = Observation {
		witness,
		collector: 0,
		rssi_deci_dbm: -1_000,
		snr_deci_db: 0,
		commitment: [1; 8],
	};
	Statement { window, beaconer, observation, signature: GENUINE }
}

fn reveal(window: u32, beaconer: u32) -> Reveal {
	Reveal { window, beaconer, signature: GENUINE }
}

/// How many statements and reveals the pool holds.
fn counts<S: OffchainStorage>(pool: &ReportPool<FakeChain, S>) -> (usize, usize) {
	let [(_, statements), (_, reveals), _] = pool.contents.lock().counts();
	(statements, reveals)
}

/// What comes of the submission of a report.
fn submit<S: OffchainStorage, R: Report>(
	pool: &ReportPool<FakeChain, S>,
	report: &R,
) -> &'static str {
	name(pool.submit(R::SERIES.into(), &report.encode()))
}

fn name(result: Result<Outcome, Rejection>) -> &'static str {
	match result {
		Ok(outcome) => outcome.name(),
		Err(rejection) => rejection.name(),
	}
}

#[test]
fn statement_is_accepted_once_and_known_after_that() {
	let pool = pool_at(10);
	assert_eq!(submit(&pool, &statement(10, 1, 2)), "accepted");
	assert_eq!(submit(&pool, &statement(10, 1, 2)), "known");
	assert_eq!(counts(&pool), (1, 0));
	// What is known need not be checked again.
	assert_eq!(pool.verdicts.asked.load(Ordering::Relaxed), 1);
}

#[test]
fn reveal_is_accepted_two_windows_later_only() {
	let pool = pool_at(10);
	assert_eq!(submit(&pool, &reveal(9, 1)), "windowClosed");
	assert_eq!(submit(&pool, &reveal(8, 1)), "accepted");
	assert_eq!(submit(&pool, &reveal(8, 1)), "known");
	assert_eq!(counts(&pool), (0, 1));
}

#[test]
fn witness_states_a_beacon_only_once() {
	let pool = pool_at(10);
	let first = statement(10, 1, 2);
	let mut second = first;
	second.signature = FORGED;
	second.observation.rssi_deci_dbm -= 1;
	assert_eq!(submit(&pool, &first), "accepted");
	assert_eq!(submit(&pool, &second), "contradiction");
}

#[test]
fn second_signature_of_a_beacon_makes_a_pair_with_the_first() {
	let pool = pool_at(10);
	let pairs = || pool.contents.lock().counts()[2].1;
	let first = reveal(8, 1);
	assert_eq!(submit(&pool, &first), "accepted");
	// The same again, and a forgery, prove nothing.
	for signature in [GENUINE, FORGED] {
		assert_eq!(submit(&pool, &Reveal { signature, ..first }), "known");
		assert_eq!(pairs(), 0);
	}
	for _ in 0..2 {
		assert_eq!(submit(&pool, &Reveal { signature: ALSO_GENUINE, ..first }), "known");
		assert_eq!((pairs(), counts(&pool)), (1, (0, 1)));
	}
	pool.flush();
	let storage = pool.contents.lock().chunks.storage().clone();
	let chunk = storage.get(STORAGE_PREFIX, &chunk_key(PAIRS, 8, 0)).expect("it is on disk");
	let (signature_a, signature_b) = (GENUINE, ALSO_GENUINE);
	let pair = BeaconPair { window: 8, beaconer: 1, signature_a, signature_b };
	assert_eq!(Vec::<BeaconPair>::decode(&mut &chunk[..]).ok(), Some(vec![pair]));
}

/// How many statements about a beacon are kept.
const KEPT: u32 = STATEMENTS_PER_BEACON_MAX as u32;

#[test]
fn statements_that_the_chain_ranks_first_are_kept() {
	let pool = pool_at(10);
	// Dormant devices come first, and each ranks before those that came earlier.
	for witness in (2_000..2_000 + 3 * KEPT).rev() {
		assert_eq!(submit(&pool, &statement(10, 1, witness)), "accepted");
	}
	assert_eq!(counts(&pool), (KEPT as usize, 0));
	assert_eq!(submit(&pool, &statement(10, 1, 5_000)), "outranked");
	// About another beacon there is room.
	assert_eq!(submit(&pool, &statement(10, 2, 5_000)), "accepted");
	for witness in 500..500 + KEPT {
		assert_eq!(submit(&pool, &statement(10, 1, witness)), "accepted");
	}
	assert_eq!(submit(&pool, &statement(10, 1, 2_000)), "outranked");
	assert_eq!(submit(&pool, &statement(10, 1, 500 + KEPT)), "outranked");
	assert_eq!(submit(&pool, &statement(10, 1, 500)), "known");
	assert_eq!(submit(&pool, &statement(10, 1, 499)), "accepted");
	assert_eq!(submit(&pool, &statement(10, 1, 500 + KEPT - 1)), "outranked");
	assert_eq!(counts(&pool), (KEPT as usize + 1, 0));
}

#[test]
fn collector_finds_those_that_are_kept_and_no_others() {
	let pool = pool_at(10);
	for witness in (100..100 + 2 * KEPT).rev() {
		assert_eq!(submit(&pool, &statement(10, 1, witness)), "accepted");
	}
	pool.flush();
	let storage = pool.contents.lock().chunks.storage().clone();
	let chunk = storage.get(STORAGE_PREFIX, &chunk_key(STATEMENTS, 10, 0)).expect("it is there");
	let mut witnesses: Vec<u32> = Vec::<Statement>::decode(&mut &chunk[..])
		.expect("it decodes")
		.into_iter()
		.map(|statement| statement.observation.witness)
		.collect();
	witnesses.sort_unstable();
	assert_eq!(witnesses, (100..100 + KEPT).collect::<Vec<_>>());
	// What an earlier run left has no rank any more, and stays.
	let chain = FakeChain { window: 10.into(), ..Default::default() };
	let pool: Pool = ReportPool::open(chain, storage, None).expect("no registry");
	assert_eq!(submit(&pool, &statement(10, 1, 2)), "outranked");
	assert_eq!(submit(&pool, &statement(10, 1, 100)), "known");
}

#[test]
fn quota_of_a_witness_counts_what_is_kept() {
	let pool = pool_at(10);
	for witness in 10..10 + KEPT {
		assert_eq!(submit(&pool, &statement(10, 1, witness)), "accepted");
	}
	let displaced = 10 + KEPT - 1;
	assert_eq!(submit(&pool, &statement(10, 1, 5)), "accepted");
	for beaconer in 100..100 + STATEMENTS_PER_WITNESS_MAX as u32 {
		assert_eq!(submit(&pool, &statement(10, beaconer, displaced)), "accepted");
	}
	assert_eq!(submit(&pool, &statement(10, 1_000, displaced)), "quotaReached");
}

#[test]
fn chain_is_not_asked_about_what_the_node_sees_itself() {
	let pool = pool_at(10);
	for window in [0, 8, 12, u32::MAX] {
		assert_eq!(submit(&pool, &statement(window, 1, 2)), "windowClosed", "{window}");
	}
	for window in [0, 7, 12] {
		assert_eq!(submit(&pool, &reveal(window, 1)), "windowClosed", "{window}");
	}
	assert_eq!(submit(&pool, &statement(10, 3, 3)), "ownBeacon");
	let own = pool.check(STATEMENTS.into(), &statement(10, 3, 3).encode());
	assert!(matches!(own, Ok(Err(refusal)) if refusal == Refusal::OwnBeacon));
	assert_eq!(pool.verdicts.asked.load(Ordering::Relaxed), 0);
	assert_eq!(submit(&pool, &statement(11, 1, 2)), "windowClosed");
	assert_eq!(pool.verdicts.asked.load(Ordering::Relaxed), 1);
}

#[test]
fn next_caller_is_sent_away_when_enough_wait() {
	let gate = Arc::new(Mutex::new(()));
	let chain = FakeChain { window: 10.into(), gate: gate.clone(), ..Default::default() };
	let pool: Arc<Pool> = Arc::new(
		ReportPool::open(chain, InMemOffchainStorage::default(), None).expect("no registry"),
	);
	let closed = gate.lock();
	let callers: Vec<_> = (0..33)
		.map(|witness| {
			let pool = pool.clone();
			std::thread::spawn(move || submit(&pool, &statement(10, 1_000, witness)))
		})
		.collect();
	while pool.waiting() < 33 {
		std::thread::yield_now();
	}
	assert_eq!(submit(&pool, &statement(10, 1_000, 77)), "busy");
	assert_eq!(
		pool.check(STATEMENTS.into(), &statement(10, 1, 2).encode()).unwrap_err().name(),
		"busy"
	);
	drop(closed);
	for caller in callers {
		assert_eq!(caller.join().expect("no panic"), "accepted");
	}
	assert_eq!(pool.waiting(), 0);
	assert_eq!(submit(&pool, &statement(10, 1_000, 77)), "accepted");
}

#[test]
fn forgeries_use_up_no_quota() {
	let pool = pool_at(10);
	for beaconer in 10..10 + 2 * STATEMENTS_PER_WITNESS_MAX as u32 {
		let forgery = Statement { signature: FORGED, ..statement(10, beaconer, 2) };
		assert_eq!(submit(&pool, &forgery), "badSignature");
	}
	assert_eq!(submit(&pool, &statement(10, 1, 2)), "accepted");
}

#[test]
fn witness_is_stopped_at_its_quota_and_others_are_not() {
	let pool = pool_at(10);
	for beaconer in 10..10 + STATEMENTS_PER_WITNESS_MAX as u32 {
		assert_eq!(submit(&pool, &statement(10, beaconer, 2)), "accepted");
	}
	assert_eq!(submit(&pool, &statement(10, 1_000, 2)), "quotaReached");
	assert_eq!(submit(&pool, &statement(10, 1_000, 3)), "accepted");
	assert_eq!(submit(&pool, &statement(9, 1_000, 2)), "accepted");
}

#[test]
fn windows_are_forgotten_when_nothing_of_them_can_go_on_chain() {
	let pool = pool_at(10);
	assert_eq!(submit(&pool, &statement(10, 1, 2)), "accepted");
	assert_eq!(submit(&pool, &reveal(8, 1)), "accepted");
	// Reveals are kept a window longer than the chain takes them: a second one makes a pair then.
	for (window, left) in [(12, (1, 1)), (13, (1, 0)), (14, (1, 0)), (15, (0, 0))] {
		pool.verdicts.window.store(window, Ordering::Relaxed);
		pool.forget_past_windows().expect("the fake chain answers");
		assert_eq!(counts(&pool), left, "{window}");
	}
}

#[test]
fn reveal_is_still_there_when_a_fork_leads_back_into_its_window() {
	let pool = pool_at(10);
	let reveal = reveal(8, 1);
	assert_eq!(submit(&pool, &reveal), "accepted");
	for (window, outcome) in [(11, "known"), (10, "known"), (11, "known")] {
		pool.verdicts.window.store(window, Ordering::Relaxed);
		pool.forget_past_windows().expect("the fake chain answers");
		assert_eq!(submit(&pool, &reveal), outcome, "{window}");
	}
}

/// The offchain storage of a node's database in a folder.
fn node_storage(folder: &std::path::Path) -> (Arc<FullBackend>, NodeStorage) {
	let settings = DatabaseSettings {
		trie_cache_maximum_size: None,
		state_pruning: None,
		source: DatabaseSource::ParityDb { path: folder.into() },
		blocks_pruning: BlocksPruning::KeepFinalized,
		pruning_filters: Vec::new(),
		metrics_registry: None,
	};
	let backend =
		Arc::new(FullBackend::new(settings, 0).expect("the folder is empty or a database"));
	let storage = backend.offchain_storage().expect("a full node has one");
	(backend, storage)
}

#[test]
fn contents_survive_a_restart_on_the_database_of_a_node() {
	let folder = tempfile::tempdir().expect("a folder");
	for outcome in ["accepted", "known"] {
		let (_backend, storage) = node_storage(folder.path());
		let chain = FakeChain { window: 10.into(), ..Default::default() };
		let pool = ReportPool::open(chain, storage, None).expect("no registry");
		assert_eq!(submit(&pool, &statement(10, 1, 2)), outcome);
		assert_eq!(submit(&pool, &reveal(8, 5)), outcome);
		assert_eq!(counts(&pool), (1, 1));
	}
}

#[test]
fn contents_survive_a_restart() {
	let pool = pool_at(10);
	assert_eq!(submit(&pool, &statement(10, 1, 2)), "accepted");
	assert_eq!(submit(&pool, &reveal(8, 5)), "accepted");
	pool.flush();
	let storage = pool.contents.lock().chunks.storage().clone();
	let chain = FakeChain { window: 10.into(), ..Default::default() };
	let pool: Pool = ReportPool::open(chain, storage, None).expect("no registry");
	assert_eq!(counts(&pool), (1, 1));
	assert_eq!(submit(&pool, &statement(10, 1, 2)), "known");
	assert_eq!(submit(&pool, &reveal(8, 5)), "known");
}

#[test]
fn subscribers_hear_of_arrivals_and_of_nothing_else() {
	let pool = pool_at(10);
	let mut arrivals = pool.arrivals();
	assert!(pool.submit(STATEMENTS.into(), &[]).is_err());
	assert_eq!(submit(&pool, &statement(10, 1, 2)), "accepted");
	assert_eq!(submit(&pool, &statement(10, 1, 2)), "known");
	assert_eq!(submit(&pool, &reveal(8, 5)), "accepted");
	let arrived: Vec<_> = std::iter::from_fn(|| arrivals.try_recv().ok())
		.map(|arrival| serde_json::to_value(arrival).unwrap())
		.collect();
	let expected = [
		json!({ "series": 0, "name": "statement", "window": 10, "subject": 1, "author": 2 }),
		json!({ "series": 1, "name": "reveal", "window": 8, "subject": 5, "author": 5 }),
	];
	assert_eq!(arrived, expected);
}

/// A report of each series, and the number of the series.
fn samples() -> [(u32, Vec<u8>); 2] {
	[(STATEMENTS.into(), statement(10, 1, 2).encode()), (REVEALS.into(), reveal(8, 1).encode())]
}

/// The name of a rejection, and what it says.
fn rejection(pool: &Pool, series: u32, bytes: &[u8]) -> (&'static str, String) {
	match pool.submit(series, bytes) {
		Ok(outcome) => panic!("{}", outcome.name()),
		Err(rejection) => (rejection.name(), rejection.to_string()),
	}
}

#[test]
fn truncated_and_oversized_bytes_are_malformed_and_never_checked() {
	let pool = pool_at(10);
	for (series, bytes) in samples() {
		for length in 0..bytes.len() {
			let (name, why) = rejection(&pool, series, &bytes[..length]);
			assert_eq!(name, "malformed", "{length}");
			assert!(why.starts_with("`bytes` is not the encoding of a "), "{why}");
		}
		assert_eq!(rejection(&pool, series, &vec![0; 1_000_000]).0, "malformed");
	}
	assert_eq!(pool.verdicts.asked.load(Ordering::Relaxed), 0);
}

#[test]
fn trailing_bytes_are_malformed() {
	let pool = pool_at(10);
	for (series, bytes) in samples() {
		let (name, why) = rejection(&pool, series, &[bytes.as_slice(), &[0; 3]].concat());
		assert_eq!(name, "malformed");
		assert!(why.starts_with("`bytes`") && why.ends_with("3 bytes follow its end"), "{why}");
		assert_eq!(pool.check(series, &[bytes, vec![0]].concat()).unwrap_err().name(), "malformed");
	}
	assert_eq!(counts(&pool), (0, 0));
}

#[test]
fn report_of_another_kind_is_malformed_and_the_field_is_named() {
	let pool = pool_at(10);
	let [(statements, statement), (reveals, reveal)] = samples();
	let (name, why) = rejection(&pool, statements, &reveal);
	assert_eq!(name, "malformed");
	assert!(why.contains("`bytes`") && why.contains("`Statement::signature`"), "{why}");
	let (name, why) = rejection(&pool, reveals, &statement);
	assert_eq!(name, "malformed");
	assert!(
		why.contains("`bytes` is not") && why.ends_with("72 bytes: 20 bytes follow its end"),
		"{why}"
	);
	assert_eq!(counts(&pool), (0, 0));
	assert_eq!(pool.verdicts.asked.load(Ordering::Relaxed), 0);
}

#[test]
fn unknown_series_is_refused_with_those_that_there_are() {
	let pool = pool_at(10);
	for (_, bytes) in samples() {
		for unknown in [3, 255, 256, u32::MAX] {
			let (name, why) = rejection(&pool, unknown, &bytes);
			assert_eq!(name, "unknownSeries");
			assert!(why.starts_with("`series`"), "{why}");
			assert!(why.contains(&unknown.to_string()), "{why}");
			assert!(why.contains("0 (statement), 1 (reveal), 2 (pair)"), "{why}");
			assert_eq!(pool.check(unknown, &bytes).unwrap_err().name(), "unknownSeries");
		}
	}
	assert_eq!(pool.verdicts.asked.load(Ordering::Relaxed), 0);
}

#[test]
fn full_series_is_refused_and_leaves_the_other_alone() {
	let pool = pool_at(10);
	assert_eq!(submit(&pool, &statement(10, 0, 2)), "accepted");
	for beaconer in 0..30_000 {
		assert_eq!(submit(&pool, &reveal(8, beaconer)), "accepted");
	}
	assert_eq!(submit(&pool, &reveal(8, 30_000)), "poolFull");
	assert_eq!(counts(&pool), (1, 30_000));
	assert_eq!(submit(&pool, &statement(10, 0, 2)), "known");
	assert_eq!(submit(&pool, &statement(10, 1, 2)), "accepted");
	assert_eq!(submit(&pool, &reveal(8, 29_999)), "known");
	assert_eq!(counts(&pool), (2, 30_000));
}

#[test]
fn checked_reports_do_not_get_into_the_pool() {
	let pool = pool_at(10);
	let verdict = |report: &Statement| pool.check(STATEMENTS.into(), &report.encode()).unwrap();
	assert!(verdict(&statement(10, 1, 2)).is_ok());
	assert_eq!(verdict(&statement(11, 1, 2)), Err(Refusal::WindowClosed.into()));
	assert_eq!(counts(&pool), (0, 0));
}

#[test]
fn older_layout_is_cleared_when_the_pool_opens() {
	let mut storage = InMemOffchainStorage::default();
	let (windows, chunk) = (b"groma/pool/1/windows", b"groma/pool/1/reveal/\x08\0\0\0\0\0\0\0");
	storage.set(STORAGE_PREFIX, windows, &vec![8u32].encode());
	storage.set(STORAGE_PREFIX, chunk, &vec![(1u32, GENUINE)].encode());
	let chain = FakeChain { window: 10.into(), ..Default::default() };
	let pool: Pool = ReportPool::open(chain, storage, None).expect("no registry");
	assert_eq!(counts(&pool), (0, 0));
	assert_eq!(submit(&pool, &reveal(8, 1)), "accepted");
	let storage = pool.contents.lock().chunks.storage().clone();
	assert_eq!(storage.get(STORAGE_PREFIX, windows), None);
	assert_eq!(storage.get(STORAGE_PREFIX, chunk), None);
}

#[test]
fn metrics_are_labelled_by_series() {
	let registry = Registry::new();
	let chain = FakeChain { window: 10.into(), ..Default::default() };
	let pool = ReportPool::open(chain, InMemOffchainStorage::default(), Some(&registry)).unwrap();
	assert_eq!(submit(&pool, &statement(10, 1, 2)), "accepted");
	assert_eq!(submit(&pool, &reveal(10, 1)), "windowClosed");
	assert!(pool.submit(77, &[]).is_err());
	pool.forget_past_windows().expect("the fake chain answers");
	let mut found = Vec::new();
	for family in registry.gather() {
		for metric in family.get_metric() {
			let labels: Vec<_> = metric.get_label().iter().map(|label| label.get_value()).collect();
			found.push(format!("{} {}", family.get_name(), labels.join(" ")));
		}
	}
	for expected in [
		"groma_report_pool_items statement",
		"groma_report_pool_items reveal",
		"groma_report_pool_taken_total accepted statement",
		"groma_report_pool_rejected_total windowClosed reveal",
		"groma_report_pool_rejected_total unknownSeries unknown",
		"groma_report_pool_check_seconds ",
	] {
		assert!(found.iter().any(|line| line == expected), "{expected} in {found:?}");
	}
}

proptest! {
	#[test]
	fn random_bytes_never_get_in(
		series in 0..300u32,
		bytes in proptest::collection::vec(any::<u8>(), 0..200),
	) {
		let pool = pool_at(10);
		for series in [series, STATEMENTS.into(), REVEALS.into(), PAIRS.into()] {
			prop_assert!(pool.submit(series, &bytes).is_err());
		}
		prop_assert_eq!(counts(&pool), (0, 0));
	}
}
