use frame_support::{assert_ok, storage::unhashed};
use groma_core::{CoverageReason, units::Units};
use groma_core::{
	EvidenceClass,
	coverage::{beaconer_units, witness_units},
	selection::choice,
	units::ONE,
};
use groma_paged_map::PageId;
use groma_traits::{DeviceFollowers, FirstSlot, OpenWork, SupplyWork};

use super::*;
use crate::{Activities, ActivityPages, Event, Reasons, density};

#[test]
fn units_follow_the_number_of_witnesses() {
	for count in 1..=12u32 {
		ExtBuilder::default().devices(13).build_and_execute(|| {
			// A device that was neither heard nor a witness recently has grace while its location
			// is young.
			(0..13).for_each(make_reciprocal);
			settle(0, 1..=count);
			let counting = count.min(8);
			assert_eq!(units(0), beaconer_units(counting).0);
			let paid: Vec<_> = (1..=count).filter(|witness| units(*witness) > 0).collect();
			assert_eq!(paid.len() as u32, counting);
			assert!(paid.iter().all(|witness| units(*witness) == witness_units(counting).0));
			let sum = units(0) + u64::from(counting) * witness_units(counting).0;
			assert_eq!(NotedUnits::get(), [(NETWORK, sum)].into());
		});
	}
}

#[test]
fn golden_units_of_one_four_and_eight_witnesses() {
	for (count, beaconer, witness) in
		[(1, ONE / 4, ONE), (4, ONE, ONE), (8, 1_590_400_000, 426_200_000)]
	{
		ExtBuilder::default().devices(9).build_and_execute(|| {
			(0..9).for_each(make_reciprocal);
			settle(0, 1..=count);
			assert_eq!((units(0), units(1)), (beaconer, witness));
		});
	}
}

#[test]
fn later_seed_picks_eight_when_more_are_valid() {
	ExtBuilder::default().devices(13).build_and_execute(|| {
		(0..13).for_each(make_reciprocal);
		settle(0, 1..=12);
		let later = seed_of(START + 2);
		let mut ranked: Vec<_> = (1..=12).map(|w| (choice(&later, 0, w), w)).collect();
		ranked.sort_unstable();
		for (rank, (_, witness)) in ranked.into_iter().enumerate() {
			let activity = activity(witness);
			assert_eq!(units(witness) > 0, rank < 8);
			assert_eq!(activity.reasons.of(CoverageReason::NotSelected), u16::from(rank >= 8));
			assert_eq!(activity.last_witnessed, Some(START));
		}
		assert_eq!(Collected::get(), [(NAMED, 8 * 5)].into());
	});
}

#[test]
fn class_and_ramp_of_the_earner_scale_its_units() {
	ExtBuilder::default().devices(5).build_and_execute(|| {
		(0..5).for_each(make_reciprocal);
		alter(1, |view| view.class = EvidenceClass::SelfMade);
		stand_since(2, START - MATURITY - RAMP + 1);
		stand_since(3, START - MATURITY - RAMP);
		alter(4, |view| view.class = EvidenceClass::SelfMade);
		stand_since(4, START - MATURITY);
		settle(0, 1..=4);
		assert_eq!(units(0), ONE);
		assert_eq!(units(1), ONE / 2);
		assert_eq!(units(2), ONE / 10);
		assert_eq!(units(3), ONE);
		assert_eq!(units(4), ONE / 20);
	});
}

#[test]
fn density_of_the_beaconers_place_scales_the_units_of_all() {
	ExtBuilder::default().devices(6).build_and_execute(|| {
		(0..6).for_each(make_reciprocal);
		relocate(5, cell_of(0));
		settle(5, 1..=4);
		assert_eq!(units(5), ONE);
		settle(0, 1..=4);
		// Two devices in one cell of resolution 10 that admits one.
		assert_eq!(units(0), ONE / 2);
		assert_eq!(units(1), ONE + ONE / 2);
	});
}

#[test]
fn device_earns_only_while_it_is_both_heard_and_a_witness() {
	ExtBuilder::default().build_and_execute(|| {
		settle(0, [1]);
		for device in [0, 1] {
			assert_eq!(units(device), 0);
			assert_eq!(activity(device).reasons.of(CoverageReason::NotReciprocal), 1);
		}
		assert_eq!(activity(0).last_heard, Some(START));
		assert_eq!(activity(1).last_witnessed, Some(START));
		let window = settle(1, [0]);
		assert_eq!((units(0), units(1)), (ONE, ONE / 4));
		// Exactly the span after the older of both contacts there are still units, a window later
		// none.
		go_to(START + SPAN);
		settle(1, [2]);
		assert_eq!(units(1), ONE / 2);
		assert!(window + SPAN > START + SPAN);
		settle(1, [2]);
		assert_eq!(units(1), ONE / 2);
		assert_eq!(activity(1).reasons.of(CoverageReason::NotReciprocal), 2);
	});
}

