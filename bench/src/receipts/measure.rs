//! Rounds of statements and reveals in real blocks, timed.

use std::{
	path::{Path, PathBuf},
	time::Duration,
};

use anyhow::{Context, anyhow, ensure};
use codec::{Decode, Encode};
use cpu_time::ThreadTime;
use ed25519_dalek::{Signer as _, SigningKey};
use groma_core::{DeviceId, api::WindowInfo, units::Units};
use groma_runtime::RuntimeCall;
use indicatif::ProgressBar;
use pallet_proof_of_coverage::Call as CoverageCall;
use sp_core::{Pair, ed25519, sr25519, storage::Storage};
use tempfile::TempDir;

use super::{
	database::Chain,
	population::{
		CLUSTER, COLLECTOR, CONTACTS_AHEAD, Devices, ENDOWMENT, Population, bytes_of_devices,
	},
};
use crate::transactions::Signer;

/// Challenges of a small block: as many as the smallest chain can give twice without using a device
/// twice. Chains of different size are compared by blocks of this length.
const SMALL_BLOCK: u32 = 50;
/// Challenges of a large block: well within what the lane of a block holds.
const LARGE_BLOCK: u32 = 400;
/// Challenges of which a collector bundles the statements into one extrinsic.
const CHALLENGES_PER_BUNDLE: usize = 25;
/// Reveals that a collector bundles into one extrinsic: it declares their worst case, which has to
/// fit a quarter of the lane.
const REVEALS_PER_BUNDLE: usize = 8;
/// Blocks of one phase within a window.
const BLOCKS_PER_PHASE_MAX: u32 = 8;
/// Windows whose challenges are settled before those that are measured, with separate devices.
const WARMING_ROUNDS: u32 = 2;
/// Verifications of one signature next to each block, from which the unit of the figures is drawn.
/// How fast a processor runs changes from moment to moment.
const RAW_VERIFICATIONS: u32 = 400;

/// What a challenge costs on a chain of one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Costs {
	/// In small blocks.
	pub(crate) small: Cost,
	/// In large blocks, if the chain has devices for them.
	pub(crate) large: Option<Cost>,
	/// In the first block of each phase after the node started.
	pub(crate) cold: Cost,
	/// One verification of a signature, in microseconds of processor time.
	pub(crate) raw_us: f64,
	/// Bytes of extrinsics per challenge.
	pub(crate) bytes: f64,
	/// Bytes of state per device: keys without the 32 bytes of pallet and map, and values.
	pub(crate) state_bytes: f64,
}

/// What a challenge takes of the execution of a block: the median of the blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
	/// Its eight statements.
	pub(crate) statements: Share,
	/// Its reveal.
	pub(crate) reveal: Share,
}

impl Cost {
	/// Both phases, in verifications of one signature.
	pub(crate) fn verifications(&self) -> f64 {
		self.statements.verifications + self.reveal.verifications
	}
}

/// What one challenge takes of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
	/// Processor time of the executing thread in microseconds.
	pub(crate) us: f64,
	/// The same in verifications of one signature, measured just before and after.
	pub(crate) verifications: f64,
}

/// Microseconds of processor time of one verification by the function that the runtime calls,
/// natively.
pub(crate) fn raw_verification_us() -> f64 {
	let key = SigningKey::from_bytes(&[7; 32]);
	let public = ed25519::Public::from_raw(key.verifying_key().to_bytes());
	let messages: Vec<_> = (0..RAW_VERIFICATIONS)
		.map(|n| {
			let message = [n.to_le_bytes(); 20].concat();
			let signature = ed25519::Signature::from_raw(key.sign(&message).to_bytes());
			(message, signature)
		})
		.collect();
	let started = ThreadTime::now();
	let valid = messages
		.iter()
		.filter(|(message, signature)| sp_io::crypto::ed25519_verify(signature, message, &public))
		.count();
	let elapsed = started.elapsed();
	assert_eq!(valid as u32, RAW_VERIFICATIONS, "all of these signatures are genuine");
	micros(elapsed) / f64::from(RAW_VERIFICATIONS)
}

/// What a challenge costs on a chain of `devices` devices, which is populated unless `directory`
/// holds it.
pub(crate) fn costs(
	devices: u32,
	directory: &Path,
	progress: &ProgressBar,
) -> anyhow::Result<Costs> {
	let genesis = super::genesis::storage()?;
	let copy = copy_populated(devices, directory, &genesis, progress)?;
	let author = Chain::open(copy.path(), genesis)?;
	let Populated { chain, devices, state_bytes } = open(devices, directory, progress)?;
	progress.set_message("measuring");
	Rounds::new(&chain, &author, devices)?.run(state_bytes, progress)
}

