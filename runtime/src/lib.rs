//! The state transition function of the Groma chain: composition only.
//!
//! What a pallet does is written in the pallet. This crate says which pallets there are, under
//! which numbers, and what each is joined to:
//!
//! | module | what it holds |
//! |---|---|
//! | [`configs`] | one file per domain: the `Config` of each pallet and the adapters between pallets |
//! | [`governance`] | referenda, the fellowship, the treasury, safe mode, upgrades |
//! | [`constants`] | limits of a block, money, spans of time |
//! | [`migrations`] | the stepped migrations of this version |
//! | [`genesis`] | the presets `development`, `local_testnet` and `production` |
//! | [`fees`] | what a transaction costs, and the extension that charges it |
//! | [`senders`] | who may send what, and the extension that checks it |
//! | [`transactions`] | the extensions of a transaction, and how off-chain workers make one |
//! | [`apis`] | the runtime APIs |
//! | [`weights`] | which measured weights serve which pallet |
#![cfg_attr(not(feature = "std"), no_std)]
#![allow(missing_docs, reason = "macros generate items that cannot be documented; all others are")]
// The runtime macro and the API macro expand recursively over every pallet.
#![recursion_limit = "512"]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

/// The blob that tests upgrade to. No chain but those of tests runs it.
#[cfg(all(feature = "std", feature = "variant-blob"))]
pub mod variant_blob {
	include!(concat!(env!("OUT_DIR"), "/variant_binary.rs"));
}

// The build script alone turns the feature on, for one blob: so no other blob can have it.
#[cfg(all(feature = "std", feature = "variant"))]
compile_error!("the feature `variant` is for the blob of tests, see runtime/build.rs");

extern crate alloc;

use alloc::vec::Vec;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
mod block;
pub mod configs;
pub mod constants;
pub mod fees;
pub mod genesis;
pub mod governance;
pub mod migrations;
pub mod senders;
mod session_keys;
pub mod transactions;
mod types;
pub mod weights;

pub use apis::{RuntimeApi, VERSION, Version};
pub use block::{Block, Executive, opaque};
pub use configs::session::SessionKeys;
pub use groma_core::money::Balance;
pub use pallet_collector::Call as CollectorCall;
pub use pallet_timestamp::Call as TimestampCall;
pub use transactions::{SignedPayload, TxExtension, UncheckedExtrinsic};
pub use types::{AccountId, Address, BlockNumber, Hash, Header, Nonce, Signature};

/// The pallets by domain. Their numbers are part of every transaction: they are never reused. Hooks
/// run, and genesis is built, in the order of the numbers, whatever the order here; each domain has
/// room to grow.
#[frame_support::runtime]
mod runtime {
	/// The runtime.
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	// The base: 0 to 9. `Timing` comes before every pallet that reads what it writes.
	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Runtime>;
	#[runtime::pallet_index(1)]
	pub type Timing = pallet_timing::Pallet<Runtime>;
	#[runtime::pallet_index(2)]
	pub type Timestamp = pallet_timestamp::Pallet<Runtime>;
	#[runtime::pallet_index(3)]
	pub type Babe = pallet_babe::Pallet<Runtime>;
	#[runtime::pallet_index(4)]
	pub type Authorship = pallet_authorship::Pallet<Runtime>;

	// Money: 10 to 19.
	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances::Pallet<Runtime>;
	#[runtime::pallet_index(11)]
	pub type TransactionPayment = pallet_transaction_payment::Pallet<Runtime>;
	#[runtime::pallet_index(12)]
	pub type PriceFeed = pallet_price_feed::Pallet<Runtime>;
	#[runtime::pallet_index(13)]
	pub type DataCredits = pallet_data_credits::Pallet<Runtime>;
	#[runtime::pallet_index(14)]
	pub type MeteredService = pallet_metered_service::Pallet<Runtime>;
	// Its genesis holds what that of balances gave.
	#[runtime::pallet_index(15)]
	pub type Stake = pallet_stake::Pallet<Runtime>;
	#[runtime::pallet_index(16)]
	pub type Routes = pallet_routes::Pallet<Runtime>;
	// Its genesis locks what that of balances gave.
	#[runtime::pallet_index(17)]
	pub type Vesting = pallet_vesting::Pallet<Runtime>;

