//! A chain on ParityDB whose state was made elsewhere: filled in bounded chunks, opened, and given
//! real blocks that the wasm runtime executes.

use std::{
	collections::BTreeMap,
	path::Path,
	sync::Arc,
	time::{Duration, Instant},
};

use anyhow::{Context, anyhow, ensure};
use cpu_time::ThreadTime;
use frame_support::storage::storage_prefix;
use frame_system_rpc_runtime_api::AccountNonceApi;
use futures::executor::block_on;
use groma_core::{DeviceId, WindowIndex, api::WindowInfo, protocol::SLOT_MS, units::Units};
use groma_runtime::{
	AccountId, Block, Hash, Header, Nonce, RuntimeApi, RuntimeCall, TimestampCall,
	UncheckedExtrinsic, VERSION,
};
use groma_runtime_api::{ChallengesApi, CollectorsApi, CoverageApi};
use sc_block_builder::BlockBuilderBuilder;
use sc_client_api::{
	Backend as _, BlockImportOperation, HeaderBackend, NewBlockState, TrieCacheContext,
	execution_extensions::ExecutionExtensions,
};
use sc_client_db::{Backend, BlocksPruning, DatabaseSettings, DatabaseSource, PruningMode};
use sc_consensus::{
	BlockImport, BlockImportParams, ForkChoiceStrategy, StateAction, StorageChanges,
};
use sc_executor::WasmExecutor;
use sc_service::{ClientConfig, GenesisBlockBuilder, LocalCallExecutor};
use sp_api::{ApiExt, Core, ProvideRuntimeApi};
use sp_consensus::BlockOrigin;
use sp_consensus_babe::{
	BABE_ENGINE_ID,
	digests::{PreDigest, SecondaryPlainPreDigest},
};
use sp_core::{Encode, storage::Storage, traits::CallContext};
use sp_io::SubstrateHostFunctions;
use sp_runtime::{Digest, DigestItem, traits::Header as _};
use sp_state_machine::{Backend as _, IterArgs};

use super::genesis;

/// The node's default size of the trie cache in bytes.
const TRIE_CACHE_BYTES: usize = 1 << 30;
/// How a node that keeps every block's state would be canonicalized; the benchmark's chain is
/// short.
const CANONICALIZATION_DELAY: u64 = 4096;

type Executor = WasmExecutor<SubstrateHostFunctions>;
pub(crate) type Client = sc_service::client::Client<
	Backend<Block>,
	LocalCallExecutor<Block, Backend<Block>, Executor>,
	Block,
	RuntimeApi,
>;

/// Everything below the trie: keys and values.
pub(crate) type State = BTreeMap<Vec<u8>, Vec<u8>>;

/// A key and its value.
pub(crate) type Entry = (Vec<u8>, Vec<u8>);

/// A chain on disk, with the client that executes its blocks.
pub(crate) struct Chain {
	pub(crate) backend: Arc<Backend<Block>>,
	client: Client,
}

impl Chain {
	/// Writes a chain of `blocks` blocks whose last one has `state`, above the genesis block of
	/// `genesis`. Each block brings an equal part of the state, so that memory stays flat.
	pub(crate) fn write(
		path: &Path,
		genesis: Storage,
		state: &State,
		blocks: u32,
		progress: &indicatif::ProgressBar,
	) -> anyhow::Result<()> {
		let backend = open_backend(path)?;
		new_client(backend.clone(), genesis)?;
		let chunk = state.len().div_ceil(blocks.max(1) as usize).max(1);
		let mut entries = state.iter().peekable();
		progress.set_length(state.len() as u64);
		for number in 1..=blocks {
			let parent = backend.blockchain().info().best_hash;
			let part: Vec<_> = entries.by_ref().take(chunk).collect();
			append_block(&backend, parent, number, &part, NewBlockState::Best)?;
			progress.inc(part.len() as u64);
		}
		ensure!(entries.next().is_none(), "the whole state was written");
		Ok(())
	}

	/// Opens a chain that [`Self::write`] wrote, with an empty cache.
	pub(crate) fn open(path: &Path, genesis: Storage) -> anyhow::Result<Self> {
		let backend = open_backend(path)?;
		Ok(Self { client: new_client(backend.clone(), genesis)?, backend })
	}

