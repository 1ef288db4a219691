//! Governed parameters. A vote may set each within its range and no further: the range is checked
//! where a value is set, and what is stored is clamped where it is read.

use frame_support::{
	dynamic_params::{dynamic_pallet_params, dynamic_params},
	traits::{BuildGenesisConfig, Contains},
};
use groma_core::{
	money::{Balance, DELEGATION_MIN, DemandShares, GRM, MILLI_GRM},
	price::Price,
	protocol::{DAY_WINDOWS, GRACE_WINDOWS_MIN, WINDOW_BLOCKS_MAX},
};
use pallet_emission::EmissionSplit;
use pallet_validators::BLOCK_POINTS;
use serde::{Deserialize, Serialize};

use super::ranged::Bounds;
use crate::{Runtime, constants::VALIDATOR_SEATS_MAX};

/// Names the ranges of governed numbers.
macro_rules! bounds {
	($($(#[$doc:meta])* $name:ident: $number:ty = $min:expr, $max:expr;)*) => {
		$(
			$(#[$doc])*
			pub struct $name;

			impl Bounds for $name {
				type Number = $number;
				const MIN: $number = $min;
				const MAX: $number = $max;
			}
		)*
	};
}

bounds! {
	/// The blocks of a window: from 10 (a minute) to 2,000 (more than three hours).
	WindowBlocks: u32 = 10, WINDOW_BLOCKS_MAX;
	/// Percent of a block: neither evidence nor anything else can be shut out.
	LanePercent: u32 = 10, 90;
	/// Percent of the lane that challenges are meant to fill.
	LaneFill: u32 = 1, 100;
	/// What the state of a device is worth: from the existential deposit to what no one would pay.
	RegistrationDeposit: Balance = 10 * MILLI_GRM, 1_000 * GRM;
	/// What the id of a network is worth that someone founds: no less than a GRM, or ids are used
	/// up for nothing.
	FoundingDeposit: Balance = GRM, 1_000_000 * GRM;
	/// What a collector's index is worth: from the existential deposit to what no one would pay.
	CollectorDeposit: Balance = 10 * MILLI_GRM, 1_000 * GRM;
	/// The most that a report earns its collectors: from nothing to 0.1 GRM. Bringing it costs no
	/// fee, so no fee bounds it from below.
	CollectorCap: Balance = 0, 100 * MILLI_GRM;
	/// Percent of the validators whose prices have to be fresh for a price: a third to two thirds.
	QuorumPercent: u32 = 34, 66;
	/// The bond of a channel, in percent of what was burned for its credits.
	BondPercent: u32 = 25, 100;
	/// Windows from the end of a channel to the last claim: a day to two weeks, of windows of 5
	/// minutes.
	GraceWindows: u32 = GRACE_WINDOWS_MIN, 14 * DAY_WINDOWS;
	/// The reporter's percent of a slash: an offender who reports itself loses four fifths.
	ReporterPercent: u32 = 0, 20;
	/// The most that an operator takes of a reward, in percent: what it has to do costs something.
	CommissionPercentMax: u32 = 10, 100;
	/// The least that an account delegates to an operator, in plancks: from a GRM, so that a record
	/// is worth its room, to what few hold.
	DelegationMin: Balance = GRM, 10_000 * GRM;
	/// Seats of validators: one to as many as a block can elect and reward.
	Seats: u32 = 1, VALIDATOR_SEATS_MAX;
	/// The least own stake of a candidate for them: from what a device needs at least to what no
	/// one would bind.
	OwnStakeMin: Balance = GRM, 1_000_000 * GRM;
	/// The least percent of what stood behind a validator that an offence costs: never nothing, and
	/// no more than what a small operator survives.
	OffencePercentMin: u32 = 1, 10;
	/// Thousandths of a block that 4 minutes of fresh prices count: from nothing to a block.
	FeedPoints: u32 = 0, BLOCK_POINTS;
}

/// The bootstrap price: $0.01 per GRM.
const BOOTSTRAP_PRICE: Price = Price::clamp(10_000_000);
/// The bootstrap price ends after thirty days of windows of five minutes.
const BOOTSTRAP_WINDOWS: u32 = 30 * DAY_WINDOWS;
/// Windows of five minutes, with slots of 6 s.
const WINDOW_BLOCKS: u32 = 50;

/// The parameters with their defaults.
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
	use super::*;

	/// Challenges.
	#[dynamic_pallet_params]
	#[codec(index = 0)]
	pub mod challenges {
		/// Blocks of a window; a change applies from the next window on.
		#[codec(index = 0)]
		pub static WindowBlocks: u32 = super::super::WINDOW_BLOCKS;
		/// The share of the lane that challenges of all networks together are meant to fill.
		#[codec(index = 1)]
		pub static LaneFill: u32 = 60;
		/// The share of ordinary transactions of a block, in compute and in length, that is kept
		/// for evidence and bounds it.
		#[codec(index = 2)]
		pub static LanePercent: u32 = 50;
	}

	/// The device registry.
	#[dynamic_pallet_params]
	#[codec(index = 1)]
	pub mod registry {
		/// Plancks held from the owner of a device until it is retired.
		#[codec(index = 0)]
		pub static RegistrationDeposit: Balance = GRM;
	}

	/// The emission.
	#[dynamic_pallet_params]
	#[codec(index = 2)]
	pub mod emission {
		/// How an epoch's emission is divided.
		#[codec(index = 0)]
		pub static Split: EmissionSplit = EmissionSplit::default();
	}

	/// Collectors.
	#[dynamic_pallet_params]
	#[codec(index = 3)]
	pub mod collector {
		/// The most plancks that a report earns: four fifths for its statement, one for the reveal.
		#[codec(index = 0)]
		pub static CollectorCap: Balance = MILLI_GRM;
		/// Plancks held from a collector until it deregisters.
		#[codec(index = 1)]
		pub static CollectorDeposit: Balance = 10 * GRM;
	}

	/// The price of GRM.
	#[dynamic_pallet_params]
	#[codec(index = 4)]
	pub mod price_feed {
		/// Percent of the validators whose prices have to be fresh for a price.
		#[codec(index = 0)]
		pub static QuorumPercent: u32 = 50;
		/// The price before the first quorum, in nano-USD per GRM.
		#[codec(index = 1)]
		pub static BootstrapPrice: Price = super::super::BOOTSTRAP_PRICE;
		/// The window in which it ends if no quorum ended it before.
		#[codec(index = 2)]
		pub static BootstrapWindows: u32 = super::super::BOOTSTRAP_WINDOWS;
	}

	/// What customers pay for services.
	#[dynamic_pallet_params]
	#[codec(index = 5)]
	pub mod demand {
		/// What owners of devices, and validators, get of what was burned for a service.
		#[codec(index = 0)]
		pub static Shares: DemandShares = DemandShares::default();
	}

	/// Channels of customers.
	#[dynamic_pallet_params]
	#[codec(index = 6)]
	pub mod channels {
		/// The bond of a channel, in percent of what was burned for its credits.
		#[codec(index = 0)]
		pub static BondPercent: u32 = 25;
		/// Windows from the end of a channel to the last claim.
		#[codec(index = 1)]
		pub static GraceWindows: u32 = GRACE_WINDOWS_MIN;
	}

	/// Stake.
	#[dynamic_pallet_params]
	#[codec(index = 7)]
	pub mod stake {
		/// What goes to who proved an offence, in percent of the stake that it cost.
		#[codec(index = 0)]
		pub static ReporterPercent: u32 = 5;
		/// The most that an operator takes of a reward before it is divided, in percent.
		#[codec(index = 1)]
		pub static CommissionPercentMax: u32 = 50;
		/// The least plancks that an account delegates to an operator.
		#[codec(index = 2)]
		pub static DelegationMin: Balance = DELEGATION_MIN;
	}

	/// Networks that anyone founds.
	#[dynamic_pallet_params]
	#[codec(index = 8)]
	pub mod networks {
		/// Plancks held from who founds a network, until it is dissolved.
		#[codec(index = 0)]
		pub static FoundingDeposit: Balance = 1_000 * GRM;
	}

	/// Validators.
	#[dynamic_pallet_params]
	#[codec(index = 9)]
	pub mod validators {
		/// How many seats an election fills.
		#[codec(index = 0)]
		pub static Seats: u32 = 100;
		/// The least own stake of a candidate, in plancks provisioned for validating.
		#[codec(index = 1)]
		pub static OwnStakeMin: Balance = 10_000 * GRM;
		/// What each 4 minutes of fresh prices count for a validator, in thousandths of a block.
		#[codec(index = 2)]
		pub static FeedPoints: u32 = 100;
		/// The least that an offence costs, in percent of what stood behind the validator.
		#[codec(index = 3)]
		pub static OffencePercentMin: u32 = 1;
	}
}

/// Whether a vote may set a parameter to a value: a number within its range. The shares of the
/// emission sum to the whole by their type.
pub struct WithinBounds;

impl Contains<RuntimeParameters> for WithinBounds {
	fn contains(parameter: &RuntimeParameters) -> bool {
		use dynamic_params::{
			challenges, channels, collector, demand, emission, networks, price_feed, registry,
			stake, validators,
		};
		match parameter {
			RuntimeParameters::Challenges(challenges::Parameters::WindowBlocks(_, value)) => {
				admits::<WindowBlocks>(value)
			}
			RuntimeParameters::Challenges(challenges::Parameters::LaneFill(_, value)) => {
				admits::<LaneFill>(value)
			}
			RuntimeParameters::Challenges(challenges::Parameters::LanePercent(_, value)) => {
				admits::<LanePercent>(value)
			}
			RuntimeParameters::Registry(registry::Parameters::RegistrationDeposit(_, value)) => {
				admits::<RegistrationDeposit>(value)
			}
			RuntimeParameters::Emission(emission::Parameters::Split(_, value)) => value.is_some(),
			RuntimeParameters::Collector(collector::Parameters::CollectorCap(_, value)) => {
				admits::<CollectorCap>(value)
			}
			RuntimeParameters::Collector(collector::Parameters::CollectorDeposit(_, value)) => {
				admits::<CollectorDeposit>(value)
			}
			RuntimeParameters::PriceFeed(price_feed::Parameters::QuorumPercent(_, value)) => {
				admits::<QuorumPercent>(value)
			}
			RuntimeParameters::PriceFeed(price_feed::Parameters::BootstrapPrice(_, value)) => {
				value.is_some()
			}
			RuntimeParameters::PriceFeed(price_feed::Parameters::BootstrapWindows(_, value)) => {
				value.is_some()
			}
			RuntimeParameters::Demand(demand::Parameters::Shares(_, value)) => value.is_some(),
			RuntimeParameters::Channels(channels::Parameters::BondPercent(_, value)) => {
				admits::<BondPercent>(value)
			}
			RuntimeParameters::Channels(channels::Parameters::GraceWindows(_, value)) => {
				admits::<GraceWindows>(value)
			}
			RuntimeParameters::Networks(networks::Parameters::FoundingDeposit(_, value)) => {
				admits::<FoundingDeposit>(value)
			}
			RuntimeParameters::Stake(stake::Parameters::ReporterPercent(_, value)) => {
				admits::<ReporterPercent>(value)
			}
			RuntimeParameters::Stake(stake::Parameters::CommissionPercentMax(_, value)) => {
				admits::<CommissionPercentMax>(value)
			}
			RuntimeParameters::Stake(stake::Parameters::DelegationMin(_, value)) => {
				admits::<DelegationMin>(value)
			}
			RuntimeParameters::Validators(validators::Parameters::Seats(_, value)) => {
				admits::<Seats>(value)
			}
			RuntimeParameters::Validators(validators::Parameters::OwnStakeMin(_, value)) => {
				admits::<OwnStakeMin>(value)
			}
			RuntimeParameters::Validators(validators::Parameters::FeedPoints(_, value)) => {
				admits::<FeedPoints>(value)
			}
			RuntimeParameters::Validators(validators::Parameters::OffencePercentMin(_, value)) => {
				admits::<OffencePercentMin>(value)
			}
		}
	}
}

fn admits<B: Bounds>(value: &Option<B::Number>) -> bool {
	value.is_some_and(B::admits)
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
	fn default() -> Self {
		use dynamic_params::challenges;
		Self::Challenges(challenges::Parameters::WindowBlocks(
			challenges::WindowBlocks,
			Some(WINDOW_BLOCKS),
		))
	}
}

/// Governed parameters that a genesis sets.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FirstParameters {
	/// Blocks of a window.
	pub window_blocks: u32,
	/// The price before the first quorum, in nano-USD per GRM.
	pub bootstrap_price: Price,
	/// The window in which it ends if no quorum ended it before.
	pub bootstrap_windows: u32,
}

impl Default for FirstParameters {
	fn default() -> Self {
		Self {
			window_blocks: WINDOW_BLOCKS,
			bootstrap_price: BOOTSTRAP_PRICE,
			bootstrap_windows: BOOTSTRAP_WINDOWS,
		}
	}
}

impl BuildGenesisConfig for FirstParameters {
	/// Ends a genesis that cannot be.
	fn build(&self) {
		use dynamic_params::{challenges, price_feed};
		assert!(
			WindowBlocks::admits(self.window_blocks),
			"{} blocks are no window",
			self.window_blocks
		);
		set(RuntimeParameters::Challenges(challenges::Parameters::WindowBlocks(
			challenges::WindowBlocks,
			Some(self.window_blocks),
		)));
		set(RuntimeParameters::PriceFeed(price_feed::Parameters::BootstrapPrice(
			price_feed::BootstrapPrice,
			Some(self.bootstrap_price),
		)));
		set(RuntimeParameters::PriceFeed(price_feed::Parameters::BootstrapWindows(
			price_feed::BootstrapWindows,
			Some(self.bootstrap_windows),
		)));
	}
}

fn set(parameter: RuntimeParameters) {
	use frame_support::traits::dynamic_params::AggregatedKeyValue;
	if let (key, Some(value)) = parameter.into_parts() {
		pallet_parameters::Parameters::<Runtime>::insert(key, value);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_support::traits::Get;

	#[test]
	fn defaults_are_within_their_ranges() {
		sp_io::TestExternalities::default().execute_with(|| {
			use dynamic_params::{
				challenges, channels, collector, networks, price_feed, registry, stake, validators,
			};
			assert!(Seats::admits(validators::Seats::get()));
			assert!(OwnStakeMin::admits(validators::OwnStakeMin::get()));
			assert!(FeedPoints::admits(validators::FeedPoints::get()));
			assert!(OffencePercentMin::admits(validators::OffencePercentMin::get()));
			assert!(DelegationMin::admits(stake::DelegationMin::get()));
			assert!(QuorumPercent::admits(price_feed::QuorumPercent::get()));
			assert!(ReporterPercent::admits(stake::ReporterPercent::get()));
			assert!(CommissionPercentMax::admits(stake::CommissionPercentMax::get()));
			assert!(BondPercent::admits(channels::BondPercent::get()));
			assert!(GraceWindows::admits(channels::GraceWindows::get()));
			assert!(WindowBlocks::admits(challenges::WindowBlocks::get()));
			assert!(LaneFill::admits(challenges::LaneFill::get()));
			assert!(LanePercent::admits(challenges::LanePercent::get()));
			assert!(RegistrationDeposit::admits(registry::RegistrationDeposit::get()));
			assert!(CollectorCap::admits(collector::CollectorCap::get()));
			assert!(CollectorDeposit::admits(collector::CollectorDeposit::get()));
			assert!(FoundingDeposit::admits(networks::FoundingDeposit::get()));
		});
	}
}
