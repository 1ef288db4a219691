//! Claims in real blocks, timed.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};
use codec::{Decode, Encode};
use groma_core::{ChannelId, DeviceId, voucher::Seat};
use groma_paged_map::PageId;
use groma_runtime::RuntimeCall;
use indicatif::ProgressBar;
use pallet_metered_service::Call;
use sp_core::{Pair, sr25519, storage::Storage};

use super::seats::{BATCH, STEP, Seats, bytes, seat_key};
use crate::{
	receipts::{
		Chain, Devices, ENDOWMENT, Population, copy_files, genesis, median, micros,
		raw_verification_us,
	},
	transactions::Signer,
};

/// Claims of a small block: chains of different size are compared by blocks of this length.
const SMALL_BLOCK: u32 = 4;
/// Claims of a large block.
const LARGE_BLOCK: u32 = 20;
/// Blocks of each kind that are measured.
const BLOCKS: u32 = 4;
/// Blocks before those: they bring the upper levels of the trie into the cache.
const WARMING_BLOCKS: u32 = 1;
/// From so many seats on a chain has devices for large blocks.
const LARGE_CHAIN: u32 = 100_000;
/// Blocks of the chain before those: each brings a part of the state, so that memory stays flat.
const BLOCKS_BEFORE: u32 = 60;
/// Steps of the vouchers that are measured: the seats were taken with one.
const STEPS: u64 = 2;

/// What a claim of [`BATCH`] vouchers costs on a chain of one size.
pub(crate) struct Costs {
	/// In small blocks, for devices anywhere.
	pub(crate) small: Share,
	/// In large blocks, for devices anywhere, if the chain has devices for them.
	pub(crate) anywhere: Option<Kind>,
	/// The same for neighbours, which share pages.
	pub(crate) neighbours: Option<Kind>,
	/// One verification of a signature, in microseconds of processor time.
	pub(crate) raw_us: f64,
	/// Bytes of state per seat.
	pub(crate) seat_bytes: f64,
	/// Bytes of state per channel.
	pub(crate) channel_bytes: f64,
}

/// Claims of one kind.
pub(crate) struct Kind {
	/// What one takes.
	pub(crate) share: Share,
	/// Pages on which its devices are.
	pub(crate) pages: f64,
}

/// What one claim takes of the execution of a block: the median of the blocks.
#[derive(Clone, Copy)]
pub(crate) struct Share {
	/// Processor time of the executing thread in microseconds.
	pub(crate) us: f64,
	/// The same in verifications of all its signatures, measured just before and after.
	pub(crate) verifications: f64,
}

/// What a claim costs on a chain of so many seats, which is populated unless `directory` holds it.
pub(crate) fn costs(seats: u32, directory: &Path, progress: &ProgressBar) -> anyhow::Result<Costs> {
	let genesis = genesis::storage()?;
	let path = populated(seats, directory, &genesis, progress)?;
	// Two nodes, each with its own database: one authors, the other has seen none of it.
	let [authoring, executing] =
		[tempfile::tempdir_in(directory)?, tempfile::tempdir_in(directory)?];
	for copy in [&authoring, &executing] {
		copy_files(&path, copy.path())?;
	}
	let author = Chain::open(authoring.path(), genesis.clone())?;
	let chain = Chain::open(executing.path(), genesis)?;
	let ids = std::fs::read(path.join(DEVICE_IDS))?;
	let ids = Vec::<DeviceId>::decode(&mut &ids[..]).context("the list of ids is damaged")?;
	let figures = std::fs::read(path.join(STATE_FIGURES))?;
	let [seat_bytes, channel_bytes] = <[u64; 2]>::decode(&mut &figures[..])
		.context("the figures are damaged")?
		.map(f64::from_bits);
	let genesis_hash = chain.genesis_hash().0;
	let devices = Devices::registered(ids, genesis_hash);
	let seats = Seats::new(&devices, genesis_hash);
	progress.set_message("measuring");
	let claims = Claims::new(&chain, &author, &seats, devices.count() >= LARGE_CHAIN)?;
	claims.run([seat_bytes, channel_bytes], progress)
}

/// Where a populated chain keeps the ids of its devices.
const DEVICE_IDS: &str = "device-ids";
/// Where it notes its bytes of state per seat and per channel.
const STATE_FIGURES: &str = "state-bytes";

