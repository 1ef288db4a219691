//! The pool against a chain that says what a test tells it to.

use std::sync::{
	Arc,
	atomic::{AtomicU32, AtomicUsize, Ordering},
};

use codec::Encode;
use groma_core::{
	api::Refusal, payload::Observation, protocol::STATEMENTS_PER_WITNESS_MAX, words::Signature,
};
use proptest::prelude::*;
use sc_client_api::Backend as _;
use sc_client_db::{BlocksPruning, DatabaseSettings, DatabaseSource};
use sp_core::offchain::storage::InMemOffchainStorage;

use super::*;
use crate::types::{FullBackend, OffchainStorage as NodeStorage};

/// The only signature that the fake chain takes for genuine.
const GENUINE: Signature = Signature([7; 64]);
const FORGED: Signature = Signature([8; 64]);

/// A chain that takes everything with a genuine signature in the right window.
#[derive(Default)]
struct FakeChain {
	window: AtomicU32,
	asked: AtomicUsize,
}

impl FakeChain {
	fn verdict(&self, is_open: bool, signature: &Signature) -> Result<(), Refusal> {
		self.asked.fetch_add(1, Ordering::Relaxed);
		if !is_open {
			Err(Refusal::WindowClosed)
		} else if *signature != GENUINE {
			Err(Refusal::BadSignature)
		} else {
			Ok(())
		}
	}
}

impl Verdicts for FakeChain {
	fn window(&self) -> Result<u32, ApiError> {
		Ok(self.window.load(Ordering::Relaxed))
	}

	fn statement(&self, statement: &Statement) -> Result<Result<(), Refusal>, ApiError> {
		let age = self.window()?.checked_sub(statement.window);
		Ok(self.verdict(matches!(age, Some(0 | 1)), &statement.signature))
	}

	fn reveal(&self, reveal: &Reveal) -> Result<Result<(), Refusal>, ApiError> {
		let age = self.window()?.checked_sub(reveal.window);
		Ok(self.verdict(age == Some(2), &reveal.signature))
	}
}

type Pool = StatementPool<FakeChain, InMemOffchainStorage>;

fn pool_at(window: u32) -> Pool {
	let chain = FakeChain { window: window.into(), ..Default::default() };
	StatementPool::open(chain, InMemOffchainStorage::default(), None).expect("no registry")
}

fn statement(window: u32, beaconer: u32, witness: u32) -> Statement {
	let observation =
		Observation { witness, rssi_deci_dbm: -1_000, snr_deci_db: 0, commitment: [1; 8] };
	Statement { window, beaconer, observation, signature: GENUINE }
}

fn reveal(window: u32, beaconer: u32) -> Reveal {
	Reveal { window, beaconer, signature: GENUINE }
}

fn counts(pool: &Pool) -> (usize, usize) {
	pool.contents.lock().counts()
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
	let bytes = statement(10, 1, 2).encode();
	assert_eq!(name(pool.submit_statement(&bytes)), "accepted");
	assert_eq!(name(pool.submit_statement(&bytes)), "known");
	assert_eq!(counts(&pool), (1, 0));
	// What is known need not be checked again.
	assert_eq!(pool.verdicts.asked.load(Ordering::Relaxed), 1);
}

#[test]
fn reveal_is_accepted_two_windows_later_only() {
	let pool = pool_at(10);
	assert_eq!(name(pool.submit_reveal(&reveal(9, 1).encode())), "windowClosed");
	assert_eq!(name(pool.submit_reveal(&reveal(8, 1).encode())), "accepted");
	assert_eq!(name(pool.submit_reveal(&reveal(8, 1).encode())), "known");
	assert_eq!(counts(&pool), (0, 1));
}

#[test]
fn witness_states_a_beacon_only_once() {
	let pool = pool_at(10);
	let first = statement(10, 1, 2);
	let mut second = first;
	second.signature = FORGED;
	second.observation.rssi_deci_dbm -= 1;
	assert_eq!(name(pool.submit_statement(&first.encode())), "accepted");
	assert_eq!(name(pool.submit_statement(&second.encode())), "contradiction");
}

#[test]
fn forgeries_use_up_nobodys_quota() {
	let pool = pool_at(10);
	for beaconer in 0..2 * STATEMENTS_PER_WITNESS_MAX as u32 {
		let forgery = Statement { signature: FORGED, ..statement(10, beaconer, 2) };
		assert_eq!(name(pool.submit_statement(&forgery.encode())), "badSignature");
	}
	assert_eq!(name(pool.submit_statement(&statement(10, 1, 2).encode())), "accepted");
}

