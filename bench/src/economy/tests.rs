//! That no coalition gains, and that each guard is needed for that.

use groma_core::money::{Balance, GRM};

use super::{
	drains,
	history::{Action, COALITION, History},
	outcome,
	rules::Rule,
	world::Drain,
};

const HONEST: usize = 0;
/// A device of the coalition.
const DEVICE: u32 = 1;

fn price(usd_cents: u64) -> Action {
	Action::Price { nano_usd: usd_cents * 10_000_000 }
}

/// Everything that a payer has goes to a device of the coalition.
fn pay_all(payer: usize) -> [Action; 2] {
	[
		Action::Open { payer, permille: 1_000 },
		Action::Pay { payer, channel: 0, device: DEVICE, permille: 1_000 },
	]
}

/// An honest customer burned 100 GRM at USD 0.10 for what is worth 10 GRM since the price rose to
/// USD 1. The coalition burned 1 GRM in a spike for what is worth 100 GRM now.
fn headroom(coalition: &[Action]) -> History {
	let mut actions = vec![price(10), Action::Mint { payer: HONEST, credits: 1_000_000 }];
	actions.extend([price(10_000)]);
	actions.extend(coalition);
	actions.extend([price(100), Action::EpochCloses]);
	actions.extend(pay_all(HONEST));
	actions.extend(pay_all(COALITION));
	History { actions, points_percent: 0 }
}

fn bought_in_a_spike() -> History {
	headroom(&[Action::Mint { payer: COALITION, credits: 10_000_000 }])
}

#[test]
fn nothing_is_gained_by_what_breaks_other_rules() {
	let outcome = outcome(Rule::Sound, &bought_in_a_spike());
	assert_eq!(outcome.burned, GRM);
	assert_eq!(outcome.gained, GRM / 10 * 9);
}

#[test]
fn validator_of_a_coalition_brings_back_sigma_of_the_burn_at_most() {
	for (points_percent, more) in [(100, GRM / 20), (40, GRM / 50)] {
		let history = History { points_percent, ..bought_in_a_spike() };
		let outcome = outcome(Rule::Sound, &history);
		assert_eq!(outcome.burned, GRM);
		assert_eq!(outcome.gained, GRM / 10 * 9 + more);
	}
}

#[test]
fn attack_is_found_when_validators_get_a_share_of_the_value() {
	let history = History { points_percent: 100, ..bought_in_a_spike() };
	let outcome = outcome(Rule::ValueForValidators, &history);
	assert!(outcome.gained >= 5 * outcome.burned, "{outcome:?}");
}

#[test]
fn attack_is_found_when_claims_have_no_basis() {
	let outcome = outcome(Rule::NoBasis, &bought_in_a_spike());
	assert!(outcome.gained >= 89 * outcome.burned, "{outcome:?}");
}

#[test]
fn attack_is_found_when_the_minimum_is_taken_of_sums_of_an_epoch() {
	let outcome = outcome(Rule::SumsOfEpoch, &bought_in_a_spike());
	assert!(outcome.gained >= 81 * outcome.burned, "{outcome:?}");
}

#[test]
fn attack_is_found_when_the_minimum_is_taken_of_sums_of_a_device() {
	let outcome = outcome(Rule::SumsOfDevice, &bought_in_a_spike());
	assert!(outcome.gained >= 81 * outcome.burned, "{outcome:?}");
}

#[test]
fn attack_is_found_when_sums_are_shared_by_credits() {
	// The honest customer pays a device that is not of the coalition: most goes to it all the same.
	let mut history = bought_in_a_spike();
	for action in &mut history.actions {
		if let Action::Pay { payer: HONEST, device, .. } = action {
			*device = 7;
		}
	}
	let outcome = outcome(Rule::SharesByCredits, &history);
	assert!(outcome.gained >= 80 * outcome.burned, "{outcome:?}");
}

#[test]
fn attack_is_found_when_credits_can_be_given_to_others() {
	let history = headroom(&[Action::Give { credits: 10_000_000 }]);
	let outcome = outcome(Rule::Gifts, &history);
	assert!(outcome.gained >= 81 * outcome.burned, "{outcome:?}");
}

