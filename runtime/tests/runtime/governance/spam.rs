//! Spam: agendas and blocks full of what means nothing. An approved call is enacted, or an event
//! says why not, and evidence has its place all the while.

use frame_support::{
	assert_ok,
	dispatch::DispatchClass,
	traits::{Get, schedule::DispatchTime},
};
use groma_core::money::GRM;
use groma_runtime::{
	Balance, BlockNumber, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, Scheduler, System,
	constants::BLOCK_COMPUTE,
	governance::origins::{Origin, pallet::Event::NotScheduled},
};
use pallet_referenda::ReferendumCount;
use pallet_scheduler::Agenda;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie};
use sp_runtime::{Perbill, traits::Hash};

use super::{
	PROPOSER, has_passed, include_all, proposal, remark, set_window, submission, support,
	window_blocks,
};
use crate::{
	chain::{Chain, signed},
	field::{four_devices, next_heard, statement_bundle},
	money::fee_of,
};

/// Tasks that an agenda takes.
const AGENDA: usize = 512;
/// Blocks of production in an hour.
const HOUR_BLOCKS: Balance = 600;

fn number(chain: &mut Chain) -> BlockNumber {
	chain.with(System::block_number)
}

fn agenda(when: BlockNumber) -> usize {
	Agenda::<Runtime>::get(when).len()
}

/// Fills the agenda of a block with a call of Root.
fn fill(when: BlockNumber, call: RuntimeCall) {
	let call = Box::new(call);
	assert_ok!(Scheduler::schedule(RuntimeOrigin::root(), when, None, 128, call));
	Agenda::<Runtime>::mutate(when, |agenda| {
		let task = agenda.last().cloned().expect("one was scheduled");
		while agenda.try_push(task.clone()).is_ok() {}
	});
	assert_eq!(agenda(when), AGENDA);
}

/// Submits the call that sets a window of 20 blocks, to be enacted in a block, and supports it.
fn propose_for(chain: &mut Chain, due: BlockNumber) -> u32 {
	let index = chain.with(ReferendumCount::<Runtime>::get);
	let proposal = proposal(chain, set_window(Some(20)));
	let submission = submission(Origin::Parameters, proposal, DispatchTime::At(due));
	assert_ok!(chain.submit(PROPOSER, submission));
	support(chain, index);
	index
}

/// Makes blocks up to this one.
fn to_block(chain: &mut Chain, end: BlockNumber) {
	while number(chain) < end {
		chain.block(vec![]);
	}
}

#[test]
fn approved_call_is_enacted_when_submissions_fill_the_agenda_of_its_block() {
	let mut chain = Chain::development();
	chain.blocks(2);
	let spam = proposal(&mut chain, remark(b"spam"));
	let spam = submission(Origin::Signal, spam, DispatchTime::After(0));
	let transactions = chain
		.with(|| (0..AGENDA as u32).map(|ahead| signed(Bob, spam.clone(), ahead, 0)).collect());
	for outcome in include_all(&mut chain, transactions) {
		assert_ok!(outcome);
	}
	let timeout = chain.with(<Runtime as pallet_referenda::Config>::UndecidingTimeout::get);
	let due = number(&mut chain) + timeout;
	assert_eq!(chain.with(|| agenda(due)), AGENDA);
	let index = propose_for(&mut chain, due);
	to_block(&mut chain, due - 1);
	assert!(has_passed(&mut chain, index));
	assert_eq!(chain.with(window_blocks), 12);
	to_block(&mut chain, due + 8);
	assert_eq!(chain.with(window_blocks), 20);
	let deposit: Balance = <Runtime as pallet_referenda::Config>::SubmissionDeposit::get();
	println!("to fill the agenda of a block costs {} GRM", AGENDA as Balance * deposit / GRM);
	chain.check();
}

#[test]
fn event_says_that_an_approved_call_has_no_place_when_all_agendas_are_full() {
	let mut chain = Chain::development();
	chain.blocks(2);
	let due = number(&mut chain) + 40;
	chain.with(|| (due..due + 64).for_each(|when| fill(when, remark(b"spam"))));
	let index = propose_for(&mut chain, due);
	while !has_passed(&mut chain, index) {
		assert!(number(&mut chain) < due, "it did not pass");
		chain.block(vec![]);
	}
	let says_so = |event: &RuntimeEvent| matches!(event, RuntimeEvent::Origins(NotScheduled { due: when, .. }) if *when == due);
	assert!(chain.events().iter().any(says_so), "the call was dropped without a word");
	to_block(&mut chain, due + 70);
	assert_eq!(chain.with(window_blocks), 12);
}

