//! What customers pay with, how, and what they find to buy: credits, channels, routes and offers.

use frame_support::traits::ConstU128;
use groma_core::money::GRM;

use super::{
	parameters::{self, dynamic_params},
	ranged::{Percent, Plain},
	standstill::Standing,
};
use crate::{
	Balances, Challenges, DataCredits, DeviceRegistry, Emission, MeteredService, Networks,
	PriceFeed, Rewards, Runtime, RuntimeHoldReason, Timestamp,
	constants::deposit,
	governance::origins::{EnsureNetworks, RootOr},
	weights,
};

impl pallet_data_credits::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Prices = PriceFeed;
	type Emission = Emission;
	type Holders = MeteredService;
	// An account, and what it may and did commit.
	type OperatorDeposit = ConstU128<{ deposit(1, 70) }>;
	type WeightInfo = weights::DataCredits;
}

impl pallet_metered_service::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Windows = Challenges;
	type Standstill = Standing;
	type Time = Timestamp;
	type Networks = Networks;
	type Devices = DeviceRegistry;
	type Credits = DataCredits;
	type Demand = Rewards;
	type Prices = PriceFeed;
	type Emission = Emission;
	type BondShare = Percent<dynamic_params::channels::BondPercent, parameters::BondPercent>;
	type GraceWindows = Plain<dynamic_params::channels::GraceWindows, parameters::GraceWindows>;
	// Two numbers under the ids of channel and device.
	type SeatDeposit = ConstU128<{ deposit(1, 60) }>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::World;
	type WeightInfo = weights::MeteredService;
}

impl pallet_routes::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type GovernanceOrigin = RootOr<EnsureNetworks>;
	type Operators = DataCredits;
	type Devices = DeviceRegistry;
	type Networks = Networks;
	// An account, an endpoint, a key.
	type RouteDeposit = ConstU128<{ deposit(1, 250) }>;
	// Far more than the state costs: it is what squatters pay.
	type JoinEuiDeposit = ConstU128<{ 10 * GRM }>;
	// An account and an endpoint.
	type OfferDeposit = ConstU128<{ deposit(1, 250) }>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::World;
	type WeightInfo = weights::Routes;
}
