//! The base: system, timing, time, block production.

use frame_support::{
	derive_impl, parameter_types, traits::ConstU32, weights::constants::ParityDbWeight,
};
use pallet_timing::{BabeEpochSlots, MinimumPeriod, SlotMs};
use sp_runtime::traits::AccountIdLookup;

use super::{filter::CallFilter, parameters::FirstParameters, session::BabeEquivocations};
use crate::{
	AccountId, Babe, Balance, Block, BlockNumber, Hash, Nonce, PalletInfo, Runtime, RuntimeCall,
	RuntimeEvent, RuntimeOrigin, RuntimeTask, Session, Version,
	constants::{BLOCK_HASHES, BlockLength, BlockWeights, SS58_PREFIX, VALIDATORS_MAX},
	weights,
};

parameter_types! {
	/// How many block hashes the state keeps.
	pub const BlockHashCount: BlockNumber = BLOCK_HASHES;
	/// The prefix of addresses.
	pub const SS58Prefix: u16 = SS58_PREFIX;
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = Block;
	type BaseCallFilter = CallFilter;
	type AccountId = AccountId;
	type Lookup = AccountIdLookup<AccountId, ()>;
	type Nonce = Nonce;
	type Hash = Hash;
	type AccountData = pallet_balances::AccountData<Balance>;
	type BlockHashCount = BlockHashCount;
	type BlockLength = BlockLength;
	type BlockWeights = BlockWeights;
	type DbWeight = ParityDbWeight;
	type ExtensionsWeightInfo = weights::SystemExtensions;
	type MaxConsumers = ConstU32<128>;
	type SS58Prefix = SS58Prefix;
	type SystemWeightInfo = weights::System;
	type Version = Version;
}

impl pallet_timing::Config for Runtime {
	type FirstParameters = FirstParameters;
}

impl pallet_timestamp::Config for Runtime {
	type Moment = u64;
	type OnTimestampSet = Babe;
	type MinimumPeriod = MinimumPeriod;
	type WeightInfo = weights::Timestamp;
}

impl pallet_babe::Config for Runtime {
	type EpochDuration = BabeEpochSlots;
	type ExpectedBlockTime = SlotMs;
	// A session is a BABE epoch: the session pallet changes both at once.
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	type DisabledValidators = Session;
	type WeightInfo = weights::Consensus;
	type MaxAuthorities = ConstU32<VALIDATORS_MAX>;
	// Only a validator itself stands behind it.
	type MaxNominators = ConstU32<0>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem = BabeEquivocations;
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
	type EventHandler = ();
}