/// A copy of a chain of `count` devices, next to the one that stays for the next run. That one is
/// populated unless `directory` holds it.
pub(crate) fn copy_populated(
	count: u32,
	directory: &Path,
	genesis: &Storage,
	progress: &ProgressBar,
) -> anyhow::Result<TempDir> {
	let path = populated(count, directory, genesis, progress)?;
	let copy = tempfile::tempdir_in(directory)?;
	copy_files(&path, copy.path())?;
	Ok(copy)
}

/// Copies everything in a folder.
pub(crate) fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
	for entry in std::fs::read_dir(from)? {
		let entry = entry?;
		let target = to.join(entry.file_name());
		if entry.file_type()?.is_dir() {
			std::fs::create_dir(&target)?;
			copy_files(&entry.path(), &target)?;
		} else {
			std::fs::copy(entry.path(), target)?;
		}
	}
	Ok(())
}

/// A chain with devices, just opened.
pub(crate) struct Populated {
	/// The chain.
	pub(crate) chain: Chain,
	/// Who its devices are.
	pub(crate) devices: Devices,
	/// Bytes of state per device.
	state_bytes: f64,
}

/// Opens a chain of `count` devices, which is populated unless `directory` holds it.
pub(crate) fn open(
	count: u32,
	directory: &Path,
	progress: &ProgressBar,
) -> anyhow::Result<Populated> {
	let genesis = super::genesis::storage()?;
	let path = populated(count, directory, &genesis, progress)?;
	let state_bytes = std::fs::read_to_string(path.join(STATE_FIGURE))?.trim().parse()?;
	let ids = std::fs::read(path.join(DEVICE_IDS))?;
	let ids = Vec::<DeviceId>::decode(&mut &ids[..]).context("the list of ids is damaged")?;
	let chain = Chain::open(&path, genesis)?;
	let devices = Devices::registered(ids, chain.genesis_hash().0);
	Ok(Populated { chain, devices, state_bytes })
}

/// The folder of a chain of `count` devices, which is made unless it exists.
fn populated(
	count: u32,
	directory: &Path,
	genesis: &Storage,
	progress: &ProgressBar,
) -> anyhow::Result<PathBuf> {
	let path = chain_path(directory, count, genesis)?;
	if !path.exists() {
		populate(count, &path, genesis, progress)?;
	}
	Ok(path)
}

/// Where a populated chain notes its bytes of state per device.
const STATE_FIGURE: &str = "state-bytes-per-device";
/// Where it keeps the ids of its devices.
const DEVICE_IDS: &str = "device-ids";

/// A folder named after everything that the populated chain depends on.
fn chain_path(directory: &Path, devices: u32, genesis: &Storage) -> anyhow::Result<PathBuf> {
	let blob =
		groma_runtime::WASM_BINARY.context("this binary was built without a runtime blob")?;
	let everything: Vec<_> = genesis.top.iter().collect();
	let parts = (blob, everything, devices, CONTACTS_AHEAD, COLLECTOR, ENDOWMENT);
	let name = sp_crypto_hashing::blake2_256(&parts.encode());
	let name: String = name.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
	Ok(directory.join(format!("receipts-{devices}-{name}")))
}

/// Makes the chain next to its final place, so that a half-finished one is never taken for whole.
fn populate(
	count: u32,
	path: &Path,
	genesis: &Storage,
	progress: &ProgressBar,
) -> anyhow::Result<()> {
	let partial = path.with_extension("partial");
	if partial.exists() {
		std::fs::remove_dir_all(&partial)?;
	}
	std::fs::create_dir_all(&partial)?;
	let genesis_hash = Chain::open(&partial, genesis.clone())?.genesis_hash();
	progress.set_message("registering");
	let devices = Devices::new(count, genesis_hash.0)?;
	let mut population = Population::register(devices, genesis.clone(), progress)?;
	progress.set_message("settling");
	population.settle_history(progress)?;
	population.make_reciprocal();
	let devices = population.devices();
	let (state, blocks) = population.into_state();
	let state_bytes = bytes_of_devices(&state) as f64 / f64::from(count);
	progress.set_message("writing");
	Chain::write(&partial, genesis.clone(), &state, blocks, progress)?;
	std::fs::write(partial.join(DEVICE_IDS), devices.ids().encode())?;
	std::fs::write(partial.join(STATE_FIGURE), format!("{state_bytes:.1}\n"))?;
	std::fs::rename(&partial, path)?;
	Ok(())
}

