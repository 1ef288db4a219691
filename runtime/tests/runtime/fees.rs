//! How fees follow the load.

use codec::{Decode, Encode};
use frame_support::{
	BoundedVec, assert_ok,
	dispatch::{DispatchInfo, Pays, PostDispatchInfo},
	traits::{ConstU32, Get, fungible::Inspect},
};
use groma_core::{
	payload::Observation,
	price::Price,
	protocol::RECORDS_MAX,
	statement::{SignedObservation, StatementGroup},
	words::Signature,
};
use groma_runtime::{
	Balance, Balances, Challenges, PriceFeed, Runtime, RuntimeCall, RuntimeEvent,
	TransactionPayment,
	configs::{
		money::{EvidenceLoadAdjustment, OrdinaryLoadAdjustment},
		parameters::{RuntimeParameters, dynamic_params::price_feed},
	},
	constants::{FEE_FACTOR_MAX, FEE_PRICE},
	fees,
};
use groma_traits::Prices;
use pallet_transaction_payment::{Event, FeeDetails, Multiplier, MultiplierUpdate};
use proptest::prelude::*;
use scale_info::MetaType;
use sp_keyring::Sr25519Keyring::{self, Alice, AliceStash, Bob, Charlie, Ferdie};
use sp_runtime::{
	FixedPointNumber, Perbill, Perquintill,
	traits::{One, TransactionExtension},
};

use crate::chain::{Chain, account, as_root, signed};

fn multiplier(chain: &mut Chain) -> Multiplier {
	chain.with(TransactionPayment::next_fee_multiplier)
}

/// Makes a block that ordinary transactions fill as far as they may.
fn crowded_block(chain: &mut Chain) {
	let dest = account(Ferdie).into();
	let transfer: RuntimeCall =
		pallet_balances::Call::transfer_keep_alive { dest, value: 1 }.into();
	let calls = vec![transfer; 500];
	let batch: RuntimeCall = pallet_utility::Call::batch { calls }.into();
	let crowd = chain.with(|| (0..40).map(|n| signed(Bob, batch.clone(), n, 0)).collect());
	let outcomes = chain.block(crowd);
	assert_ok!(&outcomes[0]);
	assert!(outcomes[39].is_err(), "the block is full");
}

/// The largest bundle, of statements about no device.
fn junk() -> RuntimeCall {
	let observation = Observation {
		witness: 1,
		collector: 0,
		rssi_deci_dbm: 0,
		snr_deci_db: 0,
		commitment: [0; 8],
	};
	let statement = SignedObservation { observation, signature: Signature([0; 64]) };
	let statements: BoundedVec<_, ConstU32<RECORDS_MAX>> =
		BoundedVec::truncate_from(vec![statement; RECORDS_MAX as usize]);
	let window = Challenges::window_info().index;
	let groups = <Runtime as pallet_proof_of_coverage::Config>::MaxGroupsPerBundle::get();
	let groups: Vec<_> = (0..groups)
		.map(|beaconer| StatementGroup { window, beaconer, statements: statements.clone() })
		.collect();
	let groups = groups.try_into().expect("they are as many as may be");
	pallet_proof_of_coverage::Call::submit_statements { groups }.into()
}

#[test]
fn fees_rise_when_ordinary_transactions_fill_their_part_of_blocks() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let mut before = multiplier(&mut chain);
	assert_eq!(before, Multiplier::one());
	for _ in 0..3 {
		crowded_block(&mut chain);
		let after = multiplier(&mut chain);
		assert!(after > before, "{after:?} after {before:?}");
		before = after;
	}
}

#[test]
fn fees_fall_to_the_minimum_when_blocks_are_empty() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	(0..4).for_each(|_| crowded_block(&mut chain));
	let crowded = multiplier(&mut chain);
	chain.block(vec![]);
	let after = multiplier(&mut chain);
	assert!(Multiplier::one() < after && after < crowded);
	chain.blocks(4);
	assert_eq!(multiplier(&mut chain), Multiplier::one());
}

#[test]
fn fees_fall_when_nothing_but_bytes_fills_blocks() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	(0..3).for_each(|_| crowded_block(&mut chain));
	let before = multiplier(&mut chain);
	let megabyte: RuntimeCall = frame_system::Call::remark { remark: vec![1; 1 << 20] }.into();
	let crowd = chain.with(|| (0..4).map(|n| signed(Ferdie, megabyte.clone(), n, 0)).collect());
	let outcomes = chain.block(crowd);
	assert!(outcomes[2].is_ok() && outcomes[3].is_err(), "the block is full");
	assert!(multiplier(&mut chain) < before);
}

