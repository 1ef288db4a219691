//! Rounds of statements and reveals in real blocks, timed.

use std::{
	path::{Path, PathBuf},
	time::{Duration, Instant},
};

use anyhow::{Context, anyhow, ensure};
use codec::Encode;
use ed25519_dalek::{Signer, SigningKey};
use groma_core::api::WindowInfo;
use groma_runtime::{
	RuntimeCall, SignedPayload, UncheckedExtrinsic, VERSION, transactions::extension,
};
use indicatif::ProgressBar;
use pallet_proof_of_coverage::Call as CoverageCall;
use sp_core::{Pair, ed25519, sr25519, storage::Storage};
use sp_runtime::{MultiSignature, generic::Era};

use super::{
	database::Chain,
	population::{CLUSTER, Devices, Population, bytes_of_devices},
};

/// Challenges of one measured block: as many as the smallest chain can give twice without using a
/// device twice.
const CHALLENGES_PER_BLOCK: u32 = 50;
/// Challenges that a collector bundles into one extrinsic.
const CHALLENGES_PER_BUNDLE: usize = 25;
/// Blocks of one phase within a window; the first warms the cache with devices of its own.
const BLOCKS_PER_PHASE_MAX: u32 = 8;
/// Windows whose challenges are measured.
const ROUNDS: u32 = 3;
/// Verifications of one signature that the unit of the figures is drawn from.
const RAW_VERIFICATIONS: u32 = 4_000;

/// What a challenge costs on a chain of one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Costs {
	/// Microseconds for its statements, median of the warm blocks.
	pub(crate) statements_us: f64,
	/// Microseconds for its reveal, median of the warm blocks.
	pub(crate) reveal_us: f64,
	/// Microseconds for both, in the first block of each phase after the node started.
	pub(crate) cold_us: f64,
	/// Bytes of extrinsics per challenge.
	pub(crate) bytes: f64,
	/// Bytes of state per device: keys without the 32 bytes of pallet and map, and values.
	pub(crate) state_bytes: f64,
}

impl Costs {
	/// Microseconds for both phases with a warm cache.
	pub(crate) fn warm_us(&self) -> f64 {
		self.statements_us + self.reveal_us
	}
}

/// Microseconds of one verification by the function that the runtime calls, natively.
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
	let started = Instant::now();
	let valid = messages
		.iter()
		.filter(|(message, signature)| sp_io::crypto::ed25519_verify(signature, message, &public))
		.count();
	let elapsed = started.elapsed();
	assert_eq!(valid as u32, RAW_VERIFICATIONS, "all of these signatures are genuine");
	micros(elapsed) / f64::from(RAW_VERIFICATIONS)
}

/// What a challenge costs on a chain of `devices` devices, which is populated unless `directory` holds it.
pub(crate) fn costs(
	devices: u32,
	directory: &Path,
	progress: &ProgressBar,
) -> anyhow::Result<Costs> {
	let genesis = super::genesis::storage()?;
	let path = chain_path(directory, devices, &genesis)?;
	if !path.exists() {
		populate(devices, &path, &genesis, progress)?;
	}
	progress.set_message("measuring");
	let state_bytes = std::fs::read_to_string(path.join(STATE_FIGURE))?.trim().parse()?;
	let chain = Chain::open(&path, genesis)?;
	let devices = Devices::new(devices, chain.genesis_hash().0)?;
	Rounds::new(&chain, devices)?.run(progress)?.costs(state_bytes)
}

/// Where a populated chain notes its bytes of state per device.
const STATE_FIGURE: &str = "state-bytes-per-device";

/// A folder named after everything that the populated chain depends on.
fn chain_path(directory: &Path, devices: u32, genesis: &Storage) -> anyhow::Result<PathBuf> {
	let blob =
		groma_runtime::WASM_BINARY.context("this binary was built without a runtime blob")?;
	let everything: Vec<_> = genesis.top.iter().collect();
	let name = sp_crypto_hashing::blake2_256(&(blob, everything, devices).encode());
	let name: String = name.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
	Ok(directory.join(format!("receipts-{devices}-{name}")))
}

/// Makes the chain beside its final place, so that a half-finished one is never taken for whole.
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
	let (state, blocks) = population.into_state();
	let state_bytes = bytes_of_devices(&state) as f64 / f64::from(count);
	progress.set_message("writing");
	Chain::write(&partial, genesis.clone(), &state, blocks, progress)?;
	std::fs::write(partial.join(STATE_FIGURE), format!("{state_bytes:.1}\n"))?;
	std::fs::rename(&partial, path)?;
	Ok(())
}

/// The rounds of a measurement, and what they took.
struct Rounds<'a> {
	chain: &'a Chain,
	devices: Devices,
	collector: sr25519::Pair,
	nonce: u32,
	next_cluster: u32,
	statements: Phase,
	reveals: Phase,
}

/// The blocks of one phase, in microseconds per challenge.
#[derive(Default)]
struct Phase {
	cold_us: Option<f64>,
	warm_us: Vec<f64>,
	bytes: usize,
	challenges: u32,
}