#[test]
fn no_coalition_gains_in_random_histories() {
	for seed in 0..300 {
		let history = History::random(seed);
		let outcome = outcome(Rule::Sound, &history);
		assert!(!outcome.is_profit(), "seed {seed}: {outcome:?} {history:?}");
		// Kappa is 90 %, sigma 5 %: all that comes back is less than what was burned.
		let most = outcome.burned * (1_800 + Balance::from(history.points_percent));
		let gained = (outcome.gained.saturating_sub(outcome.rounding)) * 2_000;
		assert!(gained <= most, "seed {seed}: {outcome:?} {history:?}");
	}
}

#[test]
fn histories_do_something() {
	let outcomes: Vec<_> =
		(0..100).map(|seed| outcome(Rule::Sound, &History::random(seed))).collect();
	let burned = outcomes.iter().filter(|outcome| outcome.burned > 0).count();
	let paid = outcomes.iter().filter(|outcome| outcome.gained > 0).count();
	assert!(burned > 90 && paid > 20, "{burned} burned, {paid} were paid");
	let of_points = |least: u64| {
		let histories = (0..100).map(History::random);
		histories.filter(|it| it.points_percent >= least).count()
	};
	assert!(of_points(1) > 40 && of_points(100) > 15, "the coalition has too few validators");
	assert!(of_points(1) < 90, "it has a validator in almost every history");
}

#[test]
fn payer_that_drains_its_channel_never_gains_and_no_gateway_loses_more_than_its_limit() {
	let mut has_lost = false;
	for drain in drains::all(1_000) {
		let drained = drain.play();
		assert!(drained.gained <= 0, "{drain:?}: {drained:?}");
		assert!(drains::is_within_limits(&drained), "{drain:?}: {drained:?}");
		has_lost |= drained.worst_loss > 0;
	}
	assert!(has_lost, "no gateway lost anything, so nothing was tried");
}

#[test]
fn payer_that_drains_its_channel_never_gains_when_the_price_falls_by_a_tenth() {
	for drain in drains::in_a_small_fall(100) {
		let drained = drain.play();
		assert!(drained.gained <= 0, "{drain:?}: {drained:?}");
		assert!(drains::is_within_limits(&drained), "{drain:?}: {drained:?}");
	}
}

#[test]
fn payer_gains_nothing_from_gateways_with_a_seat_when_the_price_falls_by_half() {
	let drains = drains::in_a_fall(100).into_iter().filter(drains::is_by_half_at_most);
	let mut count = 0;
	for drain in drains {
		let drained = drain.play();
		assert!(drained.gained_from_seats <= 0, "{drain:?}: {drained:?}");
		count += 1;
	}
	assert!(count > 0, "nothing was tried");
}

#[test]
fn payer_that_drains_its_channel_in_a_fall_gains_at_most_half_its_bond_and_no_limit_is_passed() {
	let mut most = 0;
	for drain in drains::in_a_fall(100) {
		let drained = drain.play();
		assert!(
			drained.gained_from_seats * 2 <= i128::from(drained.bond),
			"{drain:?}: {drained:?}"
		);
		assert!(drains::is_within_limits(&drained), "{drain:?}: {drained:?}");
		most = most.max(drained.gained_from_seats);
	}
	assert!(most > 0, "a fall harms no one, so nothing was tried");
}

#[test]
fn payer_gains_nothing_in_a_fall_from_gateways_that_claim_what_is_above_their_new_limit() {
	for drain in drains::followed(100) {
		let drained = drain.play();
		assert!(drained.gained_from_seats <= 0, "{drain:?}: {drained:?}");
		assert!(drains::is_within_limits(&drained), "{drain:?}: {drained:?}");
	}
}

#[test]
fn payer_gains_nothing_in_a_slow_fall_from_gateways_that_follow_it() {
	let mut has_lost = false;
	for drain in drains::followed_slowly(100) {
		let drained = drain.play();
		assert!(drained.gained_from_seats <= 0, "{drain:?}: {drained:?}");
		assert!(drains::is_within_limits(&drained), "{drain:?}: {drained:?}");
		has_lost |= drained.worst_loss > 0;
	}
	assert!(has_lost, "no gateway lost anything, so nothing was tried");
}

#[test]
fn payer_gains_by_draining_only_with_more_gateways_without_seats_than_half_its_bond_pays() {
	let drain = Drain {
		gateways: 60_000,
		seats_max: 16,
		credits: 40_000,
		spot: 100_000_000,
		epoch_mean: 100_000_000,
		fall: &[],
		is_followed: false,
	};
	let drained = drain.play();
	assert!(drained.gained > 0, "{drained:?}");
	assert!(drains::is_within_limits(&drained), "{drained:?}");
}
