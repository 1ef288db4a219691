//! Public referenda and who votes in them: GRM, locked for as long as its conviction says.
//!
//! What an account has votes, also what is on hold in it, such as stake. GRM that has not vested
//! does not, whether it is free or on hold.

use frame_support::traits::{AsEnsureOriginWithArg, ConstU32, WithdrawReasons, fungible::Inspect};
use frame_system::EnsureSigned;
use groma_core::money::GRM;
use sp_runtime::traits::{ConstU128, ConvertInto, Get};

use super::{
	agendas::PublicAgendas,
	origins::{EnsureCanceller, EnsureKiller, RootOr},
	tracks::{Days, PublicTracks, REFERENDA_QUEUED_MAX},
	votable::Votable,
};
use crate::{
	AccountId, Balance, Balances, Emission, Preimage, Referenda, Runtime, RuntimeCall,
	RuntimeEvent, System, Treasury, weights,
};

/// The least GRM that support is a share of, in plancks: as long as few can vote, no one gets far
/// with little.
pub const TURNOUT_MIN: Balance = 50_000_000 * GRM;

/// What support is a share of: what is in the hands of accounts, or [`TURNOUT_MIN`] if that is
/// more.
pub struct Turnout;

impl Get<Balance> for Turnout {
	fn get() -> Balance {
		let pot = <Balances as Inspect<AccountId>>::total_balance(&Emission::pot());
		// The treasury takes itself off.
		let active = <Balances as Inspect<AccountId>>::active_issuance().saturating_sub(pot);
		active.max(TURNOUT_MIN)
	}
}

impl pallet_referenda::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::Referenda;
	type Scheduler = PublicAgendas;
	type Currency = Balances;
	type SubmitOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type CancelOrigin = RootOr<EnsureCanceller>;
	type KillOrigin = RootOr<EnsureKiller>;
	type Slash = Treasury;
	type Votes = Balance;
	type Tally = pallet_conviction_voting::TallyOf<Runtime>;
	type SubmissionDeposit = ConstU128<{ 100 * GRM }>;
	type MaxQueued = ConstU32<REFERENDA_QUEUED_MAX>;
	type UndecidingTimeout = Days<14>;
	type AlarmInterval = ConstU32<1>;
	type Tracks = PublicTracks;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

impl pallet_conviction_voting::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::ConvictionVoting;
	type Currency = Votable;
	type Polls = Referenda;
	type MaxTurnout = Turnout;
	type MaxVotes = ConstU32<512>;
	// Longer than any track takes to enact: who votes for a change lives with it.
	type VoteLockingPeriod = Days<7>;
	type BlockNumberProvider = System;
	type VotingHooks = ();
}

impl pallet_vesting::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type BlockNumberToBalance = ConvertInto;
	type MinVestedTransfer = ConstU128<{ 100 * GRM }>;
	type WeightInfo = weights::Vesting;
	// What has not vested can be staked: a hold may lie on what is locked.
	type UnvestedFundsAllowedWithdrawReasons = UnvestedReasons;
	type BlockNumberProvider = System;

	const MAX_VESTING_SCHEDULES: u32 = 28;
}

/// For what unvested GRM can be taken out of the account: for nothing, not even fees.
pub struct UnvestedReasons;

impl Get<WithdrawReasons> for UnvestedReasons {
	fn get() -> WithdrawReasons {
		WithdrawReasons::empty()
	}
}