/// What hooks and inherents took of the latest block.
fn mandatory(chain: &mut Chain) -> u64 {
	chain.with(|| System::block_weight().get(DispatchClass::Mandatory).ref_time())
}

#[test]
fn evidence_has_its_place_when_the_agenda_is_full_of_heavy_calls() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let mut usual = 0;
	// A session, and an epoch of rewards.
	for _ in 0..130 {
		chain.block(vec![]);
		usual = usual.max(mandatory(&mut chain));
	}
	let (_, groups) = next_heard(&mut chain, &devices);
	let when = number(&mut chain) + 1;
	let weight = Perbill::from_percent(2) * BLOCK_COMPUTE;
	let heavy = pallet_utility::Call::with_weight { call: Box::new(remark(b"spam")), weight };
	chain.with(|| fill(when, heavy.into()));
	let bundle = chain.with(|| signed(Alice, statement_bundle(groups), 0, 0));
	let transfer = pallet_balances::Call::transfer_keep_alive {
		dest: crate::chain::account(Bob).into(),
		value: GRM,
	};
	let transfer = chain.with(|| signed(Charlie, transfer, 0, GRM));
	for outcome in include_all(&mut chain, vec![transfer, bundle]) {
		assert_ok!(outcome);
	}
	let share = |percent| (Perbill::from_percent(percent) * BLOCK_COMPUTE).ref_time();
	// What windows ask of hooks varies.
	let (quarter, usual) = (share(25), usual + share(1));
	for _ in 0..40 {
		let taken = mandatory(&mut chain);
		assert!(taken <= usual + quarter, "{taken} of {usual} and {quarter}");
		assert!(taken > quarter / 2, "the agenda is not at work");
		chain.block(vec![]);
	}
	to_block(&mut chain, when + 60);
	assert!(mandatory(&mut chain) <= usual, "the agenda is done");
	chain.check();
}

/// A preimage of this length in bytes.
fn note(size: usize) -> RuntimeCall {
	pallet_preimage::Call::note_preimage { bytes: vec![7; size] }.into()
}

fn withdraw(size: usize) -> RuntimeCall {
	let hash = <Runtime as frame_system::Config>::Hashing::hash(&vec![7; size]);
	pallet_preimage::Call::unnote_preimage { hash }.into()
}

/// The largest preimage that a block takes, in steps of 32 KiB, which is withdrawn again.
fn largest(chain: &mut Chain) -> usize {
	const STEP: usize = 32 * 1024;
	let most = pallet_preimage::MAX_SIZE as usize;
	let taken = (1..=most / STEP).rev().map(|steps| steps * STEP).find(|size| {
		let transaction = chain.with(|| signed(Bob, note(*size), 0, 0));
		matches!(chain.block(vec![transaction])[..], [Ok(Ok(()))])
	});
	let taken = taken.expect("a block takes something");
	assert_ok!(chain.submit(Bob, withdraw(taken)));
	taken
}

#[test]
fn evidence_has_its_place_when_the_largest_preimages_are_withdrawn_and_noted_again() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let size = largest(&mut chain);
	assert!(size >= 3 * 1024 * 1024, "an upgrade has to fit a block: {size} bytes do");
	for _ in 0..3 {
		let (_, groups) = next_heard(&mut chain, &devices);
		let large = chain.with(|| signed(Bob, note(size), 0, GRM));
		let bundle = chain.with(|| signed(Alice, statement_bundle(groups), 0, 0));
		for outcome in include_all(&mut chain, vec![large, bundle]) {
			assert_ok!(outcome);
		}
		assert_ok!(chain.submit(Bob, withdraw(size)));
	}
	let fees = chain.with(|| fee_of(Bob, note(size)) + fee_of(Bob, withdraw(size)));
	let hour = fees * (HOUR_BLOCKS / 2);
	println!(
		"preimages of {size} bytes, noted in one block and withdrawn in the next, cost {} GRM an \
		 hour in fees",
		hour / GRM
	);
	assert!(hour > 100 * GRM, "{hour} plancks an hour stop no one");
	chain.check();
}
