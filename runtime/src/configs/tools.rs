//! Tools of every account: batches, multisigs, proxies.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{ConstU32, InstanceFilter},
};
use groma_traits::EvidenceCalls;
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;

use super::proofs::Kinds;
use crate::{
	Balance, Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, System,
	constants::deposit, weights,
};

impl pallet_utility::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = weights::Utility;
}

parameter_types! {
	/// A multisig operation: 88 bytes under one key.
	pub const MultisigDepositBase: Balance = deposit(1, 88);
	/// Each signatory of it: an account.
	pub const MultisigDepositFactor: Balance = deposit(0, 32);
	/// An account's list of proxies.
	pub const ProxyDepositBase: Balance = deposit(1, 8);
	/// Each proxy of it: an account, a type and a delay.
	pub const ProxyDepositFactor: Balance = deposit(0, 37);
	/// An account's list of announcements.
	pub const AnnouncementDepositBase: Balance = deposit(1, 8);
	/// Each announcement of it: an account, a hash and a height.
	pub const AnnouncementDepositFactor: Balance = deposit(0, 68);
}

impl pallet_multisig::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	type MaxSignatories = ConstU32<100>;
	type WeightInfo = weights::Multisig;
	type BlockNumberProvider = System;
}

// `runtime/tests/runtime/proxies.txt` shows every call against every type.
/// What a proxy may do for the account that named it. Every type but `Any` lists what it allows, so
/// that a new call belongs to none of them.
///
/// A key that a device or a validator signs with is never given to it by a proxy of a narrower type
/// than `Any`: who knows the key can have its holder banned or disabled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum ProxyType {
	/// Everything.
	#[default]
	#[codec(index = 0)]
	Any,
	/// What moves no money of the account, binds none, and gives nothing away.
	#[codec(index = 1)]
	NonTransfer,
	/// Reject announcements of other proxies.
	#[codec(index = 2)]
	CancelProxy,
	/// Run devices: pause, resume and retire them, bring their reports, claim. What it claims goes
	/// to the owner. It can neither register nor move a device, which burns and binds what the
	/// owner has; neither give one away nor take one over; neither redirect its payout nor change
	/// its key. It can remove offers, but not set them.
	#[codec(index = 3)]
	Devices,
	/// Buy services: open and close channels with the payer's credits, claim, and say where its
	/// packets go. It can neither mint credits nor name operators.
	#[codec(index = 4)]
	Payer,
	/// Set stake aside, behind the owner's devices, itself or others who validate, and let it go:
	/// it stays in the owner's account. Claim what it earned for the owner, and say what the owner
	/// takes of those who delegate to it. Stand for a seat of a validator, and resign. It neither
	/// sets session keys nor gives them up: who knows the key of a validator can have its stake
	/// slashed.
	#[codec(index = 5)]
	Staking,
	/// Take part in referenda: vote, delegate and undelegate votes, submit proposals and note what
	/// they call, place deposits and get them back, and vote as a fellow. It moves no money; votes
	/// lock what they count, and deposits of proposals that are killed are lost.
	#[codec(index = 6)]
	Governance,
	/// Get paid by the treasury: pay out spends, propose bounties with their deposit, claim them,
	/// and keep them alive. What it claims goes to the beneficiary. It can neither become a curator
	/// nor award what the account curates.
	#[codec(index = 7)]
	Treasury,
}

/// Whether a call deals with the channels of a payer.
fn deals_with_channels(call: &RuntimeCall) -> bool {
	use pallet_metered_service::Call::{
		claim_vouchers, close_channel, finish_channel, open_channel,
	};
	matches!(
		call,
		RuntimeCall::MeteredService(
			open_channel { .. }
				| close_channel { .. }
				| claim_vouchers { .. }
				| finish_channel { .. }
		)
	)
}

/// Whether a call says where the packets of a payer go, or which requests to join it buys.
fn deals_with_routes(call: &RuntimeCall) -> bool {
	use pallet_routes::Call::{claim_join_eui, release_join_eui, remove_route, set_route};
	matches!(
		call,
		RuntimeCall::Routes(
			set_route { .. }
				| remove_route { .. }
				| claim_join_eui { .. }
				| release_join_eui { .. }
		)
	)
}

/// Whether a call pays devices for what they delivered.
fn claims_vouchers(call: &RuntimeCall) -> bool {
	use pallet_metered_service::Call::{claim_vouchers, finish_channel};
	matches!(call, RuntimeCall::MeteredService(claim_vouchers { .. } | finish_channel { .. }))
}

/// Whether a call runs devices, up to their end, and can neither give them away nor redirect what
/// they earn, nor burn or bind what their owner has. So `register_device` and `assert_location` are
/// not among them: they take what the network's terms say, and the key of a new device would be the
/// proxy's choice. `claim_vouchers` burns what a customer's channel holds, for any caller.
fn runs_devices(call: &RuntimeCall) -> bool {
	use pallet_collector::Call::claim_collected;
	use pallet_device_registry::Call::{retire, set_status};
	use pallet_proof_of_coverage::Call::{expire_device, report_double_beacon};
	use pallet_rewards::Call::{claim, claim_payee};
	use pallet_routes::Call::remove_offer;
	Kinds::is_evidence(call)
		|| claims_vouchers(call)
		|| matches!(
			call,
			RuntimeCall::DeviceRegistry(set_status { .. } | retire { .. })
				| RuntimeCall::Rewards(claim { .. } | claim_payee { .. })
				| RuntimeCall::Collector(claim_collected { .. })
				| RuntimeCall::Routes(remove_offer { .. })
				| RuntimeCall::ProofOfCoverage(expire_device { .. } | report_double_beacon { .. })
		)
}

