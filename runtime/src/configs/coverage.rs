//! Networks, devices and the stake behind them, challenges, coverage and its rewards, and how they
//! are joined: no pallet of these knows another.

use frame_support::{
	PalletId, parameter_types,
	traits::{ConstU32, ConstU128, Get},
};
use groma_core::{
	money::{GENESIS_SUPPLY, SUPPLY_MAX},
	protocol::GROUPS_PER_BUNDLE_MAX,
	terms::STAKE_PER_DEVICE_MIN,
	words::Hash,
};
use pallet_timing::{DeviceThawWindows, RewardEpochMs, SlotMs};

use super::{
	governance::LargestPreimage,
	money::{Burn, EvidenceLoadAdjustment},
	parameters::{self, dynamic_params},
	proofs::{Bundlers, ByKind, EvidenceLimit, Followers, Kinds},
	ranged::{Percent, Plain},
	session::StakeSpans,
	standstill::Standing,
};
use crate::{
	AccountId, Balances, Challenges, Collector, DataCredits, DeviceRegistry, Emission, Networks,
	PriceFeed, Rewards, Runtime, RuntimeHoldReason, Stake, Timestamp, Validators,
	genesis::treasury_account,
	governance::origins::{EnsureNetworks, RootOr},
	weights,
};

impl pallet_networks::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type GovernanceOrigin = RootOr<EnsureNetworks>;
	type Devices = DeviceRegistry;
	type FoundingDeposit =
		Plain<dynamic_params::networks::FoundingDeposit, parameters::FoundingDeposit>;
	type Time = Timestamp;
	type Windows = Challenges;
	type Epochs = Emission;
	type Standstill = Standing;
	type RaiseWindows = DeviceThawWindows;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::World;
	type WeightInfo = weights::Networks;
}

impl pallet_device_registry::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type GovernanceOrigin = RootOr<EnsureNetworks>;
	type Windows = Challenges;
	type Epochs = Emission;
	type Standstill = Standing;
	type Networks = Networks;
	type Regions = ByKind;
	type Credits = DataCredits;
	type Followers = Followers;
	type RegistrationDeposit =
		Plain<dynamic_params::registry::RegistrationDeposit, parameters::RegistrationDeposit>;
	type WeightInfo = weights::DeviceRegistry;
}

impl pallet_challenges::Config for Runtime {
	type WindowBlocks = Plain<dynamic_params::challenges::WindowBlocks, parameters::WindowBlocks>;
	type LaneFill = Percent<dynamic_params::challenges::LaneFill, parameters::LaneFill>;
	type LaneShare = Percent<dynamic_params::challenges::LanePercent, parameters::LanePercent>;
	type LargestOther = LargestPreimage;
	type SlotDuration = SlotMs;
	type Randomness = ParentVrfOutput;
	type Time = Timestamp;
	type Standstill = Standing;
	type Networks = Networks;
	type Devices = DeviceRegistry;
	type Provisions = Stake;
	type ChallengeCost = ByKind;
	type Evidence = Kinds;
	type FeeAdjustment = EvidenceLoadAdjustment;
	type WeightInfo = weights::Challenges;
}

impl pallet_collector::Config for Runtime {
	type CollectorCrypto = pallet_collector::CollectorCrypto;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type CollectorDeposit =
		Plain<dynamic_params::collector::CollectorDeposit, parameters::CollectorDeposit>;
	type Bundlers = Bundlers;
	type EvidenceLimit = EvidenceLimit;
	type Emission = Emission;
	type Standstill = Standing;
	type CollectorCap = Plain<dynamic_params::collector::CollectorCap, parameters::CollectorCap>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Emission;
	type WeightInfo = weights::Collector;
}

impl pallet_proof_of_coverage::Config for Runtime {
	type GovernanceOrigin = RootOr<EnsureNetworks>;
	type Windows = Challenges;
	type Standstill = Standing;
	type Networks = Networks;
	type Devices = DeviceRegistry;
	type Provisions = Stake;
	type Offences = Stake;
	type Rewards = Rewards;
	type Collectors = Collector;
	type MaxGroupsPerBundle = ConstU32<GROUPS_PER_BUNDLE_MAX>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::World;
	type WeightInfo = weights::ProofOfCoverage;
}

/// The VRF output of the parent block. BABE writes it when a block is finished, so that every hook
/// and call of the next one reads the parent's.
pub struct ParentVrfOutput;

impl Get<Option<Hash>> for ParentVrfOutput {
	fn get() -> Option<Hash> {
		pallet_babe::AuthorVrfRandomness::<Runtime>::get()
	}
}

impl pallet_stake::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Burn = Burn;
	type Windows = Challenges;
	type Networks = Networks;
	type ThawWindows = DeviceThawWindows;
	// Less is behind no device of any network.
	type ProvisionMin = ConstU128<STAKE_PER_DEVICE_MIN>;
	type ReporterShare =
		Percent<dynamic_params::stake::ReporterPercent, parameters::ReporterPercent>;
	type Eras = Validators;
	type Spans = StakeSpans;
	type Keys = Validators;
	type Emission = Emission;
	type DelegationMin = Plain<dynamic_params::stake::DelegationMin, parameters::DelegationMin>;
	type CommissionMax =
		Percent<dynamic_params::stake::CommissionPercentMax, parameters::CommissionPercentMax>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::World;
	type WeightInfo = weights::Stake;
}

parameter_types! {
	/// Names the account from which rewards are paid.
	pub const PotId: PalletId = PalletId(*b"gr/rewds");
	/// Gets the treasury's share of the emission.
	pub TreasuryAccount: AccountId = treasury_account();
}

impl pallet_emission::Config for Runtime {
	type Currency = Balances;
	type Time = Timestamp;
	type EpochLength = RewardEpochMs;
	type Split = dynamic_params::emission::Split;
	type Standstill = Standing;
	type OnEpochClosed = (PriceFeed, Collector, Rewards, Validators);
	type GenesisSupplyMax = ConstU128<GENESIS_SUPPLY>;
	type SupplyMax = ConstU128<SUPPLY_MAX>;
	type TreasuryAccount = TreasuryAccount;
	type PalletId = PotId;
	type WeightInfo = weights::Emission;
}

impl pallet_rewards::Config for Runtime {
	type Emission = Emission;
	type Windows = Challenges;
	type Devices = DeviceRegistry;
	type Networks = Networks;
	type SupplyWork = ByKind;
	type Prices = PriceFeed;
	type Credits = DataCredits;
	type DemandShares = dynamic_params::demand::Shares;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::World;
	type WeightInfo = weights::Rewards;
}
