//! Random sequences of reports, epochs and claims against every invariant.

use groma_traits::Collectors as _;
use proptest::prelude::*;

use crate::mock::*;

#[derive(Clone, Debug)]
enum Action {
	Note { collector: u8, reports: u32 },
	NextEpoch,
	CloseEpochs,
	SetPool(u128),
	Claim { collector: u8 },
}

fn action() -> impl Strategy<Value = Action> {
	prop_oneof![
		4 => (0u8..4, 0u32..1_000)
			.prop_map(|(collector, reports)| Action::Note { collector, reports }),
		2 => Just(Action::NextEpoch),
		2 => Just(Action::CloseEpochs),
		1 => (0u128..200_000).prop_map(Action::SetPool),
		3 => (0u8..4).prop_map(|collector| Action::Claim { collector }),
	]
}

fn perform(action: Action) {
	match action {
		Action::Note { collector, reports } => Collector::note(&account(collector), reports),
		Action::NextEpoch => {
			// An epoch is closed before another one ends.
			close_epochs();
			next_epoch();
		}
		Action::CloseEpochs => close_epochs(),
		Action::SetPool(pool) => Pool::set(&pool),
		Action::Claim { collector } => {
			let owed = Collector::owed_to(&account(collector));
			let before = balance(account(collector));
			let origin = RuntimeOrigin::signed(account(1));
			let result = Collector::claim_collected(origin, account(collector));
			let paid = balance(account(collector)) - before;
			assert_eq!(paid, if result.is_ok() { owed } else { 0 });
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(128))]

	#[test]
	fn nothing_is_lost_or_gained(actions in proptest::collection::vec(action(), 1..120)) {
		new_chain().execute_with(|| {
			for action in actions {
				perform(action);
				check();
			}
		});
	}
}
