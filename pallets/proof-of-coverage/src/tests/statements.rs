use frame_support::{assert_noop, assert_ok};
use groma_core::{
	api::Refusal,
	selection::{draw, is_drawn},
};

use super::*;
use crate::Error;

#[test]
fn statements_are_free_when_they_are_new() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(fee(submit(vec![group(START, 0, 1..4)])), Pays::No);
		assert_eq!(last_tally(), tally(3, 0, 0));
		assert_eq!(Coverage::witnesses(START, 0), vec![1, 2, 3]);
	});
}

#[test]
fn statements_are_taken_until_the_end_of_the_next_window() {
	ExtBuilder::default().build_and_execute(|| {
		go_to(START + 1);
		assert_eq!(fee(submit(vec![group(START, 0, [1])])), Pays::No);
		let late = group(START, 0, [2]);
		go_to(START + 2);
		assert_eq!(fee(submit(vec![late])), Pays::Yes);
		assert_eq!(last_tally(), tally(0, 1, 0));
	});
}

#[test]
fn bundle_pays_when_it_brings_nothing_new() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, 1..4)]));
		assert_eq!(fee(submit(vec![group(START, 0, 1..4)])), Pays::Yes);
		assert_eq!(last_tally(), tally(0, 3, 0));
		assert_eq!(Coverage::witnesses(START, 0).len(), 3);
	});
}

#[test]
fn exact_repetition_is_bad_when_a_bundle_holds_it() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(fee(submit(vec![group(START, 0, [1, 1])])), Pays::Yes);
		assert_eq!(last_tally(), tally(1, 0, 1));
		// In another group, and in one of which nothing is taken.
		let late = group(START, 77, [3]);
		let groups =
			vec![group(START, 0, [2]), group(START, 0, [2]), late.clone(), late.clone(), late];
		assert_eq!(fee(submit(groups)), Pays::Yes);
		assert_eq!(last_tally(), tally(1, 1, 3));
		assert_eq!(Coverage::witnesses(START, 0), vec![1, 2]);
	});
}

#[test]
fn other_statement_of_the_same_witness_is_no_repetition() {
	ExtBuilder::default().build_and_execute(|| {
		let mut bundle = group(START, 0, [1, 1]);
		bundle.statements[1].signature.0[5] ^= 1;
		assert_eq!(fee(submit(vec![bundle])), Pays::No);
		assert_eq!(last_tally(), tally(1, 1, 0));
	});
}

#[test]
fn bundle_pays_when_it_brings_more_that_is_refused_than_new() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, 1..3)]));
		assert_eq!(fee(submit(vec![group(START, 0, 1..4)])), Pays::Yes);
		assert_eq!(last_tally(), tally(1, 2, 0));
	});
}

#[test]
fn good_statements_are_kept_when_one_of_the_bundle_is_badly_signed() {
	ExtBuilder::default().build_and_execute(|| {
		let mut bundle = group(START, 0, 1..4);
		bundle.statements[1].signature.0[5] ^= 1;
		assert_eq!(fee(submit(vec![bundle])), Pays::Yes);
		assert_eq!(last_tally(), tally(2, 0, 1));
		assert_eq!(Coverage::witnesses(START, 0), vec![1, 3]);
	});
}

#[test]
fn statement_is_bad_when_the_device_states_its_own_beacon() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(fee(submit(vec![group(START, 0, [0, 1])])), Pays::Yes);
		assert_eq!(last_tally(), tally(1, 0, 1));
	});
}

#[test]
fn empty_bundle_fails_and_empty_group_is_malformed() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(submit(vec![]), Error::<Test>::EmptyBundle);
		assert_eq!(fee(submit(vec![group(START, 0, []), group(START, 0, [1])])), Pays::Yes);
		assert_eq!(last_tally(), tally(1, 0, 1));
	});
}

#[test]
fn statement_is_refused_when_a_device_is_unknown_or_nowhere() {
	ExtBuilder::default().build_and_execute(|| {
		let by_stranger = group(START, 0, [77]);
		let about_stranger = group(START, 77, [1]);
		alter(3, |view| view.place = None);
		let groups = vec![by_stranger, about_stranger, group(START, 3, [1]), group(START, 0, [3])];
		assert_eq!(fee(submit(groups)), Pays::Yes);
		assert_eq!(last_tally(), tally(0, 4, 0));
	});
}

#[test]
fn statement_is_refused_when_the_beaconer_is_not_challenged() {
	ExtBuilder::default().build_and_execute(|| {
		alter_network(NETWORK, |network| network.terms.lottery.interval_windows = u32::MAX);
		go_to(START + 1);
		assert_eq!(
			Coverage::check_statement(&statement(START + 1, 0, 1)),
			Err(Refusal::NotChallenged)
		);
		assert_eq!(fee(submit(vec![group(START + 1, 0, [1])])), Pays::Yes);
		assert_eq!(last_tally(), tally(0, 1, 0));
	});
}

