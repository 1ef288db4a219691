//! Votes, delegations and proposals that make no sense, and what they come to.

use codec::{Decode, Encode};
use frame_support::{
	assert_noop, assert_ok,
	traits::{Bounded, Contains, schedule::DispatchTime},
};
use groma_core::money::GRM;
use groma_runtime::{
	Balance, OriginCaller, Referenda, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin,
	configs::filter::CallFilter,
	constants::BLOCK_COMPUTE,
	governance::{
		origins::Origin,
		tracks::{PARAMETERS, SIGNAL},
	},
};
use pallet_conviction_voting::{
	AccountVote::{self, Split, SplitAbstain, Standard},
	Conviction, Error, Vote,
};
use pallet_governed_parameters::Error as ParametersError;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie};
use sp_runtime::{DispatchOutcome, Perbill};

use super::{
	PROPOSER, await_event, ballots::locked, cast, proposal, propose, remark, reserved, set_window,
	submission, submit, window_blocks,
};
use crate::chain::{Chain, account, as_root};

/// A chain with referendum 0, on the track of signals.
fn with_signal() -> Chain {
	let mut chain = Chain::development();
	chain.blocks(2);
	let proposal = proposal(&mut chain, remark(b"a story"));
	assert_eq!(submit(&mut chain, Origin::Signal, proposal), 0);
	chain
}

fn refused(error: Error<Runtime>) -> DispatchOutcome {
	Err(error.into())
}

/// Ayes, nays and support of referendum 0.
fn tally(chain: &mut Chain) -> (Balance, Balance, Balance) {
	let tally = chain.with(|| Referenda::ensure_ongoing(0).expect("it goes on").tally);
	(tally.ayes, tally.nays, tally.support)
}

fn once(balance: Balance) -> AccountVote<Balance> {
	Standard { vote: Vote { aye: true, conviction: Conviction::Locked1x }, balance }
}

fn delegate(to: Sr25519Keyring, class: u16, balance: Balance) -> RuntimeCall {
	RuntimeCall::ConvictionVoting(pallet_conviction_voting::Call::delegate {
		class,
		to: account(to).into(),
		conviction: Conviction::Locked1x,
		balance,
	})
}

#[test]
fn votes_beyond_what_an_account_has_are_refused() {
	let mut chain = with_signal();
	let (all, some) = (Balance::MAX, Balance::MAX / 2 + 1);
	let votes = [
		once(all),
		once(1_000_001 * GRM),
		Split { aye: all, nay: all },
		Split { aye: some, nay: some },
		Split { aye: all, nay: 0 },
		SplitAbstain { aye: all, nay: all, abstain: all },
		SplitAbstain { aye: 0, nay: 0, abstain: all },
	];
	for vote in votes {
		let outcome = chain.submit(Bob, cast(0, vote));
		assert_eq!(outcome, refused(Error::InsufficientFunds), "{vote:?}");
	}
	let delegated = chain.submit(Bob, delegate(Alice, SIGNAL, all));
	assert_eq!(delegated, refused(Error::InsufficientFunds));
	assert_eq!((tally(&mut chain), chain.with(|| locked(Bob))), ((0, 0, 0), 0));
	chain.check();
}

#[test]
fn votes_of_nothing_count_nothing_and_lock_nothing() {
	let mut chain = with_signal();
	let votes = [once(0), Split { aye: 0, nay: 0 }, SplitAbstain { aye: 0, nay: 0, abstain: 0 }];
	for vote in votes {
		assert_ok!(chain.submit(Bob, cast(0, vote)));
	}
	assert_eq!((tally(&mut chain), chain.with(|| locked(Bob))), ((0, 0, 0), 0));
	assert_eq!(chain.submit(Bob, cast(1, once(GRM))), refused(Error::NotOngoing));
	chain.check();
}

#[test]
fn no_one_delegates_to_itself_or_on_a_track_that_is_none() {
	let mut chain = with_signal();
	assert_eq!(chain.submit(Bob, delegate(Bob, SIGNAL, GRM)), refused(Error::Nonsense));
	for class in [4, 99, u16::MAX] {
		assert_eq!(chain.submit(Bob, delegate(Alice, class, GRM)), refused(Error::BadClass));
	}
}

#[test]
fn ring_of_delegations_votes_for_no_one_and_never_twice() {
	let mut chain = with_signal();
	for (who, to) in [(Alice, Bob), (Bob, Charlie), (Charlie, Alice)] {
		assert_ok!(chain.submit(who, delegate(to, SIGNAL, 10 * GRM)));
	}
	assert_eq!(tally(&mut chain), (0, 0, 0));
	let vote = cast(0, once(GRM));
	assert_eq!(chain.submit(Charlie, vote.clone()), refused(Error::AlreadyDelegating));
	let end = pallet_conviction_voting::Call::undelegate { class: SIGNAL };
	assert_ok!(chain.submit(Charlie, RuntimeCall::ConvictionVoting(end)));
	assert_ok!(chain.submit(Charlie, vote));
	// Bob delegates to Charlie; what Alice delegates to Bob goes no further.
	assert_eq!(tally(&mut chain), (11 * GRM, 0, 11 * GRM));
	let again = chain.submit(Charlie, delegate(Alice, SIGNAL, GRM));
	assert_eq!(again, refused(Error::AlreadyVoting));
	chain.check();
}

