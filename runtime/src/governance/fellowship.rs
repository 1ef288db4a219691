//! The fellowship: members who know the code. By two thirds of at least three members it whitelists
//! a call, which then needs less time in a public referendum. It can do nothing else.

use alloc::borrow::Cow;

use frame_support::traits::{AsEnsureOriginWithArg, ConstU32, EitherOf, EnsureOrigin, Get};
use frame_system::EnsureRootWithSuccess;
use groma_core::money::GRM;
use pallet_ranked_collective::{EnsureMember, MemberCount, Rank, TallyOf, Unit, Votes};
use pallet_referenda::{Curve, Track, TrackInfo, TracksInfo};
use sp_runtime::{
	Perbill, str_array,
	traits::{ConstU16, ConstU128, Convert, MaybeConvert},
};

use super::{
	agendas::FellowshipAgendas,
	origins::{
		EnsureCanceller, EnsureFellowsTrack, EnsureFellowshipAdmin, EnsureKiller,
		EnsureWhitelistedCaller, Origin, RootOr, WithRank,
	},
	ranks::{
		FELLOWS_MIN, FellowshipCollectiveInstance, FellowshipReferendaInstance, RANK_MAX,
		RANK_TO_VOTE,
	},
	tracks::{Days, Minutes, REFERENDA_QUEUED_MAX},
};
use crate::{
	AccountId, Balance, Balances, BlockNumber, FellowshipReferenda, OriginCaller, Preimage,
	Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System, Treasury, weights,
};

/// The most members.
const FELLOWS_MAX: u32 = 500;

/// Root and the track of members, for every rank.
type EnsureAdmin = EitherOf<
	EnsureRootWithSuccess<AccountId, ConstU16<RANK_MAX>>,
	WithRank<EnsureFellowshipAdmin, RANK_MAX>,
>;

/// A member needs the same rank for every referendum.
pub struct RankOfTrack;

impl Convert<u16, Rank> for RankOfTrack {
	fn convert(_: u16) -> Rank {
		RANK_TO_VOTE
	}
}

/// How many members may have a rank, or a higher one.
pub struct Fellows;

impl MaybeConvert<Rank, u32> for Fellows {
	fn maybe_convert(_: Rank) -> Option<u32> {
		Some(FELLOWS_MAX)
	}
}

impl pallet_ranked_collective::Config<FellowshipCollectiveInstance> for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::FellowshipCollective;
	type AddOrigin = RootOr<EnsureFellowshipAdmin>;
	type RemoveOrigin = EnsureAdmin;
	type PromoteOrigin = EnsureAdmin;
	type DemoteOrigin = EnsureAdmin;
	type ExchangeOrigin = RootOr<EnsureFellowshipAdmin>;
	type Polls = FellowshipReferenda;
	type MinRankOfClass = RankOfTrack;
	type MemberSwappedHandler = ();
	// One member, one vote.
	type VoteWeight = Unit;
	type MaxMemberCount = Fellows;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkSetup = ();
}

/// Two thirds, from the beginning to the end.
const TWO_THIRDS: Curve = Curve::LinearDecreasing {
	length: Perbill::from_percent(100),
	floor: Perbill::from_parts(666_666_666),
	ceil: Perbill::from_parts(666_666_666),
};

/// The one track of the fellowship: two thirds of those who vote, and of all who may.
pub struct FellowshipTracks;

impl TracksInfo<Balance, BlockNumber> for FellowshipTracks {
	type Id = u16;
	type RuntimeOrigin = OriginCaller;

	fn tracks() -> impl Iterator<Item = Cow<'static, Track<u16, Balance, BlockNumber>>> {
		let fellows = Track {
			id: 0,
			info: TrackInfo {
				name: str_array("fellows"),
				max_deciding: 10,
				decision_deposit: 10 * GRM,
				prepare_period: Minutes::<1>::get(),
				decision_period: Days::<7>::get(),
				confirm_period: Minutes::<30>::get(),
				min_enactment_period: Minutes::<1>::get(),
				min_approval: TWO_THIRDS,
				min_support: TWO_THIRDS,
			},
		};
		core::iter::once(Cow::Owned(fellows))
	}

	fn track_for(origin: &OriginCaller) -> Result<u16, ()> {
		match origin {
			OriginCaller::Origins(Origin::Fellows) => Ok(0),
			_ => Err(()),
		}
	}
}

impl pallet_referenda::Config<FellowshipReferendaInstance> for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::Referenda;
	type Scheduler = FellowshipAgendas;
	type Currency = Balances;
	type SubmitOrigin =
		AsEnsureOriginWithArg<EnsureMember<Runtime, FellowshipCollectiveInstance, RANK_TO_VOTE>>;
	type CancelOrigin = RootOr<EnsureCanceller>;
	type KillOrigin = RootOr<EnsureKiller>;
	type Slash = Treasury;
	type Votes = Votes;
	type Tally = TallyOf<Runtime, FellowshipCollectiveInstance>;
	type SubmissionDeposit = ConstU128<{ 10 * GRM }>;
	type MaxQueued = ConstU32<REFERENDA_QUEUED_MAX>;
	type UndecidingTimeout = Days<7>;
	type AlarmInterval = ConstU32<1>;
	type Tracks = FellowshipTracks;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

/// The fellowship's track, if the fellowship has enough members who may vote.
pub struct EnsureFellows;

impl EnsureOrigin<RuntimeOrigin> for EnsureFellows {
	type Success = ();

	fn try_origin(origin: RuntimeOrigin) -> Result<(), RuntimeOrigin> {
		let members = MemberCount::<Runtime, FellowshipCollectiveInstance>::get(RANK_TO_VOTE);
		if members < FELLOWS_MIN {
			return Err(origin);
		}
		EnsureFellowsTrack::try_origin(origin)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
		MemberCount::<Runtime, FellowshipCollectiveInstance>::insert(RANK_TO_VOTE, FELLOWS_MIN);
		EnsureFellowsTrack::try_successful_origin()
	}
}

impl pallet_whitelist::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WhitelistOrigin = EnsureFellows;
	type DispatchWhitelistedOrigin = RootOr<EnsureWhitelistedCaller>;
	type Preimages = Preimage;
	// A call that was approved before it was whitelisted waits no longer: otherwise the fellowship
	// could choose the day.
	type DeferredDispatchExpiration = Days<1>;
	type BlockNumberProvider = System;
	type WeightInfo = weights::Whitelist;
}
