//! What a transaction costs, and the extension that charges it: as the SDK's, but that fees are
//! priced in USD and that evidence has a separate fee multiplier.

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
	dispatch::{DispatchInfo, GetDispatchInfo, Pays, PostDispatchInfo},
	weights::{Weight, WeightToFee},
};
use frame_system::ensure_signed;
use groma_core::price::Price;
use groma_traits::EvidenceCalls;
use pallet_challenges::OWN_CALL_PRIORITY;
use pallet_transaction_payment::{
	FeeDetails, InclusionFee, OnChargeTransaction, RuntimeDispatchInfo, weights::WeightInfo,
};
use scale_info::{Type, TypeInfo};
use sp_runtime::{
	DispatchResult, FixedPointNumber,
	traits::{ExtrinsicCall, Implication, TransactionExtension, ValidateResult, Zero},
	transaction_validity::{
		TransactionPriority, TransactionSource, TransactionValidityError, ValidTransaction,
	},
};

use crate::{
	AccountId, Balance, Challenges, PriceFeed, Runtime, RuntimeCall, RuntimeOrigin,
	TransactionPayment,
	configs::proofs::Kinds,
	constants::{FEE_FACTOR_MAX, FEE_PRICE},
};

/// The extension of the SDK that ours stands for.
type Inner = pallet_transaction_payment::ChargeTransactionPayment<Runtime>;
/// What takes the fee of an account, and gives back what was too much.
type Till = <Runtime as pallet_transaction_payment::Config>::OnChargeTransaction;
/// What it took.
type Taken = <Till as OnChargeTransaction<Runtime>>::LiquidityInfo;

/// A fee of so many plancks per unit of weight at [`FEE_PRICE`], at the price that fees of the
/// block go by.
pub struct AtPriceOfBlock<const PER_UNIT: Balance>;

impl<const PER_UNIT: Balance> WeightToFee for AtPriceOfBlock<PER_UNIT> {
	type Balance = Balance;

	fn weight_to_fee(weight: &Weight) -> Balance {
		let fee = Balance::from(weight.ref_time()).saturating_mul(PER_UNIT);
		at_price(fee, PriceFeed::fee_price())
	}
}

/// What a fee of so many plancks at [`FEE_PRICE`] is at another price: worth as much in USD, but at
/// most so many plancks times [`FEE_FACTOR_MAX`], and at least so many divided by it. It is rounded
/// up, so that nothing that has a fee becomes free.
pub fn at_price(fee: Balance, price: Price) -> Balance {
	let usual = FEE_PRICE.nano_usd();
	let price = price
		.nano_usd()
		.clamp(usual.saturating_div(FEE_FACTOR_MAX), usual.saturating_mul(FEE_FACTOR_MAX));
	// The fee of the heaviest block is below 2^45 plancks, so the product is below 2^72.
	fee.saturating_mul(Balance::from(usual)).div_ceil(Balance::from(price.max(1)))
}

/// What the fee of a call is computed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tariff {
	/// Compute is multiplied by what follows the load of ordinary transactions.
	Ordinary,
	/// Compute and bytes are multiplied by what follows the load of the evidence lane: a load of
	/// ordinary transactions never raises what a collector has to advance, and a lane that is
	/// filled by bytes alone becomes more expensive too.
	Evidence,
}

impl Tariff {
	/// The tariff of a call.
	pub fn of(call: &RuntimeCall) -> Self {
		if Kinds::is_evidence(call) { Self::Evidence } else { Self::Ordinary }
	}

	/// The fee of a transaction of `length` bytes before it runs.
	pub fn details(self, info: &DispatchInfo, length: u32, tip: Balance) -> FeeDetails<Balance> {
		match self {
			Self::Ordinary => TransactionPayment::compute_fee_details(length, info, tip),
			Self::Evidence => evidence_fee(info.total_weight(), info, info.pays_fee, length, tip),
		}
	}

