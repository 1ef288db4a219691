//! The fellowship shortens a referendum and can do nothing else.

use frame_support::{
	assert_ok,
	storage::{TransactionOutcome, with_transaction_unchecked},
	traits::{UnfilteredDispatchable, schedule::DispatchTime},
};
use groma_runtime::{
	Balance, BlockNumber, Hash, Runtime, RuntimeCall, RuntimeEvent, RuntimeGenesisConfig,
	RuntimeOrigin,
	governance::{
		origins::Origin,
		ranks::{FellowshipReferendaInstance, RANK_TO_VOTE},
		tracks::{Days, PublicTracks, ROOT, WHITELISTED_CALLER},
	},
};
use pallet_referenda::{ReferendumCount, TrackInfo, TracksInfo};
use pallet_whitelist::WhitelistedCall;
use proptest::prelude::*;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave};
use sp_runtime::{DispatchError, DispatchResult, Perbill, traits::Hash as _};

use super::{await_enactment, await_event, enact, proposal, propose, set_window, window_blocks};
use crate::{
	chain::{Chain, account, genesis_config},
	surface::calls,
};

/// A chain with these fellows, on which a day has 20 blocks.
fn with_fellows(fellows: &[Sr25519Keyring]) -> Chain {
	let mut config: RuntimeGenesisConfig =
		serde_json::from_value(genesis_config(Some("development"))).expect("it is valid");
	config.timing.pace = 720;
	config.origins.fellows = fellows.iter().map(|it| (account(*it), RANK_TO_VOTE)).collect();
	let mut chain = Chain::of(serde_json::to_value(config).expect("it is JSON"));
	chain.blocks(2);
	chain
}

fn hash_of(call: &RuntimeCall) -> Hash {
	<Runtime as frame_system::Config>::Hashing::hash_of(call)
}

fn whitelist(call: &RuntimeCall) -> RuntimeCall {
	pallet_whitelist::Call::whitelist_call { call_hash: hash_of(call) }.into()
}

fn is_whitelisted(chain: &mut Chain, call: &RuntimeCall) -> bool {
	chain.with(|| WhitelistedCall::<Runtime>::contains_key(hash_of(call)))
}

/// The call that does, as Root, what is whitelisted.
fn dispatch(call: &RuntimeCall) -> RuntimeCall {
	let call = Box::new(call.clone());
	pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage { call }.into()
}

/// Alice puts a call to the fellows, of whom some say yes and some no.
fn ask_fellows(
	chain: &mut Chain,
	call: RuntimeCall,
	ayes: &[Sr25519Keyring],
	nays: &[Sr25519Keyring],
) {
	let poll = chain.with(ReferendumCount::<Runtime, FellowshipReferendaInstance>::get);
	let proposal = proposal(chain, call);
	let submit = pallet_referenda::Call::submit {
		proposal_origin: Box::new(Origin::Fellows.into()),
		proposal,
		enactment_moment: DispatchTime::After(0),
	};
	assert_ok!(chain.submit(Alice, RuntimeCall::FellowshipReferenda(submit)));
	let deposit = pallet_referenda::Call::place_decision_deposit { index: poll };
	assert_ok!(chain.submit(Alice, RuntimeCall::FellowshipReferenda(deposit)));
	let votes = ayes.iter().map(|who| (who, true)).chain(nays.iter().map(|who| (who, false)));
	for (who, aye) in votes {
		let vote = pallet_ranked_collective::Call::vote { poll, aye };
		assert_ok!(chain.submit(*who, RuntimeCall::FellowshipCollective(vote)));
	}
}

#[test]
fn call_that_two_of_three_fellows_whitelist_is_decided_in_a_day() {
	let mut chain = with_fellows(&[Alice, Bob, Charlie]);
	let call = set_window(Some(20));
	ask_fellows(&mut chain, whitelist(&call), &[Alice, Bob], &[Charlie]);
	assert_ok!(await_enactment(&mut chain));
	assert!(is_whitelisted(&mut chain, &call));
	let before = chain.with(groma_runtime::System::block_number);
	propose(&mut chain, Origin::WhitelistedCaller, dispatch(&call));
	assert_ok!(await_enactment(&mut chain));
	assert_eq!(chain.with(window_blocks), 20);
	let took = chain.with(groma_runtime::System::block_number) - before;
	let day: BlockNumber = chain.with(<Days<1> as frame_support::traits::Get<_>>::get);
	assert!(took < 2 * day, "it took {took} blocks");
	chain.check();
}

#[test]
fn one_fellow_of_three_whitelists_nothing() {
	let mut chain = with_fellows(&[Alice, Bob, Charlie]);
	let call = set_window(Some(20));
	ask_fellows(&mut chain, whitelist(&call), &[Alice], &[]);
	await_event(&mut chain, |event| match event {
		RuntimeEvent::FellowshipReferenda(pallet_referenda::Event::Rejected { .. }) => Some(()),
		_ => None,
	});
	assert!(!is_whitelisted(&mut chain, &call));
}

#[test]
fn two_fellows_are_too_few_to_whitelist_anything() {
	let mut chain = with_fellows(&[Alice, Bob]);
	let call = set_window(Some(20));
	ask_fellows(&mut chain, whitelist(&call), &[Alice, Bob], &[]);
	assert_eq!(await_enactment(&mut chain), Err(DispatchError::BadOrigin));
	assert!(!is_whitelisted(&mut chain, &call));
}