impl<'a> Rounds<'a> {
	fn new(chain: &'a Chain, devices: Devices) -> anyhow::Result<Self> {
		let collector = sr25519::Pair::from_string("//Alice", None)
			.map_err(|error| anyhow!("a well-known key: {error:?}"))?;
		// A chain that was measured before has gone on since.
		let nonce = chain.nonce(collector.public().into())?;
		Ok(Self {
			chain,
			devices,
			collector,
			nonce,
			next_cluster: 0,
			statements: Phase::default(),
			reveals: Phase::default(),
		})
	}

	fn run(mut self, progress: &ProgressBar) -> anyhow::Result<Self> {
		progress.set_length(ROUNDS.into());
		for _ in 0..ROUNDS {
			self.round()?;
			progress.inc(1);
		}
		Ok(self)
	}

	fn costs(self, state_bytes: f64) -> anyhow::Result<Costs> {
		let cold = [self.statements.cold_us, self.reveals.cold_us];
		Ok(Costs {
			statements_us: median(self.statements.warm_us)?,
			reveal_us: median(self.reveals.warm_us)?,
			cold_us: cold.into_iter().flatten().sum(),
			bytes: self.statements.bytes as f64 / f64::from(self.statements.challenges)
				+ self.reveals.bytes as f64 / f64::from(self.reveals.challenges),
			state_bytes,
		})
	}

	/// One window of statements and, two windows later, their reveals.
	fn round(&mut self) -> anyhow::Result<()> {
		let window = self.wait_for(self.chain.window()?.index + 1)?;
		let blocks = (self.devices.clusters() / CHALLENGES_PER_BLOCK).min(BLOCKS_PER_PHASE_MAX);
		let clusters: Vec<_> = (0..blocks * CHALLENGES_PER_BLOCK)
			.map(|n| (self.next_cluster + n) % self.devices.clusters())
			.collect();
		self.next_cluster = (self.next_cluster + clusters.len() as u32) % self.devices.clusters();
		for block in clusters.chunks(CHALLENGES_PER_BLOCK as usize) {
			let calls = self.statement_calls(block, &window)?;
			let cost = self.timed_block(calls, block.len())?;
			self.statements.note(cost);
			self.expect_statements(block, &window, CLUSTER as usize - 1)?;
		}
		self.wait_for(window.index + 2)?;
		for block in clusters.chunks(CHALLENGES_PER_BLOCK as usize) {
			let calls = self.reveal_calls(block, &window)?;
			let cost = self.timed_block(calls, block.len())?;
			self.reveals.note(cost);
			self.expect_statements(block, &window, 0)?;
		}
		Ok(())
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
		clusters.chunks(CHALLENGES_PER_BUNDLE).map(bundle).collect()
	}

	fn timed_block(&mut self, calls: Vec<RuntimeCall>, challenges: usize) -> anyhow::Result<Block> {
		let extrinsics =
			calls.into_iter().map(|call| self.sign(call)).collect::<anyhow::Result<Vec<_>>>()?;
		let bytes = extrinsics.iter().map(|extrinsic| extrinsic.encoded_size()).sum();
		let executed = self.chain.make_block(extrinsics)?;
		Ok(Block { executed, bytes, challenges: challenges as u32 })
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

	fn sign(&mut self, call: RuntimeCall) -> anyhow::Result<UncheckedExtrinsic> {
		let genesis = self.chain.genesis_hash();
		let extension = extension(self.nonce, Era::Immortal, 0);
		let implicit = (
			(),
			(),
			VERSION.spec_version,
			VERSION.transaction_version,
			genesis,
			genesis,
			(),
			(),
			(),
			None,
			(),
			(),
		);
		let payload = SignedPayload::from_raw(call, extension, implicit);
		let signature = payload.using_encoded(|bytes| self.collector.sign(bytes));
		let (call, extension, _) = payload.deconstruct();
		self.nonce += 1;
		let account = groma_runtime::AccountId::from(self.collector.public());
		Ok(UncheckedExtrinsic::new_signed(
			call,
			account.into(),
			MultiSignature::Sr25519(signature),
			extension,
		))
	}

	/// Makes empty blocks until the window begins.
	fn wait_for(&self, index: u32) -> anyhow::Result<WindowInfo> {
		loop {
			let window = self.chain.window()?;
			if window.index >= index {
				return Ok(window);
			}
			self.chain.make_block(Vec::new())?;
		}
	}
}

/// A measured block.
struct Block {
	executed: Duration,
	bytes: usize,
	challenges: u32,
}

impl Phase {
	fn note(&mut self, block: Block) {
		let per_challenge = micros(block.executed) / f64::from(block.challenges);
		match self.cold_us {
			None => self.cold_us = Some(per_challenge),
			Some(_) => self.warm_us.push(per_challenge),
		}
		self.bytes += block.bytes;
		self.challenges += block.challenges;
	}
}

fn micros(duration: Duration) -> f64 {
	duration.as_secs_f64() * 1e6
}

fn median(mut values: Vec<f64>) -> anyhow::Result<f64> {
	values.sort_by(f64::total_cmp);
	values.get(values.len() / 2).copied().context("at least one warm block was measured")
}
