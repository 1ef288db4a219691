//! A second kind of proof next to coverage: what it takes, and that it works.
//!
//! The kind is made up ([`kind`]). It lives in a runtime that is the chain's but for three things:
//! one pallet more in the list below, [`configs::proofs`], and a version that a story can raise.
//! Every other module is the very file of the chain's runtime, so that nothing else can have
//! changed to make room for the kind.
#![allow(missing_docs, reason = "macros generate items that cannot be documented; all others are")]
#![allow(
	dead_code,
	unreachable_pub,
	unused_imports,
	reason = "the files of the runtime are written for a library, of which this uses a part"
)]
// The runtime macro expands recursively over every pallet.
#![recursion_limit = "512"]

extern crate alloc;
// The tools of the other stories call the runtime by the name of its crate: here it is this one.
extern crate self as groma_runtime;

#[cfg(feature = "runtime-benchmarks")]
#[path = "../../src/benchmarks.rs"]
mod benchmarks;
#[path = "../../src/block.rs"]
mod block;
#[path = "../../src/constants.rs"]
mod constants;
#[path = "../../src/fees.rs"]
mod fees;
#[path = "../../src/genesis/mod.rs"]
mod genesis;
#[path = "../../src/governance/mod.rs"]
mod governance;
#[path = "../../src/migrations/mod.rs"]
mod migrations;
#[path = "../../src/senders.rs"]
mod senders;
#[path = "../../src/transactions.rs"]
mod transactions;
#[path = "../../src/types.rs"]
mod types;
#[path = "../../src/weights/mod.rs"]
mod weights;

mod configs;
mod kind;

#[path = "../runtime/chain.rs"]
mod chain;
#[path = "../runtime/field.rs"]
mod field;
#[path = "../runtime/ledger.rs"]
mod ledger;

mod game;
mod house;
mod refusals;
mod story;
mod strikes;
mod upgrade;

use alloc::borrow::Cow;

use frame_support::{parameter_types, traits::Get};
use sp_version::RuntimeVersion;

pub use block::{Block, Executive};
pub use configs::session::SessionKeys;
pub use groma_core::money::Balance;
pub use pallet_timestamp::Call as TimestampCall;
pub use transactions::{SignedPayload, UncheckedExtrinsic};
pub use types::{AccountId, Address, BlockNumber, Hash, Header, Nonce, Signature};

parameter_types! {
	/// What a story raises to upgrade the runtime.
	pub static SpecVersion: u32 = 1;
}

/// The version of this runtime. No node asks for it.
pub struct Version;

impl Get<RuntimeVersion> for Version {
	fn get() -> RuntimeVersion {
		RuntimeVersion {
			spec_name: Cow::Borrowed("groma-made-up"),
			impl_name: Cow::Borrowed("groma-made-up"),
			authoring_version: 1,
			spec_version: SpecVersion::get(),
			impl_version: 1,
			apis: Cow::Borrowed(&[]),
			transaction_version: 1,
			system_version: 1,
		}
	}
}

#[frame_support::runtime]
mod runtime {
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
	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances::Pallet<Runtime>;
	#[runtime::pallet_index(11)]
	pub type TransactionPayment = pallet_transaction_payment::Pallet<Runtime>;
	#[runtime::pallet_index(15)]
	pub type Stake = pallet_stake::Pallet<Runtime>;
	#[runtime::pallet_index(22)]
	pub type Session = pallet_session::Pallet<Runtime>;
	#[runtime::pallet_index(23)]
	pub type Grandpa = pallet_grandpa::Pallet<Runtime>;
	#[runtime::pallet_index(24)]
	pub type AuthorityDiscovery = pallet_authority_discovery::Pallet<Runtime>;
	#[runtime::pallet_index(25)]
	pub type Validators = pallet_validators::Pallet<Runtime>;
	#[runtime::pallet_index(12)]
	pub type PriceFeed = pallet_price_feed::Pallet<Runtime>;
	#[runtime::pallet_index(30)]
	pub type Utility = pallet_utility::Pallet<Runtime>;
	#[runtime::pallet_index(31)]
	pub type Multisig = pallet_multisig::Pallet<Runtime>;
	#[runtime::pallet_index(32)]
	pub type Proxy = pallet_proxy::Pallet<Runtime>;
	#[runtime::pallet_index(40)]
	pub type Preimage = pallet_preimage::Pallet<Runtime>;
	#[runtime::pallet_index(41)]
	pub type Scheduler = pallet_scheduler::Pallet<Runtime>;
	#[runtime::pallet_index(42)]
	pub type Parameters = pallet_parameters::Pallet<Runtime>;
	#[runtime::pallet_index(43)]
	pub type GovernedParameters = pallet_governed_parameters::Pallet<Runtime>;
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
	#[runtime::pallet_index(13)]
	pub type DataCredits = pallet_data_credits::Pallet<Runtime>;
	#[runtime::pallet_index(14)]
	pub type MeteredService = pallet_metered_service::Pallet<Runtime>;
	#[runtime::pallet_index(16)]
	pub type Routes = pallet_routes::Pallet<Runtime>;
	#[runtime::pallet_index(17)]
	pub type Vesting = pallet_vesting::Pallet<Runtime>;
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

	/// The kind of proof that is made up.
	#[runtime::pallet_index(255)]
	pub type MadeUp = crate::kind::Pallet<Runtime>;
}
