//! The genesis block: an empty database begins with that of the specification, and any other
//! database must have begun with it.

use std::{path::Path, sync::Arc};

use sc_chain_spec::{BuildGenesisBlock, GenesisBlockBuilder};
use sc_client_api::Backend;
use sc_service::{ChainSpec, Configuration, Error};
use sp_blockchain::HeaderBackend;
use sp_runtime::traits::Block as _;
use sp_storage::Storage;

use crate::{
	founding::state::ensure_founded,
	types::{Block, BlockHash, Executor, FullBackend},
};

/// The state with which the chain of the specification begins. That of a chain that no one founded
/// is refused, before anything is stored.
pub(super) fn founded_state(config: &Configuration) -> Result<Storage, Error> {
	let spec = &config.chain_spec;
	let state = spec.as_storage_builder().build_storage();
	let state = state.map_err(sp_blockchain::Error::Storage)?;
	ensure_founded(&state, &spec.chain_type()).map_err(|error| Error::Other(error.to_string()))?;
	Ok(state)
}

/// Builds the genesis block with this state.
///
/// A database that began with another block is refused: it would go on with the runtime and the
/// terms of an older version, or of another chain, under the name of this one.
pub(super) fn builder(
	config: &Configuration,
	storage: Storage,
	backend: &Arc<FullBackend>,
	executor: &Executor,
) -> Result<GenesisBlockBuilder<Block, FullBackend, Executor>, Error> {
	let is_stored = !config.no_genesis();
	let build = |storage| {
		GenesisBlockBuilder::<Block, _, _>::new_with_storage(
			storage,
			is_stored,
			backend.clone(),
			executor.clone(),
		)
	};
	let found = backend.blockchain().info().genesis_hash;
	// An empty database has none.
	if found != BlockHash::default() {
		// What the operation would write is dropped with it.
		let (block, _operation) = build(storage.clone())?.build_genesis_block()?;
		ensure_same(found, block.hash(), config.database.path())?;
	}
	Ok(build(storage)?)
}

/// The hash of the block with which the chain of a specification begins. Nothing is stored.
pub(crate) fn hash_of(spec: &dyn ChainSpec) -> Result<BlockHash, Error> {
	let backend = Arc::new(sc_client_api::in_mem::Backend::<Block>::new());
	let (storage, executor) = (spec.as_storage_builder(), Executor::builder().build());
	let builder = GenesisBlockBuilder::<Block, _, _>::new(storage, false, backend, executor)?;
	let (block, _operation) = builder.build_genesis_block()?;
	Ok(block.hash())
}

/// Refuses a database that begins with the block `found` if the specification's is another.
fn ensure_same(found: BlockHash, specified: BlockHash, path: Option<&Path>) -> Result<(), Error> {
	if found == specified {
		return Ok(());
	}
	let place = path.unwrap_or(Path::new("memory")).display();
	Err(Error::Other(format!(
		"the database in {place} belongs to another genesis than this chain specification \
		 ({found:?}, not {specified:?}): it was made for another chain, or by a program of another \
		 version. Give the specification that it was made with (`--chain`), or delete it with \
		 `groma-node purge-chain` and the same `--chain` and `--base-path`, which keeps the keystore, \
		 and let the node sync again"
	)))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn database_of_the_specified_genesis_is_taken() {
		let genesis = BlockHash::repeat_byte(1);
		assert!(ensure_same(genesis, genesis, None).is_ok());
	}

	#[test]
	fn database_of_another_genesis_is_refused_with_what_to_do() {
		let (found, specified) = (BlockHash::repeat_byte(1), BlockHash::repeat_byte(2));
		let error = ensure_same(found, specified, Some(Path::new("/data/paritydb"))).unwrap_err();
		let message = error.to_string();
		for part in ["/data/paritydb", "0x0101", "0x0202", "--chain", "purge-chain"] {
			assert!(message.contains(part), "{part}: {message}");
		}
	}
}
