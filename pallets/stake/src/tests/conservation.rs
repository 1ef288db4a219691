//! Random calls and offences: nothing is lost, and no one escapes.

use groma_core::{
	NetworkId,
	money::{Balance, GRM},
	protocol::THAWS_MAX,
};
use groma_traits::{DeviceOffences, Offence};
use proptest::prelude::*;

use crate::mock::*;

#[derive(Clone, Debug)]
enum Act {
	Provision(AccountId, NetworkId, Balance),
	Thaw(AccountId, NetworkId, Balance),
	ThawAll(AccountId, NetworkId),
	Withdraw(AccountId, NetworkId),
	Offend(AccountId, NetworkId, AccountId),
	Pass(u32),
	StakePerDevice(NetworkId, Balance),
}

fn act() -> impl Strategy<Value = Act> {
	let who = 10u64..14;
	let amount = prop_oneof![0..GENESIS, 0..3 * GRM, Just(Balance::MAX)];
	prop_oneof![
		(who.clone(), 0u16..2, amount.clone()).prop_map(|(a, b, c)| Act::Provision(a, b, c)),
		(who.clone(), 0u16..2, amount).prop_map(|(a, b, c)| Act::Thaw(a, b, c)),
		(who.clone(), 0u16..2).prop_map(|(a, b)| Act::ThawAll(a, b)),
		(who.clone(), 0u16..2).prop_map(|(a, b)| Act::Withdraw(a, b)),
		(who, 0u16..2, 12u64..20).prop_map(|(a, b, c)| Act::Offend(a, b, c)),
		(0u32..1_000).prop_map(Act::Pass),
		(0u16..2, 0..2 * PER_DEVICE).prop_map(|(a, b)| Act::StakePerDevice(a, b)),
	]
}

fn perform(act: Act) {
	// What is refused changes nothing, which the invariants show.
	match act {
		Act::Provision(owner, network, amount) => drop(provision(owner, network, amount)),
		Act::Thaw(owner, network, amount) => drop(thaw(owner, network, amount)),
		Act::ThawAll(owner, network) => drop(thaw(owner, network, stake_of(owner, network).0)),
		Act::Withdraw(owner, network) => drop(withdraw(owner, network)),
		Act::Offend(owner, network, reporter) => offend(owner, network, reporter),
		Act::Pass(windows) => pass(windows),
		Act::StakePerDevice(network, stake) => {
			alter_network(network, |it| it.terms.stake_per_device = stake);
		}
	}
}

/// An offence takes the stake of one device, or all that there is, whatever thaws.
fn offend(owner: AccountId, network: NetworkId, reporter: AccountId) {
	let stake = stake_per_device(network);
	let (before, slots) = (provision_of(owner, network).on_hold(), covered_slots(owner, network));
	Stake::on_offence(0, network, &owner, &reporter, Offence::DoubleBeacon);
	let after = provision_of(owner, network).on_hold();
	assert_eq!(before - after, stake.min(before));
	let expected = if stake == 0 { slots } else { slots.saturating_sub(1) };
	assert_eq!(covered_slots(owner, network), expected);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn whatever_owners_do_the_books_stay_exact(acts in prop::collection::vec(act(), 1..80)) {
		ExtBuilder::default().build().execute_with(|| {
			for act in acts {
				perform(act);
				check();
			}
		});
	}

	#[test]
	fn nothing_is_released_before_it_has_thawed(
		steps in prop::collection::vec((0u32..400, 1u128..50), 1..30),
	) {
		let whole = 1_000_000;
		let mut provision = crate::Provision { active: whole, ..Default::default() };
		let (mut now, mut released) = (0, 0);
		let mut begun: Vec<(u32, Balance)> = Vec::new();
		for (windows, amount) in steps {
			now += windows;
			provision.thaw(amount, now + 2_016);
			begun.push((now + 2_016, amount));
			released += provision.take_due(now);
			// Entries that joined others are due later than alone, never earlier.
			let thawed: Balance =
				begun.iter().filter(|(due, _)| *due <= now).map(|(_, amount)| amount).sum();
			prop_assert!(released <= thawed, "{released} of {thawed}");
			prop_assert_eq!(provision.on_hold() + released, whole);
			prop_assert!(provision.thawing.len() as u32 <= THAWS_MAX);
		}
		provision.take_due(now + 2_016);
		prop_assert!(provision.thawing.is_empty(), "all has thawed a week after the last");
	}
}
