//! What a release leaves in its folder, and what is wrong with it under this runtime.

use std::{
	collections::BTreeSet,
	fs,
	path::{Path, PathBuf},
};

use codec::{Decode, Encode};
use frame_support::{
	migrations::SteppedMigrations,
	traits::{TryDecodeEntireStorage, TryState, TryStateSelect},
	weights::WeightMeter,
};
use groma_runtime::{
	AllPalletsWithSystem, Executive, System, governance::upgrades::MigrationWeight,
	migrations::Migrations,
};
use sha2::{Digest, Sha256};

use super::{
	entries::{ABSENT_AT_UPGRADES, Pair, chain_with, keys, prefix_of},
	samples::{self, Items},
	story,
};
use crate::{blob::Blob, chain::Chain, snapshot};

/// The last part of the key of a pallet's storage version.
const STORAGE_VERSION: &[u8] = frame_support::traits::STORAGE_VERSION_STORAGE_KEY_POSTFIX;
/// The most faults of a kind that are named.
const NAMED_MAX: usize = 20;

/// What a release leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Release {
	/// The metadata of the blob, of version 16.
	metadata: Vec<u8>,
	/// The SHA-256 of the blob, in hexadecimal.
	pub(super) blob_hash: String,
	/// The surface.
	pub(super) surface: String,
	/// The state of the story, which keeps all invariants.
	pub(super) state: Vec<Pair>,
	/// Entries of items of which it has none. They decode and mean nothing.
	pub(super) samples: Vec<Pair>,
}

impl Release {
	/// That of this runtime.
	pub(super) fn of_this_runtime() -> Self {
		let blob = Blob::shipped();
		let metadata = metadata_of(blob);
		let state = story::state();
		let samples = samples::missing(&Items::of(&metadata), &state);
		let blob_hash = Sha256::digest(blob.code())
			.iter()
			.fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
		Self { metadata, blob_hash, surface: snapshot::surface(), state, samples }
	}

	/// Reads what a release left.
	pub(super) fn read(folder: &Path) -> Self {
		let bytes = |name: &str| fs::read(folder.join(name)).expect("a release has all its files");
		let text = |name: &str| String::from_utf8(bytes(name)).expect("it is text");
		let pairs =
			|name: &str| Vec::decode(&mut &bytes(name)[..]).expect("it is a list of entries");
		Self {
			metadata: bytes("metadata.scale"),
			blob_hash: text("blob.sha256").trim().to_owned(),
			surface: text("surface.txt"),
			state: pairs("state.scale"),
			samples: pairs("samples.scale"),
		}
	}

	/// Leaves it in a new folder.
	pub(super) fn write(&self, folder: &Path) {
		let new = fs::create_dir_all(folder.parent().expect("it has one"))
			.and_then(|()| fs::create_dir(folder));
		new.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
		let files: [(&str, Vec<u8>); 5] = [
			("metadata.scale", self.metadata.clone()),
			("blob.sha256", format!("{}\n", self.blob_hash).into_bytes()),
			("surface.txt", self.surface.clone().into_bytes()),
			("state.scale", self.state.encode()),
			("samples.scale", self.samples.encode()),
		];
		for (name, bytes) in files {
			let path: PathBuf = folder.join(name);
			fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
		}
	}

	/// What is wrong with it, if this runtime follows it.
	pub(super) fn faults(&self) -> Vec<String> {
		let mut faults = self.faults_of_files();
		faults.extend(faults_after_migrations(&self.state, true));
		let filled = [&self.state[..], &self.samples].concat();
		faults.extend(faults_after_migrations(&filled, false));
		faults
	}

