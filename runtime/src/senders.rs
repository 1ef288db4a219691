//! Who may send what: an extension that stands for the SDK's check of the sender, and keeps the
//! operational class of a block for those whom it is for.

use alloc::vec;

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo, PostDispatchInfo},
	weights::Weight,
};
use pallet_challenges::OWN_CALL_PRIORITY;
use pallet_price_feed::{FeedRefusal, WeightInfo};
use scale_info::{Type, TypeInfo};
use sp_runtime::{
	DispatchResult,
	traits::{AsSystemOriginSigner, Hash, Implication, TransactionExtension, ValidateResult},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
	},
};

use crate::{
	AccountId, PriceFeed, Runtime, RuntimeCall, RuntimeOrigin, System, constants::VALIDATORS_MAX,
};

/// The extension of the SDK that ours stands for.
type Inner = frame_system::CheckNonZeroSender<Runtime>;

/// [`frame_system::CheckNonZeroSender`], with the same name, bytes and type for wallets, that
/// refuses signed calls of the operational class, in the transaction pool and in blocks, unless
/// they are one of these:
/// - a feed that would be taken, by the feeder of a validator of the present set;
/// - the code of an upgrade that was authorized.
///
/// No multiplier rises with operational calls, so anyone who paid for every block with calls
/// that are refused could keep honest feeds out. That holds for every wrapper too: a batch, a
/// proxied call and a call of several signers have the class of what they hold.
///
/// In a pool feeds come before whatever is tipped, so that a pool that is full of tips keeps none
/// out. There is one of each feeder at most: no validator fills a pool with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct CheckSender(Inner);

impl CheckSender {
	/// The extension.
	pub fn new() -> Self {
		Self(Inner::new())
	}

	/// Refuses a call of the operational class by who may not send it.
	fn check_class(
		who: &AccountId,
		call: &RuntimeCall,
		info: &DispatchInfo,
	) -> Result<(), InvalidTransaction> {
		if info.class != DispatchClass::Operational {
			return Ok(());
		}
		match call {
			RuntimeCall::PriceFeed(pallet_price_feed::Call::feed { price }) => {
				PriceFeed::check_feed(who, *price).map_err(|refusal| match refusal {
					FeedRefusal::NotFeeder => InvalidTransaction::BadSigner,
					FeedRefusal::TooSoon => InvalidTransaction::Future,
					FeedRefusal::Unreadable => InvalidTransaction::Call,
				})
			}
			RuntimeCall::System(frame_system::Call::apply_authorized_upgrade { code })
				if is_authorized(code) =>
			{
				Ok(())
			}
			_ => Err(InvalidTransaction::Call),
		}
	}
}

/// How a feed waits in the pool, apart from what its nonce and its fee say.
fn in_pool(feeder: &AccountId) -> ValidTransaction {
	ValidTransaction {
		priority: OWN_CALL_PRIORITY,
		provides: vec![("PriceFeed.feed", feeder).encode()],
		..Default::default()
	}
}

/// Whether this is the code of an upgrade that was authorized.
fn is_authorized(code: &[u8]) -> bool {
	let Some(authorization) = System::authorized_upgrade() else { return false };
	let hash = <Runtime as frame_system::Config>::Hashing::hash(code);
	// The hash is its first field, which the SDK keeps to itself.
	authorization.using_encoded(|bytes| bytes.starts_with(hash.as_ref()))
}

// Metadata and its digest name the type of the SDK.
impl TypeInfo for CheckSender {
	type Identity = Inner;

	fn type_info() -> Type {
		Inner::type_info()
	}
}

impl TransactionExtension<RuntimeCall> for CheckSender {
	const IDENTIFIER: &'static str = "CheckNonZeroSender";
	type Implicit = ();
	type Val = ();
	type Pre = ();

	fn weight(&self, call: &RuntimeCall) -> Weight {
		let inner = self.0.weight(call);
		match call {
			RuntimeCall::PriceFeed(pallet_price_feed::Call::feed { .. }) => {
				let check = <Runtime as pallet_price_feed::Config>::WeightInfo::check_feed;
				inner.saturating_add(check(VALIDATORS_MAX))
			}
			_ => inner,
		}
	}

	fn validate(
		&self,
		origin: RuntimeOrigin,
		call: &RuntimeCall,
		info: &DispatchInfo,
		len: usize,
		self_implicit: Self::Implicit,
		inherited_implication: &impl Implication,
		source: TransactionSource,
	) -> ValidateResult<Self::Val, RuntimeCall> {
		let mut validity = ValidTransaction::default();
		if let Some(who) = origin.as_system_origin_signer() {
			Self::check_class(who, call, info)?;
			if matches!(call, RuntimeCall::PriceFeed(pallet_price_feed::Call::feed { .. })) {
				validity = in_pool(who);
			}
		}
		let (inner, (), origin) = self.0.validate(
			origin,
			call,
			info,
			len,
			self_implicit,
			inherited_implication,
			source,
		)?;
		Ok((validity.combine_with(inner), (), origin))
	}

	fn prepare(
		self,
		_: Self::Val,
		_: &RuntimeOrigin,
		_: &RuntimeCall,
		_: &DispatchInfo,
		_: usize,
	) -> Result<Self::Pre, TransactionValidityError> {
		Ok(())
	}

	fn post_dispatch_details(
		_: Self::Pre,
		_: &DispatchInfo,
		_: &PostDispatchInfo,
		_: usize,
		_: &DispatchResult,
	) -> Result<Weight, TransactionValidityError> {
		Ok(Weight::zero())
	}
}