#[test]
fn device_earns_from_the_epoch_after_it_joined_or_moved_into_a_covered_slot() {
	ExtBuilder::default().devices(5).build_and_execute(|| {
		(0..5).for_each(make_reciprocal);
		let epoch = Epoch::get();
		// No provision covers the last slot.
		for (device, first_slot) in [
			(0, FirstSlot::Joined { epoch }),
			(1, FirstSlot::Moved { epoch, slot: u32::MAX }),
			(2, FirstSlot::Moved { epoch, slot: 5 }),
			(3, FirstSlot::Joined { epoch: epoch - 1 }),
		] {
			alter(device, |view| view.first_slot = Some(first_slot));
		}
		settle(0, 1..=4);
		for device in 0..5 {
			let is_new = device < 2;
			assert_eq!(units(device) == 0, is_new, "device {device}");
			let refused = activity(device).reasons.of(CoverageReason::NewInSlot);
			assert_eq!(refused, u16::from(is_new), "device {device}");
		}
		assert_eq!(NotedUnits::get(), [(NETWORK, 3 * units(2))].into());
		// All that was heard and stated stays valid.
		assert_eq!(activity(0).last_heard, Some(START));
		assert_eq!(activity(1).last_witnessed, Some(START));
		assert_eq!(Collected::get(), [(NAMED, 4 * 5)].into());
		Epoch::set(&(epoch + 1));
		settle(0, 1..=4);
		assert!((0..5).all(|device| units(device) > 0));
	});
}

#[test]
fn device_earns_nothing_when_a_view_of_its_next_owner_was_not_folded() {
	ExtBuilder::default().build_and_execute(|| {
		(0..3).for_each(make_reciprocal);
		let first_slot = Some(FirstSlot::Joined { epoch: u32::MAX });
		alter_from(1, START + 1, |view| view.first_slot = first_slot);
		settle(0, [1]);
		let before = units(1);
		assert!(before > 0, "it was its former owner's in that window");
		settle(0, [1]);
		assert_eq!(units(1), before);
		assert_eq!(activity(1).reasons.of(CoverageReason::NewInSlot), 1);
	});
}

#[test]
fn young_location_has_the_span_as_grace() {
	ExtBuilder::default().build_and_execute(|| {
		stand_since(0, START - MATURITY - SPAN + 1);
		stand_since(1, START - MATURITY - SPAN);
		settle(0, [1]);
		assert_eq!(units(0), ONE / 4 / 10);
		assert_eq!(units(1), 0);
	});
}

#[test]
fn timestamps_never_move_back() {
	ExtBuilder::default().build_and_execute(|| {
		make_reciprocal(0);
		settle(0, [1]);
		Activities::<Test>::mutate(0, |activity| activity.was_heard(START - 5));
		assert_eq!(activity(0).last_heard, Some(START));
	});
}

#[test]
fn work_of_a_past_epoch_is_folded_when_the_device_is_touched_again() {
	ExtBuilder::default().build_and_execute(|| {
		(0..4).for_each(make_reciprocal);
		settle(0, [1]);
		assert!(Folded::get().is_empty());
		Epoch::set(&8);
		settle(0, [2]);
		assert_eq!(Folded::get(), vec![(0, OpenWork::new(7, Units(ONE / 4)))]);
		assert_eq!(Coverage::peek(NETWORK, 0).map(|work| work.epoch), Some(8));
		assert_eq!(Coverage::take_before(NETWORK, 1, 7), None);
		let taken = Coverage::take_before(NETWORK, 1, 8);
		assert_eq!(taken, Some(OpenWork::new(7, Units(ONE))));
		assert_eq!(Coverage::peek(NETWORK, 1), None);
	});
}

#[test]
fn epoch_of_a_transfer_belongs_to_the_payee_of_its_first_units() {
	ExtBuilder::default().build_and_execute(|| {
		(0..4).for_each(make_reciprocal);
		settle(0, [1]);
		alter(0, |view| view.owner = account(50));
		settle(0, [2]);
		let payee = || Payees::get().remove(&0);
		assert_eq!(payee(), Some((NETWORK, owner_of(0))));
		assert_eq!(units(0), ONE / 2);
		Epoch::set(&8);
		settle(0, [3]);
		assert_eq!(payee(), Some((NETWORK, account(50))));
	});
}

