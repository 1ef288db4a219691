//! Money: balances and fees.

use frame_support::{
	parameter_types,
	traits::{
		ConstU8, ConstU32, ConstU128, OnUnbalanced, VariantCountOf,
		fungible::{Balanced, Credit},
	},
	weights::ConstantMultiplier,
};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{FixedPointNumber, Perquintill, traits::One};

use crate::{
	AccountId, Authorship, Balance, Balances, Runtime, RuntimeEvent, RuntimeFreezeReason,
	RuntimeHoldReason, System,
	constants::{EXISTENTIAL_DEPOSIT, FEE_PER_BYTE, FEE_PER_PICOSECOND},
	weights,
};

impl pallet_balances::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type WeightInfo = weights::Balances;
	type Balance = Balance;
	// Dust is burned: dropping it lowers the issuance.
	type DustRemoval = ();
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type DoneSlashHandler = ();
}

parameter_types! {
	/// How full of ordinary transactions a block is when fees neither rise nor fall. Coverage keeps its
	/// lane filled by design; the target lies above it, so that coverage alone never raises the fees
	/// that everybody else pays.
	pub const TargetFullness: Perquintill = Perquintill::from_percent(75);
	/// How fast fees follow: by at most some 0.007 % per block.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
	/// Fees in quiet times.
	pub MinimumMultiplier: Multiplier = Multiplier::one();
	/// The most that fees rise to.
	pub MaximumMultiplier: Multiplier = Multiplier::saturating_from_integer(10_000);
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, BurnFeesPayTips>;
	type WeightToFee = ConstantMultiplier<Balance, ConstU128<FEE_PER_PICOSECOND>>;
	type LengthToFee = ConstantMultiplier<Balance, ConstU128<FEE_PER_BYTE>>;
	type FeeMultiplierUpdate = TargetedFeeAdjustment<
		Self,
		TargetFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = weights::TransactionPayment;
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

/// Burns the fee of a transaction and pays its tip to the author of the block.
pub struct BurnFeesPayTips;

impl OnUnbalanced<Credit<AccountId, Balances>> for BurnFeesPayTips {
	/// The first credit is the fee, the second, if any, the tip.
	fn on_unbalanceds(mut fee_then_tip: impl Iterator<Item = Credit<AccountId, Balances>>) {
		// Dropping a credit lowers the issuance by it.
		drop(fee_then_tip.next());
		if let (Some(tip), Some(author)) = (fee_then_tip.next(), Authorship::author()) {
			// What an author cannot receive, being below the existential deposit, is burned.
			let _burned = Balances::resolve(&author, tip);
		}
	}
}
