//! That the page is what the program writes, and what it says.

use std::path::Path;

use groma_runtime::governance::tracks::{ROOT, WHITELISTED_CALLER};

use super::{Attack, Power, attack::WHOLE, attacks, page, powers};

fn of(powers: &[Power], id: u16) -> &Power {
	powers.iter().find(|power| power.id == id).expect("there is the track")
}

#[test]
fn page_is_the_one_that_the_program_writes() {
	let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/governance/capture.md");
	let written = std::fs::read_to_string(file).unwrap_or_default();
	let advice = "run `scripts/bench capture --write`";
	assert!(written == page::render(&powers()), "capture.md is another: {advice}");
}

#[test]
fn majority_is_root_though_all_others_vote_against_it() {
	let powers = powers();
	let root = of(&powers, ROOT);
	for turnout_percent in [0, 5, 20, 60, 100] {
		for conviction_tenths in [10, 60] {
			let attack = Attack { own: 510, turnout_percent, conviction_tenths };
			let days = root.days(attack).expect("51 % is root");
			assert!((7.0..=28.0).contains(&days), "{attack:?} takes {days} days");
		}
	}
}

#[test]
fn seventh_is_root_at_conviction_6_and_less_is_not() {
	let powers = powers();
	let root = of(&powers, ROOT);
	assert_eq!(root.least_own(100, 60), Some(WHOLE / 7 + 1));
	// A tenth is, if no one votes against it.
	assert_eq!(root.least_own(0, 10), Some(WHOLE / 10));
	assert_eq!(root.days(Attack { own: 99, turnout_percent: 0, conviction_tenths: 60 }), None);
}

#[test]
fn more_in_one_hand_never_takes_longer_and_more_against_it_never_less() {
	let never = |days: Option<f64>| days.unwrap_or(f64::INFINITY);
	for power in powers() {
		for attack in attacks() {
			let days = never(power.days(attack));
			let richer = Attack { own: attack.own + 50, ..attack };
			assert!(never(power.days(richer)) <= days, "{} {richer:?}", power.name);
			let turnout_percent = attack.turnout_percent + 20;
			let opposed = Attack { turnout_percent, ..attack };
			assert!(never(power.days(opposed)) >= days, "{} {opposed:?}", power.name);
		}
	}
}

#[test]
fn whitelisted_is_quicker_than_root_and_asks_for_no_less_in_the_end() {
	let powers = powers();
	let (root, short) = (of(&powers, ROOT), of(&powers, WHITELISTED_CALLER));
	for attack in attacks() {
		if let Some(days) = short.days(attack) {
			let slow = root.days(attack).expect("what passes whitelisted passes root");
			assert!(days < slow, "{attack:?}: {days} and {slow}");
		}
	}
}