	// Validators: 20 to 29. 20 and 21 were those of pallets of the SDK.
	#[runtime::pallet_index(22)]
	pub type Session = pallet_session::Pallet<Runtime>;
	#[runtime::pallet_index(23)]
	pub type Grandpa = pallet_grandpa::Pallet<Runtime>;
	#[runtime::pallet_index(24)]
	pub type AuthorityDiscovery = pallet_authority_discovery::Pallet<Runtime>;
	#[runtime::pallet_index(25)]
	pub type Validators = pallet_validators::Pallet<Runtime>;

	// Tools of every account: 30 to 39.
	#[runtime::pallet_index(30)]
	pub type Utility = pallet_utility::Pallet<Runtime>;
	#[runtime::pallet_index(31)]
	pub type Multisig = pallet_multisig::Pallet<Runtime>;
	#[runtime::pallet_index(32)]
	pub type Proxy = pallet_proxy::Pallet<Runtime>;

	// Governance: 40 to 59.
	#[runtime::pallet_index(40)]
	pub type Preimage = pallet_preimage::Pallet<Runtime>;
	#[runtime::pallet_index(41)]
	pub type Scheduler = pallet_scheduler::Pallet<Runtime>;
	#[runtime::pallet_index(42)]
	pub type Parameters = pallet_parameters::Pallet<Runtime>;
	#[runtime::pallet_index(43)]
	pub type GovernedParameters = pallet_governed_parameters::Pallet<Runtime>;
	#[runtime::pallet_index(44)]
	pub type Origins = governance::origins::pallet::Pallet<Runtime>;
	#[runtime::pallet_index(45)]
	pub type Referenda = pallet_referenda::Pallet<Runtime>;
	#[runtime::pallet_index(46)]
	pub type ConvictionVoting = pallet_conviction_voting::Pallet<Runtime>;
	#[runtime::pallet_index(47)]
	pub type FellowshipCollective = pallet_ranked_collective::Pallet<Runtime, Instance1>;
	#[runtime::pallet_index(48)]
	pub type FellowshipReferenda = pallet_referenda::Pallet<Runtime, Instance2>;
	#[runtime::pallet_index(49)]
	pub type Whitelist = pallet_whitelist::Pallet<Runtime>;
	#[runtime::pallet_index(50)]
	pub type Treasury = pallet_treasury::Pallet<Runtime>;
	#[runtime::pallet_index(51)]
	pub type Bounties = pallet_bounties::Pallet<Runtime>;
	#[runtime::pallet_index(52)]
	pub type ChildBounties = pallet_child_bounties::Pallet<Runtime>;
	#[runtime::pallet_index(53)]
	pub type TreasuryOutflow = pallet_outflow::Pallet<Runtime>;
	#[runtime::pallet_index(54)]
	pub type SafeMode = pallet_safe_mode::Pallet<Runtime>;
	#[runtime::pallet_index(55)]
	pub type TxPause = pallet_tx_pause::Pallet<Runtime>;
	#[runtime::pallet_index(56)]
	pub type MultiBlockMigrations = pallet_migrations::Pallet<Runtime>;
	#[runtime::pallet_index(57)]
	pub type Upgrades = pallet_upgrades::Pallet<Runtime>;

	// Networks, devices and what they earn: 60 to 79. An epoch closes, then a window opens, then
	// proofs run.
	#[runtime::pallet_index(60)]
	pub type Networks = pallet_networks::Pallet<Runtime>;
	#[runtime::pallet_index(61)]
	pub type DeviceRegistry = pallet_device_registry::Pallet<Runtime>;
	#[runtime::pallet_index(62)]
	pub type Emission = pallet_emission::Pallet<Runtime>;
	#[runtime::pallet_index(63)]
	pub type Rewards = pallet_rewards::Pallet<Runtime>;
	#[runtime::pallet_index(64)]
	pub type Collector = pallet_collector::Pallet<Runtime>;
	#[runtime::pallet_index(65)]
	pub type Challenges = pallet_challenges::Pallet<Runtime>;
	#[runtime::pallet_index(66)]
	pub type ProofOfCoverage = pallet_proof_of_coverage::Pallet<Runtime>;
}
