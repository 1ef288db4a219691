//! Who gets the places of a challenge that is full, and what that costs.

use core::ops::Range;

use frame_support::{assert_ok, pallet_prelude::TransactionSource, traits::Authorize};
use groma_core::{api::Refusal, protocol::RECORDS_MAX, selection::draw};
use proptest::prelude::*;

use super::*;
use crate::{Activities, Call, Challenges};

const PLACES: DeviceId = RECORDS_MAX;
/// The most statements about one challenge that ever cost no fee: each place is given twice as new,
/// and every new statement carries one that is refused.
const FREE_MAX: u32 = 4 * RECORDS_MAX;

/// A device that is not registered: what it states is refused.
const STRANGER: DeviceId = 999;

/// Puts devices within reach of device 0, in columns of fifty.
fn gather(devices: Range<DeviceId>) {
	for device in devices {
		let (north, east) = (f64::from(device % 50), f64::from(device / 50));
		relocate(device, cell_at(40.0 + 0.02 * north, 11.0 + 0.1 * east));
	}
}

/// Witnesses by their draw for the beacon of device 0, the lowest first.
fn by_draw(witnesses: Range<DeviceId>) -> Vec<DeviceId> {
	let seed = seed_of(START);
	let mut witnesses: Vec<_> = witnesses.collect();
	witnesses.sort_unstable_by_key(|witness| draw(&seed, 0, *witness));
	witnesses
}

/// Lets devices state the beacon of device 0.
fn state(witnesses: impl IntoIterator<Item = DeviceId>) -> Pays {
	let witnesses: Vec<_> = witnesses.into_iter().collect();
	let groups = witnesses.chunks(PLACES as usize);
	fee(submit(groups.map(|witnesses| group(START, 0, witnesses.iter().copied())).collect()))
}

/// Lets a device state the beacon of device 0 by its own call, if that may enter a block.
fn state_alone(witness: DeviceId) -> bool {
	let statement = statement(START, 0, witness);
	let call: RuntimeCall = Call::submit_own_statement { statement }.into();
	let validity = call.authorize(TransactionSource::External).expect("it authorizes itself");
	let is_valid = validity.is_ok();
	if is_valid {
		let origin = frame_system::RawOrigin::Authorized.into();
		assert_ok!(sp_runtime::traits::Dispatchable::dispatch(call, origin));
	}
	is_valid
}

fn kept() -> Vec<DeviceId> {
	let mut witnesses = Coverage::witnesses(START, 0);
	witnesses.sort_unstable();
	witnesses
}

fn sorted(mut devices: Vec<DeviceId>) -> Vec<DeviceId> {
	devices.sort_unstable();
	devices
}

fn heard_records() -> usize {
	let challenge = Challenges::<Test>::get(START, 0).expect("it is stated");
	challenge.records.iter().filter(|record| record.is_heard).count()
}

#[test]
fn heard_witness_takes_the_place_of_the_unheard_one_with_the_highest_draw_for_free() {
	ExtBuilder::default().devices(45).build_and_execute(|| {
		assert_eq!(state(1..33), Pays::No);
		make_heard(40);
		assert_eq!(state([40]), Pays::No);
		assert_eq!(last_tally(), tally(1, 0, 0));
		let mut expected = by_draw(1..33);
		expected.pop();
		expected.push(40);
		assert_eq!(kept(), sorted(expected));
	});
}

#[test]
fn record_keeps_whether_its_witness_was_heard_when_it_stated() {
	ExtBuilder::default().build_and_execute(|| {
		make_heard(2);
		assert_eq!(state([1, 2]), Pays::No);
		make_heard(1);
		let challenge = Challenges::<Test>::get(START, 0).expect("it is stated");
		let bits: Vec<_> =
			challenge.records.iter().map(|it| (it.observation.witness, it.is_heard)).collect();
		assert_eq!(bits, [(1, false), (2, true)]);
	});
}

#[test]
fn witness_counts_as_heard_for_the_span_of_reciprocity() {
	ExtBuilder::default().devices(45).build_and_execute(|| {
		assert_eq!(state(1..33), Pays::No);
		let heard_in = |device, window| {
			Activities::<Test>::mutate(device, |activity| activity.was_heard(window));
		};
		heard_in(40, START - SPAN);
		heard_in(41, START - SPAN - 1);
		assert_eq!(state([41]), Pays::Yes);
		assert_eq!(last_tally(), tally(0, 1, 0));
		assert_eq!(state([40]), Pays::No);
		assert_eq!(last_tally(), tally(1, 0, 0));
	});
}

