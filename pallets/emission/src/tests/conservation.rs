//! Random sequences of work, halts and payments against every invariant.

use groma_core::{
	emission,
	money::{Balance, GRM, MILLI_GRM},
	units::Scale,
};
use proptest::prelude::*;

use crate::{Clock, EmissionClock, mock::*};

#[derive(Clone, Debug)]
enum Action {
	/// From now on the fakes take these percentages of their pools.
	Work {
		supply: u32,
		collectors: u32,
		validators: u32,
	},
	Block,
	Hours(u64),
	Halt(u64),
	Pay {
		to: AccountId,
		percent: u32,
	},
	Forgo {
		percent: u32,
	},
	/// A customer burns an amount, and a claim asks for a part of it, and leaves another.
	Claim {
		milli_grm: u64,
		percent: u32,
		left: u32,
	},
}

fn action() -> impl Strategy<Value = Action> {
	prop_oneof![
		2 => (0u32..=100, 0u32..=100, 0u32..=100).prop_map(|(supply, collectors, validators)| {
			Action::Work { supply, collectors, validators }
		}),
		3 => Just(Action::Block),
		4 => (1u64..30).prop_map(Action::Hours),
		1 => (30u64..20_000).prop_map(Action::Halt),
		2 => (prop_oneof![1u64..2, 700u64..704], 0u32..=100)
			.prop_map(|(to, percent)| Action::Pay { to, percent }),
		1 => (0u32..=100).prop_map(|percent| Action::Forgo { percent }),
		2 => (1u64..10_000, 0u32..=110, 0u32..=10)
			.prop_map(|(milli_grm, percent, left)| Action::Claim { milli_grm, percent, left }),
	]
}

fn perform(action: Action) {
	let now_ms = pallet_timestamp::Now::<Test>::get();
	let part_owed = |percent| Scale::from_percent(percent).of(OwedToSupply::get());
	match action {
		Action::Work { supply, collectors, validators } => {
			SupplyPart::set(&Scale::from_percent(supply));
			CollectorsPart::set(&Scale::from_percent(collectors));
			ValidatorsPart::set(&Scale::from_percent(validators));
		}
		Action::Block => drop(block_at(now_ms + 6_000)),
		Action::Hours(hours) | Action::Halt(hours) => {
			block_at(now_ms + hours * HOUR_MS);
		}
		// It may fail, which is the point: the invariants hold all the same.
		Action::Pay { to, percent } => {
			pay_supply(to, part_owed(percent));
		}
		Action::Forgo { percent } => forgo_supply(part_owed(percent)),
		Action::Claim { milli_grm, percent, left } => {
			let burned = Balance::from(milli_grm) * MILLI_GRM;
			let part = |percent| burned * Balance::from(percent) / 100;
			if balance(1) > burned + GRM {
				burn(burned);
				remint_and_keep(part(percent), part(left), burned);
			}
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(192))]

	#[test]
	fn nothing_is_lost_or_gained(actions in proptest::collection::vec(action(), 1..120)) {
		ExtBuilder.build().execute_with(|| {
			block_at(START_MS);
			for action in actions {
				perform(action);
				check();
			}
			let clock = Clock::<Test>::get();
			let scheduled =
				clock.map_or(0, |clock| emission::cumulative(clock.elapsed_ms_before(clock.open)));
			assert_eq!(books().minted + books().unminted, scheduled);
			let came = GENESIS + books().minted + Emission::reminted().minted;
			assert_eq!(Balances::total_issuance() + Emission::burned(), came);
		});
	}

	#[test]
	fn schedule_sums_whatever_the_epochs(
		start in 1u64..2_000_000_000_000,
		length in 1_000u64..100 * DAY_MS,
		epochs in 1u32..50,
		gap in 0u32..5_000,
	) {
		let clock = EmissionClock::start(start, length);
		let first = clock.first();
		let one_by_one: Balance =
			(first..first + epochs).map(|epoch| clock.emission(epoch, epoch + 1)).sum();
		let silence = clock.emission(first + epochs, first + epochs + gap);
		let end = first + epochs + gap;
		prop_assert_eq!(one_by_one + silence, emission::cumulative(clock.elapsed_ms_before(end)));
	}
}