#[test]
fn reveal_settles_a_challenge_once() {
	ExtBuilder::default().build_and_execute(|| {
		(0..4).for_each(make_reciprocal);
		let window = settle(0, 1..4);
		let before = units(0);
		assert_eq!(fee(submit_reveals(vec![reveal(window, 0)])), Pays::Yes);
		assert_eq!(last_tally(), tally(0, 1, 0));
		assert_eq!(units(0), before);
	});
}

#[test]
fn reveal_is_taken_in_the_second_window_after_the_beacon_alone() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, 1..4), group(START, 1, [2])]));
		for early in [START, START + 1] {
			go_to(early);
			assert_eq!(fee(submit_reveals(vec![reveal(START, 0)])), Pays::Yes);
			assert_eq!(last_tally(), tally(0, 1, 0));
		}
		go_to(START + 2);
		assert_eq!(fee(submit_reveals(vec![reveal(START, 0)])), Pays::No);
		go_to(START + 3);
		assert_eq!(fee(submit_reveals(vec![reveal(START, 1)])), Pays::Yes);
	});
}

#[test]
fn bad_reveal_leaves_the_challenge_and_costs_the_fee() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, 1..4), group(START, 1, [2])]));
		go_to(START + 2);
		let mut forged = reveal(START, 0);
		forged.signature = beacon(START, 3);
		assert_eq!(fee(submit_reveals(vec![forged, reveal(START, 1)])), Pays::Yes);
		assert_eq!(last_tally(), tally(1, 0, 1));
		assert_eq!(Coverage::witnesses(START, 0).len(), 3);
		assert_eq!(fee(submit_reveals(vec![reveal(START, 0)])), Pays::No);
	});
}

#[test]
fn weight_of_a_reveal_is_that_of_its_records() {
	ExtBuilder::default().build_and_execute(|| {
		use crate::{WeightInfo, reveals::Effort};
		assert_ok!(submit(vec![group(START, 0, 1..4)]));
		go_to(START + 2);
		let weight = submit_reveals(vec![reveal(START, 0)]).expect("taken").actual_weight;
		let real = <() as WeightInfo>::submit_reveals(1)
			.saturating_add(<() as WeightInfo>::settle_records(2))
			.saturating_add(<() as WeightInfo>::count_reason().saturating_mul(4));
		assert_eq!(weight, Some(real.saturating_add(<() as WeightInfo>::recount())));
		assert!(real.ref_time() < Effort::worst(1).bundle_weight::<Test>().ref_time());
	});
}

#[test]
fn device_is_let_go_when_its_work_is_handed_over() {
	ExtBuilder::default().build_and_execute(|| {
		(0..2).for_each(make_reciprocal);
		settle(0, [1]);
		crate::activity::count_reason::<Test>(0, CoverageReason::NeverRevealed);
		assert!(units(0) > 0 && activity(0).counted.is_some());
		assert!(!Coverage::let_go(0), "its epoch still runs");
		let before = activity(0);
		Epoch::set(&8);
		assert!(Coverage::let_go(0));
		assert_eq!(Folded::get(), vec![(0, before.open_work.expect("it earned"))]);
		assert!(!Activities::<Test>::contains_key(0));
		assert!(!Reasons::<Test>::contains_key(0));
		assert_eq!(density::all::<Test>().count(), 0);
		assert!(Coverage::let_go(0) && Coverage::let_go(77));
	});
}

fn stand_since(device: DeviceId, since: WindowIndex) {
	alter(device, |view| view.since = since);
}

#[test]
fn activity_that_does_not_decode_stops_its_device_and_is_not_overwritten() {
	ExtBuilder::default().build_and_execute(|| {
		settle(0, [1, 2]);
		let (page, _) = PageId::of(0);
		let key = ActivityPages::<Test>::hashed_key_for(page);
		let good = unhashed::get_raw(&key).expect("it is there");
		let noted = NotedUnits::get();
		for bytes in [&[7][..], &[]] {
			unhashed::put_raw(&key, bytes);
			settle(0, [1, 2]);
			assert_eq!(unhashed::get_raw(&key).as_deref(), Some(bytes));
			assert_eq!(NotedUnits::get(), noted, "no unit is counted that no one is paid for");
			assert!(System::events().iter().any(|record| matches!(
				record.event,
				RuntimeEvent::Coverage(Event::ActivityUnreadable { device: 0 })
			)));
		}
		unhashed::put_raw(&key, &good);
	});
}