#[test]
fn fees_fall_as_in_empty_blocks_when_coverage_fills_its_lane() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	(0..3).for_each(|_| crowded_block(&mut chain));
	let before = multiplier(&mut chain);
	flooded_block(&mut chain);
	let empty = OrdinaryLoadAdjustment::after(before, Perquintill::zero());
	assert_eq!(multiplier(&mut chain), empty);
}

/// Fills the evidence lane with bundles that pay.
fn flooded_block(chain: &mut Chain) {
	let crowd = chain.with(|| {
		let junk = junk();
		(0..24).map(|n| signed(Alice, junk.clone(), n, 0)).collect()
	});
	let outcomes = chain.block(crowd);
	assert_ok!(&outcomes[8]);
	assert!(outcomes[23].is_err(), "the lane is full");
}

/// What the runtime API says that a call costs, and by what part of it.
fn price(chain: &mut Chain, call: &RuntimeCall) -> FeeDetails<Balance> {
	chain.with(|| {
		let transaction = signed(Charlie, call.clone(), 0, 0);
		let length = transaction.encoded_size() as u32;
		let details = fees::query_fee_details(&transaction, length);
		assert_eq!(fees::query_info(&transaction, length).partial_fee, details.final_fee());
		let of_call = fees::query_call_fee_details(call, length);
		assert_eq!(fees::query_call_info(call, length).partial_fee, of_call.final_fee());
		details
	})
}

#[test]
fn ordinary_load_never_raises_what_evidence_costs() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let evidence = chain.with(junk);
	let transfer: RuntimeCall =
		pallet_balances::Call::transfer_keep_alive { dest: account(Ferdie).into(), value: 1 }
			.into();
	let before = [price(&mut chain, &evidence), price(&mut chain, &transfer)];
	(0..3).for_each(|_| crowded_block(&mut chain));
	assert_eq!(price(&mut chain, &evidence), before[0]);
	assert!(price(&mut chain, &transfer).final_fee() > before[1].final_fee());
}

#[test]
fn full_lane_raises_what_evidence_costs_and_nothing_else() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let evidence = chain.with(junk);
	let quiet = price(&mut chain, &evidence).inclusion_fee.expect("it pays");
	(0..3).for_each(|_| flooded_block(&mut chain));
	let multiplier = chain.with(Challenges::fee_multiplier);
	assert!(multiplier > Multiplier::one());
	let fee = price(&mut chain, &evidence).inclusion_fee.expect("it pays");
	assert_eq!(fee.base_fee, quiet.base_fee);
	assert_eq!(fee.len_fee, multiplier.saturating_mul_int(quiet.len_fee));
	assert_eq!(fee.adjusted_weight_fee, multiplier.saturating_mul_int(quiet.adjusted_weight_fee));
	assert_eq!(self::multiplier(&mut chain), Multiplier::one());
}

#[test]
fn bundle_pays_what_its_event_says_when_the_lane_was_full() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let evidence = chain.with(junk);
	let paid = |chain: &mut Chain| {
		let before = chain.with(|| Balances::total_balance(&account(Bob)));
		assert_ok!(chain.submit(Bob, evidence.clone()));
		let charged = chain.events().into_iter().find_map(|event| match event {
			RuntimeEvent::TransactionPayment(Event::TransactionFeePaid { actual_fee, .. }) => {
				Some(actual_fee)
			}
			_ => None,
		});
		let after = chain.with(|| Balances::total_balance(&account(Bob)));
		assert_eq!(charged, Some(before - after));
		before - after
	};
	let quiet = paid(&mut chain);
	(0..3).for_each(|_| flooded_block(&mut chain));
	assert!(paid(&mut chain) > quiet);
	chain.check();
}

#[test]
fn collector_gets_back_what_it_advanced_when_the_bundle_is_free() {
	let info = DispatchInfo::default();
	let free = PostDispatchInfo { pays_fee: Pays::No, actual_weight: None };
	Chain::development().with(|| {
		let advance = fees::Tariff::Evidence.details(&info, 1_000, 5);
		assert!(advance.final_fee() > 5);
		assert_eq!(fees::Tariff::Evidence.actual_details(&info, &free, 1_000, 5).final_fee(), 5);
	});
}

#[test]
fn fees_of_evidence_move_at_more_than_challenges_are_meant_to_fill() {
	Chain::development().with(|| {
		let rule = EvidenceLoadAdjustment::get();
		let fill: Perbill = <Runtime as pallet_challenges::Config>::LaneFill::get();
		let fill = Perquintill::from_rational(u64::from(fill.deconstruct()), 1_000_000_000);
		assert!(fill < rule.target && rule.target < Perquintill::one());
		let after = |percent| rule.after(Multiplier::one(), Perquintill::from_percent(percent));
		assert_eq!(after(60), Multiplier::one());
		assert!(after(81) > Multiplier::one());
		let hour = (0..600).fold(Multiplier::one(), |it, _| rule.after(it, Perquintill::one()));
		assert_eq!(hour, rule.maximum);
	});
}

