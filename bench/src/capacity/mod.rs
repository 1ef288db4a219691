//! How many challenges of eight witnesses fit one block by the weights of the runtime, and how many
//! a node's author puts into a real one.
//!
//! A challenge that fits a block is two things in it: the eight statements about one beacon, and
//! the reveal of another, since in the long run a block takes as many of these as of those. Both
//! come in bundles of the size that a collector makes. A bundle is let in if its worst case is
//! free, and gives back what it did not need.

mod packing;

use anyhow::{Context, anyhow, ensure};
use codec::Encode;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	weights::{RuntimeDbWeight, Weight},
};
use groma_core::{
	protocol::{CHALLENGES_PER_EPOCH, REVEAL_DELAY},
	terms::NetworkTerms,
};
use groma_runtime::{
	Challenges, Hash, NetworksConfig, Runtime, RuntimeCall, RuntimeGenesisConfig,
	UncheckedExtrinsic,
	constants::{BlockLength, BlockWeights},
};
use pallet_challenges::{EvidenceLane, Track};
use pallet_networks::GenesisNetwork;
use pallet_proof_of_coverage::{Config, WeightInfo};
use pallet_rewards::WeightInfo as _;
use sp_core::{Pair, sr25519};
use sp_runtime::BuildStorage;
use sp_state_machine::BasicExternalities;

use crate::{
	authored::{
		self, AuthoredChain, BundleSizes, Evidence, WITNESSES, reveal_bundle, statement_bundle,
	},
	interruptible,
	receipts::{self, Devices},
	report::Report,
	transactions::Signer,
};
use packing::{BundleLoad, Phase, Room, challenges};

type Weights = <Runtime as Config>::WeightInfo;
type RewardsWeights = <Runtime as pallet_rewards::Config>::WeightInfo;

/// Beaconer and witnesses, each of which may have finished work to hand over.
const PARTICIPANTS: u32 = WITNESSES + 1;
const PS_PER_US: f64 = 1e6;
/// Seed, genesis and key of bundles that no chain sees: their load does not depend on these.
const SECRET: [u8; 32] = [7; 32];

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Devices of the chain on which a real block is made, a power of ten. One in nine beacons in a
	/// window, and those have to be more than a block takes.
	#[arg(long, default_value_t = 10_000, value_name = "N")]
	devices: u32,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	BasicExternalities::new_empty().execute_with(|| by_weights(report))?;
	let built = interruptible::run(fill_a_block(arguments.devices))?;
	report.figure("stated_in_built_block_lane", f64::from(built.stated), "");
	report.figure("revealed_in_built_block_lane", f64::from(built.revealed), "");
	report.figure("challenges_per_built_block_lane", f64::from(built.both()), "");
	Ok(())
}

/// What follows from the weights alone.
fn by_weights(report: &mut Report) -> anyhow::Result<()> {
	let RuntimeDbWeight { read, write } = <Runtime as frame_system::Config>::DbWeight::get();
	report.figure("db_read", read as f64 / PS_PER_US, "us");
	report.figure("db_write", write as f64 / PS_PER_US, "us");
	let sizes = BundleSizes::at_genesis();
	report.figure("challenges_per_statement_bundle", f64::from(sizes.groups), "");
	report.figure("challenges_per_reveal_bundle", f64::from(sizes.reveals), "");

	let bundles = Bundles::new()?;
	let statements = (1..=sizes.groups).map(|count| bundles.statements(count));
	let statements = Phase(statements.collect::<anyhow::Result<_>>()?);
	let reveals = |fold: Weight, folds: fn(u32) -> u32| -> anyhow::Result<Phase> {
		let loads = (1..=sizes.reveals)
			.map(|count| bundles.reveals(count, fold.saturating_mul(folds(count).into())));
		Ok(Phase(loads.collect::<anyhow::Result<_>>()?))
	};
	let usual = reveals(RewardsWeights::fold_one(), |count| count.div_ceil(CHALLENGES_PER_EPOCH))?;
	let folding = reveals(RewardsWeights::fold(), |count| count * PARTICIPANTS)?;

	for (name, phase) in [("statements", &statements), ("reveal", &usual)] {
		let [declared, used, bytes] = phase.per_challenge();
		report.figure(&format!("{name}_declared"), declared / PS_PER_US, "us");
		report.figure(&format!("{name}_used"), used / PS_PER_US, "us");
		report.figure(&format!("{name}_length"), bytes, "bytes");
	}
	let (block, lane) = (normal_class(), lane());
	let mut count = |name: &str, room: Room, reveals: &Phase| {
		report.figure(name, challenges(room, &statements, reveals) as f64, "");
	};
	count("challenges_per_block", block, &usual);
	count("challenges_per_block_by_weight", block.of_any_length(), &usual);
	count("challenges_per_block_by_length", block.of_any_weight(), &usual);
	count("challenges_per_block_when_all_fold", block, &folding);
	count("challenges_per_block_lane", lane, &usual);
	count("challenges_per_block_lane_by_length", lane.of_any_weight(), &usual);
	report.figure("challenges_per_window", f64::from(challenges_per_window()?), "");
	Ok(())
}