/// Rounds of statements and reveals, no device twice as long as the chain has others. One node
/// authors the blocks, and another one, which has seen nothing of them, executes them: so its cache
/// is warm from other devices alone.
struct Rounds<'a> {
	chain: &'a Chain,
	author: &'a Chain,
	devices: Devices,
	collector: Signer,
	next_cluster: u32,
	bytes: usize,
	challenges: u32,
	/// One verification next to each block.
	raw_us: Vec<f64>,
}

/// The blocks of one phase.
type Phase = Vec<Share>;

/// The statements of a window and their reveals.
struct Round {
	statements: Phase,
	reveals: Phase,
}

impl Round {
	/// What the first block of each phase cost.
	fn first(&self) -> anyhow::Result<Cost> {
		let first = |phase: &Phase| phase.first().copied().context("a round has blocks");
		Ok(Cost { statements: first(&self.statements)?, reveal: first(&self.reveals)? })
	}

	/// What a typical block of each phase cost.
	fn typical(self) -> anyhow::Result<Cost> {
		Ok(Cost { statements: typical(&self.statements)?, reveal: typical(&self.reveals)? })
	}
}

impl<'a> Rounds<'a> {
	fn new(chain: &'a Chain, author: &'a Chain, devices: Devices) -> anyhow::Result<Self> {
		let pair = sr25519::Pair::from_string("//Alice", None)
			.map_err(|error| anyhow!("a well-known key: {error:?}"))?;
		let mut collector = Signer::new(pair);
		// A chain that was measured before has gone on since.
		collector.nonce = chain.nonce(collector.account())?;
		Ok(Self {
			chain,
			author,
			devices,
			collector,
			next_cluster: 0,
			bytes: 0,
			challenges: 0,
			raw_us: Vec::new(),
		})
	}

	fn run(mut self, state_bytes: f64, progress: &ProgressBar) -> anyhow::Result<Costs> {
		let has_large_blocks = self.devices.clusters() >= LARGE_BLOCK * BLOCKS_PER_PHASE_MAX;
		let warming_block = if has_large_blocks { LARGE_BLOCK } else { SMALL_BLOCK };
		progress.set_length(u64::from(WARMING_ROUNDS) + 2);
		let mut cold = None;
		for _ in 0..WARMING_ROUNDS {
			let round = self.round(warming_block)?;
			cold = cold.or(Some(round.first()?));
			progress.inc(1);
		}
		let small = self.round(SMALL_BLOCK)?.typical()?;
		progress.inc(1);
		let large = match has_large_blocks {
			true => Some(self.round(LARGE_BLOCK)?.typical()?),
			false => None,
		};
		Ok(Costs {
			small,
			large,
			cold: cold.context("there is a warming round")?,
			raw_us: median(self.raw_us)?,
			bytes: self.bytes as f64 / f64::from(self.challenges),
			state_bytes,
		})
	}

	/// One window of statements and, two windows later, their reveals, in blocks of so many
	/// challenges.
	fn round(&mut self, per_block: u32) -> anyhow::Result<Round> {
		let window = self.wait_for(self.chain.window()?.index + 1)?;
		let blocks = (self.devices.clusters() / per_block).min(BLOCKS_PER_PHASE_MAX);
		let clusters: Vec<_> = (0..blocks * per_block)
			.map(|n| (self.next_cluster + n) % self.devices.clusters())
			.collect();
		self.next_cluster = (self.next_cluster + blocks * per_block) % self.devices.clusters();
		self.challenges += blocks * per_block;
		let mut statements = Phase::new();
		for block in clusters.chunks(per_block as usize) {
			let calls = self.statement_calls(block, &window)?;
			statements.push(self.timed_block(calls, per_block)?);
			self.expect_statements(block, &window, CLUSTER as usize - 1)?;
		}
		self.wait_for(window.index + 2)?;
		let credited = self.author.credited()?;
		let mut reveals = Phase::new();
		for block in clusters.chunks(per_block as usize) {
			let calls = self.reveal_calls(block, &window)?;
			let before = self.units(block)?;
			reveals.push(self.timed_block(calls, per_block)?);
			self.expect_statements(block, &window, 0)?;
			let after = self.units(block)?;
			ensure!(
				before.iter().zip(&after).all(|(b, a)| b < a),
				"a settled challenge did not pay all its participants"
			);
		}
		let is_credited = self.author.credited()? > credited;
		ensure!(is_credited, "the collector that the statements name was not credited");
		Ok(Round { statements, reveals })
	}

