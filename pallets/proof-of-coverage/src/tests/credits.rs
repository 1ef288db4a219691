//! Which collectors are credited for what counts.

use frame_support::{assert_ok, weights::Weight};
use groma_core::{CollectorIndex, payload::Observation, selection};

use super::*;
use crate::WeightInfo;

/// Device 0 beacons, and each of these collectors is named by a witness: by device 1, 2 and so on.
/// Someone whom no one named brings all of it. Returns what the reveal weighs.
fn settle_naming(collectors: &[CollectorIndex]) -> Weight {
	let statements = (1..).zip(collectors).map(|(witness, collector)| {
		let observation = observation(START, 0, witness);
		signed(START, 0, Observation { collector: *collector, ..observation }).signed()
	});
	let statements = BoundedVec::truncate_from(statements.collect());
	assert_ok!(submit(vec![StatementGroup { window: START, beaconer: 0, statements }]));
	assert_eq!(last_tally(), tally(collectors.len() as u32, 0, 0));
	go_to(START + REVEAL_DELAY);
	let settled = submit_reveals(vec![reveal(START, 0)]).expect("it is settled");
	settled.actual_weight.expect("it is weighed")
}

#[test]
fn named_collectors_share_what_counts_no_matter_who_brings_it() {
	ExtBuilder::default().build_and_execute(|| {
		settle_naming(&[3, 5, 3]);
		// Four fifths for each statement, and three for the reveal of all.
		let seed = seed_of(START + REVEAL_DELAY);
		let drawn = (1..4).min_by_key(|witness| selection::credit(&seed, 0, *witness));
		let (for_3, for_5) = if drawn == Some(2) { (8, 7) } else { (11, 4) };
		assert_eq!(Collected::get(), [(3, for_3), (5, for_5)].into());
	});
}

#[test]
fn every_witness_can_decide_who_is_credited_for_the_reveal() {
	let drawn: std::collections::BTreeSet<_> = (0..64u32)
		.filter_map(|beaconer| {
			(1..4).min_by_key(|witness| selection::credit(&[9; 32], beaconer, *witness))
		})
		.collect();
	assert_eq!(drawn, [1, 2, 3].into());
}

#[test]
fn no_one_is_credited_for_statements_that_name_none() {
	ExtBuilder::default().build_and_execute(|| {
		settle_naming(&[0, 0]);
		assert!(Collected::get().is_empty());
	});
}

#[test]
fn reveal_is_credited_to_a_collector_that_is_named() {
	ExtBuilder::default().build_and_execute(|| {
		settle_naming(&[0, 9, 0]);
		// Of the two statements that name none, nothing but their part of the reveal is credited.
		assert_eq!(Collected::get(), [(9, 4 + 3)].into());
	});
}

#[test]
fn no_one_is_credited_for_statements_that_are_not_valid() {
	ExtBuilder::default().build_and_execute(|| {
		settle_after(0, 1..4, || {
			(1..4).for_each(|device| alter(device, |it| it.is_active = false))
		});
		assert!(Collected::get().is_empty());
	});
}

#[test]
fn each_collector_that_is_credited_is_weighed() {
	let weigh = |collectors: [CollectorIndex; 3]| {
		ExtBuilder::default().build().execute_with(|| settle_naming(&collectors))
	};
	let further = <() as WeightInfo>::credit_collector().saturating_mul(2);
	assert_eq!(weigh([3, 5, 9]), weigh([3, 3, 3]).saturating_add(further));
	assert_eq!(weigh([0, 0, 0]), weigh([3, 3, 3]));
}
