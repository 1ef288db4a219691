//! Money: balances and fees.

use frame_support::{
	parameter_types,
	traits::{
		ConstU8, ConstU32, ConstU128, Imbalance, OnUnbalanced, VariantCountOf,
		fungible::{Balanced, Credit},
	},
	weights::ConstantMultiplier,
};
use pallet_challenges::{EvidenceLane, Track};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, MultiplierUpdate};
use sp_runtime::{
	FixedPointNumber, Perquintill, Saturating,
	traits::{Convert, One},
};

use crate::{
	AccountId, Authorship, Balance, Balances, Emission, Runtime, RuntimeEvent, RuntimeFreezeReason,
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
	type DustRemoval = Burn;
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
	/// How full of ordinary transactions a block is when fees neither rise nor fall: a share of
	/// what the evidence lane leaves them.
	pub const TargetFullness: Perquintill = Perquintill::from_percent(50);
	/// How fast fees follow: by at most some 0.004 % per block, which is 1.7 times per day of full
	/// blocks.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
	/// Fees in quiet times.
	pub MinimumMultiplier: Multiplier = Multiplier::one();
	/// The most that fees rise to.
	pub MaximumMultiplier: Multiplier = Multiplier::saturating_from_integer(10_000);
}

/// Moves fees with the load of ordinary transactions, measured against the room that the evidence
/// lane leaves them: they could never fill the whole of a block, and evidence, which fills its lane
/// by design, never raises the fees that everyone else pays.
///
/// It is the load of compute, since the multiplier moves the fee of compute alone: otherwise
/// an account that fills blocks with bytes, which have a fixed price, would make everything more
/// expensive but its own transactions.
///
/// It runs when the block is finished, before the lane forgets what transactions took of it.
pub struct OrdinaryLoadAdjustment;

impl OrdinaryLoadAdjustment {
	/// How full of ordinary transactions the present block is.
	fn fullness() -> Perquintill {
		let used = EvidenceLane::<Runtime>::used(Track::Other);
		let limit = EvidenceLane::<Runtime>::limit(Track::Other);
		Perquintill::from_rational(used.ref_time, limit.ref_time.max(1))
	}

	/// The multiplier after a block of this fullness: with *d* = fullness - target and *v* the
	/// variability it is `previous * (1 + v d + (v d)^2 / 2)`, the formula of
	/// [`TargetedFeeAdjustment`], which knows no other fullness than that of the whole normal
	/// class.
	///
	/// [`TargetedFeeAdjustment`]: pallet_transaction_payment::TargetedFeeAdjustment
	pub fn after(previous: Multiplier, fullness: Perquintill) -> Multiplier {
		let (minimum, maximum) = (Self::min(), Self::max());
		let previous = previous.max(minimum);
		let target = TargetFullness::get();
		let is_rise = fullness >= target;
		let distance = if is_rise { fullness - target } else { target - fullness };
		let first = Self::variability().saturating_mul(distance.into());
		let second = first.saturating_mul(first) / Multiplier::saturating_from_integer(2);
		let next = if is_rise {
			previous.saturating_add(first.saturating_add(second).saturating_mul(previous))
		} else {
			previous.saturating_sub(first.saturating_sub(second).saturating_mul(previous))
		};
		next.clamp(minimum, maximum)
	}
}

impl Convert<Multiplier, Multiplier> for OrdinaryLoadAdjustment {
	fn convert(previous: Multiplier) -> Multiplier {
		Self::after(previous, Self::fullness())
	}
}

impl MultiplierUpdate for OrdinaryLoadAdjustment {
	fn min() -> Multiplier {
		MinimumMultiplier::get()
	}

	fn max() -> Multiplier {
		MaximumMultiplier::get()
	}

	/// None of the normal class, of which the pallet means this to be a share: its own check would
	/// fill that class, and find that fees do not move.
	fn target() -> Perquintill {
		Perquintill::zero()
	}

	fn variability() -> Multiplier {
		AdjustmentVariable::get()
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, BurnFeesPayTips>;
	type WeightToFee = ConstantMultiplier<Balance, ConstU128<FEE_PER_PICOSECOND>>;
	type LengthToFee = ConstantMultiplier<Balance, ConstU128<FEE_PER_BYTE>>;
	type FeeMultiplierUpdate = OrdinaryLoadAdjustment;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = weights::TransactionPayment;
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

/// Burns what it is given, and has the books count it.
pub struct Burn;

impl OnUnbalanced<Credit<AccountId, Balances>> for Burn {
	fn on_nonzero_unbalanced(credit: Credit<AccountId, Balances>) {
		Emission::note_burned(credit.peek());
		// Dropping a credit lowers the issuance by it.
		drop(credit);
	}
}

/// Burns the fee of a transaction and pays its tip to the author of the block.
pub struct BurnFeesPayTips;

impl OnUnbalanced<Credit<AccountId, Balances>> for BurnFeesPayTips {
	/// The first credit is the fee, the second, if any, the tip.
	fn on_unbalanceds(mut fee_then_tip: impl Iterator<Item = Credit<AccountId, Balances>>) {
		if let Some(fee) = fee_then_tip.next() {
			Burn::on_unbalanced(fee);
		}
		if let Some(tip) = fee_then_tip.next() {
			let unpaid = match Authorship::author() {
				Some(author) => Balances::resolve(&author, tip),
				None => Err(tip),
			};
			// What an author cannot receive, being below the existential deposit, is burned.
			unpaid.err().into_iter().for_each(Burn::on_unbalanced);
		}
	}
}
