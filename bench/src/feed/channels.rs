//! What the hooks of the pallets of money read and write, on a chain of few channels and on one of
//! many, all of which expired: the same.

use anyhow::anyhow;
use frame_support::{
	Twox64Concat, storage_alias,
	traits::Hooks,
	weights::{Weight, WeightMeter},
};
use groma_core::{
	ChannelId,
	lot::{HeldLot, Lot},
	money::GRM,
	protocol::SLOT_MS,
	terms::ServiceTerms,
	words::SignerKey,
};
use groma_runtime::{
	AccountId, BlockNumber, DataCredits, Emission, MeteredService, PriceFeed, Rewards, Runtime,
	RuntimeGenesisConfig,
};
use pallet_metered_service::Channel;
use sp_runtime::BuildStorage;
use sp_state_machine::BasicExternalities;

use crate::{
	hooks::counting::{Counting, Counts},
	report::Report,
};

/// A time that is none of genesis, in ms since the Unix epoch.
const NOW_MS: u64 = 1_700_000_000_000;
const FEW: u64 = 10;
/// Channels of the figures.
const MANY: u64 = 100_000;
/// Blocks whose hooks are counted.
const BLOCKS: BlockNumber = 10;

/// Where channels are.
#[storage_alias]
type Channels = StorageMap<MeteredService, Twox64Concat, ChannelId, Channel<AccountId>>;

/// Counts and reports.
pub(super) fn run(report: &mut Report) -> anyhow::Result<()> {
	let [few, many] = [count(FEW)?, count(MANY)?];
	report.figure("reads_of_hooks_of_money", many.reads as f64, "");
	report.figure("writes_of_hooks_of_money", many.writes as f64, "");
	let difference = few.reads.abs_diff(many.reads) + few.writes.abs_diff(many.writes);
	report.figure("difference_of_channels", difference as f64, "");
	Ok(())
}

/// What the hooks of some blocks read and write with so many channels.
fn count(channels: u64) -> anyhow::Result<Counts> {
	let storage = RuntimeGenesisConfig::default().build_storage();
	let storage = storage.map_err(|error| anyhow!("no genesis: {error}"))?;
	let mut state = Counting::new(BasicExternalities::new(storage));
	state.run(|| (0..channels).for_each(|id| Channels::insert(id, channel())));
	let (_, counts) = state.run(|| (1..=BLOCKS).for_each(block));
	Ok(counts)
}

/// A channel that expired and whose grace is over.
fn channel() -> Channel<AccountId> {
	Channel {
		payer: AccountId::from([1; 32]),
		network: 0,
		terms: ServiceTerms::lorawan_packets(),
		signer: SignerKey([1; 32]),
		lot: HeldLot::from(Lot::new(1_000, GRM)),
		bond: GRM,
		seat_deposit: GRM,
		seats_max: 16,
		seats: 0,
		opened_ms: NOW_MS,
		expires: 0,
		ends: 0,
	}
}

fn block(number: BlockNumber) {
	hooks::<Emission>(number);
	hooks::<PriceFeed>(number);
	hooks::<DataCredits>(number);
	hooks::<Rewards>(number);
	hooks::<MeteredService>(number);
	pallet_timestamp::Now::<Runtime>::put(NOW_MS + SLOT_MS * u64::from(number));
}

fn hooks<P: Hooks<BlockNumber>>(number: BlockNumber) {
	P::on_initialize(number);
	P::on_poll(number, &mut WeightMeter::with_limit(Weight::MAX));
	P::on_idle(number, Weight::MAX);
	P::on_finalize(number);
}
