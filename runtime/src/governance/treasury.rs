//! The treasury: spends by referendum, bounties, and a meter on what leaves it.

use alloc::vec::Vec;
use core::marker::PhantomData;

use frame_support::{
	PalletId,
	dispatch_context::with_context,
	parameter_types,
	traits::{
		ConstU32, ConstU128, EitherOf, EnsureOrigin,
		tokens::{Pay, PayFromAccount, PaymentStatus, UnityAssetBalanceConversion},
	},
	weights::Weight,
};
use frame_system::EnsureRootWithSuccess;
use groma_core::money::GRM;
use groma_traits::Standstill;
use pallet_bounties::BountyApprovals;
use pallet_treasury::{BalanceOf, PositiveImbalanceOf, SpendCount, SpendFunds, SpendIndex, Spends};
use sp_runtime::{DispatchError, Permill, traits::IdentityLookup};

use super::{
	origins::{EnsureCanceller, EnsureSpender, RootOr},
	tracks::Days,
	votable::Spendable,
};
use crate::{
	AccountId, Balance, Balances, Bounties, ChildBounties, Runtime, RuntimeEvent, RuntimeOrigin,
	System, Treasury, TreasuryOutflow, configs::standstill::Standing, constants::deposit,
	genesis::TREASURY_ID, weights,
};

parameter_types! {
	/// Names the treasury's account, which the genesis endows.
	pub const TreasuryId: PalletId = TREASURY_ID;
	/// The treasury's account.
	pub TreasuryAccount: AccountId = Treasury::account_id();
	/// Nothing is burned.
	pub const TreasuryBurn: Permill = Permill::zero();
	/// What Root may spend at once, in plancks.
	pub const NoLimit: Balance = Balance::MAX;
	/// The share of a curator's fee that it leaves as a deposit.
	pub const CuratorDepositMultiplier: Permill = Permill::from_percent(50);
	/// The most of it, in plancks.
	pub const CuratorDepositMax: Option<Balance> = Some(10_000 * GRM);
	/// The least of it, in plancks.
	pub const CuratorDepositMin: Option<Balance> = Some(10 * GRM);
	/// Each byte of a bounty's description.
	pub const BountyDepositByte: Balance = deposit(0, 1);
}

/// Who spends, and how much at once.
pub type SpendOrigin =
	EitherOf<EnsureRootWithSuccess<AccountId, NoLimit>, WhatIsLeft<EnsureSpender>>;

/// Takes what `E` takes, and answers what is left of its limit. All that one dispatch approves
/// counts, spends and bounties alike: the pallets themselves compare each bounty with the limit, so
/// a batch would approve many of them. What it reads for that is in [`weights::Treasury`] and
/// [`weights::Bounties`].
pub struct WhatIsLeft<E>(PhantomData<E>);

impl<E: EnsureOrigin<RuntimeOrigin, Success = Balance>> EnsureOrigin<RuntimeOrigin>
	for WhatIsLeft<E>
{
	type Success = Balance;

	fn try_origin(origin: RuntimeOrigin) -> Result<Balance, RuntimeOrigin> {
		let limit = E::try_origin(origin)?;
		let approved =
			with_context::<Vec<Approved>, _>(|moments| approved_before(moments.or_default()));
		Ok(limit.saturating_sub(approved.unwrap_or_default()))
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
		E::try_successful_origin()
	}
}

/// What the treasury had approved when a dispatch asked for its limit.
struct Approved {
	spends: SpendIndex,
	/// Those that are not funded, which hooks alone change.
	bounties: usize,
	/// Plancks that the dispatch had approved by then.
	amount: Balance,
}

/// What the dispatch approved until now, in plancks, given the moments in which it asked. Only what
/// came since the last of them is read.
fn approved_before(moments: &mut Vec<Approved>) -> Balance {
	let spends = SpendCount::<Runtime>::get();
	let approvals = BountyApprovals::<Runtime>::get();
	let bounties = approvals.len();
	// Calls that failed were taken back, with what they had approved.
	while moments.last().is_some_and(|last| last.spends > spends || last.bounties > bounties) {
		moments.pop();
	}
	let amount = moments.last().map_or(0, |last| {
		let spent = (last.spends..spends).filter_map(Spends::<Runtime>::get);
		let promised = approvals
			.iter()
			.skip(last.bounties)
			.filter_map(pallet_bounties::Bounties::<Runtime>::get);
		let amounts = spent.map(|spend| spend.amount).chain(promised.map(|bounty| bounty.value));
		amounts.fold(last.amount, Balance::saturating_add)
	});
	moments.push(Approved { spends, bounties, amount });
	amount
}

