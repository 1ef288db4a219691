//! Money: balances and fees.

use frame_support::{
	parameter_types,
	traits::{
		ConstU8, ConstU32, ConstU128, Imbalance, OnUnbalanced, VariantCountOf,
		fungible::{Balanced, Credit},
	},
};
use pallet_challenges::{EvidenceLane, FeeAdjustment, Track};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, MultiplierUpdate};
use sp_runtime::{
	FixedPointNumber, Perbill, Perquintill,
	traits::{Convert, Get, One},
};

use crate::{
	AccountId, Authorship, Balance, Balances, Emission, Runtime, RuntimeEvent, RuntimeFreezeReason,
	RuntimeHoldReason, System,
	constants::{EXISTENTIAL_DEPOSIT, FEE_PER_BYTE, FEE_PER_PICOSECOND},
	fees::AtPriceOfBlock,
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

	/// The multiplier after a block of this fullness.
	pub fn after(previous: Multiplier, fullness: Perquintill) -> Multiplier {
		let rule = FeeAdjustment {
			target: TargetFullness::get(),
			variability: Self::variability(),
			minimum: Self::min(),
			maximum: Self::max(),
		};
		rule.after(previous, fullness)
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

parameter_types! {
	/// How fast the fees of evidence follow the load of the lane: by 1 % per full block, and back
	/// by up to 4 % per empty one. A flood is met within minutes, and gone within minutes.
	pub EvidenceAdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(1, 20);
	/// The most that the fees of evidence rise to. It makes a lane that is full of what pays ten
	/// times as expensive, and asks of honest collectors, who get it back, ten times the advance.
	pub MaximumEvidenceMultiplier: Multiplier = Multiplier::saturating_from_integer(10);
}

/// Moves the fees of evidence with the load of its lane. They do not move at the middle between
/// what challenges are meant to fill and a full lane: so evidence as expected never raises them.
pub struct EvidenceLoadAdjustment;

impl Get<FeeAdjustment> for EvidenceLoadAdjustment {
	fn get() -> FeeAdjustment {
		let fill = <Runtime as pallet_challenges::Config>::LaneFill::get();
		let [fill, full] = [fill, Perbill::one()].map(|share| u64::from(share.deconstruct()));
		FeeAdjustment {
			// Rounded down, and below 1 even where challenges are meant to fill the lane.
			target: Perquintill::from_rational(
				fill.saturating_add(full),
				full.saturating_mul(2).saturating_add(1),
			),
			variability: EvidenceAdjustmentVariable::get(),
			minimum: MinimumMultiplier::get(),
			maximum: MaximumEvidenceMultiplier::get(),
		}
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, BurnFeesPayTips>;
	type WeightToFee = AtPriceOfBlock<FEE_PER_PICOSECOND>;
	type LengthToFee = AtPriceOfBlock<FEE_PER_BYTE>;
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
