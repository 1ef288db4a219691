//! Validators: elections, sessions, finality, what happens to who misbehaves.

use alloc::vec::Vec;

use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64, Get, KeyOwnerProofSystem},
	weights::Weight,
};
use groma_core::money::GRM;
use groma_traits::EraSpans;
use pallet_session::historical::{self, IdentificationTuple, NoteHistoricalRoot};
use pallet_timing::{
	BabeEpochSlots, DeferEras, EvidenceEras, GenesisProvision, SessionsPerEra, ThawEras,
};
use sp_core::crypto::KeyTypeId;
use sp_runtime::{
	Perbill, impl_opaque_keys,
	traits::{ConvertInto, OpaqueKeys},
};
use sp_staking::{
	SessionIndex,
	offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
};

use super::{
	parameters::{self, dynamic_params},
	ranged::Plain,
	standstill::Standing,
};
use crate::{
	AccountId, AuthorityDiscovery, Babe, Balance, Balances, Emission, Grandpa, Historical,
	Offences, Runtime, RuntimeEvent, Session, Stake, Validators,
	constants::{CANDIDATES_MAX, EVIDENCE_SESSIONS, VALIDATORS_MAX},
	weights,
};

impl_opaque_keys! {
	/// The keys that a validator works with.
	pub struct SessionKeys {
		/// Votes for finality.
		pub grandpa: Grandpa,
		/// Produces blocks.
		pub babe: Babe,
		/// Is found by other validators.
		pub authority_discovery: AuthorityDiscovery,
	}
}

parameter_types! {
	/// What a validator leaves as a deposit for its session keys.
	pub const KeyDeposit: Balance = GRM;
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Babe;
	type NextSessionRotation = Babe;
	type SessionManager = NoteHistoricalRoot<Self, Validators>;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = SessionKeys;
	type DisablingStrategy = pallet_session::disabling::UpToLimitWithReEnablingDisablingStrategy<3>;
	type WeightInfo = weights::Session;
	type Currency = Balances;
	type KeyDeposit = KeyDeposit;
}

impl historical::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = Identified;
}

/// Nothing is known of a validator beyond its account.
pub struct Identified;

impl sp_runtime::traits::Convert<AccountId, Option<()>> for Identified {
	fn convert(_: AccountId) -> Option<()> {
		Some(())
	}
}

/// The validators of the present session.
pub struct SessionValidators;

impl groma_traits::Validators<AccountId> for SessionValidators {
	fn session() -> u32 {
		Session::current_index()
	}

	fn present() -> Vec<AccountId> {
		Session::validators()
	}
}

/// Eras for which stake behind validators answers, as the genesis says.
pub struct StakeSpans;

impl Get<EraSpans> for StakeSpans {
	fn get() -> EraSpans {
		EraSpans {
			evidence: EvidenceEras::get(),
			deferral: DeferEras::get(),
			thaw: ThawEras::get(),
		}
	}
}

impl pallet_validators::Config for Runtime {
	type MaxValidators = ConstU32<VALIDATORS_MAX>;
	type MaxCandidates = ConstU32<CANDIDATES_MAX>;
	type Seats = Plain<dynamic_params::validators::Seats, parameters::Seats>;
	type OwnStakeMin = Plain<dynamic_params::validators::OwnStakeMin, parameters::OwnStakeMin>;
	type GenesisProvision = GenesisProvision;
	type SessionsPerEra = SessionsPerEra;
	type EvidenceEras = EvidenceEras;
	type EvidenceSessions = ConstU32<EVIDENCE_SESSIONS>;
	type FeedPoints = Plain<dynamic_params::validators::FeedPoints, parameters::FeedPoints>;
	type FindAuthor = Babe;
	type Backing = Stake;
	type Emission = Emission;
	type Standstill = Standing;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::World;
	type WeightInfo = weights::Validators;
}

impl pallet_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = IdentificationTuple<Self>;
	type OnOffenceHandler = Disabling;
}

/// Disables validators that equivocated, at most a third of the set at once; they stay disabled
/// when keys change. The pallet of offences keeps every report. Stake will be slashed here once
/// validators hold any.
pub struct Disabling;

impl OnOffenceHandler<AccountId, IdentificationTuple<Runtime>, Weight> for Disabling {
	fn on_offence(
		offenders: &[OffenceDetails<AccountId, IdentificationTuple<Runtime>>],
		slash_fractions: &[Perbill],
		_: SessionIndex,
	) -> Weight {
		for (details, fraction) in offenders.iter().zip(slash_fractions) {
			let (validator, ()) = details.offender.clone();
			Session::report_offence(validator, OffenceSeverity(*fraction));
		}
		let operations = offenders.len() as u64;
		<Runtime as frame_system::Config>::DbWeight::get()
			.reads_writes(operations.saturating_mul(3), operations.saturating_mul(2))
	}
}

/// For how many slots a validator's misbehaviour can be proven.
pub struct EvidenceSlots;

impl Get<u64> for EvidenceSlots {
	fn get() -> u64 {
		BabeEpochSlots::get().saturating_mul(u64::from(EVIDENCE_SESSIONS))
	}
}

/// How reports of two blocks of one author in one slot are proven and handled.
pub type BabeEquivocations =
	pallet_babe::EquivocationReportSystem<Runtime, Offences, Historical, EvidenceSlots>;

/// How reports of two votes of one voter in one round are proven and handled.
pub type GrandpaEquivocations =
	pallet_grandpa::EquivocationReportSystem<Runtime, Offences, Historical, EvidenceSlots>;

impl pallet_grandpa::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::Consensus;
	type MaxAuthorities = ConstU32<VALIDATORS_MAX>;
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = ConstU64<{ EVIDENCE_SESSIONS as u64 }>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem = GrandpaEquivocations;
}

impl pallet_authority_discovery::Config for Runtime {
	type MaxAuthorities = ConstU32<VALIDATORS_MAX>;
}

/// A proof that a session key belongs to a validator of the present session.
pub(crate) fn prove_key_ownership<Id: AsRef<[u8]>>(
	key_type: KeyTypeId,
	key: Id,
) -> Option<sp_session::MembershipProof> {
	Historical::prove((key_type, key))
}