#[test]
fn witness_is_stopped_at_its_quota_and_others_are_not() {
	let pool = pool_at(10);
	for beaconer in 0..STATEMENTS_PER_WITNESS_MAX as u32 {
		assert_eq!(name(pool.submit_statement(&statement(10, beaconer, 2).encode())), "accepted");
	}
	let further = statement(10, 1_000, 2).encode();
	assert_eq!(name(pool.submit_statement(&further)), "quotaReached");
	assert_eq!(name(pool.submit_statement(&statement(10, 1_000, 3).encode())), "accepted");
	assert_eq!(name(pool.submit_statement(&statement(9, 1_000, 2).encode())), "accepted");
}

#[test]
fn windows_are_forgotten_when_nothing_of_them_can_go_on_chain() {
	let pool = pool_at(10);
	assert_eq!(name(pool.submit_statement(&statement(10, 1, 2).encode())), "accepted");
	assert_eq!(name(pool.submit_reveal(&reveal(8, 1).encode())), "accepted");
	for (window, left) in [(11, (1, 1)), (12, (1, 0)), (13, (1, 0)), (14, (0, 0))] {
		pool.verdicts.window.store(window, Ordering::Relaxed);
		pool.forget_past_windows().expect("the fake chain answers");
		assert_eq!(counts(&pool), left, "{window}");
	}
}

#[test]
fn reveal_is_still_there_when_a_fork_leads_back_into_its_window() {
	let pool = pool_at(10);
	let reveal = reveal(8, 1).encode();
	assert_eq!(name(pool.submit_reveal(&reveal)), "accepted");
	for (window, outcome) in [(11, "known"), (10, "known"), (11, "known")] {
		pool.verdicts.window.store(window, Ordering::Relaxed);
		pool.forget_past_windows().expect("the fake chain answers");
		assert_eq!(name(pool.submit_reveal(&reveal)), outcome, "{window}");
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
	let bytes = statement(10, 1, 2).encode();
	for outcome in ["accepted", "known"] {
		let (_backend, storage) = node_storage(folder.path());
		let chain = FakeChain { window: 10.into(), ..Default::default() };
		let pool = StatementPool::open(chain, storage, None).expect("no registry");
		assert_eq!(name(pool.submit_statement(&bytes)), outcome);
		assert_eq!(name(pool.submit_reveal(&reveal(8, 5).encode())), outcome);
		assert_eq!(pool.contents.lock().counts(), (1, 1));
	}
}

#[test]
fn contents_survive_a_restart() {
	let pool = pool_at(10);
	let bytes = statement(10, 1, 2).encode();
	assert_eq!(name(pool.submit_statement(&bytes)), "accepted");
	assert_eq!(name(pool.submit_reveal(&reveal(8, 5).encode())), "accepted");
	pool.flush();
	let storage = pool.contents.lock().chunks.storage().clone();
	let chain = FakeChain { window: 10.into(), ..Default::default() };
	let pool: Pool = StatementPool::open(chain, storage, None).expect("no registry");
	assert_eq!(counts(&pool), (1, 1));
	assert_eq!(name(pool.submit_statement(&bytes)), "known");
	assert_eq!(name(pool.submit_reveal(&reveal(8, 5).encode())), "known");
}

#[test]
fn subscribers_hear_of_arrivals_and_of_nothing_else() {
	let pool = pool_at(10);
	let mut arrivals = pool.arrivals();
	assert!(pool.submit_statement(&[]).is_err());
	assert!(pool.submit_statement(&statement(10, 1, 2).encode()).is_ok());
	assert!(pool.submit_statement(&statement(10, 1, 2).encode()).is_ok());
	let expected = Arrival::Statement { window: 10, beaconer: 1, witness: 2 };
	assert_eq!(arrivals.try_recv(), Ok(expected));
	assert!(arrivals.try_recv().is_err());
}

#[test]
fn truncated_and_oversized_bytes_are_malformed_and_never_checked() {
	let pool = pool_at(10);
	let bytes = statement(10, 1, 2).encode();
	for length in 0..bytes.len() {
		assert_eq!(name(pool.submit_statement(&bytes[..length])), "malformed", "{length}");
		assert_eq!(name(pool.submit_reveal(&bytes[..length.min(71)])), "malformed", "{length}");
	}
	let oversized = vec![0; 1_000_000];
	assert_eq!(name(pool.submit_statement(&oversized)), "malformed");
	assert_eq!(name(pool.submit_reveal(&oversized)), "malformed");
	assert_eq!(pool.verdicts.asked.load(Ordering::Relaxed), 0);
}

proptest! {
	#[test]
	fn random_bytes_never_get_in(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
		let pool = pool_at(10);
		prop_assert!(pool.submit_statement(&bytes).is_err());
		prop_assert!(pool.submit_reveal(&bytes).is_err());
		prop_assert_eq!(counts(&pool), (0, 0));
	}
}