/// How many devices a window of a new chain challenges at most, if there is one network on the
/// default terms.
fn challenges_per_window() -> anyhow::Result<u32> {
	let lorawan = GenesisNetwork { name: "lorawan".into(), terms: NetworkTerms::default() };
	let config = RuntimeGenesisConfig {
		networks: NetworksConfig { networks: vec![lorawan], ..Default::default() },
		..Default::default()
	};
	let storage = config.build_storage().map_err(|error| anyhow!("no genesis: {error}"))?;
	BasicExternalities::new(storage)
		.execute_with(|| Challenges::challenges_max(0))
		.context("there is a network")
}

/// What ordinary transactions may take of a block.
fn normal_class() -> Room {
	let weights = BlockWeights::get();
	let ps = weights.get(DispatchClass::Normal).max_total.unwrap_or(weights.max_block).ref_time();
	let bytes = u64::from(*BlockLength::get().max.get(DispatchClass::Normal));
	Room { ps, bytes }
}

/// What evidence may take of a block.
fn lane() -> Room {
	let limit = EvidenceLane::<Runtime>::limit(Track::Evidence);
	Room { ps: limit.ref_time, bytes: limit.length.into() }
}

/// What bundles take of a block.
struct Bundles {
	devices: Devices,
}

impl Bundles {
	fn new() -> anyhow::Result<Self> {
		Ok(Self { devices: Devices::new(1_000, SECRET)? })
	}

	/// A bundle of the statements about so many beacons, of witnesses that were heard. All are
	/// verified; the look at the stake behind them is given back.
	fn statements(&self, challenges: u32) -> anyhow::Result<BundleLoad> {
		let groups = (0..challenges).map(|cluster| self.devices.statements(cluster, 1, &SECRET));
		let used = Weights::submit_statements(challenges)
			.saturating_add(Weights::take_statements(challenges * (WITNESSES - 1)));
		load(statement_bundle(&groups.collect::<anyhow::Result<Vec<_>>>()?)?, used)
	}

	/// A bundle of so many reveals, at which devices hand over finished work, which weighs `folds`.
	fn reveals(&self, challenges: u32, folds: Weight) -> anyhow::Result<BundleLoad> {
		let reveals = (0..challenges).map(|cluster| self.devices.reveal(cluster, 1, &SECRET));
		let used = Weights::submit_reveals(challenges)
			.saturating_add(Weights::settle_records(challenges * (WITNESSES - 1)))
			.saturating_add(folds);
		load(reveal_bundle(&reveals.collect::<Vec<_>>())?, used)
	}
}

/// What a call takes of a block in a signed transaction, if its own work weighs `used` in the end.
fn load(call: RuntimeCall, used: Weight) -> anyhow::Result<BundleLoad> {
	let mut signer = Signer::new(sr25519::Pair::from_seed(&SECRET));
	let transaction = signer.sign(Hash::zero(), 0, call);
	let info = transaction.get_dispatch_info();
	ensure!(used.all_lte(info.call_weight), "a call of {info:?} takes {used:?}");
	let base = BlockWeights::get().get(info.class).base_extrinsic;
	let around = base.saturating_add(info.extension_weight);
	Ok(BundleLoad {
		declared_ps: around.saturating_add(info.call_weight).ref_time(),
		used_ps: around.saturating_add(used).ref_time(),
		bytes: transaction.encoded_size() as u64,
	})
}

/// The challenges of which a block holds all of a phase.
#[derive(Clone, Copy, Debug)]
struct Built {
	stated: u32,
	revealed: u32,
}

