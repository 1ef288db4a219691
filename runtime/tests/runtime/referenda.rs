//! Referenda: tracks, origins, votes, and what each may do.

use frame_support::{
	assert_noop, assert_ok,
	traits::{EnsureOrigin, Get, StorePreimage, schedule::DispatchTime},
};
use frame_system::RawOrigin;
use groma_core::money::GRM;
use groma_runtime::{
	Balance, OriginCaller, Preimage, Referenda, Runtime, RuntimeCall, RuntimeOrigin, System,
	configs::parameters::{RuntimeParameters, dynamic_params::challenges},
	governance::{
		origins::{EnsureFellowsTrack, EnsureSpender, Origin},
		tracks::{PublicTracks, ROOT, SLASH_CANCEL, WHITELISTED_CALLER, track_of},
		votable::votable,
		votes::TURNOUT_MIN,
	},
};
use pallet_conviction_voting::{AccountVote, Conviction, Vote};
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor, TracksInfo};
use pallet_timing::{BabeEpochSlots, DeferEras, Pace, SessionsPerEra};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use sp_runtime::Perbill;

use crate::chain::{Chain, account};

/// Those who vote: 6,000,000 GRM, more than a tenth of what support is counted against.
const VOTERS: [Sr25519Keyring; 6] = [Alice, Bob, Charlie, Dave, Eve, Ferdie];

/// Every origin of a referendum.
pub(crate) const ORIGINS: [Origin; 12] = [
	Origin::WhitelistedCaller,
	Origin::Upgrade,
	Origin::Signal,
	Origin::Parameters,
	Origin::Networks,
	Origin::FellowshipAdmin,
	Origin::SlashCancel,
	Origin::Canceller,
	Origin::Killer,
	Origin::TreasurySmall,
	Origin::TreasuryMedium,
	Origin::TreasuryBig,
];

/// A vote for windows of 20 blocks.
pub(crate) fn window_of_20() -> RuntimeCall {
	let parameter = RuntimeParameters::Challenges(challenges::Parameters::WindowBlocks(
		challenges::WindowBlocks,
		Some(20),
	));
	pallet_governed_parameters::Call::set_parameter { parameter }.into()
}

/// What the parameter is.
pub(crate) fn window_blocks() -> u32 {
	<Runtime as pallet_challenges::Config>::WindowBlocks::get()
}

/// Submits a call to the track of an origin, with its decision deposit, and has everyone vote aye.
pub(crate) fn propose(
	chain: &mut Chain,
	origin: impl Into<OriginCaller>,
	call: RuntimeCall,
) -> u32 {
	let index = chain.with(pallet_referenda::ReferendumCount::<Runtime>::get);
	let proposal = chain.with(|| Preimage::bound(call).expect("it can be stored"));
	let submit = pallet_referenda::Call::submit {
		proposal_origin: Box::new(origin.into()),
		proposal,
		enactment_moment: DispatchTime::After(0),
	};
	assert_ok!(chain.submit(Alice, RuntimeCall::Referenda(submit)));
	let deposit = pallet_referenda::Call::place_decision_deposit { index };
	assert_ok!(chain.submit(Alice, RuntimeCall::Referenda(deposit)));
	for voter in VOTERS {
		let vote = AccountVote::Standard {
			vote: Vote { aye: true, conviction: Conviction::None },
			balance: 900_000 * GRM,
		};
		let call = pallet_conviction_voting::Call::vote { poll_index: index, vote };
		assert_ok!(chain.submit(voter, RuntimeCall::ConvictionVoting(call)));
	}
	index
}

/// Whether a referendum passed.
pub(crate) fn passed(chain: &mut Chain, index: u32) -> bool {
	let info = chain.with(|| ReferendumInfoFor::<Runtime>::get(index));
	matches!(info, Some(ReferendumInfo::Approved(..)))
}

#[test]
fn every_track_has_an_origin_and_every_origin_a_track() {
	Chain::development().with(|| {
		assert_ok!(PublicTracks::check_integrity());
		let mut with_origin: Vec<u16> =
			ORIGINS.iter().map(|origin| track_of(*origin).expect("it has a track")).collect();
		with_origin.push(ROOT);
		with_origin.sort_unstable();
		let tracks: Vec<u16> = PublicTracks::track_ids().collect();
		assert_eq!(with_origin, tracks);
		let signed = OriginCaller::system(RawOrigin::Signed(account(Alice)));
		assert_eq!(PublicTracks::track_for(&signed), Err(()));
		assert_eq!(PublicTracks::track_for(&Origin::Fellows.into()), Err(()));
	});
}

#[test]
fn a_slash_can_be_cancelled_within_a_third_of_its_deferral() {
	let mut production = sp_io::TestExternalities::default();
	production.execute_with(|| {
		assert_eq!(Pace::get(), 1);
		let track = PublicTracks::info(SLASH_CANCEL).expect("there is the track");
		// A fifth of what can vote is for it from the beginning on, and no one against.
		let decided = track.min_support.delay(Perbill::from_percent(20)) * track.decision_period;
		let takes =
			track.prepare_period + decided + track.confirm_period + track.min_enactment_period;
		let deferral =
			u64::from(DeferEras::get()) * u64::from(SessionsPerEra::get()) * BabeEpochSlots::get();
		assert!(u64::from(takes) * 3 <= deferral, "{takes} blocks of {deferral}");
	});
}