	/// Number and hash of the best block.
	pub(crate) fn best(&self) -> (u32, Hash) {
		let info = self.client.info();
		(info.best_number, info.best_hash)
	}

	/// The hash of the genesis block.
	pub(crate) fn genesis_hash(&self) -> Hash {
		self.client.info().genesis_hash
	}

	/// The window of the best block.
	pub(crate) fn window(&self) -> anyhow::Result<WindowInfo> {
		Ok(self.client.runtime_api().window(self.best().1)?)
	}

	/// How many transactions an account has signed.
	pub(crate) fn nonce(&self, account: AccountId) -> anyhow::Result<Nonce> {
		Ok(self.client.runtime_api().account_nonce(self.best().1, account)?)
	}

	/// The witnesses whose statements about a beacon are on chain.
	pub(crate) fn witnesses(
		&self,
		window: WindowIndex,
		beaconer: DeviceId,
	) -> anyhow::Result<Vec<DeviceId>> {
		Ok(self.client.runtime_api().witnesses(self.best().1, window, beaconer)?)
	}

	/// The units of a device that are not handed over to rewards yet.
	pub(crate) fn units(&self, device: DeviceId) -> anyhow::Result<Units> {
		let activity = self.client.runtime_api().activity(self.best().1, device)?;
		Ok(activity.map(|activity| activity.units).unwrap_or_default())
	}

	/// For how many fifths of reports the collector that all statements name is credited.
	pub(crate) fn credited(&self) -> anyhow::Result<u32> {
		let account = groma_runtime::genesis::COLLECTOR.to_account_id();
		Ok(self.client.runtime_api().collector(self.best().1, account)?.open_fifths)
	}

	/// Authors a block of `extrinsics` on the best block and imports it. Every extrinsic has to be
	/// applicable.
	pub(crate) fn author(&self, extrinsics: Vec<UncheckedExtrinsic>) -> anyhow::Result<Block> {
		let (number, parent) = self.best();
		let now_ms = genesis::time_ms(number + 1);
		let timestamp = RuntimeCall::Timestamp(TimestampCall::set { now: now_ms });
		let mut builder = BlockBuilderBuilder::new(&self.client)
			.on_parent_block(parent)
			.with_parent_block_number(number)
			.with_inherent_digests(secondary_slot(now_ms / SLOT_MS))
			.build()?;
		builder.push(UncheckedExtrinsic::new_bare(timestamp)).context("the time was refused")?;
		for extrinsic in extrinsics {
			builder.push(extrinsic).context("an extrinsic was refused")?;
		}
		let (block, changes) = builder.build()?.into_inner();
		self.import(block.clone(), changes)?;
		Ok(block)
	}

	/// Executes a block that another node authored, as a node does that receives it, and imports
	/// it. Returns the processor time of executing it, hooks and storage root included.
	pub(crate) fn execute(&self, block: Block) -> anyhow::Result<Duration> {
		let parent = *block.header.parent_hash();
		let context = CallContext::Onchain { import: true };
		let started = ThreadTime::now();
		let mut api = self.client.runtime_api();
		api.set_call_context(context);
		api.execute_block(parent, block.clone().into())?;
		let state = self.backend.state_at(parent, context.into())?;
		let changes = api
			.into_storage_changes(&state, parent)
			.map_err(|error| anyhow!("no storage root: {error}"))?;
		let executed = started.elapsed();
		ensure!(
			changes.transaction_storage_root == *block.header.state_root(),
			"the author of the block came to another state"
		);
		self.import(block, changes)?;
		Ok(executed)
	}

	/// Reads the value of every key, each of which has to have one, and returns them with the time
	/// it took.
	pub(crate) fn read(&self, keys: &[Vec<u8>]) -> anyhow::Result<(Vec<Vec<u8>>, Duration)> {
		let state = self.backend.state_at(self.best().1, TrieCacheContext::Trusted)?;
		let started = Instant::now();
		let values =
			keys.iter().map(|key| state.storage(key).ok().flatten()).collect::<Option<Vec<_>>>();
		let took = started.elapsed();
		Ok((values.context("every key has a value")?, took))
	}

	/// The entries of the best block below a prefix, in the order of their keys.
	pub(crate) fn entries(&self, prefix: &[u8]) -> anyhow::Result<Vec<Entry>> {
		let state = self.backend.state_at(self.best().1, TrieCacheContext::Trusted)?;
		let mut below = IterArgs::default();
		below.prefix = Some(prefix);
		let pairs = state.pairs(below);
		pairs
			.and_then(|pairs| pairs.collect())
			.map_err(|error| anyhow!("the state cannot be read: {error}"))
	}

