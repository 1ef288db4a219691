//! Random sequences of registrations, credits, epochs and claims against every invariant.

use groma_core::CollectorIndex;
use groma_traits::{Collectors as _, OnEpochClosed as _};
use proptest::prelude::*;

use crate::{OpenFifths, mock::*};

#[derive(Clone, Debug)]
enum Action {
	Register { collector: u8 },
	Deregister { collector: u8 },
	Credit { index: CollectorIndex, fifths: u32 },
	NextEpoch,
	CloseEpochs,
	SetPool(u128),
	Claim { collector: u8 },
}

fn action() -> impl Strategy<Value = Action> {
	prop_oneof![
		2 => (0u8..4).prop_map(|collector| Action::Register { collector }),
		1 => (0u8..4).prop_map(|collector| Action::Deregister { collector }),
		6 => (0u32..12, 0u32..5_000)
			.prop_map(|(index, fifths)| Action::Credit { index, fifths }),
		2 => Just(Action::NextEpoch),
		2 => Just(Action::CloseEpochs),
		1 => (0u128..200_000).prop_map(Action::SetPool),
		3 => (0u8..4).prop_map(|collector| Action::Claim { collector }),
	]
}

/// Everything that the collectors have together, the deposits included.
fn held_by_collectors() -> u128 {
	(0..4).map(account).map(|account| balance(account.clone()) + on_hold(&account)).sum()
}

fn perform(action: Action) {
	match action {
		Action::Register { collector } => {
			let is_registered = Collector::index_of(&account(collector)) > 0;
			let origin = RuntimeOrigin::signed(account(collector));
			assert_ne!(Collector::register_collector(origin).is_ok(), is_registered);
		}
		Action::Deregister { collector } => {
			let is_registered = Collector::index_of(&account(collector)) > 0;
			let origin = RuntimeOrigin::signed(account(collector));
			assert_eq!(Collector::deregister_collector(origin).is_ok(), is_registered);
		}
		Action::Credit { index, fifths } => {
			let is_held = (0..4).any(|n| index > 0 && Collector::index_of(&account(n)) == index);
			let before = OpenFifths::<Test>::get(groma_fakes::Epoch::get()).unwrap_or(0);
			Collector::credit(index, fifths);
			let added = OpenFifths::<Test>::get(groma_fakes::Epoch::get()).unwrap_or(0) - before;
			assert_eq!(added, if is_held { fifths } else { 0 });
		}
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
			for collector in 0..4 {
				fund(collector);
			}
			let minted_for_no_one = || Balances::total_issuance() - held_by_collectors();
			let before = minted_for_no_one();
			for action in actions {
				perform(action);
				check();
				// What collectors got left the pot, and nothing else did.
				prop_assert_eq!(minted_for_no_one(), before + Collector::owed());
			}
			Ok(())
		})?;
	}
}
