use frame_support::{assert_ok, weights::Weight};
use groma_core::{CoverageReason, protocol::RECORDS_MAX};

use super::*;
use crate::{Challenges, Pallet, PruneCursor, WeightInfo};

#[test]
fn unrevealed_challenges_are_pruned_when_their_window_is_over() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, 1..4), group(START, 1, [2])]));
		go_to(START + 2);
		next_block();
		assert_eq!(Challenges::<Test>::iter().count(), 2);
		go_to(START + 3);
		next_block();
		assert_eq!(Challenges::<Test>::iter().count(), 0);
		assert_eq!(PruneCursor::<Test>::get(), Some(START + 1));
		for (device, count) in [(0, 0), (1, 1), (2, 2), (3, 1)] {
			assert_eq!(activity(device).reasons.of(CoverageReason::NeverRevealed), count);
		}
	});
}

#[test]
fn pruning_goes_on_where_the_weight_ended() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit((0..4).map(|device| group(START, device, [(device + 1) % 4])).collect()));
		// No idle weight, as in full blocks, until the challenges are late.
		let now = CurrentWindow::get();
		CurrentWindow::set(&(START + 3));
		let one = <() as WeightInfo>::prune_window()
			.saturating_add(<() as WeightInfo>::prune_challenge(RECORDS_MAX))
			.saturating_add(Weight::from_parts(1_000_000_000, 0));
		let mut left = 4;
		while left > 0 {
			let consumed = Pallet::<Test>::prune(one);
			assert!(consumed.all_lte(one));
			let now_left = Challenges::<Test>::iter().count();
			assert!(now_left < left, "each round gets on");
			left = now_left;
		}
		assert_eq!(Pallet::<Test>::prune(Weight::zero()), Weight::zero());
		Pallet::<Test>::prune(Weight::MAX);
		assert_eq!(PruneCursor::<Test>::get(), Some(START + 1));
		CurrentWindow::set(&now);
		PruneCursor::<Test>::put(START);
	});
}

#[test]
fn nothing_is_pruned_while_the_chain_stands_still() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, 1..4)]));
		StandsStill::set(&true);
		go_to(START + 3);
		next_block();
		Pallet::<Test>::prune(Weight::MAX);
		assert_eq!(Challenges::<Test>::iter().count(), 1);
		assert_eq!(PruneCursor::<Test>::get(), Some(START - 1));
		StandsStill::set(&false);
		next_block();
		assert_eq!(Challenges::<Test>::iter().count(), 0);
	});
}
