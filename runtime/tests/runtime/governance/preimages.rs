//! Proposals whose calls are noted as preimages: missing ones, withdrawn ones, and wrong lengths.

use codec::Encode;
use frame_support::{
	assert_ok,
	traits::{Bounded, QueryPreimage},
};
use groma_runtime::{Preimage, Runtime, RuntimeCall, RuntimeEvent, governance::origins::Origin};
use pallet_referenda::Error;
use sp_keyring::Sr25519Keyring::Bob;
use sp_runtime::traits::Hash;

use super::{
	PROPOSER, Proposal, await_enactment, await_event, has_passed, reserved, set_window, submission,
	submit, support, window_blocks,
};
use crate::chain::{Chain, account};

type Hashing = <Runtime as frame_system::Config>::Hashing;

/// The bytes of a call, and the proposal that names them.
fn named(call: &RuntimeCall) -> (Vec<u8>, Proposal) {
	let bytes = call.encode();
	let (hash, len) = (Hashing::hash(&bytes), bytes.len() as u32);
	(bytes, Bounded::Lookup { hash, len })
}

fn note(bytes: &[u8]) -> RuntimeCall {
	pallet_preimage::Call::note_preimage { bytes: bytes.to_vec() }.into()
}

fn withdraw(bytes: &[u8]) -> RuntimeCall {
	pallet_preimage::Call::unnote_preimage { hash: Hashing::hash(bytes) }.into()
}

fn begun() -> Chain {
	let mut chain = Chain::development();
	chain.blocks(2);
	chain
}

/// How many bytes of a preimage are there.
fn stored(chain: &mut Chain, bytes: &[u8]) -> Option<u32> {
	chain.with(|| <Preimage as QueryPreimage>::len(&Hashing::hash(bytes)))
}

/// Makes blocks until a referendum has passed.
fn await_approval(chain: &mut Chain, index: u32) {
	await_event(chain, |event| match event {
		RuntimeEvent::Referenda(pallet_referenda::Event::Confirmed { .. }) => Some(()),
		_ => None,
	});
	assert!(has_passed(chain, index));
}

/// Makes blocks until the scheduler says that a call is not there.
fn await_absence(chain: &mut Chain) {
	await_event(chain, |event| match event {
		RuntimeEvent::Scheduler(pallet_scheduler::Event::CallUnavailable {
			id: Some(_), ..
		}) => Some(()),
		_ => None,
	});
}

#[test]
fn event_says_that_a_call_is_missing_when_no_one_notes_it() {
	let mut chain = begun();
	let (_, proposal) = named(&set_window(Some(20)));
	let index = submit(&mut chain, Origin::Parameters, proposal);
	support(&mut chain, index);
	await_absence(&mut chain);
	assert!(has_passed(&mut chain, index));
	assert_eq!(chain.with(window_blocks), 12);
	chain.check();
}

#[test]
fn withdrawn_preimage_is_noted_again_by_anyone_for_free_when_its_call_was_approved() {
	let mut chain = begun();
	let (bytes, proposal) = named(&set_window(Some(20)));
	let before = chain.with(|| reserved(PROPOSER));
	assert_ok!(chain.submit(PROPOSER, note(&bytes)));
	assert!(chain.with(|| reserved(PROPOSER)) > before);
	let index = submit(&mut chain, Origin::Parameters, proposal);
	support(&mut chain, index);
	assert_ok!(chain.submit(PROPOSER, withdraw(&bytes)));
	assert_eq!(stored(&mut chain, &bytes), None);
	await_approval(&mut chain, index);
	let has = |chain: &mut Chain| chain.with(|| groma_runtime::System::account(account(Bob)).data);
	let before = has(&mut chain);
	assert_ok!(chain.submit(Bob, note(&bytes)));
	assert_eq!(has(&mut chain), before, "it is free");
	assert_ok!(await_enactment(&mut chain));
	assert_eq!(chain.with(window_blocks), 20);
	chain.check();
}

#[test]
fn preimage_stays_until_its_call_is_enacted_when_it_is_withdrawn_after_approval() {
	let mut chain = begun();
	let (bytes, proposal) = named(&set_window(Some(20)));
	assert_ok!(chain.submit(PROPOSER, note(&bytes)));
	let index = submit(&mut chain, Origin::Parameters, proposal);
	support(&mut chain, index);
	await_approval(&mut chain, index);
	let before = chain.with(|| reserved(PROPOSER));
	assert_ok!(chain.submit(PROPOSER, withdraw(&bytes)));
	assert!(chain.with(|| reserved(PROPOSER)) < before, "its deposit is back");
	assert_ok!(await_enactment(&mut chain));
	assert_eq!(chain.with(window_blocks), 20);
	assert_eq!(stored(&mut chain, &bytes), None);
	chain.check();
}

#[test]
fn wrong_length_is_refused_before_a_deposit_is_taken_when_the_preimage_is_there() {
	let mut chain = begun();
	let (bytes, _) = named(&set_window(Some(20)));
	assert_ok!(chain.submit(PROPOSER, note(&bytes)));
	let before = chain.with(|| reserved(PROPOSER));
	for len in [0, bytes.len() as u32 - 1, bytes.len() as u32 + 1, u32::MAX] {
		let proposal = Bounded::Lookup { hash: Hashing::hash(&bytes), len };
		let moment = frame_support::traits::schedule::DispatchTime::After(0);
		let refused = chain.submit(PROPOSER, submission(Origin::Parameters, proposal, moment));
		let wrong = Error::<Runtime>::PreimageStoredWithDifferentLength.into();
		assert_eq!(refused, Err(wrong), "{len}");
	}
	assert_eq!(chain.with(|| reserved(PROPOSER)), before);
}

#[test]
fn event_says_that_a_call_is_missing_when_its_length_is_another() {
	let mut chain = begun();
	let (bytes, _) = named(&set_window(Some(20)));
	let proposal = Bounded::Lookup { hash: Hashing::hash(&bytes), len: bytes.len() as u32 + 1 };
	let index = submit(&mut chain, Origin::Parameters, proposal);
	support(&mut chain, index);
	assert_ok!(chain.submit(Bob, note(&bytes)));
	await_absence(&mut chain);
	assert_eq!(chain.with(window_blocks), 12);
}
