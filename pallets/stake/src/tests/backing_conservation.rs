//! Random calls, rewards and slashes of operators: nothing is lost, and no one escapes.

use groma_core::{
	EraIndex,
	money::{Balance, GRM},
	protocol::{DEFER_ERAS, EVIDENCE_ERAS, THAW_ERAS},
};
use proptest::prelude::*;

use crate::mock::*;

#[derive(Clone, Debug)]
enum Act {
	Back(AccountId, Balance),
	ThawOwn(AccountId, Balance),
	WithdrawOwn(AccountId),
	Delegate(AccountId, AccountId, Balance),
	Undelegate(AccountId, AccountId, Option<Balance>),
	WithdrawDelegated(AccountId, AccountId),
	Claim(AccountId, AccountId),
	Settle(AccountId),
	Reward(AccountId, Balance),
	/// Of an era so many before the present one.
	Slash(AccountId, EraIndex, Balance),
	Pend(AccountId, EraIndex),
	Release(AccountId, EraIndex),
	Elect,
	PassEras(EraIndex),
}

fn act() -> impl Strategy<Value = Act> {
	let operator = 10u64..12;
	let who = 10u64..16;
	let amount = prop_oneof![0..400 * GRM, 0..3 * GRM, Just(Balance::MAX)];
	let slashed = prop_oneof![0..900 * GRM, 0..3 * GRM, 0..10u128, Just(Balance::MAX)];
	let some = prop_oneof![Just(None), amount.clone().prop_map(Some)];
	let pair = (who.clone(), operator.clone());
	let era = 0..EVIDENCE_ERAS + DEFER_ERAS;
	prop_oneof![
		2 => (operator.clone(), amount.clone()).prop_map(|(a, b)| Act::Back(a, b)),
		1 => (operator.clone(), amount.clone()).prop_map(|(a, b)| Act::ThawOwn(a, b)),
		1 => operator.clone().prop_map(Act::WithdrawOwn),
		6 => (pair.clone(), amount).prop_map(|((a, b), c)| Act::Delegate(a, b, c)),
		4 => (pair.clone(), some).prop_map(|((a, b), c)| Act::Undelegate(a, b, c)),
		3 => pair.clone().prop_map(|(a, b)| Act::WithdrawDelegated(a, b)),
		2 => pair.prop_map(|(a, b)| Act::Claim(a, b)),
		1 => operator.clone().prop_map(Act::Settle),
		2 => (operator.clone(), 0..100 * GRM).prop_map(|(a, b)| Act::Reward(a, b)),
		2 => (operator.clone(), era.clone(), slashed).prop_map(|(a, b, c)| Act::Slash(a, b, c)),
		1 => (operator.clone(), era.clone()).prop_map(|(a, b)| Act::Pend(a, b)),
		1 => (operator, era).prop_map(|(a, b)| Act::Release(a, b)),
		1 => Just(Act::Elect),
		2 => (1u32..12).prop_map(Act::PassEras),
	]
}

fn perform(act: Act) {
	let now = ActiveEra::get();
	// What is refused changes nothing, which the invariants show.
	match act {
		Act::Back(operator, amount) => drop(back(operator, amount)),
		Act::ThawOwn(operator, amount) => drop(thaw_own(operator, amount)),
		Act::WithdrawOwn(operator) => drop(withdraw_own(operator)),
		Act::Delegate(who, operator, amount) => {
			let _ = Stake::set_open(RuntimeOrigin::signed(operator), true);
			let _ = delegate(who, operator, amount);
		}
		Act::Undelegate(who, operator, amount) => drop(undelegate(who, operator, amount)),
		Act::WithdrawDelegated(who, operator) => drop(withdraw_delegated(who, operator)),
		Act::Claim(who, operator) => drop(claim(operator, who)),
		Act::Settle(operator) => settle(operator, &[10, 11, 12, 13, 14, 15]),
		Act::Reward(operator, amount) => {
			reward(operator, amount);
		}
		Act::Slash(operator, before, amount) => slash_all(operator, now - before, amount),
		Act::Pend(operator, before) => pend(operator, now - before),
		Act::Release(operator, before) => release(operator, now - before),
		Act::Elect => CountedEra::set(&(now + 1)),
		Act::PassEras(eras) => pass_eras(eras),
	}
}

/// A slash takes what was asked for, or all that backed the era; no other stake.
fn slash_all(operator: AccountId, era: EraIndex, amount: Balance) {
	let (own, delegated, shares) = concerned(operator, era);
	let taken = slash(operator, era, amount);
	let of_delegated = amount.saturating_sub(own).min(delegated);
	assert_eq!(taken.0, amount.min(own));
	// More than asked for only if less than a millionth of a planck per share is left.
	let (_, left, _) = concerned(operator, era);
	assert!(taken.1 >= of_delegated && left == delegated - taken.1);
	assert!(taken.1 - of_delegated <= shares / 1_000_000, "{taken:?} of {delegated}");
}

/// Own stake that pays for an offence of an era, delegated stake that does, and its shares.
fn concerned(operator: AccountId, era: EraIndex) -> (Balance, Balance, u128) {
	let record = operator_of(operator);
	let own = record.own.thawing.iter().filter(|entry| entry.due >= era + THAW_ERAS);
	let own = own.map(|entry| entry.amount).sum::<Balance>() + record.own.active;
	let (mut tokens, mut shares) = (record.pool.stake.tokens, record.pool.stake.shares);
	for era in era..=CountedEra::get() {
		let stake = Stake::tranche(&operator, era).expect("it decodes").stake;
		tokens += stake.tokens;
		shares += stake.shares;
	}
	(own, tokens, shares)
}

/// Lets go all that stands behind an operator. No slash waits any more.
fn leave(operator: AccountId) {
	for (era, count) in operator_of(operator).pending {
		(0..count).for_each(|_| release(operator, era));
	}
	let _ = thaw_own(operator, operator_of(operator).own.active);
	for who in 10..16 {
		let _ = undelegate(who, operator, None);
	}
}

/// Withdraws all that stood behind an operator: nothing is left.
fn withdraw_all(operator: AccountId) {
	let _ = withdraw_own(operator);
	settle(operator, &[10, 11, 12, 13, 14, 15]);
	for who in 10..16 {
		let _ = withdraw_delegated(who, operator);
		assert_eq!(delegated(who, operator), (0, 0));
	}
	assert_eq!(operator_of(operator).own.on_hold(), 0);
	assert_eq!(operator_of(operator).pool.stake.tokens, 0);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn whatever_happens_to_operators_the_books_stay_exact(
		acts in prop::collection::vec(act(), 1..120),
	) {
		ExtBuilder::default().build().execute_with(|| {
			for act in acts {
				perform(act);
				check();
			}
			// Everyone can leave, whatever happened.
			[10, 11].into_iter().for_each(leave);
			pass_eras(40);
			[10, 11].into_iter().for_each(withdraw_all);
			check();
			assert_eq!(Stake::unsettled(), Some(0));
		});
	}
}