impl pallet_treasury::Config for Runtime {
	type Currency = Spendable;
	type RejectOrigin = RootOr<EnsureCanceller>;
	type RuntimeEvent = RuntimeEvent;
	// When bounties are funded.
	type SpendPeriod = Days<1>;
	type Burn = TreasuryBurn;
	type PalletId = TreasuryId;
	type BurnDestination = ();
	type WeightInfo = weights::Treasury;
	type SpendFunds = MeteredFunds<Bounties>;
	// Approved bounties are kept in the same list.
	type MaxApprovals = ConstU32<100>;
	type SpendOrigin = SpendOrigin;
	type AssetKind = ();
	type Beneficiary = AccountId;
	type BeneficiaryLookup = IdentityLookup<AccountId>;
	type Paymaster = MeteredPay<PayFromAccount<Balances, TreasuryAccount>>;
	type BalanceConverter = UnityAssetBalanceConversion;
	// How long a spend that does not fit stays payable.
	type PayoutPeriod = Days<365>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
	type BlockNumberProvider = System;
}

impl pallet_bounties::Config for Runtime {
	type BountyDepositBase = ConstU128<{ 10 * GRM }>;
	type BountyDepositPayoutDelay = Days<4>;
	type BountyUpdatePeriod = Days<90>;
	type CuratorDepositMultiplier = CuratorDepositMultiplier;
	type CuratorDepositMax = CuratorDepositMax;
	type CuratorDepositMin = CuratorDepositMin;
	type BountyValueMinimum = ConstU128<{ 100 * GRM }>;
	type DataDepositPerByte = BountyDepositByte;
	type RuntimeEvent = RuntimeEvent;
	type MaximumReasonLength = ConstU32<16_384>;
	type WeightInfo = weights::Bounties;
	type ChildBountyManager = ChildBounties;
	type OnSlash = Treasury;
	type TransferAllAssets = pallet_bounties::TransferFungible<AccountId, Balances>;
}

impl pallet_child_bounties::Config for Runtime {
	type MaxActiveChildBountyCount = ConstU32<100>;
	type ChildBountyValueMinimum = ConstU128<{ 10 * GRM }>;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::ChildBounties;
}

impl pallet_outflow::Config for Runtime {
	type Currency = Balances;
	type Pot = TreasuryAccount;
	type DayBlocks = Days<1>;
	type WeightInfo = weights::Outflow;
}

/// Pays as `P` does what the meter lets pass.
pub struct MeteredPay<P>(PhantomData<P>);

impl<P: Pay<Balance = Balance, Error = DispatchError>> Pay for MeteredPay<P> {
	type Balance = Balance;
	type Beneficiary = P::Beneficiary;
	type AssetKind = P::AssetKind;
	type Id = P::Id;
	type Error = DispatchError;

	/// Fails before anything is paid if the amount does not fit: then it can be tried again when
	/// the meter lets it pass.
	fn pay(
		who: &Self::Beneficiary,
		asset_kind: Self::AssetKind,
		amount: Balance,
	) -> Result<Self::Id, DispatchError> {
		TreasuryOutflow::take(amount)?;
		P::pay(who, asset_kind, amount)
	}

	fn check_payment(id: Self::Id) -> PaymentStatus {
		P::check_payment(id)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_successful(who: &Self::Beneficiary, asset_kind: Self::AssetKind, amount: Balance) {
		P::ensure_successful(who, asset_kind, amount);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_concluded(id: Self::Id) {
		P::ensure_concluded(id);
	}
}

/// Funds as `S` does what the meter lets pass. While the chain stands still it funds nothing: what
/// a migration may be at work on waits for another day.
pub struct MeteredFunds<S>(PhantomData<S>);

impl<S: SpendFunds<Runtime>> SpendFunds<Runtime> for MeteredFunds<S> {
	fn spend_funds(
		budget: &mut BalanceOf<Runtime>,
		imbalance: &mut PositiveImbalanceOf<Runtime>,
		weight: &mut Weight,
		missed_any: &mut bool,
	) {
		weight.saturating_accrue(<Runtime as frame_system::Config>::DbWeight::get().reads(2));
		if Standing::now() {
			*missed_any = true;
			return;
		}
		let room = (*budget).min(TreasuryOutflow::room());
		let mut left = room;
		S::spend_funds(&mut left, imbalance, weight, missed_any);
		let spent = room.saturating_sub(left);
		TreasuryOutflow::note(spent);
		*budget = budget.saturating_sub(spent);
	}
}
