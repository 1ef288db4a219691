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

/// What a proxy may do for the account that named it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum ProxyType {
	/// Everything.
	#[default]
	#[codec(index = 0)]
	Any,
	/// Everything that moves no money.
	#[codec(index = 1)]
	NonTransfer,
	/// Reject announcements of other proxies.
	#[codec(index = 2)]
	CancelProxy,
	/// Run devices: register, place and maintain them, bring their reports, claim. What it claims
	/// goes to the owner, and it can neither give a device away nor redirect its payout.
	#[codec(index = 3)]
	Devices,
	/// Buy services: open and close channels with the payer's credits, and claim. It can neither
	/// mint credits nor name operators.
	#[codec(index = 4)]
	Payer,
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

/// Whether a call pays devices for what they delivered.
fn claims_vouchers(call: &RuntimeCall) -> bool {
	use pallet_metered_service::Call::{claim_vouchers, finish_channel};
	matches!(call, RuntimeCall::MeteredService(claim_vouchers { .. } | finish_channel { .. }))
}

/// Whether a call burns, bonds, or names who may.
fn spends(call: &RuntimeCall) -> bool {
	let is_of_money = matches!(
		call,
		RuntimeCall::Balances(_) | RuntimeCall::DataCredits(_) | RuntimeCall::MeteredService(_)
	);
	is_of_money && !claims_vouchers(call)
}

/// Whether a call gives away a device or what it earns.
fn gives_devices_away(call: &RuntimeCall) -> bool {
	matches!(
		call,
		RuntimeCall::DeviceRegistry(pallet_device_registry::Call::offer_transfer { .. })
			| RuntimeCall::Rewards(pallet_rewards::Call::set_payout_split { .. })
	)
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			Self::Any => true,
			Self::NonTransfer => !spends(call) && !gives_devices_away(call),
			Self::CancelProxy => {
				matches!(call, RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. }))
			}
			Self::Devices => {
				let is_of_devices = matches!(
					call,
					RuntimeCall::DeviceRegistry(_)
						| RuntimeCall::ProofOfCoverage(_)
						| RuntimeCall::Collector(_)
						| RuntimeCall::Rewards(_)
				);
				let is_of_devices = is_of_devices || claims_vouchers(call);
				(is_of_devices || Kinds::is_evidence(call)) && !gives_devices_away(call)
			}
			Self::Payer => deals_with_channels(call),
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
