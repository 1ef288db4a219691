//! Governance: preimages, scheduled calls, governed parameters.

use frame_support::{
	dispatch::DispatchClass,
	parameter_types,
	traits::{ConstU32, EqualPrivilegeOnly, Get, LinearStoragePrice, fungible::HoldConsideration},
	weights::Weight,
};
use frame_system::EnsureRoot;
use groma_traits::Load;
use pallet_governed_parameters::EnsureChecked;

use super::{
	parameters::{RuntimeParameters, WithinBounds},
	standstill::migrates,
};
use crate::{
	AccountId, Balance, Balances, OriginCaller, Preimage, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeHoldReason, RuntimeOrigin, System,
	constants::{BLOCK_COMPUTE, BlockWeights, SCHEDULED_RATIO, deposit},
	governance::origins::{EnsureParameters, RootOr},
	weights,
};

parameter_types! {
	/// A preimage's record.
	pub const PreimageDepositBase: Balance = deposit(2, 64);
	/// Each byte of it.
	pub const PreimageDepositByte: Balance = deposit(0, 1);
	/// Why that deposit is held.
	pub const PreimageHold: RuntimeHoldReason =
		RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
}

/// What scheduled calls may take of a block: nothing while a migration runs, after which they
/// follow.
pub struct MaximumSchedulerWeight;

impl Get<Weight> for MaximumSchedulerWeight {
	fn get() -> Weight {
		if migrates() { Weight::zero() } else { SCHEDULED_RATIO * BLOCK_COMPUTE }
	}
}

/// The transaction that notes the largest preimage which has to fit a block: Root needs it to set
/// a runtime of 3 MiB.
pub struct LargestPreimage;

impl LargestPreimage {
	/// The preimage itself, in bytes.
	const BYTES: u32 = 3 * 1024 * 1024;
	/// What a signature and the extensions add to it, in bytes.
	const ENVELOPE_BYTES: u32 = 512;
}

impl Get<Load> for LargestPreimage {
	fn get() -> Load {
		let noting = <weights::Preimage as pallet_preimage::WeightInfo>::note_preimage(Self::BYTES);
		let base = BlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
		Load {
			ref_time: noting.saturating_add(base).ref_time(),
			length: Self::BYTES.saturating_add(Self::ENVELOPE_BYTES),
		}
	}
}

impl pallet_preimage::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::Preimage;
	type Currency = Balances;
	type ManagerOrigin = EnsureRoot<AccountId>;
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		PreimageHold,
		LinearStoragePrice<PreimageDepositBase, PreimageDepositByte, Balance>,
	>;
}

impl pallet_scheduler::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type MaximumWeight = MaximumSchedulerWeight;
	type ScheduleOrigin = EnsureRoot<AccountId>;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type MaxScheduledPerBlock = ConstU32<512>;
	type WeightInfo = weights::Scheduler;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

impl pallet_parameters::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeParameters = RuntimeParameters;
	type AdminOrigin = EnsureChecked;
	type WeightInfo = weights::Parameters;
}

impl pallet_governed_parameters::Config for Runtime {
	type GovernanceOrigin = RootOr<EnsureParameters>;
	type Bounds = WithinBounds;
	type WeightInfo = weights::GovernedParameters;
}
