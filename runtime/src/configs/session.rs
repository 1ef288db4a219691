//! Validators: sessions, finality, what happens to who misbehaves. The set is the one of genesis.

use alloc::vec::Vec;

use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64, Get, KeyOwnerProofSystem},
	weights::Weight,
};
use groma_core::money::GRM;
use groma_traits::Validators;
use pallet_session::historical::{self, IdentificationTuple, NoteHistoricalRoot};
use pallet_timing::BabeEpochSlots;
use sp_core::crypto::KeyTypeId;
use sp_runtime::{
	Perbill, impl_opaque_keys,
	traits::{ConvertInto, OpaqueKeys},
};
use sp_staking::{
	SessionIndex,
	offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
};

use crate::{
	AccountId, AuthorityDiscovery, Babe, Balance, Balances, Grandpa, Historical, Offences, Runtime,
	RuntimeEvent, Session,
	constants::{EVIDENCE_SESSIONS, VALIDATORS_MAX},
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
	type SessionManager = NoteHistoricalRoot<Self, GenesisValidators>;
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

impl Validators<AccountId> for SessionValidators {
	fn session() -> u32 {
		Session::current_index()
	}

	fn present() -> Vec<AccountId> {
		Session::validators()
	}
}

/// The validators of genesis, permanently: all who have session keys there.
///
/// After genesis a session has a new set only in that someone changed keys. It is announced then,
/// so that the historical root covers the new keys and they can be held to what they sign.
pub struct GenesisValidators;

impl GenesisValidators {
	/// The validators, if the session that is planned has other keys than the one that began.
	fn with_changed_keys() -> Option<Vec<AccountId>> {
		let has_changed = Session::queued_keys()
			.into_iter()
			.any(|(validator, keys)| Session::load_keys(&validator) != Some(keys));
		has_changed.then(Session::validators)
	}

	fn at_genesis() -> Vec<AccountId> {
		let mut validators: Vec<_> = pallet_session::NextKeys::<Runtime>::iter_keys().collect();
		validators.sort();
		validators
	}
}

impl pallet_session::SessionManager<AccountId> for GenesisValidators {
	fn new_session(_: SessionIndex) -> Option<Vec<AccountId>> {
		Self::with_changed_keys()
	}

	fn new_session_genesis(_: SessionIndex) -> Option<Vec<AccountId>> {
		Some(Self::at_genesis())
	}

	fn start_session(_: SessionIndex) {}

	fn end_session(ended: SessionIndex) {
		if let Some(oldest) = ended.checked_sub(EVIDENCE_SESSIONS) {
			Historical::prune_up_to(oldest);
		}
	}
}

impl historical::SessionManager<AccountId, ()> for GenesisValidators {
	fn new_session(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
		let validators = <Self as pallet_session::SessionManager<_>>::new_session(index)?;
		Some(validators.into_iter().map(|validator| (validator, ())).collect())
	}

	fn new_session_genesis(_: SessionIndex) -> Option<Vec<(AccountId, ())>> {
		Some(Self::at_genesis().into_iter().map(|validator| (validator, ())).collect())
	}

	fn start_session(index: SessionIndex) {
		<Self as pallet_session::SessionManager<_>>::start_session(index);
	}

	fn end_session(index: SessionIndex) {
		<Self as pallet_session::SessionManager<_>>::end_session(index);
	}
}

impl pallet_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = IdentificationTuple<Self>;
	type OnOffenceHandler = Disabling;
}

/// Disables validators that equivocated, at most a third of the set at once. The pallet of offences
/// keeps every report. Stake will be slashed here once validators hold any.
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
	type WeightInfo = ();
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
