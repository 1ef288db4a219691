//! Tests by behaviour.

mod authorized;
mod bundlers;
mod credits;
mod density;
mod eligibility;
mod evidence;
mod evidence_calls;
mod places;
mod pruning;
mod random;
mod reasons;
mod regions;
mod rewards;
mod statements;
mod unreadable;

use frame_support::{
	BoundedVec,
	dispatch::{DispatchResultWithPostInfo, Pays},
};
use groma_core::{
	DeviceId, WindowIndex,
	protocol::REVEAL_DELAY,
	statement::{Reveal, SignedObservation, Statement, StatementGroup},
	words::Signature,
};
use groma_traits::Windows;

use crate::{mock::*, types::*};

/// Submits groups as the usual collector.
fn submit(groups: Vec<StatementGroup>) -> DispatchResultWithPostInfo {
	submit_as(collector(), groups)
}

fn submit_as(
	collector: sp_runtime::AccountId32,
	groups: Vec<StatementGroup>,
) -> DispatchResultWithPostInfo {
	Coverage::submit_statements(RuntimeOrigin::signed(collector), BoundedVec::truncate_from(groups))
}

/// Reveals as the usual collector.
fn submit_reveals(reveals: Vec<Reveal>) -> DispatchResultWithPostInfo {
	Coverage::submit_reveals(RuntimeOrigin::signed(collector()), BoundedVec::truncate_from(reveals))
}

/// The tally of the last event.
fn last_tally() -> Tally {
	let event = System::events().pop().expect("there is an event").event;
	match event {
		RuntimeEvent::Coverage(
			crate::Event::StatementsSubmitted { tally, .. }
			| crate::Event::RevealsSubmitted { tally, .. },
		) => tally,
		other => panic!("not a bundle: {other:?}"),
	}
}

fn tally(new: u32, refused: u32, bad: u32) -> Tally {
	Tally { new, refused, bad }
}

fn fee(result: DispatchResultWithPostInfo) -> Pays {
	result.expect("the call succeeds").pays_fee
}

/// Lets witnesses state a beacon of the present window, and settles it.
fn settle(beaconer: DeviceId, witnesses: impl IntoIterator<Item = DeviceId>) -> WindowIndex {
	settle_after(beaconer, witnesses, || ())
}

/// The same with a change of the world in between.
fn settle_after(
	beaconer: DeviceId,
	witnesses: impl IntoIterator<Item = DeviceId>,
	change: impl FnOnce(),
) -> WindowIndex {
	let window = Fakes::current();
	let group = group(window, beaconer, witnesses);
	let statements = group.statements.len() as u32;
	submit(vec![group]).expect("the bundle is taken");
	assert_eq!(last_tally(), tally(statements, 0, 0));
	change();
	go_to(window + REVEAL_DELAY);
	submit_reveals(vec![reveal(window, beaconer)]).expect("the reveal is taken");
	window
}