	/// Writes these entries in one block next to the best chain, storage root and commit included.
	pub(crate) fn write_aside(&self, entries: &[Entry]) -> anyhow::Result<Duration> {
		let started = Instant::now();
		self.append(entries, NewBlockState::Normal)?;
		Ok(started.elapsed())
	}

	/// Goes on with a block that writes these entries, whatever the runtime would do.
	pub(crate) fn overwrite(&self, mut entries: Vec<Entry>) -> anyhow::Result<()> {
		let number = self.best().0 + 1;
		entries.push((storage_prefix(b"System", b"Number").to_vec(), number.encode()));
		self.append(&entries, NewBlockState::Best)
	}

	fn append(&self, entries: &[Entry], standing: NewBlockState) -> anyhow::Result<()> {
		let (number, parent) = self.best();
		let entries: Vec<_> = entries.iter().map(|(key, value)| (key, value)).collect();
		append_block(&self.backend, parent, number + 1, &entries, standing)
	}

	fn import(&self, block: Block, changes: sp_api::StorageChanges<Block>) -> anyhow::Result<()> {
		let mut params = BlockImportParams::new(BlockOrigin::Own, block.header);
		params.body = Some(block.extrinsics);
		params.state_action = StateAction::ApplyChanges(StorageChanges::Changes(changes));
		params.fork_choice = Some(ForkChoiceStrategy::LongestChain);
		let result = block_on(self.client.import_block(params))?;
		ensure!(
			matches!(result, sc_consensus::ImportResult::Imported(_)),
			"the block was not imported: {result:?}"
		);
		Ok(())
	}
}

/// The digest of a block authored in a secondary slot by the first validator.
pub(crate) fn secondary_slot(slot: u64) -> Digest {
	let digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
		authority_index: 0,
		slot: slot.into(),
	});
	Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, digest.encode())] }
}

pub(crate) fn open_backend(path: &Path) -> anyhow::Result<Arc<Backend<Block>>> {
	let settings = DatabaseSettings {
		trie_cache_maximum_size: Some(TRIE_CACHE_BYTES),
		state_pruning: Some(PruningMode::ArchiveAll),
		source: DatabaseSource::ParityDb { path: path.into() },
		blocks_pruning: BlocksPruning::KeepAll,
		pruning_filters: Vec::new(),
		metrics_registry: None,
	};
	Backend::new(settings, CANONICALIZATION_DELAY)
		.map(Arc::new)
		.with_context(|| format!("cannot open the database at {}", path.display()))
}

pub(crate) fn new_client(backend: Arc<Backend<Block>>, genesis: Storage) -> anyhow::Result<Client> {
	let executor = Executor::builder().build();
	let builder = GenesisBlockBuilder::<Block, _, _>::new_with_storage(
		genesis,
		true,
		backend.clone(),
		executor.clone(),
	)?;
	Ok(sc_service::new_client(
		backend,
		executor.clone(),
		builder,
		None,
		None,
		ExecutionExtensions::new(None, Arc::new(executor)),
		Box::new(sp_core::testing::TaskExecutor::new()),
		None,
		None,
		ClientConfig::default(),
	)?)
}

/// Appends a block without extrinsics that adds `entries` to the state of its parent.
fn append_block(
	backend: &Backend<Block>,
	parent: Hash,
	number: u32,
	entries: &[(&Vec<u8>, &Vec<u8>)],
	standing: NewBlockState,
) -> anyhow::Result<()> {
	let delta = entries.iter().map(|(key, value)| (key.as_slice(), Some(value.as_slice())));
	let (root, transaction) = backend
		.state_at(parent, TrieCacheContext::Trusted)?
		.storage_root(delta, VERSION.state_version());
	let header = Header::new(number, Hash::zero(), root, parent, Digest::default());
	let mut operation = backend.begin_operation()?;
	backend.begin_state_operation(&mut operation, parent)?;
	operation.update_db_storage(transaction)?;
	operation.set_block_data(header, Some(Vec::new()), None, None, standing, true)?;
	backend.commit_operation(operation)?;
	Ok(())
}