#[test]
fn what_passes_whitelisted_would_pass_root_at_its_end() {
	sp_io::TestExternalities::default().execute_with(|| {
		let root = PublicTracks::info(ROOT).expect("there is the track");
		let short = PublicTracks::info(WHITELISTED_CALLER).expect("there is the track");
		let end = Perbill::one();
		for part in 0..=1_000u32 {
			let now = Perbill::from_rational(part, 1_000);
			assert!(short.min_approval.threshold(now) >= root.min_approval.threshold(end));
			assert!(short.min_support.threshold(now) >= root.min_support.threshold(end));
		}
	});
}

#[test]
fn a_lock_lasts_longer_than_any_track_takes_to_enact() {
	sp_io::TestExternalities::default().execute_with(|| {
		let lock = <Runtime as pallet_conviction_voting::Config>::VoteLockingPeriod::get();
		for track in PublicTracks::tracks() {
			assert!(lock >= track.info.min_enactment_period, "track {}", track.id);
		}
	});
}

#[test]
fn a_referendum_sets_a_parameter() {
	let mut chain = Chain::development();
	chain.blocks(2);
	let index = propose(&mut chain, Origin::Parameters, window_of_20());
	chain.blocks(40);
	assert!(passed(&mut chain, index));
	assert_eq!(chain.with(window_blocks), 20);
	chain.check();
}

#[test]
fn a_call_that_a_track_may_not_make_fails_when_it_is_enacted() {
	let mut chain = Chain::development();
	chain.blocks(2);
	let index = propose(&mut chain, Origin::Signal, window_of_20());
	chain.blocks(40);
	assert!(passed(&mut chain, index));
	assert_eq!(chain.with(window_blocks), 12);
}

#[test]
fn an_origin_without_a_track_is_refused_before_a_deposit_is_taken() {
	let mut chain = Chain::development();
	chain.blocks(1);
	chain.with(|| {
		let proposal = Preimage::bound(window_of_20()).expect("it can be stored");
		let before = reserved();
		let origin = OriginCaller::system(RawOrigin::Signed(account(Bob)));
		let submit = Referenda::submit(
			RuntimeOrigin::signed(account(Alice)),
			Box::new(origin),
			proposal,
			DispatchTime::After(0),
		);
		assert_eq!(submit, Err(pallet_referenda::Error::<Runtime>::NoTrack.into()));
		assert_eq!(reserved(), before);
	});
}

/// What is on hold for Alice.
fn reserved() -> Balance {
	System::account(account(Alice)).data.reserved
}

#[test]
fn spending_is_limited_by_the_track() {
	Chain::development().with(|| {
		let limit = |origin: Origin| EnsureSpender::try_origin(origin.into()).ok();
		assert_eq!(limit(Origin::TreasurySmall), Some(10_000 * GRM));
		assert_eq!(limit(Origin::TreasuryMedium), Some(100_000 * GRM));
		assert_eq!(limit(Origin::TreasuryBig), Some(1_000_000 * GRM));
		assert_eq!(limit(Origin::Parameters), None);
		assert!(EnsureSpender::try_origin(RuntimeOrigin::root()).is_err());
		assert!(EnsureFellowsTrack::try_origin(Origin::Signal.into()).is_err());
	});
}

#[test]
fn support_counts_against_fifty_million_at_least() {
	let mut chain = Chain::development();
	// The treasury takes itself off what is active when a block begins.
	chain.blocks(1);
	chain.with(|| {
		let turnout = <Runtime as pallet_conviction_voting::Config>::MaxTurnout::get();
		assert_eq!(turnout, TURNOUT_MIN);
	});
}

#[test]
fn what_has_not_vested_does_not_vote() {
	Chain::development().with(|| {
		System::set_block_number(1);
		let (alice, bob) = (account(Alice), account(Bob));
		let before = votable(&bob);
		let schedule = pallet_vesting::VestingInfo::new(1_000 * GRM, GRM, 1);
		assert_ok!(pallet_vesting::Pallet::<Runtime>::vested_transfer(
			RuntimeOrigin::signed(alice),
			bob.clone().into(),
			schedule,
		));
		assert_eq!(votable(&bob), before);
		System::set_block_number(501);
		assert_eq!(votable(&bob), before + 500 * GRM);
		let too_much = AccountVote::Standard {
			vote: Vote { aye: true, conviction: Conviction::Locked6x },
			balance: before + 501 * GRM,
		};
		let vote = pallet_conviction_voting::Pallet::<Runtime>::vote;
		assert_noop!(
			vote(RuntimeOrigin::signed(bob), 0, too_much),
			pallet_conviction_voting::Error::<Runtime>::InsufficientFunds
		);
	});
}
