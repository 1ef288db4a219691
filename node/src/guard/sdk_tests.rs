//! What the guard writes into the voter's stored state is what `sc-consensus-grandpa` reads.

use std::{path::Path, sync::Arc};

use codec::Encode;
use sc_client_api::{AuxStore, execution_extensions::ExecutionExtensions};
use sc_client_db::{BlocksPruning, DatabaseSettings, DatabaseSource};
use sc_consensus_grandpa::{GrandpaBlockImport, LinkHalf};
use sc_service::{ChainSpec, ClientConfig, GenesisBlockBuilder};

use super::{
	chain::Chain,
	record::{Kind, Round, tests::vote},
	voter_state::{Cast, KEY, tests::cast_in},
};
use crate::{
	chain_spec,
	types::{Block, Executor, FullBackend, FullClient, FullSelectChain},
};

/// A new chain for development, in a directory.
fn new_chain(directory: &Path) -> (Arc<FullClient>, FullSelectChain) {
	let settings = DatabaseSettings {
		trie_cache_maximum_size: None,
		state_pruning: None,
		source: DatabaseSource::ParityDb { path: directory.into() },
		blocks_pruning: BlocksPruning::KeepFinalized,
		pruning_filters: Vec::new(),
		metrics_registry: None,
	};
	let backend = Arc::new(FullBackend::new(settings, 0).expect("the directory is empty"));
	let executor = Executor::builder().build();
	let specification = chain_spec::load("dev").expect("it is built in");
	let genesis = GenesisBlockBuilder::<Block, _, _>::new(
		specification.as_storage_builder(),
		true,
		backend.clone(),
		executor.clone(),
	);
	let client = sc_service::new_client(
		backend.clone(),
		executor.clone(),
		genesis.expect("genesis can be built"),
		None,
		None,
		ExecutionExtensions::new(None, Arc::new(executor)),
		Box::new(sp_core::testing::TaskExecutor::new()),
		None,
		None,
		ClientConfig::default(),
	);
	(Arc::new(client.expect("it opens")), FullSelectChain::new(backend))
}

type Parts = (
	GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>,
	LinkHalf<Block, FullClient, FullSelectChain>,
);

/// Has GRANDPA load what is stored, as at the start of a node.
fn load((client, chain): &(Arc<FullClient>, FullSelectChain)) -> sp_blockchain::Result<Parts> {
	sc_consensus_grandpa::block_import(client.clone(), 512, client, chain.clone(), None)
}

#[test]
fn state_that_the_sdk_stores_is_read_and_what_is_written_back_is_loaded() {
	let directory = tempfile::tempdir().expect("there is room");
	let node = new_chain(directory.path());
	let client = &node.0;
	assert_eq!(client.voter_state().expect("it can be read"), None, "the voter never started");
	load(&node).expect("nothing is stored");
	let stored = || client.get_aux(KEY).expect("it can be read").expect("it is there");
	let mut state = client.voter_state().expect("it can be read").expect("it is stored");
	assert_eq!(state.encode(), stored(), "not a byte is lost");
	assert_eq!(state.next_round(), Round { set: 0, number: 1 });
	let genesis = client.chain_info().genesis_hash;
	assert_eq!(state.last_block(), Some(genesis));
	assert!(client.has_block(genesis).expect("it can be asked"));
	assert_eq!(client.slot_of(genesis).expect("it can be asked"), None);
	assert_eq!(client.session_at(genesis).expect("it can be asked"), Some(0));

	let votes = [vote((0, 1), Kind::Prevote, 7), vote((0, 1), Kind::Precommit, 7)];
	assert!(state.repeat(&votes));
	client.store_voter_state(&state).expect("it can be written");
	load(&node).expect("the SDK reads it");
	let loaded = client.voter_state().expect("it can be read").expect("it is stored");
	let both = Cast::Precommit(None, votes[0].target, votes[1].target);
	assert_eq!(cast_in(&loaded, 1), Some(both));
	assert_eq!(stored(), state.encode());

	// The SDK reads all of it: it misses the last byte.
	let bytes = stored();
	client.insert_aux(&[(KEY, &bytes[..bytes.len() - 1])], &[]).expect("it can be written");
	assert!(load(&node).is_err());
}