/// Whether a call only lets others read something, or wraps calls that are looked at one by one.
fn says_or_wraps(call: &RuntimeCall) -> bool {
	use frame_system::Call::{remark, remark_with_event};
	use pallet_utility::Call::{batch, batch_all, force_batch};
	matches!(
		call,
		RuntimeCall::System(remark { .. } | remark_with_event { .. })
			| RuntimeCall::Utility(batch { .. } | batch_all { .. } | force_batch { .. })
	)
}

/// Whether a call rejects what another proxy announced.
fn rejects_announcements(call: &RuntimeCall) -> bool {
	matches!(call, RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. }))
}

/// Whether a call sets stake aside, lets it go, or deals with what it earns.
fn deals_with_stake(call: &RuntimeCall) -> bool {
	use pallet_stake::Call::{
		announce_commission, claim, delegate, provision, set_open, settle, thaw, undelegate,
		withdraw, withdraw_delegated,
	};
	matches!(
		call,
		RuntimeCall::Stake(
			provision { .. }
				| thaw { .. }
				| withdraw { .. }
				| delegate { .. }
				| undelegate { .. }
				| withdraw_delegated { .. }
				| claim { .. }
				| settle { .. }
				| announce_commission { .. }
				| set_open { .. }
		)
	)
}

/// Whether a call begins or ends a candidacy.
fn deals_with_candidacies(call: &RuntimeCall) -> bool {
	use pallet_validators::Call::{declare, resign};
	matches!(call, RuntimeCall::Validators(declare { .. } | resign {}))
}

/// Whether a call votes, or changes who votes for the account.
fn votes(call: &RuntimeCall) -> bool {
	use pallet_conviction_voting::Call::{
		delegate, remove_other_vote, remove_vote, undelegate, unlock, vote,
	};
	use pallet_ranked_collective::Call::{cleanup_poll, vote as vote_as_fellow};
	matches!(
		call,
		RuntimeCall::ConvictionVoting(
			vote { .. }
				| delegate { .. }
				| undelegate { .. }
				| unlock { .. }
				| remove_vote { .. }
				| remove_other_vote { .. }
		) | RuntimeCall::FellowshipCollective(vote_as_fellow { .. } | cleanup_poll { .. })
	)
}

/// Whether a call submits a proposal, to all or to the fellowship, or deals with its deposits.
fn proposes(call: &RuntimeCall) -> bool {
	use pallet_preimage::Call::{note_preimage, unnote_preimage};
	use pallet_referenda::Call::{
		place_decision_deposit, refund_decision_deposit, refund_submission_deposit, set_metadata,
		submit,
	};
	matches!(
		call,
		RuntimeCall::Referenda(
			submit { .. }
				| place_decision_deposit { .. }
				| refund_decision_deposit { .. }
				| refund_submission_deposit { .. }
				| set_metadata { .. }
		) | RuntimeCall::FellowshipReferenda(
			submit { .. }
				| place_decision_deposit { .. }
				| refund_decision_deposit { .. }
				| refund_submission_deposit { .. }
				| set_metadata { .. }
		) | RuntimeCall::Preimage(note_preimage { .. } | unnote_preimage { .. })
	)
}

/// Whether a call brings what the treasury owes.
fn is_paid_by_treasury(call: &RuntimeCall) -> bool {
	use pallet_bounties::Call::{
		claim_bounty, extend_bounty_expiry, poke_deposit, propose_bounty, reclaim_bounty_funds,
	};
	use pallet_child_bounties::Call::claim_child_bounty;
	use pallet_treasury::Call::{check_status, payout};
	matches!(
		call,
		RuntimeCall::Treasury(payout { .. } | check_status { .. })
			| RuntimeCall::Bounties(
				propose_bounty { .. }
					| claim_bounty { .. }
					| extend_bounty_expiry { .. }
					| poke_deposit { .. }
					| reclaim_bounty_funds { .. }
			) | RuntimeCall::ChildBounties(claim_child_bounty { .. })
	)
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			Self::Any => true,
			Self::NonTransfer => {
				runs_devices(call) || says_or_wraps(call) || rejects_announcements(call)
			}
			Self::CancelProxy => rejects_announcements(call),
			Self::Devices => runs_devices(call),
			Self::Payer => deals_with_channels(call) || deals_with_routes(call),
			Self::Staking => deals_with_stake(call) || deals_with_candidacies(call),
			Self::Governance => votes(call) || proposes(call),
			Self::Treasury => is_paid_by_treasury(call),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		self == other || *self == Self::Any
	}
}

impl pallet_proxy::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type ProxyType = ProxyType;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type MaxProxies = ConstU32<32>;
	type WeightInfo = weights::Proxy;
	type MaxPending = ConstU32<32>;
	type CallHasher = BlakeTwo256;
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
}