fn populated(
	count: u32,
	directory: &Path,
	genesis: &Storage,
	progress: &ProgressBar,
) -> anyhow::Result<PathBuf> {
	let blob =
		groma_runtime::WASM_BINARY.context("this binary was built without a runtime blob")?;
	let everything: Vec<_> = genesis.top.iter().collect();
	let name = sp_crypto_hashing::blake2_256(&(blob, everything, count, ENDOWMENT).encode());
	let name: String = name.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
	let path = directory.join(format!("vouchers-{count}-{name}"));
	if !path.exists() {
		populate(count, &path, genesis, progress)?;
	}
	Ok(path)
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
	let genesis_hash = Chain::open(&partial, genesis.clone())?.genesis_hash().0;
	progress.set_message("registering");
	let devices = Devices::new(count, genesis_hash)?;
	let mut population = Population::register(devices, genesis.clone(), progress)?;
	let devices = population.devices();
	progress.set_message("seating");
	Seats::new(&devices, genesis_hash).take(&mut population, progress)?;
	population.advance(BLOCKS_BEFORE);
	let (state, blocks) = population.into_state();
	let figures = bytes(&state).map(f64::to_bits);
	progress.set_message("writing");
	Chain::write(&partial, genesis.clone(), &state, blocks, progress)?;
	std::fs::write(partial.join(DEVICE_IDS), devices.ids().encode())?;
	std::fs::write(partial.join(STATE_FIGURES), figures.encode())?;
	std::fs::rename(&partial, path)?;
	Ok(())
}

/// The devices of one claim.
type Batch = Vec<DeviceId>;

/// The claims that a channel still has devices for.
struct Queue {
	channel: ChannelId,
	anywhere: Vec<Batch>,
	neighbours: Vec<Batch>,
}

impl Queue {
	/// Three quarters of the pages are for claims of devices anywhere, of which no two are on one
	/// page; the rest for claims of neighbours, on as few pages as there are. Without neighbours,
	/// all of them are for devices anywhere.
	fn new(seats: &Seats, channel: ChannelId, has_neighbours: bool) -> Self {
		let mut pages = seats.pages(channel);
		let kept = if has_neighbours { pages.len() / 4 } else { 0 };
		let neighbours = pages.split_off(pages.len().saturating_sub(kept)).concat();
		Self { channel, anywhere: batches(&spread(&pages)), neighbours: batches(&neighbours) }
	}
}

/// The first device of every page, then the second of each, and so on.
fn spread(pages: &[Vec<DeviceId>]) -> Vec<DeviceId> {
	let longest = pages.iter().map(Vec::len).max().unwrap_or_default();
	(0..longest).flat_map(|n| pages.iter().filter_map(move |page| page.get(n)).copied()).collect()
}

/// Whole batches, those that come first last, so that they are taken from the end.
fn batches(devices: &[DeviceId]) -> Vec<Batch> {
	devices.chunks_exact(BATCH as usize).rev().map(<[_]>::to_vec).collect()
}

/// On how many pages devices are.
fn page_count(devices: &[DeviceId]) -> usize {
	let mut pages: Vec<_> = devices.iter().map(|device| PageId::of(*device).0).collect();
	pages.sort_unstable();
	pages.dedup();
	pages.len()
}

/// Claims, no device twice. One node authors the blocks, and another one, which has seen nothing of
/// them, executes them.
struct Claims<'a> {
	chain: &'a Chain,
	author: &'a Chain,
	seats: &'a Seats,
	claimer: Signer,
	queues: Vec<Queue>,
	next_queue: usize,
	is_large: bool,
	/// One verification next to each block.
	raw_us: Vec<f64>,
}

impl<'a> Claims<'a> {
	fn new(
		chain: &'a Chain,
		author: &'a Chain,
		seats: &'a Seats,
		is_large: bool,
	) -> anyhow::Result<Self> {
		let pair = sr25519::Pair::from_string("//Alice", None)
			.map_err(|error| anyhow!("a well-known key: {error:?}"))?;
		let mut claimer = Signer::new(pair);
		claimer.nonce = chain.nonce(claimer.account())?;
		let queues = (0..seats.channels())
			.map(|channel| Queue::new(seats, channel.into(), is_large))
			.collect();
		Ok(Self { chain, author, seats, claimer, queues, next_queue: 0, is_large, raw_us: vec![] })
	}

