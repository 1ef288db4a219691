//! A runtime with sessions of ten blocks and this pallet, whose validators are numbers.

#![allow(unreachable_pub, reason = "the test runtime is public within a private module")]

use frame_support::{
	construct_runtime, derive_impl,
	traits::{ConstU32, ConstU64, Hooks},
};
use pallet_session::{
	PeriodicSessions, TestSessionHandler,
	disabling::UpToLimitWithReEnablingDisablingStrategy,
	historical::{self as pallet_session_historical, NoteHistoricalRoot},
};
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, testing::UintAuthorityId, traits::ConvertInto};

use crate as pallet_validators;

pub(crate) type AccountId = u64;

pub(crate) const SESSION_BLOCKS: u64 = 10;
pub(crate) const EVIDENCE_SESSIONS: u32 = 4;
pub(crate) const DEPOSIT: u64 = 7;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Historical: pallet_session_historical,
		Session: pallet_session,
		Validators: pallet_validators,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

type Sessions = PeriodicSessions<ConstU64<SESSION_BLOCKS>, ConstU64<0>>;

impl pallet_session::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Sessions;
	type NextSessionRotation = Sessions;
	type SessionManager = NoteHistoricalRoot<Self, Validators>;
	type SessionHandler = TestSessionHandler;
	type Keys = UintAuthorityId;
	type DisablingStrategy = UpToLimitWithReEnablingDisablingStrategy<3>;
	type WeightInfo = ();
	type Currency = Balances;
	type KeyDeposit = ConstU64<DEPOSIT>;
}

impl pallet_session::historical::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = Unknown;
}

/// Nothing is known of a validator.
pub struct Unknown;

impl sp_runtime::traits::Convert<AccountId, Option<()>> for Unknown {
	fn convert(_: AccountId) -> Option<()> {
		Some(())
	}
}

impl pallet_validators::Config for Test {
	type MaxValidators = ConstU32<100>;
	type EvidenceSessions = ConstU32<EVIDENCE_SESSIONS>;
	type WeightInfo = ();
}

/// A chain of the validators 1 to `count`, each with the key of its number.
pub(crate) fn chain_of(count: u64) -> TestExternalities {
	let keys = (1..=count).map(|number| (number, number, UintAuthorityId(number))).collect();
	RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: (1..=count + 10).map(|number| (number, 1_000)).collect(),
			..Default::default()
		},
		session: pallet_session::GenesisConfig { keys, ..Default::default() },
		..Default::default()
	}
	.build_storage()
	.expect("the genesis is valid")
	.into()
}

/// Makes the blocks until `sessions` more have begun.
pub(crate) fn pass_sessions(sessions: u64) {
	for _ in 0..sessions * SESSION_BLOCKS {
		let number = System::block_number() + 1;
		System::set_block_number(number);
		Session::on_initialize(number);
	}
}

/// The accounts that are disabled now.
pub(crate) fn disabled() -> Vec<AccountId> {
	let validators = Session::validators();
	Session::disabled_validators().iter().map(|index| validators[*index as usize]).collect()
}
