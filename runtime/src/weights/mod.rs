//! Which measured weights serve which pallet. Pallets of the SDK use the weights that they ship;
//! Groma's own are measured by `scripts/weights`, which writes the files next to this one. None is
//! `()`, which is made for tests: `scripts/checks/weights` holds that.

use crate::Runtime;

mod consensus;
mod pallet_challenges;
mod pallet_collector;
mod pallet_data_credits;
mod pallet_device_registry;
mod pallet_emission;
mod pallet_governed_parameters;
mod pallet_metered_service;
mod pallet_networks;
mod pallet_outflow;
mod pallet_parameters;
mod pallet_price_feed;
mod pallet_proof_of_coverage;
mod pallet_rewards;
mod pallet_routes;
mod pallet_stake;
mod pallet_upgrades;
mod pallet_validators;
mod treasury;

pub use consensus::Consensus;
pub use treasury::{Bounties, Treasury};

macro_rules! shipped_weights {
	($($(#[$doc:meta])* $name:ident = $pallet:ident;)*) => {
		$($(#[$doc])* pub type $name = $pallet::weights::SubstrateWeight<Runtime>;)*
	};
}

shipped_weights! {
	/// Of `frame-system`.
	System = frame_system;
	/// Of `pallet-timestamp`.
	Timestamp = pallet_timestamp;
	/// Of `pallet-balances`.
	Balances = pallet_balances;
	/// Of `pallet-transaction-payment`.
	TransactionPayment = pallet_transaction_payment;
	/// Of `pallet-session`.
	Session = pallet_session;
	/// Of `pallet-utility`.
	Utility = pallet_utility;
	/// Of `pallet-multisig`.
	Multisig = pallet_multisig;
	/// Of `pallet-proxy`.
	Proxy = pallet_proxy;
	/// Of `pallet-preimage`.
	Preimage = pallet_preimage;
	/// Of `pallet-scheduler`.
	Scheduler = pallet_scheduler;
	/// Of `pallet-referenda`.
	Referenda = pallet_referenda;
	/// Of `pallet-conviction-voting`.
	ConvictionVoting = pallet_conviction_voting;
	/// Of `pallet-ranked-collective`.
	FellowshipCollective = pallet_ranked_collective;
	/// Of `pallet-whitelist`.
	Whitelist = pallet_whitelist;
	/// Of `pallet-child-bounties`.
	ChildBounties = pallet_child_bounties;
	/// Of `pallet-vesting`.
	Vesting = pallet_vesting;
	/// Of `pallet-safe-mode`.
	SafeMode = pallet_safe_mode;
	/// Of `pallet-tx-pause`.
	TxPause = pallet_tx_pause;
	/// Of `pallet-migrations`.
	Migrations = pallet_migrations;
}

/// Of `pallet-parameters`, whose own weights cannot be named.
pub type Parameters = pallet_parameters::WeightInfo<Runtime>;
/// Of `pallet-networks`.
pub type Networks = pallet_networks::WeightInfo<Runtime>;
/// Of `pallet-device-registry`.
pub type DeviceRegistry = pallet_device_registry::WeightInfo<Runtime>;
/// Of `pallet-collector`.
pub type Collector = pallet_collector::WeightInfo<Runtime>;
/// Of `pallet-challenges`.
pub type Challenges = pallet_challenges::WeightInfo<Runtime>;
/// Of `pallet-proof-of-coverage`.
pub type ProofOfCoverage = pallet_proof_of_coverage::WeightInfo<Runtime>;
/// Of `pallet-emission`.
pub type Emission = pallet_emission::WeightInfo<Runtime>;
/// Of `pallet-governed-parameters`.
pub type GovernedParameters = pallet_governed_parameters::WeightInfo<Runtime>;
/// Of `pallet-price-feed`.
pub type PriceFeed = pallet_price_feed::WeightInfo<Runtime>;
/// Of `pallet-data-credits`.
pub type DataCredits = pallet_data_credits::WeightInfo<Runtime>;
/// Of `pallet-metered-service`.
pub type MeteredService = pallet_metered_service::WeightInfo<Runtime>;
/// Of `pallet-rewards`.
pub type Rewards = pallet_rewards::WeightInfo<Runtime>;
/// Of `pallet-outflow`.
pub type Outflow = pallet_outflow::WeightInfo<Runtime>;
/// Of `pallet-routes`.
pub type Routes = pallet_routes::WeightInfo<Runtime>;
/// Of `pallet-stake`.
pub type Stake = pallet_stake::WeightInfo<Runtime>;
/// Of `pallet-upgrades`.
pub type Upgrades = pallet_upgrades::WeightInfo<Runtime>;
/// Of `pallet-validators`.
pub type Validators = pallet_validators::WeightInfo<Runtime>;

/// Of the transaction extensions of `frame-system`.
pub type SystemExtensions = frame_system::SubstrateExtensionsWeight<Runtime>;