impl Built {
	/// How many were settled while as many others were stated.
	fn both(self) -> u32 {
		self.stated.min(self.revealed)
	}
}

/// What an author puts into one block if there is nothing but evidence and more of it than fits.
async fn fill_a_block(count: u32) -> anyhow::Result<Built> {
	let directory = tempfile::tempdir()?;
	let progress = receipts::progress_bar(count);
	let (mut chain, devices) = authored::found(directory.path(), count, &progress, Ok)?;
	progress.set_message("filling");
	let mut evidence = Evidence::new(devices.clone(), chain.genesis_hash());
	let clusters: Vec<u32> = (0..devices.clusters()).collect();
	let next = chain.window()?.index + 1;
	let before = chain.reach_window(next).await?;
	let bundles = evidence.bundled_statements(&clusters, before.index, &before.seed)?;
	chain.submit(bundles).await?;
	let now = chain.reach_window(before.index + REVEAL_DELAY).await?;
	let open = |chain: &AuthoredChain, window| -> anyhow::Result<u32> {
		let mut open = 0;
		for cluster in &clusters {
			let witnesses = chain.witnesses(window, devices.beaconer(*cluster, window))?;
			open += u32::from(witnesses.len() == WITNESSES as usize);
		}
		Ok(open)
	};
	let waiting = open(&chain, before.index)?;
	ensure!(waiting == devices.clusters(), "only {waiting} challenges were stated in two windows");
	let statements = evidence.bundled_statements(&clusters, now.index, &now.seed)?;
	let reveals = evidence.bundled_reveals(&clusters, before.index, &before.seed)?;
	chain.submit(alternating(statements, reveals)).await?;
	chain.next_block().await?;
	let revealed = waiting - open(&chain, before.index)?;
	let built = Built { stated: open(&chain, now.index)?, revealed };
	ensure!(built.both() < waiting, "the block took everything: give more --devices");
	Ok(built)
}

/// Both lists, so that after any part of it as large a share of the one has come as of the other.
fn alternating(
	one: Vec<UncheckedExtrinsic>,
	other: Vec<UncheckedExtrinsic>,
) -> Vec<UncheckedExtrinsic> {
	let place = |index: usize, count: usize| (index + 1) as f64 / count as f64;
	let (ones, others) = (one.len(), other.len());
	let one = one.into_iter().enumerate().map(|(index, it)| (place(index, ones), it));
	let other = other.into_iter().enumerate().map(|(index, it)| (place(index, others), it));
	let mut both: Vec<_> = one.chain(other).collect();
	both.sort_by(|(a, _), (b, _)| a.total_cmp(b));
	both.into_iter().map(|(_, it)| it).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn load_gives_back_what_a_bundle_did_not_need() {
		BasicExternalities::new_empty().execute_with(|| {
			let bundles = Bundles::new().expect("a power of ten");
			let statements = bundles.statements(3).expect("less than the worst case");
			let unneeded = Weights::rank_records()
				.saturating_mul(3)
				.saturating_add(Weights::look_at_stake().saturating_mul((3 * WITNESSES).into()));
			assert_eq!(statements.declared_ps - statements.used_ps, unneeded.ref_time());
			let reveals = bundles.reveals(3, Weight::zero()).expect("less than the worst case");
			assert!(reveals.used_ps < reveals.declared_ps);
			let folding = bundles.reveals(3, RewardsWeights::fold()).expect("still less");
			assert_eq!(folding.used_ps - reveals.used_ps, RewardsWeights::fold().ref_time());
		});
	}

	#[test]
	fn lane_is_a_part_of_the_class() {
		BasicExternalities::new_empty().execute_with(|| {
			assert!(lane().ps < normal_class().ps && lane().bytes < normal_class().bytes);
		});
	}

	#[test]
	fn lists_of_different_length_are_mixed_evenly() {
		let transaction = |n: u8| {
			let remark = frame_system::Call::remark { remark: vec![n] };
			UncheckedExtrinsic::new_bare(remark.into())
		};
		let few: Vec<_> = (0..2).map(transaction).collect();
		let many: Vec<_> = (10..14).map(transaction).collect();
		let mixed = alternating(few.clone(), many.clone());
		assert_eq!(mixed.len(), 6);
		assert_eq!(mixed.iter().take(3).filter(|it| few.contains(it)).count(), 1);
	}
}