	/// The same after it ran.
	pub fn actual_details(
		self,
		info: &DispatchInfo,
		post_info: &PostDispatchInfo,
		length: u32,
		tip: Balance,
	) -> FeeDetails<Balance> {
		match self {
			Self::Ordinary => {
				TransactionPayment::compute_actual_fee_details(length, info, post_info, tip)
			}
			Self::Evidence => {
				let weight = post_info.calc_actual_weight(info);
				evidence_fee(weight, info, post_info.pays_fee(info), length, tip)
			}
		}
	}
}

impl Tariff {
	/// How a signed transaction ranks in the pool among those of its kind.
	///
	/// The SDK multiplies the tip, and a planck that all have, by how often the transaction fits a
	/// block, so that small ones come first. The size of a bundle says little: it declares its
	/// worst case, of which reveals take some twentieth. By size all statements would come before
	/// all reveals, and fill the lane until no bundle of reveals fits. So of evidence the tip alone
	/// counts, for less than it takes to pass another kind of evidence.
	fn priority(
		self,
		info: &DispatchInfo,
		len: usize,
		tip: Balance,
		fee: Balance,
	) -> TransactionPriority {
		match self {
			Self::Ordinary => Inner::get_priority(info, len, tip, fee),
			Self::Evidence => TransactionPriority::try_from(tip)
				.unwrap_or(TransactionPriority::MAX)
				.min(OWN_CALL_PRIORITY - 1),
		}
	}
}

fn evidence_fee(
	weight: Weight,
	info: &DispatchInfo,
	pays: Pays,
	length: u32,
	tip: Balance,
) -> FeeDetails<Balance> {
	let inclusion_fee = (pays == Pays::Yes).then(|| {
		let multiplier = Challenges::fee_multiplier();
		let weights = <Runtime as frame_system::Config>::BlockWeights::get();
		let base = weights.get(info.class).base_extrinsic;
		let weight_fee = TransactionPayment::weight_to_fee(weight);
		let len_fee = TransactionPayment::length_to_fee(length);
		InclusionFee {
			base_fee: TransactionPayment::weight_to_fee(base),
			len_fee: multiplier.saturating_mul_int(len_fee),
			adjusted_weight_fee: multiplier.saturating_mul_int(weight_fee),
		}
	});
	FeeDetails { inclusion_fee, tip }
}

/// What the runtime API answers about a transaction.
pub fn query_info<Transaction>(
	transaction: &Transaction,
	length: u32,
) -> RuntimeDispatchInfo<Balance>
where
	Transaction: ExtrinsicCall<Call = RuntimeCall> + GetDispatchInfo,
{
	let info = transaction.get_dispatch_info();
	let fee = query_fee_details(transaction, length).final_fee();
	RuntimeDispatchInfo { weight: info.total_weight(), class: info.class, partial_fee: fee }
}

/// What the runtime API answers about the parts of a transaction's fee. No one pays for a bare one.
pub fn query_fee_details<Transaction>(transaction: &Transaction, length: u32) -> FeeDetails<Balance>
where
	Transaction: ExtrinsicCall<Call = RuntimeCall> + GetDispatchInfo,
{
	if transaction.is_bare() {
		return FeeDetails { inclusion_fee: None, tip: Zero::zero() };
	}
	let info = transaction.get_dispatch_info();
	Tariff::of(transaction.call()).details(&info, length, Zero::zero())
}

/// What the runtime API answers about a call.
pub fn query_call_info(call: &RuntimeCall, length: u32) -> RuntimeDispatchInfo<Balance> {
	let info = call.get_dispatch_info();
	let fee = query_call_fee_details(call, length).final_fee();
	RuntimeDispatchInfo { weight: info.total_weight(), class: info.class, partial_fee: fee }
}

/// What the runtime API answers about the parts of a call's fee.
pub fn query_call_fee_details(call: &RuntimeCall, length: u32) -> FeeDetails<Balance> {
	Tariff::of(call).details(&call.get_dispatch_info(), length, Zero::zero())
}