#[test]
fn statement_is_refused_when_the_network_of_the_beaconer_proves_something_else() {
	ExtBuilder::default().build_and_execute(|| {
		alter(0, |view| view.network = UNPROVEN_NETWORK);
		let refused = Err(Refusal::NotChallenged);
		assert_eq!(Coverage::check_statement(&statement(START, 0, 1)), refused);
		assert_eq!(Coverage::challenge_info(0, START), None);
		assert_eq!(fee(submit(vec![group(START, 0, [1])])), Pays::Yes);
		assert_eq!(last_tally(), tally(0, 1, 0));
	});
}

#[test]
fn statement_is_refused_when_it_is_replayed_in_another_window() {
	ExtBuilder::default().build_and_execute(|| {
		let mut replayed = group(START, 0, [1]);
		go_to(START + 1);
		replayed.window = START + 1;
		assert_eq!(fee(submit(vec![replayed])), Pays::Yes);
		assert_eq!(last_tally(), tally(0, 0, 1));
		let mut of_the_future = group(START + 1, 0, [1]);
		of_the_future.window = START + 2;
		assert_ok!(submit(vec![of_the_future]));
		assert_eq!(last_tally(), tally(0, 1, 0));
	});
}

#[test]
fn witnesses_are_drawn_when_the_cell_is_crowded() {
	ExtBuilder::default().devices(40).build_and_execute(|| {
		// Devices that are counted in the beaconer's cell of resolution 5 thin out its witnesses.
		for device in 100..300 {
			count(device, cell_of(0));
		}
		let seed = seed_of(START);
		let drawn: Vec<_> =
			(1..40).filter(|witness| is_drawn(draw(&seed, 0, *witness), 200)).collect();
		assert!(!drawn.is_empty() && drawn.len() < 15);
		assert!((1..40).all(
			|witness| Coverage::is_witness_drawn(START, 0, witness) == drawn.contains(&witness)
		));
		assert_ok!(submit(vec![group(START, 0, 1..33), group(START, 0, 33..40)]));
		assert_eq!(last_tally(), tally(drawn.len() as u32, 39 - drawn.len() as u32, 0));
		assert_eq!(Coverage::witnesses(START, 0), drawn);
	});
}

#[test]
fn draw_of_a_challenge_stays_when_the_cell_fills_later() {
	ExtBuilder::default().devices(40).build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, [1])]));
		for device in 100..2_100 {
			count(device, cell_of(0));
		}
		assert_ok!(submit(vec![group(START, 0, 2..30)]));
		assert_eq!(last_tally(), tally(28, 0, 0));
	});
}

#[test]
fn old_key_signs_until_its_change_takes_effect() {
	ExtBuilder::default().build_and_execute(|| {
		alter_from(1, START + 1, |view| {
			view.session_key = session_key_of(99);
		});
		go_to(START + 1);
		assert_ok!(submit(vec![group(START, 0, [1])]));
		assert_eq!(last_tally(), tally(1, 0, 0));
		assert_ok!(submit(vec![group(START + 1, 0, [1])]));
		assert_eq!(last_tally(), tally(0, 0, 1));
	});
}

#[test]
fn weight_is_refunded_when_statements_are_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let weigh = |group| {
			let weight = submit(vec![group]).expect("a bundle").actual_weight;
			weight.expect("weighed").ref_time()
		};
		let taken = weigh(group(START, 0, 1..4));
		let known = weigh(group(START, 0, 1..4));
		let about_no_device = weigh(group(START, 77, 1..4));
		assert!(about_no_device < known && known < taken);
	});
}

#[test]
fn checks_answer_what_the_next_block_would_do() {
	ExtBuilder::default().build_and_execute(|| {
		let check = Coverage::check_statement;
		let good = statement(START, 0, 1);
		let own = statement(START, 0, 0);
		assert!(check(&good).is_ok());
		assert_eq!(check(&own), Err(Refusal::OwnBeacon));
		assert_eq!(
			check(&Statement { signature: own.signature, ..good }),
			Err(Refusal::BadSignature)
		);
		assert_ok!(submit(vec![group(START, 0, [1])]));
		assert_eq!(check(&good), Err(Refusal::AlreadyKnown));
		let end = FirstBlock::get() + 2 * WindowBlocks::get();
		while System::block_number() + 1 < u64::from(end) {
			next_block();
		}
		let late = statement(START, 0, 2);
		assert_eq!(check(&late), Err(Refusal::WindowClosed));
	});
}

#[test]
fn settled_challenge_of_eight_witnesses_takes_at_most_800_bytes() {
	use codec::Encode;
	ExtBuilder::default().devices(9).build_and_execute(|| {
		let bytes = group(START, 0, 1..9).encoded_size() + reveal(START, 0).encoded_size();
		assert!(bytes <= 800, "{bytes}");
	});
}