#[test]
fn who_is_no_fellow_or_only_learns_neither_proposes_nor_votes() {
	let mut chain = with_fellows(&[Alice, Bob, Charlie]);
	let call = set_window(Some(20));
	ask_fellows(&mut chain, whitelist(&call), &[], &[]);
	let vote = RuntimeCall::FellowshipCollective(pallet_ranked_collective::Call::vote {
		poll: 0,
		aye: true,
	});
	let refused: DispatchResult = chain.submit(Dave, vote.clone());
	assert!(refused.is_err());
	let add = pallet_ranked_collective::Call::add_member { who: account(Dave).into() };
	let outcome =
		chain.act(|| enact(Origin::FellowshipAdmin, RuntimeCall::FellowshipCollective(add)));
	assert_ok!(outcome);
	assert!(chain.submit(Dave, vote).is_err(), "a member of rank 0 voted");
	let proposal = proposal(&mut chain, whitelist(&call));
	let submit = pallet_referenda::Call::submit {
		proposal_origin: Box::new(Origin::Fellows.into()),
		proposal,
		enactment_moment: DispatchTime::After(0),
	};
	let refused = chain.submit(Dave, RuntimeCall::FellowshipReferenda(submit));
	assert_eq!(refused, Err(DispatchError::BadOrigin));
}

#[test]
fn fellowship_can_call_nothing_but_the_whitelist_and_what_does_nothing() {
	let mut chain = with_fellows(&[Alice, Bob, Charlie]);
	let mut able = Vec::new();
	for entry in calls() {
		let call = entry.some_call().expect("the surface knows it");
		let outcome = chain.with(|| {
			with_transaction_unchecked(|| {
				let fellows = RuntimeOrigin::from(Origin::Fellows);
				TransactionOutcome::Rollback(call.dispatch_bypass_filter(fellows))
			})
		});
		// What wraps calls hands the origin on.
		if outcome.is_ok() && !entry.name().starts_with("Utility.") {
			able.push(entry.name());
		}
	}
	assert_eq!(able, ["System.remark", "Whitelist.whitelist_call"]);
}

#[test]
fn approval_that_waits_for_the_fellowship_holds_for_a_day_and_no_longer() {
	for (wait, holds) in [(15, true), (21, false)] {
		let mut chain = with_fellows(&[Alice, Bob, Charlie]);
		let call = set_window(Some(20));
		let deferred = dispatch(&call);
		assert_ok!(chain.act(|| enact(Origin::WhitelistedCaller, deferred)));
		assert_ne!(chain.with(window_blocks), 20);
		chain.blocks(wait);
		let whitelisting = whitelist(&call);
		assert_ok!(chain.act(|| enact(Origin::Fellows, whitelisting)));
		let expected = if holds {
			Ok(())
		} else {
			Err(pallet_whitelist::Error::<Runtime>::DeferredDispatchExpired.into())
		};
		assert_eq!(chain.submit(Dave, dispatch(&call)), expected);
		assert_eq!(chain.with(window_blocks) == 20, holds);
	}
}

/// What a tally comes to: approval and support.
type Tally = (Perbill, Perbill);

/// The step of a course of tallies in which a track's referendum passes, if it does. The course
/// spans the time in which it is decided.
fn passes(track: &TrackInfo<Balance, BlockNumber>, course: &[Tally]) -> Option<usize> {
	let steps = course.len() as u32;
	let confirm = (u64::from(track.confirm_period) * u64::from(steps))
		.div_ceil(u64::from(track.decision_period)) as usize;
	let mut confirming = None;
	for (step, (approval, support)) in course.iter().enumerate() {
		let now = Perbill::from_rational(step as u32, steps);
		let is_passing =
			track.min_approval.passing(now, *approval) && track.min_support.passing(now, *support);
		let since = confirming.take().unwrap_or(step);
		if is_passing && step >= since + confirm {
			return Some(step);
		}
		confirming = is_passing.then_some(since);
	}
	None
}

/// Whether a tally that stays as it is passes root before its end, or is confirmed at its end.
fn passes_root(root: &TrackInfo<Balance, BlockNumber>, (approval, support): Tally) -> bool {
	let end = Perbill::one();
	root.min_approval.passing(end, approval) && root.min_support.passing(end, support)
}

proptest! {
	#[test]
	fn any_course_of_votes_that_passes_whitelisted_passes_root_at_its_end(
		course in prop::collection::vec((400u32..=1_000, 0u32..=600), 14..336),
	) {
		let course: Vec<Tally> = course
			.into_iter()
			.map(|(approval, support)| {
				(Perbill::from_rational(approval, 1_000), Perbill::from_rational(support, 1_000))
			})
			.collect();
		sp_io::TestExternalities::default().execute_with(|| {
			let root = PublicTracks::info(ROOT).expect("there is the track");
			let short = PublicTracks::info(WHITELISTED_CALLER).expect("there is the track");
			if let Some(step) = passes(&short, &course) {
				assert!(passes_root(&root, course[step]), "{:?} in step {step}", course[step]);
			}
		});
	}
}

#[test]
fn course_of_a_broad_majority_passes_whitelisted_and_that_of_a_narrow_one_does_not() {
	sp_io::TestExternalities::default().execute_with(|| {
		let short = PublicTracks::info(WHITELISTED_CALLER).expect("there is the track");
		let of = |percent| vec![(Perbill::one(), Perbill::from_percent(percent)); 336];
		let step = passes(&short, &of(21)).expect("a fifth is enough after a day");
		assert!((1..=25).contains(&step), "{step} hours");
		assert_eq!(passes(&short, &of(9)), None);
		let split = vec![(Perbill::from_percent(49), Perbill::from_percent(40)); 336];
		assert_eq!(passes(&short, &split), None);
	});
}