#[test]
fn extension_that_charges_has_the_bytes_name_and_type_of_the_sdk() {
	type Ours = fees::ChargeTransactionPayment;
	type Theirs = pallet_transaction_payment::ChargeTransactionPayment<Runtime>;
	for tip in [0, 1, 1 << 30, Balance::MAX] {
		let bytes = Theirs::from(tip).encode();
		assert_eq!(Ours::from(tip).encode(), bytes);
		assert_eq!(Ours::decode(&mut &bytes[..]), Ok(Ours::from(tip)));
	}
	assert_eq!(
		<Ours as TransactionExtension<RuntimeCall>>::IDENTIFIER,
		<Theirs as TransactionExtension<RuntimeCall>>::IDENTIFIER,
	);
	assert_eq!(MetaType::new::<Ours>(), MetaType::new::<Theirs>());
}

#[test]
fn minimum_multiplier_recovers_when_load_is_a_hundredth_above_the_target() {
	let next = |percent| {
		OrdinaryLoadAdjustment::after(Multiplier::one(), Perquintill::from_percent(percent))
	};
	assert!(next(51) > Multiplier::one());
	assert_eq!(next(50), Multiplier::one());
	assert_eq!(next(49), Multiplier::one());
}

#[test]
fn fees_less_than_double_in_a_day_of_full_blocks() {
	let day = (0..14_400).fold(Multiplier::one(), |previous, _| {
		OrdinaryLoadAdjustment::after(previous, Perquintill::one())
	});
	let bounds = [1.7, 1.8].map(|factor| Multiplier::from_inner((factor * 1e18) as u128));
	assert!(bounds[0] < day && day < bounds[1], "{day:?}");
}

#[test]
fn multiplier_stays_within_its_bounds_and_follows_the_load() {
	let (minimum, maximum) = (OrdinaryLoadAdjustment::min(), OrdinaryLoadAdjustment::max());
	let multipliers = (0..128).map(|shift| Multiplier::from_inner(u128::MAX >> shift));
	for (previous, percent) in multipliers.flat_map(|m| (0..=100).map(move |percent| (m, percent)))
	{
		let next = OrdinaryLoadAdjustment::after(previous, Perquintill::from_percent(percent));
		assert!(minimum <= next && next <= maximum);
		match percent {
			..50 => assert!(next <= previous.max(minimum), "{previous:?} at {percent} %"),
			50 => assert_eq!(next, previous.clamp(minimum, maximum)),
			_ => assert!(next >= previous.min(maximum), "{previous:?} at {percent} %"),
		}
	}
}

fn usd(nano: u64) -> Price {
	Price::new(nano).expect("a price")
}

/// Makes this the bootstrap price.
fn set_price(chain: &mut Chain, price: Price) {
	let parameter = RuntimeParameters::PriceFeed(price_feed::Parameters::BootstrapPrice(
		price_feed::BootstrapPrice,
		Some(price),
	));
	chain.with(|| as_root(pallet_governed_parameters::Call::set_parameter { parameter }));
}

/// A call whose weight is known before it runs, so that nothing of its fee is given back.
fn remark() -> RuntimeCall {
	frame_system::Call::remark { remark: vec![1; 100] }.into()
}

/// The fee that was paid in the latest block.
fn paid_fee(chain: &mut Chain) -> Balance {
	let paid = |event| match event {
		RuntimeEvent::TransactionPayment(Event::TransactionFeePaid { actual_fee, .. }) => {
			Some(actual_fee)
		}
		_ => None,
	};
	chain.events().into_iter().find_map(paid).expect("a fee was paid")
}

/// What the runtime API says that a transaction costs, and what is charged for it then.
fn asked_and_paid(
	chain: &mut Chain,
	signer: Sr25519Keyring,
	call: &RuntimeCall,
) -> (Balance, Balance) {
	let transaction = chain.with(|| signed(signer, call.clone(), 0, 0));
	let length = transaction.encoded_size() as u32;
	let asked = chain.with(|| fees::query_info(&transaction, length).partial_fee);
	let before = chain.with(|| Balances::total_balance(&account(signer)));
	assert_ok!(chain.include(transaction));
	let after = chain.with(|| Balances::total_balance(&account(signer)));
	let paid = paid_fee(chain);
	assert_eq!(before - after, paid);
	(asked, paid)
}

