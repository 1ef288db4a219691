//! Safe mode and paused calls: what governance can stop, and what never stops.

use frame_support::{
	parameter_types,
	traits::{ConstU32, Contains, GetCallMetadata},
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess};
use pallet_tx_pause::RuntimeCallNameOf;

use super::tracks::Days;
use crate::{
	AccountId, Balance, Balances, BlockNumber, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeHoldReason, weights,
};

/// Calls that neither safe mode nor a pause stops, by pallet; an empty list means all of a pallet.
/// They are what blocks need, what proves misbehaviour, what leads out again, and what only a
/// referendum can do, which no account can use. What wraps calls is among them, since what is
/// wrapped is filtered again.
const NEVER_STOPPED: &[(&str, &[&str])] = &[
	("System", &["remark", "apply_authorized_upgrade"]),
	("Timestamp", &[]),
	("Babe", &["report_equivocation", "report_equivocation_unsigned"]),
	("Grandpa", &["report_equivocation", "report_equivocation_unsigned"]),
	("Routes", &["force_release_join_eui", "allot_addresses", "take_back_addresses"]),
	("Validators", &["cancel_slash"]),
	("Utility", &[]),
	("Multisig", &[]),
	("Proxy", &[]),
	("Preimage", &[]),
	("Scheduler", &[]),
	("Parameters", &[]),
	("GovernedParameters", &[]),
	("Referenda", &[]),
	("ConvictionVoting", &[]),
	("FellowshipCollective", &[]),
	("FellowshipReferenda", &[]),
	("Whitelist", &[]),
	("Treasury", &["spend", "void_spend"]),
	("SafeMode", &[]),
	("TxPause", &[]),
	("Upgrades", &[]),
	(
		"Networks",
		&["create_network", "update_terms", "close_network", "open_network", "halt_network"],
	),
	("DeviceRegistry", &["register_maker", "set_maker_keys", "revoke_maker"]),
	("ProofOfCoverage", &["set_region_plan", "retire_region_plan"]),
];

/// Whether nothing stops a call of these names.
pub fn never_stops(pallet: &str, call: &str) -> bool {
	NEVER_STOPPED
		.iter()
		.any(|(name, calls)| *name == pallet && (calls.is_empty() || calls.contains(&call)))
}

/// The calls that nothing stops.
pub struct NeverStopped;

impl Contains<RuntimeCall> for NeverStopped {
	fn contains(call: &RuntimeCall) -> bool {
		let names = call.get_call_metadata();
		never_stops(names.pallet_name, names.function_name)
	}
}

impl Contains<RuntimeCallNameOf<Runtime>> for NeverStopped {
	fn contains((pallet, call): &RuntimeCallNameOf<Runtime>) -> bool {
		let names = (core::str::from_utf8(pallet), core::str::from_utf8(call));
		matches!(names, (Ok(pallet), Ok(call)) if never_stops(pallet, call))
	}
}

parameter_types! {
	/// No deposit switches safe mode on or keeps it on.
	pub const NoDeposit: Option<Balance> = None;
	/// No deposit is there to be released.
	pub const NoRelease: Option<BlockNumber> = None;
	/// For how long Root switches safe mode on, and prolongs it.
	pub SafeModeBlocks: BlockNumber = <Days<14> as frame_support::traits::Get<_>>::get();
}

/// Root, for [`SafeModeBlocks`].
type ForSomeTime = EnsureRootWithSuccess<AccountId, SafeModeBlocks>;

impl pallet_safe_mode::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WhitelistedCalls = NeverStopped;
	type EnterDuration = SafeModeBlocks;
	type ExtendDuration = SafeModeBlocks;
	type EnterDepositAmount = NoDeposit;
	type ExtendDepositAmount = NoDeposit;
	type ForceEnterOrigin = ForSomeTime;
	type ForceExtendOrigin = ForSomeTime;
	type ForceExitOrigin = EnsureRoot<AccountId>;
	type ForceDepositOrigin = EnsureRoot<AccountId>;
	type Notify = ();
	type ReleaseDelay = NoRelease;
	type WeightInfo = weights::SafeMode;
}

impl pallet_tx_pause::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PauseOrigin = EnsureRoot<AccountId>;
	type UnpauseOrigin = EnsureRoot<AccountId>;
	type WhitelistedCalls = NeverStopped;
	type MaxNameLen = ConstU32<256>;
	type WeightInfo = weights::TxPause;
}