	fn faults_of_files(&self) -> Vec<String> {
		let mut faults = Vec::new();
		let is_hash = self.blob_hash.len() == 64
			&& self.blob_hash.bytes().all(|byte| byte.is_ascii_hexdigit());
		if !is_hash {
			faults.push("there is no hash of the blob".to_owned());
		}
		if !self.surface.lines().any(|line| line.starts_with("version spec ")) {
			faults.push("there is no surface".to_owned());
		}
		let keys = || self.state.iter().chain(&self.samples).map(|(key, _)| key);
		let items = Items::of(&self.metadata);
		let unfilled = items.names().filter(|&(pallet, item)| {
			let prefix = prefix_of(pallet, item);
			!ABSENT_AT_UPGRADES.contains(&(pallet, item))
				&& !keys().any(|key| key.starts_with(&prefix))
		});
		let named = unfilled.map(|(pallet, item)| format!("{pallet}.{item} has no entry"));
		faults.extend(named.take(NAMED_MAX));
		faults
	}
}

/// The metadata of version 16 of a blob, on a development chain, as some constants are storage.
fn metadata_of(blob: Blob) -> Vec<u8> {
	let mut chain = Chain::development();
	let version = 16u32.encode();
	let function = "Metadata_metadata_at_version";
	let answer = blob.call(&mut chain.externalities().ext(), function, &version);
	let answer = answer.expect("the blob answers");
	Option::<Vec<u8>>::decode(&mut &answer[..])
		.expect("it is a list of bytes or none")
		.expect("the runtime has this version")
}

/// What is wrong with a state after this runtime took over.
fn faults_after_migrations(pairs: &[Pair], keeps_invariants: bool) -> Vec<String> {
	chain_with(pairs).execute_with(|| {
		migrate();
		let mut faults = undecodable();
		faults.extend(orphans().into_iter().take(NAMED_MAX));
		let number = System::block_number();
		if keeps_invariants {
			let state = AllPalletsWithSystem::try_state(number, TryStateSelect::All);
			faults.extend(state.err().map(|error| format!("an invariant is broken: {error:?}")));
		}
		faults
	})
}

/// Runs what an upgrade runs in its first block, then every step of its migrations.
fn migrate() {
	Executive::execute_on_runtime_upgrade();
	run_steps::<Migrations>();
}

/// Runs a list of migrations as blocks do, each within its bound.
fn run_steps<M: SteppedMigrations>() {
	for index in 0..M::len() {
		let most = M::nth_max_steps(index).flatten().expect("each migration has a bound");
		let (mut cursor, mut steps) = (None, 0);
		loop {
			let mut meter = WeightMeter::with_limit(MigrationWeight::get());
			let step = M::nth_transactional_step(index, cursor, &mut meter);
			cursor = step.expect("there is the migration").expect("a step works");
			steps += 1;
			if cursor.is_none() {
				break;
			}
			assert!(steps < most, "migration {index} takes more than {most} steps");
		}
	}
}

/// Entries that this runtime cannot read.
fn undecodable() -> Vec<String> {
	let read = AllPalletsWithSystem::try_decode_entire_state();
	let errors = read.err().unwrap_or_default();
	errors.iter().take(NAMED_MAX).map(ToString::to_string).collect()
}

/// Keys that no item of this runtime has.
fn orphans() -> Vec<String> {
	let items = Items::of(&native_metadata());
	let prefixes: BTreeSet<Vec<u8>> =
		items.names().map(|(pallet, item)| prefix_of(pallet, item)).collect();
	let version = sp_io::hashing::twox_128(STORAGE_VERSION);
	// Those that are no pallet's: the SDK's, and values that genesis chose once.
	let of_genesis: BTreeSet<Vec<u8>> = Chain::development().with(|| keys().collect());
	let is_known = |key: &Vec<u8>| {
		key.get(..32).is_some_and(|front| prefixes.contains(front))
			|| key.get(16..) == Some(&version[..])
			|| key.starts_with(b":")
			|| of_genesis.contains(key)
	};
	let orphans = keys().filter(|key| !is_known(key));
	orphans.map(|key| format!("no one reads the key {key:02x?}")).collect()
}

fn native_metadata() -> Vec<u8> {
	let metadata = groma_runtime::Runtime::metadata_at_version(16);
	metadata.expect("the runtime has this version").to_vec()
}
