use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	pallet_prelude::{
		InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
	},
	traits::Authorize,
};
use groma_core::{CoverageReason, api::Refusal, protocol::OWN_STATEMENTS_MAX, selection::draw};
use sp_runtime::DispatchError;

use super::*;
use crate::{Call, Error, OwnStatements, own_statements};

fn own_statement(window: WindowIndex, beaconer: DeviceId, witness: DeviceId) -> RuntimeCall {
	Call::submit_own_statement { statement: statement(window, beaconer, witness) }.into()
}

fn own_reveal(window: WindowIndex, beaconer: DeviceId) -> RuntimeCall {
	Call::submit_own_reveal { reveal: reveal(window, beaconer) }.into()
}

fn authorize(call: &RuntimeCall) -> Result<ValidTransaction, TransactionValidityError> {
	let result = call.authorize(TransactionSource::External).expect("the call authorizes itself");
	result.map(|(validity, _)| validity)
}

fn dispatch(call: RuntimeCall) -> DispatchResultWithPostInfo {
	use sp_runtime::traits::Dispatchable;
	call.dispatch(frame_system::RawOrigin::Authorized.into())
}

fn invalid(reason: InvalidTransaction) -> Result<ValidTransaction, TransactionValidityError> {
	Err(reason.into())
}

#[test]
fn own_statement_and_reveal_work_without_an_account() {
	ExtBuilder::default().build_and_execute(|| {
		let call = own_statement(START, 0, 1);
		assert_ok!(authorize(&call));
		assert_ok!(dispatch(call.clone()));
		assert_eq!(Coverage::witnesses(START, 0), vec![1]);
		assert_eq!(authorize(&call), invalid(InvalidTransaction::Stale));
		let call = own_reveal(START, 0);
		assert_eq!(authorize(&call), invalid(InvalidTransaction::Future));
		go_to(START + 2);
		assert_ok!(authorize(&call));
		assert_ok!(dispatch(call.clone()));
		assert_eq!(activity(0).last_heard, Some(START));
		assert_eq!(Collected::get(), [(NAMED, 5)].into());
		assert_eq!(authorize(&call), invalid(InvalidTransaction::Stale));
		assert_noop!(
			dispatch(call).map_err(|error| error.error),
			DispatchError::from(Error::<Test>::NotTaken)
		);
	});
}

#[test]
fn own_statement_is_unique_per_witness_and_window() {
	ExtBuilder::default().build_and_execute(|| {
		let tags = |beaconer, witness| {
			authorize(&own_statement(START, beaconer, witness)).expect("valid").provides
		};
		assert_eq!(tags(0, 1), tags(2, 1));
		assert_ne!(tags(0, 1), tags(0, 2));
		assert_eq!(tags(0, 1), vec![("groma/own-statement", (1u32, START)).encode()]);
	});
}

#[test]
fn own_statement_lives_until_its_windows_end() {
	ExtBuilder::default().build_and_execute(|| {
		let call = own_statement(START, 0, 1);
		assert_eq!(authorize(&call).expect("valid").longevity, 20);
		next_block();
		assert_eq!(authorize(&call).expect("valid").longevity, 19);
		go_to(START + 1);
		assert_eq!(authorize(&call).expect("valid").longevity, 10);
		go_to(START + 2);
		assert_eq!(authorize(&call), invalid(InvalidTransaction::Stale));
	});
}

#[test]
fn own_statement_is_refused_by_the_reason() {
	ExtBuilder::default().build_and_execute(|| {
		let refused = |refusal: Refusal| invalid(InvalidTransaction::Custom(refusal.number()));
		let forged = Call::submit_own_statement {
			statement: Statement { beaconer: 0, ..statement(START, 2, 1) },
		};
		assert_eq!(authorize(&forged.into()), invalid(InvalidTransaction::BadProof));
		assert_eq!(authorize(&own_statement(START, 0, 0)), refused(Refusal::OwnBeacon));
		assert_eq!(authorize(&own_statement(START, 0, 77)), refused(Refusal::UnknownDevice));
		Uncovered::set([owner_of(1)].into());
		assert_eq!(
			authorize(&own_statement(START, 0, 1)),
			refused(Refusal::NotEligible(CoverageReason::WitnessNotCovered))
		);
	});
}

#[test]
fn own_calls_need_the_authorization() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Coverage::submit_own_statement(
				RuntimeOrigin::signed(account(1)),
				statement(START, 0, 1)
			),
			DispatchError::BadOrigin
		);
		assert!(Coverage::submit_own_reveal(RuntimeOrigin::none(), reveal(START, 0)).is_err());
		assert!(Coverage::submit_statements(RuntimeOrigin::root(), Default::default()).is_err());
	});
}

