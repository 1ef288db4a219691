//! The base: system, timing, time, block production.

use frame_support::{
	ConsensusEngineId, derive_impl, parameter_types,
	traits::{ConstU32, FindAuthor},
	weights::constants::ParityDbWeight,
};
use pallet_timing::{BabeEpochSlots, MinimumPeriod, SlotMs};
use sp_runtime::traits::AccountIdLookup;

use super::{filter::CallFilter, parameters::FirstParameters, session::BabeEquivocations};
use crate::{
	AccountId, Babe, Balance, Block, BlockNumber, Hash, MultiBlockMigrations, Nonce, PalletInfo,
	Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, RuntimeTask, Session, System, Version,
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
	type MultiBlockMigrator = MultiBlockMigrations;
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
	type KeyOwnerProof = pallet_validators::KeyProof;
	type EquivocationReportSystem = BabeEquivocations;
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = AuthorOfBlock;
	type EventHandler = ();
}

/// Finds the author of a block, who gets its tips. The first block of a session is authored by the
/// set that begins with it, and is asked for its author before the session pallet has changed the
/// set: then the planned one is meant.
pub struct AuthorOfBlock;

impl FindAuthor<AccountId> for AuthorOfBlock {
	fn find_author<'a, I>(digests: I) -> Option<AccountId>
	where
		I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
	{
		let index = usize::try_from(<Babe as FindAuthor<u32>>::find_author(digests)?).ok()?;
		if Babe::should_epoch_change(System::block_number()) {
			return Session::queued_keys().into_iter().nth(index).map(|(author, _)| author);
		}
		Session::validators().into_iter().nth(index)
	}
}
