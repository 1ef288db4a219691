//! Stories of how the chain governs itself: who votes with what, what leaves the treasury, what the
//! fellowship can do, and what spam and bad input come to.

mod bad_input;
mod ballots;
mod fellowship;
mod guide;
mod outflow;
mod preimages;
mod runbooks;
mod spam;
mod tracks;
mod treasury;
mod votes;

use frame_support::{
	assert_ok,
	traits::{Bounded, StorePreimage, UnfilteredDispatchable, schedule::DispatchTime},
};
use groma_core::money::GRM;
use groma_runtime::{
	Balance, BlockNumber, OriginCaller, Preimage, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeOrigin, UncheckedExtrinsic,
	configs::parameters::{RuntimeParameters, dynamic_params::challenges},
	governance::origins::Origin,
};
use pallet_conviction_voting::{AccountVote, Conviction, Vote};
use pallet_referenda::{ReferendumCount, ReferendumInfo, ReferendumInfoFor};
use sp_keyring::Sr25519Keyring::{self, Ferdie};
use sp_runtime::{DispatchOutcome, DispatchResult};

use crate::chain::{Chain, account, signed};

/// Who submits proposals and pays their deposits.
const PROPOSER: Sr25519Keyring = Ferdie;
/// What each voter votes with.
const VOTED: Balance = 900_000 * GRM;

/// What a referendum decides on.
type Proposal = Bounded<RuntimeCall, <Runtime as frame_system::Config>::Hashing>;

/// Those who vote together: eleven accounts, with a fifth of what support is counted against.
fn voters() -> impl Iterator<Item = Sr25519Keyring> {
	Sr25519Keyring::well_known().filter(|voter| *voter != PROPOSER)
}

/// The call that sets the blocks of a window, to nothing for `None`.
fn set_window(blocks: Option<u32>) -> RuntimeCall {
	let parameter = RuntimeParameters::Challenges(challenges::Parameters::WindowBlocks(
		challenges::WindowBlocks,
		blocks,
	));
	pallet_governed_parameters::Call::set_parameter { parameter }.into()
}

/// The blocks of the next window.
fn window_blocks() -> u32 {
	use frame_support::traits::Get;
	<Runtime as pallet_challenges::Config>::WindowBlocks::get()
}

pub(crate) fn remark(text: &[u8]) -> RuntimeCall {
	RuntimeCall::System(frame_system::Call::remark { remark: text.to_vec() })
}

/// A call as a proposal; a long one is noted.
pub(crate) fn proposal(chain: &mut Chain, call: RuntimeCall) -> Proposal {
	chain.with(|| Preimage::bound(call).expect("it can be stored"))
}

/// The call that submits a proposal to the track of an origin.
pub(crate) fn submission(
	origin: impl Into<OriginCaller>,
	proposal: Proposal,
	enactment_moment: DispatchTime<BlockNumber>,
) -> RuntimeCall {
	let proposal_origin = Box::new(origin.into());
	RuntimeCall::Referenda(pallet_referenda::Call::submit {
		proposal_origin,
		proposal,
		enactment_moment,
	})
}

/// Submits a proposal that is enacted as soon as its track allows, and returns its number.
fn submit(chain: &mut Chain, origin: impl Into<OriginCaller>, proposal: Proposal) -> u32 {
	let index = chain.with(ReferendumCount::<Runtime>::get);
	let submission = submission(origin, proposal, DispatchTime::After(0));
	assert_ok!(chain.submit(PROPOSER, submission));
	index
}

/// Places the decision deposit, and has all vote aye.
fn support(chain: &mut Chain, index: u32) {
	let deposit = pallet_referenda::Call::place_decision_deposit { index };
	assert_ok!(chain.submit(PROPOSER, RuntimeCall::Referenda(deposit)));
	let votes = chain.with(|| voters().map(|voter| signed(voter, aye(index), 0, 0)).collect());
	for outcome in include_all(chain, votes) {
		assert_ok!(outcome);
	}
}

/// Submits a call to the track of an origin, and has all vote aye.
fn propose(chain: &mut Chain, origin: impl Into<OriginCaller>, call: RuntimeCall) -> u32 {
	let proposal = proposal(chain, call);
	let index = submit(chain, origin, proposal);
	support(chain, index);
	index
}

/// The vote for a referendum with all of [`VOTED`], without conviction.
fn aye(poll_index: u32) -> RuntimeCall {
	let vote = Vote { aye: true, conviction: Conviction::None };
	cast(poll_index, AccountVote::Standard { vote, balance: VOTED })
}

pub(crate) fn cast(poll_index: u32, vote: AccountVote<Balance>) -> RuntimeCall {
	RuntimeCall::ConvictionVoting(pallet_conviction_voting::Call::vote { poll_index, vote })
}

/// Makes a block with these transactions, or if it takes none, since the session changes in it, the
/// next one.
fn include_all(chain: &mut Chain, transactions: Vec<UncheckedExtrinsic>) -> Vec<DispatchOutcome> {
	let first = chain.block(transactions.clone());
	let is_closed =
		first.iter().all(|result| result.as_ref().is_err_and(|error| error.exhausted_resources()));
	let results = if is_closed { chain.block(transactions) } else { first };
	results.into_iter().map(|result| result.expect("it is included")).collect()
}

/// Makes blocks until something holds that is found in the events of a block, and returns it.
fn await_event<R>(chain: &mut Chain, find: impl Fn(&RuntimeEvent) -> Option<R>) -> R {
	for _ in 0..200 {
		chain.block(vec![]);
		if let Some(found) = chain.events().iter().find_map(&find) {
			return found;
		}
	}
	panic!("it did not happen in 200 blocks")
}

/// Makes blocks until the scheduler calls the proposal of a referendum, and returns the outcome.
fn await_enactment(chain: &mut Chain) -> DispatchResult {
	use pallet_scheduler::Event::Dispatched;
	await_event(chain, |event| match event {
		// Alarms of referenda have no name.
		RuntimeEvent::Scheduler(Dispatched { id: Some(_), result, .. }) => Some(*result),
		_ => None,
	})
}

/// Whether a referendum passed.
fn has_passed(chain: &mut Chain, index: u32) -> bool {
	let info = chain.with(|| ReferendumInfoFor::<Runtime>::get(index));
	matches!(info, Some(ReferendumInfo::Approved(..)))
}

/// Does what a call of a track does once it is enacted.
fn enact(origin: Origin, call: impl Into<RuntimeCall>) -> DispatchResult {
	let outcome = call.into().dispatch_bypass_filter(RuntimeOrigin::from(origin));
	outcome.map(drop).map_err(|error| error.error)
}

/// What an account has reserved as a deposit, with what is on hold.
fn reserved(who: Sr25519Keyring) -> Balance {
	groma_runtime::System::account(account(who)).data.reserved
}
