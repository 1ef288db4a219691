//! Random sequences of minting, moving and spending against every invariant.

use groma_core::{lot::HeldLot, money::Credits};
use groma_traits::CreditAccounts;
use proptest::prelude::*;

use crate::mock::*;

#[derive(Clone, Debug)]
enum Action {
	Mint { account: AccountId, credits: Credits },
	Price { nano_usd: Option<u64> },
	Take { account: AccountId, credits: Credits },
	Return { account: AccountId },
	Spend { credits: Credits },
	Fee { account: AccountId, credits: Credits },
	Operator { payer: AccountId, operator: AccountId },
	NoOperator { payer: AccountId, operator: AccountId },
}

fn action() -> impl Strategy<Value = Action> {
	let account = || 10u64..13;
	let credits = || prop_oneof![1u64..1_000, 10_000u64..50_000_000];
	let nano_usd =
		prop_oneof![Just(1_000u64), Just(1_000_000_000_000_000), 1_000u64..10_000_000_000];
	prop_oneof![
		4 => (account(), credits()).prop_map(|(account, credits)| Action::Mint { account, credits }),
		2 => proptest::option::of(nano_usd).prop_map(|nano_usd| Action::Price { nano_usd }),
		4 => (account(), credits()).prop_map(|(account, credits)| Action::Take { account, credits }),
		1 => account().prop_map(|account| Action::Return { account }),
		3 => credits().prop_map(|credits| Action::Spend { credits }),
		2 => (account(), credits()).prop_map(|(account, credits)| Action::Fee { account, credits }),
		1 => (account(), 20u64..23)
			.prop_map(|(payer, operator)| Action::Operator { payer, operator }),
		1 => (account(), 20u64..23)
			.prop_map(|(payer, operator)| Action::NoOperator { payer, operator }),
	]
}

/// What a holder does with lots: it takes them from accounts, returns and spends them. Most actions
/// fail in most states, which is the point: the invariants hold all the same.
fn perform(action: Action, holder: &mut HeldLot) {
	let signed = RuntimeOrigin::signed;
	match action {
		Action::Mint { account, credits } => drop(mint(account, credits)),
		Action::Price { nano_usd } => {
			MintPrice::set(&nano_usd.unwrap_or_default());
			nano_usd.iter().for_each(LastGood::set);
		}
		Action::Take { account, credits } => {
			if let Ok(lot) = DataCredits::take(&account, credits) {
				holder.put(lot).expect("there is room");
			}
		}
		Action::Return { account } => {
			DataCredits::put(&account, holder.take_all()).expect("there is room");
		}
		Action::Spend { credits } => {
			if let Some(lot) = holder.take(credits) {
				DataCredits::burn(lot);
			}
		}
		Action::Fee { account, credits } => drop(DataCredits::charge_fee(&account, credits)),
		Action::Operator { payer, operator } => {
			let _ = DataCredits::set_operator(signed(payer), operator, 1_000);
		}
		Action::NoOperator { payer, operator } => {
			let _ = DataCredits::remove_operator(signed(payer), operator);
		}
	}
	Elsewhere::set(&(u128::from(holder.credits()), holder.basis()));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(192))]

	#[test]
	fn nothing_is_lost_or_gained(actions in proptest::collection::vec(action(), 1..120)) {
		ExtBuilder.build().execute_with(|| {
			let mut holder = HeldLot::default();
			for action in actions {
				perform(action, &mut holder);
				check();
			}
		});
	}
}
