//! What follows from weights, lengths and fees alone.

use anyhow::anyhow;
use codec::Encode;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	pallet_prelude::OptionQuery,
	storage_alias,
};
use groma_core::{
	money::Balance,
	price::{HeldPrices, Mean, NANO_USD, Price},
	protocol::VOUCHERS_PER_CLAIM_MAX,
};
use groma_runtime::{
	Hash, Runtime, RuntimeCall, RuntimeGenesisConfig, UncheckedExtrinsic,
	constants::{BlockLength, BlockWeights},
	fees::Tariff,
};
use pallet_challenges::{EvidenceLane, Track};
use pallet_metered_service::Call;
use pallet_price_feed::{Market, PriceState};
use sp_core::{Pair, sr25519};
use sp_runtime::BuildStorage;
use sp_state_machine::BasicExternalities;

use super::seats::{BATCH, Seats};
use crate::{receipts::Devices, report::Report, transactions::Signer};

/// Genesis and key of claims that no chain sees: their load does not depend on these.
const SECRET: [u8; 32] = [7; 32];
const PS_PER_US: f64 = 1e6;
/// Prices at which fees are reported, in cents per GRM.
const PRICES_CENTS: [u64; 3] = [1, 100, 1_000];
/// Steps of the vouchers: their numbers are those of a device that sold for some USD 1.
const STEPS: u64 = 10_000;

/// Where the runtime keeps what is known of the price.
#[storage_alias]
type State = StorageValue<PriceFeed, PriceState, OptionQuery>;

/// Reports all of it.
pub(crate) fn report(report: &mut Report) -> anyhow::Result<()> {
	let storage = RuntimeGenesisConfig::default().build_storage();
	let storage = storage.map_err(|error| anyhow!("no genesis: {error}"))?;
	BasicExternalities::new(storage).execute_with(|| {
		let claim = claim(BATCH)?;
		let bytes = claim.encoded_size() as f64 / f64::from(BATCH);
		report.figure("bytes_per_voucher", bytes, "bytes");
		let us = weight_ps(&claim) as f64 / PS_PER_US / f64::from(BATCH);
		report.figure("weight_per_voucher", us, "us");
		report.figure("vouchers_per_block", vouchers_per_block(BATCH)? as f64, "");
		let largest = vouchers_per_block(VOUCHERS_PER_CLAIM_MAX)?;
		report.figure("vouchers_per_block_in_largest_claims", largest as f64, "");
		for cents in PRICES_CENTS {
			let price = Price::clamp(cents * NANO_USD / 100);
			let credits = fee_in_credits(&claim, price) / f64::from(BATCH);
			report.figure(&format!("fee_per_voucher_at_{cents}_cents"), credits, "credits");
		}
		Ok(())
	})
}

/// A signed claim of so many vouchers.
fn claim(vouchers: u32) -> anyhow::Result<UncheckedExtrinsic> {
	let seats = Seats::new(&Devices::new(1_000, SECRET)?, SECRET);
	let vouchers: Vec<_> = (0..vouchers).map(|device| seats.voucher(0, device, STEPS)).collect();
	let vouchers = vouchers.try_into().map_err(|_| anyhow!("a claim holds its vouchers"))?;
	let call = RuntimeCall::MeteredService(Call::claim_vouchers { channel: 0, vouchers });
	Ok(Signer::new(sr25519::Pair::from_seed(&SECRET)).sign(Hash::zero(), 0, call))
}

/// What a transaction takes of a block, in picoseconds.
fn weight_ps(transaction: &UncheckedExtrinsic) -> u64 {
	let info = transaction.get_dispatch_info();
	let base = BlockWeights::get().get(info.class).base_extrinsic;
	base.saturating_add(info.total_weight()).ref_time()
}

/// How many vouchers, in claims of so many, fit what a full evidence lane leaves to ordinary
/// transactions.
fn vouchers_per_block(batch: u32) -> anyhow::Result<u64> {
	let claim = claim(batch)?;
	let weights = BlockWeights::get();
	let class = weights.get(DispatchClass::Normal).max_total.unwrap_or(weights.max_block);
	let lane = EvidenceLane::<Runtime>::limit(Track::Evidence);
	let ps = class.ref_time().saturating_sub(lane.ref_time);
	let length = u64::from(*BlockLength::get().max.get(DispatchClass::Normal));
	let bytes = length.saturating_sub(lane.length.into());
	let claims = (ps / weight_ps(&claim)).min(bytes / claim.encoded_size() as u64);
	Ok(claims * u64::from(batch))
}

/// The fee of a transaction in quiet times while GRM has a price, in credits.
fn fee_in_credits(transaction: &UncheckedExtrinsic, price: Price) -> f64 {
	let market =
		Market { spot: price, stale_at_ms: u64::MAX, mean: Mean::start(price), counted_ms: 0 };
	let state = PriceState {
		market: Some(market),
		bootstrap_was: Some(price),
		epoch: HeldPrices::NONE,
		epoch_mean: Some(price),
		..PriceState::first()
	};
	State::put(state);
	let info = transaction.get_dispatch_info();
	let length = transaction.encoded_size() as u32;
	let fee: Balance = Tariff::of(&transaction.function).details(&info, length, 0).final_fee();
	fee as f64 / price.value_of(1).max(1) as f64
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn figures_of_weights_are_reported_and_vouchers_are_short() {
		let mut figures = Report::new("vouchers");
		report(&mut figures).expect("it runs");
		let value =
			|name: &str| figures.value(name).unwrap_or_else(|| panic!("{name} is reported"));
		assert!((64.0..=100.0).contains(&value("bytes_per_voucher")));
		assert!(value("vouchers_per_block") >= 1_000.0);
		assert!(
			value("vouchers_per_block_in_largest_claims") >= value("vouchers_per_block"),
			"a larger claim has less around it"
		);
		for cents in PRICES_CENTS {
			assert!(value(&format!("fee_per_voucher_at_{cents}_cents")) > 0.0);
		}
	}
}
