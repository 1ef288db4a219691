//! What GRM is worth, by the feeders of validators.

use frame_support::traits::ConstU32;

use super::{
	parameters::{self, dynamic_params},
	ranged::Percent,
	session::SessionValidators,
	standstill::Standing,
};
use crate::{Challenges, Runtime, Timestamp, Validators, constants::VALIDATORS_MAX, weights};

impl pallet_price_feed::Config for Runtime {
	type FeederCrypto = pallet_price_feed::FeederCrypto;
	type Validators = SessionValidators;
	type FeedWork = Validators;
	type MaxValidators = ConstU32<VALIDATORS_MAX>;
	type Time = Timestamp;
	type Windows = Challenges;
	type Standstill = Standing;
	type Quorum = Percent<dynamic_params::price_feed::QuorumPercent, parameters::QuorumPercent>;
	type BootstrapPrice = dynamic_params::price_feed::BootstrapPrice;
	type BootstrapWindows = dynamic_params::price_feed::BootstrapWindows;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::World;
	type WeightInfo = weights::PriceFeed;
}