	fn run(
		mut self,
		[seat_bytes, channel_bytes]: [f64; 2],
		progress: &ProgressBar,
	) -> anyhow::Result<Costs> {
		progress.set_length(4);
		progress.set_position(0);
		let anywhere = |queue: &mut Queue| queue.anywhere.pop();
		let neighbours = |queue: &mut Queue| queue.neighbours.pop();
		let warming = if self.is_large { LARGE_BLOCK } else { SMALL_BLOCK };
		self.blocks(WARMING_BLOCKS, warming, anywhere)?;
		progress.inc(1);
		let small = self.blocks(BLOCKS, SMALL_BLOCK, anywhere)?.share;
		progress.inc(1);
		let (mut of_anywhere, mut of_neighbours) = (None, None);
		if self.is_large {
			of_anywhere = Some(self.blocks(BLOCKS, LARGE_BLOCK, anywhere)?);
			progress.inc(1);
			of_neighbours = Some(self.blocks(BLOCKS, LARGE_BLOCK, neighbours)?);
			progress.inc(1);
		}
		Ok(Costs {
			small,
			anywhere: of_anywhere,
			neighbours: of_neighbours,
			raw_us: median(self.raw_us)?,
			seat_bytes,
			channel_bytes,
		})
	}

	/// What a claim costs in blocks of so many.
	fn blocks(
		&mut self,
		blocks: u32,
		claims: u32,
		next: fn(&mut Queue) -> Option<Batch>,
	) -> anyhow::Result<Kind> {
		let (mut us, mut verifications, mut pages) = (Vec::new(), Vec::new(), 0);
		for _ in 0..blocks {
			let mut batches = Vec::new();
			for _ in 0..claims {
				let queue = self.queues.get_mut(self.next_queue).context("there is a channel")?;
				let batch = next(queue).context("a channel has devices for all claims")?;
				pages += page_count(&batch);
				batches.push((queue.channel, batch));
				self.next_queue = (self.next_queue + 1) % self.queues.len();
			}
			let share = self.timed_block(&batches)?;
			us.push(share.us);
			verifications.push(share.verifications);
		}
		let share = Share { us: median(us)?, verifications: median(verifications)? };
		Ok(Kind { share, pages: pages as f64 / f64::from(blocks * claims) })
	}

	/// Makes a block of these claims, checks that all vouchers were paid, and returns what a claim
	/// took.
	fn timed_block(&mut self, batches: &[(ChannelId, Batch)]) -> anyhow::Result<Share> {
		let genesis = self.chain.genesis_hash();
		let mut extrinsics = Vec::new();
		for (channel, devices) in batches {
			let vouchers: Vec<_> =
				devices.iter().map(|device| self.seats.voucher(*channel, *device, STEPS)).collect();
			let vouchers =
				vouchers.try_into().map_err(|_| anyhow!("a claim holds its vouchers"))?;
			let call = Call::claim_vouchers { channel: *channel, vouchers };
			extrinsics.push(self.claimer.sign(genesis, 0, RuntimeCall::MeteredService(call)));
		}
		let block = self.author.author(extrinsics)?;
		let before = raw_verification_us();
		let executed = self.chain.execute(block)?;
		let raw_us = (before + raw_verification_us()) / 2.0;
		self.raw_us.push(raw_us);
		self.expect_paid(batches)?;
		let us = micros(executed) / batches.len() as f64;
		Ok(Share { us, verifications: us / raw_us / f64::from(BATCH) })
	}

	/// The author is asked, since the question would warm the cache of the other node.
	fn expect_paid(&self, batches: &[(ChannelId, Batch)]) -> anyhow::Result<()> {
		let keys: Vec<_> = batches
			.iter()
			.flat_map(|(channel, batch)| batch.iter().map(|device| seat_key(*channel, *device)))
			.collect();
		let (seats, _) = self.author.read(&keys)?;
		for seat in seats {
			let seat = Seat::decode(&mut &seat[..]).context("a seat is damaged")?;
			ensure!(seat.credits == STEP * STEPS, "a voucher of a measured claim was not paid");
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn claims_of_devices_anywhere_share_no_page_and_those_of_neighbours_few() {
		let pages: Vec<Vec<DeviceId>> =
			(0..100).map(|page| (page * 16..page * 16 + 9).collect()).collect();
		let anywhere = batches(&spread(&pages));
		assert_eq!(anywhere.len(), 18);
		assert!(anywhere.iter().all(|batch| page_count(batch) == BATCH as usize));
		let neighbours = batches(&pages.concat());
		assert!(neighbours.iter().all(|batch| page_count(batch) <= 7));
		let mut all = anywhere.concat();
		all.sort_unstable();
		all.dedup();
		assert_eq!(all.len(), 900, "no device twice");
	}

	#[test]
	fn smallest_chain_has_devices_for_all_its_claims() {
		let devices = Devices::new(1_000, [7; 32]).expect("a power of ten");
		let queue = Queue::new(&Seats::new(&devices, [7; 32]), 0, false);
		let needed = (WARMING_BLOCKS + BLOCKS) * SMALL_BLOCK;
		assert!(queue.anywhere.len() >= needed as usize && queue.neighbours.is_empty());
	}
}