#[test]
fn own_statements_of_a_window_have_a_budget() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 1..OWN_STATEMENTS_MAX {
			own_statements::spend::<Test>(START, 1);
		}
		assert_ok!(dispatch(own_statement(START, 0, 1)));
		let next = own_statement(START, 2, 1);
		let spent = InvalidTransaction::Custom(Refusal::BudgetSpent.number());
		assert_eq!(authorize(&next), invalid(spent));
		assert_noop!(
			dispatch(next).map_err(|error| error.error),
			DispatchError::from(Error::<Test>::NotTaken)
		);
		// A collector may bring it, another device has its own budget, and so has the next window.
		assert!(Coverage::check_statement(&statement(START, 2, 1)).is_ok());
		assert_ok!(dispatch(own_statement(START, 2, 3)));
		go_to(START + 1);
		assert_ok!(dispatch(own_statement(START + 1, 2, 1)));
		assert_ok!(submit(vec![group(START, 2, [1])]));
		assert_eq!(last_tally(), tally(1, 0, 0));
	});
}

#[test]
fn counts_of_own_statements_are_written_by_own_calls_alone_and_pruned_with_their_window() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, [1])]));
		assert_eq!(OwnStatements::<Test>::iter().count(), 0);
		assert_ok!(dispatch(own_statement(START, 0, 2)));
		assert_ok!(dispatch(own_statement(START, 0, 3)));
		assert_eq!(OwnStatements::<Test>::iter().count(), 1, "they share a page");
		go_to(START + 2);
		next_block();
		assert_eq!(OwnStatements::<Test>::iter().count(), 1);
		go_to(START + 3);
		next_block();
		assert_eq!(OwnStatements::<Test>::iter().count(), 0);
	});
}

#[test]
fn own_calls_rank_as_the_chain_would_rank_them_and_below_bundles() {
	ExtBuilder::default().devices(6).build_and_execute(|| {
		make_heard(4);
		let priority = |call| authorize(&call).expect("valid").priority;
		let mut unheard = [1, 2, 3, 5];
		unheard.sort_unstable_by_key(|witness| draw(&seed_of(START), 0, *witness));
		let ranked = [4].into_iter().chain(unheard);
		let priorities: Vec<_> =
			ranked.map(|witness| priority(own_statement(START, 0, witness))).collect();
		assert!(priorities.is_sorted_by(|a, b| a > b), "{priorities:?}");
		assert_ok!(submit(vec![group(START, 0, [1])]));
		go_to(START + 2);
		let reveal = priority(own_reveal(START, 0));
		assert!(priorities.iter().all(|statement| *statement < reveal));
		assert!(reveal < 1 << 63, "half of the range is that of bundles");
	});
}

/// The last block that may include a call which the pool validates after the present block: on its
/// state, with the number of the next, which is where the longevity begins.
fn valid_until(call: &RuntimeCall) -> Result<u64, TransactionValidityError> {
	let last = System::block_number();
	System::set_block_number(last + 1);
	let validity = authorize(call);
	System::set_block_number(last);
	validity.map(|validity| last + validity.longevity)
}

#[test]
fn own_statement_waits_in_the_pool_to_the_last_block_of_its_time() {
	ExtBuilder::default().build_and_execute(|| {
		let call = own_statement(START, 0, 1);
		let first = System::block_number();
		// The last of ten blocks of the window and ten of the next.
		let last = first + 19;
		for _ in first..last {
			assert_eq!(valid_until(&call), Ok(last), "after block {}", System::block_number());
			next_block();
		}
		assert_eq!(System::block_number(), last);
		assert!(valid_until(&call).is_err());
		assert_ok!(authorize(&call));
	});
}

#[test]
fn own_reveal_waits_in_the_pool_from_the_block_before_its_window_to_the_last_in_it() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, [1])]));
		let call = own_reveal(START, 0);
		let first = System::block_number() + 20;
		while System::block_number() + 1 < first {
			assert_eq!(valid_until(&call), Err(InvalidTransaction::Future.into()));
			next_block();
		}
		let last = first + 9;
		for _ in first - 1..last {
			assert_eq!(valid_until(&call), Ok(last), "after block {}", System::block_number());
			next_block();
		}
		assert!(valid_until(&call).is_err());
		assert!(authorize(&call).expect("valid").propagate);
	});
}

#[test]
fn own_call_is_refused_when_the_call_filter_refuses_it() {
	ExtBuilder::default().build_and_execute(|| {
		let statement = own_statement(START, 0, 1);
		assert_ok!(dispatch(statement));
		go_to(START + 2);
		for call in [own_statement(START + 2, 0, 1), own_reveal(START, 0)] {
			assert_ok!(authorize(&call));
			StandsStill::set(&true);
			assert_eq!(authorize(&call), invalid(InvalidTransaction::Call));
			StandsStill::set(&false);
		}
	});
}