#[test]
fn fee_is_worth_the_same_in_usd_whatever_grm_is_worth() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	assert_eq!(chain.with(PriceFeed::last_good), FEE_PRICE, "test chains begin at USD 0.10");
	let (asked, usual) = asked_and_paid(&mut chain, Bob, &remark());
	assert_eq!(asked, usual);
	// From USD 0.001 to USD 10 per GRM it is worth the same, beyond as much GRM as at the nearest.
	for (nano_usd, parts_per_hundred) in [
		(1_000, 10_000),
		(1_000_000, 10_000),
		(10_000_000, 1_000),
		(100_000_000, 100),
		(1_000_000_000, 10),
		(10_000_000_000, 1),
		(1_000_000_000_000, 1),
	] {
		set_price(&mut chain, usd(nano_usd));
		let (asked, paid) = asked_and_paid(&mut chain, Bob, &remark());
		assert_eq!(asked, paid, "at {nano_usd} nano-USD");
		// Each of the three parts of a fee is rounded up.
		let exact = usual * parts_per_hundred;
		assert!((exact..exact + 300).contains(&(paid * 100)), "{paid} at {nano_usd} nano-USD");
	}
	chain.check();
}

#[test]
fn fee_in_grm_is_rounded_up_and_never_zero() {
	let highest = usd(10_000_000_000);
	for (fee, at_highest) in [(0, 0), (1, 1), (99, 1), (100, 1), (101, 2), (1_000_000, 10_000)] {
		assert_eq!(fees::at_price(fee, highest), at_highest, "{fee}");
		assert_eq!(fees::at_price(fee, Price::MAX), at_highest, "{fee}");
		assert_eq!(fees::at_price(fee, FEE_PRICE), fee);
		assert_eq!(fees::at_price(fee, Price::MIN), fee * Balance::from(FEE_FACTOR_MAX));
	}
	assert_eq!(fees::at_price(1, usd(99_999_999)), 2);
	assert!(fees::at_price(Balance::MAX, Price::MIN) > 0, "it saturates");
}

#[test]
fn feed_changes_the_fees_of_the_next_block_and_not_of_its_own() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let (_, usual) = asked_and_paid(&mut chain, Bob, &remark());
	let price = usd(1_000_000_000);
	let block = chain.with(|| {
		let feed = pallet_price_feed::Call::feed { price };
		vec![signed(AliceStash, feed, 0, 0), signed(Bob, remark(), 0, 0)]
	});
	let outcomes = chain.block(block);
	assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(Ok(())))), "{outcomes:?}");
	let bob = account(Bob);
	let paid =
		chain.events().into_iter().find_map(|event| match event {
			RuntimeEvent::TransactionPayment(Event::TransactionFeePaid {
				who, actual_fee, ..
			}) if who == bob => Some(actual_fee),
			_ => None,
		});
	assert_eq!(paid, Some(usual));
	let (asked, next) = asked_and_paid(&mut chain, Bob, &remark());
	assert_eq!(asked, next);
	assert!(next < usual / 9, "{next} after {usual}");
	// Ten minutes later the price is stale; fees go on by it.
	chain.blocks(601);
	assert_eq!(chain.with(PriceFeed::mint_price), None);
	assert_eq!(asked_and_paid(&mut chain, Bob, &remark()), (next, next));
	chain.check();
}

#[test]
fn evidence_goes_by_the_same_price() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let evidence = chain.with(junk);
	let usual = price(&mut chain, &evidence).inclusion_fee.expect("it pays");
	set_price(&mut chain, usd(1_000_000));
	let fee = price(&mut chain, &evidence).inclusion_fee.expect("it pays");
	assert_eq!(fee.base_fee, 100 * usual.base_fee);
	assert_eq!(fee.len_fee, 100 * usual.len_fee);
	assert_eq!(fee.adjusted_weight_fee, 100 * usual.adjusted_weight_fee);
}

proptest! {
	#[test]
	fn fee_at_any_price_is_worth_the_same_within_the_bounds(
		fee in 0..10u128.pow(18),
		price in Price::MIN.nano_usd()..=Price::MAX.nano_usd(),
	) {
		let (usual, most) = (FEE_PRICE.nano_usd(), Balance::from(FEE_FACTOR_MAX));
		let at_price = fees::at_price(fee, usd(price));
		prop_assert!(fee.div_ceil(most) <= at_price && at_price <= fee * most);
		let bounded = price.clamp(usual / FEE_FACTOR_MAX, usual * FEE_FACTOR_MAX);
		let worth = |plancks: Balance, price: u64| plancks * Balance::from(price);
		// Never less in USD, and more by less than a planck.
		prop_assert!(worth(at_price, bounded) >= worth(fee, usual));
		prop_assert!(worth(at_price, bounded) < worth(fee, usual) + Balance::from(bounded));
		if let Some(higher) = Price::new(price + 1) {
			prop_assert!(fees::at_price(fee, higher) <= at_price);
		}
	}
}