#[test]
fn votes_of_a_killed_referendum_are_free_and_no_more_are_taken() {
	let mut chain = with_signal();
	let six = Vote { aye: true, conviction: Conviction::Locked6x };
	assert_ok!(chain.submit(Bob, cast(0, Standard { vote: six, balance: 100 * GRM })));
	chain.act(|| as_root(RuntimeCall::Referenda(pallet_referenda::Call::kill { index: 0 })));
	assert_eq!(chain.submit(Bob, cast(0, once(GRM))), refused(Error::NotOngoing));
	assert_eq!(chain.with(|| locked(Bob)), 100 * GRM);
	let remove = |class| {
		RuntimeCall::ConvictionVoting(pallet_conviction_voting::Call::remove_vote {
			class,
			index: 0,
		})
	};
	assert_eq!(chain.submit(Bob, remove(None)), refused(Error::ClassNeeded));
	assert_eq!(chain.submit(Bob, remove(Some(PARAMETERS))), refused(Error::NotVoter));
	assert_ok!(chain.submit(Bob, remove(Some(SIGNAL))));
	let target = account(Bob).into();
	let unlock = pallet_conviction_voting::Call::unlock { class: SIGNAL, target };
	assert_ok!(chain.submit(Alice, RuntimeCall::ConvictionVoting(unlock)));
	assert_eq!(chain.with(|| locked(Bob)), 0);
	chain.check();
}

#[test]
fn origin_of_the_fellowship_has_no_public_track_and_takes_no_deposit() {
	let mut chain = with_signal();
	let before = chain.with(|| reserved(PROPOSER));
	let origins: [OriginCaller; 2] =
		[Origin::Fellows.into(), OriginCaller::system(frame_system::RawOrigin::None)];
	for origin in origins {
		let proposal = proposal(&mut chain, set_window(Some(20)));
		let outcome = chain.submit(PROPOSER, submission(origin, proposal, DispatchTime::After(0)));
		assert_eq!(outcome, Err(pallet_referenda::Error::<Runtime>::NoTrack.into()));
	}
	assert_eq!(chain.with(|| reserved(PROPOSER)), before);
}

/// A call of Root that weighs this percentage of a block.
fn of_weight(percent: u32, text: &[u8]) -> RuntimeCall {
	let call = Box::new(remark(text));
	let weight = Perbill::from_percent(percent) * BLOCK_COMPUTE;
	pallet_utility::Call::with_weight { call, weight }.into()
}

fn root() -> OriginCaller {
	OriginCaller::system(frame_system::RawOrigin::Root)
}

#[test]
fn call_that_can_never_be_made_is_refused_before_a_deposit_is_taken_when_the_proposal_holds_it() {
	let mut chain = with_signal();
	let before = chain.with(|| reserved(PROPOSER));
	let heavy = proposal(&mut chain, of_weight(26, b"heavy"));
	let no_call = Bounded::Inline(vec![u8::MAX; 8].try_into().expect("it is short"));
	for proposal in [heavy, no_call] {
		assert!(matches!(proposal, Bounded::Inline(_)), "{proposal:?}");
		let submit = submission(root(), proposal.clone(), DispatchTime::After(0));
		let batch = pallet_utility::Call::batch_all { calls: vec![submit.clone()] };
		for call in [submit, batch.into()] {
			let filtered = frame_system::Error::<Runtime>::CallFiltered.into();
			assert_eq!(chain.submit(PROPOSER, call), Err(filtered), "{proposal:?}");
		}
		let (proposal_origin, enactment_moment) = (Box::new(root()), DispatchTime::After(0));
		let submit = pallet_referenda::Call::submit { proposal_origin, proposal, enactment_moment };
		let of_fellows = RuntimeCall::FellowshipReferenda(submit);
		assert!(!chain.with(|| CallFilter::contains(&of_fellows)));
	}
	assert_eq!(chain.with(|| reserved(PROPOSER)), before);
	let fits = proposal(&mut chain, of_weight(25, b"it fits"));
	assert_eq!(submit(&mut chain, root(), fits), 1);
}

#[test]
fn event_says_that_a_call_is_too_heavy_for_the_scheduler_when_it_is_a_preimage() {
	let mut chain = Chain::development();
	chain.blocks(2);
	// Too long to be part of a proposal.
	propose(&mut chain, root(), of_weight(26, &[7; 200]));
	await_event(&mut chain, |event| match event {
		RuntimeEvent::Scheduler(pallet_scheduler::Event::PermanentlyOverweight {
			id: Some(_),
			..
		}) => Some(()),
		_ => None,
	});
	chain.blocks(3);
	chain.check();
}

#[test]
fn parameter_out_of_range_or_without_a_value_is_refused_by_its_track() {
	let mut chain = Chain::development();
	chain.blocks(1);
	chain.with(|| {
		let set = |blocks| {
			use frame_support::traits::UnfilteredDispatchable;
			let origin = RuntimeOrigin::from(Origin::Parameters);
			set_window(blocks).dispatch_bypass_filter(origin)
		};
		for blocks in [0, 9, 2_001, u32::MAX] {
			assert_noop!(set(Some(blocks)), ParametersError::<Runtime>::OutOfBounds);
		}
		assert_noop!(set(None), ParametersError::<Runtime>::NoValue);
		assert_eq!(window_blocks(), 12);
	});
}

#[test]
fn parameter_of_another_key_does_not_decode() {
	let bytes = set_window(Some(20)).encode();
	// Pallet, call, the parameter's pallet, the parameter, whether there is a value, the value.
	assert_eq!(RuntimeCall::decode(&mut &bytes[..]), Ok(set_window(Some(20))));
	for (position, wrong) in [(2, 99), (3, 99), (4, 2)] {
		let mut bytes = bytes.clone();
		bytes[position] = wrong;
		assert!(RuntimeCall::decode(&mut &bytes[..]).is_err(), "{position}");
	}
}