#[test]
fn draw_decides_between_equals_and_makes_nothing_free() {
	for are_heard in [false, true] {
		ExtBuilder::default().devices(45).build_and_execute(|| {
			if are_heard {
				(1..45).for_each(make_heard);
			}
			let ranked = by_draw(1..45);
			let (best, others) = ranked.split_at(12);
			assert_eq!(state(others.iter().copied()), Pays::No);
			assert_eq!(state(best.iter().copied()), Pays::Yes);
			assert_eq!(last_tally(), tally(0, 12, 0));
			assert_eq!(kept(), sorted(ranked[..32].to_vec()));
			let last = ranked[43];
			assert_eq!(Coverage::check_statement(&statement(START, 0, last)), Err(Refusal::Full));
		});
	}
}

#[test]
fn unheard_witness_gets_no_place_among_heard_ones() {
	ExtBuilder::default().devices(45).build_and_execute(|| {
		let ranked = by_draw(1..45);
		let (best, others) = ranked.split_at(12);
		others.iter().for_each(|witness| make_heard(*witness));
		assert_eq!(state(others.iter().copied()), Pays::No);
		let before = kept();
		assert_eq!(state(best.iter().copied()), Pays::Yes);
		assert_eq!(last_tally(), tally(0, 12, 0));
		assert_eq!(kept(), before);
		let check = Coverage::check_statement(&statement(START, 0, best[0]));
		assert_eq!(check, Err(Refusal::Full));
	});
}

#[test]
fn own_statement_takes_no_place_by_its_draw_alone() {
	ExtBuilder::default().devices(45).build_and_execute(|| {
		let ranked = by_draw(1..45);
		assert_eq!(state(ranked[12..].iter().copied()), Pays::No);
		let before = kept();
		assert!(!state_alone(ranked[0]));
		assert_eq!(kept(), before);
		make_heard(ranked[1]);
		assert!(state_alone(ranked[1]));
		assert_eq!(heard_records(), 1);
	});
}

#[test]
fn bundle_stays_free_with_as_many_places_taken_by_draw_as_are_new() {
	ExtBuilder::default().devices(45).build_and_execute(|| {
		let ranked = by_draw(1..45);
		assert_eq!(state(ranked[12..].iter().copied()), Pays::No);
		let bundle = |taken: Range<usize>, new: Range<DeviceId>| {
			let taken = ranked[taken].iter().copied();
			fee(submit(vec![group(START, 0, taken), group(START, 2, new)]))
		};
		assert_eq!(bundle(0..3, 3..6), Pays::No);
		assert_eq!(last_tally(), tally(3, 3, 0));
		assert_eq!(bundle(3..7, 6..9), Pays::Yes);
		assert_eq!(last_tally(), tally(3, 4, 0));
	});
}

#[test]
fn free_statements_about_a_challenge_end_at_128() {
	ExtBuilder::default().devices(70).build_and_execute(|| {
		gather(0..70);
		(33..70).for_each(make_heard);
		let mut free = 0;
		// As many as can be, each with one that is refused: all places go to unheard witnesses, and
		// then to heard ones.
		for witness in (1..33).chain(33..65) {
			assert_eq!(state([witness, STRANGER]), Pays::No);
			free += 2;
		}
		assert_eq!(free, FREE_MAX);
		assert_eq!(heard_records(), PLACES as usize);
		for witness in 65..70 {
			assert!(!state_alone(witness));
			assert_eq!(state([witness]), Pays::Yes);
		}
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(16))]

	/// By bundles of any size, by calls of devices themselves, in any order, of any witnesses.
	#[test]
	fn at_most_128_statements_about_a_challenge_are_free_in_any_order(
		heard in proptest::collection::btree_set(1u32..100, 0..100),
		parts in proptest::collection::vec(
			(proptest::collection::vec(1u32..100, 1..12), any::<bool>()),
			1..60,
		),
	) {
		ExtBuilder::default().devices(100).build_and_execute(|| {
			gather(0..100);
			heard.iter().for_each(|device| make_heard(*device));
			let (mut free, mut new) = (0, 0);
			for (witnesses, are_alone) in parts {
				if are_alone {
					let taken = witnesses.iter().filter(|it| state_alone(**it)).count() as u32;
					free += taken;
					new += taken;
				} else {
					let count = witnesses.len() as u32;
					let pays = state(witnesses);
					new += last_tally().new;
					free += if pays == Pays::No { count } else { 0 };
				}
			}
			assert!(new <= 2 * PLACES, "{new} are new");
			assert!(free <= FREE_MAX, "{free} are free");
		});
	}
}