	fn statement_calls(
		&self,
		clusters: &[u32],
		window: &WindowInfo,
	) -> anyhow::Result<Vec<RuntimeCall>> {
		let bundle = |bundle: &[u32]| {
			let groups: anyhow::Result<Vec<_>> = bundle
				.iter()
				.map(|cluster| self.devices.statements(*cluster, window.index, &window.seed))
				.collect();
			let groups = groups?.try_into().map_err(|_| anyhow!("a bundle holds its groups"))?;
			Ok(RuntimeCall::ProofOfCoverage(CoverageCall::submit_statements { groups }))
		};
		clusters.chunks(CHALLENGES_PER_BUNDLE).map(bundle).collect()
	}

	fn reveal_calls(
		&self,
		clusters: &[u32],
		window: &WindowInfo,
	) -> anyhow::Result<Vec<RuntimeCall>> {
		let bundle = |bundle: &[u32]| {
			let reveals: Vec<_> = bundle
				.iter()
				.map(|cluster| self.devices.reveal(*cluster, window.index, &window.seed))
				.collect();
			let reveals = reveals.try_into().map_err(|_| anyhow!("a bundle holds its reveals"))?;
			Ok(RuntimeCall::ProofOfCoverage(CoverageCall::submit_reveals { reveals }))
		};
		clusters.chunks(REVEALS_PER_BUNDLE).map(bundle).collect()
	}

	/// Makes a block of these calls and returns what each of its challenges took of it.
	fn timed_block(&mut self, calls: Vec<RuntimeCall>, challenges: u32) -> anyhow::Result<Share> {
		let genesis = self.chain.genesis_hash();
		let extrinsics: Vec<_> =
			calls.into_iter().map(|call| self.collector.sign(genesis, 0, call)).collect();
		self.bytes += extrinsics.iter().map(Encode::encoded_size).sum::<usize>();
		let block = self.author.author(extrinsics)?;
		let before = raw_verification_us();
		let executed = self.chain.execute(block)?;
		let raw_us = (before + raw_verification_us()) / 2.0;
		self.raw_us.push(raw_us);
		let us = micros(executed) / f64::from(challenges);
		Ok(Share { us, verifications: us / raw_us })
	}

	/// The units of all members. The author is asked, since the question would warm the cache of
	/// the other node.
	fn units(&self, clusters: &[u32]) -> anyhow::Result<Vec<Units>> {
		let members = |cluster: &u32| {
			let cluster = *cluster;
			(0..CLUSTER).map(move |member| self.devices.member(cluster, member))
		};
		clusters.iter().flat_map(members).map(|device| self.author.units(device)).collect()
	}

	/// Every challenge of the block has to hold this many statements now.
	fn expect_statements(
		&self,
		clusters: &[u32],
		window: &WindowInfo,
		expected: usize,
	) -> anyhow::Result<()> {
		for cluster in clusters {
			let beaconer = self.devices.beaconer(*cluster, window.index);
			let found = self.chain.witnesses(window.index, beaconer)?.len();
			ensure!(found == expected, "device {beaconer} has {found} statements, not {expected}");
		}
		Ok(())
	}

	/// Makes empty blocks until the window begins.
	fn wait_for(&self, index: u32) -> anyhow::Result<WindowInfo> {
		loop {
			let window = self.chain.window()?;
			if window.index >= index {
				return Ok(window);
			}
			self.chain.execute(self.author.author(Vec::new())?)?;
		}
	}
}

pub(crate) fn micros(duration: Duration) -> f64 {
	duration.as_secs_f64() * 1e6
}

fn typical(phase: &Phase) -> anyhow::Result<Share> {
	let us = median(phase.iter().map(|share| share.us).collect())?;
	let verifications = median(phase.iter().map(|share| share.verifications).collect())?;
	Ok(Share { us, verifications })
}

/// The median; the upper one of an even count.
pub(crate) fn median(mut values: Vec<f64>) -> anyhow::Result<f64> {
	values.sort_by(f64::total_cmp);
	values.get(values.len() / 2).copied().context("at least one block was measured")
}