/// [`pallet_transaction_payment::ChargeTransactionPayment`], with the same name, bytes and type for
/// wallets, by the tariff of the call. It holds the tip.
///
/// The tariff is not left to what takes the fee: that does not see the call once it ran, and the
/// event would name another fee than was paid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct ChargeTransactionPayment(#[codec(compact)] Balance);

/// Whom [`ChargeTransactionPayment`] found to pay.
pub enum Payer {
	/// This account, so much with the tip.
	Account(AccountId, Balance),
	/// No one: the call authorized itself.
	NoOne,
}

/// What [`ChargeTransactionPayment`] took before the call.
pub enum Charged {
	/// From this account, for a call of this tariff.
	Account {
		/// Who pays.
		who: AccountId,
		/// How the fee is computed.
		tariff: Tariff,
		/// The part of the fee that goes to the author.
		tip: Balance,
		/// What was taken.
		taken: Taken,
	},
	/// Nothing, so the weight of charging is given back.
	Nothing(Weight),
}

impl ChargeTransactionPayment {
	/// The extension of a transaction with this tip.
	pub fn from(tip: Balance) -> Self {
		Self(tip)
	}
}

// Metadata and its digest name the type of the SDK.
impl TypeInfo for ChargeTransactionPayment {
	type Identity = Inner;

	fn type_info() -> Type {
		Inner::type_info()
	}
}

impl TransactionExtension<RuntimeCall> for ChargeTransactionPayment {
	const IDENTIFIER: &'static str = "ChargeTransactionPayment";
	type Implicit = ();
	type Val = Payer;
	type Pre = Charged;

	fn weight(&self, _: &RuntimeCall) -> Weight {
		<Runtime as pallet_transaction_payment::Config>::WeightInfo::charge_transaction_payment()
	}

	fn validate(
		&self,
		origin: RuntimeOrigin,
		call: &RuntimeCall,
		info: &DispatchInfo,
		len: usize,
		_self_implicit: Self::Implicit,
		_inherited_implication: &impl Implication,
		_source: TransactionSource,
	) -> ValidateResult<Self::Val, RuntimeCall> {
		let Ok(who) = ensure_signed(origin.clone()) else {
			return Ok((ValidTransaction::default(), Payer::NoOne, origin));
		};
		let tip = self.0;
		let tariff = Tariff::of(call);
		let fee = tariff.details(info, len as u32, tip).final_fee();
		<Till as OnChargeTransaction<Runtime>>::can_withdraw_fee(&who, call, info, fee, tip)?;
		let priority = tariff.priority(info, len, tip, fee);
		let validity = ValidTransaction { priority, ..Default::default() };
		Ok((validity, Payer::Account(who, fee), origin))
	}

	fn prepare(
		self,
		payer: Self::Val,
		_origin: &RuntimeOrigin,
		call: &RuntimeCall,
		info: &DispatchInfo,
		_len: usize,
	) -> Result<Self::Pre, TransactionValidityError> {
		let Payer::Account(who, fee) = payer else {
			return Ok(Charged::Nothing(self.weight(call)));
		};
		let tip = self.0;
		let taken =
			<Till as OnChargeTransaction<Runtime>>::withdraw_fee(&who, call, info, fee, tip)?;
		Ok(Charged::Account { who, tariff: Tariff::of(call), tip, taken })
	}

	fn post_dispatch_details(
		charged: Self::Pre,
		info: &DispatchInfo,
		post_info: &PostDispatchInfo,
		len: usize,
		_result: &DispatchResult,
	) -> Result<Weight, TransactionValidityError> {
		let (who, tariff, tip, taken) = match charged {
			Charged::Account { who, tariff, tip, taken } => (who, tariff, tip, taken),
			Charged::Nothing(unused) => return Ok(unused),
		};
		let fee = tariff.actual_details(info, post_info, len as u32, tip).final_fee();
		<Till as OnChargeTransaction<Runtime>>::correct_and_deposit_fee(
			&who, info, post_info, fee, tip, taken,
		)?;
		TransactionPayment::deposit_fee_paid_event(who, fee, tip);
		Ok(Weight::zero())
	}
}
