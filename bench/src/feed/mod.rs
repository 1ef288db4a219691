//! What feeding the price takes of blocks, by the weights of the runtime, and what a feed and the
//! hook of a block read and write with ten feeders and with three hundred. Also what the hooks of
//! money do with few channels and with many.

mod channels;

use anyhow::{Context, anyhow, ensure};
use frame_support::{
	dispatch::{GetDispatchInfo, RawOrigin},
	traits::Hooks,
};
use groma_core::{
	price::Price,
	protocol::{PRICE_REPEAT_MS, SLOT_MS},
};
use groma_runtime::{
	AccountId, BlockNumber, Hash, PriceFeed, Runtime, RuntimeCall, RuntimeGenesisConfig,
	constants::{BLOCK_COMPUTE, BlockWeights},
};
use pallet_price_feed::{Call, Config, WeightInfo};
use sp_core::{Pair, sr25519};
use sp_runtime::BuildStorage;
use sp_state_machine::BasicExternalities;

use crate::{
	hooks::counting::{Counting, Counts},
	report::Report,
	transactions::Signer,
};

type Weights = <Runtime as Config>::WeightInfo;

/// Feeders of the figures, and of the small chain.
const FEEDERS: u32 = 300;
const FEW: u32 = 10;
/// A feeder asks its sources once in this many blocks: when the price moves, the feeds of all are
/// spread over them.
const SPREAD_BLOCKS: f64 = 10.0;
const PS_PER_MS: f64 = 1e9;
/// A time that is none of genesis, in ms since the Unix epoch.
const NOW_MS: u64 = 1_700_000_000_000;
/// The key of a feed that no chain sees: its load does not depend on it.
const SECRET: [u8; 32] = [7; 32];

/// Options of the benchmark: none.
#[derive(clap::Args)]
pub(crate) struct Arguments {}

/// Measures and reports.
pub(crate) fn run(_: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	BasicExternalities::new_empty().execute_with(|| by_weights(report));
	let [few, many] = [count(FEW)?, count(FEEDERS)?];
	for (name, of) in [("feed", 0), ("hook", 1)] {
		let (few, many): (Counts, Counts) = (few[of], many[of]);
		report.figure(&format!("reads_of_{name}"), many.reads as f64, "");
		report.figure(&format!("writes_of_{name}"), many.writes as f64, "");
		let difference = few.reads.abs_diff(many.reads) + few.writes.abs_diff(many.writes);
		report.figure(&format!("difference_of_{name}"), difference as f64, "");
	}
	channels::run(report)
}

/// What follows from the weights alone.
fn by_weights(report: &mut Report) {
	let mut signer = Signer::new(sr25519::Pair::from_seed(&SECRET));
	let call = RuntimeCall::PriceFeed(Call::feed { price: Price::MIN });
	let info = signer.sign(Hash::zero(), 0, call).get_dispatch_info();
	let base = BlockWeights::get().get(info.class).base_extrinsic;
	let around = base.saturating_add(info.extension_weight).ref_time() as f64;
	let own = Weights::feed(FEEDERS).ref_time() as f64;
	let hook = Weights::on_initialize().ref_time() as f64;
	report.figure("feed_weight", own / PS_PER_MS, "ms");
	report.figure("feed_with_its_transaction", (around + own) / PS_PER_MS, "ms");
	report.figure("hook_weight", hook / PS_PER_MS, "ms");
	let block = BLOCK_COMPUTE.ref_time() as f64;
	let share = |feeds: f64| (hook + feeds * (around + own)) / block * 100.0;
	let repeated = f64::from(FEEDERS) * SLOT_MS as f64 / PRICE_REPEAT_MS as f64;
	report.figure("share_of_a_block", share(repeated), "%");
	report.figure("share_of_a_block_in_a_jump", share(f64::from(FEEDERS) / SPREAD_BLOCKS), "%");
}

/// What a feed reads and writes, and the hook of the block after it, with so many feeders.
fn count(feeders: u32) -> anyhow::Result<[Counts; 2]> {
	let storage = RuntimeGenesisConfig::default().build_storage();
	let storage = storage.map_err(|error| anyhow!("no genesis: {error}"))?;
	let mut state = Counting::new(BasicExternalities::new(storage));
	state.run(|| found(feeders)).0?;
	let (fed, feed) = state.run(|| feed(0, Price::MAX));
	fed?;
	// The hook of a usual block: nothing is too old, and the session is the same.
	let (_, hook) = state.run(|| <PriceFeed as Hooks<BlockNumber>>::on_initialize(2));
	let info = state.run(PriceFeed::price_info).0.context("the price is readable")?;
	ensure!(info.fresh_feeders == feeders, "{} of {feeders} feeders", info.fresh_feeders);
	Ok([feed, hook])
}

/// Makes validators with feeders, all of which fed a block ago.
fn found(feeders: u32) -> anyhow::Result<()> {
	pallet_session::Validators::<Runtime>::put((0..feeders).map(validator).collect::<Vec<_>>());
	pallet_session::CurrentIndex::<Runtime>::put(1);
	pallet_timestamp::Now::<Runtime>::put(NOW_MS);
	for n in 0..feeders {
		let origin = RawOrigin::Signed(validator(n)).into();
		PriceFeed::set_feeder(origin, Some(feeder(n)))
			.map_err(|error| anyhow!("feeder {n} is refused: {error:?}"))?;
		feed(n, Price::MIN)?;
	}
	pallet_timestamp::Now::<Runtime>::put(NOW_MS + SLOT_MS);
	Ok(())
}

fn feed(n: u32, price: Price) -> anyhow::Result<()> {
	PriceFeed::feed(RawOrigin::Signed(feeder(n)).into(), price)
		.map(drop)
		.map_err(|error| anyhow!("the feed of {n} is refused: {:?}", error.error))
}

fn validator(n: u32) -> AccountId {
	account(1, n)
}

fn feeder(n: u32) -> AccountId {
	account(2, n)
}

fn account(kind: u8, n: u32) -> AccountId {
	let mut bytes = [kind; 32];
	bytes[..4].copy_from_slice(&n.to_le_bytes());
	AccountId::from(bytes)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn feeds_and_hooks_read_as_often_whatever_the_number_of_feeders() {
		let mut report = Report::new("feed");
		run(&Arguments {}, &mut report).expect("it runs");
		for name in ["difference_of_feed", "difference_of_hook", "difference_of_channels"] {
			assert_eq!(report.value(name), Some(0.0), "{name}");
		}
		assert!(report.value("feed_weight").is_some_and(|ms| ms > 0.0));
	}
}
