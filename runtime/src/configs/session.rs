//! Validators: elections, sessions, finality, what happens to who misbehaves.

use alloc::vec::Vec;

use frame_support::{
	parameter_types,
	traits::{ConstU32, Get},
};
use groma_core::{
	EraIndex,
	money::GRM,
	protocol::{EVIDENCE_ERAS, SESSIONS_PER_ERA},
};
use groma_traits::EraSpans;
use pallet_timing::{
	BabeEpochSlots, DeferEras, EvidenceEras, GenesisProvision, SessionsPerEra, ThawEras,
};
use pallet_validators::KeyProof;
use sp_consensus_babe::Slot;
use sp_core::crypto::KeyTypeId;
use sp_runtime::{
	SaturatedConversion, impl_opaque_keys,
	traits::{ConvertInto, OpaqueKeys},
};
use sp_staking::SessionIndex;

use super::{
	parameters::{self, dynamic_params},
	ranged::{Percent, Plain},
	standstill::Standing,
};
use crate::{
	AccountId, AuthorityDiscovery, Babe, Balance, Balances, Emission, Grandpa, Runtime,
	RuntimeEvent, Session, Stake, Validators,
	constants::{CANDIDATES_MAX, VALIDATORS_MAX},
	governance::origins::{EnsureSlashCancel, RootOr},
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
	/// The keys whose misuse is evidence: those of blocks and of votes.
	pub const ProvableKeys: &'static [KeyTypeId] =
		&[sp_consensus_babe::KEY_TYPE, sp_consensus_grandpa::KEY_TYPE];
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Babe;
	type NextSessionRotation = Babe;
	type SessionManager = Validators;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = SessionKeys;
	type DisablingStrategy = pallet_session::disabling::UpToLimitDisablingStrategy<3>;
	type WeightInfo = weights::Session;
	type Currency = Balances;
	type KeyDeposit = KeyDeposit;
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
	type DeferralEras = DeferEras;
	type FractionMin =
		Percent<dynamic_params::validators::OffencePercentMin, parameters::OffencePercentMin>;
	type ProvableKeys = ProvableKeys;
	type GovernanceOrigin = RootOr<EnsureSlashCancel>;
	type FeedPoints = Plain<dynamic_params::validators::FeedPoints, parameters::FeedPoints>;
	type FindAuthor = Babe;
	type Backing = Stake;
	type Emission = Emission;
	type Standstill = Standing;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::World;
	type WeightInfo = weights::Validators;
}

/// For how many sessions a validator's misbehaviour can be proven: those of the era of an offence,
/// of the eras in which it can be proven, and one more for the sets that begin and end with them.
pub struct EvidenceSessions;

impl Get<u64> for EvidenceSessions {
	fn get() -> u64 {
		evidence_sessions(SessionsPerEra::get(), EvidenceEras::get())
	}
}

fn evidence_sessions(sessions_per_era: u32, evidence_eras: EraIndex) -> u64 {
	let eras = u64::from(evidence_eras).saturating_add(1);
	u64::from(sessions_per_era).saturating_mul(eras).saturating_add(1)
}

/// How many sets of voters are remembered, by which misbehaviour of a voter is proven: one of each
/// session of the evidence, and no fewer than by default. So if Root makes eras shorter, the sets
/// of the longer ones before are remembered as long as they can be proven.
pub struct VoterSets;

impl Get<u64> for VoterSets {
	fn get() -> u64 {
		EvidenceSessions::get().max(evidence_sessions(SESSIONS_PER_ERA, EVIDENCE_ERAS))
	}
}

/// The same, in slots.
pub struct EvidenceSlots;

impl Get<u64> for EvidenceSlots {
	fn get() -> u64 {
		BabeEpochSlots::get().saturating_mul(EvidenceSessions::get())
	}
}

/// How reports of two blocks of one author in one slot are proven and handled.
pub type BabeEquivocations =
	pallet_babe::EquivocationReportSystem<Runtime, Validators, Validators, EvidenceSlots>;

/// How reports of two votes of one voter in one round are proven and handled.
pub type GrandpaEquivocations =
	pallet_grandpa::EquivocationReportSystem<Runtime, Validators, Validators, EvidenceSlots>;

impl pallet_grandpa::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::Consensus;
	type MaxAuthorities = ConstU32<VALIDATORS_MAX>;
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = VoterSets;
	type KeyOwnerProof = KeyProof;
	type EquivocationReportSystem = GrandpaEquivocations;
}

impl pallet_authority_discovery::Config for Runtime {
	type MaxAuthorities = ConstU32<VALIDATORS_MAX>;
}

/// The session in which a slot was, as BABE counts when it checks a report: sessions follow each
/// other, epochs can be skipped.
fn session_of(slot: Slot) -> SessionIndex {
	let began = pallet_babe::GenesisSlot::<Runtime>::get();
	let epoch = (*slot.saturating_sub(*began)).checked_div(BabeEpochSlots::get());
	let epoch = epoch.unwrap_or_default();
	let skipped = pallet_babe::SkippedEpochs::<Runtime>::get();
	let last = skipped.iter().rev().find(|(skipped, _)| *skipped <= epoch);
	let (since, session) = last.copied().unwrap_or_default();
	let passed: SessionIndex = epoch.saturating_sub(since).saturated_into();
	session.saturating_add(passed)
}

/// A proof of whose a key for blocks was in a slot.
pub(crate) fn prove_author(slot: Slot, key: &[u8]) -> Option<KeyProof> {
	let session = session_of(slot);
	Validators::prove_key_in(sp_consensus_babe::KEY_TYPE, key, session..=session)
}

/// A proof of whose a key for votes was in a set of voters, whose sessions begin after those of
/// the set before.
pub(crate) fn prove_voter(set: sp_consensus_grandpa::SetId, key: &[u8]) -> Option<KeyProof> {
	let last = Grandpa::session_for_set(set)?;
	let first = match set.checked_sub(1) {
		Some(before) => Grandpa::session_for_set(before)?.saturating_add(1),
		None => 0,
	};
	Validators::prove_key_in(sp_consensus_grandpa::KEY_TYPE, key, first..=last)
}
