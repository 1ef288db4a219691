//! The nonce of evidence: as every other, but never far ahead of the account's.

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
	CloneNoBound, EqNoBound, PartialEqNoBound, dispatch::DispatchInfo, weights::Weight,
};
use groma_core::protocol::EVIDENCE_NONCES_AHEAD_MAX;
use groma_traits::EvidenceCalls;
use scale_info::{Type, TypeInfo};
use sp_runtime::{
	DispatchResult, Saturating,
	traits::{
		AsSystemOriginSigner, DispatchInfoOf, DispatchOriginOf, Dispatchable, Implication,
		PostDispatchInfoOf, TransactionExtension, ValidateResult,
	},
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
};

use crate::Config;

/// The call of the runtime.
type RuntimeCallOf<T> = <T as frame_system::Config>::RuntimeCall;
/// The extension of the SDK that this one stands for.
type Inner<T> = frame_system::CheckNonce<T>;

/// [`frame_system::CheckNonce`], with the same name, bytes and type for wallets, that refuses
/// evidence whose nonce is more than [`EVIDENCE_NONCES_AHEAD_MAX`] ahead of the account's, in the
/// transaction pool and in blocks: so that as many and one more bundles of an account wait at most.
/// A pool alone could not see to that: it keeps what is too early in another queue.
#[derive(CloneNoBound, EqNoBound, PartialEqNoBound)]
#[derive(Encode, Decode, DecodeWithMemTracking)]
pub struct CheckNonce<T: Config>(#[codec(compact)] pub T::Nonce);

impl<T: Config> CheckNonce<T> {
	/// The extension of a transaction with this nonce.
	pub fn from(nonce: T::Nonce) -> Self {
		Self(nonce)
	}

	/// Refuses evidence that is too far ahead.
	fn check_distance(
		&self,
		signer: Option<&T::AccountId>,
		call: &RuntimeCallOf<T>,
	) -> Result<(), TransactionValidityError> {
		let Some(signer) = signer.filter(|_| T::Evidence::is_evidence(call)) else {
			return Ok(());
		};
		let next = frame_system::Pallet::<T>::account_nonce(signer);
		if self.0 > next.saturating_add(EVIDENCE_NONCES_AHEAD_MAX.into()) {
			return Err(InvalidTransaction::Future.into());
		}
		Ok(())
	}
}

impl<T: Config> core::fmt::Debug for CheckNonce<T> {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		write!(f, "CheckNonce({:?})", self.0)
	}
}

// Metadata and its digest name the type of the SDK.
impl<T: Config> TypeInfo for CheckNonce<T> {
	type Identity = Inner<T>;

	fn type_info() -> Type {
		Inner::<T>::type_info()
	}
}

impl<T: Config> TransactionExtension<RuntimeCallOf<T>> for CheckNonce<T>
where
	RuntimeCallOf<T>: Dispatchable<Info = DispatchInfo>,
	DispatchOriginOf<RuntimeCallOf<T>>: AsSystemOriginSigner<T::AccountId> + Clone,
{
	const IDENTIFIER: &'static str = "CheckNonce";
	type Implicit = ();
	type Val = <Inner<T> as TransactionExtension<RuntimeCallOf<T>>>::Val;
	type Pre = <Inner<T> as TransactionExtension<RuntimeCallOf<T>>>::Pre;

	fn weight(&self, call: &RuntimeCallOf<T>) -> Weight {
		Inner::<T>::from(self.0).weight(call)
	}

	fn validate(
		&self,
		origin: DispatchOriginOf<RuntimeCallOf<T>>,
		call: &RuntimeCallOf<T>,
		info: &DispatchInfoOf<RuntimeCallOf<T>>,
		len: usize,
		self_implicit: Self::Implicit,
		inherited_implication: &impl Implication,
		source: TransactionSource,
	) -> ValidateResult<Self::Val, RuntimeCallOf<T>> {
		self.check_distance(origin.as_system_origin_signer(), call)?;
		Inner::<T>::from(self.0).validate(
			origin,
			call,
			info,
			len,
			self_implicit,
			inherited_implication,
			source,
		)
	}

	fn prepare(
		self,
		val: Self::Val,
		origin: &DispatchOriginOf<RuntimeCallOf<T>>,
		call: &RuntimeCallOf<T>,
		info: &DispatchInfoOf<RuntimeCallOf<T>>,
		len: usize,
	) -> Result<Self::Pre, TransactionValidityError> {
		Inner::<T>::from(self.0).prepare(val, origin, call, info, len)
	}

	fn post_dispatch_details(
		pre: Self::Pre,
		info: &DispatchInfoOf<RuntimeCallOf<T>>,
		post_info: &PostDispatchInfoOf<RuntimeCallOf<T>>,
		len: usize,
		result: &DispatchResult,
	) -> Result<Weight, TransactionValidityError> {
		Inner::<T>::post_dispatch_details(pre, info, post_info, len, result)
	}
}
